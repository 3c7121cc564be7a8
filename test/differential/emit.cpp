//===- emit.cpp - The program as C and as LLVM IR ---------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Statements are translated once, into the operations of a Writer: arithmetic, memory
// of objects, calls of Cairn by their C names, structured control flow. One writer
// prints C, the other IR, where calls of Cairn are its intrinsics.
//
//===----------------------------------------------------------------------===//
#include "program.h"
#include "support.h"

#include "cairn/abi.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>

using namespace differential;

namespace {

using Text = std::string; ///< A value: a name or a constant.

Text str(uint64_t n) { return std::to_string(n); }

/// Of parameters, results and variables.
enum class Kind : uint8_t { Void, Pointer, Integer, Byte, Bool };

struct Value {
  Kind kind = Kind::Void;
  Text text;
};

struct Variable {
  Kind kind;
  Text name;
};

class Writer {
public:
  explicit Writer(const Program &p) : p(p) {}
  virtual ~Writer() = default;

  virtual void beginModule() = 0;
  virtual void endModule() = 0;
  /// `parameters` are copied to `locals` of the same names, the rest start as zero.
  virtual void beginFunction(const Text &name, Kind result, const std::vector<Variable> &parameters,
                             const std::vector<Variable> &locals, bool isLocal, bool noInline) = 0;
  virtual void endFunction(Kind result, const Text &value) = 0;

  virtual Text get(Kind kind, const Text &name) = 0;
  virtual void set(Kind kind, const Text &name, const Text &value) = 0;
  virtual Text context(Kind kind, size_t offset) = 0;
  virtual void setContext(Kind kind, size_t offset, const Text &value) = 0;

  virtual Text number(uint64_t n) = 0;
  virtual Text null() = 0;
  virtual Text arithmetic(char op, const Text &a, const Text &b) = 0;
  /// Whether the integers compare: '=' '<' (unsigned).
  virtual Text compare(char op, const Text &a, const Text &b) = 0;
  virtual Text isSet(const Text &pointer) = 0;
  virtual Text toInteger(Kind from, const Text &v) = 0;
  virtual Text toByte(const Text &v) = 0;
  virtual Text address(const Text &pointer) = 0; ///< As an integer.
  virtual Text offset(const Text &pointer, const Text &by) = 0;

  /// Members of objects; `element` is empty for plain ones.
  virtual Text reference(const Text &object, int type, int m, const Text &element) = 0;
  virtual void setReference(const Text &object, int type, int m, const Text &element,
                            const Text &v) = 0;
  virtual Text datum(const Text &object, int type, int m, const Text &element) = 0;
  virtual void setDatum(const Text &object, int type, int m, const Text &element,
                        const Text &v) = 0;
  virtual Text byteAt(const Text &p, const Text &at) = 0;
  virtual void setByte(const Text &p, const Text &at, const Text &v) = 0;
  virtual void fill(const Text &p, const Text &byte, const Text &n) = 0;

  virtual Text descriptor(int type, bool opaque) = 0;
  virtual Text call(Kind result, const Text &name, std::initializer_list<Value> args) {
    return call(result, name, std::vector<Value>(args));
  }
  virtual Text call(Kind result, const Text &name, const std::vector<Value> &args) = 0;

  virtual void beginIf(const Text &condition) = 0;
  virtual void beginElse() = 0;
  virtual void endIf() = 0;
  /// The variable counts from 0 to n - 1.
  virtual void beginLoop(const Text &variable, const Text &n) = 0;
  virtual void endLoop() = 0;

  Text take() { return std::move(out); }

protected:
  const Program &p;
  Text out;
  unsigned temporaries = 0;
};

//===----------------------------------------------------------------------===//
// C
//===----------------------------------------------------------------------===//

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
  void prototypes();
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

//===----------------------------------------------------------------------===//
// IR
//===----------------------------------------------------------------------===//

class IRWriter : public Writer {
public:
  using Writer::Writer;

