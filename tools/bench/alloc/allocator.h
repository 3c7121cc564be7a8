/*===- allocator.h - The allocator that a worker measures ------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The same workloads are compiled three times:
 *
 *   BENCH_CAIRN   cairn.h: inlined, through plain calls, or by the JIT
 *   BENCH_MALLOC  malloc and free of the process, whichever library has them
 *   BENCH_FLT     the limit: a list in the thread for each size, sized frees, and
 *                 nothing else. It gives no memory back, and a block freed by
 *                 another thread stays with that thread.
 *
 * give() takes a block of n bytes, take() gives it back, take_any() without being told n
 * (48 bytes, for the limit, which knows no other way); cell_new and cell_drop do
 * the same with an object that is counted.
 *
 *===------------------------------------------------------------------------===*/
#ifndef BENCH_ALLOCATOR_H
#define BENCH_ALLOCATOR_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define INLINE static inline __attribute__((always_inline))
/** Keeps a block from being optimised away, and what is in it. */
#define USE(p) __asm__ volatile("" : : "r"(p) : "memory")

/** A counted object's payload. */
struct cell {
  struct cell *next;
  uint64_t value[4];
};

#if defined(BENCH_CAIRN)

#include <cairn.h>
INLINE void *give(size_t n) { return cairn_malloc(n); }
INLINE void take(void *p, size_t n) { cairn_free_sized(p, n); }
INLINE void take_any(void *p) { cairn_free(p); }
CAIRN_TYPE(bench_cell, struct cell, next);
CAIRN_TYPE(
    bench_leaf, struct { uint64_t value[5]; });
INLINE struct cell *cell_new(void) { return cairn_alloc(&bench_cell); }
INLINE void *leaf_new(void) { return cairn_alloc(&bench_leaf); }
INLINE void cell_retain(void *p) { cairn_incref(p); }
INLINE void cell_drop(void *p) { cairn_decref(p); }
INLINE void leaf_drop(void *p) { cairn_decref(p); }
INLINE void cell_share(void *p) { cairn_share(p); }

#else

#if defined(BENCH_FLT)
enum { FLT_CLASSES = 257, FLT_CHUNK = 65536 };
extern _Thread_local void *flt_list[FLT_CLASSES];
void *flt_refill(size_t n);
INLINE void *give(size_t n) {
  if (n > (FLT_CLASSES - 1) * 8)
    return malloc(n);
  void **list = &flt_list[(n + 7) / 8];
  void *p = *list;
  if (__builtin_expect(!p, 0))
    return flt_refill(n);
  *list = *(void **)p;
  return p;
}
INLINE void take(void *p, size_t n) {
  if (n > (FLT_CLASSES - 1) * 8) {
    free(p);
    return;
  }
  void **list = &flt_list[(n + 7) / 8];
  *(void **)p = *list;
  *list = p;
}
INLINE void take_any(void *p) { take(p, 48); }
#else
INLINE void *give(size_t n) { return malloc(n); }
INLINE void take(void *p, size_t n) {
  (void)n;
  free(p);
}
INLINE void take_any(void *p) { free(p); }
#endif

/* The count lies before the payload, as Cairn has it. */
struct counted {
  int32_t count;
  uint32_t meta;
  struct cell cell;
};
INLINE struct counted *counted_of(void *p) {
  return (struct counted *)((char *)p - offsetof(struct counted, cell));
}
INLINE struct cell *cell_new(void) {
  struct counted *c = give(sizeof *c);
  c->count = 1;
  c->meta = 0;
  c->cell.next = NULL;
  return &c->cell;
}
INLINE void *leaf_new(void) {
  struct counted *c = give(sizeof *c);
  c->count = 1;
  c->meta = 0;
  return &c->cell;
}
INLINE void cell_retain(void *p) { ++counted_of(p)->count; }
INLINE void cell_drop(void *p) {
  while (p && --counted_of(p)->count == 0) {
    struct cell *next = ((struct cell *)p)->next;
    take(counted_of(p), sizeof(struct counted));
    p = next;
  }
}
INLINE void leaf_drop(void *p) {
  if (--counted_of(p)->count == 0)
    take(counted_of(p), sizeof(struct counted));
}
INLINE void cell_share(void *p) { (void)p; }

#endif
#endif /* BENCH_ALLOCATOR_H */
