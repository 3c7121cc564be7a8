//===- backtrace.cpp - The calls that a thread is in, on Linux -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On x86-64 the unwind tables are read here (platform/frames.h). Where a function's entry lies is
// looked up for each call, as its file may have been unloaded and another be in its place; what the
// entry says of the call is remembered, together with the entry's bytes. A program allocates in few
// places, and its calls are the same again and again. No lock is taken, as a handler of a signal
// may write a profile in the middle of it.
//
// What is not read here, and all of other processors, is left to the compiler's unwinder, which
// takes some 1,800 instructions for each call. A program in C++ has it. On other processors its
// library is loaded into a program that has none, once and before the first block is guarded: the
// thread that allocates may be one for which another thread waits that has the loader's lock. What
// the unwinder sets up when it is first asked is set up then, too.
//
// The C library's backtrace() is not asked: it loads the same library when it is first called, and
// a C program may have a function of its own with that name.
//
// A process's malloc cannot have something loaded: the loader calls it, in the middle of loading.
// libcairn-malloc.so has an unwinder of its own, the compiler's, where there is one to link.
//
//===----------------------------------------------------------------------===//

#if !defined(__wasm__)

#include "platform/frames.h"
#include "platform/platform.h"

#include <dlfcn.h>
#include <errno.h>
#include <unwind.h>

#if !CAIRN_HAS_UNWINDER
#pragma weak _Unwind_Backtrace
#pragma weak _Unwind_GetIP
#pragma weak dlsym
#endif

