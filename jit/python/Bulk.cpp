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

PyObject *cairn::python::callNumpy(const char *name, PyObject *o) {
  PyObject *np = numpy();
  PyObject *function = np ? PyObject_GetAttrString(np, name) : nullptr;
  // PyObject_CallMethod would make a tuple's items the arguments.
  PyObject *result = function ? PyObject_CallOneArg(function, o) : nullptr;
  Py_XDECREF(function);
  return result;
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
    if (!(Array = callNumpy("ascontiguousarray", o)))
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

/// Whether a dtype has references to Python's objects; below 0, and raises, if it is none.
int hasObjects(PyObject *dtype) {
  PyObject *objects = PyObject_GetAttrString(dtype, "hasobject");
  int result = objects ? PyObject_IsTrue(objects) : -1;
  Py_XDECREF(objects);
  return result;
}

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
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {"alloc_many", {"n", "size"}, 2, 2};
  uint64_t count, size;
  if (!bind(names, args, n, kwnames, in) || !toSize(in[0], "n", uint64_t(1) << 40, count) ||
      !toSize(in[1], "size", kMaxBytes, size))
    return nullptr;
  auto fits = [&] {
    return count <= m->size / kMinSmall && count * (size + kHeaderSize) <= m->size;
  };
  if (!m->heap || !fits())
    return exhausted(m, count * (size + kHeaderSize));
  PyObject *np = numpy();
  PyObject *array =
      np ? PyObject_CallMethod(np, "empty", "Ls", (long long)count, "int64") : nullptr;
  Py_buffer view;
  if (!array || PyObject_GetBuffer(array, &view, PyBUF_WRITABLE | PyBUF_C_CONTIGUOUS) < 0) {
    Py_XDECREF(array);
    return nullptr;
  }
  // To raise what stops it may close the heap, or give the manager another.
  Keep keep(m);
  uintptr_t base = m->base;
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
      cairn_decref(reinterpret_cast<void *>(base + uint64_t(out[i])));
    anyReported = false;
    PyErr_Restore(type, value, trace);
    Py_CLEAR(array);
  }
  PyBuffer_Release(&view);
  return array;
}

static CAIRN_METHOD(increfMany) {
  PythonCall caller(m);
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
  PythonCall caller(m);
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
  PythonCall caller(m);
  PyObject *in[3];
  static constexpr Names names = {"read_array", {"ptr", "dtype", "n"}, 3, 3};
  uint64_t at, count;
  if (!bind(names, args, n, kwnames, in) || !toPointer(in[0], at) ||
      !toSize(in[2], "n", kMaxBytes, count))
    return nullptr;
  PyObject *dtype = callNumpy("dtype", in[1]);
  if (!dtype)
    return nullptr;
  PyObject *result = nullptr, *item = PyObject_GetAttrString(dtype, "itemsize");
  int objects = hasObjects(dtype);
  uint64_t size = item ? PyLong_AsUnsignedLongLong(item) : 0;
  if (item && (objects > 0 || (objects == 0 && (size == 0 || size > kMaxBytes)))) {
    PyErr_Format(PyExc_TypeError, "%R cannot be read from the heap", dtype);
  } else if (item && objects == 0 && place(m, at, size * count, false)) {
    result = PyObject_CallMethod(numpy(), "empty", "LO", (long long)count, dtype);
    Py_buffer view = {};
    if (result && PyObject_GetBuffer(result, &view, PyBUF_WRITABLE | PyBUF_C_CONTIGUOUS) < 0)
      Py_CLEAR(result);
    // Making the array may have freed the block.
    const char *p = result ? place(m, at, size * count, false) : nullptr;
    if (p)
      memcpy(view.buf, p, size * count);
    else
      Py_CLEAR(result);
    if (view.obj)
      PyBuffer_Release(&view);
  }
  Py_XDECREF(item);
  Py_DECREF(dtype);
  return result;
}

static CAIRN_METHOD(writeArray) {
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {"write_array", {"ptr", "array"}, 2, 2};
  uint64_t at;
  if (!bind(names, args, n, kwnames, in) || !toPointer(in[0], at))
    return nullptr;
  PyObject *array = callNumpy("ascontiguousarray", in[1]);
  PyObject *dtype = array ? PyObject_GetAttrString(array, "dtype") : nullptr;
  int objects = dtype ? hasObjects(dtype) : -1;
  Py_XDECREF(dtype);
  bool done = false;
  Py_buffer view;
  if (objects > 0) {
    PyErr_SetString(PyExc_TypeError, "Python objects cannot be written to the heap");
  } else if (objects == 0 && PyObject_GetBuffer(array, &view, PyBUF_C_CONTIGUOUS) == 0) {
    if (char *p = place(m, at, size_t(view.len), true)) {
      memmove(p, view.buf, size_t(view.len));
      done = true;
    }
    PyBuffer_Release(&view);
  }
  Py_XDECREF(array);
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
