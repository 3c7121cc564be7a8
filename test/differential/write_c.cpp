//===- write_c.cpp - A program as C --------------------------- -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "writer.h"

#include <algorithm>

using namespace differential;

namespace {

class CWriter : public Writer {
public:
  using Writer::Writer;

  void beginModule() override {
    out += "/* seed " + str(p.seed) +
           " */\n#include \"support.h\"\n#include <cairn.h>\n"
           "#include <string.h>\n\n";
    for (size_t i = 0; i < p.types.size(); ++i)
      if (p.types[i].hasDescriptor())
        type(int(i));
    out += "const cairn_type *opaque_types[" + str(p.types.size()) + "];\n\n";
    prototypes();
  }
  void endModule() override {
    out += "static const diff_round rounds[] = {";
    for (int f : p.rounds)
      out += "fn" + str(uint64_t(f)) + ", ";
    out += "};\nint main(void) {\n";
    for (size_t i = 0; i < p.types.size(); ++i)
      if (p.types[i].hasDescriptor())
        out += "  opaque_types[" + str(i) + "] = &type" + str(i) + ";\n";
    out += "  const diff_program program = {" + str(p.workers) + ", " + str(p.roundCount) + ", " +
           str(p.segment) + ", rounds};\n  return diff_run(&program);\n}\n";
  }
  void beginFunction(const Text &name, Kind result, const std::vector<Variable> &parameters,
                     const std::vector<Variable> &locals, bool isLocal, bool noInline) override {
    out += signature(name, result, parameters, isLocal, noInline) + " {\n";
    depth = 1;
    for (const Variable &v : locals)
      if (std::none_of(parameters.begin(), parameters.end(),
                       [&](const Variable &a) { return a.name == v.name; }))
        line(typeName(v.kind) + v.name + " = 0;");
    for (const Variable &v : locals)
      line("(void)" + v.name + ";");
  }
  void endFunction(Kind result, const Text &value) override {
    if (result != Kind::Void)
      line("return " + value + ";");
    out += "}\n\n";
  }