  void beginModule() override {
    out += "; seed " + str(p.seed) +
           "\ntarget triple = \"x86_64-pc-linux-gnu\"\n\n"
           "%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }\n"
           "@cairn_type_ref = external global %cairn_type\n"
           "@cairn_type_byte = external global %cairn_type\n";
    Text table;
    for (size_t i = 0; i < p.types.size(); ++i) {
      const Type &t = p.types[i];
      table += (i ? ", ptr " : "ptr ") + (t.hasDescriptor() ? "@type" + str(i) : Text("null"));
      if (!t.hasDescriptor())
        continue;
      Text offsets;
      uint32_t meta = 0x80000000u;
      bool fits = t.final == Final::None && !t.runtimeMeta;
      for (const Field &r : t.refs) {
        offsets += (offsets.empty() ? "i32 " : ", i32 ") + str(r.offset);
        fits &= r.offset < 128;
        meta |= 1u << (r.offset / 8 % 16);
      }
      if (i % 4) // a descriptor may leave the slot's class out
        meta |= cairn::classBits(cairn::objectBytes(t.size, t.align));
      if (!t.refs.empty())
        out += "@offsets" + str(i) + " = internal constant [" + str(t.refs.size()) + " x i32] [" +
               offsets + "]\n";
      out += "@type" + str(i) + " = internal global %cairn_type { i32 " + str(t.size) + ", i16 " +
             str(t.align) + ", i16 " + str(t.refs.size()) + ", i32 " + str(fits ? meta : 0) +
             ", i32 0, ptr " + (t.refs.empty() ? "null" : "@offsets" + str(i)) + ", ptr " +
             (t.final == Final::None ? "null" : "@final" + str(i)) + ", ptr null }\n";
    }
    out += "@opaque_types = global [" + str(p.types.size()) + " x ptr] [" + table + "]\n\n";
    out += R"(declare ptr @cairn.alloc(ptr)
declare ptr @cairn.alloc.tagged(ptr, i8)
declare ptr @cairn.alloc.bytes(i64)
declare ptr @cairn.alloc.array(ptr, i64)
declare ptr @cairn.try.alloc(ptr)
declare ptr @cairn.try.alloc.array(ptr, i64)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare i1 @cairn.is.unique(ptr)
declare void @cairn.share(ptr)
declare i8 @cairn.tag(ptr)
declare void @cairn.set.tag(ptr, i8)
declare ptr @cairn.malloc(i64)
declare void @cairn.free(ptr)
declare void @cairn.free.sized(ptr, i64)
declare ptr @cairn_calloc(i64, i64)
declare ptr @cairn_realloc(ptr, i64)
declare ptr @cairn_aligned_alloc(i64, i64)
declare i64 @cairn_usable_size(ptr)
declare i64 @cairn_length(ptr)
declare i64 @cairn_refcount(ptr)
declare ptr @cairn_resolve(ptr)
declare void @diff_send(i64, ptr, i64)
declare ptr @diff_receive(i64, ptr)
declare void @diff_finalised(i64)
declare i64 @diff_finalisers()
declare i64 @diff_live()
declare void @diff_meet(i64)
declare zeroext i1 @diff_is_shared(ptr)
declare zeroext i1 @diff_fault()
declare i32 @diff_run(ptr)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)

define internal i64 @diff_mix(i64 %a, i64 %v) {
  %x = xor i64 %a, %v
  %m = mul i64 %x, -7046029254386353131
  %s = lshr i64 %m, 29
  %r = xor i64 %m, %s
  ret i64 %r
}

)";
  }
  void endModule() override {
    Text table;
    for (int f : p.rounds)
      table += (table.empty() ? "ptr @fn" : ", ptr @fn") + str(uint64_t(f));
    out += "@rounds = internal constant [" + str(p.rounds.size()) + " x ptr] [" + table + "]\n";
    out += "@program = internal constant { i64, i64, i64, ptr } { i64 " + str(p.workers) +
           ", i64 " + str(p.roundCount) + ", i64 " + str(p.segment) + ", ptr @rounds }\n";
    out += "define i32 @main() {\n  %r = call i32 @diff_run(ptr @program)\n  ret i32 %r\n}\n";
  }
  void beginFunction(const Text &name, Kind result, const std::vector<Variable> &parameters,
                     const std::vector<Variable> &locals, bool isLocal, bool noInline) override {
    out += Text("define ") + (isLocal ? "internal " : "") + typeName(result) + " @" + name + "(";
    const char *comma = "";
    for (const Variable &v : parameters) {
      out += comma + Text(typeName(v.kind)) + " %" + v.name;
      comma = ", ";
    }
    out += noInline ? ") noinline {\nentry:\n" : ") {\nentry:\n";
    for (const Variable &v : locals) {
      line("%v." + v.name + " = alloca " + typeName(v.kind));
      bool isParameter = std::any_of(parameters.begin(), parameters.end(),
                                     [&](const Variable &a) { return a.name == v.name; });
      set(v.kind, v.name, isParameter ? "%" + v.name : v.kind == Kind::Pointer ? "null" : "0");
    }
    // Loops count here; alloca in a loop would eat the stack.
    counters = out.size();
  }
  void endFunction(Kind result, const Text &value) override {
    line(result == Kind::Void ? "ret void" : Text("ret ") + typeName(result) + " " + value);
    out += "}\n\n";
  }

  Text get(Kind kind, const Text &name) override {
    return emit(Text("load ") + typeName(kind) + ", ptr %v." + name);
  }
  void set(Kind kind, const Text &name, const Text &value) override {
    line(Text("store ") + typeName(kind) + " " + value + ", ptr %v." + name);
  }
  Text context(Kind kind, size_t offset) override {
    return emit(Text("load ") + typeName(kind) + ", ptr " + gep("%context", str(offset)));
  }
  void setContext(Kind kind, size_t offset, const Text &value) override {
    Text at = gep("%context", str(offset));
    line(Text("store ") + typeName(kind) + " " + value + ", ptr " + at);
  }
  Text number(uint64_t n) override { return std::to_string(int64_t(n)); }
  Text null() override { return "null"; }
  Text arithmetic(char op, const Text &a, const Text &b) override {
    const char *name = op == '+'   ? "add"
                       : op == '*' ? "mul"
                       : op == '%' ? "urem"
                       : op == '&' ? "and"
                       : op == '|' ? "or"
                       : op == '/' ? "udiv"
                                   : "sub";
    return emit(Text(name) + " i64 " + a + ", " + b);
  }
  Text compare(char op, const Text &a, const Text &b) override {
    return emit(Text("icmp ") + (op == '=' ? "eq" : "ult") + " i64 " + a + ", " + b);
  }
  Text isSet(const Text &pointer) override { return emit("icmp ne ptr " + pointer + ", null"); }
  Text toInteger(Kind from, const Text &v) override {
    return emit(Text("zext ") + typeName(from) + " " + v + " to i64");
  }
  Text toByte(const Text &v) override { return emit("trunc i64 " + v + " to i8"); }
  Text address(const Text &pointer) override { return emit("ptrtoint ptr " + pointer + " to i64"); }
  Text offset(const Text &pointer, const Text &by) override { return gep(pointer, by); }
  Text reference(const Text &object, int type, int m, const Text &element) override {
    const Type &t = p.types[unsigned(type)];
    return emit("load ptr, ptr " + place(object, t, t.refs[unsigned(m)].offset, element));
  }
  void setReference(const Text &object, int type, int m, const Text &element,
                    const Text &v) override {
    const Type &t = p.types[unsigned(type)];
    Text at = place(object, t, t.refs[unsigned(m)].offset, element);
    line("store ptr " + v + ", ptr " + at);
  }
  Text datum(const Text &object, int type, int m, const Text &element) override {
    const Type &t = p.types[unsigned(type)];
    const Field &f = t.data[unsigned(m)];
    Text bits = "i" + str(f.size * 8);
    Text v = emit("load " + bits + ", ptr " + place(object, t, f.offset, element));
    return f.size == 8 ? v : emit("zext " + bits + " " + v + " to i64");
  }
  void setDatum(const Text &object, int type, int m, const Text &element, const Text &v) override {
    const Type &t = p.types[unsigned(type)];
    const Field &f = t.data[unsigned(m)];
    Text bits = "i" + str(f.size * 8);
    Text narrow = f.size == 8 ? v : emit("trunc i64 " + v + " to " + bits);
    Text at = place(object, t, f.offset, element);
    line("store " + bits + " " + narrow + ", ptr " + at);
  }
  Text byteAt(const Text &p, const Text &at) override {
    return toInteger(Kind::Byte, emit("load i8, ptr " + gep(p, at)));
  }
  void setByte(const Text &p, const Text &at, const Text &v) override {
    Text byte = toByte(v), place = gep(p, at);
    line("store i8 " + byte + ", ptr " + place);
  }
  void fill(const Text &p, const Text &byte, const Text &n) override {
    line("call void @llvm.memset.p0.i64(ptr " + p + ", i8 " + byte + ", i64 " + n + ", i1 false)");
  }
  Text descriptor(int type, bool opaque) override {
    if (!opaque)
      return "@type" + str(unsigned(type));
    return emit("load ptr, ptr " + gep("@opaque_types", str(8 * unsigned(type))));
  }
  Text call(Kind result, const Text &name, const std::vector<Value> &args) override {
    Text callee = name;
    for (const char *intrinsic :
         {"cairn_alloc", "cairn_alloc_tagged", "cairn_alloc_bytes", "cairn_alloc_array",
          "cairn_try_alloc", "cairn_try_alloc_array", "cairn_incref", "cairn_decref",
          "cairn_is_unique", "cairn_share", "cairn_tag", "cairn_set_tag", "cairn_malloc",
          "cairn_free", "cairn_free_sized"})
      if (name == intrinsic)
        std::replace(callee.begin(), callee.end(), '_', '.');
    Text list;
    for (const Value &v : args) {
      bool isSize = v.text == "&size";
      list += (list.empty() ? "" : ", ") + Text(typeName(v.kind)) + " " +
              (isSize                ? "%v.size"
               : v.text[0] == '&'    ? "@" + v.text.substr(1)
               : v.text == "context" ? "%context"
                                     : v.text);
    }
    Text text = Text("call ") + typeName(result) + " @" + callee + "(" + list + ")";
    if (result != Kind::Void)
      return emit(text);
    line(text);
    return "";
  }
  void beginIf(const Text &condition) override {
    Text n = str(temporaries++);
    line("br i1 " + condition + ", label %then" + n + ", label %else" + n);
    label("then" + n);
    open.push_back({n, "", "", false});
  }
  void beginElse() override {
    line("br label %end" + open.back().number);
    label("else" + open.back().number);
    open.back().hasElse = true;
  }
  void endIf() override {
    if (!open.back().hasElse)
      beginElse();
    line("br label %end" + open.back().number);
    label("end" + open.back().number);
    open.pop_back();
  }
  void beginLoop(const Text &variable, const Text &n) override {
    Text number = str(temporaries++);
    Text counter = "%k" + number;
    Text declaration = "  " + counter + " = alloca i64\n";
    out.insert(counters, declaration);
    line("store i64 0, ptr " + counter);
    line("br label %head" + number);
    label("head" + number);
    Text k = emit("load i64, ptr " + counter);
    Text more = compare('<', k, n);
    line("br i1 " + more + ", label %body" + number + ", label %exit" + number);
    label("body" + number);
    set(Kind::Integer, variable, k);
    open.push_back({number, counter, k, false});
  }
  void endLoop() override {
    Scope scope = open.back();
    open.pop_back();
    Text next = emit("add i64 " + scope.value + ", 1");
    line("store i64 " + next + ", ptr " + scope.counter);
    line("br label %head" + scope.number);
    label("exit" + scope.number);
  }

