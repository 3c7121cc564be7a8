//===- platform.h - What the heap asks of the system -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything the runtime takes from outside: address space, locks, a hook for a
// thread's end and for fork, and a place to write messages. One implementation
// per platform in this folder; nothing above it includes a system header.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PLATFORM_PLATFORM_H
#define CAIRN_PLATFORM_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

#if !defined(__wasm__)
#include <pthread.h>
#include <semaphore.h>
#endif

namespace cairn::platform {

constexpr size_t kPage = 4096;

/// Zeroed, readable and writable address space, backed as it is touched; `align`
/// is a power of two of at least a page. Null if refused.
void *reserve(size_t bytes, size_t align);
void release(void *p, size_t bytes);
/// Gives the pages back; they read as zero afterwards. Page-aligned.
void purge(void *p, size_t bytes);

/// Whether this aligned word may be written: a system call, after which it has its value
/// still. WebAssembly has no memory that may not. False also where the system does not say.
#if defined(__wasm__)
inline bool isWritable(uint32_t *) { return true; }
#else
bool isWritable(uint32_t *word);
#endif

#if !defined(__wasm__)
/// Address space that may not be touched yet. The system neither dumps nor locks it, and
/// counts it under a limit on address space only. Page-aligned, as are all of these.
void *reserveUntouchable(size_t bytes, size_t align, void *hint = nullptr);
/// Such space again, in the place of whatever is mapped there; false if the system refuses.
bool makeUntouchable(void *p, size_t bytes);
enum class Access { Read, Write };
/// What is reserved can be read, or read and written, from now on. Its contents stay.
bool allow(void *p, size_t bytes, Access access);
/// It can be neither, until it is allowed again. Its contents stay; false if the system refuses.
bool forbid(void *p, size_t bytes);
/// Maps memory at an address where nothing is mapped; false if something is, or the
/// system refuses.
bool mapAt(void *p, size_t bytes, Access access);
/// The most address space that the process may map; 0 if nothing limits it.
size_t addressSpaceLimit();
/// An address from which on nothing is mapped, likely for so many bytes: a multiple of
/// 1 GiB, another one in each process. Null if the system has no such place. What is mapped
/// there may still fail. The places of different numbers, below 4, do not meet.
void *unusedAddress(size_t bytes, unsigned number);
/// Such an address as a wish for reserveUntouchable: nothing was looked at. (A sanitizer ends
/// the process when memory is asked for at an address that it does not like.)
void *likelyUnused(unsigned number);
/// Where the program, or the C library, lies in the address space: any address in it.
uintptr_t programAddress();
/// Whether the program has an allocator of a sanitizer.
bool isSanitized();
uintptr_t libraryAddress();
#endif

/// Bits of an address that user memory can have here, and the most that one heap
/// may reserve.
#if defined(__wasm__)
constexpr unsigned kAddressBits = 32;
constexpr size_t kLargestHeap = size_t(1) << 28;
#elif defined(__aarch64__)
constexpr unsigned kAddressBits = 48;
constexpr size_t kLargestHeap = size_t(1) << 40;
#else
constexpr unsigned kAddressBits = 47;
constexpr size_t kLargestHeap = size_t(1) << 40;
#endif

#if !defined(__wasm__)
/// The thread (its pointer) that holds every lock of the runtime around fork; 0 if there is
/// none. Handlers that run meanwhile may allocate: to that thread the locks are none.
extern uintptr_t forkHolder;
inline bool heldForFork() {
  return __builtin_expect(__atomic_load_n(&forkHolder, __ATOMIC_RELAXED) ==
                              reinterpret_cast<uintptr_t>(__builtin_thread_pointer()),
                          0);
}
#endif

/// A plain lock that may be static. Not recursive, but around fork.
class Mutex {
public:
#if defined(__wasm__)
  void lock() {}
  void unlock() {}
#else
  void lock() {
    if (!heldForFork())
      pthread_mutex_lock(&M);
  }
  void unlock() {
    if (!heldForFork())
      pthread_mutex_unlock(&M);
  }
  /// As lock(), and as unlock(). A lock with more states (biased_mutex.h) has ways of its own.
  void lockForFork() { lock(); }
  void unlockInChild() { unlock(); }

private:
#if defined(PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP)
  // What is done under the heap's locks is short: to sleep and be woken takes longer.
  pthread_mutex_t M = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
#else
  pthread_mutex_t M = PTHREAD_MUTEX_INITIALIZER;
#endif
#endif
};

template <typename Lock> class Guard {
public:
  explicit Guard(Lock &m) : M(m) { M.lock(); }
  ~Guard() { M.unlock(); }
  Guard(const Guard &) = delete;
  Guard &operator=(const Guard &) = delete;

private:
  Lock &M;
};

#if !defined(__wasm__)
/// For one thread to wait at until another one posts. reset() comes first; in the child of
/// a fork, again.
class Semaphore {
public:
  void reset() { sem_init(&S, 0, 0); }
  void wait();
  void post() { sem_post(&S); }

private:
  sem_t S = {};
};

/// Whether the process runs under a filter of its system calls. Such a filter may answer the
/// call that makes a thread by ending the process, and nothing says so beforehand.
bool filtersSystemCalls();
/// Starts a thread that nobody waits for, takes no signals and needs little stack; false
/// if the system refuses.
bool startThread(void (*run)());
void nameThread(const char *name); ///< The calling one, for debuggers.
void sleep(unsigned milliseconds);
#endif

/// The module that this code is linked into stays in the process when it is closed (dlclose).
/// To be called while it is being loaded: the loader's lock is then this thread's.
void stayLoaded();
/// Calls `end` with `arg` when the calling thread ends. False if it cannot.
bool atThreadEnd(void (*end)(void *), void *arg);
/// Whether the process has one thread for certain: where the C library says so.
bool hasOneThread();
/// Registers the three calls around fork, once.
void atFork(void (*prepare)(), void (*parent)(), void (*child)());
/// The C library's list of streams, which fork locks as well: before any lock of the
/// runtime, as threads wait for memory with a stream locked. The child makes it new.
void lockStreams();
void unlockStreams();
void resetStreams();
/// Calls `f` when the process exits normally.
void atExit(void (*f)());

#if !defined(__wasm__)
/// The calling thread, as the system numbers it.
struct ThreadId {
  unsigned number;
  bool isMain;
};
ThreadId threadId();
/// Calls `explain` with the address and the registers' contents when the process gets a fault
/// signal, until it returns true, and lets the signal take its course afterwards. `handled`: the
/// process has a handler of its own, which may do with the fault what it likes.
void onFault(bool (*explain)(uintptr_t address, const uintptr_t *registers, size_t count,
                             bool handled));
/// Where the process was when it got the signal that is being explained.
extern const void *faultedAt;
/// Calls with each writable part of the program and of its libraries.
void eachGlobal(void (*part)(uintptr_t from, uintptr_t to));
enum class Memory { Stack, Other };
/// Calls with each writable mapping that is no part of a file. A stack's is a thread's.
void eachWritable(void (*part)(uintptr_t from, uintptr_t to, Memory kind));
/// Loads what captureStack() needs. May allocate. Under no lock, as a program's library may be
/// loaded meanwhile, and not before the process's own libraries are.
void prepareStacks();
/// The calls that the calling thread is in, from the innermost, as the addresses after them; how
/// many were found. 0 where there is no unwinder, and before prepareStacks().
/// Once `first` was found, at most `then` are looked at from there on.
size_t captureStack(const void **frames, size_t most, const void *first = nullptr, size_t then = 0);
/// Ends the process with this status, when it is ending already; what streams hold is written.
[[noreturn]] void endWith(int status);
/// Writes what lies at an address into `text`, ended with a 0: "function (file:line:column)", or
/// less. `text` is empty where nothing is known. Of code, the address is that of an instruction.
/// Starts a program for it: that which CAIRN_SYMBOLIZER names, or, if `ends` says that the
/// process is about to end, llvm-symbolizer.
void nameAddress(const void *address, bool code, bool ends, char *text, size_t room);
#endif

/// Standard error.
void writeError(const char *text, size_t n);
[[noreturn]] void abort();
/// An environment variable, or null.
const char *environment(const char *name);
/// What environment() looks at before the C library is initialised.
void giveEnvironment(char **variables);

} // namespace cairn::platform

#endif // CAIRN_PLATFORM_PLATFORM_H
