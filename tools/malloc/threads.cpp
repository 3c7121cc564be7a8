//===- threads.cpp - Before a thread is made -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thread that starts others most often leaves them what it built, and waits or ends. The
// free slots on its stacks, a few in each of its slabs, would keep these slabs from being released
// as the others free what lies between. So it gives them up before.
//
//===----------------------------------------------------------------------===//

#include "heap/checked.h"
#include "heap/heap.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

using namespace cairn;

extern "C" CAIRN_API int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                                        void *(*start)(void *), void *argument) noexcept {
  using Create = int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  static Create systems;
  Create create = __atomic_load_n(&systems, __ATOMIC_RELAXED);
  if (!create) {
    create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
    if (!create)
      return EAGAIN;
    __atomic_store_n(&systems, create, __ATOMIC_RELAXED);
  }
  rest();
  int done = create(thread, attributes, start, argument);
  // Under a limit on address space, the free memory that the heap keeps may be the stack's, and
  // so may what a checked heap holds back.
  if (done == EAGAIN) {
    if (Heap *heap = defaultHeap())
      releaseHeldBack(heap);
    if (cairn_heap_trim(nullptr))
      done = create(thread, attributes, start, argument);
  }
  return done;
}