private:
  struct Scope {
    Text number, counter, value;
    bool hasElse;
  };

  static const char *typeName(Kind kind) {
    switch (kind) {
    case Kind::Pointer:
      return "ptr";
    case Kind::Integer:
      return "i64";
    case Kind::Byte:
      return "i8";
    case Kind::Bool:
      return "i1";
    default:
      return "void";
    }
  }
  Text emit(const Text &text) {
    Text name = "%t" + str(temporaries++);
    line(name + " = " + text);
    return name;
  }
  Text gep(const Text &base, const Text &by) {
    return emit("getelementptr i8, ptr " + base + ", i64 " + by);
  }
  Text place(const Text &object, const Type &t, uint32_t offset, const Text &element) {
    if (element.empty())
      return gep(object, str(offset));
    return gep(object, arithmetic('+', arithmetic('*', element, str(t.size)), str(offset)));
  }
  void line(const Text &text) { out += "  " + text + "\n"; }
  void label(const Text &name) { out += name + ":\n"; }

  std::vector<Scope> open;
  size_t counters = 0;
};

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

class Translator {
public:
  Translator(const Program &p, Writer &w) : p(p), w(w) {}
  void run();

private:
  void finaliser(int type);
  void function(int index);
  void statements(const std::vector<Stmt> &body) {
    for (const Stmt &s : body)
      statement(s);
  }
  void statement(const Stmt &s);
  void rawStatement(const Stmt &s);
  void saveVariables();
  void allocate(const Stmt &s);
  void store(const Stmt &s);
  void copyOnWrite(const Stmt &s);
  Text call(const Stmt &s, bool hasArguments);

