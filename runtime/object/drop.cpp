//===- drop.cpp - Counts off the fast path, and the end of objects -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A drop is a loop over dead objects: release the fields of one, give back its
// memory, take the next. An object whose count ends while another's fields are
// released waits in a list that is linked through the counts of the dead, so that
// deep and wide shapes alike take constant stack and no memory.
//
//===----------------------------------------------------------------------===//

#include "heap/validate.h"
#include "object/check.h"

namespace cairn {

namespace {

constexpr unsigned kWindowShift = 32; ///< 2^30 multiples of 4: byte arrays are no more.
/// What takes the upper bits of a waiting object's count in a checked drop: it reads as
/// immortal, and a second reference to the object changes nothing of it.
constexpr uint32_t kWaitsMask = 3u << 30, kWaits = 2u << 30;
static_assert(int32_t(kWaits | ~kWaitsMask) < kStickyBand);

/// Adds a dead object to the list of its window; false if there are too many. The link is
/// the next one's address / 4; of its upper two bits only the window speaks.
bool wait(DropState &drops, void *ref, bool checked = false) {
  uintptr_t at = reinterpret_cast<uintptr_t>(ref);
  uintptr_t window = sizeof(at) > 4 ? uint64_t(at) >> kWindowShift : 0;
  unsigned i = drops.used;
  while (i && drops.pending[i - 1].window != window)
    --i;
  if (!i) {
    if (drops.used == DropState::kWindows)
      return false;
    drops.pending[drops.used++] = {window, 0};
    i = drops.used;
  }
  storeCount(ref, int32_t(drops.pending[i - 1].head));
  uint32_t link = uint32_t(at >> 2);
  drops.pending[i - 1].head = checked ? (link & ~kWaitsMask) | kWaits : link;
  return true;
}

void *takeWaiting(DropState &drops) {
  if (!drops.used)
    return nullptr;
  validateAtTimes(drops);
  auto &list = drops.pending[drops.used - 1];
  uint64_t at = uint64_t(list.window) << kWindowShift | uint32_t(list.head << 2);
  void *ref = reinterpret_cast<void *>(uintptr_t(at));
  if (!(list.head = uint32_t(loadCount(ref))))
    --drops.used;
  storeCount(ref, 0);
  return ref;
}

/// Takes one count from a field's object; true if that was the last.
bool releaseField(void *ref) {
  int32_t n = loadCount(ref);
  if (CAIRN_LIKELY(n > 1)) {
    storeCount(ref, n - 1);
    return false;
  }
  if (n == 1)
    return true;
  if (n == 0) {
    fail(CAIRN_ERROR_DEAD, ref, "a field refers to a dead object");
    return false;
  }
  return releaseShared(ref, n);
}

/// Runs the finaliser of an object, or of each element of an array. Counting the
/// dying object up and down does nothing meanwhile, and what is dropped waits.
void finalize(DropState &drops, const cairn_type *type, void *ref, uint32_t n) {
  drops.frame = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  storeCount(ref, kImmortal);
  char *p = static_cast<char *>(ref);
  for (uint32_t i = 0; i < n; ++i, p += type->size) {
    platform::callsProgram(1);
    type->finalize(p);
  }
  drops.frame = 0;
}

void startDrop(void *ref, bool all);

/// Whether headers and fields are looked at before they are believed.
bool looksFirst(const Heap *heap) { return heap->exposed || heap->checked; }

/// Whether the word in a field of `holder` refers to a live object; reports if not.
bool referred(void *holder, void *child) {
  void *object = cairn_resolve(child);
  if (CAIRN_LIKELY(object == child))
    return true;
  Thread *thread = currentThread();
  const void *before = thread ? thread->note.holder : nullptr;
  if (thread)
    thread->note.holder = holder;
  if (object)
    fail(CAIRN_ERROR_INTERIOR, child, "a field refers into an object, not to its reference");
  else if (locate(child).heap)
    fail(CAIRN_ERROR_DEAD, child, "a field refers to a dead object");
  else
    fail(CAIRN_ERROR_FOREIGN, child, "a field holds no reference");
  if (thread)
    thread->note.holder = before;
  return false;
}

/// Whether a count of a child of the object at `place` may be given back by a drop that looks
/// first; reports if not.
bool mayRelease(const ObjectPlace &place, void *ref, void *child) {
  PlainObject found;
  ObjectPlace at;
  if (CAIRN_LIKELY(findPlain(child, found) && loadCount(child) != 0)) {
    if (found.origin.owner == threadNumber() || !place.heap->checked || loadCount(child) < 0)
      return true;
    at = found.place();
  } else {
    if (findStatic(child))
      return true;
    if (!referred(ref, child))
      return false;
    if (!place.heap->checked || loadCount(child) <= 0)
      return true;
    at = placeOf(child);
  }
  return ownedHere(at, child, "released");
}

/// Gives one count of a child back; true if that was the last.
__attribute__((noinline)) bool releaseLooking(const PlainObject &object, void *ref, void *child) {
  return mayRelease(object.place(), ref, child) && releaseField(child);
}

/// What a drop in checked heaps looks up once.
struct CheckedDrop {
  DropState &drops;
  unsigned self; ///< The thread's number.
  uint64_t gone; ///< goneNow()
};

/// Drops an object whose slot it fills up to `end`, with the references that are `listed`. Returns
/// one of those that die with it, or null; where that was found already, it is in `then`.
CAIRN_FAST void *dropPlain(const CheckedDrop &drop, const PlainObject &object, void *ref,
                           uint32_t listed, uint64_t end, PlainObject &then) {
  void *next = nullptr;
  then.heap = nullptr;
  for (uint32_t bits = listed; bits; bits &= bits - 1) {
    void *child = static_cast<void **>(ref)[__builtin_ctz(bits)];
    if (!isReference(child))
      continue;
    PlainObject found;
    bool ours = CAIRN_LIKELY(findPlain(child, found) && found.origin.owner == drop.self);
    int32_t n = ours ? loadCount(child) : 0;
    if (n > 1) {
      storeCount(child, n - 1);
      continue;
    }
    if (CAIRN_UNLIKELY(n != 1) && (isUsualStatic(child) || !releaseLooking(object, ref, child)))
      continue;
    storeCount(child, 0); // so that no other reference to it is followed
    if (!next) {
      next = child;
      if (CAIRN_LIKELY(n == 1))
        then = found;
    } else if (!wait(drop.drops, child, true)) {
      startDrop(child, false); // more windows than lists: a stack frame for this one
    }
  }
  uint32_t words = uint32_t(end - kHeaderSize) / sizeof(void *);
  static_assert(sizeOfClass((kMetaClassMask >> kMetaClassShift) - 1) <= 32 * sizeof(void *));
  uint32_t others = ((1u << words) - 1) & ~listed;
  if (CAIRN_UNLIKELY(platform::tells() && others)) {
    noteLeftovers(object.place(), ref, end); // which may read what was never written
  } else {
    uintptr_t base = object.heap->base, size = object.heap->space.frontier() << kGranuleShift;
    for (; others; others &= others - 1) { // most are numbers
      void **word = static_cast<void **>(ref) + __builtin_ctz(others);
      if (CAIRN_UNLIKELY(reinterpret_cast<uintptr_t>(*word) - base < size))
        noteLeftover(object.origin, __builtin_bit_cast(Origin, drop.gone).gone, ref, word);
    }
  }
  storeCount(ref, 0);
  checkedFreePlain(object.heap, object.slab, object.slot, ref, end, drop.gone);
  return next;
}

/// The general way to drop one object. Returns one of the objects that die with it, or null.
/// `all`: to be looked at in every heap, not just in those that are exposed.
__attribute__((noinline)) void *dropOne(DropState &drops, const ObjectPlace &place, void *ref,
                                        bool all) {
  uint32_t meta = loadMeta(ref);
  void *then = nullptr;
  uint64_t end = 0;
  bool exposed = all || looksFirst(place.heap);
  if (exposed && (isTyped(meta) || place.heap->checked) && !soundHeader(place, ref)) {
    fail(CAIRN_ERROR_CORRUPT, ref, "its header was written over");
  } else if (isTyped(meta)) {
    if (isRegistered(meta)) {
      const cairn_type *type = registered(meta);
      if (type->finalize)
        finalize(drops, type, ref, isArray(meta) ? *lengthOf(ref) : 1);
    }
    auto release = [&](void *child) {
      if (!isReference(child))
        return;
      if (CAIRN_UNLIKELY(exposed) && !mayRelease(place, ref, child))
        return;
      if (!releaseField(child))
        return;
      if (CAIRN_UNLIKELY(exposed)) // so that no other reference to it is followed
        storeCount(child, 0);
      if (!then)
        then = child;
      else if (!wait(drops, child, exposed))
        startDrop(child, all); // more windows than lists: a stack frame for this one
    };
    if (!(meta & (kMetaRegistered | kMetaArray))) {
      for (uint32_t bits = meta & kMetaShapeMask; bits; bits &= bits - 1)
        release(static_cast<void **>(ref)[__builtin_ctz(bits)]);
    } else {
      Fields fields(ref, meta);
      uint64_t at = 0;
      while (void **field = fields.next(at))
        release(*field);
    }
    if (CAIRN_UNLIKELY(place.heap->checked && place.slab)) { // whose header was found sound
      end = endOf(place, ref);
      noteLeftovers(place, ref, end);
    }
  }
  if (end)
    freeObject(place, ref, end);
  else
    freeObject(place, ref);
  return then;
}
void *dropOne(DropState &drops, void *ref, bool all) {
  ObjectPlace place = placeOf(ref);
  return place.heap ? dropOne(drops, place, ref, all) : nullptr;
}

/// The same for who saves few registers.
CAIRN_COLD void *dropOther(DropState &drops, void *ref) { return dropOne(drops, ref, false); }

/// The slab that an object lies in, if it is one of objects of the calling thread's, in a
/// heap whose headers can be believed; else null.
CAIRN_FAST Slab *ownSlabOf(const void *ref) {
  if (!addressHasRecord(ref))
    return nullptr;
  Slab *slab = fast::slabOf(ref);
  bool own = __atomic_load_n(&slab->owner, __ATOMIC_RELAXED) == fast::self() + kObject;
  return own && !slab->shared->heap->exposed ? slab : nullptr;
}

/// What says, in the header words of a slab's objects, that one is plain and has a slot of this
/// size: all but tag and shape. Where the slab's class is not among those that a header word
/// says, nothing does. In a small heap an object's class may be another than its slab's.
constexpr uint32_t kPlainBits = ~(kMetaTagMask | kMetaShapeMask);
constexpr uint32_t kNoPlainBits = ~kPlainBits;
CAIRN_FAST uint32_t plainBitsOf(const Slab *slab) {
  uint32_t cls = slab->bin - uint32_t(kObject * kClasses);
  constexpr uint32_t kMost = kMetaClassMask >> kMetaClassShift;
  return cls < kMost ? kMetaTyped | (cls + 1) << kMetaClassShift : kNoPlainBits;
}

/// Whether the header of the object describes it, and it is where its slab has one.
CAIRN_FAST bool isPlain(const Slab *slab, void *ref, uint32_t meta) {
  if (isTyped(meta) && meta & (kMetaRegistered | kMetaArray))
    return false;
  uintptr_t first = slab->base + slab->start + linkOffset(kObject);
  return exactSlot(slab, uint32_t(reinterpret_cast<uintptr_t>(ref) - first)) < slab->slots;
}

/// A field's object that dropAll does not release itself.
CAIRN_COLD void releaseOther(void *child) {
  DropState &drops = dropsOf(currentThread());
  if (releaseField(child) && !wait(drops, child))
    drop(child); // more windows than lists: a stack frame for this one
}

/// Drops an object and all that dies with it, or waits. The short way is for what most are:
/// plain objects in slabs of the calling thread's. `slab` is that of the first, if it is one.
CAIRN_FAST void dropAll(DropState &drops, void *ref, Slab *slab) {
  uint32_t plain = slab ? plainBitsOf(slab) : kNoPlainBits;
  for (;;) {
    uint32_t meta = loadMeta(ref);
    uint32_t bits = meta & kMetaShapeMask;
    void *then = nullptr;
    bool known = CAIRN_LIKELY((meta & kPlainBits) == plain);
    if (CAIRN_UNLIKELY(!known) && (!slab || !isPlain(slab, ref, meta))) {
      then = dropOther(drops, ref);
    } else {
      if (CAIRN_UNLIKELY(!known) && !isTyped(meta))
        bits = 0;
      for (; bits; bits &= bits - 1) {
        void *child = static_cast<void **>(ref)[__builtin_ctz(bits)];
        if (!isReference(child))
          continue;
        int32_t n = loadCount(child);
        if (n > 1)
          storeCount(child, n - 1);
        else if (CAIRN_LIKELY(n == 1 && !then))
          then = child;
        else
          releaseOther(child);
      }
      storeCount(ref, 0);
      fast::stow(slab, slab->stack, ref);
    }
    if (!then && CAIRN_LIKELY(!(then = takeWaiting(drops))))
      return;
    // What was made together is dropped together: most often the slab is the same.
    uintptr_t apart = reinterpret_cast<uintptr_t>(ref) ^ reinterpret_cast<uintptr_t>(then);
    ref = then;
    if (apart >> kSlabShift || CAIRN_UNLIKELY(!slab)) {
      slab = ownSlabOf(ref);
      plain = slab ? plainBitsOf(slab) : kNoPlainBits;
    }
  }
}

/// Drops an object in a checked heap, and all that dies with it. `object` is where it is, if that
/// is known: what most are.
CAIRN_FAST void dropChain(DropState &drops, Thread *thread, PlainObject object, bool known,
                          void *ref) {
  const CheckedDrop drop = {drops, thread->number, goneNow(thread)};
  Heap *heap = nullptr; // in which something was freed
  for (;;) {
    void *next;
    PlainObject then;
    then.heap = nullptr;
    uint32_t meta = known ? loadMeta(ref) : 0, shape = meta & kMetaShapeMask;
    uint64_t end = plainBytes(meta);
    if (CAIRN_LIKELY(end && end <= object.slab->slotSize - kObjectZone &&
                     !(shape >> ((end - kHeaderSize) / sizeof(void *))))) {
      if (CAIRN_UNLIKELY(heap != object.heap)) {
        if (heap)
          afterFrees(heap);
        heap = object.heap;
      }
      next = dropPlain(drop, object, ref, shape, end, then);
    } else {
      if (heap) // which a finaliser may destroy, where nothing in it lives
        afterFrees(heap);
      heap = nullptr;
      next = dropOne(drops, ref, false);
    }
    if (!next && CAIRN_LIKELY(!(next = takeWaiting(drops))))
      break;
    ref = next;
    known = then.heap || findPlain(ref, then);
    object = then;
  }
  if (heap)
    afterFrees(heap);
}

/// Whether an object waits that was dropped in a finaliser, which runs deeper in the stack than
/// the drop that called it. If not, that drop was left by a longjmp, and is forgotten.
bool waitsInFinalizer(DropState &drops, void *ref) {
  if (CAIRN_LIKELY(!drops.frame))
    return false;
  if (reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) < drops.frame && wait(drops, ref))
    return true;
  drops.frame = 0;
  return false;
}

__attribute__((noinline)) void dropAny(void *ref) {
  PlainObject object;
  Thread *thread = knownThread();
  if (CAIRN_LIKELY(thread && findPlain(ref, object) && object.origin.owner == thread->number)) {
    if (!waitsInFinalizer(dropsOf(thread), ref))
      dropChain(dropsOf(thread), thread, object, true, ref);
    return;
  }
  ObjectPlace place = placeOf(ref);
  if (place.heap && !ownedHere(place, ref, "released"))
    storeCount(ref, 1);
  else if (place.heap)
    drop(ref);
}
/// In the place of what the program called.
CAIRN_FAST void dropFrom(void *ref) {
  noteCaller();
  dropAny(ref);
}

/// Drops an object whose last count was just given back. It saves few registers, since all that
/// it calls saves its own.
CAIRN_COLD void dropLast(void *ref) {
  Slab *slab = ownSlabOf(ref);
  // With a slab of its own the view is a thread's. Inside a finaliser, all drops wait.
  if (CAIRN_UNLIKELY(!slab || dropsOf(reinterpret_cast<Thread *>(cairn_rt_tls)).frame)) {
    dropFrom(ref);
  } else
    dropAll(dropsOf(reinterpret_cast<Thread *>(cairn_rt_tls)), ref, slab);
}

void startDrop(void *ref, bool all) {
  DropState local;
  Thread *thread = currentThread();
  DropState &drops = thread ? dropsOf(thread) : local;
  if (!thread) {
    local.used = 0;
    local.frame = 0;
  }
  if (waitsInFinalizer(drops, ref))
    return;
  if (PlainObject object; thread && !all && anyChecked && findPlain(ref, object)) {
    dropChain(drops, thread, object, true, ref);
    return;
  }
  if (thread && !all) {
    dropAll(drops, ref, ownSlabOf(ref));
    return;
  }
  while (ref) {
    void *then = dropOne(drops, ref, all);
    ref = then ? then : takeWaiting(drops);
  }
}

} // namespace

