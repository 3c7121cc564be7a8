//===- generate.cpp - A program from a seed ---------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions are made from the leaves of the call graph up, each with an estimate of
// what a call costs, so that loops and calls never multiply beyond a budget.
//
//===----------------------------------------------------------------------===//
#include "program.h"

#include <algorithm>
#include <functional>
#include <initializer_list>

using namespace differential;

namespace {

class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// From 0 to n - 1.
  unsigned below(size_t n) { return unsigned(next() % n); }
  int range(int low, int high) { return low + int(below(unsigned(high - low + 1))); }
  bool oneIn(unsigned n) { return below(n) == 0; }
  template <typename T> const T &pick(const std::vector<T> &v) { return v[below(v.size())]; }
  template <typename T> T pick(std::initializer_list<T> v) { return v.begin()[below(v.size())]; }

private:
  uint64_t state;
};

/// Who may call a function, and what it may do.
enum class Role { Helper, Builder, Round };

class Generator {
public:
  Generator(uint64_t seed, int workers, unsigned statements);
  Program take() { return std::move(p); }

private:
  void makeTypes();
  Type makeStruct(int index, bool element, bool leaf);
  void makeHelper(Role role, int resultType);
  void makeRound(unsigned thread);

  uint64_t statement(std::vector<Stmt> &out, uint64_t budget, unsigned depth);
  void statements(std::vector<Stmt> &out, unsigned count, uint64_t budget);
  bool leafStatement(Stmt &s);
  bool sequence(std::vector<Stmt> &out, Stmt &last);
  bool allocate(Stmt &s);
  bool load(Stmt &s);
  bool store(Stmt &s);
  bool data(Stmt &s);
  bool observe(Stmt &s);
  bool raw(Stmt &s);
  bool call(Stmt &s, uint64_t budget, uint64_t &cost);

  Stmt make(Op op) {
    Stmt s;
    s.op = op;
    s.site = ++p.sites;
    return s;
  }
  Expr expr(uint64_t mod = 0);
  Expr length();
  int intTarget() { return rng.range(2, 3); }
  int pickSlot(const std::function<bool(const Slot &)> &wanted);
  bool fits(const Slot &from, int type, bool shared) const {
    return from.shared == shared &&
           (from.type == type || (type == leafType && p.isLeaf(from.type)));
  }
  Slot slotOf(int type, bool shared = false) const {
    Slot s;
    s.type = type;
    s.shared = shared;
    return s;
  }
  void themeSlots(Function &f, unsigned count);

  Random rng;
  Program p;
  Function *f = nullptr;
  Role role = Role::Helper;
  int self = -1; ///< Index of the function being made.
  std::vector<uint64_t> costs;
  std::vector<int> builders; ///< By type; -1 if none.
  std::vector<int> sharedTypes;
  int leafType = 0;
  bool mayRecurse = false;
};

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
// Statements
//===----------------------------------------------------------------------===//

Expr Generator::expr(uint64_t mod) {
  Expr x;
  x.var = rng.oneIn(6) ? -1 : rng.range(0, f->ints - 1);
  x.mul = rng.oneIn(3) ? 1 : rng.next() % 1000 * 2 + 1;
  x.add = rng.next() % 10000;
  x.mod = mod;
  return x;
}

Expr Generator::length() {
  Expr x = expr(rng.oneIn(40)  ? 70000
                : rng.oneIn(8) ? 3000
                : rng.oneIn(3) ? 300
                : rng.oneIn(2) ? 40
                               : 8);
  if (rng.oneIn(2)) { // a constant
    x.var = -1;
    x.add %= x.mod;
    x.mod = 0;
  }
  return x;
}

int Generator::pickSlot(const std::function<bool(const Slot &)> &wanted) {
  std::vector<int> found;
  for (size_t i = 0; i < f->slots.size(); ++i)
    if (wanted(f->slots[i]))
      found.push_back(int(i));
  return found.empty() ? -1 : rng.pick(found);
}

