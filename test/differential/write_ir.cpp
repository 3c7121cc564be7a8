//===- write_ir.cpp - A program as LLVM IR -------------------- -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cairn/abi.h"
#include "writer.h"

#include <algorithm>

using namespace differential;

namespace {

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

} // namespace

std::unique_ptr<Writer> differential::makeIRWriter(const Program &p) {
  return std::make_unique<IRWriter>(p);
}