void drop(void *ref) { startDrop(ref, false); }

void dropChecked(void *ref) { startDrop(ref, true); }

void dropAt(PlainObject object, void *ref) {
  Thread *thread = currentThread();
  if (CAIRN_UNLIKELY(!thread))
    drop(ref);
  else if (!waitsInFinalizer(dropsOf(thread), ref))
    dropChain(dropsOf(thread), thread, object, true, ref);
}

void releaseLater(void *word) {
  if (!isReference(word) || !releaseField(word))
    return;
  Thread *thread = currentThread();
  if (!thread || !wait(dropsOf(thread), word))
    drop(word); // more windows than lists
}

void dropWaiting() {
  if (Thread *thread = currentThread())
    if (void *ref = takeWaiting(dropsOf(thread)))
      startDrop(ref, false);
}

uintptr_t leaveFinalizer(uintptr_t frame) {
  Thread *thread = currentThread();
  if (!thread)
    return 0;
  uintptr_t before = dropsOf(thread).frame;
  dropsOf(thread).frame = frame;
  return before;
}

} // namespace cairn

using namespace cairn;

// The rarer ends of counting. They save the caller's registers themselves, as dropLast does,
// so that a change of a shared count saves none.
static CAIRN_COLD void dropShared(void *ref) {
  noteCaller();
  drop(ref);
}
static CAIRN_COLD void releaseTold(void *ref) {
  noteCaller();
  if (releaseShared(ref, loadCount(ref)))
    drop(ref);
}
static CAIRN_COLD void failRetained(void *ref) {
  noteCaller();
  fail(CAIRN_ERROR_DEAD, ref, "retained, but its count is 0");
}
static CAIRN_COLD void failReleased(void *ref) {
  noteCaller();
  fail(CAIRN_ERROR_DEAD, ref, "released, but its count is 0");
}

