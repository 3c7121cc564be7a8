//===- Block.cpp - Blocks: alloc, free, counts, strings -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fast.h"

using namespace cairn;
using namespace cairn::python;

//===----------------------------------------------------------------------===//
// Allocation
//===----------------------------------------------------------------------===//

void *cairn::python::allocateBytes(Manager *m, uint64_t n) {
  if (void *ref = quickBytes(m, n))
    return ref;
  if (!m->heap)
    return closedError();
  if (n <= kMaxSmall - kHeaderSize && !m->checked) {
    // A program can have written over the slot since it was freed.
    void *bad = nullptr;
    unsigned bin = binOf(kObject, fast::classFor(n + kHeaderSize));
    if (void *link = popSound(m->heap, &fast::binsOf(m->heap)->stacks[bin], bad)) {
      fast::setHeader(link, uint32_t(n));
      return link;
    }
    if (bad)
      return heapError("a free list is corrupt: a block was written after its end",
                       offsetOf(m, bad));
  }
  void *ref = cairn_heap_try_alloc_bytes(handle(m), size_t(n));
  if (raiseReported(m))
    return nullptr;
  return ref ? ref : exhausted(m, n + kHeaderSize);
}

/// In a checked heap nothing is believed of a header that cannot be the block's own.
static bool sound(const Manager *m, const Block &block) {
  if (CAIRN_LIKELY(!m->checked) || soundHeader(placeOf(block.ref), block.ref))
    return true;
  heapError(kSpoilt, offsetOf(m, block.ref), m);
  return false;
}

bool cairn::python::retain(const Manager *m, const Block &block) {
  if (!sound(m, block))
    return false;
  fast::incref(block.ref);
  return !raiseReported(m);
}

/// What a program wrote may be anything: it is looked at in every heap.
static void dropLast(void *ref) {
  if (loadCount(ref) == 1) {
    storeCount(ref, 0);
    dropChecked(ref);
  } else {
    cairn_rt_decref(ref);
  }
}

bool cairn::python::release(Manager *m, const Block &block) {
  if (!sound(m, block))
    return false;
  int32_t count = loadCount(block.ref);
  if (count > 1) {
    storeCount(block.ref, count - 1);
    return true;
  }
  if (CAIRN_LIKELY(count == 1 && block.slab && !isTyped(block.meta) && !m->checked)) {
    storeCount(block.ref, 0);
    freeSlot(block.slab, block.start + linkOffset(block.kind));
    return true;
  }
  if (isTyped(block.meta) && m->guard) {
    if (!guarded(m, dropLast, block.ref))
      return false;
  } else {
    dropLast(block.ref);
  }
  return !raiseReported(m);
}

//===----------------------------------------------------------------------===//
// Methods
//===----------------------------------------------------------------------===//

/// One argument, by place or by name.
#define CAIRN_ONE(function, name)                                                                  \
  PyObject *arg;                                                                                   \
  static constexpr Names names = {function, {name}, 1, 1};                                         \
  if (!bind(names, args, n, kwnames, &arg))                                                        \
  return nullptr

static PyObject *pointerOf(const Manager *m, void *ref) {
  return PyLong_FromLong(int64_t(offsetOf(m, ref)));
}

CAIRN_LONG_FORM(allocLong) {
  PythonCall caller(m);
  CAIRN_ONE("alloc", "size");
  uint64_t size;
  if (!toSize(arg, "size", kMaxBytes, size))
    return nullptr;
  void *ref = allocateBytes(m, size);
  return ref ? pointerOf(m, ref) : nullptr;
}

static CAIRN_METHOD(alloc) {
  uint64_t size;
  void *ref;
  if (CAIRN_UNLIKELY(n != 1 || kwnames || !quickPointer(args[0], size) ||
                     !(ref = quickBytes(m, size))))
    return allocLong(m, args, n, kwnames);
  return pointerOf(m, ref);
}

CAIRN_LONG_FORM(increfLong) {
  PythonCall caller(m);
  CAIRN_ONE("incref", "ptr");
  uint64_t at;
  Block block;
  if (!toPointer(arg, at) || !findObject(m, at, block) || !retain(m, block))
    return nullptr;
  Py_RETURN_NONE;
}

