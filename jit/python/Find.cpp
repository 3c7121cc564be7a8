//===- Find.cpp - From an offset to a live block -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fast.h"

#include "heap/checked.h"
#include "heap/freed.h"

using namespace cairn;
using namespace cairn::python;

namespace {

/// Where the slot of a block is, and how far it reaches.
struct Slot {
  char *at;
  uint64_t extent;
  Slab *slab;
  Kind kind;
  bool live;
};

/// The slot or large block that p lies in; false if there is none.
bool slotAround(Heap *heap, char *p, Slot &out) {
  Place place = locate(p);
  if (place.heap != heap)
    return false;
  if (Slab *slab = place.slab) {
    int i = slotOf(slab, p);
    if (i < 0 || unsigned(i) >= slab->fresh)
      return false;
    out = {slotAt(slab, unsigned(i)), ownBytes(slab), slab, kindOf(slab), true};
    if (heap->checked) {
      out.live = checkedLive(slab, unsigned(i));
      Stamp stamp;
      if (out.kind == kRaw && out.live && readStamp(out.at, slab->slotSize, stamp))
        out.extent = stamp.size;
    } else if (out.kind == kRaw)
      out.live = !isFreed(slab, out.at);
    return true;
  }
  platform::Guard guard(heap->lock);
  uint64_t g = largeAt(heap, p);
  if (g == Space::kNone)
    return false;
  Kind kind = Kind(heap->space.run(g).kind);
  out = {reinterpret_cast<char *>(heap->space.addressOf(g)) + slotPhase(kind),
         largeBytes(heap, g) - slotPhase(kind), nullptr, kind, true};
  return p >= out.at;
}

} // namespace

bool cairn::python::findSlow(const Manager *m, uint64_t at, Block &block) {
  if (at >= m->size)
    return false;
  Slot slot;
  if (!slotAround(m->heap, reinterpret_cast<char *>(m->base + at), slot) || !slot.live)
    return false;
  block.start = slot.at;
  block.slab = slot.slab;
  block.kind = slot.kind;
  block.end = slot.at + slot.extent;
  block.meta = 0;
  if (slot.kind == kRaw) {
    block.data = slot.at;
    block.ref = nullptr;
    return true;
  }
  if (slot.kind == kByteArray) {
    block.ref = slot.at + kByteArrayRef;
    block.data = slot.at + kByteArrayData;
    block.meta = loadMeta(block.ref);
    uint64_t elem = *reinterpret_cast<uint32_t *>(slot.at + slot.extent - sizeof(uint32_t));
    uint64_t bytes = uint64_t(block.meta) * elem, room = slot.extent - kByteArrayExtra;
    block.end = block.data + (bytes < room ? bytes : room);
  } else {
    block.data = slot.at + (markedArray(slot.at, slot.extent) ? kArrayPrefix : kHeaderSize);
    block.ref = block.data;
    block.meta = loadMeta(block.ref);
    uint64_t room = uint64_t(block.end - block.data);
    if (!isTyped(block.meta) && block.meta < room)
      block.end = block.data + block.meta;
  }
  return loadCount(block.ref) != 0;
}

static bool noObject(const Manager *m, uint64_t at) {
  heapError("a raw block, which has no count", at, m);
  return false;
}

bool cairn::python::find(const Manager *m, uint64_t at, Block &block) {
  return quickFind(m, at, block) || findSlow(m, at, block) || noBlock(m, at);
}

bool cairn::python::findObject(const Manager *m, uint64_t at, Block &block) {
  return find(m, at, block) && (CAIRN_LIKELY(block.ref != nullptr) || noObject(m, at));
}

bool cairn::python::noBlock(const Manager *m, uint64_t at) {
  if (!m->heap) {
    closedError();
    return false;
  }
  if (at >= m->size) {
    heapError("never given out: outside the heap", at);
    return false;
  }
  Slot slot;
  char *p = reinterpret_cast<char *>(m->base + at);
  if (slotAround(m->heap, p, slot))
    heapError("freed already", at, m);
  else if (locate(p).slab || m->heap->space.granuleOf(p) == 0 ||
           m->heap->space.granuleOf(p) >= m->heap->space.frontier())
    heapError("never given out", at);
  else
    heapError("freed already, or never given out", at, m);
  return false;
}

uint64_t cairn::python::pointerTo(const Manager *m, void *ref) {
  if (!ref)
    return 0;
  Block block;
  uint64_t at = offsetOf(m, ref);
  if (findSlow(m, at, block) && block.ref == ref)
    return offsetOf(m, block.data);
  return at;
}

static bool soundHandle(void *ref, Handle what) {
  return what == Handle::List ? soundList(static_cast<List *>(ref))
                              : soundDict(static_cast<Dict *>(ref));
}

/// Of what is no list, or dict, by its header: whether that cannot be what the runtime
/// wrote, or all the rest is a list's, or dict's.
static bool spoilt(const Manager *m, const Block &block, Handle what) {
  if (!soundHeader(placeOf(block.ref), block.ref))
    return true;
  if (!m->heap->exposed || block.kind != kObject || !block.slab ||
      block.start + block.slab->slotSize < block.data + sizeof(List))
    return false;
  uint32_t magic = what == Handle::List ? kListMagic : kDictMagic;
  return static_cast<List *>(block.ref)->magic == magic && soundHandle(block.ref, what);
}

void *cairn::python::findHandle(const Manager *m, uint64_t at, Handle what) {
  Block block;
  if (!findObject(m, at, block))
    return nullptr;
  bool list = what == Handle::List;
  bool tagged = block.kind == kObject && block.meta == handleMeta(list ? kListTag : kDictTag) &&
                size_t(block.end - block.data) >= sizeof(List);
  if (tagged && static_cast<List *>(block.ref)->magic == (list ? kListMagic : kDictMagic) &&
      soundHandle(block.ref, what))
    return block.ref;
  if (tagged || spoilt(m, block, what)) {
    heapError(list ? "a list that was written over" : "a dict that was written over", at, m);
    return nullptr;
  }
  raise(PyExc_TypeError, "0x%08llx is not a %s%s", static_cast<unsigned long long>(at),
        list ? "list" : "dict", originOf(m, at).c_str());
  return nullptr;
}

void *cairn::python::findStorable(const Manager *m, uint64_t at, const void *handle) {
  Block block;
  if (!findObject(m, at, block))
    return nullptr;
  // What goes into a shared container is shared with all that it reaches.
  if (CAIRN_LIKELY(!m->heap->exposed) ||
      (loadCount(handle) < 0 ? soundObject(block.ref) : soundHeader(placeOf(block.ref), block.ref)))
    return block.ref;
  heapError(kSpoilt, at, m);
  return nullptr;
}
