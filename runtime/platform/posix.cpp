//===- posix.cpp - Linux and its like -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#if !defined(__wasm__)

#include "platform/platform.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Not asked for where the program has no dynamic linker.
#pragma weak dladdr
#pragma weak dlsym
#pragma weak dlerror

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

bool isWritable(uint32_t *word) {
  // Adds 0 to the word, and wakes those who wait on either: nobody does. Where the kernel
  // may not write, it says so.
  int before = errno;
  uint32_t other = 0;
  bool done = syscall(SYS_futex, &other, FUTEX_WAKE_OP_PRIVATE, 1, 1, word,
                      FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 1)) >= 0;
  errno = before;
  return done;
}

void Semaphore::wait() {
  while (sem_wait(&S) != 0) // interrupted
    ;
}

namespace {
/// No call of the heap is a cancellation point: it may hold a lock, and its caller does not
/// expect to end there.
class NoCancellation {
public:
  NoCancellation() { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &Before); }
  ~NoCancellation() { pthread_setcancelstate(Before, nullptr); }

private:
  int Before;
};
} // namespace

void sleep(unsigned milliseconds) {
  NoCancellation none;
  timespec left = {time_t(milliseconds / 1000), long(milliseconds % 1000) * 1000000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR)
    ;
}

void nameThread(const char *name) {
#if defined(__GLIBC__)
  pthread_setname_np(pthread_self(), name);
#else
  (void)name;
#endif
}

bool filtersSystemCalls() {
#if defined(__linux__)
  // A filter that refuses this call as well is one, too.
  int before = errno;
  int mode = prctl(PR_GET_SECCOMP);
  bool any = mode > 0 || (mode < 0 && errno != EINVAL); // a system without filters
  errno = before;
  return any;
#else
  return false;
#endif
}

bool startThread(void (*run)()) {
  constexpr size_t kStack = 65536;
  int before = errno;
  sigset_t all, mask;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &mask); // it inherits this
  auto start = [](void *f) -> void * {
    reinterpret_cast<void (*)()>(f)();
    return nullptr;
  };
  pthread_attr_t attributes;
  bool done = false;
  if (pthread_attr_init(&attributes) == 0) {
    pthread_t thread;
    void *f = reinterpret_cast<void *>(run);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    // A program with much thread-local memory may need a larger one.
    size_t usual = 0;
    pthread_attr_getstacksize(&attributes, &usual);
    pthread_attr_setstacksize(&attributes, kStack);
    done = pthread_create(&thread, &attributes, start, f) == 0;
    if (!done) {
      pthread_attr_setstacksize(&attributes, usual);
      done = pthread_create(&thread, &attributes, start, f) == 0;
    }
    pthread_attr_destroy(&attributes);
  }
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  errno = before;
  return done;
}

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

void stayLoaded() {
  // What is called when a thread ends, and the thread that gives memory back, are code of this
  // module. A statically linked program has neither of these, nor can it be unloaded.
  if (!dladdr || !dlsym || !dlerror)
    return;
  // The linker warns of every statically linked program that names dlopen.
  auto *open = reinterpret_cast<void *(*)(const char *, int)>(dlsym(RTLD_DEFAULT, "dlopen"));
  Dl_info info;
  if (open && (!dladdr(&EndKey, &info) || !info.dli_fname || !*info.dli_fname))
    return;
  if (!open || !open(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE))
    dlerror(); // it is the program itself, most likely
}

void atFork(void (*prepare)(), void (*parent)(), void (*child)()) {
  pthread_atfork(prepare, parent, child);
}

void atExit(void (*f)()) { atexit(f); }

void writeError(const char *text, size_t n) {
  NoCancellation none;
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
