//===- interpret.h - What each statement means ------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The interpreter, over a heap that is the model (model.cpp) or Cairn's C API
// (api.cpp). A heap has a type Ref, whose default is null, and the operations that
// are called on `heap` below.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_DIFFERENTIAL_INTERPRET_H
#define CAIRN_DIFFERENTIAL_INTERPRET_H

#include "program.h"
#include "support.h"

namespace differential {

inline uint64_t truncated(uint64_t v, uint32_t size) {
  return size == 8 ? v : v & ((uint64_t(1) << (size * 8)) - 1);
}

/// What a finaliser does, for one object or element at \p base.
template <typename Heap>
void finalise(Heap &heap, const Program &p, int typeIndex, typename Heap::Ref object,
              uint64_t base) {
  using Ref = typename Heap::Ref;
  const Type &type = p.types[typeIndex];
  uint64_t value = heap.read(object, base + type.data[0].offset, type.data[0].size) + typeIndex;
  if (type.final == Final::Child || type.final == Final::Release) {
    for (const Field &r : type.refs) {
      Ref child = heap.readRef(object, base + r.offset);
      if (child == Ref())
        continue;
      const Type &childType = p.types[r.type];
      if (childType.shape == Shape::Plain)
        value += 31 * heap.read(child, childType.data[0].offset, childType.data[0].size);
      if (type.final == Final::Child) {
        heap.incref(child);
      } else {
        heap.writeRef(object, base + r.offset, Ref());
      }
      heap.decref(child);
    }
  } else if (type.final == Final::Allocate) {
    Ref bytes = heap.allocateBytes(24 + (value & 63), uint8_t(value));
    value += heap.read(bytes, 3, 1);
    heap.decref(bytes);
  }
  heap.finalised(value);
}

template <typename Heap> class Interpreter {
public:
  using Ref = typename Heap::Ref;
  using Raw = typename Heap::Raw;
  struct RawVar {
    Raw p = Raw();
    uint64_t n = 0;
  };
  struct Frame {
    const Function &f;
    std::vector<Ref> slots;
    std::vector<uint64_t> ints;
    std::vector<RawVar> raws;
    explicit Frame(const Function &f)
        : f(f), slots(f.slots.size()), ints(unsigned(f.ints)), raws(unsigned(f.raws)) {}
  };

  Interpreter(const Program &p, Heap &heap, diff_context &context)
      : p(p), heap(heap), context(context) {}

  void round(Frame &frame) {
    frame.ints.assign(frame.ints.size(), 0);
    frame.ints[0] = context.round;
    frame.ints[1] = context.acc;
    run(frame, frame.f.body);
  }

private:
  uint64_t eval(const Frame &frame, const Expr &x) const {
    uint64_t v = (x.var >= 0 ? frame.ints[x.var] * x.mul : 0) + x.add;
    return x.mod ? v % x.mod : v;
  }
  void mix(uint64_t v) { context.acc = diff_mix(context.acc, v); }
  bool isFaulty(Fault kind, const Stmt &s) const { return p.isFaulty(kind, s); }
  void hit(const Stmt &s) { heap.hit(s.site); }

  /// Puts an owned reference into a slot.
  void assign(Frame &frame, int slot, Ref ref) {
    Ref old = frame.slots[slot];
    frame.slots[slot] = ref;
    heap.decref(old);
  }
  /// Where a member of element x is; false if there is no such element.
  bool locate(Ref object, const Type &type, uint32_t offset, uint64_t x, uint64_t &at) {
    if (object == Ref())
      return false;
    at = offset;
    if (!type.isArray())
      return true;
    uint64_t n = heap.length(object);
    if (!n)
      return false;
    at += x % n * type.size;
    return true;
  }
  uint64_t birth(Ref object, const Type &type) {
    return heap.read(object, type.data[type.birth].offset, 8);
  }
  /// Whether \p child may be put into the field without making a cycle.
  bool mayRefer(Ref parent, const Slot &slot, const Field &field, Ref child) {
    const Type &type = p.types[slot.type];
    if (field.shared || field.type != slot.type || child == Ref())
      return true;
    return birth(child, type) < birth(parent, type);
  }
  uint64_t newBirth() {
    context.birth += diff_max_threads;
    return context.birth;
  }
  const Type &typeOf(const Frame &frame, int slot) const {
    return p.types[frame.f.slots[slot].type];
  }

  Ref call(const Stmt &s, Frame &frame, bool copyArguments, uint64_t &result);
  void allocate(const Stmt &s, Frame &frame);
  void run(Frame &frame, const std::vector<Stmt> &body) {
    for (const Stmt &s : body)
      run(frame, s);
  }
  void run(Frame &frame, const Stmt &s);
  void runRaw(Frame &frame, const Stmt &s);
  void release(RawVar &raw, bool sized, bool wrong) {
    heap.free(raw.p, raw.n, sized, wrong);
    raw = RawVar();
  }
  void mark(RawVar &raw, uint64_t x) {
    if (!raw.n)
      return;
    heap.writeRaw(raw.p, 0, uint8_t(x));
    heap.writeRaw(raw.p, raw.n - 1, uint8_t(x));
  }

  const Program &p;
  Heap &heap;
  diff_context &context;
};

template <typename Heap>
typename Heap::Ref Interpreter<Heap>::call(const Stmt &s, Frame &frame, bool hasArguments,
                                           uint64_t &result) {
  const Function &f = p.functions[s.fn];
  Frame callee(f);
  callee.ints[0] = eval(frame, s.x);
  callee.ints[1] = eval(frame, s.y);
  for (int i = 0; hasArguments && i < f.params; ++i) {
    const Argument &arg = s.args[i];
    if (arg.slot < 0)
      continue;
    callee.slots[i] = frame.slots[arg.slot];
    if (arg.move)
      frame.slots[arg.slot] = Ref();
    else if (f.slots[i].ownedParam)
      heap.incref(callee.slots[i]);
  }
  run(callee, f.body);
  Ref returned = Ref();
  for (size_t i = 0; i < f.slots.size(); ++i) {
    if (int(i) == f.result)
      returned = callee.slots[i];
    else if (!f.slots[i].borrowed)
      heap.decref(callee.slots[i]);
  }
  for (RawVar &raw : callee.raws)
    release(raw, true, false);
  result = callee.ints[2];
  return returned;
}

template <typename Heap> void Interpreter<Heap>::allocate(const Stmt &s, Frame &frame) {
  const int typeIndex = frame.f.slots[s.a].type;
  const Type &type = p.types[typeIndex];
  uint64_t x = eval(frame, s.x), y = eval(frame, s.y);
  hit(s);
  Ref ref;
  if (type.isBytes()) {
    ref = type.shape == Shape::Bytes ? heap.allocateBytes(y, uint8_t(x))
                                     : heap.allocateByteArray(y, uint8_t(x));
  } else {
    ref = heap.allocate(typeIndex, y, s.flags);
    uint64_t count = type.isArray() ? y : 1;
    for (uint64_t e = 0; e < count; ++e)
      for (size_t k = 0; k < type.data.size(); ++k)
        heap.write(ref, e * type.size + type.data[k].offset, type.data[k].size,
                   int(k) == type.birth ? newBirth() : initialDatum(x + e, k));
  }
  for (const Argument &arg : s.args) {
    Ref child = frame.slots[arg.slot];
    if (arg.move)
      frame.slots[arg.slot] = Ref();
    else
      heap.incref(child);
    heap.writeRef(ref, type.refs[arg.member].offset, child);
  }
  assign(frame, s.a, ref);
}

template <typename Heap> void Interpreter<Heap>::run(Frame &frame, const Stmt &s) {
  auto &slots = frame.slots;
  auto &ints = frame.ints;
  uint64_t at = 0;
  switch (s.op) {
  case Op::Set:
    ints[s.a] = eval(frame, s.x);
    break;
  case Op::Mix:
    mix(eval(frame, s.x));
    break;
  case Op::Alloc:
    allocate(s, frame);
    break;
  case Op::Copy:
    heap.incref(slots[s.b]);
    assign(frame, s.a, slots[s.b]);
    break;
  case Op::Move: {
    Ref ref = slots[s.b];
    slots[s.b] = Ref();
    assign(frame, s.a, ref);
    break;
  }
  case Op::Drop: {
    if (slots[s.a] == Ref())
      break;
    hit(s);
    Ref old = slots[s.a];
    slots[s.a] = Ref();
    if (isFaulty(Fault::DoubleDecref, s) && heap.fault())
      heap.decref(old);
    if (!isFaulty(Fault::LostDecref, s) || !heap.fault())
      heap.decref(old);
    break;
  }
  case Op::Load: {
    const Type &type = typeOf(frame, s.b);
    if (!locate(slots[s.b], type, type.refs[s.m].offset, eval(frame, s.x), at))
      break;
    Ref child = heap.readRef(slots[s.b], at);
    heap.incref(child);
    assign(frame, s.a, child);
    break;
  }
  case Op::Store:
  case Op::Clear:
  case Op::Swap: {
    const Type &type = typeOf(frame, s.b);
    const Field &field = type.refs[s.m];
    if (!locate(slots[s.b], type, field.offset, eval(frame, s.x), at))
      break;
    hit(s);
    int from = s.a;
    if (s.alt >= 0 && isFaulty(Fault::WrongChild, s) && heap.fault())
      from = s.alt;
    Ref child = s.op == Op::Clear ? Ref() : slots[from];
    if (!mayRefer(slots[s.b], frame.f.slots[s.b], field, child))
      break;
    Ref old = heap.readRef(slots[s.b], at);
    if (s.op == Op::Swap) {
      heap.writeRef(slots[s.b], at, child);
      slots[s.a] = old;
      break;
    }
    if (s.flags & kMove && from == s.a)
      slots[s.a] = Ref();
    else
      heap.incref(child);
    heap.writeRef(slots[s.b], at, child);
    heap.decref(old);
    break;
  }
  case Op::SetData:
  case Op::GetData: {
    const Type &type = typeOf(frame, s.a);
    const Field byte = {0, 1, -1, false};
    const Field &field = type.isBytes() ? byte : type.data[s.m];
    if (!locate(slots[s.a], type, field.offset, eval(frame, s.x), at))
      break;
    if (s.op == Op::SetData)
      heap.write(slots[s.a], at, field.size, eval(frame, s.y));
    else
      ints[s.b] = heap.read(slots[s.a], at, field.size);
    break;
  }
  case Op::GetChild: {
    const Type &type = typeOf(frame, s.a);
    if (!locate(slots[s.a], type, type.refs[s.m].offset, eval(frame, s.x), at))
      break;
    Ref child = heap.readRef(slots[s.a], at);
    const Field &field = p.types[type.refs[s.m].type].data[0];
    if (child != Ref())
      ints[s.b] = heap.read(child, field.offset, field.size);
    break;
  }
  case Op::SetTag:
    if (slots[s.a] != Ref())
      heap.setTag(slots[s.a], uint8_t(eval(frame, s.x)));
    break;
  case Op::GetTag:
    if (slots[s.a] != Ref())
      mix(ints[s.b] = heap.tag(slots[s.a]));
    break;
  case Op::Length:
    if (slots[s.a] != Ref())
      mix(ints[s.b] = heap.length(slots[s.a]));
    break;
  case Op::Count:
    if (slots[s.a] != Ref())
      mix(heap.count(slots[s.a]));
    break;
  case Op::Unique:
    if (slots[s.a] != Ref())
      mix(ints[s.b] = heap.isUnique(slots[s.a]));
    break;
  case Op::Shared:
    if (slots[s.a] != Ref())
      mix(heap.isShared(slots[s.a]));
    break;
  case Op::Resolve:
    if (slots[s.a] != Ref())
      mix(heap.resolves(slots[s.a], eval(frame, s.x)));
    break;
  case Op::Cow: {
    Ref old = slots[s.a];
    if (old == Ref())
      break;
    const Type &type = typeOf(frame, s.a);
    bool unique = heap.isUnique(old);
    mix(unique);
    if (!unique) {
      Ref ref = heap.allocate(frame.f.slots[s.a].type, heap.tag(old), kTagged);
      for (size_t k = 0; k < type.data.size(); ++k)
        heap.write(ref, type.data[k].offset, type.data[k].size,
                   int(k) == type.birth ? newBirth()
                                        : heap.read(old, type.data[k].offset, type.data[k].size));
      for (const Field &r : type.refs) {
        Ref child = heap.readRef(old, r.offset);
        heap.incref(child);
        heap.writeRef(ref, r.offset, child);
      }
      assign(frame, s.a, ref);
    }
    heap.write(slots[s.a], type.data[0].offset, type.data[0].size, eval(frame, s.x));
    break;
  }
  case Op::Retain: {
    Ref held = slots[s.a];
    heap.incref(held);
    run(frame, s.body);
    heap.decref(held);
    break;
  }
  case Op::Call: {
    uint64_t result = 0;
    Ref ref = call(s, frame, true, result);
    if (p.functions[s.fn].result >= 0)
      assign(frame, s.a, ref);
    else
      mix(ints[s.a] = result);
    break;
  }
  case Op::Build: {
    uint64_t result = 0;
    Ref ref = call(s, frame, false, result);
    if (ref != Ref()) {
      hit(s);
      if (!isFaulty(Fault::MissedShare, s))
        heap.share(ref);
    }
    assign(frame, s.a, ref);
    break;
  }
  case Op::ShareLocal:
    if (slots[s.a] != Ref())
      heap.share(slots[s.a]);
    break;
  case Op::Touch: {
    Ref ref = slots[s.a];
    if (ref == Ref())
      break;
    bool unique = heap.isUnique(ref);
    mix(unique);
    if (!unique)
      break;
    heap.setTag(ref, uint8_t(eval(frame, s.x)));
    const Type &type = typeOf(frame, s.a);
    if (!type.isArray())
      heap.write(ref, type.data[0].offset, type.data[0].size, eval(frame, s.x));
    break;
  }
  case Op::Loop:
    for (uint64_t i = 0, n = eval(frame, s.x); i < n; ++i) {
      ints[s.a] = i;
      run(frame, s.body);
    }
    break;
  case Op::If:
    run(frame, eval(frame, s.x) ? s.body : s.els);
    break;
  case Op::Send: {
    Ref ref = slots[s.a];
    if (s.flags & kMove)
      slots[s.a] = Ref();
    else
      heap.incref(ref);
    heap.send(s.m, ref);
    break;
  }
  case Op::Receive:
    assign(frame, s.a, heap.receive(s.m));
    break;
  case Op::Finalisers:
    mix(heap.finalisers());
    break;
  case Op::Live:
    mix(heap.live());
    break;
  case Op::Meet:
    heap.meet();
    break;
  case Op::ContextFlag:
    ints[s.a] = s.m ? context.final : context.last;
    break;
  default:
    runRaw(frame, s);
    break;
  }
}

template <typename Heap> void Interpreter<Heap>::runRaw(Frame &frame, const Stmt &s) {
  RawVar &raw = frame.raws[s.a];
  switch (s.op) {
  case Op::RawAlloc: {
    release(raw, s.flags & kSized, false);
    raw.n = eval(frame, s.y);
    raw.p = heap.allocateRaw(RawKind(s.m), raw.n, unsigned(s.b));
    if (RawKind(s.m) == RawKind::Calloc && raw.n)
      mix(heap.readRaw(raw.p, 0) | heap.readRaw(raw.p, raw.n / 2) | heap.readRaw(raw.p, raw.n - 1));
    mark(raw, eval(frame, s.x));
    break;
  }
  case Op::RawResize: {
    uint64_t n = eval(frame, s.y), old = raw.n;
    raw.p = heap.resizeRaw(raw.p, old, n);
    raw.n = n;
    if (old && n)
      mix(heap.readRaw(raw.p, 0));
    if (old && n >= old)
      mix(heap.readRaw(raw.p, old - 1));
    mark(raw, eval(frame, s.x));
    break;
  }
  case Op::RawFree:
    if (raw.p != Raw() && s.flags & kSized)
      hit(s);
    release(raw, s.flags & kSized, raw.p != Raw() && isFaulty(Fault::WrongSize, s) && heap.fault());
    break;
  case Op::RawRead:
    if (raw.p == Raw())
      break;
    mix(heap.isWellPlaced(raw.p, raw.n));
    if (raw.n) {
      mix(heap.readRaw(raw.p, 0));
      mix(heap.readRaw(raw.p, raw.n - 1));
    }
    break;
  case Op::RawTemp: {
    RawVar temp;
    temp.n = uint64_t(s.m);
    temp.p = heap.allocateRaw(RawKind::Malloc, temp.n, 0);
    mark(temp, eval(frame, s.x));
    mix(heap.readRaw(temp.p, 0));
    mix(heap.readRaw(temp.p, temp.n - 1));
    release(temp, s.flags & kSized, false);
    break;
  }
  case Op::SendRaw:
    heap.sendRaw(s.m, raw.p, raw.n);
    raw = RawVar();
    break;
  case Op::ReceiveRaw: {
    release(raw, true, false);
    raw.p = heap.receiveRaw(s.m, raw.n);
    break;
  }
  default:
    __builtin_unreachable();
  }
}

} // namespace differential

#endif // CAIRN_DIFFERENTIAL_INTERPRET_H
