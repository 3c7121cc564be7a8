//===- covers.cpp - Sets of cubes that are split and joined again -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   covers ROUNDS
//
// Complements Boolean functions given as sums of products, by splitting them on a variable again
// and again and joining the halves' complements, and then complements the result. A product (cube)
// is a block with two bits a variable, a cover a growing array of them; each level of the recursion
// has covers of its own, so blocks of many sizes come and go as a stack does, and results outlive
// it. This is how espresso uses a heap. Prints the cubes of each complement, and how many points of
// a sample disagree, which must be none.
//
//===----------------------------------------------------------------------===//

#include "random.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr unsigned kVariables = 20, kCubes = 40, kLiterals = 5;
constexpr unsigned kInWord = 8, kWords = (kVariables + kInWord - 1) / kInWord;
constexpr uint64_t kAll = ~uint64_t(0), kLow = 0x5555555555555555u;

/// Two bits a variable: it may be 0, it may be 1. The other bits are 1.
using Cube = uint64_t *;

struct Cover {
  Cube *cubes = nullptr;
  unsigned count = 0, room = 0;
};

void *resized(void *p, size_t size) {
  p = realloc(p, size);
  if (!p)
    abort();
  return p;
}

Cube newCube() {
  auto cube = static_cast<Cube>(resized(nullptr, kWords * sizeof(uint64_t)));
  memset(cube, 0xff, kWords * sizeof(uint64_t));
  return cube;
}

Cube copyOf(const uint64_t *from) {
  auto cube = static_cast<Cube>(resized(nullptr, kWords * sizeof(uint64_t)));
  memcpy(cube, from, kWords * sizeof(uint64_t));
  return cube;
}

void add(Cover &cover, Cube cube) {
  if (cover.count == cover.room) {
    cover.room += cover.room / 2 + 4;
    cover.cubes = static_cast<Cube *>(resized(cover.cubes, cover.room * sizeof(Cube)));
  }
  cover.cubes[cover.count++] = cube;
}

void drop(Cover &cover) {
  for (unsigned i = 0; i < cover.count; ++i)
    free(cover.cubes[i]);
  free(cover.cubes);
  cover = Cover();
}

unsigned valueOf(const uint64_t *cube, unsigned variable) {
  return cube[variable / kInWord] >> (variable % kInWord * 2) & 3;
}
void setValue(Cube cube, unsigned variable, unsigned value) {
  uint64_t &word = cube[variable / kInWord];
  word = (word & ~(uint64_t(3) << (variable % kInWord * 2))) | uint64_t(value)
                                                                   << (variable % kInWord * 2);
}

bool isAll(const uint64_t *cube) {
  for (unsigned i = 0; i < kWords; ++i)
    if (cube[i] != kAll)
      return false;
  return true;
}
bool contains(const uint64_t *a, const uint64_t *b) {
  for (unsigned i = 0; i < kWords; ++i)
    if (b[i] & ~a[i])
      return false;
  return true;
}

/// The variable that most cubes depend on.
unsigned busiest(const Cover &cover) {
  auto *uses = static_cast<unsigned *>(calloc(kVariables, sizeof(unsigned)));
  if (!uses)
    abort();
  for (unsigned i = 0; i < cover.count; ++i)
    for (unsigned w = 0; w < kWords; ++w)
      for (uint64_t fixed = ~(cover.cubes[i][w] & cover.cubes[i][w] >> 1) & kLow; fixed;
           fixed &= fixed - 1)
        ++uses[w * kInWord + unsigned(__builtin_ctzll(fixed)) / 2];
  unsigned best = 0;
  for (unsigned v = 1; v < kVariables; ++v)
    if (uses[v] > uses[best])
      best = v;
  free(uses);
  return best;
}

/// What the cover is where the variable has a value; cubes that others contain are left out.
Cover cofactor(const Cover &cover, unsigned variable, unsigned value) {
  Cover part;
  for (unsigned i = 0; i < cover.count; ++i) {
    if (!(valueOf(cover.cubes[i], variable) & value))
      continue;
    Cube cube = copyOf(cover.cubes[i]);
    setValue(cube, variable, 3);
    bool inOther = false;
    for (unsigned j = 0; j < part.count && !inOther; ++j)
      inOther = contains(part.cubes[j], cube);
    if (inOther)
      free(cube);
    else
      add(part, cube);
  }
  return part;
}

/// Moves the half's cubes to the result, where the variable has the value; one that the other half
/// has as well is freed, and for both together once.
void join(Cover &result, Cover &half, unsigned variable, unsigned value) {
  unsigned before = result.count;
  for (unsigned i = 0; i < half.count; ++i) {
    Cube cube = half.cubes[i];
    bool joined = false;
    for (unsigned j = 0; j < before && !joined; ++j) {
      unsigned old = valueOf(result.cubes[j], variable);
      setValue(result.cubes[j], variable, 3);
      joined = memcmp(result.cubes[j], cube, kWords * sizeof(uint64_t)) == 0;
      if (!joined)
        setValue(result.cubes[j], variable, old);
    }
    if (joined) {
      free(cube);
      continue;
    }
    setValue(cube, variable, value);
    add(result, cube);
  }
  free(half.cubes);
}

Cover complement(const Cover &cover) {
  Cover result;
  if (!cover.count) {
    add(result, newCube());
    return result;
  }
  for (unsigned i = 0; i < cover.count; ++i)
    if (isAll(cover.cubes[i]))
      return result;
  if (cover.count == 1) { // a cube for each variable that it depends on
    for (unsigned v = 0; v < kVariables; ++v)
      if (unsigned value = valueOf(cover.cubes[0], v); value != 3) {
        Cube cube = newCube();
        setValue(cube, v, 3 - value);
        add(result, cube);
      }
    return result;
  }
  unsigned variable = busiest(cover);
  for (unsigned value = 1; value <= 2; ++value) {
    Cover part = cofactor(cover, variable, value), half = complement(part);
    drop(part);
    join(result, half, variable, value);
  }
  return result;
}

bool holds(const Cover &cover, const uint64_t *point) {
  for (unsigned i = 0; i < cover.count; ++i)
    if (contains(cover.cubes[i], point))
      return true;
  return false;
}

} // namespace

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 1;
  for (int round = 0; round < rounds; ++round) {
    Random random(unsigned(round) + 1);
    Cover cover;
    for (unsigned i = 0; i < kCubes; ++i) {
      Cube cube = newCube();
      for (unsigned fixed = 0; fixed < kLiterals; ++fixed)
        setValue(cube, random.below(kVariables), 1 + random.below(2));
      add(cover, cube);
    }
    Cover outside = complement(cover), inside = complement(outside);
    unsigned wrong = 0;
    Cube point = newCube();
    for (int i = 0; i < 1000; ++i) {
      for (unsigned v = 0; v < kVariables; ++v)
        setValue(point, v, 1 + random.below(2));
      wrong += holds(outside, point) == holds(cover, point);
      wrong += holds(inside, point) != holds(cover, point);
    }
    printf("%u %u %u\n", outside.count, inside.count, wrong);
    free(point);
    drop(cover);
    drop(outside);
    drop(inside);
    if (wrong)
      return 1;
  }
  return 0;
}
