//===- random.h - The same numbers on every run -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A generator of one word of state (xorshift64*), for programs whose time is to be their
// allocator's.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_MALLOC_WORKLOADS_RANDOM_H
#define CAIRN_MALLOC_WORKLOADS_RANDOM_H

#include <cstdint>

class Random {
public:
  explicit Random(uint64_t seed) : State(seed * 0x9e3779b97f4a7c15u + 1) {}
  uint32_t next() {
    State ^= State >> 12;
    State ^= State << 25;
    State ^= State >> 27;
    return uint32_t(State * 0x2545f4914f6cdd1du >> 32);
  }
  /// A number below n.
  uint32_t below(uint32_t n) { return uint32_t(uint64_t(next()) * n >> 32); }

private:
  uint64_t State;
};

#endif // CAIRN_MALLOC_WORKLOADS_RANDOM_H
