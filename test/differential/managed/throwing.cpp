//===- throwing.cpp - A round of a program with exceptions -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef MODEL
#define SUPPORT
#endif
#include "support.h"

void mg_guarded_round(int64_t round) {
  const int depth = mg_depth();
  try {
    mg_round(round);
  } catch (int) {
    mg_restore(depth);
  }
}

void mg_may_throw() {
  static unsigned calls;
  if (++calls % 7 == 0)
    throw 1;
}
