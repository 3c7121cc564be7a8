//===- abi.cpp - The symbol of the library's ABI version --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nothing reads it. Objects refer to it so that they do not link with a library of
// another version (cairn/abi_version.h).
//
//===----------------------------------------------------------------------===//

#include "cairn.h"
#include "cairn/abi_version.h"
#include "cairn/containers.h"
#include "cairn/host.h"
#include "fast/entry.h"

extern "C" __attribute__((visibility("default"))) const char CAIRN_ABI_SYMBOL;
const char CAIRN_ABI_SYMBOL = CAIRN_ABI_VERSION;

// A program and a library may each be linked with the static library. They share one runtime if
// the first of them has all of it: a part that only the other one needs would come with a second
// heap, and meet the first. So whoever needs this file gets every other one.
extern "C" void intrinsicWhole(void) __asm__("cairn.malloc");
[[gnu::used]] static void (*const whole[])(void) = {
    intrinsicWhole,
    reinterpret_cast<void (*)()>(cairn_alloc_bytes),
    reinterpret_cast<void (*)()>(cairn_incref),
    reinterpret_cast<void (*)()>(cairn_share),
    reinterpret_cast<void (*)()>(cairn_alloc_byte_array),
    reinterpret_cast<void (*)()>(cairn_alloc_list),
    reinterpret_cast<void (*)()>(cairn_alloc_dict),
    reinterpret_cast<void (*)()>(cairn_heap_walk),
    reinterpret_cast<void (*)()>(cairn_host_retire),
    reinterpret_cast<void (*)()>(cairn_rt_decref)};
