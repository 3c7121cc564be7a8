/*===- cairn.h - The Cairn heap, for C11 and C++ ------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A heap of raw blocks and reference-counted objects. In a program that is built with
 * Cairn's clang plugin (or the `cairn` driver), the calls marked [inline] become a few
 * instructions in the caller. Without the plugin they are ordinary calls that do the same.
 *
 * Sizes are in bytes. Every function may be called from any thread unless it says
 * otherwise. An object belongs to the thread that made it until cairn_share is called
 * for it: only that thread may change its count. "Owned" means that the caller must give
 * the count back with cairn_decref; "borrowed" means that it must not. To "drop" an object
 * is what the last cairn_decref does: its finaliser runs, the objects in its fields are
 * released, and its memory is free.
 *
 * What each function does with a bad argument: docs/bad-input.md.
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_H
#define CAIRN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*===------------------------------------------------------------------------===
 * Heaps
 *===------------------------------------------------------------------------===*/

typedef struct cairn_heap cairn_heap;

typedef struct cairn_heap_options {
  /** Bytes of address space to reserve; 0 means 64 MiB. Rounded up to 64 KiB; at
   *  least 256 KiB, at most 1 TiB. The system provides memory only as the heap fills. */
  size_t size;
  /** For messages and reports; not copied, may be NULL. */
  const char *name;
  /** Check every operation: no fast path is taken, a freed block is not used again for
   *  a while, and each misuse is reported where it happens. */
  bool checked;
} cairn_heap_options;

/** Makes a heap; NULL options mean the defaults. NULL if the platform refuses or
 *  an option is out of range. Destroy it with cairn_heap_destroy. */
cairn_heap *cairn_heap_create(const cairn_heap_options *options);

/** Unmaps the heap with all that is in it; finalisers do not run. No thread may be
 *  using it. The default heap is not destroyed: the call is reported and ignored. */
void cairn_heap_destroy(cairn_heap *heap);

/** The process's heap, which functions without a heap argument use. NULL only if
 *  the platform has no memory at all. */
cairn_heap *cairn_heap_default(void);

/** The heap whose region p lies in, or NULL. */
cairn_heap *cairn_heap_of(const void *p);

/** First byte of the heap's region, 64 KiB-aligned. No block starts there, so that
 *  an offset of 0 can mean "none". Only what lies in blocks may be read or written: the part
 *  of a region to which its heap has not grown yet is not accessible. */
void *cairn_heap_base(const cairn_heap *heap);
/** Bytes in the region. */
size_t cairn_heap_size(const cairn_heap *heap);

/** Gives the memory of everything that is free back to the system now. Returns the bytes
 *  that were given back. */
size_t cairn_heap_trim(cairn_heap *heap);

/** Lets about one in `every` blocks of up to 2,048 bytes that a slow path gives, objects among
 *  them, live alone on a page; 0: none from now on. Accesses past the ends of such a block, and
 *  after it was freed, end the process with a message that names the block and the calls that
 *  made and freed it. NULL: the default heap. CAIRN_GUARD=N in the environment does so for every
 *  heap. False if the heap cannot: one under 16 MiB, a checked one, or one that the program has
 *  a view of (docs/finding-mistakes.md). Not for WebAssembly. */
bool cairn_heap_guard(cairn_heap *heap, uint32_t every);

/** Gives the address space that the default heap and the runtime's tables reserve for later
 *  back to the system. For a process that is about to limit its own address space
 *  (setrlimit with RLIMIT_AS) or locked memory: reserved space counts there. From then on the
 *  heap maps what it needs as it grows, up to the limit. Heaps from cairn_heap_create keep
 *  their regions. Any thread may call it at any time. Returns bytes of address space given. */
size_t cairn_trim_reserve(void);

/*===------------------------------------------------------------------------===
 * Raw blocks. 16-byte aligned when the size is a multiple of 16, else 8.
 * They return NULL when the heap is full. Contents are undefined but for calloc.
 *===------------------------------------------------------------------------===*/

void *cairn_malloc(size_t n);                  /* [inline] */
void *cairn_calloc(size_t count, size_t size); /* zeroed; NULL on overflow */
/** As C's realloc; n of 0 gives a block of the smallest size. On failure the old
 *  block stays. The block stays in its heap. */
