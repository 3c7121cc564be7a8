//===- Containers.cpp - Dicts and lists -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Module.h"

using namespace cairn;
using namespace cairn::python;

namespace {

PyObject *pointerOrFull(Manager *m, void *ref, uint64_t request) {
  if (raiseReported(m))
    return nullptr;
  return ref ? PyLong_FromUnsignedLongLong(offsetOf(m, ref)) : exhausted(m, request);
}

PyObject *none(Manager *m) {
  if (raiseReported(m))
    return nullptr;
  Py_RETURN_NONE;
}

PyObject *appended(Manager *m, const void *list, cairn_value_kind kind, bool done) {
  if (raiseReported(m))
    return nullptr;
  if (!done)
    return exhausted(m, nextRequest(static_cast<const List *>(list), kind));
  Py_RETURN_NONE;
}

/// The exact reference that a pointer means; 0 means none.
bool toObject(const Manager *m, PyObject *o, void *&ref) {
  uint64_t at;
  Block block;
  if (!toPointer(o, at))
    return false;
  ref = nullptr;
  if (at == 0)
    return true;
  if (!findObject(m, at, block))
    return false;
  ref = block.ref;
  return true;
}

struct Key {
  const char *text;
  Py_ssize_t length;
};
bool toKey(PyObject *o, Key &key) {
  key.text = toText(o, key.length);
  if (key.text && uint64_t(key.length) > kMaxBytes) {
    PyErr_SetString(PyExc_ValueError, "a key of 2 GiB or more");
    return false;
  }
  return key.text;
}

bool toIndex(void *list, PyObject *o, uint32_t &index) {
  int64_t i;
  bool wide;
  if (!toInt(o, i, wide))
    return false;
  uint32_t length = static_cast<List *>(list)->length;
  if (wide || i < 0 || i >= int64_t(length)) {
    PyErr_Format(PyExc_IndexError, "index %S is outside a list of %u elements", o, length);
    return false;
  }
  index = uint32_t(i);
  return true;
}

const char *kindName(unsigned kind) {
  return kind == CAIRN_VALUE_INT ? "integers" : kind == CAIRN_VALUE_FLOAT ? "floats" : "pointers";
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

/// Whether an element of a list was given as a float, or as an integer that fits.
bool toElement(const List *list, PyObject *o, bool &isFloat, int64_t &value, double &number) {
  isFloat = PyFloat_Check(o) || list->kind == CAIRN_VALUE_FLOAT;
  if (isFloat)
    return toFloat(o, number) && holds(list, CAIRN_VALUE_FLOAT);
  bool wide;
  if (!toInt(o, value, wide) || !holds(list, CAIRN_VALUE_INT))
    return false;
  unsigned bits = list->elemSize * 8u;
  if (wide || (bits < 64 && value >> (bits - 1) != 0 && value >> (bits - 1) != -1)) {
    PyErr_Format(PyExc_OverflowError, "%S does not fit in %u bits", o, bits);
    return false;
  }
  return true;
}

/// An object that a container refers to, as Python's pointer.
PyObject *toPython(const Manager *m, void *ref) {
  Block block;
  if (ref && (!findSlow(m, offsetOf(m, ref), block) || block.ref != ref)) {
    Heap *other = locate(ref).heap;
    if (other && other != m->heap)
      return PyErr_Format(HeapError, "the object lies in another heap");
    return heapError("the container refers to no live object", offsetOf(m, ref));
  }
  return PyLong_FromUnsignedLongLong(pointerTo(m, ref));
}

} // namespace

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

static CAIRN_METHOD(allocList) {
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
  PyObject *in[2];
  static constexpr Names names = {"list_append", {"list", "value"}, 2, 2};
  void *list;
  bool isFloat;
  int64_t value = 0;
  double number = 0;
  if (!bind(names, args, n, kwnames, in) || !(list = findHandle(m, in[0], Handle::List)) ||
      !toElement(static_cast<List *>(list), in[1], isFloat, value, number))
    return nullptr;
  return isFloat ? appended(m, list, CAIRN_VALUE_FLOAT, cairn_try_list_append_float(list, number))
                 : appended(m, list, CAIRN_VALUE_INT, cairn_try_list_append(list, value));
}

static CAIRN_METHOD(listAppendPtr) {
  PyObject *in[2];
  static constexpr Names names = {"list_append_ptr", {"list", "ptr"}, 2, 2};
  void *list, *ref;
  if (!bind(names, args, n, kwnames, in) || !(list = findHandle(m, in[0], Handle::List)) ||
      !toObject(m, in[1], ref) || !holds(static_cast<List *>(list), CAIRN_VALUE_REF))
    return nullptr;
  return appended(m, list, CAIRN_VALUE_REF, cairn_try_list_append_ref(list, ref));
}

static CAIRN_METHOD(listGet) {
  PyObject *in[2];
  static constexpr Names names = {"list_get", {"list", "index"}, 2, 2};
  void *list;
  uint32_t i;
  if (!bind(names, args, n, kwnames, in) || !(list = findHandle(m, in[0], Handle::List)) ||
      !toIndex(list, in[1], i))
    return nullptr;
  if (static_cast<List *>(list)->kind == CAIRN_VALUE_FLOAT)
    return PyFloat_FromDouble(cairn_list_get_float(list, i));
  if (!holds(static_cast<List *>(list), CAIRN_VALUE_INT))
    return nullptr;
  return PyLong_FromLong(cairn_list_get(list, i));
}

static CAIRN_METHOD(listGetPtr) {
  PyObject *in[2];
  static constexpr Names names = {"list_get_ptr", {"list", "index"}, 2, 2};
  void *list;
  uint32_t i;
  if (!bind(names, args, n, kwnames, in) || !(list = findHandle(m, in[0], Handle::List)) ||
      !toIndex(list, in[1], i) || !holds(static_cast<List *>(list), CAIRN_VALUE_REF))
    return nullptr;
  return toPython(m, cairn_list_get_ref(list, i));
}

namespace {
struct ListSet {
  void *list, *ref;
  uint32_t i;
};
struct DictChange {
  void *dict, *ref;
  Key key;
  enum { Int, Float, Ref, Delete, Cleanup } what;
  int64_t value;
  double number;
  bool done;
};
void setListRef(void *context) {
  auto *set = static_cast<ListSet *>(context);
  cairn_list_set_ref(set->list, set->i, set->ref);
}
void changeDict(void *context) {
  auto *c = static_cast<DictChange *>(context);
  size_t n = size_t(c->key.length);
  switch (c->what) {
  case DictChange::Int:
    c->done = cairn_try_dict_set_int(c->dict, c->key.text, n, c->value);
    break;
  case DictChange::Float:
    c->done = cairn_try_dict_set_float(c->dict, c->key.text, n, c->number);
    break;
  case DictChange::Ref:
    c->done = cairn_try_dict_set(c->dict, c->key.text, n, c->ref);
    break;
  case DictChange::Delete:
    c->done = cairn_dict_delete(c->dict, c->key.text, n);
    break;
  case DictChange::Cleanup:
    cairn_dict_cleanup(c->dict);
    c->done = true;
  }
}
} // namespace

static CAIRN_METHOD(listSet) {
  PyObject *in[3];
  static constexpr Names names = {"list_set", {"list", "index", "value"}, 3, 3};
  void *list;
  uint32_t i;
  if (!bind(names, args, n, kwnames, in) || !(list = findHandle(m, in[0], Handle::List)) ||
      !toIndex(list, in[1], i))
    return nullptr;
  if (static_cast<List *>(list)->kind == CAIRN_VALUE_REF) {
    ListSet set = {list, nullptr, i};
    if (!toObject(m, in[2], set.ref) || !guarded(m, setListRef, &set))
      return nullptr;
    return none(m);
  }
  bool isFloat;
  int64_t value = 0;
  double number = 0;
  if (!toElement(static_cast<List *>(list), in[2], isFloat, value, number))
    return nullptr;
  if (isFloat)
    cairn_list_set_float(list, i, number);
  else
    cairn_list_set(list, i, value);
  return none(m);
}

static CAIRN_METHOD(listLength) {
  PyObject *in[1];
  static constexpr Names names = {"list_length", {"list"}, 1, 1};
  void *list;
  if (!bind(names, args, n, kwnames, in) || !(list = findHandle(m, in[0], Handle::List)))
    return nullptr;
  return PyLong_FromUnsignedLong(static_cast<List *>(list)->length);
}

static PyObject *releaseHandle(Manager *m, PyObject *o, Handle what) {
  uint64_t at;
  Block block;
  if (!findHandle(m, o, what) || !toPointer(o, at) || !findObject(m, at, block) ||
      !release(m, block))
    return nullptr;
  Py_RETURN_NONE;
}

static CAIRN_METHOD(decrefList) {
  PyObject *in[1];
  static constexpr Names names = {"decref_list_of_ptrs", {"list"}, 1, 1};
  return bind(names, args, n, kwnames, in) ? releaseHandle(m, in[0], Handle::List) : nullptr;
}

//===----------------------------------------------------------------------===//
// Dicts
//===----------------------------------------------------------------------===//

static CAIRN_METHOD(allocDict) {
  PyObject *in[1];
  static constexpr Names names = {"alloc_dict", {"capacity"}, 0, 1};
  uint64_t capacity = 16;
  if (!bind(names, args, n, kwnames, in) ||
      (in[0] && !toSize(in[0], "capacity", uint64_t(1) << 26, capacity)))
    return nullptr;
  if (!m->heap)
    return closedError();
  if (capacity * sizeof(Entry) > m->size)
    return exhausted(m, capacity * sizeof(Entry));
  return pointerOrFull(m, cairn_heap_try_alloc_dict(handle(m), uint32_t(capacity)),
                       sizeof(Dict) + kHeaderSize);
}

static PyObject *change(Manager *m, DictChange &c) {
  if (!guarded(m, changeDict, &c))
    return nullptr;
  if (raiseReported(m))
    return nullptr;
  if (!c.done)
    return exhausted(m, nextRequest(static_cast<Dict *>(c.dict), size_t(c.key.length)));
  Py_RETURN_NONE;
}

static CAIRN_METHOD(dictSet) {
  PyObject *in[3];
  static constexpr Names names = {"dict_set", {"dict", "key", "value_ptr"}, 3, 3};
  DictChange c = {};
  c.what = DictChange::Ref;
  if (!bind(names, args, n, kwnames, in) || !(c.dict = findHandle(m, in[0], Handle::Dict)) ||
      !toKey(in[1], c.key) || !toObject(m, in[2], c.ref))
    return nullptr;
  return change(m, c);
}

static CAIRN_METHOD(dictSetInt) {
  PyObject *in[3];
  static constexpr Names names = {"dict_set_int", {"dict", "key", "value"}, 3, 3};
  DictChange c = {};
  bool wide;
  c.what = DictChange::Int;
  if (!bind(names, args, n, kwnames, in) || !(c.dict = findHandle(m, in[0], Handle::Dict)) ||
      !toKey(in[1], c.key) || !toInt(in[2], c.value, wide))
    return nullptr;
  if (wide)
    return PyErr_Format(PyExc_OverflowError, "%S does not fit in 64 bits", in[2]);
  return change(m, c);
}

static CAIRN_METHOD(dictSetFloat) {
  PyObject *in[3];
  static constexpr Names names = {"dict_set_float", {"dict", "key", "value"}, 3, 3};
  DictChange c = {};
  c.what = DictChange::Float;
  if (!bind(names, args, n, kwnames, in) || !(c.dict = findHandle(m, in[0], Handle::Dict)) ||
      !toKey(in[1], c.key) || !toFloat(in[2], c.number))
    return nullptr;
  return change(m, c);
}

/// The key's kind; raises TypeError if it has another value than is asked for.
static bool kindIs(void *dict, const Key &key, unsigned wanted, bool &absent) {
  unsigned kind = cairn_dict_kind(dict, key.text, size_t(key.length));
  absent = kind == CAIRN_VALUE_NONE;
  if (absent || kind == wanted)
    return true;
  PyErr_Format(PyExc_TypeError, "the key has one of the %s, not of the %s", kindName(kind),
               kindName(wanted));
  return false;
}

static CAIRN_METHOD(dictGet) {
  PyObject *in[2];
  static constexpr Names names = {"dict_get", {"dict", "key"}, 2, 2};
  void *dict;
  Key key;
  bool absent;
  if (!bind(names, args, n, kwnames, in) || !(dict = findHandle(m, in[0], Handle::Dict)) ||
      !toKey(in[1], key) || !kindIs(dict, key, CAIRN_VALUE_REF, absent))
    return nullptr;
  return toPython(m, absent ? nullptr : cairn_dict_get(dict, key.text, size_t(key.length)));
}

static CAIRN_METHOD(dictGetInt) {
  PyObject *in[3];
  static constexpr Names names = {"dict_get_int", {"dict", "key", "default"}, 2, 3};
  void *dict;
  Key key;
  bool absent;
  if (!bind(names, args, n, kwnames, in) || !(dict = findHandle(m, in[0], Handle::Dict)) ||
      !toKey(in[1], key) || !kindIs(dict, key, CAIRN_VALUE_INT, absent))
    return nullptr;
  if (absent && in[2])
    return Py_NewRef(in[2]);
  return PyLong_FromLong(cairn_dict_get_int(dict, key.text, size_t(key.length)));
}

static CAIRN_METHOD(dictGetFloat) {
  PyObject *in[3];
  static constexpr Names names = {"dict_get_float", {"dict", "key", "default"}, 2, 3};
  void *dict;
  Key key;
  bool absent;
  if (!bind(names, args, n, kwnames, in) || !(dict = findHandle(m, in[0], Handle::Dict)) ||
      !toKey(in[1], key) || !kindIs(dict, key, CAIRN_VALUE_FLOAT, absent))
    return nullptr;
  if (absent && in[2])
    return Py_NewRef(in[2]);
  return PyFloat_FromDouble(cairn_dict_get_float(dict, key.text, size_t(key.length)));
}

static CAIRN_METHOD(dictContains) {
  PyObject *in[2];
  static constexpr Names names = {"dict_contains", {"dict", "key"}, 2, 2};
  void *dict;
  Key key;
  if (!bind(names, args, n, kwnames, in) || !(dict = findHandle(m, in[0], Handle::Dict)) ||
      !toKey(in[1], key))
    return nullptr;
  return PyBool_FromLong(cairn_dict_kind(dict, key.text, size_t(key.length)) != CAIRN_VALUE_NONE);
}

static CAIRN_METHOD(dictDelete) {
  PyObject *in[2];
  static constexpr Names names = {"dict_delete", {"dict", "key"}, 2, 2};
  DictChange c = {};
  c.what = DictChange::Delete;
  if (!bind(names, args, n, kwnames, in) || !(c.dict = findHandle(m, in[0], Handle::Dict)) ||
      !toKey(in[1], c.key) || !guarded(m, changeDict, &c) || raiseReported(m))
    return nullptr;
  return PyBool_FromLong(c.done);
}

static CAIRN_METHOD(dictLength) {
  PyObject *in[1];
  static constexpr Names names = {"dict_length", {"dict"}, 1, 1};
  void *dict;
  if (!bind(names, args, n, kwnames, in) || !(dict = findHandle(m, in[0], Handle::Dict)))
    return nullptr;
  return PyLong_FromUnsignedLong(static_cast<Dict *>(dict)->length);
}

static CAIRN_METHOD(dictCleanup) {
  PyObject *in[1];
  static constexpr Names names = {"dict_cleanup", {"dict_ptr"}, 1, 1};
  DictChange c = {};
  c.what = DictChange::Cleanup;
  if (!bind(names, args, n, kwnames, in) || !(c.dict = findHandle(m, in[0], Handle::Dict)))
    return nullptr;
  return change(m, c);
}

static CAIRN_METHOD(decrefDict) {
  PyObject *in[1];
  static constexpr Names names = {"decref_dict", {"dict_ptr"}, 1, 1};
  return bind(names, args, n, kwnames, in) ? releaseHandle(m, in[0], Handle::Dict) : nullptr;
}

static const PyMethodDef containerMethods[] = {
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
    {"alloc_dict", method(allocDict), kFast,
     "alloc_dict($self, /, capacity=16)\n--\n\n"
     "An empty dict with str keys. It grows on its own and its pointer stays valid."},
    {"dict_set", method(dictSet), kFast,
     "dict_set($self, /, dict, key, value_ptr)\n--\n\nSet a key to an object, which is retained; 0 "
     "is none."},
    {"dict_get", method(dictGet), kFast,
     "dict_get($self, /, dict, key)\n--\n\nThe key's object, borrowed; 0 if the key is absent.\n\n"
     "Raises TypeError if the key has a number."},
    {"dict_set_int", method(dictSetInt), kFast,
     "dict_set_int($self, /, dict, key, value)\n--\n\nSet a key to a 64-bit integer. Raises "
     "OverflowError if it does not fit."},
    {"dict_get_int", method(dictGetInt), kFast,
     "dict_get_int($self, /, dict, key, default=0)\n--\n\nThe key's integer; default if absent.\n\n"
     "Raises TypeError if the key has another kind of value."},
    {"dict_set_float", method(dictSetFloat), kFast,
     "dict_set_float($self, /, dict, key, value)\n--\n\nSet a key to a float."},
    {"dict_get_float", method(dictGetFloat), kFast,
     "dict_get_float($self, /, dict, key, default=0.0)\n--\n\nThe key's float; default if "
     "absent.\n\n"
     "Raises TypeError if the key has another kind of value."},
    {"dict_contains", method(dictContains), kFast,
     "dict_contains($self, /, dict, key)\n--\n\nWhether the key is there."},
    {"dict_delete", method(dictDelete), kFast,
     "dict_delete($self, /, dict, key)\n--\n\nRemove a key and release its value. False if it was "
     "absent."},
    {"dict_length", method(dictLength), kFast,
     "dict_length($self, /, dict)\n--\n\nThe number of keys."},
    {"dict_cleanup", method(dictCleanup), kFast,
     "dict_cleanup($self, /, dict_ptr)\n--\n\nRelease every key and value; the dict is empty "
     "then."},
    {"decref_dict", method(decrefDict), kFast,
     "decref_dict($self, /, dict_ptr)\n--\n\n"
     "Give one count of the dict back; the last one releases its keys and values."},
    {nullptr, nullptr, 0, nullptr}};
const PyMethodDef *const cairn::python::kContainerMethods = containerMethods;
