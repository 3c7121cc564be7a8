//===- translate.cpp - A program through a writer ------------- -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "translate.h"

using namespace differential;

std::vector<Variable> differential::parametersOf(const Function &f) {
  std::vector<Variable> v = {{Kind::Pointer, "context"}};
  if (f.isRound)
    return v;
  v.push_back({Kind::Integer, "i0"});
  v.push_back({Kind::Integer, "i1"});
  for (int i = 0; i < f.params; ++i)
    v.push_back({Kind::Pointer, "s" + str(unsigned(i))});
  return v;
}

Kind differential::resultOf(const Function &f) {
  return f.isRound ? Kind::Void : f.result >= 0 ? Kind::Pointer : Kind::Integer;
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

std::string differential::emitC(const Program &program) {
  std::unique_ptr<Writer> writer = makeCWriter(program);
  Translator(program, *writer).run();
  return writer->take();
}

std::string differential::emitIR(const Program &program) {
  std::unique_ptr<Writer> writer = makeIRWriter(program);
  Translator(program, *writer).run();
  return writer->take();
}
