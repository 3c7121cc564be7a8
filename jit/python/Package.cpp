//===- Package.cpp - The module cairn._cairn -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Module.h"

using namespace cairn;
using namespace cairn::python;

PyObject *cairn::python::HeapError, *cairn::python::IRError;

static PyObject *alignUp(PyObject *, PyObject *const *args, Py_ssize_t n, PyObject *kwnames) {
  PyObject *in[2];
  static constexpr Names names = {"align_up", {"size", "alignment"}, 2, 2};
  uint64_t size, align;
  if (!bind(names, args, n, kwnames, in) || !toSize(in[0], "size", uint64_t(1) << 62, size) ||
      !toSize(in[1], "alignment", uint64_t(1) << 62, align))
    return nullptr;
  if (align == 0)
    return PyErr_Format(PyExc_ValueError, "alignment must be at least 1");
  return PyLong_FromUnsignedLongLong((size + align - 1) / align * align);
}

static PyMethodDef functions[] = {
    {"align_up", method(alignUp), kFast,
     "align_up(size, alignment)\n--\n\nThe least multiple of alignment that is not below size."},
    {"profile_start", method(profileStart), kFast,
     "profile_start(rate=0)\n--\n\nBegins to sample the process's heaps, one block in about so many "
     "bytes; 0 is 512 KiB."},
    {"profile_stop", method(profileStop), kFast, "profile_stop()\n--\n\nNo more samples."},
    {"profile_write", method(profileWrite), kFast,
     "profile_write(path)\n--\n\nWrites what was sampled so far, in pprof's format."},
    {nullptr, nullptr, 0, nullptr}};

static PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                                 "cairn._cairn",
                                 "The heap, for Python.",
                                 -1,
                                 functions,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 nullptr};

PyMODINIT_FUNC PyInit__cairn();
PyMODINIT_FUNC PyInit__cairn() {
  catchErrors();
  watchCalls();
  PyObject *module = PyModule_Create(&definition);
  if (!module)
    return nullptr;
  HeapError = PyErr_NewExceptionWithDoc(
      "cairn.HeapError",
      "A block was misused: dead, never given out, of another size or kind. `address` is its "
      "offset, or None.",
      PyExc_ValueError, nullptr);
  IRError = PyErr_NewExceptionWithDoc(
      "cairn.IRError",
      "IR that cannot be compiled or linked. `line` and `column` count from 1, or are None.",
      PyExc_ValueError, nullptr);
  if (!HeapError || !IRError || PyObject_SetAttrString(HeapError, "address", Py_None) < 0 ||
      PyObject_SetAttrString(IRError, "line", Py_None) < 0 ||
      PyObject_SetAttrString(IRError, "column", Py_None) < 0 ||
      PyModule_AddObjectRef(module, "HeapError", HeapError) < 0 ||
      PyModule_AddObjectRef(module, "IRError", IRError) < 0)
    return nullptr;
  if (!addViewTypes(module) || !addManagerType(module) ||
      PyModule_AddStringConstant(module, "__version__", cairn_version()) < 0 ||
      !addReportTypes(module) || !addJitTypes(module))
    return nullptr;
  return module;
}
