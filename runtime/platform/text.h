//===- text.h - Building a message without a library -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PLATFORM_TEXT_H
#define CAIRN_PLATFORM_TEXT_H

#include "platform/platform.h"

namespace cairn {

/// Calls put(c) for each digit of n, in decimal.
template <typename Put> void putDecimal(uint64_t n, Put put) {
  char digits[20];
  int i = 0;
  do
    digits[i++] = char('0' + n % 10);
  while (n /= 10);
  while (i)
    put(digits[--i]);
}

/// A message under construction, written out when it ends or is full.
class Text {
public:
  Text() = default;
  Text(const Text &) = delete;
  Text &operator<<(const char *s) {
    while (s && *s)
      put(*s++);
    return *this;
  }
  Text &operator<<(uint64_t n) {
    putDecimal(n, [this](char c) { put(c); });
    return *this;
  }
  Text &operator<<(uint32_t n) { return *this << uint64_t(n); }
#if defined(__wasm__)
  Text &operator<<(size_t n) { return *this << uint64_t(n); }
#endif
  Text &operator<<(const void *p) {
    *this << "0x";
    uintptr_t n = reinterpret_cast<uintptr_t>(p);
    unsigned digits = 1;
    while (digits < sizeof(n) * 2 && n >> (digits * 4))
      ++digits;
    while (digits--)
      put("0123456789abcdef"[n >> (digits * 4) & 15]);
    return *this;
  }
  /// The text so far; valid until the next change.
  const char *text() {
    Buffer[Used] = 0;
    return Buffer;
  }
  void flush() {
    platform::writeError(Buffer, Used);
    Used = 0;
  }
  /// On a full buffer: write it out (a report), or drop the rest (a message).
  bool streams = false;
  /// The process ends with it: names may take their time.
  bool ends = false;

private:
  void put(char c) {
    if (Used == sizeof(Buffer) - 1) {
      if (!streams)
        return;
      flush();
    }
    Buffer[Used++] = c;
  }
#if defined(__wasm__)
  char Buffer[512];
#else
  char Buffer[3072]; // a message says where a block was made and released
#endif
  size_t Used = 0;
};

} // namespace cairn

#endif // CAIRN_PLATFORM_TEXT_H
