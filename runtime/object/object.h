//===- object.h - Objects by their header -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a reference's header says: which words of the payload are managed, and
// where the slot begins. See cairn/abi.h for the encodings.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_OBJECT_OBJECT_H
#define CAIRN_OBJECT_OBJECT_H

#include "cairn/host.h"
#include "object/place.h"
#include "platform/outside.h"

namespace cairn {

inline uint32_t loadMeta(const void *ref) { return static_cast<const uint32_t *>(ref)[-1]; }
inline int32_t loadCount(const void *ref) {
  return __atomic_load_n(static_cast<const int32_t *>(ref) - 2, __ATOMIC_RELAXED);
}
inline void storeCount(void *ref, int32_t n) {
  __atomic_store_n(fast::countOf(ref), n, __ATOMIC_RELAXED);
}
/// References are multiples of 4. An odd word in the place of one is an immediate: an integer of
/// the frontend's, which refers to nothing and which nobody counts.
inline bool isImmediate(const void *word) { return reinterpret_cast<uintptr_t>(word) & 1; }
/// Whether a field's word, or what was given as an object, refers to one.
inline bool isReference(const void *word) { return word && CAIRN_LIKELY(!isImmediate(word)); }
inline bool isTyped(uint32_t meta) { return meta & kMetaTyped; }
inline bool isArray(uint32_t meta) {
  return (meta & (kMetaTyped | kMetaArray)) == (kMetaTyped | kMetaArray);
}
inline bool isRegistered(uint32_t meta) {
  return (meta & (kMetaTyped | kMetaRegistered)) == (kMetaTyped | kMetaRegistered);
}
/// An array's length and, in the next word, its capacity.
inline uint32_t *lengthOf(void *ref) { return static_cast<uint32_t *>(ref) - 4; }

/// releaseShared() where no sanitizer is told of it: calls nothing.
CAIRN_FAST bool releaseUntold(void *ref, int32_t n) {
  return n > kStickyBand && __atomic_fetch_add(fast::countOf(ref), 1, __ATOMIC_ACQ_REL) == -1;
}

/// Gives back one count of an object whose count word, read as n, is below 0: true if that was
/// the last of a shared one. Sticky and immortal ones stay. What others wrote to the object is
/// seen by the thread that drops it.
inline bool releaseShared(void *ref, int32_t n) {
  if (n > kStickyBand)
    platform::released(ref);
  if (!releaseUntold(ref, n))
    return false;
  platform::acquired(ref);
  return true;
}

/// Whether a slot of `extent` bytes, which holds an object, is marked as an array's.
inline bool markedArray(const char *slot, uint64_t extent) {
  return reinterpret_cast<const uint32_t *>(slot)[1] == kArrayMark && extent >= kArrayPrefix;
}

/// What an allocation does when the heap is full and its handler gives up nothing: ends the
/// process, or returns null.
enum class OnFull { Fail, Null };

//===- descriptor.cpp -----------------------------------------------------===//

/// The header word of objects (or of arrays of elements) of this type; 0 if the
/// descriptor is malformed, which is reported, or the registry has no memory, which
/// sets `full`.
uint32_t metaOf(const cairn_type *type, bool array, bool &full);
/// The same of a type that has the header word of a plain object that says its class, as most have;
/// else 0, which says nothing.
CAIRN_FAST uint32_t plainMetaOf(const cairn_type *type) {
  uint32_t meta = type ? __atomic_load_n(&type->meta, __ATOMIC_RELAXED) : 0;
  uint32_t cls = (meta & kMetaClassMask) >> kMetaClassShift, bits = meta & kMetaShapeMask;
  if ((meta & (kMetaTyped | kMetaRegistered | kMetaArray | kMetaFree)) != kMetaTyped || !cls)
    return 0;
  uint64_t size = sizeOfClass(cls - 1), bytes = objectBytes(type->size, type->align);
  if (bytes > size || (bytes + 8 <= size && cls > 1) || type->finalize)
    return 0;
  if (bits >> (type->size / sizeof(void *)))
    return 0;
  for (unsigned i = type->field_count; i; --i, bits &= bits - 1)
    if (!bits)
      return 0;
  return bits ? 0 : meta;
}
const cairn_type *registered(uint32_t meta); ///< Null for a word that no type has.

/// Calls with each live block of every heap, until that says no: report/ knows how.
using WalkHeaps = void (*)(bool (*visit)(const cairn_block *, void *), void *context);
/// cairn_host_retire.
uint64_t retireTypes(const cairn_host_range *ranges, size_t count, WalkHeaps walk);

/// The managed words of an object, in order.
class Fields {
public:
  Fields(void *ref, uint32_t meta);
  /// The address of the next managed word at or after position `at`, and moves
  /// `at` behind it; null at the end.
  void **next(uint64_t &at) const;
  bool none() const { return !Count; }
  /// The first position of the array's element, or of the object, that byte p lies in.
  uint64_t positionOf(const char *p) const {
    return Count && Stride ? uint64_t(p - Payload) / Stride * PerElement : 0;
  }

private:
  char *Payload;
  const uint32_t *Offsets = nullptr; ///< Registered types: else the bitmap.
  uint32_t Bitmap = 0;
  uint32_t PerElement = 0; ///< Positions in one element (or the object).
  size_t Stride = 0;       ///< Bytes of one element.
  uint64_t Count = 0;      ///< Positions in all.
};

//===- allocate.cpp -------------------------------------------------------===//

/// What cairn_rt_alloc_... does, for the called forms and the runtime itself: an exception
/// that a handler throws passes through these. `heap` null means the default heap.
void *newTyped(const cairn_type *type, void *heap);
void *newBytes(uint64_t n, void *heap);
void *newArray(const cairn_type *element, uint64_t n, void *heap);

//===- place.cpp ----------------------------------------------------------===//

#if !defined(__wasm__)
/// Of an object in a slab of a checked heap: the bytes from its slot's start that it may write,
/// as far as its header says.
uint64_t endOfOther(const ObjectPlace &place, const void *ref);
/// The same of a plain object whose header word says its class; 0 for others.
inline uint64_t plainBytes(uint32_t meta) {
  uint32_t cls = (meta & kMetaClassMask) >> kMetaClassShift;
  bool plain = (meta & (kMetaTyped | kMetaRegistered | kMetaArray)) == kMetaTyped;
  return CAIRN_LIKELY(plain && cls) ? sizeOfClass(cls - 1) : 0;
}
inline uint64_t endOf(const ObjectPlace &place, const void *ref) {
  uint64_t plain = plainBytes(loadMeta(ref)), own = place.slab->slotSize - kObjectZone;
  return CAIRN_LIKELY(plain != 0 && plain <= own) ? plain : endOfOther(place, ref);
}
/// Gives a dead object's memory back. `end`: endOf() it where its heap is checked.
void freeObject(const ObjectPlace &place, void *ref, uint64_t end);
#endif
/// Gives a dead object's memory back.
void freeObject(const ObjectPlace &place, void *ref);

//===- statics.cpp ----------------------------------------------------------===//

/// The static object (cairn/static.h) that p lies in, or null. The variable is null until there
/// is one; place.cpp has it.
extern void *(*staticAt)(const void *p);
inline void *staticOf(const void *p) {
  auto at = __atomic_load_n(&staticAt, __ATOMIC_ACQUIRE);
  return CAIRN_UNLIKELY(at != nullptr) ? at(p) : nullptr;
}
inline bool isStatic(const void *ref) { return ref && staticOf(ref) == ref; }
#if !defined(__wasm__)
/// Where references to static objects may lie, in the first image that said it has some. `from` is
/// written once, and `to` is 0 while the image says it has none.
struct StaticRange {
  uintptr_t from, to;
};
extern StaticRange usualStatics;
/// Whether it is a static object of that image, without a call. False says nothing.
CAIRN_FAST bool isUsualStatic(const void *ref) {
  uintptr_t at = reinterpret_cast<uintptr_t>(ref);
  if (at >= __atomic_load_n(&usualStatics.to, __ATOMIC_ACQUIRE) || at < usualStatics.from ||
      at % 16)
    return false;
  const uint32_t *start = static_cast<const uint32_t *>(ref) - kStaticPrefix / sizeof(uint32_t);
  return start[0] == kStaticMark && loadCount(ref) == kImmortal;
}
#endif
/// Bytes of a static object's payload.
inline uint32_t staticBytes(const void *ref) { return static_cast<const uint32_t *>(ref)[-3]; }
/// Around fork.
void lockStatics();
void unlockStatics();

//===- sound.cpp ----------------------------------------------------------===//

#if defined(__wasm__)
constexpr bool anyExposed = false;
#else
extern bool anyExposed; ///< Whether some heap of the process is exposed.
#endif
/// From now on the program can write anywhere in the heap's region.
void expose(Heap *heap);
/// Whether what the header of the object at `place` says fits the memory that it has, and
/// names a type that there is. Its fields may hold anything.
bool soundHeader(const ObjectPlace &place, void *ref);
/// The same, and whether each field is null or the exact reference of a live object.
/// `ref` is one itself.
bool soundObject(void *ref);

//===- drop.cpp -----------------------------------------------------------===//

#if defined(__wasm__)
/// Set by the first byte array, and type that is registered or that arrays are made of:
/// else the drop of those is not in the module.
extern bool widerShapes;
inline void noteShape() { widerShapes = true; }
#else
inline void noteShape() {}

/// Dead objects whose fields are still to be released, linked through their
/// counts. A count is 32 bits: it holds the next one's address / 4 within a
/// window of 4 GiB, and each window met has a list of its own.
struct DropState {
  static constexpr unsigned kWindows = 64;
  struct {
    uintptr_t window;
    uint32_t head;
  } pending[kWindows];
  unsigned used;
  uintptr_t frame; ///< Stack address of the drop that runs a finaliser, or 0.
};
/// It has the room that a thread's record keeps for this layer.
static_assert(sizeof(DropState) <= sizeof(Thread::above));
inline DropState &dropsOf(Thread *thread) { return *reinterpret_cast<DropState *>(thread->above); }

#if CAIRN_DEBUG
/// Asserts what is said of a queue of dead objects; the second, when it is time. By its thread.
void validate(const DropState &drops);
void validateAtTimes(const DropState &drops);
#else
inline void validateAtTimes(const DropState &) {}
#endif
#endif

/// What the program's own handler drops must be free when it returns: for as long the calling
/// thread is in no drop, and no finaliser is running. Given 0; returns what to give back to it
/// afterwards.
uintptr_t leaveFinalizer(uintptr_t frame);

/// Destroys an object whose last count is gone.
void drop(void *ref);
/// The same in an order that believes nothing: each header and reference is looked at
/// before it is followed, as in an exposed heap, and what is unsound is reported.
void dropChecked(void *ref);

/// Takes one count from a field's object, or does nothing of another word. If that was the last,
/// the object waits for dropWaiting, or for the drop that is going on.
void releaseLater(void *word);
void dropWaiting();

} // namespace cairn

#endif // CAIRN_OBJECT_OBJECT_H
