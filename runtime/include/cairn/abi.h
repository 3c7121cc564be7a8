//===- abi.h - Layouts and encodings that generated code relies on -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place where an offset, a count band or a header bit is written. The
// runtime, the inlined fast paths and the lowering pass all read it here. It
// includes nothing but the fixed-width integers and its version, so that a compiler may
// use it.
//
// A slot of an object slab, s = its first byte (s is 8 mod 16):
//
//   plain object    [refcount i32][meta u32][payload ...]          ref = s + 8
//   typed array     [0][mark][length u32][capacity u32]
//                   [refcount i32][meta u32][elements ...]         ref = s + 24
//
// A slot of a byte-array slab (t is 4 mod 16; data is 16-byte aligned):
//
//   byte array      [refcount i32][length u32][capacity u32][data] ref = t + 8
//
// A raw slab's slot is the block itself. A free slot's link lies at the slot's
// first byte (raw), at s + 8 or at t + 4: always past the slot's own count,
// which stays 0, so a dead object is recognised until its slot is reused.
//
// Invariant: every object reference has its count at ref - 8 and its meta word
// at ref - 4, without exception.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_ABI_H
#define CAIRN_ABI_H

#include "cairn/abi_version.h"
#include <stddef.h>
#include <stdint.h>

struct cairn_type; // cairn.h