void *cairn_realloc(void *p, size_t n);
/** align: a power of two up to 1 MiB, else NULL. */
void *cairn_aligned_alloc(size_t align, size_t n);
void cairn_free(void *p); /* [inline] NULL does nothing */
/** n: the size last asked for, whichever call gave the block. */
void cairn_free_sized(void *p, size_t n); /* [inline] NULL does nothing */
/** Bytes that may be used at p, at least what was asked for; 0 for NULL. */
size_t cairn_usable_size(const void *p);

void *cairn_heap_malloc(cairn_heap *heap, size_t n); /* [inline] */
void *cairn_heap_calloc(cairn_heap *heap, size_t count, size_t size);
void *cairn_heap_aligned_alloc(cairn_heap *heap, size_t align, size_t n);

/*===------------------------------------------------------------------------===
 * Types
 *===------------------------------------------------------------------------===*/

/** Describes an object's payload, or one element of an array. A "managed" field is one that
 *  holds a counted reference or NULL. The contents of a type never change, except `meta`. A
 *  type that has a finaliser, or a managed field past word 15, must outlive the objects made
 *  with it. */
typedef struct cairn_type {
  uint32_t size;  /**< of the payload or of one element */
  uint16_t align; /**< power of two, at most 16 */
  uint16_t field_count;
  uint32_t meta;          /**< the objects' header word; 0: the runtime works it out */
  uint32_t reserved;      /**< 0 */
  const uint32_t *fields; /**< offsets of managed references, ascending */
  /** Runs once, before the object's fields are released. It may allocate and drop,
   *  and must not keep the object. May be NULL. */
  void (*finalize)(void *object);
  const char *name;
} cairn_type;

/** One managed reference: the element type of an array of references. */
extern cairn_type cairn_type_ref;
/** One byte, nothing managed. */
extern cairn_type cairn_type_byte;

/* CAIRN_TYPE(name, struct T, field...) at file scope defines `static cairn_type name` for
 * payload struct T. The named fields are those that hold references, up to 16 of them. Name
 * them by ascending offset. CAIRN_TYPE_FINAL takes a finaliser after the struct. */
#include <cairn/type_macros.h>

/*===------------------------------------------------------------------------===
 * Objects. New ones are owned once by the caller. cairn_alloc... never return NULL:
 * on a full heap they call its handler. cairn_try_... return NULL instead.
 *===------------------------------------------------------------------------===*/

/** Contents undefined, but managed fields are null. */
void *cairn_alloc(const cairn_type *type); /* [inline] */
/** The same with the frontend's tag set. */
void *cairn_alloc_tagged(const cairn_type *type, uint8_t tag); /* [inline] */
/** n bytes with nothing managed; n < 2 GiB. */
void *cairn_alloc_bytes(size_t n); /* [inline] if n is constant */
/** n elements, n < 2^32, managed fields null. The reference is to element 0 and is
 *  16-byte aligned. */
void *cairn_alloc_array(const cairn_type *element, size_t n);
void *cairn_try_alloc(const cairn_type *type); /* [inline] */
void *cairn_try_alloc_bytes(size_t n);         /* [inline] if n is constant */
void *cairn_try_alloc_array(const cairn_type *element, size_t n);

void *cairn_heap_alloc(cairn_heap *heap, const cairn_type *type); /* [inline] */
void *cairn_heap_alloc_bytes(cairn_heap *heap, size_t n);
void *cairn_heap_alloc_array(cairn_heap *heap, const cairn_type *element, size_t n);
void *cairn_heap_try_alloc(cairn_heap *heap, const cairn_type *type);
void *cairn_heap_try_alloc_bytes(cairn_heap *heap, size_t n);
void *cairn_heap_try_alloc_array(cairn_heap *heap, const cairn_type *element, size_t n);

/** Length of an array in elements, or of a bytes object in bytes; 0 for others. */
size_t cairn_length(const void *object);

/** Adds one to the count; the caller owns the object once more. */
void cairn_incref(void *object); /* [inline] NULL does nothing */
/** Gives one count back. The last one drops the object: its finaliser runs, its
 *  fields are released, its memory is free. Takes constant stack and no memory. A
 *  drop inside a finaliser happens after that finaliser returns. */
void cairn_decref(void *object); /* [inline] NULL does nothing */
/** Whether the caller is the only owner. If so, what former owners did is visible. */
bool cairn_is_unique(const void *object); /* [inline] */
/** Says that the caller is the only owner, as it is where an object is changed in place. Where
 *  heaps are checked (CAIRN_CHECK=1, or code built with --heap=checked), an object that has
 *  another owner is reported, with who that is; the other threads must not use the heaps
 *  meanwhile. Elsewhere the call does nothing, and lowered code has none. Null is nobody's. */