  Text slot(int i) { return w.get(Kind::Pointer, "s" + str(unsigned(i))); }
  void setSlot(int i, const Text &v) { w.set(Kind::Pointer, "s" + str(unsigned(i)), v); }
  Text integer(int i) { return w.get(Kind::Integer, "i" + str(unsigned(i))); }
  void setInteger(int i, const Text &v) { w.set(Kind::Integer, "i" + str(unsigned(i)), v); }
  const Type &typeOf(int slot) const { return p.types[unsigned(typeIndex(slot))]; }
  int typeIndex(int slot) const { return f->slots[unsigned(slot)].type; }
  Text eval(const Expr &x) {
    Text v = w.number(x.add);
    if (x.var >= 0)
      v = w.arithmetic('+', w.arithmetic('*', integer(x.var), w.number(x.mul)), v);
    return x.mod ? w.arithmetic('%', v, w.number(x.mod)) : v;
  }
  void mix(const Text &v) {
    Text acc = w.context(Kind::Integer, offsetof(diff_context, acc));
    w.setContext(Kind::Integer, offsetof(diff_context, acc),
                 w.call(Kind::Integer, "diff_mix", {{Kind::Integer, acc}, {Kind::Integer, v}}));
  }
  void incref(const Text &v) { w.call(Kind::Void, "cairn_incref", {{Kind::Pointer, v}}); }
  void decref(const Text &v) { w.call(Kind::Void, "cairn_decref", {{Kind::Pointer, v}}); }
  Text length(const Text &v) { return w.call(Kind::Integer, "cairn_length", {{Kind::Pointer, v}}); }
  Text tag(const Text &v) { return w.call(Kind::Byte, "cairn_tag", {{Kind::Pointer, v}}); }
  Text isUnique(const Text &v) {
    return w.call(Kind::Bool, "cairn_is_unique", {{Kind::Pointer, v}});
  }
  Text fault() { return w.call(Kind::Bool, "diff_fault", std::vector<Value>()); }
  Text newBirth() {
    Text next = w.arithmetic('+', w.context(Kind::Integer, offsetof(diff_context, birth)),
                             w.number(diff_max_threads));
    w.setContext(Kind::Integer, offsetof(diff_context, birth), next);
    return next;
  }
  void assign(int to, const Text &v) {
    Text old = slot(to);
    setSlot(to, v);
    decref(old);
  }
  /// Opens an if that is true where element x of an object is; `element` is empty
  /// for plain types.
  void beginElement(const Text &object, const Type &type, const Expr &x, Text &element) {
    w.beginIf(w.isSet(object));
    if (!type.isArray())
      return;
    Text n = length(object);
    w.beginIf(w.compare('<', w.number(0), n));
    element = w.arithmetic('%', eval(x), n);
  }
  void endElement(const Type &type) {
    if (type.isArray())
      w.endIf();
    w.endIf();
  }
  /// What to free, as a pointer and a size.
  void release(const Text &pointer, const Text &n, bool sized) {
    if (sized)
      w.call(Kind::Void, "cairn_free_sized", {{Kind::Pointer, pointer}, {Kind::Integer, n}});
    else
      w.call(Kind::Void, "cairn_free", {{Kind::Pointer, pointer}});
  }
  Text rawPointer(int i) { return w.get(Kind::Pointer, "p" + str(unsigned(i))); }
  Text rawSize(int i) { return w.get(Kind::Integer, "n" + str(unsigned(i))); }
  void setRaw(int i, const Text &pointer, const Text &n) {
    w.set(Kind::Pointer, "p" + str(unsigned(i)), pointer);
    w.set(Kind::Integer, "n" + str(unsigned(i)), n);
  }
  void mark(const Text &pointer, const Text &n, const Expr &x) {
    w.beginIf(w.compare('<', w.number(0), n));
    Text v = eval(x);
    w.setByte(pointer, w.number(0), v);
    w.setByte(pointer, w.arithmetic('-', n, w.number(1)), v);
    w.endIf();
  }

  const Program &p;
  Writer &w;
  const Function *f = nullptr;
};

/// The parameters of function \p f, context first.
std::vector<Variable> parametersOf(const Function &f) {
  std::vector<Variable> v = {{Kind::Pointer, "context"}};
  if (f.isRound)
    return v;
  v.push_back({Kind::Integer, "i0"});
  v.push_back({Kind::Integer, "i1"});
  for (int i = 0; i < f.params; ++i)
    v.push_back({Kind::Pointer, "s" + str(unsigned(i))});
  return v;
}

Kind resultOf(const Function &f) {
  return f.isRound ? Kind::Void : f.result >= 0 ? Kind::Pointer : Kind::Integer;
}

void CWriter::prototypes() {
  for (size_t i = 0; i < p.functions.size(); ++i) {
    const Function &f = p.functions[i];
    out += signature("fn" + str(i), resultOf(f), parametersOf(f), !f.isRound, f.noInline) + ";\n";
  }
  out += "\n";
}

void Translator::run() {
  w.beginModule();
  for (size_t i = 0; i < p.types.size(); ++i)
    if (p.types[i].final != Final::None)
      finaliser(int(i));
  for (size_t i = 0; i < p.functions.size(); ++i)
    function(int(i));
  w.endModule();
}