bool Generator::allocate(Stmt &s) {
  s.op = Op::Alloc;
  s.a = pickSlot([&](const Slot &t) { return !t.shared && !t.borrowed && t.type != leafType; });
  if (s.a < 0)
    return false;
  const Type &t = p.types[f->slots[s.a].type];
  s.x = expr();
  s.y = t.isBytes() ? length() : expr(rng.oneIn(30) ? 300 : rng.oneIn(3) ? 24 : 5);
  if (t.shape == Shape::Plain) {
    s.y.mod = 0;
    if (rng.oneIn(3))
      s.flags |= kTagged;
    else if (rng.oneIn(5))
      s.flags |= kTry;
    for (size_t m = 0; m < t.refs.size(); ++m) {
      if (!rng.oneIn(t.refs.size() > 4 ? 3 : 2))
        continue;
      Argument arg;
      arg.slot =
          pickSlot([&](const Slot &from) { return fits(from, t.refs[m].type, t.refs[m].shared); });
      if (arg.slot < 0)
        continue;
      arg.member = int(m);
      arg.move = !f->slots[arg.slot].borrowed && rng.oneIn(2);
      s.args.push_back(arg);
    }
  } else if (rng.oneIn(4)) {
    s.flags |= kTry;
  }
  if (t.hasDescriptor() && rng.oneIn(6))
    s.flags |= kOpaque;
  return true;
}

bool Generator::load(Stmt &s) {
  s.b = pickSlot([&](const Slot &t) { return !p.isLeaf(t.type); });
  if (s.b < 0)
    return false;
  const Slot &from = f->slots[s.b];
  const Type &t = p.types[from.type];
  for (unsigned tries = 0; tries < 8; ++tries) {
    s.m = int(rng.below(t.refs.size()));
    const Field &r = t.refs[s.m];
    s.a = pickSlot([&](const Slot &to) {
      return !to.borrowed && to.shared == (from.shared || r.shared) && to.type == r.type;
    });
    if (s.a >= 0)
      break;
  }
  s.op = Op::Load;
  s.x = expr();
  return s.a >= 0;
}

bool Generator::store(Stmt &s) {
  s.b = pickSlot([&](const Slot &t) { return !t.shared && !p.isLeaf(t.type); });
  if (s.b < 0)
    return false;
  const Type &t = p.types[f->slots[s.b].type];
  s.x = expr();
  s.m = int(rng.below(t.refs.size()));
  if (rng.oneIn(8)) {
    s.op = Op::Clear;
    return true;
  }
  const Field &r = t.refs[s.m];
  bool swap = rng.oneIn(4);
  s.a = pickSlot([&](const Slot &from) {
    return swap ? !from.borrowed && from.type == r.type && from.shared == r.shared
                : fits(from, r.type, r.shared);
  });
  if (s.a < 0)
    return false;
  s.op = swap ? Op::Swap : Op::Store;
  if (!swap) {
    if (s.a != s.b && !f->slots[s.a].borrowed && rng.oneIn(3))
      s.flags |= kMove;
    const Slot &taken = f->slots[s.a];
    s.alt =
        pickSlot([&](const Slot &from) { return &from != &taken && fits(from, r.type, r.shared); });
  }
  return true;
}

bool Generator::data(Stmt &s) {
  bool set = rng.oneIn(2);
  s.a = pickSlot([&](const Slot &t) {
    return t.type != leafType && p.types[t.type].shape != Shape::RefArray && !(set && t.shared);
  });
  if (s.a < 0)
    return false;
  const Type &t = p.types[f->slots[s.a].type];
  s.x = expr();
  s.y = expr();
  s.b = intTarget();
  s.op = set ? Op::SetData : Op::GetData;
  if (!t.isBytes()) {
    s.m = int(rng.below(t.data.size()));
    if (set && s.m == t.birth)
      s.m = 0;
    if (!set && rng.oneIn(3) && !t.refs.empty()) {
      int m = int(rng.below(t.refs.size()));
      const Type &child = p.types[t.refs[m].type];
      if (child.shape == Shape::Plain) {
        s.op = Op::GetChild;
        s.m = m;
      }
    }
  }
  return true;
}

bool Generator::observe(Stmt &s) {
  s.a = int(rng.below(f->slots.size()));
  s.b = intTarget();
  const Slot &slot = f->slots[s.a];
  s.x = expr();
  switch (rng.below(8)) {
  case 0:
    s.op = Op::GetTag;
    return true;
  case 1:
    s.op = Op::Length;
    return true;
  case 2:
    s.op = Op::Count;
    return !slot.shared;
  case 3:
    s.op = Op::Unique;
    return !slot.shared;
  case 4:
    s.op = Op::SetTag;
    return !slot.shared;
  case 5:
    s.op = Op::Resolve;
    return rng.oneIn(3);
  case 6:
    s.op = Op::Shared;
    return true;
  default:
    s.op = Op::Cow;
    return !slot.shared && !slot.borrowed && p.types[slot.type].shape == Shape::Plain &&
           p.types[slot.type].birth != 0;
  }
}

