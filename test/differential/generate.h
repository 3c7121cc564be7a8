//===- generate.h - What makes a program from a seed ---------- -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions are made from the leaves of the call graph up, each with an estimate of
// what a call costs, so that loops and calls never multiply beyond a budget.
//
//
// generate.cpp makes types and functions, generate_statements.cpp their statements.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_DIFFERENTIAL_GENERATE_H
#define CAIRN_DIFFERENTIAL_GENERATE_H

#include "program.h"

#include <functional>
#include <initializer_list>

namespace differential {

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

} // namespace differential

#endif // CAIRN_DIFFERENTIAL_GENERATE_H
