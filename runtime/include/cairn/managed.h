/*===- managed.h - References that nobody counts, for clang ---------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A managed reference is a pointer to an object's payload, or NULL, whose type says so:
 *
 *   typedef struct node cairn_managed *node;
 *   struct node { node left, right; int64_t key; };
 *   CAIRN_TYPE(node_type, struct node, left, right);
 *
 *   node make(node left, node right) {
 *     node n = cairn_ref_new(&node_type);
 *     n->left = left;
 *     n->right = right;
 *     return n;
 *   }
 *
 * The program has no incref and no decref. Cairn's passes insert them, so the program is built
 * with the `cairn` driver or with clang and Cairn's plugin. An object file that the passes did
 * not see does not link: it needs the symbol cairn_needs_the_managed_pass, which no library
 * defines.
 *
 * A count that somebody has to give back is owned by whoever has to do it. At a call,
 * parameters are borrowed (the caller keeps its count) and results are owned (the caller gets
 * a count). cairn_owned and cairn_borrowed say otherwise.
 *
 * What the functions here do is what the function without `ref_` in its name does (cairn.h,
 * cairn/containers.h), and errors and threads are the same. C++ may include this header, but
 * cannot call member functions through such pointers; cairn.hpp has a class for C++.
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_MANAGED_H
#define CAIRN_MANAGED_H

#if !defined(__clang__)
#error "cairn/managed.h needs clang with Cairn's plugin, or the cairn driver; use cairn.h here"
#elif !defined(__apple_build_version__) && __clang_major__ < 18
#error "cairn/managed.h needs clang 18 or later; older ones lose what a declaration says"
#endif

#include <cairn/abi_version.h>
#include <cairn/containers.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Qualifies what a managed reference points to: `struct node cairn_managed *`. */
#define cairn_managed __attribute__((address_space(CAIRN_REFERENCE_SPACE)))

/* cairn_owned(2) on a function, at its declaration and its definition: the call takes over the
 * count of its second argument. cairn_borrowed(0): the function lends its result, and the
 * caller gets no count. 0 is the result; parameters count from 1, `this` of C++ included, and
 * have to be references; several are separated by commas. A function whose address is taken
 * has neither. On a parameter or a type these attributes mean nothing, and clang warns.
 *
 *   cairn_owned(2) void push(stack s, node n);
 *   cairn_borrowed(0) node top(stack s);
 *
 * For who reads the IR: each makes an entry of llvm.global.annotations for the function, with
 * the text "cairn-owned:" or "cairn-borrowed:" and the numbers, macros expanded, with
 * commas and maybe spaces. clang writes such entries for declarations too. cairn-import makes
 * string attributes of them. The number 1 is the first parameter of the function in IR that is
 * not its `sret`. diagnose_if is there for the warning only, and leaves nothing in the IR. */
#define cairn_owned(...) CAIRN_ON_FUNCTION_("cairn-owned:" CAIRN_NUMBERS_(__VA_ARGS__))
#define cairn_borrowed(...) CAIRN_ON_FUNCTION_("cairn-borrowed:" CAIRN_NUMBERS_(__VA_ARGS__))
#define CAIRN_NUMBERS_(...) #__VA_ARGS__ /* what macros stand for, if they were given */
#define CAIRN_ON_FUNCTION_(text)                                                                   \
  _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wgcc-compat\"")            \
      __attribute__((annotate(text), diagnose_if(0, "", "warning")))                               \
      _Pragma("clang diagnostic pop")

/* The marker. The passes delete the variable, and with it the only use of the symbol. */
extern const char cairn_needs_the_managed_pass;
#if defined(__ELF__)
CAIRN_RETAIN_
#else
__attribute__((used))
#endif
static const char *cairn_managed_marker_ = &cairn_needs_the_managed_pass;

/*===------------------------------------------------------------------------===
 * Objects
 *===------------------------------------------------------------------------===*/

void cairn_managed *cairn_ref_new(const cairn_type *type);
void cairn_managed *cairn_ref_new_tagged(const cairn_type *type, uint8_t tag);
/** n bytes with nothing managed; n < 2 GiB. */
void cairn_managed *cairn_ref_new_bytes(size_t n);
void cairn_managed *cairn_ref_new_array(const cairn_type *element, size_t n);
/* NULL when the heap is full. */
void cairn_managed *cairn_ref_try_new(const cairn_type *type);
void cairn_managed *cairn_ref_try_new_bytes(size_t n);
void cairn_managed *cairn_ref_try_new_array(const cairn_type *element, size_t n);

void cairn_managed *cairn_ref_heap_new(cairn_heap *heap, const cairn_type *type);
void cairn_managed *cairn_ref_heap_new_bytes(cairn_heap *heap, size_t n);
void cairn_managed *cairn_ref_heap_new_array(cairn_heap *heap, const cairn_type *element, size_t n);