  Text get(Kind kind, const Text &name) override { return temporary(kind, name); }
  void set(Kind, const Text &name, const Text &value) override { line(name + " = " + value + ";"); }
  Text context(Kind kind, size_t offset) override { return temporary(kind, member(offset)); }
  void setContext(Kind, size_t offset, const Text &value) override {
    line(member(offset) + " = " + value + ";");
  }
  Text number(uint64_t n) override { return "UINT64_C(" + str(n) + ")"; }
  Text null() override { return "NULL"; }
  Text arithmetic(char op, const Text &a, const Text &b) override {
    return temporary(Kind::Integer, a + " " + op + " " + b);
  }
  Text compare(char op, const Text &a, const Text &b) override {
    return temporary(Kind::Bool, a + (op == '=' ? " == " : " < ") + b);
  }
  Text isSet(const Text &pointer) override { return temporary(Kind::Bool, pointer + " != NULL"); }
  Text toInteger(Kind, const Text &v) override { return temporary(Kind::Integer, v); }
  Text toByte(const Text &v) override { return temporary(Kind::Byte, "(uint8_t)" + v); }
  Text address(const Text &pointer) override {
    return temporary(Kind::Integer, "(uintptr_t)" + pointer);
  }
  Text offset(const Text &pointer, const Text &by) override {
    return temporary(Kind::Pointer, "(uint8_t *)" + pointer + " + " + by);
  }
  Text reference(const Text &object, int type, int m, const Text &element) override {
    return temporary(Kind::Pointer, place(object, type, "r", m, element));
  }
  void setReference(const Text &object, int type, int m, const Text &element,
                    const Text &v) override {
    line(place(object, type, "r", m, element) + " = " + v + ";");
  }
  Text datum(const Text &object, int type, int m, const Text &element) override {
    return temporary(Kind::Integer, place(object, type, "d", m, element));
  }
  void setDatum(const Text &object, int type, int m, const Text &element, const Text &v) override {
    line(place(object, type, "d", m, element) + " = (uint" +
         str(p.types[unsigned(type)].data[unsigned(m)].size * 8) + "_t)" + v + ";");
  }
  Text byteAt(const Text &p, const Text &at) override {
    return temporary(Kind::Integer, "((uint8_t *)" + p + ")[" + at + "]");
  }
  void setByte(const Text &p, const Text &at, const Text &v) override {
    line("((uint8_t *)" + p + ")[" + at + "] = (uint8_t)" + v + ";");
  }
  void fill(const Text &p, const Text &byte, const Text &n) override {
    line("memset(" + p + ", " + byte + ", " + n + ");");
  }
  Text descriptor(int type, bool opaque) override {
    return opaque ? "opaque_types[" + str(unsigned(type)) + "]" : "&type" + str(unsigned(type));
  }
  Text call(Kind result, const Text &name, const std::vector<Value> &args) override {
    Text list;
    for (const Value &v : args)
      list += (list.empty() ? "" : ", ") + v.text;
    Text text = name + "(" + list + ")";
    if (result != Kind::Void)
      return temporary(result, text);
    line(text + ";");
    return "";
  }
  void beginIf(const Text &condition) override {
    line("if (" + condition + ") {");
    ++depth;
  }
  void beginElse() override {
    --depth;
    line("} else {");
    ++depth;
  }
  void endIf() override {
    --depth;
    line("}");
  }
  void beginLoop(const Text &variable, const Text &n) override {
    Text k = "k" + str(temporaries++);
    line("for (uint64_t " + k + " = 0; " + k + " < " + n + "; ++" + k + ") {");
    ++depth;
    line(variable + " = " + k + ";");
  }
  void endLoop() override { endIf(); }

private:
  static Text typeName(Kind kind) {
    switch (kind) {
    case Kind::Pointer:
      return "void *";
    case Kind::Integer:
      return "uint64_t ";
    case Kind::Byte:
      return "uint8_t ";
    case Kind::Bool:
      return "bool ";
    default:
      return "void ";
    }
  }
  static Text signature(const Text &name, Kind result, const std::vector<Variable> &parameters,
                        bool isLocal, bool noInline) {
    Text text = isLocal ? "static " : "";
    if (noInline)
      text += "__attribute__((noinline)) ";
    text += typeName(result) + name + "(";
    const char *comma = "";
    for (const Variable &v : parameters) {
      text += comma + (v.name == "context" ? Text("diff_context *") : typeName(v.kind)) + v.name;
      comma = ", ";
    }
    return text + ")";
  }
  void prototypes() {
    for (size_t i = 0; i < p.functions.size(); ++i) {
      const Function &f = p.functions[i];
      out += signature("fn" + str(i), resultOf(f), parametersOf(f), !f.isRound, f.noInline) + ";\n";
    }
    out += "\n";
  }
  void type(int index) {
    const Type &t = p.types[unsigned(index)];
    const Text n = str(unsigned(index));
    Text fields, offsets;
    out += "struct type" + n + " {\n";
    if (t.align == 16)
      out += "  _Alignas(16)\n";
    uint32_t at = 0;
    unsigned pads = 0;
    size_t r = 0, d = 0;
    auto pad = [&](uint32_t to) {
      if (at < to)
        out += "  uint8_t pad" + str(pads++) + "[" + str(to - at) + "];\n";
    };
    while (r < t.refs.size() || d < t.data.size()) {
      bool isRef = d == t.data.size() || (r < t.refs.size() && t.refs[r].offset < t.data[d].offset);
      const Field &f = isRef ? t.refs[r] : t.data[d];
      pad(f.offset);
      // The same offsets where a pointer is 4 bytes.
      if (!t.refs.empty() && f.offset % 8 == 0)
        out += "  _Alignas(8)\n";
      if (isRef) {
        fields += ", r" + str(r);
        offsets += "offsetof(struct type" + n + ", r" + str(r) + "), ";
        out += "  void *r" + str(r++) + ";\n";
      } else {
        out += "  uint" + str(f.size * 8) + "_t d" + str(d++) + ";\n";
      }
      at = f.offset + f.size;
    }
    pad(t.size);
    out += "};\n_Static_assert(sizeof(struct type" + n + ") == " + str(t.size) + ", \"\");\n";
    const bool final = t.final != Final::None;
    if (final)
      out += "static void final" + n + "(void *object);\n";
    if (t.runtimeMeta) {
      if (!t.refs.empty())
        out += "static const uint32_t offsets" + n + "[] = {" + offsets + "};\n";
      out += "static cairn_type type" + n + " = {" + str(t.size) + ", " + str(t.align) + ", " +
             str(t.refs.size()) + ", 0, 0, " + (t.refs.empty() ? "NULL" : "offsets" + n) + ", " +
             (final ? "final" + n : "NULL") + ", \"type" + n + "\"};\n\n";
    } else {
      out += Text(final ? "CAIRN_TYPE_FINAL" : "CAIRN_TYPE") + "(type" + n + ", struct type" + n +
             (final ? ", final" + n : "") + fields + ");\n\n";
    }
  }
  Text place(const Text &object, int type, const char *letter, int m, const Text &element) {
    const Type &t = p.types[unsigned(type)];
    if (t.shape == Shape::RefArray)
      return "((void **)" + object + ")[" + element + "]";
    Text base = "((struct type" + str(unsigned(type)) + " *)" + object + ")";
    return base + (element.empty() ? "->" : "[" + element + "].") + letter + str(unsigned(m));
  }
  static Text member(size_t offset) {
    if (offset >= offsetof(diff_context, sizes))
      return "context->sizes[" + str((offset - offsetof(diff_context, sizes)) / 8) + "]";
    if (offset >= offsetof(diff_context, raws))
      return "context->raws[" + str((offset - offsetof(diff_context, raws)) / 8) + "]";
    if (offset >= offsetof(diff_context, slots))
      return "context->slots[" + str((offset - offsetof(diff_context, slots)) / 8) + "]";
    const char *names[] = {"acc", "birth", "round", "last", "final", "thread"};
    return Text("context->") + names[offset / 8];
  }
  Text temporary(Kind kind, const Text &value) {
    Text name = "t" + str(temporaries++);
    line(typeName(kind) + name + " = " + value + ";");
    return name;
  }
  void line(const Text &text) { out += Text(depth * 2, ' ') + text + "\n"; }

  unsigned depth = 1;
};

} // namespace

std::unique_ptr<Writer> differential::makeCWriter(const Program &p) {
  return std::make_unique<CWriter>(p);
}
