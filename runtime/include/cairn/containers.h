/*===- containers.h - Byte arrays, strings, lists and dicts on the heap ---------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * All of these are ordinary objects of the heap. Retain and release them with cairn_incref
 * and cairn_decref. The last release gives back all that they hold, in constant stack.
 *
 * cairn_alloc_... creates an object in the default heap (called from IR, in the heap that the
 * function binds). cairn_heap_alloc_... creates it in the heap that is given; NULL is the
 * default heap. What they return is owned once by the caller. If the heap is full, they and
 * cairn_list_... and cairn_dict_... call its handler; the forms with try_ return NULL or
 * false instead.
 *
 * Only one thread at a time may change a container. If cairn_share was called for a
 * container, then what is put into it is shared as well.
 *
 * Misuse (a dead object, one of another kind, an index past the end) goes to the error
 * handler; if that returns, the call does nothing and its result is 0 or NULL.
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_CONTAINERS_H
#define CAIRN_CONTAINERS_H

#include <cairn.h>

#ifdef __cplusplus
extern "C" {
#endif

/*===------------------------------------------------------------------------===
 * Byte arrays: [refcount i32][length i32][capacity i32][data...], nothing managed.
 * Data is 16-byte aligned, and 4 bytes behind the reference.
 *===------------------------------------------------------------------------===*/

/** `length` elements, under 2^31, of `elem_size` bytes, all zero. */
void *cairn_alloc_byte_array(uint32_t length, uint32_t elem_size);
void *cairn_try_alloc_byte_array(uint32_t length, uint32_t elem_size);
void *cairn_heap_alloc_byte_array(cairn_heap *heap, uint32_t length, uint32_t elem_size);
void *cairn_heap_try_alloc_byte_array(cairn_heap *heap, uint32_t length, uint32_t elem_size);
/** The first element of a byte array. */
void *cairn_byte_array_data(const void *array);
uint32_t cairn_byte_array_length(const void *array); /**< elements */
uint32_t cairn_byte_array_elem_size(const void *array);
bool cairn_is_byte_array(const void *object);

/*===------------------------------------------------------------------------===
 * Strings: bytes objects that hold UTF-8. [refcount i32][length i32][bytes...]; the
 * reference is to the first byte, cairn_length gives their number.
 *===------------------------------------------------------------------------===*/

/** A copy of n bytes, n < 2 GiB. */
void *cairn_alloc_string(const char *utf8, size_t n);
void *cairn_try_alloc_string(const char *utf8, size_t n);
void *cairn_heap_alloc_string(cairn_heap *heap, const char *utf8, size_t n);
void *cairn_heap_try_alloc_string(cairn_heap *heap, const char *utf8, size_t n);

/*===------------------------------------------------------------------------===
 * Lists and dicts are handles: they grow, and their reference stays the same.
 *===------------------------------------------------------------------------===*/

typedef enum cairn_value_kind {
  CAIRN_VALUE_NONE = 0, /**< an empty list; a key that is absent */
  CAIRN_VALUE_INT,
  CAIRN_VALUE_FLOAT,
  CAIRN_VALUE_REF
} cairn_value_kind;

/** An empty list with room for `capacity` elements of 1, 2, 4 or 8 bytes. Its first
 *  element decides what it holds: integers, floats (of 4 or 8 bytes) or references. */
void *cairn_alloc_list(uint32_t capacity, uint32_t elem_size);
void *cairn_try_alloc_list(uint32_t capacity, uint32_t elem_size);
void *cairn_heap_alloc_list(cairn_heap *heap, uint32_t capacity, uint32_t elem_size);
void *cairn_heap_try_alloc_list(cairn_heap *heap, uint32_t capacity, uint32_t elem_size);
bool cairn_is_list(const void *object);
uint32_t cairn_list_length(const void *list);
uint32_t cairn_list_elem_size(const void *list);
cairn_value_kind cairn_list_kind(const void *list);

/** Integers are cut to the element's size. */
void cairn_list_append(void *list, int64_t value);
void cairn_list_append_float(void *list, double value);
/** Retains the object; NULL is an element too. */
void cairn_list_append_ref(void *list, void *object);
bool cairn_try_list_append(void *list, int64_t value);
bool cairn_try_list_append_float(void *list, double value);
bool cairn_try_list_append_ref(void *list, void *object);

int64_t cairn_list_get(const void *list, uint32_t index); /**< sign-extended */
double cairn_list_get_float(const void *list, uint32_t index);
void *cairn_list_get_ref(const void *list, uint32_t index); /**< borrowed */
void cairn_list_set(void *list, uint32_t index, int64_t value);
void cairn_list_set_float(void *list, uint32_t index, double value);
/** Retains the new object, releases the old one. */
void cairn_list_set_ref(void *list, uint32_t index, void *object);
/** The elements, one after the other, until the list is changed. NULL if it is empty. */
void *cairn_list_data(const void *list);

/** An empty dict with room for `capacity` keys. Keys are strings of n bytes, which are
 *  copied; any bytes do, and n may be 0. */
void *cairn_alloc_dict(uint32_t capacity);
void *cairn_try_alloc_dict(uint32_t capacity);
void *cairn_heap_alloc_dict(cairn_heap *heap, uint32_t capacity);
void *cairn_heap_try_alloc_dict(cairn_heap *heap, uint32_t capacity);
bool cairn_is_dict(const void *object);
uint32_t cairn_dict_length(const void *dict);

void cairn_dict_set_int(void *dict, const char *key, size_t n, int64_t value);
void cairn_dict_set_float(void *dict, const char *key, size_t n, double value);
/** Retains the object, which may be NULL; releases what the key had. */
void cairn_dict_set(void *dict, const char *key, size_t n, void *object);
bool cairn_try_dict_set_int(void *dict, const char *key, size_t n, int64_t value);
bool cairn_try_dict_set_float(void *dict, const char *key, size_t n, double value);
bool cairn_try_dict_set(void *dict, const char *key, size_t n, void *object);

/** What the key has; CAIRN_VALUE_NONE if it is absent. */
cairn_value_kind cairn_dict_kind(const void *dict, const char *key, size_t n);
/** 0 or NULL if the key is absent, or has a value of another kind. */
int64_t cairn_dict_get_int(const void *dict, const char *key, size_t n);
double cairn_dict_get_float(const void *dict, const char *key, size_t n);
void *cairn_dict_get(const void *dict, const char *key, size_t n); /**< borrowed */
/** False if the key was absent. */
bool cairn_dict_delete(void *dict, const char *key, size_t n);
/** Releases every key and value; the dict is empty then. */
void cairn_dict_cleanup(void *dict);

typedef struct cairn_dict_entry {
  void *key; /**< a string, borrowed */
  cairn_value_kind kind;
  int64_t as_int;
  double as_float;
  void *as_ref; /**< borrowed */
} cairn_dict_entry;

/** The next entry, in no order; start with *at = 0. False at the end. */
bool cairn_dict_next(const void *dict, uint32_t *at, cairn_dict_entry *entry);

#ifdef __cplusplus
}
#endif

#endif /* CAIRN_CONTAINERS_H */
