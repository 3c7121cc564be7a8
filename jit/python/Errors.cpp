//===- Errors.cpp - What goes wrong, as exceptions -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Module.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

using namespace cairn;
using namespace cairn::python;

__thread bool cairn::python::anyReported;

namespace {
/// The first thing the runtime reported in this thread, not yet raised.
thread_local struct {
  const void *p;
  char what[160];
} reported;
} // namespace

static void onError(cairn_error_kind, const void *p, const char *message, void *) {
  if (anyReported)
    return;
  anyReported = true;
  reported.p = p;
  // "cairn: 0x...: what (heap ...)": Python's addresses are offsets, which it gets anew.
  const char *from = strstr(message, ": ");
  from = from ? strstr(from + 2, ": ") : nullptr;
  from = from ? from + 2 : message;
  const char *to = strstr(from, " (heap ");
  size_t n = to ? size_t(to - from) : strlen(from);
  if (n >= sizeof(reported.what))
    n = sizeof(reported.what) - 1;
  memcpy(reported.what, from, n);
  reported.what[n] = 0;
}

void cairn::python::catchErrors() { cairn_set_error_handler(onError, nullptr); }

bool cairn::python::raiseReportedNow(const Manager *m) {
  anyReported = false;
  uint64_t at = reinterpret_cast<uintptr_t>(reported.p) - m->base;
  if (at < m->size)
    heapError(reported.what, at);
  else
    PyErr_Format(HeapError, "%s: address %p", reported.what, reported.p);
  return true;
}

PyObject *cairn::python::heapError(const char *what, uint64_t at) {
  char text[240];
  snprintf(text, sizeof(text), "%s: 0x%08llx", what, static_cast<unsigned long long>(at));
  PyObject *message = PyUnicode_FromString(text);
  PyObject *error = message ? PyObject_CallOneArg(HeapError, message) : nullptr;
  PyObject *address = error ? PyLong_FromUnsignedLongLong(at) : nullptr;
  if (address && PyObject_SetAttrString(error, "address", address) == 0)
    PyErr_SetObject(HeapError, error);
  Py_XDECREF(address);
  Py_XDECREF(error);
  Py_XDECREF(message);
  return nullptr;
}

PyObject *cairn::python::raise(PyObject *type, const char *format, ...) {
  char text[400];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  PyErr_SetString(type, text);
  return nullptr;
}

PyObject *cairn::python::closedError() {
  PyErr_SetString(HeapError, "the heap is closed");
  return nullptr;
}

PyObject *cairn::python::exhausted(const Manager *m, uint64_t request) {
  PyErr_Format(PyExc_MemoryError, "Heap exhausted: request %llu bytes, used %llu, size %zu",
               static_cast<unsigned long long>(request),
               static_cast<unsigned long long>(*m->heap->space.usedBytes()), m->size);
  return nullptr;
}