bool Generator::raw(Stmt &s) {
  if (!f->raws)
    return false;
  s.a = int(rng.below(f->raws));
  s.x = expr();
  s.y = length();
  if (rng.oneIn(2))
    s.flags |= kSized;
  switch (rng.below(7)) {
  case 0:
  case 1:
    s.op = Op::RawAlloc;
    s.m = rng.oneIn(2) ? int(RawKind::Malloc) : rng.range(0, 2);
    s.b = rng.oneIn(6) ? rng.range(8, 14) : rng.range(3, 7); // log2 of the alignment
    break;
  case 2:
    s.op = Op::RawResize;
    break;
  case 3:
    s.op = Op::RawFree;
    break;
  case 4: {
    // Known when it is compiled: mostly of a class, which its function may give back to.
    const int sizes[] = {1, 16, 40, 48, 100, 512, 2048, 3000};
    s.op = Op::RawTemp;
    s.m = sizes[rng.below(8)];
    break;
  }
  default:
    s.op = Op::RawRead;
    break;
  }
  return true;
}

bool Generator::call(Stmt &s, uint64_t budget, uint64_t &cost) {
  std::vector<int> able;
  for (size_t i = 0; i < p.functions.size(); ++i)
    if (costs[i] <= budget && int(i) != self)
      able.push_back(int(i));
  if (able.empty())
    return false;
  s.fn = rng.pick(able);
  s.op = Op::Call;
  const Function &callee = p.functions[s.fn];
  s.x = expr();
  s.y = expr();
  if (callee.result >= 0) {
    s.a = pickSlot([&](const Slot &t) {
      return !t.borrowed && fits(callee.slots[callee.result], t.type, t.shared);
    });
    if (s.a < 0)
      return false;
  } else {
    s.a = intTarget();
  }
  std::vector<int> used;
  for (int i = 0; i < callee.params; ++i) {
    const Slot &param = callee.slots[i];
    Argument arg;
    // A slot that moves is no other argument.
    arg.slot = pickSlot([&](const Slot &t) { return fits(t, param.type, param.shared); });
    if (arg.slot >= 0) {
      arg.move = param.ownedParam && !f->slots[arg.slot].borrowed && rng.oneIn(2) &&
                 std::find(used.begin(), used.end(), arg.slot) == used.end();
      for (const Argument &before : s.args)
        if (before.move && before.slot == arg.slot)
          arg.slot = -1, arg.move = false;
      used.push_back(arg.slot);
    }
    s.args.push_back(arg);
  }
  cost = costs[s.fn] + 4;
  return true;
}

bool Generator::leafStatement(Stmt &s) {
  switch (rng.below(16)) {
  case 0:
  case 1:
  case 2:
    return allocate(s);
  case 3:
  case 4:
    return load(s);
  case 5:
  case 6:
    return store(s);
  case 7:
  case 8:
    return data(s);
  case 9:
  case 10:
    return observe(s);
  case 11:
    return raw(s);
  case 12:
    s.op = rng.oneIn(2) ? Op::Set : Op::Mix;
    s.a = intTarget();
    s.x = expr();
    return true;
  case 13:
    s.op = Op::Drop;
    s.a = pickSlot([](const Slot &t) { return !t.borrowed; });
    if (rng.oneIn(2))
      s.flags |= kUnguarded;
    return s.a >= 0;
  default: {
    s.b = int(rng.below(f->slots.size()));
    const Slot &from = f->slots[s.b];
    s.op = !from.borrowed && rng.oneIn(3) ? Op::Move : Op::Copy;
    s.a = pickSlot([&](const Slot &to) {
      return &to != &from && !to.borrowed && fits(from, to.type, to.shared);
    });
    return s.a >= 0;
  }
  }
}

