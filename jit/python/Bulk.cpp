//===- Bulk.cpp - Many blocks, and arrays, in one call -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fast.h"

#include <cstring>

using namespace cairn;
using namespace cairn::python;

PyObject *cairn::python::numpy() {
  static PyObject *module;
  if (!module)
    module = PyImport_ImportModule("numpy");
  return module;
}

namespace {

/// Pointers in an array of 4- or 8-byte integers, or what NumPy makes one of.
class Pointers {
public:
  ~Pointers() {
    if (View.obj)
      PyBuffer_Release(&View);
    Py_XDECREF(Array);
  }
  bool open(PyObject *o) {
    PyObject *np = numpy();
    if (!np || !(Array = PyObject_CallMethod(np, "ascontiguousarray", "O", o)))
      return false;
    if (PyObject_GetBuffer(Array, &View, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) < 0)
      return false;
    if (View.len == 0)
      return true;
    if (View.format && strlen(View.format) == 1 && strchr("lLqQiInN", *View.format) &&
        (View.itemsize == 4 || View.itemsize == 8)) {
      Signed = strchr("lqin", *View.format);
      return true;
    }
    PyErr_SetString(PyExc_TypeError, "an array of 32- or 64-bit integers is wanted");
    return false;
  }
  size_t size() const { return View.len ? size_t(View.len / View.itemsize) : 0; }
  uint64_t operator[](size_t i) const {
    if (View.itemsize == 8)
      return static_cast<const uint64_t *>(View.buf)[i];
    uint32_t at = static_cast<const uint32_t *>(View.buf)[i];
    return Signed ? uint64_t(int64_t(int32_t(at))) : at;
  }

private:
  PyObject *Array = nullptr;
  Py_buffer View = {};
  bool Signed = false;
};

/// Says which element of an array an exception is about.
PyObject *atElement(size_t i) {
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  PyObject *text = PyObject_Str(value);
  PyObject *more =
      text ? PyUnicode_FromFormat("%U (element %zu; those before it are done)", text, i) : nullptr;
  PyObject *args = more ? PyTuple_Pack(1, more) : nullptr;
  if (args)
    PyObject_SetAttrString(value, "args", args);
  Py_XDECREF(args);
  Py_XDECREF(more);
  Py_XDECREF(text);
  PyErr_Restore(type, value, trace);
  return nullptr;
}

} // namespace

static CAIRN_METHOD(allocMany) {
  PyObject *in[2];
  static constexpr Names names = {"alloc_many", {"n", "size"}, 2, 2};
  uint64_t count, size;
  if (!bind(names, args, n, kwnames, in) || !toSize(in[0], "n", uint64_t(1) << 40, count) ||
      !toSize(in[1], "size", kMaxBytes, size))
    return nullptr;
  if (!m->heap)
    return closedError();
  if (count > m->size / kMinSmall || count * (size + kHeaderSize) > m->size)
    return exhausted(m, count * (size + kHeaderSize));
  PyObject *np = numpy();
  PyObject *array =
      np ? PyObject_CallMethod(np, "empty", "Ls", (long long)count, "int64") : nullptr;
  Py_buffer view;
  if (!array || PyObject_GetBuffer(array, &view, PyBUF_WRITABLE | PyBUF_C_CONTIGUOUS) < 0) {
    Py_XDECREF(array);
    return nullptr;
  }
  int64_t *out = static_cast<int64_t *>(view.buf);
  uint64_t i = 0;
  for (; i < count; ++i) {
    void *ref = quickBytes(m, size);
    if (CAIRN_UNLIKELY(!ref) && !(ref = allocateBytes(m, size)))
      break;
    out[i] = int64_t(offsetOf(m, ref));
  }
  if (i < count) {
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    while (i--)
      cairn_decref(reinterpret_cast<void *>(m->base + uint64_t(out[i])));
    PyErr_Restore(type, value, trace);
    Py_CLEAR(array);
  }
  PyBuffer_Release(&view);
  return array;
}

static CAIRN_METHOD(increfMany) {
  PyObject *in[1];
  static constexpr Names names = {"incref_many", {"ptrs"}, 1, 1};
  Pointers pointers;
  if (!bind(names, args, n, kwnames, in) || !pointers.open(in[0]))
    return nullptr;
  Block block;
  for (size_t i = 0, end = pointers.size(); i < end; ++i) {
    Spot spot;
    if (CAIRN_LIKELY(spotAt(m, pointers[i], spot) && quickRetain(spot)))
      continue;
    if (!findObject(m, pointers[i], block) || !retain(m, block))
      return atElement(i);
  }
  Py_RETURN_NONE;
}

/// How far in advance an object's memory is asked for.
constexpr size_t kAhead = 12;

