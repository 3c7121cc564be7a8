//===- Profile.cpp - The heap profile, for Python -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where Python runs, a sample's calls are lines of Python. Before them come the calls of JIT code
// that the innermost line made. What lies between, the interpreter and this module, is left out.
// A thread without the GIL has no lines: its calls are those of any program.
//
//===----------------------------------------------------------------------===//

#include "Module.h"

#include "heap/profile.h"
#include "heap/samples.h"

#include <cerrno>
#include <cstring>

using namespace cairn;
using namespace cairn::python;

namespace {

#if PY_VERSION_HEX >= 0x030B0000
PyObject *nameOf(PyCodeObject *code) { return code->co_qualname; }
#else
PyObject *nameOf(PyCodeObject *code) { return code->co_name; }
#endif

uintptr_t frameOf(PyFrameObject *at) {
  PyCodeObject *code = PyFrame_GetCode(at);
  const char *name = PyUnicode_AsUTF8(nameOf(code));
  if (!name)
    PyErr_Clear();
  const char *file = PyUnicode_AsUTF8(code->co_filename);
  if (!file)
    PyErr_Clear();
  const int line = PyFrame_GetLineNumber(at);
  const uintptr_t frame = nameFrame(name ? name : "?", file ? file : "?", line > 0 ? line : 0);
  Py_DECREF(code);
  return frame;
}

/// Whether a JIT function is one by which Python calls others.
bool isThunk(const char *function) {
  return std::strncmp(function, kThunk, std::strlen(kThunk)) == 0;
}

/// The hook of the profile (hostFrames in heap/profile.h). It runs in the middle of an allocation:
/// none of Python's code may run, so no collection may begin, and an exception that is on its way
/// stays.
size_t addLines(uintptr_t *frames, size_t count, size_t most) {
  if (!Py_IsInitialized() || !PyGILState_Check())
    return count;
  const int collects = PyGC_Disable();
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  size_t jit = count;
  while (jit && (!(frames[jit - 1] & kIsName) || isThunk(frameName(frames[jit - 1]).function)))
    --jit;
  size_t n = jit;
  PyFrameObject *at = PyThreadState_GetFrame(PyThreadState_Get());
  while (at && n < most) {
    if (const uintptr_t frame = frameOf(at))
      frames[n++] = frame;
    PyFrameObject *const caller = PyFrame_GetBack(at);
    Py_DECREF(at);
    at = caller;
  }
  Py_XDECREF(at);
  PyErr_Restore(type, value, trace);
  if (collects)
    PyGC_Enable();
  return n > jit ? n : count;
}

} // namespace

void cairn::python::watchCalls() { __atomic_store_n(&hostFrames, addLines, __ATOMIC_RELEASE); }

PyObject *cairn::python::profileStart(PyObject *, PyObject *const *args, Py_ssize_t n,
                                      PyObject *kwnames) {
  PyObject *in[1];
  static constexpr Names names = {"profile_start", {"rate"}, 0, 1};
  uint64_t rate = 0;
  if (!bind(names, args, n, kwnames, in) ||
      (in[0] && !toSize(in[0], "rate", kMostProfileRate, rate)))
    return nullptr;
  if (!cairn_profile_start(rate))
    return PyErr_SetFromErrno(PyExc_OSError);
  Py_RETURN_NONE;
}

PyObject *cairn::python::profileStop(PyObject *, PyObject *const *args, Py_ssize_t n,
                                     PyObject *kwnames) {
  static constexpr Names names = {"profile_stop", {}, 0, 0};
  if (!bind(names, args, n, kwnames, nullptr))
    return nullptr;
  cairn_profile_stop();
  Py_RETURN_NONE;
}

PyObject *cairn::python::profileWrite(PyObject *, PyObject *const *args, Py_ssize_t n,
                                      PyObject *kwnames) {
  PyObject *in[1], *path;
  static constexpr Names names = {"profile_write", {"path"}, 1, 1};
  if (!bind(names, args, n, kwnames, in) || !PyUnicode_FSConverter(in[0], &path))
    return nullptr;
  bool done;
  Py_BEGIN_ALLOW_THREADS;
  done = cairn_profile_write(PyBytes_AS_STRING(path));
  Py_END_ALLOW_THREADS;
  Py_DECREF(path);
  if (!done)
    return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, in[0]);
  Py_RETURN_NONE;
}
