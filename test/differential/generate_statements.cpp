//===- generate_statements.cpp - The statements of a random program  -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "generate.h"

#include <algorithm>

using namespace differential;

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