static CAIRN_METHOD(decrefMany) {
  PyObject *in[1];
  static constexpr Names names = {"decref_many", {"ptrs"}, 1, 1};
  Pointers pointers;
  if (!bind(names, args, n, kwnames, in) || !pointers.open(in[0]))
    return nullptr;
  Block block;
  for (size_t i = 0, end = pointers.size(); i < end; ++i) {
    if (i + kAhead < end && pointers[i + kAhead] < m->size)
      __builtin_prefetch(reinterpret_cast<void *>(m->base + pointers[i + kAhead]), 1);
    uint64_t at = pointers[i];
    Spot spot;
    if (CAIRN_LIKELY(spotAt(m, at, spot) && quickRelease(spot)))
      continue;
    if (!findObject(m, at, block) || !release(m, block))
      return atElement(i);
  }
  Py_RETURN_NONE;
}

static CAIRN_METHOD(readArray) {
  PyObject *in[3];
  static constexpr Names names = {"read_array", {"ptr", "dtype", "n"}, 3, 3};
  uint64_t at, count;
  if (!bind(names, args, n, kwnames, in) || !toPointer(in[0], at) ||
      !toSize(in[2], "n", kMaxBytes, count))
    return nullptr;
  PyObject *np = numpy();
  PyObject *dtype = np ? PyObject_CallMethod(np, "dtype", "O", in[1]) : nullptr;
  if (!dtype)
    return nullptr;
  PyObject *result = nullptr, *bytes = nullptr,
           *objects = PyObject_GetAttrString(dtype, "hasobject"),
           *item = PyObject_GetAttrString(dtype, "itemsize");
  uint64_t size = item ? PyLong_AsUnsignedLongLong(item) : 0;
  if (objects && item && (objects == Py_True || size == 0 || size > kMaxBytes)) {
    PyErr_Format(PyExc_TypeError, "%R cannot be read from the heap", dtype);
  } else if (objects && item) {
    const char *p = place(m, at, size * count, false);
    Py_buffer view;
    if (p && (bytes = PyObject_CallMethod(np, "empty", "Ls", (long long)(size * count), "uint8")) &&
        PyObject_GetBuffer(bytes, &view, PyBUF_WRITABLE | PyBUF_C_CONTIGUOUS) == 0) {
      memcpy(view.buf, p, size * count);
      PyBuffer_Release(&view);
      result = PyObject_CallMethod(bytes, "view", "O", dtype);
    }
  }
  Py_XDECREF(bytes);
  Py_XDECREF(item);
  Py_XDECREF(objects);
  Py_DECREF(dtype);
  return result;
}

static CAIRN_METHOD(writeArray) {
  PyObject *in[2];
  static constexpr Names names = {"write_array", {"ptr", "array"}, 2, 2};
  uint64_t at;
  if (!bind(names, args, n, kwnames, in) || !toPointer(in[0], at))
    return nullptr;
  PyObject *np = numpy();
  PyObject *array = np ? PyObject_CallMethod(np, "ascontiguousarray", "O", in[1]) : nullptr;
  Py_buffer view;
  if (!array || PyObject_GetBuffer(array, &view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) < 0) {
    Py_XDECREF(array);
    return nullptr;
  }
  bool done = false;
  if (view.format && strchr(view.format, 'O')) {
    PyErr_SetString(PyExc_TypeError, "Python objects cannot be written to the heap");
  } else if (char *p = place(m, at, size_t(view.len), true)) {
    memmove(p, view.buf, size_t(view.len));
    done = true;
  }
  PyBuffer_Release(&view);
  Py_DECREF(array);
  if (!done)
    return nullptr;
  Py_RETURN_NONE;
}

static const PyMethodDef bulkMethods[] = {
    {"alloc_many", method(allocMany), kFast,
     "alloc_many($self, /, n, size)\n--\n\n"
     "Allocate n blocks of size bytes. Returns their offsets as an int64 array.\n\n"
     "Raises MemoryError, and allocates none, if the heap is too full."},
    {"incref_many", method(increfMany), kFast,
     "incref_many($self, /, ptrs)\n--\n\nincref() of each pointer in an array of integers.\n\n"
     "An exception names the element it stopped at."},
    {"decref_many", method(decrefMany), kFast,
     "decref_many($self, /, ptrs)\n--\n\ndecref() of each pointer in an array of integers.\n\n"
     "An exception names the element it stopped at."},
    {"read_array", method(readArray), kFast,
     "read_array($self, /, ptr, dtype, n)\n--\n\nA copy of n elements of a NumPy dtype, from ptr "
     "on.\n\n"
     "Raises IndexError if they are not all inside the block, HeapError in a dead one."},
    {"write_array", method(writeArray), kFast,
     "write_array($self, /, ptr, array)\n--\n\nCopy an array's bytes, in C order, into a block.\n\n"
     "Raises IndexError, and writes nothing, if they are not all inside the block."},
    {nullptr, nullptr, 0, nullptr}};
const PyMethodDef *const cairn::python::kBulkMethods = bulkMethods;
