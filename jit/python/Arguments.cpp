//===- Arguments.cpp - From Python's arguments to C's -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Module.h"

using namespace cairn::python;

bool cairn::python::bindSlow(const Names &names, PyObject *const *args, Py_ssize_t n,
                             PyObject *kwnames, PyObject **out) {
  if (n > names.count) {
    PyErr_Format(PyExc_TypeError, "%s() takes at most %d argument%s (%zd given)", names.function,
                 names.count, plural(uint64_t(names.count)), n);
    return false;
  }
  for (int i = 0; i < names.count; ++i)
    out[i] = i < n ? args[i] : nullptr;
  Py_ssize_t more = kwnames ? PyTuple_GET_SIZE(kwnames) : 0;
  for (Py_ssize_t k = 0; k < more; ++k) {
    PyObject *name = PyTuple_GET_ITEM(kwnames, k);
    int i = 0;
    while (i < names.count && PyUnicode_CompareWithASCIIString(name, names.names[i]))
      ++i;
    if (i == names.count) {
      PyErr_Format(PyExc_TypeError, "%s() has no argument '%U'", names.function, name);
      return false;
    }
    if (out[i]) {
      PyErr_Format(PyExc_TypeError, "%s() was given '%U' twice", names.function, name);
      return false;
    }
    out[i] = args[n + k];
  }
  for (int i = 0; i < names.required; ++i)
    if (!out[i]) {
      PyErr_Format(PyExc_TypeError, "%s() misses its argument '%s'", names.function,
                   names.names[i]);
      return false;
    }
  return true;
}

bool cairn::python::toIntSlow(PyObject *o, int64_t &value, bool &wide) {
  if (PyFloat_Check(o)) {
    PyErr_SetString(PyExc_TypeError, "an integer is wanted, not a float");
    return false;
  }
  PyObject *index = PyNumber_Index(o);
  if (!index)
    return false;
  int overflow;
  value = PyLong_AsLongLongAndOverflow(index, &overflow);
  wide = overflow != 0;
  Py_DECREF(index);
  return wide || value != -1 || !PyErr_Occurred();
}

bool cairn::python::toSizeSlow(PyObject *o, const char *what, uint64_t most, uint64_t &value) {
  int64_t n;
  bool wide;
  if (!toInt(o, n, wide))
    return false;
  if (wide || n < 0 || uint64_t(n) > most) {
    PyErr_Format(PyExc_ValueError, "%s must be from 0 to %llu, not %S", what,
                 static_cast<unsigned long long>(most), o);
    return false;
  }
  value = uint64_t(n);
  return true;
}

bool cairn::python::toFloat(PyObject *o, double &value) {
  if (PyFloat_CheckExact(o)) {
    value = PyFloat_AS_DOUBLE(o);
    return true;
  }
  value = PyFloat_AsDouble(o);
  return value != -1.0 || !PyErr_Occurred();
}

const char *cairn::python::toText(PyObject *o, Py_ssize_t &n) {
  if (!PyUnicode_Check(o)) {
    PyErr_Format(PyExc_TypeError, "a str is wanted, not %s", Py_TYPE(o)->tp_name);
    return nullptr;
  }
  return PyUnicode_AsUTF8AndSize(o, &n);
}