uint8_t cairn_ref_tag(const void cairn_managed *object);
void cairn_ref_set_tag(void cairn_managed *object, uint8_t tag);
/** Says that the caller's reference is the only one, so that what is made of the object can take
 *  its memory. Programs built with --heap=checked report an object that somebody else holds, and
 *  who that is (docs/finding-mistakes.md); all others have no code for it. Remarks of
 *  cairn-assertions say where the compiler can see it. NULL does nothing. */
void cairn_ref_assert_unique(const void cairn_managed *object);
/** Elements of an array, bytes of a bytes object; 0 for others. */
size_t cairn_ref_length(const void cairn_managed *object);
/** Before another thread can see the object. What is stored in it later is shared by the
 *  store. */
void cairn_ref_share(void cairn_managed *object);
/* For debugging. The passes decide how many counts there are at a point, so that both may
 * differ from one optimisation level to the next. */
int64_t cairn_ref_count(const void cairn_managed *object);
bool cairn_ref_is_unique(const void cairn_managed *object);

/*===------------------------------------------------------------------------===
 * Between managed references and plain pointers
 *===------------------------------------------------------------------------===*/

/** A plain pointer to the object. The object lives as long as the function uses the pointer or
 *  what it computes from it; to keep it longer, use cairn_ref_release. */
void *cairn_ref_borrow(const void cairn_managed *object);
/** A managed reference that takes over a count which the caller owns. */
void cairn_managed *cairn_ref_adopt(void *object);
/** A managed reference with a count of its own; the caller keeps what it has. */
void cairn_managed *cairn_ref_retain(void *object);
/** A plain pointer with a count: the caller gives it back with cairn_decref. */
void *cairn_ref_release(void cairn_managed *object);

/*===------------------------------------------------------------------------===
 * Byte arrays, strings, lists and dicts. A container retains what it is given; the references
 * that it returns are borrowed from it.
 *===------------------------------------------------------------------------===*/

void cairn_managed *cairn_ref_new_byte_array(uint32_t length, uint32_t elem_size);
void cairn_managed *cairn_ref_new_string(const char *utf8, size_t n);

void cairn_managed *cairn_ref_new_list(uint32_t capacity, uint32_t elem_size);
uint32_t cairn_ref_list_length(const void cairn_managed *list);
uint32_t cairn_ref_list_elem_size(const void cairn_managed *list);
cairn_value_kind cairn_ref_list_kind(const void cairn_managed *list);
/** The elements, until the list is changed or released. */
void *cairn_ref_list_data(const void cairn_managed *list);
void cairn_ref_list_append(void cairn_managed *list, int64_t value);
void cairn_ref_list_append_float(void cairn_managed *list, double value);
void cairn_ref_list_append_ref(void cairn_managed *list, void cairn_managed *object);
int64_t cairn_ref_list_get(const void cairn_managed *list, uint32_t index);
double cairn_ref_list_get_float(const void cairn_managed *list, uint32_t index);
cairn_borrowed(0) void cairn_managed *cairn_ref_list_get_ref(const void cairn_managed *list,
                                                             uint32_t index);
void cairn_ref_list_set(void cairn_managed *list, uint32_t index, int64_t value);
void cairn_ref_list_set_float(void cairn_managed *list, uint32_t index, double value);
void cairn_ref_list_set_ref(void cairn_managed *list, uint32_t index, void cairn_managed *object);

void cairn_managed *cairn_ref_new_dict(uint32_t capacity);
uint32_t cairn_ref_dict_length(const void cairn_managed *dict);
cairn_value_kind cairn_ref_dict_kind(const void cairn_managed *dict, const char *key, size_t n);
void cairn_ref_dict_set(void cairn_managed *dict, const char *key, size_t n,
                        void cairn_managed *object);
void cairn_ref_dict_set_int(void cairn_managed *dict, const char *key, size_t n, int64_t value);
void cairn_ref_dict_set_float(void cairn_managed *dict, const char *key, size_t n, double value);
cairn_borrowed(0) void cairn_managed *cairn_ref_dict_get(const void cairn_managed *dict,
                                                         const char *key, size_t n);
int64_t cairn_ref_dict_get_int(const void cairn_managed *dict, const char *key, size_t n);
double cairn_ref_dict_get_float(const void cairn_managed *dict, const char *key, size_t n);
bool cairn_ref_dict_delete(void cairn_managed *dict, const char *key, size_t n);
void cairn_ref_dict_cleanup(void cairn_managed *dict);

#ifdef __cplusplus
}
#endif

#endif /* CAIRN_MANAGED_H */
