//===- marks.cpp - The marks of a module that the driver did not link -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For 1 GiB, the driver's default. A program that is linked by hand defines them itself
// for another maximum, which --max-memory must not exceed.
//
//===----------------------------------------------------------------------===//

#include "wasm/heap.h"

extern "C" {
extern const uint32_t cairn_rt_mark_count = (1u << 30) >> cairn::kPageShift;
uint8_t cairn_rt_marks[(1u << 30) >> cairn::kPageShift];
uint8_t cairn_rt_libc_marks[(1u << 30) >> cairn::kPageShift]; // of programs with a C library
uint8_t cairn_rt_starts[(1u << 30) >> cairn::kPageShift];     // of programs with large blocks
}
