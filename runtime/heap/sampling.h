//===- sampling.h - Chance, for the heap profile -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Samples are a Poisson process in allocated bytes: between two of them lie bytes that are
// distributed exponentially, with the mean `rate`. A block of s bytes is then a sample with the
// probability 1 - exp(-s / rate), whatever was allocated before it, and stands for the inverse of
// that many blocks. tcmalloc and Go's runtime estimate heaps by the same weights.
//
// The runtime has no mathematical library: its two functions are here.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_SAMPLING_H
#define CAIRN_HEAP_SAMPLING_H

#include <stdint.h>

namespace cairn {

/// -ln((n + 1) / 2^64): exponentially distributed with the mean 1 if n is any number alike.
inline double negativeLog(uint64_t n) {
  if (n == UINT64_MAX)
    return 0;
  unsigned zeros = unsigned(__builtin_clzll(n + 1));
  // m in [1, 2), and ln m by the series of 2 artanh((m - 1) / (m + 1)); at most at 1/3.
  double m = double((n + 1) << zeros) / 9223372036854775808.0;
  double z = (m - 1) / (m + 1), square = z * z, term = z, sum = 0;
  for (int k = 1; k < 22; k += 2, term *= square)
    sum += term / k;
  return (zeros + 1) * 0.69314718055994530942 - 2 * sum;
}

/// 1 - exp(-x), x >= 0.
inline double chance(double x) {
  if (x > 40)
    return 1;
  // exp(-x) = exp(-x / 2^k)^(2^k). Where x is small, no digits are lost to the 1.
  unsigned halved = 0;
  for (; x > 0.125; x /= 2)
    ++halved;
  double term = x, sum = 0;
  for (int i = 2; i < 12; term *= -x / i, ++i)
    sum += term;
  for (; halved; --halved)
    sum = sum * (2 - sum); // 1 - (1 - p)^2
  return sum;
}

/// Numbers without a pattern (splitmix64).
inline uint64_t nextNumber(uint64_t &state) {
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// Bytes up to the next sample.
inline double drawBytes(uint64_t &state, uint64_t rate) {
  return negativeLog(nextNumber(state)) * double(rate);
}

} // namespace cairn

#endif // CAIRN_HEAP_SAMPLING_H
