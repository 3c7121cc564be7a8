//===- Compat.h - What Python 3.9 lacks of the C API -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Under the names that later versions have for it.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PYTHON_COMPAT_H
#define CAIRN_PYTHON_COMPAT_H

#include <Python.h>

#if PY_VERSION_HEX < 0x030A0000

inline PyObject *Py_NewRef(PyObject *object) {
  Py_INCREF(object);
  return object;
}

template <typename T> PyObject *Py_NewRef(T *object) {
  return Py_NewRef(reinterpret_cast<PyObject *>(object));
}

inline int PyModule_AddObjectRef(PyObject *module, const char *name, PyObject *value) {
  if (!value)
    return -1;
  Py_INCREF(value);
  if (PyModule_AddObject(module, name, value) == 0)
    return 0;
  Py_DECREF(value);
  return -1;
}

// A bit that 3.9 does not read; the type is made so by hand.
#define Py_TPFLAGS_DISALLOW_INSTANTIATION (1UL << 7)

inline PyObject *cairnTypeFromSpec(PyObject *module, PyType_Spec *spec, PyObject *bases) {
  const bool closed = spec->flags & Py_TPFLAGS_DISALLOW_INSTANTIATION;
  spec->flags &= ~unsigned(Py_TPFLAGS_DISALLOW_INSTANTIATION);
  PyObject *type = PyType_FromModuleAndSpec(module, spec, bases);
  if (type && closed)
    reinterpret_cast<PyTypeObject *>(type)->tp_new = nullptr;
  return type;
}
#define PyType_FromModuleAndSpec cairnTypeFromSpec

#endif

#endif // CAIRN_PYTHON_COMPAT_H
