/*===- forms.h - One program, as managed C and as two kinds of C++ ------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The programs beside this file are C with managed references, in which nobody counts. With
 * -DHANDLES=1 or 2 each is C++ with counts that somebody wrote: 1 is std::shared_ptr, 2 a count
 * in the object and a class that counts it. The words below are what a C++ programmer adds, and
 * stand for nothing in the managed form:
 *
 *   IN(node) n      an argument that is only read: a reference to the caller's handle
 *   MOVE(n)         the last use of a handle: its count moves on
 *   VIEW(node) n    a raw pointer, for a walk over what the caller keeps alive; PEEK(h) makes it
 *
 *===------------------------------------------------------------------------===*/
#ifndef FORMS_H
#define FORMS_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef HANDLES
#include <memory>
#include <utility>

#if HANDLES == 1
struct object {};
template <typename T> using handle = std::shared_ptr<T>;
template <typename T> static handle<T> make() { return std::make_shared<T>(); }
#else
struct object {
  int count = 0;
};
template <typename T> class handle {
public:
  handle() = default;
  handle(std::nullptr_t) {}
  explicit handle(T *object) : pointer(object) { retain(); }
  handle(const handle &other) : pointer(other.pointer) { retain(); }
  handle(handle &&other) noexcept : pointer(std::exchange(other.pointer, nullptr)) {}
  ~handle() { release(); }
  handle &operator=(const handle &other) { return *this = handle(other); }
  handle &operator=(handle &&other) noexcept {
    std::swap(pointer, other.pointer);
    return *this;
  }
  T *get() const { return pointer; }
  T *operator->() const { return pointer; }
  explicit operator bool() const { return pointer; }
  bool operator==(const handle &other) const { return pointer == other.pointer; }
  bool operator!=(const handle &other) const { return pointer != other.pointer; }

private:
  void retain() {
    if (pointer)
      ++pointer->count;
  }
  void release() {
    if (pointer && !--pointer->count)
      delete pointer;
  }
  T *pointer = nullptr;
};
template <typename T> static handle<T> make() { return handle<T>(new T()); }
#endif

#define REFERENCE(T)                                                                               \
  struct T;                                                                                        \
  using T##_ref = handle<T>
#define OBJECT(T) struct T : object
#define TYPE(...) static_assert(true, "")
#define NEW(T) make<T>()
#define NONE nullptr
#define IN(T) const T##_ref &
#define MOVE(x) std::move(x)
#define VIEW(T) T *
#define PEEK(x) (x).get()
static inline int finish(void) { return 0; }

#else
#include <cairn/managed.h>

#define REFERENCE(T) typedef struct T cairn_managed *T##_ref
#define OBJECT(T) struct T
#define TYPE(T, ...) CAIRN_TYPE(T##_type, struct T, __VA_ARGS__)
#define NEW(T) ((T##_ref)cairn_ref_new(&T##_type))
#define NONE NULL
#define IN(T) T##_ref
#define MOVE(x) (x)
#define VIEW(T) T##_ref
#define PEEK(x) (x)

/* Says if something is left. The result is main's. */
static inline int finish(void) {
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  if (!stats.live_objects)
    return 0;
  printf("%" PRIu64 " objects are left\n", stats.live_objects);
  return 1;
}
#endif

/* The size that the command line says, or the full one. */
static inline int64_t size_of_run(int argc, char **argv, int64_t full) {
  return argc > 1 ? atoll(argv[1]) : full;
}

/* The same numbers in each form. */
static uint64_t state = 0x9e3779b97f4a7c15u;
static inline uint64_t random_number(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

#endif /* FORMS_H */