namespace cairn::platform {

namespace {
#if CAIRN_HAS_UNWINDER || !CAIRN_ONLY_CALLS
decltype(&_Unwind_Backtrace) walk; ///< Null: there is none, or not yet.
decltype(&_Unwind_GetIP) place;

/// Whether there is an unwinder, whose functions these are then.
bool findUnwinder(decltype(walk) &findWalk, decltype(place) &findPlace) {
#if CAIRN_HAS_UNWINDER
  findWalk = _Unwind_Backtrace;
  findPlace = _Unwind_GetIP;
#else
  if (_Unwind_Backtrace && _Unwind_GetIP) {
    findWalk = _Unwind_Backtrace;
    findPlace = _Unwind_GetIP;
    return true;
  }
#if defined(__x86_64__)
  return false;
#endif
  if (!dlsym)
    return false;
  // The linker warns of every statically linked program that names dlopen.
  auto *open = reinterpret_cast<void *(*)(const char *, int)>(dlsym(RTLD_DEFAULT, "dlopen"));
  void *library = open ? open("libgcc_s.so.1", RTLD_NOW) : nullptr;
  if (!library)
    return false;
  findWalk = reinterpret_cast<decltype(walk)>(dlsym(library, "_Unwind_Backtrace"));
  findPlace = reinterpret_cast<decltype(place)>(dlsym(library, "_Unwind_GetIP"));
#endif
  return findWalk && findPlace;
}

size_t askUnwinder(const void **frames, size_t most) {
  struct Calls {
    const void **frames;
    size_t most, count;
  } calls = {frames, most, 0};
  auto *by = __atomic_load_n(&walk, __ATOMIC_ACQUIRE);
  if (!by)
    return 0;
  by(
      [](_Unwind_Context *context, void *data) {
        auto *to = static_cast<Calls *>(data);
        uintptr_t at = place(context);
        if (!at || to->count == to->most)
          return _URC_END_OF_STACK;
        to->frames[to->count++] = reinterpret_cast<const void *>(at);
        return _URC_NO_REASON;
      },
      &calls);
  return calls.count;
}

void prepareUnwinder() {
  if (__atomic_load_n(&walk, __ATOMIC_ACQUIRE))
    return;
  int before = errno;
  decltype(walk) foundWalk = nullptr;
  decltype(place) foundPlace = nullptr;
  if (findUnwinder(foundWalk, foundPlace)) {
    __atomic_store_n(&place, foundPlace, __ATOMIC_RELAXED); // the same from every thread
    __atomic_store_n(&walk, foundWalk, __ATOMIC_RELEASE);
    const void *frame;
    askUnwinder(&frame, 1);
  }
  errno = before;
}
#else
size_t askUnwinder(const void **, size_t) { return 0; }
void prepareUnwinder() {}
#endif
} // namespace

void prepareStacks() { prepareUnwinder(); }

#if !defined(__x86_64__)
size_t captureStack(const void **frames, size_t most, const void *, size_t) {
  return askUnwinder(frames, most);
}
#else

namespace {

/// What is remembered of a place, in two words that are written one after the other, under no
/// lock: the first is of the second, the place and what the tables have now, so that halves of two
/// are taken for neither, and code in the place of other code has its own rule.
///
///   word  [cfa:28 | bp:28 | saved:2 | kind:3 | 1]
struct Remembered {
  uint64_t check, word;
};
constexpr unsigned kRememberedBits = 10, kOffsetBits = 28;
Remembered remembered[1u << kRememberedBits];

uint64_t mix(uint64_t word) { return word * 0x9e3779b97f4a7c15u; }

uint64_t pack(const FrameRule &rule) {
  constexpr uint64_t kMask = (uint64_t(1) << kOffsetBits) - 1;
  return (uint64_t(uint32_t(rule.cfa)) & kMask) << (64 - kOffsetBits) |
         (uint64_t(uint32_t(rule.bp)) & kMask) << (64 - 2 * kOffsetBits) |
         uint64_t(rule.saved) << 4 | uint64_t(rule.kind) << 1 | 1;
}
FrameRule unpack(uint64_t word) {
  return {FrameRule::Kind(word >> 1 & 7), FrameRule::Saved(word >> 4 & 3),
          int32_t(int64_t(word) >> (64 - kOffsetBits)),
          int32_t(int64_t(word << kOffsetBits) >> (64 - kOffsetBits))};
}

/// A number for what the tables have, and where.
uint64_t contentOf(const FrameEntry &entry) {
  uint64_t hash = reinterpret_cast<uintptr_t>(entry.at) + entry.bytes;
  auto add = [&](uint32_t at) {
    uint64_t word;
    __builtin_memcpy(&word, entry.at + at, sizeof word);
    hash = mix(hash ^ word);
    hash ^= hash >> 32;
  };
  constexpr uint32_t kWord = sizeof(uint64_t);
  for (uint32_t at = 0; at + kWord < entry.bytes; at += kWord)
    add(at);
  if (entry.bytes >= kWord) // as all have
    add(entry.bytes - kWord);
  return hash;
}

/// The rule for where a call returns to; `signalled`: for where a signal came.
FrameRule ruleFor(uintptr_t at, bool signalled, FrameTables &tables) {
  FrameEntry found = findEntry(signalled ? at : at - 1, tables);
  if (signalled || !found.at)
    return readRule(found, signalled ? at : at - 1);
  uint64_t content = contentOf(found);
  Remembered &entry = remembered[mix(at) >> (64 - kRememberedBits)];
  uint64_t word = __atomic_load_n(&entry.word, __ATOMIC_RELAXED);
  uint64_t check = __atomic_load_n(&entry.check, __ATOMIC_RELAXED);
  if (check == (mix(word ^ content) ^ at) && word)
    return unpack(word);
  FrameRule rule = readRule(found, at - 1);
  word = pack(rule);
  __atomic_store_n(&entry.word, word, __ATOMIC_RELAXED);
  __atomic_store_n(&entry.check, mix(word ^ content) ^ at, __ATOMIC_RELAXED);
  return rule;
}

__attribute__((always_inline)) inline uintptr_t wordAt(uintptr_t address) {
  return *reinterpret_cast<uintptr_t *>(address);
}

/// Where the kernel puts registers below a handler's call, from the stack pointer after it.
constexpr uintptr_t kSavedBp = 120, kSavedSp = 160, kSavedCode = 168;

} // namespace

// What is read are words that calls have put on the stack; no sanitizer knows these.
__attribute__((noinline, no_sanitize("address", "memory", "hwaddress"))) size_t
captureStack(const void **frames, size_t most, const void *first, size_t then) {
  auto own = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  uintptr_t bp = wordAt(own), at = wordAt(own + 8), sp = own + 16;
  bool signalled = false;
  FrameTables tables;
  for (size_t n = 0;; ++n) {
    if (!at || n == most)
      return n;
    frames[n] = reinterpret_cast<const void *>(at);
    if (frames[n] == first && n + then < most)
      most = n + then;
    FrameRule rule = ruleFor(at, signalled, tables);
    if (rule.kind == FrameRule::kEnd)
      return n + 1;
    if (rule.kind == FrameRule::kSignal) {
      at = wordAt(sp + kSavedCode);
      bp = wordAt(sp + kSavedBp);
      sp = wordAt(sp + kSavedSp);
      signalled = true;
      continue;
    }
    uintptr_t cfa = (rule.kind == FrameRule::kBySp ? sp : bp) + uintptr_t(intptr_t(rule.cfa));
    if (rule.kind == FrameRule::kAtBp)
      cfa = wordAt(cfa);
    // A caller's part of the stack lies above; on another stack, after a switch, it may not.
    if (rule.kind == FrameRule::kUnknown || cfa <= sp || cfa % 8) {
      size_t all = askUnwinder(frames, most);
      return all ? all : n + 1;
    }
    if (rule.saved == FrameRule::kAtCfa)
      bp = wordAt(cfa + uintptr_t(intptr_t(rule.bp)));
    else if (rule.saved == FrameRule::kAtBase)
      bp = wordAt(bp + uintptr_t(intptr_t(rule.bp)));
    at = wordAt(cfa - 8);
    sp = cfa;
    signalled = false;
  }
}

#endif

} // namespace cairn::platform

#endif
