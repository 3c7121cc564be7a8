//===- Lists.cpp - Lists -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Module.h"

using namespace cairn;
using namespace cairn::python;

namespace {

/// Which element of which list a call is about, before anything is looked up.
struct Index {
  uint64_t list;
  int64_t i;
  bool wide;
};
bool toIndex(PyObject *list, PyObject *index, Index &out) {
  return toPointer(list, out.list) && toInt(index, out.i, out.wide);
}

List *listAt(const Manager *m, uint64_t at) {
  return static_cast<List *>(findHandle(m, at, Handle::List));
}

/// Whether the list has the element; `o` is the index as it was given.
bool has(const List *list, const Index &index, PyObject *o) {
  if (!index.wide && index.i >= 0 && index.i < int64_t(list->length))
    return true;
  PyErr_Format(PyExc_IndexError, "index %S is outside a list of %u element%s", o, list->length,
               plural(list->length));
  return false;
}

bool holds(const List *list, unsigned kind) {
  if (list->kind == kind || (list->kind == CAIRN_VALUE_NONE && list->length == 0)) {
    if (kind != CAIRN_VALUE_FLOAT || list->elemSize >= sizeof(float))
      return true;
    PyErr_SetString(PyExc_TypeError, "the list's elements are too small for a float");
    return false;
  }
  PyErr_Format(PyExc_TypeError, "a list of %s, not of %s", kindName(list->kind), kindName(kind));
  return false;
}

struct Number {
  bool isFloat;
  int64_t integer;
  double real;
};

/// Converts what is to be an element of a list of numbers: by the list's kind, so the list
/// is looked up again where the conversion may have changed it.
bool toNumber(const Manager *m, uint64_t at, List *&list, PyObject *o, Number &out) {
  out.isFloat = PyFloat_Check(o) || list->kind == CAIRN_VALUE_FLOAT;
  bool wide = false;
  if (out.isFloat ? !toFloat(o, out.real) : !toInt(o, out.integer, wide))
    return false;
  if (CAIRN_UNLIKELY(!isPlainNumber(o)) && !(list = listAt(m, at)))
    return false;
  if (!holds(list, out.isFloat ? CAIRN_VALUE_FLOAT : CAIRN_VALUE_INT))
    return false;
  unsigned bits = list->elemSize * 8u;
  if (out.isFloat ||
      (!wide && (bits == 64 || out.integer >> (bits - 1) == 0 || out.integer >> (bits - 1) == -1)))
    return true;
  PyErr_Format(PyExc_OverflowError, "%S does not fit in %u bits", o, bits);
  return false;
}

inline PyObject *appended(Manager *m, const List *list, cairn_value_kind kind, bool done) {
  if (raiseReported(m))
    return nullptr;
  if (!done)
    return exhausted(m, nextRequest(list, kind));
  Py_RETURN_NONE;
}

struct ListSet {
  void *list, *ref;
  uint32_t i;
};
void setListRef(void *context) {
  auto *set = static_cast<ListSet *>(context);
  cairn_list_set_ref(set->list, set->i, set->ref);
}

} // namespace

static CAIRN_METHOD(allocList) {
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {"alloc_list", {"capacity", "elem_size"}, 0, 2};
  uint64_t capacity = 8, size = 8;
  if (!bind(names, args, n, kwnames, in) ||
      (in[0] && !toSize(in[0], "capacity", kMaxBytes, capacity)) ||
      (in[1] && !toSize(in[1], "elem_size", 8, size)))
    return nullptr;
  if (size != 1 && size != 2 && size != 4 && size != 8) {
    PyErr_SetString(PyExc_ValueError, "elem_size must be 1, 2, 4 or 8");
    return nullptr;
  }
  if (!m->heap)
    return closedError();
  if (capacity * size > m->size)
    return exhausted(m, capacity * size);
  return pointerOrFull(m, cairn_heap_try_alloc_list(handle(m), uint32_t(capacity), uint32_t(size)),
                       sizeof(List) + kHeaderSize);
}

static CAIRN_METHOD(listAppend) {
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {"list_append", {"list", "value"}, 2, 2};
  uint64_t at;
  List *list;
  Number value = {};
  if (!bind(names, args, n, kwnames, in) || !toPointer(in[0], at) || !(list = listAt(m, at)) ||
      !toNumber(m, at, list, in[1], value))
    return nullptr;
  return value.isFloat
             ? appended(m, list, CAIRN_VALUE_FLOAT, cairn_try_list_append_float(list, value.real))
             : appended(m, list, CAIRN_VALUE_INT, cairn_try_list_append(list, value.integer));
}

static CAIRN_METHOD(listAppendPtr) {
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {"list_append_ptr", {"list", "ptr"}, 2, 2};
  uint64_t at, object;
  List *list;
  void *ref;
  if (!bind(names, args, n, kwnames, in) || !toPointer(in[0], at) || !toPointer(in[1], object) ||
      !(list = listAt(m, at)) || !toObject(m, object, list, ref) || !holds(list, CAIRN_VALUE_REF))
    return nullptr;
  return appended(m, list, CAIRN_VALUE_REF, cairn_try_list_append_ref(list, ref));
}