static CAIRN_METHOD(incref) {
  uint64_t at;
  Spot spot;
  if (CAIRN_UNLIKELY(n != 1 || kwnames || !quickPointer(args[0], at) || !spotAt(m, at, spot) ||
                     !quickRetain(spot)))
    return increfLong(m, args, n, kwnames);
  Py_RETURN_NONE;
}

CAIRN_LONG_FORM(decrefLong) {
  PythonCall caller(m);
  CAIRN_ONE("decref", "ptr");
  uint64_t at;
  Block block;
  if (!toPointer(arg, at) || !findObject(m, at, block) || !release(m, block))
    return nullptr;
  Py_RETURN_NONE;
}

static CAIRN_METHOD(decref) {
  uint64_t at;
  Spot spot;
  if (CAIRN_UNLIKELY(n != 1 || kwnames || !quickPointer(args[0], at) || !spotAt(m, at, spot) ||
                     !quickRelease(spot)))
    return decrefLong(m, args, n, kwnames);
  Py_RETURN_NONE;
}

static bool sizeIs(const Block &block, uint64_t size) {
  if (block.ref && !isTyped(block.meta))
    return size == uint64_t(block.end - block.data);
  return size <= uint64_t(block.end - block.data); // a payload whose type alone knows it
}

CAIRN_LONG_FORM(freeLong) {
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {"free", {"ptr", "size"}, 1, 2};
  uint64_t at, size = 0;
  Block block;
  if (!bind(names, args, n, kwnames, in))
    return nullptr;
  if (in[1] == Py_None)
    in[1] = nullptr;
  if (!toPointer(in[0], at) || (in[1] && !toSize(in[1], "size", uint64_t(1) << 40, size)) ||
      !find(m, at, block))
    return nullptr;
  if (in[1] && !sizeIs(block, size)) {
    char text[120];
    auto own = static_cast<unsigned long long>(block.end - block.data);
    snprintf(text, sizeof(text), "freed with the wrong size %llu; it has %llu byte%s",
             static_cast<unsigned long long>(size), own, plural(own));
    return heapError(text, at, m);
  }
  if (!block.ref) {
    cairn_free(block.start);
    if (raiseReported(m))
      return nullptr;
    Py_RETURN_NONE;
  }
  if (loadCount(block.ref) != 1 && cairn_refcount(block.ref) != 1) {
    int64_t count = cairn_refcount(block.ref);
    char text[100];
    snprintf(text, sizeof(text), "freed, but its count is %lld, not 1",
             static_cast<long long>(count));
    return heapError(count < 0 ? "freed, but it is immortal" : text, at, m);
  }
  if (!release(m, block))
    return nullptr;
  Py_RETURN_NONE;
}

static CAIRN_METHOD(freeBlock) {
  uint64_t at;
  Spot spot;
  if (CAIRN_UNLIKELY(n != 1 || kwnames || !quickPointer(args[0], at) || !spotAt(m, at, spot) ||
                     spot.count() != 1 || !giveBack(spot)))
    return freeLong(m, args, n, kwnames);
  Py_RETURN_NONE;
}

static CAIRN_METHOD(refcount) {
  PythonCall caller(m);
  CAIRN_ONE("refcount", "ptr");
  uint64_t at;
  Block block;
  if (!toPointer(arg, at) || !findObject(m, at, block))
    return nullptr;
  return PyLong_FromLong(cairn_refcount(block.ref));
}

CAIRN_LONG_FORM(allocStringLong) {
  PythonCall caller(m);
  CAIRN_ONE("alloc_string", "s");
  Py_ssize_t length;
  const char *text = toText(arg, length);
  if (!text)
    return nullptr;
  if (!m->heap)
    return closedError();
  if (uint64_t(length) > kMaxBytes)
    return exhausted(m, uint64_t(length));
  void *ref = allocateBytes(m, uint64_t(length));
  if (!ref)
    return nullptr;
  memcpy(ref, text, size_t(length));
  return pointerOf(m, ref);
}