void Translator::finaliser(int index) {
  const Type &type = p.types[unsigned(index)];
  const std::vector<Variable> object = {{Kind::Pointer, "object"}};
  w.beginFunction("final" + str(unsigned(index)), Kind::Void, object,
                  {{Kind::Pointer, "object"}, {Kind::Integer, "value"}}, true, false);
  Text self = w.get(Kind::Pointer, "object");
  // A finaliser of an array is called for each element: members are at its own start.
  auto add = [&](const Text &v) {
    w.set(Kind::Integer, "value", w.arithmetic('+', w.get(Kind::Integer, "value"), v));
  };
  add(w.datum(self, index, 0, ""));
  add(w.number(uint64_t(index)));
  if (type.final == Final::Child || type.final == Final::Release) {
    for (size_t m = 0; m < type.refs.size(); ++m) {
      const int childIndex = type.refs[m].type;
      Text child = w.reference(self, index, int(m), "");
      w.beginIf(w.isSet(child));
      if (p.types[unsigned(childIndex)].shape == Shape::Plain)
        add(w.arithmetic('*', w.datum(child, childIndex, 0, ""), w.number(31)));
      if (type.final == Final::Child)
        incref(child);
      else
        w.setReference(self, index, int(m), "", w.null());
      decref(child);
      w.endIf();
    }
  } else if (type.final == Final::Allocate) {
    Text value = w.get(Kind::Integer, "value");
    Text n = w.arithmetic('+', w.arithmetic('&', value, w.number(63)), w.number(24));
    Text bytes = w.call(Kind::Pointer, "cairn_alloc_bytes", {{Kind::Integer, n}});
    w.fill(bytes, w.toByte(value), n);
    add(w.byteAt(bytes, w.number(3)));
    decref(bytes);
  }
  w.call(Kind::Void, "diff_finalised", {{Kind::Integer, w.get(Kind::Integer, "value")}});
  w.endFunction(Kind::Void, "");
}

void Translator::function(int index) {
  f = &p.functions[unsigned(index)];
  std::vector<Variable> locals;
  for (size_t i = 0; i < f->slots.size(); ++i)
    locals.push_back({Kind::Pointer, "s" + str(i)});
  for (int i = 0; i < f->ints; ++i)
    locals.push_back({Kind::Integer, "i" + str(unsigned(i))});
  for (int i = 0; i < f->raws; ++i) {
    locals.push_back({Kind::Pointer, "p" + str(unsigned(i))});
    locals.push_back({Kind::Integer, "n" + str(unsigned(i))});
  }
  locals.push_back({Kind::Integer, "size"});
  locals.push_back({Kind::Pointer, "wrong"});
  w.beginFunction("fn" + str(unsigned(index)), resultOf(*f), parametersOf(*f), locals, !f->isRound,
                  f->noInline);
  if (f->isRound) {
    setInteger(0, w.context(Kind::Integer, offsetof(diff_context, round)));
    setInteger(1, w.context(Kind::Integer, offsetof(diff_context, acc)));
    for (size_t i = 0; i < f->slots.size(); ++i)
      setSlot(int(i), w.context(Kind::Pointer, offsetof(diff_context, slots) + 8 * i));
    for (size_t i = 0; i < unsigned(f->raws); ++i)
      setRaw(int(i), w.context(Kind::Pointer, offsetof(diff_context, raws) + 8 * i),
             w.context(Kind::Integer, offsetof(diff_context, sizes) + 8 * i));
  }
  statements(f->body);
  if (f->isRound) {
    saveVariables();
    w.endFunction(Kind::Void, "");
    return;
  }
  for (size_t i = 0; i < f->slots.size(); ++i)
    if (int(i) != f->result && !f->slots[i].borrowed)
      decref(slot(int(i)));
  for (int i = 0; i < f->raws; ++i)
    release(rawPointer(i), rawSize(i), true);
  w.endFunction(resultOf(*f), f->result >= 0 ? slot(f->result) : integer(2));
}

/// Puts a round's variables where they stay until the next.
void Translator::saveVariables() {
  for (size_t i = 0; i < f->slots.size(); ++i)
    w.setContext(Kind::Pointer, offsetof(diff_context, slots) + 8 * i, slot(int(i)));
  for (size_t i = 0; i < unsigned(f->raws); ++i) {
    w.setContext(Kind::Pointer, offsetof(diff_context, raws) + 8 * i, rawPointer(int(i)));
    w.setContext(Kind::Integer, offsetof(diff_context, sizes) + 8 * i, rawSize(int(i)));
  }
}

Text Translator::call(const Stmt &s, bool hasArguments) {
  const Function &callee = p.functions[unsigned(s.fn)];
  std::vector<Value> args = {{Kind::Pointer, "context"}};
  args.push_back({Kind::Integer, eval(s.x)});
  args.push_back({Kind::Integer, eval(s.y)});
  for (int i = 0; i < callee.params; ++i) {
    const Argument none = {-1, 0, false};
    const Argument &arg = hasArguments ? s.args[unsigned(i)] : none;
    Text v = arg.slot < 0 ? w.null() : slot(arg.slot);
    args.push_back({Kind::Pointer, v});
    if (arg.slot < 0)
      continue;
    if (arg.move)
      setSlot(arg.slot, w.null());
    else if (callee.slots[unsigned(i)].ownedParam)
      incref(v);
  }
  return w.call(resultOf(callee), "fn" + str(unsigned(s.fn)), args);
}

