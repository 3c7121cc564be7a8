//===- assert.cpp - What a debug build asserts -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/assert.h"

#if CAIRN_DEBUG

#include "platform/platform.h"
#include "platform/text.h"

namespace cairn::debug {

void claimFailed(const Claim &claim, const Value *values, size_t count) {
  Text text;
  text.streams = true;
  text << "cairn: assertion failed: " << claim.structure << " " << claim.at << ": "
       << claim.condition;
  for (size_t i = 0; i < count; ++i) {
    if (i == 0)
      text << " (" << claim.names << " = ";
    else
      text << ", ";
    const Value &value = values[i];
    bool negative = !value.pointer && int64_t(value.bits) < 0;
    if (value.pointer)
      text << reinterpret_cast<const void *>(uintptr_t(value.bits));
    else
      text << (negative ? "-" : "") << (negative ? 0 - value.bits : value.bits);
  }
  text << (count ? ") at " : " at ") << claim.file << ":" << uint64_t(claim.line) << "\n";
  text.flush();
  platform::abort();
}

} // namespace cairn::debug

#endif // CAIRN_DEBUG