extern "C" {

CAIRN_COLD void cairn_rt_incref(void *ref) {
  if (!ref)
    return;
  int32_t n = loadCount(ref);
  if (CAIRN_LIKELY(n < 0)) {
    if (n > kStickyBand) // sticks when it comes to the band
      __atomic_fetch_sub(fast::countOf(ref), 1, __ATOMIC_RELAXED);
  } else if (n == 0) {
    [[clang::musttail]] return failRetained(ref);
  } else if (n == INT32_MAX) {
    storeCount(ref, kSticky);
  } else {
    storeCount(ref, n + 1);
  }
}

CAIRN_COLD void cairn_rt_decref(void *ref) {
  if (!ref)
    return;
  int32_t n = loadCount(ref);
  if (CAIRN_LIKELY(n == 1)) {
    storeCount(ref, 0);
    [[clang::musttail]] return dropLast(ref); // whose caller is then the program
  } else if (n < 0) {
    if (CAIRN_UNLIKELY(platform::tellsThreads())) [[clang::musttail]]
      return releaseTold(ref);
    if (releaseUntold(ref, n)) [[clang::musttail]]
      return dropShared(ref);
  } else if (n == 0) {
    [[clang::musttail]] return failReleased(ref);
  } else {
    storeCount(ref, n - 1);
  }
}

CAIRN_COLD bool cairn_rt_is_unique(void *ref) {
  return __atomic_load_n(fast::countOf(ref), __ATOMIC_ACQUIRE) == -1;
}

} // extern "C"