void cairn_assert_unique(const void *object); /* [inline] */
/** The count now; 0 for a dead object; -1 for one whose count never changes again: it
 *  overflowed, or the object is immortal. */
int64_t cairn_refcount(const void *object);
/** Makes counts atomic in the object and all it reaches. Call it before another
 *  thread can see the object; from then on any thread may retain and release. */
void cairn_share(void *object);
/** The object and all it reaches are never dropped, and count no more. */
void cairn_make_immortal(void *object);

/** 8 bits of the header for the frontend (a constructor, a colour), 0 at first.
 *  Bytes objects have none: they read as 0, and a store is ignored. */
uint8_t cairn_tag(const void *object);         /* [inline] */
void cairn_set_tag(void *object, uint8_t tag); /* [inline] */

/** The live object that p points into, or NULL. Borrowed. */
void *cairn_resolve(const void *p);

/*===------------------------------------------------------------------------===
 * Failure
 *===------------------------------------------------------------------------===*/

typedef struct cairn_oom {
  cairn_heap *heap;
  const char *heap_name;
  size_t request; /**< bytes */
  size_t used;    /**< bytes in slabs and large blocks */
  size_t limit;   /**< bytes in the region */
} cairn_oom;

/** Called on the thread whose cairn_alloc... found no memory, with no lock held. Return true
 *  to try again, false to abort with a message. longjmp may leave it, exceptions may not. */
typedef bool (*cairn_oom_handler)(const cairn_oom *oom, void *context);
/** NULL restores the default (message and abort). NULL heap: the default heap. */
void cairn_set_oom_handler(cairn_heap *heap, cairn_oom_handler handler, void *context);
/** The handler that was set last, or NULL, and its context: for a new handler that wants to
 *  call the one before it. */
cairn_oom_handler cairn_get_oom_handler(cairn_heap *heap, void **context);

typedef enum cairn_error_kind {
  CAIRN_ERROR_FOREIGN = 1, /**< not in any heap, or never given out */
  CAIRN_ERROR_DEAD,        /**< freed already, or its count is 0 */
  CAIRN_ERROR_INTERIOR,    /**< inside a block, not its start */
  CAIRN_ERROR_KIND,        /**< an object given to free, or a block to decref */
  CAIRN_ERROR_SIZE,        /**< free_sized with a size the block does not have */
  CAIRN_ERROR_TYPE,        /**< a malformed descriptor */
  CAIRN_ERROR_CORRUPT,     /**< a free list that makes no sense, or, in a checked heap, a write
                              past a block's end or after it was freed */
  CAIRN_ERROR_USAGE,       /**< e.g. destroying the default heap */
  CAIRN_ERROR_BOUNDS,      /**< an index past the end of a list */
  CAIRN_ERROR_THREAD,      /**< in a checked heap: the plain count of another thread's object
                              changed, which cairn_share was not called for */
  CAIRN_ERROR_UNIQUE       /**< where heaps are checked: cairn_assert_unique of an object that
                              has another owner */
} cairn_error_kind;

/** Called when a call is found to be wrong, with no lock held. If it returns, the call does
 *  nothing (an allocation returns NULL). The default prints the message and aborts. */
typedef void (*cairn_error_handler)(cairn_error_kind kind, const void *p, const char *message,
                                    void *context);
void cairn_set_error_handler(cairn_error_handler handler, void *context);

/** Checks all that the heap knows of its blocks and free memory. No other thread may use the
 *  heap meanwhile. True if all is well; else calls the error handler once, for the first
 *  fault. */
bool cairn_heap_check(cairn_heap *heap);

/** Looks for blocks and objects of the heap that nothing can reach any more: no variable of the
 *  program, no live object or block, no other memory of the process, nor the calling thread's
 *  stack. Prints them to stderr, by type and place of creation, with what holds them, and
 *  returns how many there are. NULL: the default heap. No other thread may use a heap meanwhile.
 *  With CAIRN_LEAKS=1 in the environment the same is printed when the process ends, then without
 *  stacks; CAIRN_LEAKS=error also makes its exit status 23, and CAIRN_LEAKS=all prints what is
 *  reachable as well. Types and places are known in checked heaps. Not for WebAssembly. */
size_t cairn_leak_check(cairn_heap *heap);

