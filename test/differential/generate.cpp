//===- generate.cpp - The types and functions of a random program  -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "generate.h"

#include <algorithm>

using namespace differential;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

Type Generator::makeStruct(int index, bool element, bool leaf) {
  Type t;
  t.shape = element ? Shape::StructArray : Shape::Plain;
  const int last = leafType;
  std::vector<Field> members;
  unsigned refs = leaf ? 0 : rng.oneIn(4) ? rng.range(9, 16) : rng.range(1, 4);
  bool selfRef = !leaf && !element && rng.oneIn(2);
  for (unsigned i = 0; i < refs; ++i) {
    Field r;
    if (selfRef && (i == 0 || rng.oneIn(5))) {
      r.type = index;
    } else {
      r.type = rng.range(index + 1, last);
      if (rng.oneIn(8) && !sharedTypes.empty()) {
        r.shared = true;
        r.type = rng.pick(sharedTypes);
      }
    }
    members.push_back(r);
  }
  unsigned count = rng.range(1, 4);
  for (unsigned i = 0; i < count; ++i) {
    Field d;
    d.size = leaf && rng.oneIn(2) ? rng.pick({1u, 2u, 4u}) : rng.pick({8u, 8u, 4u});
    members.push_back(d);
  }
  if (rng.oneIn(3)) { // padding: managed fields past word 15, large objects
    Field pad;
    pad.type = -2;
    pad.size = rng.oneIn(8) && !element ? 2100 : rng.pick({8u, 3u, 128u, 40u});
    members.push_back(pad);
  }
  for (size_t i = members.size(); i > 1; --i)
    std::swap(members[i - 1], members[rng.below(i)]);
  if (selfRef) {
    Field birth;
    members.push_back(birth);
  }
  uint32_t at = 0, align = 1;
  for (Field &m : members) {
    uint32_t natural = m.type == -2 ? 1 : m.size;
    at = (at + natural - 1) / natural * natural;
    align = std::max(align, natural);
    m.offset = at;
    at += m.size;
    if (m.type == -2)
      continue;
    (m.type >= 0 ? t.refs : t.data).push_back(m);
  }
  if (rng.oneIn(8))
    align = 16;
  t.align = align;
  t.size = (at + align - 1) / align * align;
  if (selfRef)
    t.birth = int(t.data.size()) - 1;
  if (rng.oneIn(3))
    t.final = rng.pick({Final::Report, Final::Child, Final::Allocate, Final::Release});
  t.runtimeMeta = rng.oneIn(5);
  return t;
}