void Translator::allocate(const Stmt &s) {
  const int index = typeIndex(s.a);
  const Type &type = p.types[unsigned(index)];
  Text x = eval(s.x), y = eval(s.y), ref;
  if (type.isBytes()) {
    ref = type.shape == Shape::Bytes
              ? w.call(Kind::Pointer, "cairn_alloc_bytes", {{Kind::Integer, y}})
              : w.call(Kind::Pointer, "cairn_alloc_array",
                       {{Kind::Pointer, "&cairn_type_byte"}, {Kind::Integer, y}});
    w.fill(ref, w.toByte(x), y);
  } else if (type.isArray()) {
    Text d =
        type.shape == Shape::RefArray ? "&cairn_type_ref" : w.descriptor(index, s.flags & kOpaque);
    ref = w.call(Kind::Pointer, s.flags & kTry ? "cairn_try_alloc_array" : "cairn_alloc_array",
                 {{Kind::Pointer, d}, {Kind::Integer, y}});
    if (!type.data.empty()) {
      w.beginLoop("size", y);
      Text e = w.get(Kind::Integer, "size");
      Text first = w.arithmetic('+', x, e);
      for (size_t k = 0; k < type.data.size(); ++k)
        w.setDatum(ref, index, int(k), e, w.arithmetic('+', first, w.number(initialDatum(0, k))));
      w.endLoop();
    }
  } else {
    Text d = w.descriptor(index, s.flags & kOpaque);
    ref = s.flags & kTagged
              ? w.call(Kind::Pointer, "cairn_alloc_tagged",
                       {{Kind::Pointer, d}, {Kind::Byte, w.toByte(y)}})
              : w.call(Kind::Pointer, s.flags & kTry ? "cairn_try_alloc" : "cairn_alloc",
                       {{Kind::Pointer, d}});
    for (size_t k = 0; k < type.data.size(); ++k)
      w.setDatum(ref, index, int(k), "",
                 int(k) == type.birth ? newBirth()
                                      : w.arithmetic('+', x, w.number(initialDatum(0, k))));
  }
  for (const Argument &arg : s.args) {
    Text child = slot(arg.slot);
    if (arg.move)
      setSlot(arg.slot, w.null());
    else
      incref(child);
    w.setReference(ref, index, arg.member, "", child);
  }
  assign(s.a, ref);
}

void Translator::store(const Stmt &s) {
  const int index = typeIndex(s.b);
  const Type &type = p.types[unsigned(index)];
  const Field &field = type.refs[unsigned(s.m)];
  Text object = slot(s.b), element;
  beginElement(object, type, s.x, element);
  Text child = s.op == Op::Clear ? w.null() : slot(s.a);
  const bool wrong = s.alt >= 0 && p.isFaulty(Fault::WrongChild, s);
  Text isWrong;
  if (wrong) {
    w.set(Kind::Pointer, "wrong", child);
    isWrong = fault();
    w.beginIf(isWrong);
    w.set(Kind::Pointer, "wrong", slot(s.alt));
    w.endIf();
    child = w.get(Kind::Pointer, "wrong");
  }
  const bool guarded = s.op != Op::Clear && !field.shared && field.type == index;
  if (guarded) {
    // A child of the object's own type must be older.
    w.set(Kind::Integer, "size", w.number(0));
    w.beginIf(w.isSet(child));
    w.set(Kind::Integer, "size",
          w.arithmetic('+', w.datum(child, index, type.birth, ""), w.number(1)));
    w.endIf();
    Text born = w.get(Kind::Integer, "size");
    Text limit = w.arithmetic('+', w.datum(object, index, type.birth, ""), w.number(1));
    w.beginIf(w.compare('<', born, limit));
  }
  Text old = w.reference(object, index, s.m, element);
  if (s.op == Op::Swap) {
    w.setReference(object, index, s.m, element, child);
    setSlot(s.a, old);
  } else {
    if (s.op == Op::Clear) {
    } else if (!(s.flags & kMove)) {
      incref(child);
    } else if (wrong) {
      w.beginIf(isWrong);
      incref(child);
      w.beginElse();
      setSlot(s.a, w.null());
      w.endIf();
    } else {
      setSlot(s.a, w.null());
    }
    w.setReference(object, index, s.m, element, child);
    decref(old);
  }
  if (guarded)
    w.endIf();
  endElement(type);
}

void Translator::copyOnWrite(const Stmt &s) {
  const int index = typeIndex(s.a);
  const Type &type = p.types[unsigned(index)];
  Text old = slot(s.a);
  w.beginIf(w.isSet(old));
  Text unique = isUnique(old);
  mix(w.toInteger(Kind::Bool, unique));
  w.beginIf(unique);
  w.beginElse();
  Text ref =
      w.call(Kind::Pointer, "cairn_alloc_tagged",
             {{Kind::Pointer, w.descriptor(index, s.flags & kOpaque)}, {Kind::Byte, tag(old)}});
  for (size_t k = 0; k < type.data.size(); ++k)
    w.setDatum(ref, index, int(k), "",
               int(k) == type.birth ? newBirth() : w.datum(old, index, int(k), ""));
  for (size_t m = 0; m < type.refs.size(); ++m) {
    Text child = w.reference(old, index, int(m), "");
    incref(child);
    w.setReference(ref, index, int(m), "", child);
  }
  assign(s.a, ref);
  w.endIf();
  w.setDatum(slot(s.a), index, 0, "", eval(s.x));
  w.endIf();
}