/// memcpy, which is a call, but for the lengths that most strings have.
static inline void copyText(void *to, const void *from, size_t n) {
  if (CAIRN_UNLIKELY(n - 8 > 8)) {
    memcpy(to, from, n);
    return;
  }
  uint64_t head, tail;
  memcpy(&head, from, 8);
  memcpy(&tail, static_cast<const char *>(from) + n - 8, 8);
  memcpy(to, &head, 8);
  memcpy(static_cast<char *>(to) + n - 8, &tail, 8);
}

static CAIRN_METHOD(allocString) {
  void *ref;
  // Such a str has its bytes behind its head: its UTF-8 is itself.
  if (CAIRN_UNLIKELY(n != 1 || kwnames || !PyUnicode_CheckExact(args[0]) ||
                     !PyUnicode_IS_COMPACT_ASCII(args[0]) ||
                     !(ref = quickBytes(m, uint64_t(PyUnicode_GET_LENGTH(args[0]))))))
    return allocStringLong(m, args, n, kwnames);
  copyText(ref, PyUnicode_1BYTE_DATA(args[0]), size_t(PyUnicode_GET_LENGTH(args[0])));
  return pointerOf(m, ref);
}

static CAIRN_METHOD(readString) {
  PythonCall caller(m);
  CAIRN_ONE("read_string", "ptr");
  uint64_t at;
  Block block;
  if (!toPointer(arg, at) || !findObject(m, at, block))
    return nullptr;
  if (!soundHeader(placeOf(block.ref), block.ref))
    return heapError(kSpoilt, at);
  if (isTyped(block.meta) || block.kind != kObject) {
    bool handle = block.meta == handleMeta(kListTag) || block.meta == handleMeta(kDictTag);
    raise(PyExc_TypeError, "0x%08llx is %s, not a string", static_cast<unsigned long long>(at),
          block.kind == kByteArray ? "an array"
          : handle                 ? "a list or dict"
                                   : "an object with references");
    return nullptr;
  }
  Keep keep(m); // an error's handler may close the heap
  return PyUnicode_DecodeUTF8(block.data, block.end - block.data, nullptr);
}

static const PyMethodDef blockMethods[] = {
    {"alloc", method(alloc), kFast,
     "alloc($self, /, size)\n--\n\n"
     "Allocate size bytes, owned once. Returns the block's offset.\n\n"
     "The contents are undefined. Raises MemoryError if the heap is full, ValueError if\n"
     "size is negative or 2 GiB and more."},
    {"alloc_refcounted", method(alloc), kFast,
     "alloc_refcounted($self, /, size)\n--\n\nThe same as alloc(): every block has a count."},
    {"free", method(freeBlock), kFast,
     "free($self, /, ptr, size=None)\n--\n\n"
     "Free a block that is owned once.\n\n"
     "size, if given, must be the number of bytes it was allocated with. Raises HeapError\n"
     "for a block that is dead, is owned more than once, or has another size."},
    {"incref", method(incref), kFast,
     "incref($self, /, ptr)\n--\n\nAdd one to the count of the object that ptr points into.\n\n"
     "Raises HeapError for a dead object, a raw block, or a pointer never given out."},
    {"decref", method(decref), kFast,
     "decref($self, /, ptr)\n--\n\n"
     "Give one count back. The last one frees the object and releases what it holds.\n\n"
     "Raises HeapError for a dead object, a raw block, or a pointer never given out."},
    {"refcount", method(refcount), kFast,
     "refcount($self, /, ptr)\n--\n\nThe object's count; -1 if it is immortal. Raises HeapError as "
     "incref() does."},
    {"alloc_string", method(allocString), kFast,
     "alloc_string($self, /, s)\n--\n\nCopy a str into the heap, as UTF-8. Returns the offset of "
     "its first byte.\n\n"
     "Layout: [refcount i32][length i32][bytes...], the length in bytes. Raises MemoryError if\n"
     "the heap is full."},
    {"read_string", method(readString), kFast,
     "read_string($self, /, ptr)\n--\n\n"
     "The str at ptr. Raises UnicodeDecodeError if the bytes are not UTF-8, TypeError if ptr is\n"
     "no string, HeapError if it is dead."},
    {nullptr, nullptr, 0, nullptr}};
const PyMethodDef *const cairn::python::kBlockMethods = blockMethods;