void Generator::makeTypes() {
  unsigned inner = rng.range(4, 8);
  unsigned leaves = rng.range(2, 4);
  leafType = int(inner + leaves + 2);
  for (unsigned i = 0; i < 3; ++i)
    sharedTypes.push_back(rng.range(0, leafType - 1));
  sharedTypes[0] = rng.range(0, int(inner) - 1);
  for (unsigned i = 0; i < inner; ++i) {
    if (i && rng.oneIn(4)) {
      Type t;
      t.shape = Shape::RefArray;
      Field r;
      r.type = rng.range(int(i) + 1, leafType);
      t.refs.push_back(r);
      p.types.push_back(t);
    } else {
      p.types.push_back(makeStruct(int(i), i && rng.oneIn(3), false));
    }
  }
  for (unsigned i = 0; i < leaves; ++i)
    p.types.push_back(makeStruct(int(inner + i), rng.oneIn(4), true));
  Type bytes;
  bytes.size = bytes.align = 1;
  bytes.shape = Shape::Bytes;
  p.types.push_back(bytes);
  bytes.shape = Shape::ByteArray;
  p.types.push_back(bytes);
  bytes.shape = Shape::Leaf;
  p.types.push_back(bytes);
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// Slots whose types have to do with each other.
void Generator::themeSlots(Function &fn, unsigned count) {
  while (fn.slots.size() < count) {
    int type = rng.range(0, leafType);
    if (!fn.slots.empty() && !rng.oneIn(4)) {
      const Slot &near = rng.pick(fn.slots);
      const Type &t = p.types[near.type];
      if (rng.oneIn(3) || t.refs.empty()) {
        type = near.type;
      } else {
        const Field &r = rng.pick(t.refs);
        if (!r.shared)
          type = r.type;
      }
    }
    fn.slots.push_back(slotOf(type));
  }
}

void Generator::makeHelper(Role asked, int resultType) {
  Function fn;
  role = asked;
  if (resultType >= 0)
    fn.slots.push_back(slotOf(resultType));
  themeSlots(fn, rng.range(3, 6));
  if (role == Role::Helper) {
    fn.params = rng.range(0, 3);
    for (int i = 0; i < fn.params; ++i)
      (rng.oneIn(3) ? fn.slots[i].ownedParam : fn.slots[i].borrowed) = true;
    std::vector<int> results;
    for (size_t i = 0; i < fn.slots.size(); ++i)
      if (!fn.slots[i].borrowed)
        results.push_back(int(i));
    if (!results.empty() && rng.oneIn(2))
      fn.result = rng.pick(results);
    mayRecurse = rng.oneIn(2);
  } else {
    fn.result = 0;
  }
  fn.raws = rng.range(0, 1);
  fn.noInline = rng.oneIn(3);
  self = int(p.functions.size());
  p.functions.emplace_back();
  costs.push_back(~uint64_t(0));
  f = &fn;
  bool recurses = mayRecurse;
  if (resultType >= 0) { // what is built is seldom nothing
    Stmt s = make(Op::Set);
    for (unsigned i = 0; i < 40 && (!allocate(s) || s.a != 0); ++i)
      s = make(Op::Set);
    if (s.op == Op::Alloc)
      fn.body.push_back(s);
  }
  uint64_t budget = rng.range(30, 250), spent = 0;
  for (unsigned i = 0, n = rng.range(4, 12); i < n && spent < budget; ++i)
    spent += statement(fn.body, budget - spent, 2);
  mayRecurse = false;
  costs[self] = (spent + fn.slots.size()) * (recurses ? 4 : 1);
  p.functions[self] = std::move(fn);
}

void Generator::makeRound(unsigned thread) {
  Function fn;
  role = Role::Round;
  fn.isRound = true;
  fn.noInline = true;
  fn.raws = 3;
  self = int(p.functions.size());
  p.functions.emplace_back();
  costs.push_back(~uint64_t(0));
  f = &fn;

  // The shared slots are the same in each thread: the first three are handed on, then
  // a second one of each, then their children.
  for (int type : sharedTypes)
    fn.slots.push_back(slotOf(type, true));
  for (int type : sharedTypes)
    fn.slots.push_back(slotOf(type, true));
  for (const Field &r : p.types[sharedTypes[0]].refs)
    if (fn.slots.size() < 9)
      fn.slots.push_back(slotOf(r.type, true));
  const unsigned shared = unsigned(fn.slots.size());
  themeSlots(fn, shared + rng.range(6, 12));

  const unsigned workers = unsigned(p.workers);
  auto add = [&](Op op, int a, int m, unsigned flags = 0) {
    Stmt s = make(op);
    s.a = a;
    s.m = m;
    s.b = 2;
    s.flags = flags;
    s.x = {0, 77, 5, 0};
    fn.body.push_back(s);
  };
  auto build = [&](int slot) {
    Stmt s = make(Op::Build);
    s.a = slot;
    s.fn = builders[sharedTypes[slot % 3]];
    s.x = expr();
    s.y = expr();
    return s;
  };
  auto hot = [&] { // counts that several threads change at once
    Stmt copy = make(Op::Copy), drop = make(Op::Drop);
    copy.a = drop.a = 3;
    copy.b = 0;
    Stmt few = make(Op::Loop), many = make(Op::Loop), seldom = make(Op::If);
    few.a = many.a = fn.ints++;
    few.x = {-1, 1, 20, 0};
    many.x = {-1, 1, 1000, 0};
    few.body = many.body = {copy, drop};
    seldom.x = {0, 1, 0, 16};
    seldom.body = {few};
    seldom.els = {make(Op::Meet), many};
    fn.body.push_back(seldom);
  };

  const unsigned body = thread ? 24 : 40;
  const uint64_t budget = uint64_t(rng.range(500, 6000));
  if (!thread) {
    fn.body.push_back(build(0));
    for (unsigned w = 1; w <= workers; ++w)
      add(Op::Send, 0, channelOf(0, w));
    Stmt sometimes = make(Op::If);
    sometimes.x = {0, 1, 0, 3};
    sometimes.body.push_back(build(1));
    fn.body.push_back(sometimes);
    for (unsigned w = 1; w <= workers; ++w) {
      add(Op::Send, 1, channelOf(0, w));
      fn.body.push_back(build(2));
      add(Op::Send, 2, channelOf(0, w), kMove); // its only owner is the worker now
      add(Op::SendRaw, int(rng.below(3)), channelOf(0, w));
    }
    hot();
    statements(fn.body, body, budget);
    for (unsigned w = 1; w <= workers; ++w) {
      add(Op::Receive, 3, channelOf(w, 0));
      add(Op::Mix, 0, 0);
      add(Op::GetTag, 3, 0);
      add(Op::ReceiveRaw, int(rng.below(3)), channelOf(w, 0));
    }
    // No other thread runs now.
    for (unsigned i = 0; i < shared; ++i) {
      add(Op::Count, int(i), 0);
      add(Op::Unique, int(i), 0);
    }
    add(Op::Finalisers, 0, 0);
    Stmt seldom = make(Op::If), live = make(Op::Live);
    seldom.x = {0, 1, 0, 16};
    seldom.els.push_back(live);
    fn.body.push_back(seldom);
  } else {
    unsigned before = thread - 1;
    add(Op::Receive, 0, channelOf(0, thread));
    add(Op::Receive, 1, channelOf(0, thread));
    add(Op::Receive, 2, channelOf(0, thread));
    add(Op::Touch, 2, 0);
    add(Op::ReceiveRaw, 0, channelOf(0, thread));
    hot();
    statements(fn.body, body, budget);
    if (before) {
      add(Op::Receive, 4, channelOf(before, thread));
      statements(fn.body, body / 2, budget / 2);
    }
  }
  // Every slot is emptied now and then, so that the heap does not grow for ever.
  for (size_t i = 0; i < fn.slots.size(); ++i) {
    Stmt seldom = make(Op::If), drop = make(Op::Drop);
    seldom.x = {0, 1, rng.below(8), uint64_t(rng.range(1, 5))};
    drop.a = int(i);
    seldom.els.push_back(drop);
    fn.body.push_back(seldom);
  }
  for (int flag = 0; flag < 2; ++flag) {
    Stmt read = make(Op::ContextFlag), ends = make(Op::If);
    read.a = 2;
    read.m = flag;
    ends.x = {2, 1, 0, 0};
    for (size_t i = 0; i < fn.slots.size(); ++i) {
      if (fn.slots[i].shared != (flag == 1))
        continue;
      Stmt drop = make(Op::Drop);
      drop.a = int(i);
      drop.flags = kUnguarded;
      ends.body.push_back(drop);
    }
    for (int i = 0; i < fn.raws && flag == 1; ++i) {
      Stmt drop = make(Op::RawFree);
      drop.a = i;
      drop.flags = rng.oneIn(2) ? unsigned(kSized) : 0u;
      ends.body.push_back(drop);
    }
    fn.body.push_back(read);
    fn.body.push_back(ends);
  }
  // Sends come last: when the main thread has what all sent, no other thread runs.
  if (thread) {
    if (thread != workers)
      add(Op::Send, 1, channelOf(thread, thread + 1));
    add(Op::Send, 0, channelOf(thread, 0));
    add(Op::SendRaw, 1, channelOf(thread, 0));
  }
  p.functions[self] = std::move(fn);
  p.rounds.push_back(self);
}

Generator::Generator(uint64_t seed, int workers, unsigned size) : rng(seed) {
  p.seed = seed;
  p.workers = workers >= 0 ? unsigned(workers) : rng.below(4);
  p.segment = rng.pick({1u, 3u, 10u, 1000000u});
  makeTypes();
  for (unsigned i = 0; i < size; ++i)
    makeHelper(Role::Helper, -1);
  builders.assign(p.types.size(), -1);
  for (int type : sharedTypes) {
    if (builders[type] >= 0)
      continue;
    makeHelper(Role::Builder, type);
    builders[type] = int(p.functions.size()) - 1;
    costs.back() = ~uint64_t(0);
  }
  for (unsigned t = 0; t <= p.workers; ++t)
    makeRound(t);
}

Program differential::generate(uint64_t seed, int workers, unsigned statements) {
  return Generator(seed, workers, statements).take();
}
