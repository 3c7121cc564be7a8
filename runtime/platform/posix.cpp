//===- posix.cpp - Linux and its like -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#if !defined(__wasm__)

#include "platform/platform.h"
#include "platform/system_call.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

// Not asked for where the program has no dynamic linker.
#pragma weak dladdr
#pragma weak dlsym
#pragma weak dlerror

extern "C" {
__attribute__((weak)) void __asan_init();
__attribute__((weak)) void __tsan_init();
__attribute__((weak)) void __msan_init();
__attribute__((weak)) void __hwasan_init();
}

namespace cairn::platform {

namespace {
constexpr int kPrivate = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
constexpr int protectionOf(Access access) {
  return access == Access::Write ? PROT_READ | PROT_WRITE : PROT_READ;
}

/// Maps more than is wanted, and gives the edges back.
void *mapAligned(size_t bytes, size_t align, int protection, uintptr_t hint) {
  if (align < kPage)
    align = kPage;
  size_t whole = bytes + align - kPage;
  if (whole < bytes)
    return nullptr;
  void *mapped = mmap(reinterpret_cast<void *>(hint), whole, protection, kPrivate, -1, 0);
  if (mapped == MAP_FAILED)
    return nullptr;
  uintptr_t at = reinterpret_cast<uintptr_t>(mapped);
  uintptr_t first = (at + align - 1) & ~uintptr_t(align - 1);
  if (first != at)
    munmap(mapped, first - at);
  if (size_t tail = at + whole - (first + bytes))
    munmap(reinterpret_cast<void *>(first + bytes), tail);
  return reinterpret_cast<void *>(first);
}
} // namespace

void *reserve(size_t bytes, size_t align) {
  return mapAligned(bytes, align, PROT_READ | PROT_WRITE, 0);
}

void *reserveUntouchable(size_t bytes, size_t align, void *hint) {
  return mapAligned(bytes, align, PROT_NONE, reinterpret_cast<uintptr_t>(hint));
}

// A fresh mapping, not a change of protection: to a core dump the old one would still be
// memory that was written to, and whatever it merged with as well.
bool makeUntouchable(void *p, size_t bytes) {
  int before = errno;
  bool done = mmap(p, bytes, PROT_NONE, kPrivate | MAP_FIXED, -1, 0) == p;
  errno = before;
  return done;
}

namespace {
bool protect(void *p, size_t bytes, int protection) {
  int before = errno;
  bool done = mprotect(p, bytes, protection) == 0;
  errno = before;
  return done;
}
} // namespace

bool allow(void *p, size_t bytes, Access access) { return protect(p, bytes, protectionOf(access)); }
bool forbid(void *p, size_t bytes) { return protect(p, bytes, PROT_NONE); }

bool mapAt(void *p, size_t bytes, Access access) {
  int before = errno;
  // A system that does not know the flag takes the address for a hint.
  void *at = mmap(p, bytes, protectionOf(access), kPrivate | MAP_FIXED_NOREPLACE, -1, 0);
  if (at != p && at != MAP_FAILED)
    munmap(at, bytes);
  errno = before;
  return at == p;
}

void release(void *p, size_t bytes) { munmap(p, bytes); }

void purge(void *p, size_t bytes) {
  int before = errno;
  // Pages that the process has locked (mlockall) need the second call, and a system that
  // does not know it keeps them.
  if (madvise(p, bytes, MADV_DONTNEED) != 0 && madvise(p, bytes, MADV_DONTNEED_LOCKED) != 0)
    __builtin_memset(p, 0, bytes);
  errno = before;
}

size_t addressSpaceLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return 0;
  return size_t(limit.rlim_cur);
}

namespace {
// Far from where the system maps programs (0x55...) and libraries (0x7f...).
constexpr uintptr_t kFirstPlace = uintptr_t(0x11) << 40, kEachPlace = uintptr_t(4) << 40;
constexpr uintptr_t kPlaceStep = uintptr_t(1) << 30;

void *placeFor(unsigned number, uint64_t random) {
  uintptr_t step = (random >> 32) % (kEachPlace / 2 / kPlaceStep);
  return reinterpret_cast<void *>(kFirstPlace + number * kEachPlace + step * kPlaceStep);
}

uint64_t processNumber() {
  uint64_t number = 0;
#if defined(__linux__)
  if (const void *given = reinterpret_cast<const void *>(getauxval(AT_RANDOM)))
    __builtin_memcpy(&number, given, sizeof number);
#endif
  return number;
}
} // namespace

void *likelyUnused(unsigned number) { return placeFor(number, processNumber()); }

void *unusedAddress(size_t bytes, unsigned number) {
  if (bytes > kEachPlace / 2)
    return nullptr;
  uint64_t random = processNumber();
  for (unsigned tries = 8; tries; --tries, random = random * 6364136223846793005u + 1) {
    void *p = placeFor(number, random);
    if (mapAt(p, kPage, Access::Read)) {
      munmap(p, kPage);
      return p;
    }
  }
  return nullptr;
}

uintptr_t programAddress() {
#if defined(__linux__)
  return getauxval(AT_PHDR);
#else
  return 0;
#endif
}

bool isSanitized() { return __asan_init || __tsan_init || __msan_init || __hwasan_init; }

uintptr_t libraryAddress() { return reinterpret_cast<uintptr_t>(&mmap); }

bool isWritable(uint32_t *word) {
  // Adds 0 to the word, and wakes those who wait on either: nobody does. Where the kernel
  // may not write, it says so.
  uint32_t other = 0;
  return systemCall(SYS_futex, asWord(&other), FUTEX_WAKE_OP_PRIVATE, 1, 1, asWord(word),
                    FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 1)) >= 0;
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

uintptr_t forkHolder;

#if defined(__GLIBC__)
extern "C" __attribute__((weak)) char __libc_single_threaded; // since glibc 2.32
bool hasOneThread() { return &__libc_single_threaded && __libc_single_threaded; }
// Exported by the C library since its first version, for debuggers and the like. The lock is
// recursive: fork takes it once more.
extern "C" {
__attribute__((weak)) void _IO_list_lock(void);
__attribute__((weak)) void _IO_list_unlock(void);
__attribute__((weak)) void _IO_list_resetlock(void);
}
void lockStreams() {
  if (_IO_list_lock)
    _IO_list_lock();
}
void unlockStreams() {
  if (_IO_list_lock)
    _IO_list_unlock();
}
void resetStreams() {
  if (_IO_list_lock)
    _IO_list_resetlock();
}
#else
bool hasOneThread() { return false; }
void lockStreams() {}
void unlockStreams() {}
void resetStreams() {}
#endif

void atExit(void (*f)()) { atexit(f); }

void writeError(const char *text, size_t n) {
  while (n) {
    long done = writeFile(STDERR_FILENO, text, n);
    if (done <= 0)
      return;
    text += done;
    n -= size_t(done);
  }
}

void abort() { ::abort(); }

static char **given;

void giveEnvironment(char **variables) { given = variables; }

const char *environment(const char *name) {
  if (__environ || !given)
    return getenv(name);
  size_t n = strlen(name);
  for (char **at = given; *at; ++at)
    if (strncmp(*at, name, n) == 0 && (*at)[n] == '=')
      return *at + n + 1;
  return nullptr;
}

} // namespace cairn::platform

#endif