static CAIRN_METHOD(listGet) {
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {"list_get", {"list", "index"}, 2, 2};
  Index index;
  List *list;
  if (!bind(names, args, n, kwnames, in) || !toIndex(in[0], in[1], index) ||
      !(list = listAt(m, index.list)) || !has(list, index, in[1]))
    return nullptr;
  if (list->kind == CAIRN_VALUE_FLOAT)
    return PyFloat_FromDouble(cairn_list_get_float(list, uint32_t(index.i)));
  if (!holds(list, CAIRN_VALUE_INT))
    return nullptr;
  return PyLong_FromLong(cairn_list_get(list, uint32_t(index.i)));
}

static CAIRN_METHOD(listGetPtr) {
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {"list_get_ptr", {"list", "index"}, 2, 2};
  Index index;
  List *list;
  if (!bind(names, args, n, kwnames, in) || !toIndex(in[0], in[1], index) ||
      !(list = listAt(m, index.list)) || !has(list, index, in[1]) || !holds(list, CAIRN_VALUE_REF))
    return nullptr;
  return toPython(m, cairn_list_get_ref(list, uint32_t(index.i)));
}

static CAIRN_METHOD(listSet) {
  PythonCall caller(m);
  PyObject *in[3];
  static constexpr Names names = {"list_set", {"list", "index", "value"}, 3, 3};
  Index index;
  List *list;
  if (!bind(names, args, n, kwnames, in) || !toIndex(in[0], in[1], index) ||
      !(list = listAt(m, index.list)))
    return nullptr;
  if (list->kind == CAIRN_VALUE_REF) {
    uint64_t object;
    if (!toPointer(in[2], object) || !(list = listAt(m, index.list)) || !has(list, index, in[1]) ||
        !holds(list, CAIRN_VALUE_REF))
      return nullptr;
    ListSet set = {list, nullptr, uint32_t(index.i)};
    if (!toObject(m, object, list, set.ref) || !guarded(m, setListRef, &set) || raiseReported(m))
      return nullptr;
    Py_RETURN_NONE;
  }
  Number value = {};
  if (!toNumber(m, index.list, list, in[2], value) || !has(list, index, in[1]))
    return nullptr;
  if (value.isFloat)
    cairn_list_set_float(list, uint32_t(index.i), value.real);
  else
    cairn_list_set(list, uint32_t(index.i), value.integer);
  if (raiseReported(m))
    return nullptr;
  Py_RETURN_NONE;
}

static CAIRN_METHOD(listLength) {
  PythonCall caller(m);
  PyObject *in[1];
  static constexpr Names names = {"list_length", {"list"}, 1, 1};
  uint64_t at;
  List *list;
  if (!bind(names, args, n, kwnames, in) || !toPointer(in[0], at) || !(list = listAt(m, at)))
    return nullptr;
  return PyLong_FromUnsignedLong(list->length);
}

static CAIRN_METHOD(decrefList) {
  PythonCall caller(m);
  PyObject *in[1];
  static constexpr Names names = {"decref_list_of_ptrs", {"list"}, 1, 1};
  return bind(names, args, n, kwnames, in) ? releaseHandle(m, in[0], Handle::List) : nullptr;
}

static const PyMethodDef listMethods[] = {
    {"alloc_list", method(allocList), kFast,
     "alloc_list($self, /, capacity=8, elem_size=8)\n--\n\n"
     "An empty list. It grows on its own and its pointer stays valid.\n\n"
     "Its first element decides what it holds: integers or floats of elem_size (1, 2, 4 or\n"
     "8) bytes, or pointers."},
    {"list_append", method(listAppend), kFast,
     "list_append($self, /, list, value)\n--\n\nAppend an integer or a float.\n\n"
     "Raises TypeError if the list holds another kind, OverflowError if the value does not fit,\n"
     "MemoryError if the heap is full; the list is as it was then."},
    {"list_append_ptr", method(listAppendPtr), kFast,
     "list_append_ptr($self, /, list, ptr)\n--\n\nAppend an object, which is retained; 0 is "
     "none.\n\n"
     "Raises TypeError if the list holds numbers, HeapError if the object is dead."},
    {"list_get", method(listGet), kFast,
     "list_get($self, /, list, index)\n--\n\nElement index of a list of numbers. Raises IndexError "
     "past the end."},
    {"list_get_ptr", method(listGetPtr), kFast,
     "list_get_ptr($self, /, list, index)\n--\n\nElement index of a list of pointers, borrowed.\n\n"
     "Raises IndexError past the end, TypeError if the list holds numbers."},
    {"list_set", method(listSet), kFast,
     "list_set($self, /, list, index, value)\n--\n\n"
     "Replace element index. In a list of pointers the new object is retained, the old one\n"
     "released. Raises IndexError past the end."},
    {"list_length", method(listLength), kFast,
     "list_length($self, /, list)\n--\n\nThe number of elements."},
    {"decref_list_of_ptrs", method(decrefList), kFast,
     "decref_list_of_ptrs($self, /, list)\n--\n\n"
     "Give one count of the list back; the last one releases what it refers to."},
    {nullptr, nullptr, 0, nullptr}};
const PyMethodDef *const cairn::python::kListMethods = listMethods;