void Translator::statement(const Stmt &s) {
  switch (s.op) {
  case Op::Set:
    setInteger(s.a, eval(s.x));
    break;
  case Op::Mix:
    mix(eval(s.x));
    break;
  case Op::Alloc:
    allocate(s);
    break;
  case Op::Copy: {
    Text v = slot(s.b);
    incref(v);
    assign(s.a, v);
    break;
  }
  case Op::Move: {
    Text v = slot(s.b);
    setSlot(s.b, w.null());
    assign(s.a, v);
    break;
  }
  case Op::Drop: {
    Text old = slot(s.a);
    const bool guarded = !(s.flags & kUnguarded);
    if (guarded)
      w.beginIf(w.isSet(old));
    setSlot(s.a, w.null());
    if (p.isFaulty(Fault::LostDecref, s) || p.isFaulty(Fault::DoubleDecref, s)) {
      w.beginIf(w.isSet(old));
      w.beginIf(fault());
      if (p.fault == Fault::DoubleDecref) {
        decref(old);
        decref(old);
      }
      w.beginElse();
      decref(old);
      w.endIf();
      w.endIf();
    } else {
      decref(old);
    }
    if (guarded)
      w.endIf();
    break;
  }
  case Op::Load: {
    const Type &type = typeOf(s.b);
    Text object = slot(s.b), element;
    beginElement(object, type, s.x, element);
    Text child = w.reference(object, typeIndex(s.b), s.m, element);
    incref(child);
    assign(s.a, child);
    endElement(type);
    break;
  }
  case Op::Store:
  case Op::Clear:
  case Op::Swap:
    store(s);
    break;
  case Op::SetData:
  case Op::GetData: {
    const Type &type = typeOf(s.a);
    const bool bytes = type.isBytes();
    Text object = slot(s.a), element;
    beginElement(object, type, s.x, element);
    if (s.op == Op::GetData)
      setInteger(s.b,
                 bytes ? w.byteAt(object, element) : w.datum(object, typeIndex(s.a), s.m, element));
    else if (bytes)
      w.setByte(object, element, eval(s.y));
    else
      w.setDatum(object, typeIndex(s.a), s.m, element, eval(s.y));
    endElement(type);
    break;
  }
  case Op::GetChild: {
    const Type &type = typeOf(s.a);
    Text object = slot(s.a), element;
    beginElement(object, type, s.x, element);
    Text child = w.reference(object, typeIndex(s.a), s.m, element);
    w.beginIf(w.isSet(child));
    setInteger(s.b, w.datum(child, type.refs[unsigned(s.m)].type, 0, ""));
    w.endIf();
    endElement(type);
    break;
  }
  case Op::SetTag:
  case Op::GetTag:
  case Op::Length:
  case Op::Count:
  case Op::Unique:
  case Op::Shared:
  case Op::Resolve:
  case Op::ShareLocal:
  case Op::Touch: {
    Text object = slot(s.a);
    w.beginIf(w.isSet(object));
    if (s.op == Op::SetTag) {
      w.call(Kind::Void, "cairn_set_tag",
             {{Kind::Pointer, object}, {Kind::Byte, w.toByte(eval(s.x))}});
    } else if (s.op == Op::Count) {
      mix(w.call(Kind::Integer, "cairn_refcount", {{Kind::Pointer, object}}));
    } else if (s.op == Op::Shared) {
      mix(w.toInteger(Kind::Bool, w.call(Kind::Bool, "diff_is_shared", {{Kind::Pointer, object}})));
    } else if (s.op == Op::ShareLocal) {
      w.call(Kind::Void, "cairn_share", {{Kind::Pointer, object}});
    } else if (s.op == Op::Resolve) {
      Text n = length(object);
      w.set(Kind::Integer, "size", w.number(0));
      w.beginIf(w.compare('<', w.number(0), n));
      w.set(Kind::Integer, "size", w.arithmetic('%', eval(s.x), n));
      w.endIf();
      Text inside = w.offset(object, w.get(Kind::Integer, "size"));
      Text found = w.call(Kind::Pointer, "cairn_resolve", {{Kind::Pointer, inside}});
      mix(w.toInteger(Kind::Bool, w.compare('=', w.address(found), w.address(object))));
    } else if (s.op == Op::Touch) {
      const Type &type = typeOf(s.a);
      Text unique = isUnique(object);
      mix(w.toInteger(Kind::Bool, unique));
      w.beginIf(unique);
      Text x = eval(s.x);
      w.call(Kind::Void, "cairn_set_tag", {{Kind::Pointer, object}, {Kind::Byte, w.toByte(x)}});
      if (!type.isArray())
        w.setDatum(object, typeIndex(s.a), 0, "", x);
      w.endIf();
    } else {
      Text v = s.op == Op::Length   ? length(object)
               : s.op == Op::Unique ? w.toInteger(Kind::Bool, isUnique(object))
                                    : w.toInteger(Kind::Byte, tag(object));
      setInteger(s.b, v);
      mix(v);
    }
    w.endIf();
    break;
  }
  case Op::Cow:
    copyOnWrite(s);
    break;
  case Op::Retain: {
    Text held = slot(s.a);
    incref(held);
    statements(s.body);
    decref(held);
    break;
  }
  case Op::Call: {
    Text v = call(s, true);
    if (p.functions[unsigned(s.fn)].result >= 0) {
      assign(s.a, v);
    } else {
      setInteger(s.a, v);
      mix(v);
    }
    break;
  }
  case Op::Build: {
    Text v = call(s, false);
    if (!p.isFaulty(Fault::MissedShare, s)) {
      w.beginIf(w.isSet(v));
      w.call(Kind::Void, "cairn_share", {{Kind::Pointer, v}});
      w.endIf();
    }
    assign(s.a, v);
    break;
  }
  case Op::Loop: {
    w.beginLoop("i" + str(unsigned(s.a)), eval(s.x));
    statements(s.body);
    w.endLoop();
    break;
  }
  case Op::If: {
    Text v = eval(s.x);
    w.beginIf(w.compare('<', w.number(0), v));
    statements(s.body);
    w.beginElse();
    statements(s.els);
    w.endIf();
    break;
  }
  case Op::Send: {
    Text v = slot(s.a);
    if (s.flags & kMove)
      setSlot(s.a, w.null());
    else
      incref(v);
    w.call(Kind::Void, "diff_send",
           {{Kind::Integer, w.number(unsigned(s.m))},
            {Kind::Pointer, v},
            {Kind::Integer, w.number(diff_object)}});
    break;
  }
  case Op::Receive:
    assign(s.a, w.call(Kind::Pointer, "diff_receive",
                       {{Kind::Integer, w.number(unsigned(s.m))}, {Kind::Pointer, "&size"}}));
    break;
  case Op::Finalisers:
    mix(w.call(Kind::Integer, "diff_finalisers", std::vector<Value>()));
    break;
  case Op::Live:
    // An allocation that nobody could see might have been optimised away.
    saveVariables();
    mix(w.call(Kind::Integer, "diff_live", std::vector<Value>()));
    break;
  case Op::Meet:
    w.call(Kind::Void, "diff_meet", {{Kind::Integer, w.number(p.workers + 1)}});
    break;
  case Op::ContextFlag:
    setInteger(s.a, w.context(Kind::Integer,
                              s.m ? offsetof(diff_context, final) : offsetof(diff_context, last)));
    break;
  default:
    rawStatement(s);
    break;
  }
}

