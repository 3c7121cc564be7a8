//===- describe.cpp - What a block is, in words -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/describe.h"

#include "heap/checked.h"
#include "heap/guard.h"
#include "heap/poison.h"
#include "object/check.h"
#include "object/container.h"

namespace cairn {

namespace {

/// What lies at an address of a checked heap, or of a guarded block.
struct Found {
  const char *slot = nullptr; ///< Null: nothing that the heap knows.
  uint64_t extent = 0;
  Kind kind = kRaw;
  Origin origin = {};
  bool live = false, large = false;
  bool wasArray = false; ///< Of a large object that is dead.
};

Found findAt(Heap *heap, const void *p) {
  Found found;
  Place place = locate(p);
  if (Slab *slab = place.slab) {
    int i = slotOf(slab, p);
    const GuardedBlock *guarded = guardedAt(p);
    if (guarded) // all of its unit is about this block
      i = 0;
    if (i < 0)
      return found;
    found.slot = slotAt(slab, unsigned(i));
    found.extent = ownBytes(slab);
    found.kind = kindOf(slab);
    if (guarded) {
      found.live = !isDeadGuarded(slab);
      found.origin = guarded->origin;
      found.wasArray = !found.live && guarded->wasArray;
      if (!found.live) // no byte of it can be read
        found.slot = guarded->head;
      return found;
    }
    if (unsigned(i) >= __atomic_load_n(&slab->fresh, __ATOMIC_RELAXED))
      return Found(); // never given out: the origin is that of an earlier slab's
    found.origin = loadOrigin(originOf(slab, unsigned(i)));
    found.live = found.origin.live;
    return found;
  }
  platform::Guard guard(heap->lock);
  uint64_t g = heap->space.runOf(heap->space.granuleOf(p));
  const Run &run = heap->space.run(g);
  if (!run.used || run.slab || !g)
    return found;
  found.large = true;
  found.origin = loadOrigin(originAt(heap, heap->space.addressOf(g)));
  found.live = run.kind != kHeld;
  found.kind = found.live ? Kind(run.kind) : found.origin.zoned ? kRaw : kObject;
  found.wasArray = found.kind == kObject && found.origin.live;
  found.slot = reinterpret_cast<const char *>(heap->space.addressOf(g)) + slotPhase(found.kind);
  found.extent = largeBytes(heap, g) - slotPhase(found.kind);
  return found;
}

/// "function (file:line:column)" of the call that returns to an address, or less.
class ReturnName {
public:
  ReturnName(const void *returns, bool ends) : Returns(returns) {
    platform::nameAddress(static_cast<const char *>(returns) - 1, true, ends, Name, sizeof(Name));
  }
  bool startsWith(const char *with) const {
    return !__builtin_strncmp(Name, with, __builtin_strlen(with));
  }
  void describe(Text &text) const {
    if (*Name)
      text << Name;
    else
      text << Returns;
  }

private:
  const void *Returns;
  char Name[512];
};

void describeThread(Text &text, unsigned number) {
  ThreadInfo info = threadInfo(number);
  text << "thread " << number;
  if (info.isMain)
    text << " (the main thread)";
  else
    text << " (" << info.id << (info.ended ? ", ended)" : ")");
}

/// `at` says where, if it can.
template <typename At>
void describeEvent(Text &text, const char *what, bool known, At at, unsigned thread) {
  if (!known && !thread)
    return;
  text << "\n  " << what;
  if (known) {
    text << " at ";
    at();
  }
  if (thread) {
    text << " by ";
    describeThread(text, thread);
  }
}
void describeEvent(Text &text, const char *what, unsigned site, unsigned thread) {
  describeEvent(
      text, what, site != 0, [&] { describeSite(text, {site}); }, thread);
}

/// The same with the calls around it, from the one that the program made, to main.
void describeEvent(Text &text, const char *what, const Trace &trace, unsigned thread) {
  bool found = false;
  for (unsigned i = 0; i < trace.count; ++i) {
    ReturnName name(trace.returns[i], text.ends);
    if (!found && (name.startsWith("cairn::") || name.startsWith("cairn_")))
      continue; // the runtime's own
    if (found) {
      text << "\n    called from ";
      name.describe(text);
    } else {
      describeEvent(
          text, what, true, [&] { name.describe(text); }, thread);
    }
    found = true;
    if (name.startsWith("main ("))
      return;
  }
  if (!found)
    describeEvent(
        text, what, false, [] {}, thread);
}

const char *containerName(uint32_t meta) {
  return meta == handleMeta(kListTag) ? "list" : meta == handleMeta(kDictTag) ? "dict" : nullptr;
}

/// "object of type node, 48 bytes, count 2"
void describeObject(Text &text, const Found &found) {
  const char *ref = found.slot + kHeaderSize;
  bool array = false;
  if (found.kind == kByteArray) {
    text << "byte array of " << loadMeta(found.slot + kByteArrayRef) << " elements";
    ref = found.slot + kByteArrayRef;
  } else {
    array =
        found.live ? markedArray(found.slot, found.extent) : found.origin.zoned || found.wasArray;
    if (array)
      ref = found.slot + kArrayPrefix;
    uint32_t meta = loadMeta(ref);
    const char *name =
        siteInfo(found.origin.made).type ? siteInfo(found.origin.made).type->name : nullptr;
    if (found.live && isRegistered(meta) && registered(meta))
      name = registered(meta)->name;
    if (const char *container = isTyped(meta) ? containerName(meta) : nullptr)
      name = container;
    bool known = found.live || !found.large; // else its header is gone
    if (known && !array && !isTyped(meta) && !name && (found.live || meta)) {
      text << "bytes object of " << meta << " bytes";
    } else {
      text << (array ? "array of " : "object");
      if (array && found.live)
        text << *lengthOf(const_cast<char *>(ref)) << " ";
      if (array)
        text << "elements";
      if (name)
        text << " of type " << name;
      uint64_t bytes = found.extent - uint64_t(ref - found.slot);
      if (const cairn_type *type = siteInfo(found.origin.made).type;
          type && !array && !containerName(meta) && type->size <= bytes)
        bytes = type->size;
      text << ", " << bytes << " bytes";
      if (uint32_t tag = known && isTyped(meta) ? (meta & kMetaTagMask) >> kMetaTagShift : 0;
          tag && !containerName(meta))
        text << ", tag " << tag;
    }
  }
  if (!found.live)
    return;
  int32_t n = loadCount(ref);
  if (n > 0)
    text << ", count " << uint64_t(n);
  else if (n <= kStickyBand)
    text << ", immortal";
  else if (n < 0)
    text << ", shared count " << uint64_t(-int64_t(n));
}

void describeRaw(Text &text, const Found &found) {
  Stamp stamp;
  const char *start = found.slot;
  if (found.large)
    text << "block of " << found.extent << " bytes";
  else if (found.live && found.origin.zoned && readStamp(start, found.extent, stamp))
    text << "block of " << stamp.size << " bytes";
  else
    text << "block of up to " << found.extent << " bytes";
}

const char *memoryOf(bool neverWritten) {
  return neverWritten ? "memory that was allocated and not written to" : "freed memory";
}

/// What is known of the block that such a word names, if that is the one that it was read from.
void describePoisoned(Text &text, const Poison &poison) {
  Heap *heap = heapOf(poison.block);
  if (!heap)
    return;
  if (!poison.neverWritten && findAt(heap, poison.block).live)
    text << "\n  that memory was given out again since then";
  else
    describe(text, heap, poison.block);
}

void describePoison(Text &text, const void *p) {
  Poison poison = readPoison(reinterpret_cast<uintptr_t>(p));
  if (!poison.block)
    return;
  text << "\n  this address was read from " << memoryOf(poison.neverWritten) << ", at "
       << static_cast<const void *>(poison.block);
  describePoisoned(text, poison);
}

} // namespace

bool describeSite(Text &text, Where where) {
  SiteInfo info = siteInfo(where.site);
  if (info.site) {
    text << info.site->function;
    if (info.site->file)
      text << " (" << info.site->file << ":" << info.site->line;
    if (info.site->file && info.site->column)
      text << ":" << info.site->column;
    if (info.site->file)
      text << ")";
    return true;
  }
  if (!info.returns)
    return false;
  ReturnName(info.returns, text.ends).describe(text);
  return true;
}

void describeLeftover(Text &text, const void *ref) {
  Leftover left = leftoverOf(ref);
  if (!left.ref)
    return;
  text << "\n    seen at byte " << left.offset << " of an object" << (left.type ? " of type " : "")
       << (left.type ? left.type : "") << " when that was released";
  if (left.gone) {
    text << " at ";
    describeSite(text, {left.gone});
  }
  text << ": its descriptor lists no field there";
}

Known knownOf(Heap *heap, const void *p, uint32_t meta) {
  Known known;
  if (isRegistered(meta) && registered(meta))
    known.type = registered(meta)->name;
  if (isTyped(meta) && containerName(meta))
    known.type = containerName(meta);
  Place place = locate(p);
  if (place.slab && kindOf(place.slab) == kRaw)
    known.what = "block";
  else if (place.slab && kindOf(place.slab) == kByteArray)
    known.what = "byte array";
  else if (!isTyped(meta))
    known.what = "bytes object";
  else if (isArray(meta))
    known.what = "array";
  if (!heap->checked && !guardedAt(p))
    return known;
  Found found = findAt(heap, p);
  known.made = found.origin.made;
  if (const cairn_type *type = siteInfo(known.made).type; type && !known.type)
    known.type = type->name;
  return known;
}

void describe(Text &text, Heap *heap, const void *p) {
  platform::Unseen unseen;
  bool guarded = guardedAt(p);
  if (!heap->checked && !guarded)
    return;
  Found found = findAt(heap, p);
  if (!found.slot || (!found.live && !found.origin.made && !found.origin.gone && !guarded))
    return;
  text << "\n  " << (found.live ? "live " : "dead ");
  if (found.kind == kRaw)
    describeRaw(text, found);
  else
    describeObject(text, found);
  const char *gone = found.kind == kRaw ? "freed" : "released";
  if (const GuardedBlock *block = guardedAt(p)) {
    if (!found.live || !isLaterLife(block->slab))
      describeEvent(text, "made", block->made, found.origin.owner);
    if (!found.live)
      describeEvent(text, gone, block->gone, found.origin.by);
    return;
  }
  describeEvent(text, "made", found.origin.made, found.origin.owner);
  if (!found.live)
    describeEvent(text, gone, found.origin.gone, found.origin.by);
}

void describeCall(Text &text, const void *p) {
  if (!anyChecked && notesCallers)
    describeEvent(text, "now", captureNow(), threadNumber());
  if (!anyChecked)
    return;
  describePoison(text, p);
  if (const void *holder = notedHolder())
    if (Heap *heap = heapOf(holder)) {
      text << "\n  the field is in the object " << holder << ":";
      describe(text, heap, holder);
    }
  describeEvent(text, "now", callerSite(), threadNumber());
}

void explainReport(const void *address) {
  Text text;
  text.ends = true;
  text << "cairn: " << address << ":";
  if (Heap *heap = heapOf(address))
    describe(text, heap, address);
  text << "\n";
  text.flush();
}

void explainGuarded(const void *address) {
  Text text;
  text.ends = text.streams = true;
  const GuardedBlock *block = guardedAt(address);
  const Slab *slab = block->slab;
  bool dead = isDeadGuarded(slab);
  const char *at = static_cast<const char *>(address), *slot = slotAt(slab, 0);
  const char *end = slot + slab->slotSize, *p = slot;
  if (kindOf(slab) == kByteArray)
    p += kByteArrayRef;
  else if (kindOf(slab) == kObject)
    p += (dead ? block->wasArray : markedArray(slot, slab->slotSize)) ? kArrayPrefix : kHeaderSize;
  const char *gone = kindOf(slab) == kRaw ? "freed" : "released";
  text << "cairn: fault at address " << address << ": ";
  if (at >= end)
    text << uint64_t(at - end) << " bytes past the end of the block at ";
  else if (at < slot)
    text << uint64_t(slot - at) << " bytes before the start of the block at ";
  else if (at < p)
    text << "the header of what was " << gone << " at ";
  else
    text << "byte " << uint64_t(at - p) << " of what was " << gone << " at ";
  const Heap *heap = block->heap;
  text << static_cast<const void *>(p) << " (heap " << (heap->name ? heap->name : "unnamed")
       << ", offset " << uint64_t(reinterpret_cast<uintptr_t>(p) - heap->base) << ", slot size "
       << slab->slotSize << ")";
  describe(text, block->heap, p);
  describeEvent(text, "used", captureNow(platform::faultedAt), threadNumber());
  text << "\n";
  text.flush();
}

void explainFault(const char *block, bool neverWritten, const void *address) {
  Text text;
  text.ends = true;
  if (block) {
    text << "cairn: the process used an address which it read from " << memoryOf(neverWritten)
         << ", at " << static_cast<const void *>(block);
    describePoisoned(text, {block, neverWritten});
  } else {
    text << "cairn: fault at address " << address;
    if (Heap *heap = heapOf(address))
      describe(text, heap, address);
    else
      text << ", which is in no heap";
  }
  if (unsigned thread = threadNumber()) {
    text << "\n  used by ";
    describeThread(text, thread);
  }
  text << "\n";
  text.flush();
}

} // namespace cairn
