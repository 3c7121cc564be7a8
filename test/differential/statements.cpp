//===- statements.cpp - What each statement becomes ----------- -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "translate.h"

using namespace differential;

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
