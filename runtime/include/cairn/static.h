/*===- static.h - Objects that the compiler lays out -----------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A static object is a constant of the program that has a header in front: a leaf of a tree, a
 * string, the value of a function. It is immortal: nothing counts it, and nothing frees it. It
 * costs no allocation, and may be used wherever a reference may.
 *
 *   CAIRN_TYPE(cell_type, struct cell, next);
 *   static CAIRN_STATIC_OBJECT(last, cell_type, 0, {NULL, 42});
 *   static CAIRN_STATIC_OBJECT(first, cell_type, 0, {CAIRN_STATIC(last), 41});
 *   static CAIRN_STATIC_STRING(hello, "Hello");
 *
 *   struct cell *list = CAIRN_STATIC(first);
 *
 * Its type is one that the header word describes: no finaliser, and no managed field past word
 * 15. Others are made when the program starts, by cairn_alloc and cairn_make_immortal.
 *
 * A static object may be changed like any other. What is stored into it is to be shared before,
 * if threads see the object; managed code does that.
 *
 * The library knows static objects by their address: each image (the program, a library) tells
 * it where its section `cairn_static` lies. A file that includes this header has a constructor
 * for that, which runs before those without a priority. A library that has static objects may
 * be unloaded when nobody refers to them any more.
 *
 * In IR: a global in the section "cairn_static", at a multiple of 16, not constant,
 *
 *   { i32 1953718627, i32 N, i32 -1610612736, i32 META, T }
 *
 * The first number is CAIRN_STATIC_MARK, N the bytes of the payload T, the third the count of
 * an immortal object. META is the header word: that of the type's descriptor, with a tag in
 * bits 16 to 23; or, of a bytes object, its length. The reference is the address of T. Cairn's
 * passes give the module a constructor that calls cairn_static_add with the bounds of the section
 * (the linker's symbols __start_cairn_static and __stop_cairn_static), unless it has a call of
 * that function. A JIT session adds and removes the range by itself. A module that is compiled
 * without the passes needs a constructor of its own.
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_STATIC_H
#define CAIRN_STATIC_H

#include <cairn/host.h>

#if !defined(__ELF__) && !defined(__wasm__)
#error "cairn/static.h needs an object format in which the linker knows the bounds of a section"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CAIRN_STATIC_MARK 0x74736163u
#define CAIRN_IMMORTAL_ (-0x60000000)
#define CAIRN_IN_STATICS_ __attribute__((section("cairn_static"), aligned(16)))

/** Defines `name`, which holds a static object. `type` is the name of a CAIRN_TYPE, `tag` the
 *  frontend's tag; the payload's initialiser follows. The caller writes `static` in front, or,
 *  for other files, nothing. */
#define CAIRN_STATIC_OBJECT(name, type, tag, ...)                                                  \
  struct type##_static_ name CAIRN_IN_STATICS_ = {                                                 \
      CAIRN_STATIC_MARK, (uint32_t)sizeof(type##_payload_), CAIRN_IMMORTAL_,                       \
      CAIRN_STATIC_META_(type) | (uint32_t)(uint8_t)(tag) << 16, __VA_ARGS__}
/** For other files: `extern CAIRN_STATIC_DECLARE(name, type);` */
#define CAIRN_STATIC_DECLARE(name, type) struct type##_static_ name
/** Defines `name`, which holds a static string (cairn/containers.h): the bytes of a literal,
 *  of at least one. */
#define CAIRN_STATIC_STRING(name, text)                                                            \
  struct name##_static_object_ {                                                                   \
    uint32_t mark, bytes;                                                                          \
    int32_t owners;                                                                                \
    uint32_t meta;                                                                                 \
    char object[sizeof(text)];                                                                     \
  } name CAIRN_IN_STATICS_ = {CAIRN_STATIC_MARK, (uint32_t)sizeof(text), CAIRN_IMMORTAL_,          \
                              (uint32_t)sizeof(text) - 1, text}

/** The reference of a static object, as a constant: a pointer to the payload's type, which of a
 *  string is an array of characters. */
#define CAIRN_STATIC(name) (&(name).object)
/** The same for managed code (cairn/managed.h). */
#define CAIRN_STATIC_REF(name) ((__typeof__((name).object) cairn_managed *)CAIRN_STATIC(name))

extern char __start_cairn_static[] __attribute__((weak, visibility("hidden")));
extern char __stop_cairn_static[] __attribute__((weak, visibility("hidden")));
__attribute__((constructor(101))) static void cairn_static_begin_(void) {
  cairn_static_add(__start_cairn_static, __stop_cairn_static);
}
#if !defined(__wasm__) /* whose memory ends with the program */
__attribute__((destructor(101))) static void cairn_static_end_(void) {
  cairn_static_remove(__start_cairn_static, __stop_cairn_static);
}
#endif

#ifdef __cplusplus
}
#endif

#endif /* CAIRN_STATIC_H */