namespace cairn {

//===----------------------------------------------------------------------===//
// Version
//===----------------------------------------------------------------------===//

/// Generated code and runtime must agree. It is raised in abi_version.h when a layout
/// below changes.
constexpr unsigned kAbiVersion = CAIRN_ABI_VERSION;

//===----------------------------------------------------------------------===//
// Size classes
//===----------------------------------------------------------------------===//

/// What a slab holds. Byte arrays are objects; they have slabs of their own only
/// because their data is 16-byte aligned 12 bytes behind their count.
enum Kind : uint8_t { kRaw = 0, kObject = 1, kByteArray = 2 };
constexpr unsigned kKinds = 3;

constexpr size_t kMaxSmall = 2048; ///< Largest slot; over it, a large block.
constexpr size_t kMinSmall = 16;

// Steps of 8 up to 128, of 16 up to 512, of 32 up to 1024, of 64 up to 2048: 71 classes.
// The powers of two from 16 to 2048 are among them; a small heap has only these. The class
// for a multiple of 16 is a multiple of 16 itself, which gives such blocks 16-byte alignment.
constexpr unsigned kClasses = 71;

/// The class that serves a slot of \p n bytes, n <= kMaxSmall.
constexpr unsigned classOf(size_t n) {
  return n <= kMinSmall ? 0
         : n <= 128     ? unsigned((n + 7) / 8) - 2
         : n <= 512     ? unsigned((n + 15) / 16) + 6
         : n <= 1024    ? unsigned((n + 31) / 32) + 22
                        : unsigned((n + 63) / 64) + 38;
}

/// The slot size of class \p c in bytes.
constexpr size_t sizeOfClass(unsigned c) {
  return c < 15   ? (size_t(c) + 2) * 8
         : c < 39 ? (size_t(c) - 6) * 16
         : c < 55 ? (size_t(c) - 22) * 32
                  : (size_t(c) - 38) * 64;
}
static_assert(sizeOfClass(kClasses - 1) == kMaxSmall && classOf(kMaxSmall) == kClasses - 1);
static_assert(sizeOfClass(classOf(129)) == 144 && sizeOfClass(classOf(513)) == 544 &&
              sizeOfClass(classOf(1025)) == 1088);

/// classOf by (n + 7) / 8, for sizes that are not constant.
struct ClassTable {
  uint8_t of[kMaxSmall / 8 + 1];
};
constexpr ClassTable makeClassTable() {
  ClassTable t = {};
  for (size_t i = 0; i <= kMaxSmall / 8; ++i)
    t.of[i] = uint8_t(classOf(i * 8));
  return t;
}

/// A bin is one class of one kind; it indexes a cache's stacks and slabs in hand.
constexpr unsigned kBins = kClasses * kKinds;
constexpr unsigned binOf(Kind kind, unsigned cls) { return kind * kClasses + cls; }

//===----------------------------------------------------------------------===//
// Object header
//===----------------------------------------------------------------------===//

constexpr size_t kHeaderSize = 8;     ///< Count and meta, just before the payload.
constexpr size_t kArrayPrefix = 24;   ///< From a slot's start to a typed array's ref.
constexpr size_t kByteArrayRef = 8;   ///< From a slot's start to a byte array's ref.
constexpr size_t kByteArrayData = 12; ///< From a slot's start to its data.

/// Where slot 0 of a slab lies, modulo 16.
constexpr size_t slotPhase(Kind kind) { return kind == kObject ? 8 : kind == kByteArray ? 4 : 0; }
/// From a slot's first byte to where it is linked while it is free: its link address.
constexpr size_t linkOffset(Kind kind) { return kind == kObject ? 8 : kind == kByteArray ? 4 : 0; }

/// The count, as a signed word:
///   n >= 1        owned n times, by one thread; plain arithmetic
///   0             dead, or never given out
///   -n            shared between threads, owned n times; atomic arithmetic
///   < kStickyBand never changes: sticky (it once overflowed) or immortal
/// One signed compare of the incremented (incref) or loaded (decref) word with 1
/// keeps the plain case inline and sends every other one to the cold path.
constexpr int32_t kStickyBand = -0x40000000;
constexpr int32_t kSticky = -0x50000000;
constexpr int32_t kStickyShared = -0x58000000; ///< And what it reaches is shared.
constexpr int32_t kImmortal = -0x60000000;

/// The meta word. Bit 31 clear: bytes, the word is the length. Bit 31 set: typed:
///   bits 16..23  the frontend's tag
///   bit 30       bits 0..15 and 24..28 index the descriptor registry
///   bit 29       an array; ref - 16 holds its length
/// Otherwise the word describes itself. Plain object: bit i of 0..15 set says
/// that payload word i is a managed reference; bits 24..27 are the class that
/// its slot is asked for plus 1, or 0 where that is not said (over 128 bytes,
/// or by a descriptor's own choice); bit 28 is 0, and free for later. Array: bits 12..15 are the
/// words of one element, bit i of 0..11 says that an element's word i is managed.
constexpr uint32_t kMetaTyped = 0x80000000u;
constexpr uint32_t kMetaRegistered = 0x40000000u;
constexpr uint32_t kMetaArray = 0x20000000u;
constexpr uint32_t kMetaTagShift = 16;
constexpr uint32_t kMetaTagMask = 0x00ff0000u;
constexpr uint32_t kMetaShapeMask = 0x0000ffffu;
constexpr unsigned kMetaBitmapWords = 16;
constexpr unsigned kMetaElemWords = 12;
constexpr unsigned kMetaElemShift = 12;
constexpr uint32_t kMetaClassShift = 24;
constexpr uint32_t kMetaClassMask = 0x0f000000u;
constexpr uint32_t kMetaFree = 0x10000000u; ///< No use yet: 0.
constexpr uint32_t kMaxRegistered = 1u << 21;
constexpr uint64_t kMaxBytes = 0x7fffffff; ///< Longest bytes object.
/// Where a plain object's meta would be in a typed array's slot. No plain
/// object can have this word: bits 29 and 30 are never set without an array.
constexpr uint32_t kArrayMark = 0xffffffffu;

/// Of a plain object's meta: the class of a slot of \p n bytes. It follows from the type alone.
/// A small heap serves the class by a wider slot, so two objects of one heap that have the
/// same class bits, not 0, lie in slots of one size in every heap.
constexpr uint32_t classBits(uint64_t n) {
  return n <= sizeOfClass((kMetaClassMask >> kMetaClassShift) - 1)
             ? uint32_t(classOf(size_t(n)) + 1) << kMetaClassShift
             : 0;
}
static_assert(classBits(1) == 1u << kMetaClassShift && classBits(128) == kMetaClassMask &&
              classBits(129) == 0);

/// A static object lies in an image of the program (cairn/static.h), not in a slot:
///   [mark][bytes of the payload u32][refcount i32][meta u32][payload ...]    ref = start + 16
/// It starts at a multiple of 16, and its count is kImmortal.
constexpr uint32_t kStaticMark = 0x74736163u;
constexpr size_t kStaticPrefix = 16;
constexpr char kStaticSection[] = "cairn_static";

constexpr uint32_t registeredMeta(uint32_t index) {
  return kMetaTyped | kMetaRegistered | (index & 0xffffu) | ((index >> 16) << 24);
}
constexpr uint32_t registeredIndex(uint32_t meta) {
  return (meta & 0xffffu) | (((meta >> 24) & 0x1fu) << 16);
}

/// Largest alignment a descriptor may ask for, in bytes.
constexpr unsigned kMaxAlign = 16;

/// Bytes of the slot that a plain object is asked for, from its type's size and alignment.
constexpr uint64_t objectBytes(uint64_t size, unsigned align) {
  uint64_t bytes = kHeaderSize + size;
  return align > 8 ? (bytes + 15) & ~uint64_t(15) : bytes;
}

//===----------------------------------------------------------------------===//
// Descriptor
//===----------------------------------------------------------------------===//

/// Where the fields of a cairn_type (cairn.h) lie, in bytes from its start, on a target whose
/// pointers have so many bytes.
struct TypeLayout {
  constexpr explicit TypeLayout(unsigned pointer)
      : finalize(fields + pointer), name(finalize + pointer), bytes(name + pointer) {}
  unsigned size = 0;       ///< u32
  unsigned align = 4;      ///< u16
  unsigned fieldCount = 6; ///< u16
  unsigned meta = 8;       ///< u32
  unsigned reserved = 12;  ///< u32
  unsigned fields = 16;    ///< pointer to u32
  unsigned finalize;       ///< pointer to a function
  unsigned name;           ///< pointer to char
  unsigned bytes;          ///< Of the whole descriptor.
};

//===----------------------------------------------------------------------===//
// Slabs and caches: only what inlined code touches
//===----------------------------------------------------------------------===//

constexpr unsigned kSlabShift = 16; ///< A slab is 64 KiB, aligned.
constexpr size_t kSlabSize = size_t(1) << kSlabShift;
constexpr unsigned kSlabRecordShift = 6; ///< Its record is one 64-byte line.

/// A slab's record. Records lie in one process-wide table indexed by address
/// (`cairn_rt_table[p >> kSlabShift]`), outside every heap, one line each: the
/// line is written by the slab's owner only. What other threads write is in
/// `Shared` (heap/slab.h).
struct alignas(64) Slab {
  void *free;      ///< Local free list: a link address, or null.
  uintptr_t owner; ///< Thread pointer + kind; 0 for no slab, or no owner.
  intptr_t credit; ///< Frees by the owner until the cold path looks at the slab.
  uintptr_t base;  ///< First byte of the memory it describes.
  struct Shared *shared;
  struct SlotStack *stack; ///< Its owner's stack for this bin; one without room if it takes none.
  uint32_t slotSize;
  uint32_t reciprocal; ///< ceil(2^32 / slotSize): a slot's index by multiply.
  uint16_t slots;
  uint16_t start; ///< Offset of slot 0 from base.
  uint16_t fresh; ///< Slots given to the list so far.
  uint8_t bin;
  uint8_t role; ///< SlabRole in heap/slab.h; 0 outside every heap.
};
static_assert(sizeof(Slab) == 64);

/// A bin's stack: the slots that the next allocations take, as link addresses. Frees put
/// them there, and the slow path when it is empty. Word 0 is always null, so that finding
/// nothing, and a bin that was not used yet, are one test.
struct SlotStack {
  void **top;   ///< The last slot's word; word 0 when there is none.
  void **limit; ///< One past the last word.
};
/// A stack has a power of two of words. It begins small and doubles as it is emptied, up
/// to what holds kMostStacked bytes of slots.
constexpr unsigned kLeastStackShift = 4, kMostStackShift = 10;
constexpr size_t kMostStacked = kSlabSize;

/// The part of a thread's cache of one heap that inlined code reads.
struct Bins {
#if defined(__wasm__)
  void *head[kBins]; ///< There, lists without slabs: link addresses, or null.
#else
  SlotStack stacks[kBins];
  Slab *hand[kBins]; ///< The slabs that stacks are filled from.
#endif
};

constexpr unsigned kLookups = 64;   ///< Heaps a thread finds without a call.
constexpr unsigned kHeapAlign = 12; ///< A heap's own record is aligned to 4 KiB.

/// What the one thread-local points to. `cache` is the thread's cache of the
/// default heap, `lookup` finds its caches of other heaps by the heap's address.
struct ThreadView {
  Bins cache;
  struct {
    const void *heap;
    Bins *bins;
  } lookup[kLookups];
};

/// How the record of a heap begins. All that lies between the bounds is the heap's; what lies
/// elsewhere may be, too, if the heap does not hold its region as a whole: there, they are equal.
struct HeapBounds {
  uintptr_t base;
  size_t bytes;
};

//===----------------------------------------------------------------------===//
// Programs that count their operations (the lowering's option CountOps)
//===----------------------------------------------------------------------===//

constexpr uint32_t kCountIncref = 0;
constexpr uint32_t kCountDecref = 1;
constexpr uint32_t kCountAllocation = 2;

/// What a function executed. Generated code has one for each function, with its name and zeros.
struct CountedFunction {
  const char *name;
  CountedFunction *next; ///< The runtime's, as all that follows.
  uint64_t increfs, decrefs, lasts, allocations;
  uint32_t listed, printed;
};

//===----------------------------------------------------------------------===//
// Programs that are built with --heap=checked (the lowering's option Checked)
//===----------------------------------------------------------------------===//

/// Where the program makes, counts or releases something. Generated code has one for each call.
struct CheckSite {
  const char *function;
  const char *file;                ///< Null where there is no debug information.
  const struct ::cairn_type *type; ///< Of an allocation, where it is a constant; else null.
  uint32_t line, column;
  uint32_t number; ///< The runtime's.
  uint32_t fibers; ///< Not 0: the function may go on in another thread.
};

//===----------------------------------------------------------------------===//
// Linear memory (WebAssembly)
//===----------------------------------------------------------------------===//

/// A page of 16 KiB is a slab, or holds large blocks; it has one byte in each table of marks.
constexpr unsigned kPageShift = 14;
constexpr size_t kPageSize = size_t(1) << kPageShift;
constexpr size_t kMemoryUnit = 65536; ///< What memory.grow counts.

} // namespace cairn

#endif // CAIRN_ABI_H
