//===- extent.cpp - Address space that becomes usable from its start -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/extent.h"
#include "heap/assert.h"
#include "platform/platform.h"

namespace cairn {

namespace {
/// Steps of growth: a part of what is usable, so that the calls are few and what they make
/// usable too early, which a process that locks its future memory pays for, is little.
constexpr size_t kLeastStep = size_t(64) << 10, kMostStep = size_t(64) << 20;
constexpr size_t kStepPart = 16;
/// Large steps end on a multiple of a huge page.
constexpr size_t kHuge = size_t(2) << 20;

size_t roundUp(size_t n, size_t to) { return (n + to - 1) & ~(to - 1); }
void *pointer(uintptr_t at) { return reinterpret_cast<void *>(at); }
} // namespace

void Extent::init(uintptr_t base, size_t whole, bool held, bool usable) {
  Base = base;
  Whole = whole;
  Ready = usable ? whole : 0;
  Held = held;
}

bool Extent::growTo(size_t bytes) {
  void *from = pointer(Base + Ready);
  size_t more = bytes - Ready;
  CAIRN_ASSERT("extent", this, Ready < bytes && bytes <= Whole, Ready, bytes, Whole);
  if (!(Held ? platform::allow(from, more, platform::Access::Write)
             : platform::mapAt(from, more, platform::Access::Write)))
    return false;
  __atomic_store_n(&Ready, bytes, __ATOMIC_RELAXED);
  return true;
}

bool Extent::grow(size_t bytes) {
  if (bytes > Whole)
    return false;
  size_t step = Ready / kStepPart;
  step = step < kLeastStep ? kLeastStep : step > kMostStep ? kMostStep : step;
  size_t unit = step < kHuge ? kLeastStep : kHuge;
  size_t wish = roundUp(bytes > Ready + step ? bytes : Ready + step, unit);
  if (growTo(wish < Whole ? wish : Whole))
    return true;
  size_t least = roundUp(bytes, platform::kPage);
  if (least < wish && growTo(least))
    return true;
  // With as many mappings as a process may have, there is still room for one less.
  return Held && growTo(Whole);
}

void Extent::cut(size_t bytes) {
  bytes = roundUp(bytes, platform::kPage);
  if (bytes >= Ready)
    return;
  void *from = pointer(Base + bytes);
  if (Held) {
    platform::makeUntouchable(from, Ready - bytes);
    platform::allow(from, Ready - bytes, platform::Access::Read);
  } else {
    platform::release(from, Ready - bytes);
  }
  __atomic_store_n(&Ready, bytes, __ATOMIC_RELAXED);
}

size_t Extent::unhold() {
  if (!Held)
    return 0;
  __atomic_store_n(&Held, false, __ATOMIC_RELAXED);
  if (Ready < Whole)
    platform::release(pointer(Base + Ready), Whole - Ready);
  return Whole - Ready;
}

void Extent::release() {
  if (size_t bytes = mapped())
    platform::release(pointer(Base), bytes);
}

} // namespace cairn