/** Writes what all heaps of the process hold to a file: each block with its type, size, count,
 *  place of creation and references, and what of the process's memory refers to it. `cairn heap
 *  FILE` shows it, and Chrome's developer tools open it if its name ends in ".heapsnapshot"
 *  (docs/heap-dumps.md). The file has its name when it is whole, and one of that name stays until
 *  then. Other threads may go on: the process is copied with fork, and the copy writes the file.
 *  Not within a handler of this library's. False, with errno, if the file cannot be written.
 *  CAIRN_DUMP=FILE in the environment writes one when the process ends, or is ended because a heap
 *  is full; CAIRN_DUMP_SIGNAL=USR2 whenever that signal comes. Not for WebAssembly. */
bool cairn_heap_dump(const char *name);

/** Begins to sample allocations of all heaps, one in about `rate` allocated bytes; 0 is the usual
 *  rate, 512 KiB. A process has one profile: it goes on where cairn_profile_stop left it, and a
 *  start while it runs changes the rate. Other threads are seen from their next slow path on.
 *  Heaps under 1 MiB and checked heaps are not sampled. False, with errno: EINVAL if the rate is
 *  over 1 TiB, ENOTSUP if the default heap is a checked one. Not in a handler of a signal; not for
 *  WebAssembly. */
bool cairn_profile_start(size_t rate);
/** No more samples. Frees of those there are still count. This call and the next two may be made
 *  in a handler of a signal. */
void cairn_profile_stop(void);
/** Writes the profile to a file, in pprof's format (docs/heap-profile.md): for each place where
 *  blocks were made, how many blocks and bytes that were, and how many of them live. The profile
 *  goes on. The file has its name when it is whole, and one of that name stays until then. Other
 *  threads may go on. False, with errno, if the file cannot be written. CAIRN_PROFILE=FILE or
 *  FILE:RATE in the environment starts a profile and writes it when the process ends. */
bool cairn_profile_write(const char *name);
/** The same to an open file, which stays open. */
bool cairn_profile_write_to(int descriptor);

/** For tests: lets the k-th request of this kind from now on fail, once (1 is the next one).
 *  Requests go to the platform or to the heap's region. 0 switches that off. */
typedef enum cairn_fault {
  CAIRN_FAULT_REGION,
  CAIRN_FAULT_SLAB,
  CAIRN_FAULT_LARGE,
  CAIRN_FAULT_METADATA
} cairn_fault;
void cairn_fault_set(cairn_fault kind, uint64_t k);
/** Requests of this kind since the last cairn_fault_set for it. */
uint64_t cairn_fault_count(cairn_fault kind);

/*===------------------------------------------------------------------------===
 * Reports. Exact when no other thread is in the heap.
 *===------------------------------------------------------------------------===*/

#define CAIRN_CLASSES 71

typedef struct cairn_class_stats {
  uint32_t slot_size;
  uint32_t slabs;
  uint64_t raw_blocks; /**< live */
  uint64_t objects;    /**< live, byte arrays among them */
} cairn_class_stats;

typedef struct cairn_stats {
  size_t region_size;
  size_t used;          /**< bytes of slabs and large blocks now */
  size_t peak;          /**< the most `used` has been */
  uint64_t live_blocks; /**< raw blocks */
  uint64_t live_objects;
  size_t live_bytes; /**< slots and large blocks that are live */
  size_t waste;      /**< used - live_bytes */
  uint64_t slabs;
  uint64_t large_blocks;
  size_t large_bytes;
  uint64_t slow_paths; /**< entries since the heap was made */
  cairn_class_stats classes[CAIRN_CLASSES];
} cairn_stats;

/** NULL heap: the default heap. */
void cairn_stats_get(cairn_heap *heap, cairn_stats *stats);
/** Writes text, or one line of JSON, to stderr. */
void cairn_stats_print(cairn_heap *heap, bool json);

typedef struct cairn_block {
  void *p;       /**< the block, or the object's reference */
  size_t size;   /**< usable bytes from p */
  int64_t count; /**< as cairn_refcount; 0 for a raw block */
  uint32_t meta; /**< the object's header word */
  bool object;
} cairn_block;

/** Visits every live block until the visitor returns false. The visitor must not
 *  allocate or free in the heap. */
void cairn_heap_walk(cairn_heap *heap, bool (*visit)(const cairn_block *block, void *context),
                     void *context);

/** "major.minor.patch" */
const char *cairn_version(void);

#ifdef __cplusplus
}
#endif

#endif /* CAIRN_H */