/// Looks at the same thing before and after a change, which no optimisation may
/// take for the same; the last statement is for the caller to add.
bool Generator::sequence(std::vector<Stmt> &out, Stmt &last) {
  int a = pickSlot([](const Slot &t) { return !t.shared && !t.borrowed; });
  if (a < 0)
    return false;
  const int type = f->slots[a].type;
  auto add = [&](Op op, int slot, int other = 2) {
    Stmt s = make(op);
    s.a = slot;
    s.b = other;
    s.x = expr();
    out.push_back(s);
  };
  last.a = a;
  last.b = 2;
  last.x = expr();
  switch (rng.below(3)) {
  case 0:
    add(Op::GetTag, a);
    add(Op::SetTag, a);
    last.op = Op::GetTag;
    return true;
  case 1: {
    int b =
        pickSlot([&](const Slot &t) { return fits(f->slots[a], t.type, false) && !t.borrowed; });
    if (b < 0 || b == a)
      return false;
    add(Op::Unique, a);
    add(Op::Copy, b, a);
    add(Op::Count, a);
    add(Op::Unique, a);
    add(Op::Drop, b);
    last.op = rng.oneIn(2) ? Op::Unique : Op::Count;
    return true;
  }
  default: {
    // What was stored just before is shared too, and what takes its place is not.
    const Type &t = p.types[type];
    if (role != Role::Round || t.refs.empty())
      return false;
    int m = int(rng.below(t.refs.size()));
    int child = pickSlot([&](const Slot &from) {
      return !from.shared && fits(from, t.refs[m].type, t.refs[m].shared);
    });
    if (child < 0 || child == a)
      return false;
    if (t.shape == Shape::Plain && rng.oneIn(2)) {
      Argument arg;
      arg.slot = child;
      arg.member = m;
      add(Op::Alloc, a);
      out.back().args.push_back(arg);
    } else {
      add(Op::Store, child, a);
      out.back().m = m;
    }
    const Expr element = out.back().x;
    add(Op::ShareLocal, a);
    add(Op::Clear, 0, a);
    out.back().m = m;
    out.back().x = element;
    last.op = Op::Shared;
    last.a = child;
    return true;
  }
  }
}

uint64_t Generator::statement(std::vector<Stmt> &out, uint64_t budget, unsigned depth) {
  for (unsigned tries = 0; tries < 50; ++tries) {
    Stmt s = make(Op::Set);
    uint64_t cost = 3;
    unsigned kind = rng.below(18);
    if (kind < 3 && depth && budget > 20) {
      // Nested: the body is a handful of statements.
      s.op = rng.pick({Op::Loop, Op::Loop, Op::If, Op::Retain});
      s.x = expr(rng.range(2, 4));
      if (s.op == Op::Retain)
        s.a = int(rng.below(f->slots.size()));
      if (s.op == Op::Loop) {
        s.a = f->ints++;
        uint64_t times = std::min<uint64_t>(rng.range(2, 40), budget / 10);
        s.x = rng.oneIn(2) ? Expr{-1, 1, times, 0} : expr(times + 1);
        budget = budget / (times + 1);
      }
      uint64_t inner = 0;
      for (unsigned i = 0, n = rng.range(1, 5); i < n && inner < budget; ++i)
        inner += statement(s.body, budget - inner, depth - 1);
      if (s.op == Op::If && rng.oneIn(2))
        inner += statement(s.els, budget > inner ? budget - inner : 1, depth - 1);
      if (s.op == Op::Loop)
        inner *= s.x.mod ? s.x.mod : s.x.add;
      cost = inner + 2;
    } else if (kind < 5) {
      if (!call(s, budget, cost))
        continue;
    } else if (kind == 5 && mayRecurse) {
      mayRecurse = false;
      Stmt guarded = make(Op::If);
      guarded.x = {1, 1, 0, 3};
      s.op = Op::Call;
      s.fn = self;
      s.x = expr();
      s.y = {1, 1, ~uint64_t(0), 0};
      s.a = f->result >= 0 ? f->result : 2;
      for (int i = 0; i < f->params; ++i) {
        Argument arg;
        arg.slot = i;
        s.args.push_back(arg);
      }
      guarded.body.push_back(s);
      out.push_back(guarded);
      return 3;
    } else if (kind == 6 && role == Role::Round) {
      s.op = Op::ShareLocal;
      s.a = pickSlot([](const Slot &t) { return !t.shared && !t.borrowed; });
      if (s.a < 0 || !rng.oneIn(2))
        continue;
    } else if (kind == 7) {
      cost = 8;
      if (!sequence(out, s))
        continue;
    } else if (!leafStatement(s)) {
      continue;
    }
    out.push_back(std::move(s));
    return cost;
  }
  out.push_back(make(Op::Mix));
  return 1;
}

void Generator::statements(std::vector<Stmt> &out, unsigned count, uint64_t budget) {
  uint64_t spent = 0;
  for (unsigned i = 0; i < count && spent < budget; ++i)
    spent += statement(out, (budget - spent) / 2 + 4, 3);
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

} // namespace

Program differential::generate(uint64_t seed, int workers, unsigned statements) {
  return Generator(seed, workers, statements).take();
}
