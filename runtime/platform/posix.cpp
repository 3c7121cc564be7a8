//===- posix.cpp - Linux and its like -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#if !defined(__wasm__)

#include "platform/platform.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

namespace cairn::platform {

static void *map(size_t bytes, void *hint) {
  void *p =
      mmap(hint, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? nullptr : p;
}

void *reserve(size_t bytes, size_t align, uintptr_t limit) {
  if (align < kPage)
    align = kPage;
  size_t whole = bytes + align - kPage;
  if (whole < bytes)
    return nullptr;
  // A hint is only a wish, so look where the memory came to lie.
  for (uintptr_t hint = 0;; hint = hint ? hint * 2 : uintptr_t(1) << 34) {
    if (limit && hint >= limit)
      return nullptr;
    char *p = static_cast<char *>(map(whole, reinterpret_cast<void *>(hint)));
    if (!p)
      return nullptr;
    uintptr_t at = reinterpret_cast<uintptr_t>(p);
    if (limit && at + whole > limit) {
      munmap(p, whole);
      continue;
    }
    uintptr_t first = (at + align - 1) & ~uintptr_t(align - 1);
    if (first != at)
      munmap(p, first - at);
    if (size_t tail = at + whole - (first + bytes))
      munmap(reinterpret_cast<void *>(first + bytes), tail);
    return reinterpret_cast<void *>(first);
  }
}

void release(void *p, size_t bytes) { munmap(p, bytes); }

void purge(void *p, size_t bytes) { madvise(p, bytes, MADV_DONTNEED); }

namespace {
pthread_key_t EndKey;
pthread_once_t EndOnce = PTHREAD_ONCE_INIT;
bool EndReady;
void (*EndCall)(void *);
} // namespace

bool atThreadEnd(void (*end)(void *), void *arg) {
  __atomic_store_n(&EndCall, end, __ATOMIC_RELAXED); // the same from every thread
  pthread_once(&EndOnce, [] {
    EndReady = pthread_key_create(&EndKey, __atomic_load_n(&EndCall, __ATOMIC_RELAXED)) == 0;
  });
  return EndReady && pthread_setspecific(EndKey, arg) == 0;
}

void atFork(void (*prepare)(), void (*parent)(), void (*child)()) {
  pthread_atfork(prepare, parent, child);
}

void atExit(void (*f)()) { atexit(f); }

void writeError(const char *text, size_t n) {
  while (n) {
    ssize_t done = write(STDERR_FILENO, text, n);
    if (done <= 0)
      return;
    text += done;
    n -= size_t(done);
  }
}

void abort() { ::abort(); }

const char *environment(const char *name) { return getenv(name); }

} // namespace cairn::platform

#endif
