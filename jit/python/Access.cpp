//===- Access.cpp - Reading and writing numbers -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every access lies in one live block: a read may see its header too, a write may
// not, nor may it touch a reference that the heap follows.
//
//===----------------------------------------------------------------------===//

#include "Fast.h"

#include <cmath>
#include <limits>
#include <type_traits>

using namespace cairn;
using namespace cairn::python;

static bool outOfBounds(const Manager *m, uint64_t at, size_t width, const Block *block) {
  OffsetText where(at);
  if (!m->heap)
    closedError();
  else if (!block)
    raise(PyExc_IndexError, "offset %s: %zu byte%s outside the heap of %zu bytes", where.text,
          width, width == 1 ? " is" : "s are", m->size);
  else
    raise(PyExc_IndexError, "offset %s: %zu byte%s outside the block of %zd byte%s at 0x%08llx",
          where.text, width, width == 1 ? " is" : "s are", Py_ssize_t(block->end - block->data),
          plural(uint64_t(block->end - block->data)),
          static_cast<unsigned long long>(offsetOf(m, block->data)));
  return false;
}

/// Why `width` bytes of a block may not be written, or null: a reference would change, or a
/// container's own words.
static const char *whyNot(const Block &block, char *from, size_t width) {
  constexpr const char *owned = "a reference, or a word of a container's own, cannot be written";
  if (!block.ref || !isTyped(block.meta))
    return nullptr;
  if (block.meta == handleMeta(kListTag) || block.meta == handleMeta(kDictTag))
    return owned;
  if (!soundHeader(placeOf(block.ref), block.ref))
    return kSpoilt;
  Fields fields(block.ref, block.meta);
  uint64_t at = fields.positionOf(from);
  while (void **field = fields.next(at)) {
    char *word = reinterpret_cast<char *>(field);
    if (word >= from + width)
      break;
    if (from < word + sizeof(void *))
      return owned;
  }
  return nullptr;
}

char *cairn::python::place(const Manager *m, uint64_t at, size_t width, bool write) {
  Block block;
  if (CAIRN_UNLIKELY(!quickFind(m, at, block) && !findSlow(m, at, block))) {
    if (at >= m->size || m->size - at < width)
      outOfBounds(m, at, width, nullptr);
    else
      noBlock(m, at);
    return nullptr;
  }
  char *p = reinterpret_cast<char *>(m->base + at);
  if (CAIRN_UNLIKELY(p < (write ? block.data : block.start) || p > block.end ||
                     size_t(block.end - p) < width)) {
    outOfBounds(m, at, width, &block);
    return nullptr;
  }
  const char *why = write ? whyNot(block, p, width) : nullptr;
  if (CAIRN_UNLIKELY(why != nullptr)) {
    heapError(why, at);
    return nullptr;
  }
  return p;
}

template <typename T> static PyObject *box(T value) {
  if constexpr (std::is_floating_point_v<T>)
    return PyFloat_FromDouble(double(value));
  else
    return PyLong_FromLong(value);
}

template <typename T> static bool unbox(PyObject *o, T &value) {
  if constexpr (std::is_floating_point_v<T>) {
    double wide;
    if (!toFloat(o, wide))
      return false;
    value = T(wide);
    if (CAIRN_UNLIKELY(std::isinf(value) && !std::isinf(wide))) {
      PyErr_Format(PyExc_OverflowError, "%R does not fit in %zu bits", o, sizeof(T) * 8);
      return false;
    }
    return true;
  } else {
    int64_t wide;
    bool overflow;
    if (!toInt(o, wide, overflow))
      return false;
    value = T(wide);
    if (CAIRN_UNLIKELY(overflow || value != wide)) {
      PyErr_Format(PyExc_OverflowError, "%S does not fit in %zu bits", o, sizeof(T) * 8);
      return false;
    }
    return true;
  }
}

/// Messages name the method that was called.
template <typename T>
static constexpr const char *byType(const char *i32, const char *i64, const char *f32,
                                    const char *f64) {
  if constexpr (std::is_floating_point_v<T>)
    return sizeof(T) == sizeof(float) ? f32 : f64;
  else
    return sizeof(T) == sizeof(int32_t) ? i32 : i64;
}

template <typename T> CAIRN_LONG_FORM(readLong) {
  PythonCall caller(m);
  PyObject *arg;
  static constexpr Names names = {
      byType<T>("read_i32", "read_i64", "read_f32", "read_f64"), {"offset"}, 1, 1};
  uint64_t at;
  if (!bind(names, args, n, kwnames, &arg) || !toPointer(arg, at))
    return nullptr;
  const char *p = place(m, at, sizeof(T), false);
  if (!p)
    return nullptr;
  T value;
  memcpy(&value, p, sizeof(T));
  return box(value);
}

