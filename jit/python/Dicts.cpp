//===- Dicts.cpp - Dicts with str keys -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Module.h"

using namespace cairn;
using namespace cairn::python;

namespace {

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

Dict *dictAt(const Manager *m, uint64_t at) {
  return static_cast<Dict *>(findHandle(m, at, Handle::Dict));
}

/// The dict and the key that a call starts with, converted; nothing is looked up yet.
struct Where {
  uint64_t dict;
  Key key;
};
bool toWhere(PyObject *dict, PyObject *key, Where &out) {
  return toPointer(dict, out.dict) && toKey(key, out.key);
}

struct DictChange {
  Dict *dict;
  void *ref;
  Key key;
  enum { Int, Float, Ref, Delete, Cleanup } what;
  int64_t value;
  double number;
  bool done;
};
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

/// Looks the dict up and changes it; false, and raises, if that was not possible.
bool apply(Manager *m, const Where &where, DictChange &c) {
  c.key = where.key;
  return (c.dict || (c.dict = dictAt(m, where.dict))) && guarded(m, changeDict, &c) &&
         !raiseReported(m);
}

PyObject *set(Manager *m, const Where &where, DictChange &c) {
  if (!apply(m, where, c))
    return nullptr;
  if (!c.done)
    return exhausted(m, nextRequest(c.dict, size_t(c.key.length)));
  Py_RETURN_NONE;
}

/// The dict, if the key has a value of the kind or is absent; null, and raises, if not.
Dict *dictFor(const Manager *m, const Where &where, unsigned wanted, bool &absent) {
  Dict *dict = dictAt(m, where.dict);
  if (!dict)
    return nullptr;
  unsigned kind = cairn_dict_kind(dict, where.key.text, size_t(where.key.length));
  absent = kind == CAIRN_VALUE_NONE;
  if (absent || kind == wanted)
    return dict;
  if (kind > CAIRN_VALUE_REF)
    heapError("a dict that was written over", where.dict);
  else
    PyErr_Format(PyExc_TypeError, "the key has one of the %s, not of the %s", kindName(kind),
                 kindName(wanted));
  return nullptr;
}

} // namespace