void Translator::rawStatement(const Stmt &s) {
  Text pointer = rawPointer(s.a), n = rawSize(s.a);
  switch (s.op) {
  case Op::RawAlloc: {
    release(pointer, n, s.flags & kSized);
    Text size = eval(s.y), block;
    switch (RawKind(s.m)) {
    case RawKind::Malloc:
      block = w.call(Kind::Pointer, "cairn_malloc", {{Kind::Integer, size}});
      break;
    case RawKind::Calloc:
      block = w.call(Kind::Pointer, "cairn_calloc",
                     {{Kind::Integer, w.number(1)}, {Kind::Integer, size}});
      w.beginIf(w.compare('<', w.number(0), size));
      mix(w.arithmetic('|',
                       w.arithmetic('|', w.byteAt(block, w.number(0)),
                                    w.byteAt(block, w.arithmetic('/', size, w.number(2)))),
                       w.byteAt(block, w.arithmetic('-', size, w.number(1)))));
      w.endIf();
      break;
    case RawKind::Aligned:
      block = w.call(Kind::Pointer, "cairn_aligned_alloc",
                     {{Kind::Integer, w.number(uint64_t(1) << s.b)}, {Kind::Integer, size}});
      // A block that is not aligned spoils the checksum.
      w.beginIf(w.compare('<', w.number(0),
                          w.arithmetic('%', w.address(block), w.number(uint64_t(1) << s.b))));
      mix(w.number(1));
      w.endIf();
      break;
    }
    setRaw(s.a, block, size);
    mark(block, size, s.x);
    break;
  }
  case Op::RawResize: {
    Text size = eval(s.y);
    Text block =
        w.call(Kind::Pointer, "cairn_realloc", {{Kind::Pointer, pointer}, {Kind::Integer, size}});
    setRaw(s.a, block, size);
    w.beginIf(w.compare('<', w.number(0), n));
    w.beginIf(w.compare('<', w.number(0), size));
    mix(w.byteAt(block, w.number(0)));
    w.endIf();
    w.beginIf(w.compare('<', size, n));
    w.beginElse();
    mix(w.byteAt(block, w.arithmetic('-', n, w.number(1))));
    w.endIf();
    w.endIf();
    mark(block, size, s.x);
    break;
  }
  case Op::RawFree:
    if (p.isFaulty(Fault::WrongSize, s)) {
      w.set(Kind::Integer, "size", n);
      w.beginIf(w.isSet(pointer));
      w.beginIf(fault());
      w.set(Kind::Integer, "size",
            w.arithmetic('+', w.arithmetic('*', n, w.number(2)), w.number(64)));
      w.endIf();
      w.endIf();
      n = w.get(Kind::Integer, "size");
    }
    setRaw(s.a, w.null(), w.number(0));
    release(pointer, n, s.flags & kSized);
    break;
  case Op::RawTemp: {
    Text size = w.number(uint64_t(s.m));
    Text block = w.call(Kind::Pointer, "cairn_malloc", {{Kind::Integer, size}});
    mark(block, size, s.x);
    // Whoever is given the block may read it, so that it is not optimised away.
    Text usable = w.call(Kind::Integer, "cairn_usable_size", {{Kind::Pointer, block}});
    w.beginIf(w.compare('<', usable, size));
    mix(w.number(1));
    w.endIf();
    mix(w.byteAt(block, w.number(0)));
    mix(w.byteAt(block, w.number(uint64_t(s.m) - 1)));
    release(block, size, s.flags & kSized);
    break;
  }
  case Op::RawRead: {
    w.beginIf(w.isSet(pointer));
    // Aligned to 16 if the size is a multiple of it, else to 8; at least that long.
    w.set(Kind::Integer, "size", w.number(7));
    w.beginIf(w.compare('<', w.number(0), n));
    w.beginIf(w.compare('=', w.arithmetic('%', n, w.number(16)), w.number(0)));
    w.set(Kind::Integer, "size", w.number(15));
    w.endIf();
    w.endIf();
    Text mask = w.get(Kind::Integer, "size");
    w.set(Kind::Integer, "size",
          w.toInteger(Kind::Bool,
                      w.compare('=', w.arithmetic('&', w.address(pointer), mask), w.number(0))));
    Text usable = w.call(Kind::Integer, "cairn_usable_size", {{Kind::Pointer, pointer}});
    w.beginIf(w.compare('<', usable, n));
    w.set(Kind::Integer, "size", w.number(0));
    w.endIf();
    mix(w.get(Kind::Integer, "size"));
    w.beginIf(w.compare('<', w.number(0), n));
    mix(w.byteAt(pointer, w.number(0)));
    mix(w.byteAt(pointer, w.arithmetic('-', n, w.number(1))));
    w.endIf();
    w.endIf();
    break;
  }
  case Op::SendRaw:
    setRaw(s.a, w.null(), w.number(0));
    w.call(
        Kind::Void, "diff_send",
        {{Kind::Integer, w.number(unsigned(s.m))}, {Kind::Pointer, pointer}, {Kind::Integer, n}});
    break;
  case Op::ReceiveRaw: {
    release(pointer, n, true);
    Text block = w.call(Kind::Pointer, "diff_receive",
                        {{Kind::Integer, w.number(unsigned(s.m))}, {Kind::Pointer, "&size"}});
    setRaw(s.a, block, w.get(Kind::Integer, "size"));
    break;
  }
  default:
    __builtin_unreachable();
  }
}

} // namespace

std::string differential::emitC(const Program &program) {
  CWriter writer(program);
  Translator(program, writer).run();
  return writer.take();
}

std::string differential::emitIR(const Program &program) {
  IRWriter writer(program);
  Translator(program, writer).run();
  return writer.take();
}