template <typename T> static CAIRN_METHOD(read) {
  uint64_t at;
  Spot spot;
  if (CAIRN_UNLIKELY(n != 1 || kwnames || !quickPointer(args[0], at) || !spotAt(m, at, spot) ||
                     !spot.readable(sizeof(T))))
    return readLong<T>(m, args, n, kwnames);
  T value;
  memcpy(&value, spot.p, sizeof(T));
  return box(value);
}

template <typename T> CAIRN_LONG_FORM(writeLong) {
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {
      byType<T>("write_i32", "write_i64", "write_f32", "write_f64"), {"offset", "value"}, 2, 2};
  uint64_t at;
  T value;
  if (!bind(names, args, n, kwnames, in) || !toPointer(in[0], at) || !unbox(in[1], value))
    return nullptr;
  char *p = place(m, at, sizeof(T), true);
  if (!p)
    return nullptr;
  memcpy(p, &value, sizeof(T));
  Py_RETURN_NONE;
}

/// A number that surely fits: an exact float, or an int of one digit.
template <typename T> static inline bool quickUnbox(PyObject *o, T &value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (CAIRN_UNLIKELY(!PyFloat_CheckExact(o)))
      return false;
    double wide = PyFloat_AS_DOUBLE(o);
    value = T(wide);
    return sizeof(T) == sizeof(double) || CAIRN_LIKELY(!std::isinf(value));
  } else {
    int64_t wide;
    if (CAIRN_UNLIKELY(!quickInt(o, wide)))
      return false;
    value = T(wide);
    return true;
  }
}

template <typename T> static CAIRN_METHOD(write) {
  uint64_t at;
  T value;
  Spot spot;
  if (CAIRN_UNLIKELY(n != 2 || kwnames || !quickPointer(args[0], at) ||
                     !quickUnbox(args[1], value) || !spotAt(m, at, spot) ||
                     !spot.writable(sizeof(T))))
    return writeLong<T>(m, args, n, kwnames);
  memcpy(spot.p, &value, sizeof(T));
  Py_RETURN_NONE;
}

//===----------------------------------------------------------------------===//
// Arrays: [refcount i32][length i32][capacity i32][data...]
//===----------------------------------------------------------------------===//

static CAIRN_METHOD(allocArray) {
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {"alloc_array", {"length", "elem_size"}, 1, 2};
  uint64_t length, size = 8;
  if (!bind(names, args, n, kwnames, in) || !toSize(in[0], "length", kMaxBytes, length) ||
      (in[1] && !toSize(in[1], "elem_size", kMaxBytes, size)))
    return nullptr;
  if (size == 0) {
    PyErr_SetString(PyExc_ValueError, "elem_size must be at least 1");
    return nullptr;
  }
  if (!m->heap)
    return closedError();
  void *ref = cairn_heap_try_alloc_byte_array(handle(m), uint32_t(length), uint32_t(size));
  if (raiseReported(m))
    return nullptr;
  if (!ref)
    return exhausted(m, length * size + kByteArrayExtra);
  return PyLong_FromUnsignedLongLong(offsetOf(m, cairn_byte_array_data(ref)));
}

/// The array at an offset and the size of its elements; false, and raises, if there is none.
static bool findArray(const Manager *m, uint64_t at, Block &block, uint64_t &size) {
  if (!findObject(m, at, block))
    return false;
  if (block.kind != kByteArray) {
    if (!soundHeader(placeOf(block.ref), block.ref))
      return heapError(kSpoilt, at), false;
    raise(PyExc_TypeError, "0x%08llx is not an array", static_cast<unsigned long long>(at));
    return false;
  }
  size = cairn_byte_array_elem_size(block.ref);
  uint32_t capacity = reinterpret_cast<const uint32_t *>(block.start)[2];
  if (size && block.meta <= kMaxBytes && block.meta <= capacity &&
      block.meta * size == uint64_t(block.end - block.data))
    return true;
  heapError("an array that was written over", at);
  return false;
}

namespace {
/// Which element of which array a call is about, before anything is looked up.
struct Element {
  uint64_t array;
  int64_t index;
  bool wide;
};
} // namespace

static bool toPlace(PyObject *array, PyObject *index, Element &out) {
  return toPointer(array, out.array) && toInt(index, out.index, out.wide);
}

/// The address of an element; `index` is what the message shows.
static char *elementAt(const Manager *m, const Element &e, PyObject *index, size_t width) {
  Block block;
  uint64_t size;
  if (!findArray(m, e.array, block, size))
    return nullptr;
  if (size < width) {
    PyErr_Format(PyExc_TypeError, "the array's elements have %llu byte%s, not %zu",
                 static_cast<unsigned long long>(size), plural(size), width);
    return nullptr;
  }
  if (e.wide || e.index < 0 || e.index >= int64_t(block.meta)) {
    PyErr_Format(PyExc_IndexError, "index %S is outside an array of %u element%s", index,
                 block.meta, plural(block.meta));
    return nullptr;
  }
  return block.data + uint64_t(e.index) * size;
}

