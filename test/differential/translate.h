//===- translate.h - Statements to the operations of a writer - -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions and finalisers are in translate.cpp, statements in statements.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_DIFFERENTIAL_TRANSLATE_H
#define CAIRN_DIFFERENTIAL_TRANSLATE_H

#include "writer.h"

namespace differential {

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

} // namespace differential

#endif // CAIRN_DIFFERENTIAL_TRANSLATE_H