static CAIRN_METHOD(allocDict) {
  PythonCall caller(m);
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

static CAIRN_METHOD(dictSet) {
  PythonCall caller(m);
  PyObject *in[3];
  static constexpr Names names = {"dict_set", {"dict", "key", "value_ptr"}, 3, 3};
  Where where;
  uint64_t object;
  DictChange c = {};
  c.what = DictChange::Ref;
  if (!bind(names, args, n, kwnames, in) || !toWhere(in[0], in[1], where) ||
      !toPointer(in[2], object) || !(c.dict = dictAt(m, where.dict)) ||
      !toObject(m, object, c.dict, c.ref))
    return nullptr;
  return set(m, where, c);
}

static CAIRN_METHOD(dictSetInt) {
  PythonCall caller(m);
  PyObject *in[3];
  static constexpr Names names = {"dict_set_int", {"dict", "key", "value"}, 3, 3};
  Where where;
  DictChange c = {};
  bool wide;
  c.what = DictChange::Int;
  if (!bind(names, args, n, kwnames, in) || !toWhere(in[0], in[1], where) ||
      !toInt(in[2], c.value, wide))
    return nullptr;
  if (wide)
    return PyErr_Format(PyExc_OverflowError, "%S does not fit in 64 bits", in[2]);
  return set(m, where, c);
}

static CAIRN_METHOD(dictSetFloat) {
  PythonCall caller(m);
  PyObject *in[3];
  static constexpr Names names = {"dict_set_float", {"dict", "key", "value"}, 3, 3};
  Where where;
  DictChange c = {};
  c.what = DictChange::Float;
  if (!bind(names, args, n, kwnames, in) || !toWhere(in[0], in[1], where) ||
      !toFloat(in[2], c.number))
    return nullptr;
  return set(m, where, c);
}

static CAIRN_METHOD(dictGet) {
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {"dict_get", {"dict", "key"}, 2, 2};
  Where where;
  bool absent;
  Dict *dict;
  if (!bind(names, args, n, kwnames, in) || !toWhere(in[0], in[1], where) ||
      !(dict = dictFor(m, where, CAIRN_VALUE_REF, absent)))
    return nullptr;
  return toPython(m, absent ? nullptr
                            : cairn_dict_get(dict, where.key.text, size_t(where.key.length)));
}

static CAIRN_METHOD(dictGetInt) {
  PythonCall caller(m);
  PyObject *in[3];
  static constexpr Names names = {"dict_get_int", {"dict", "key", "default"}, 2, 3};
  Where where;
  bool absent;
  Dict *dict;
  if (!bind(names, args, n, kwnames, in) || !toWhere(in[0], in[1], where) ||
      !(dict = dictFor(m, where, CAIRN_VALUE_INT, absent)))
    return nullptr;
  if (absent && in[2])
    return Py_NewRef(in[2]);
  return PyLong_FromLong(cairn_dict_get_int(dict, where.key.text, size_t(where.key.length)));
}

static CAIRN_METHOD(dictGetFloat) {
  PythonCall caller(m);
  PyObject *in[3];
  static constexpr Names names = {"dict_get_float", {"dict", "key", "default"}, 2, 3};
  Where where;
  bool absent;
  Dict *dict;
  if (!bind(names, args, n, kwnames, in) || !toWhere(in[0], in[1], where) ||
      !(dict = dictFor(m, where, CAIRN_VALUE_FLOAT, absent)))
    return nullptr;
  if (absent && in[2])
    return Py_NewRef(in[2]);
  return PyFloat_FromDouble(cairn_dict_get_float(dict, where.key.text, size_t(where.key.length)));
}

static CAIRN_METHOD(dictContains) {
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {"dict_contains", {"dict", "key"}, 2, 2};
  Where where;
  Dict *dict;
  if (!bind(names, args, n, kwnames, in) || !toWhere(in[0], in[1], where) ||
      !(dict = dictAt(m, where.dict)))
    return nullptr;
  return PyBool_FromLong(cairn_dict_kind(dict, where.key.text, size_t(where.key.length)) !=
                         CAIRN_VALUE_NONE);
}

static CAIRN_METHOD(dictDelete) {
  PythonCall caller(m);
  PyObject *in[2];
  static constexpr Names names = {"dict_delete", {"dict", "key"}, 2, 2};
  Where where;
  DictChange c = {};
  c.what = DictChange::Delete;
  if (!bind(names, args, n, kwnames, in) || !toWhere(in[0], in[1], where) || !apply(m, where, c))
    return nullptr;
  return PyBool_FromLong(c.done);
}

static CAIRN_METHOD(dictLength) {
  PythonCall caller(m);
  PyObject *in[1];
  static constexpr Names names = {"dict_length", {"dict"}, 1, 1};
  uint64_t at;
  Dict *dict;
  if (!bind(names, args, n, kwnames, in) || !toPointer(in[0], at) || !(dict = dictAt(m, at)))
    return nullptr;
  return PyLong_FromUnsignedLong(dict->length);
}

static CAIRN_METHOD(dictCleanup) {
  PythonCall caller(m);
  PyObject *in[1];
  static constexpr Names names = {"dict_cleanup", {"dict_ptr"}, 1, 1};
  Where where = {};
  DictChange c = {};
  c.what = DictChange::Cleanup;
  if (!bind(names, args, n, kwnames, in) || !toPointer(in[0], where.dict) || !apply(m, where, c))
    return nullptr;
  Py_RETURN_NONE;
}

static CAIRN_METHOD(decrefDict) {
  PythonCall caller(m);
  PyObject *in[1];
  static constexpr Names names = {"decref_dict", {"dict_ptr"}, 1, 1};
  return bind(names, args, n, kwnames, in) ? releaseHandle(m, in[0], Handle::Dict) : nullptr;
}

static const PyMethodDef dictMethods[] = {
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
const PyMethodDef *const cairn::python::kDictMethods = dictMethods;