template <typename T> static CAIRN_METHOD(arrayGet) {
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {
      byType<T>("array_get_i32", "", "", "array_get_f64"), {"array", "index"}, 2, 2};
  Element e;
  if (!bind(names, args, n, kwnames, in) || !toPlace(in[0], in[1], e))
    return nullptr;
  const char *p = elementAt(m, e, in[1], sizeof(T));
  if (!p)
    return nullptr;
  T value;
  memcpy(&value, p, sizeof(T));
  return box(value);
}

template <typename T> static CAIRN_METHOD(arraySet) {
  PythonCall caller(m);
  PyObject *in[3];
  static constexpr Names names = {
      byType<T>("array_set_i32", "", "", "array_set_f64"), {"array", "index", "value"}, 3, 3};
  Element e;
  T value;
  if (!bind(names, args, n, kwnames, in) || !toPlace(in[0], in[1], e) || !unbox(in[2], value))
    return nullptr;
  char *p = elementAt(m, e, in[1], sizeof(T));
  if (!p)
    return nullptr;
  memcpy(p, &value, sizeof(T));
  Py_RETURN_NONE;
}

static CAIRN_METHOD(arrayLength) {
  PythonCall caller(m);
  PyObject *in[1];
  static constexpr Names names = {"array_length", {"array"}, 1, 1};
  uint64_t at, size;
  Block block;
  if (!bind(names, args, n, kwnames, in) || !toPointer(in[0], at) || !findArray(m, at, block, size))
    return nullptr;
  return PyLong_FromUnsignedLong(block.meta);
}

#define CAIRN_READ(name, T, what)                                                                  \
  {"read_" name, method(read<T>), kFast,                                                           \
   "read_" name "($self, /, offset)\n--\n\nRead " what ".\n\nRaises IndexError outside a block, "  \
   "HeapError in a dead one."},                                                                    \
      {"read_" name "_safe", method(read<T>), kFast,                                               \
       "read_" name "_safe($self, /, offset)\n--\n\nThe same as read_" name "()."},                \
      {"write_" name, method(write<T>), kFast,                                                     \
       "write_" name "($self, /, offset, value)\n--\n\nWrite " what                                \
       ".\n\nRaises IndexError outside a block, HeapError in a dead one, OverflowError if the\n"   \
       "value does not fit."},                                                                     \
  {                                                                                                \
    "write_" name "_safe", method(write<T>), kFast,                                                \
        "write_" name "_safe($self, /, offset, value)\n--\n\nThe same as write_" name "()."        \
  }

static const PyMethodDef accessMethods[] = {

    CAIRN_READ("i32", int32_t, "a 32-bit integer"),
    CAIRN_READ("i64", int64_t, "a 64-bit integer"),
    CAIRN_READ("f32", float, "a 32-bit float"),
    CAIRN_READ("f64", double, "a 64-bit float"),
    {"alloc_array", method(allocArray), kFast,
     "alloc_array($self, /, length, elem_size=8)\n--\n\n"
     "Allocate length elements of elem_size bytes, all zero. Returns the data's offset.\n\n"
     "Layout: [refcount i32][length i32][capacity i32][data...], data 16-byte aligned. Raises\n"
     "MemoryError if the heap is full, ValueError for a size that is negative or huge."},
    {"array_length", method(arrayLength), kFast,
     "array_length($self, /, array)\n--\n\nThe number of elements. Raises TypeError if it is no "
     "array."},
    {"array_get_i32", method(arrayGet<int32_t>), kFast,
     "array_get_i32($self, /, array, index)\n--\n\nElement index as a 32-bit integer. Raises "
     "IndexError past the end."},
    {"array_set_i32", method(arraySet<int32_t>), kFast,
     "array_set_i32($self, /, array, index, value)\n--\n\nSet element index to a 32-bit "
     "integer.\n\n"
     "Raises IndexError past the end, OverflowError if the value does not fit."},
    {"array_get_f64", method(arrayGet<double>), kFast,
     "array_get_f64($self, /, array, index)\n--\n\nElement index as a 64-bit float. Raises "
     "IndexError past the end."},
    {"array_set_f64", method(arraySet<double>), kFast,
     "array_set_f64($self, /, array, index, value)\n--\n\nSet element index to a 64-bit float. "
     "Raises IndexError past the end."},
    {nullptr, nullptr, 0, nullptr}};
const PyMethodDef *const cairn::python::kAccessMethods = accessMethods;
