//===- entry.h - What the runtime is entered by --------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every cairn_rt_... function, with its only prototype. Inlined code, generated code and
// the runtime's own files call them; each is defined by one file of each back end
// (heap/backend.h), by object/ or by report/. They are exported, and their names are part of the
// ABI.
//
// `heap` null means the default heap everywhere. Sizes are in bytes.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_FAST_ENTRY_H
#define CAIRN_FAST_ENTRY_H

#include "cairn/abi.h"

struct cairn_type; // cairn.h, which needs more than the fast paths may include

/// A slow path: out of line, and saving the caller's registers itself, so that a
/// loop around the fast path does not spill. WebAssembly has no such convention.
#if defined(__wasm__)
#define CAIRN_COLD __attribute__((cold, noinline))
#define CAIRN_TLS
#else
#define CAIRN_COLD __attribute__((cold, noinline, preserve_most))
#define CAIRN_TLS __thread __attribute__((tls_model("initial-exec")))
#endif

#pragma GCC visibility push(default)
extern "C" {

//===- The heap's: slow paths -----------------------------------------------===//

/// Slab records by address. Set when the library is loaded.
extern char *cairn_rt_table;
/// This thread's view; a constant, empty one until its first slow path.
extern CAIRN_TLS cairn::ThreadView *cairn_rt_tls;

/// Those that give a slot return its link address. `bin` selects the class and the kind.
/// The first returns null when the heap is full and its handler gives up nothing; the
/// second ends the process then.
CAIRN_COLD void *cairn_rt_take_slot(uintptr_t bin, void *heap);
CAIRN_COLD void *cairn_rt_take_slot_or_fail(uintptr_t bin, void *heap);
/// A raw block over kMaxSmall; null when the heap is full.
CAIRN_COLD void *cairn_rt_malloc_large(uint64_t size, void *heap);
CAIRN_COLD void cairn_rt_free(void *p);
CAIRN_COLD void cairn_rt_free_sized(void *p, uint64_t size);
CAIRN_COLD void cairn_rt_free_own(void *p);
/// The slab's owner has spent its credit.
CAIRN_COLD void cairn_rt_credit(cairn::Slab *slab);
/// The calling thread's cache of the heap.
CAIRN_COLD cairn::Bins *cairn_rt_bins(void *heap);

/// Prepares what the first allocation needs; a constructor calls it. Exported, so that where
/// a program and a library each carry the runtime, the copy whose functions are called is the
/// one that is set up.
void cairn_rt_set_up(void);

//===- object/: slow paths of counts ----------------------------------------===//

CAIRN_COLD void cairn_rt_incref(void *ref);
CAIRN_COLD void cairn_rt_decref(void *ref);
CAIRN_COLD bool cairn_rt_is_unique(void *ref);

//===- object/: ordinary functions, for what is not constant ----------------===//

/// An object owned once; those named `try` return null when the heap is full, where the
/// others end the process.
void *cairn_rt_alloc_type(const cairn_type *type, void *heap);
void *cairn_rt_try_alloc_type(const cairn_type *type, void *heap);
void *cairn_rt_alloc_bytes(uint64_t n, void *heap);
void *cairn_rt_try_alloc_bytes(uint64_t n, void *heap);
void *cairn_rt_alloc_array(const cairn_type *element, uint64_t n, void *heap);
void *cairn_rt_try_alloc_array(const cairn_type *element, uint64_t n, void *heap);
void cairn_rt_share(void *ref);

//===- object/: stores and copies, for managed references -------------------===//

/// Shares `value` if `holder`, which is to hold it, is shared. Null and immediates are values.
CAIRN_COLD void cairn_rt_share_into(void *holder, void *value);
/// These copy n bytes and count the references among them. `object` is the reference of a live
/// object, borrowed; the managed words are those of its type. Words that are written are
/// retained, and shared if the object is; words that were there are released. A range that
/// leaves the object's memory, or ends within a managed word, is reported, as is a word that
/// is no reference to a live object, null or immediate: then nothing is changed.
/// memmove to `to`, in the object's payload, from anywhere.
void cairn_rt_copy_fields(void *object, void *to, const void *from, uint64_t n);
/// memmove from `from`, in the object's payload, to plain memory outside it: the words there
/// that managed words go to hold references, or null, before.
void cairn_rt_read_fields(void *object, const void *from, void *to, uint64_t n);
/// memset at `to`, in the object's payload. A managed word becomes null, or an immediate.
void cairn_rt_fill_fields(void *object, void *to, uint8_t byte, uint64_t n);

//===- object/: objects whose memory is used again --------------------------===//

/// A cell with `ref`'s payload and tag and the header word `meta`, that of a plain object of a
/// class; takes over one count of `ref`, which is not the last one of an object like that. The
/// fields that both have are retained, and those that only `meta` has are null. The heap is the
/// default one.
CAIRN_COLD void *cairn_rt_own_cell(void *ref, uint32_t meta);
/// The same on another heap. Not for WebAssembly.
CAIRN_COLD void *cairn_rt_own_cell_on(void *ref, uint32_t meta, void *heap);
//===- object/: programs that are built with --heap=checked --------------------===//

/// The default heap is to be a checked one, if it is not made yet, and so are those made later.
void cairn_rt_check_process(void);
/// Where there is a checked heap: faults are explained from now on, although another handler of
/// fault signals was there when the heap was made.
void cairn_rt_watch_faults(void);
/// What the thread calls from now on is called from there; null: no more.
void cairn_rt_check_at(cairn::CheckSite *site);
/// What is named after another function does what that does, and looks at everything it is given.
/// `tag` lies where the header word has it.
void *cairn_rt_check_malloc(uint64_t n, void *heap, cairn::CheckSite *site);
void *cairn_rt_check_take(uintptr_t bin, uint32_t meta, void *heap, cairn::CheckSite *site);
void *cairn_rt_check_try_take(uintptr_t bin, uint32_t meta, void *heap, cairn::CheckSite *site);
void *cairn_rt_check_alloc(const cairn_type *type, uint32_t tag, void *heap,
                           cairn::CheckSite *site);
void *cairn_rt_check_try_alloc(const cairn_type *type, uint32_t tag, void *heap,
                               cairn::CheckSite *site);
void *cairn_rt_check_alloc_bytes(uint64_t n, void *heap, cairn::CheckSite *site);
void *cairn_rt_check_try_alloc_bytes(uint64_t n, void *heap, cairn::CheckSite *site);
void *cairn_rt_check_alloc_array(const cairn_type *element, uint64_t n, void *heap,
                                 cairn::CheckSite *site);
void *cairn_rt_check_try_alloc_array(const cairn_type *element, uint64_t n, void *heap,
                                     cairn::CheckSite *site);
void cairn_rt_check_free(void *p, cairn::CheckSite *site);
void cairn_rt_check_free_sized(void *p, uint64_t size, cairn::CheckSite *site);
void cairn_rt_check_incref(void *ref, cairn::CheckSite *site);
void cairn_rt_check_decref(void *ref, cairn::CheckSite *site);
bool cairn_rt_check_is_unique(void *ref, cairn::CheckSite *site);
void cairn_rt_check_assert_unique(void *ref, cairn::CheckSite *site);
void cairn_rt_check_share(void *ref, cairn::CheckSite *site);
/// `value` is about to be stored into a field of `holder`.
void cairn_rt_check_store(void *holder, void *value, cairn::CheckSite *site);
uint8_t cairn_rt_check_tag(void *ref, cairn::CheckSite *site);
void cairn_rt_check_set_tag(void *ref, uint8_t tag, cairn::CheckSite *site);

//===- report/: programs that count their operations ------------------------===//

/// The function is about to do an operation of the kind, to `ref` if it is a count. Not for
/// WebAssembly. Any number of threads may call it.
void cairn_rt_count_operation(cairn::CountedFunction *function, uint32_t kind, void *ref);
}
#pragma GCC visibility pop

#endif // CAIRN_FAST_ENTRY_H
