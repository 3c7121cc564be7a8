//===- Errors.cpp - What goes wrong, as exceptions -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Module.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace cairn;
using namespace cairn::python;

__thread bool cairn::python::anyReported;

namespace {
/// The first thing the runtime reported in this thread, not yet raised.
thread_local struct {
  const void *p;
  char what[160];
  char *lines; ///< What a checked heap says besides, or null. There is little room for such
               ///< variables.
} reported;
} // namespace

static void onError(cairn_error_kind, const void *p, const char *message, void *) {
  if (anyReported)
    return;
  anyReported = true;
  reported.p = p;
  // "cairn: 0x...: what (heap ...)", and lines: Python's addresses are offsets, which it gets anew.
  const char *from = strstr(message, ": ");
  from = from ? strstr(from + 2, ": ") : nullptr;
  from = from ? from + 2 : message;
  const char *lines = strchr(from, '\n');
  const char *to = strstr(from, " (heap ");
  size_t n = to ? size_t(to - from) : lines ? size_t(lines - from) : strlen(from);
  if (n >= sizeof(reported.what))
    n = sizeof(reported.what) - 1;
  memcpy(reported.what, from, n);
  reported.what[n] = 0;
  free(reported.lines);
  reported.lines = lines ? strdup(lines) : nullptr;
}

void cairn::python::catchErrors() { cairn_set_error_handler(onError, nullptr); }

static void raiseFor(uintptr_t base, size_t size) {
  anyReported = false;
  const std::string lines = reported.lines ? reported.lines : "";
  free(reported.lines);
  reported.lines = nullptr;
  uint64_t at = reinterpret_cast<uintptr_t>(reported.p) - base;
  if (!reported.p)
    PyErr_Format(HeapError, "%s%s", reported.what, lines.c_str());
  else if (at < size)
    heapErrorWith(reported.what, at, lines);
  else
    PyErr_Format(HeapError, "%s: address %p%s", reported.what, reported.p, lines.c_str());
}

bool cairn::python::raiseReportedNow(const Manager *m) {
  raiseFor(m->base, m->size);
  return true;
}

void cairn::python::destroyHeap(Heap *heap) {
  const uintptr_t base = heap->base;
  const size_t size = heap->size;
  const bool before = anyReported;
  cairn_heap_destroy(reinterpret_cast<cairn_heap *>(heap));
  if (before || !anyReported)
    return;
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  raiseFor(base, size);
  PyErr_WriteUnraisable(nullptr);
  PyErr_Restore(type, value, trace);
}

OffsetText::OffsetText(uint64_t at) {
  if (at == kNoOffset)
    snprintf(text, sizeof(text), "an integer past every offset");
  else if (int64_t(at) < 0)
    snprintf(text, sizeof(text), "%lld", static_cast<long long>(at));
  else
    snprintf(text, sizeof(text), "0x%08llx", static_cast<unsigned long long>(at));
}

PyObject *cairn::python::heapError(const char *what, uint64_t at, const Manager *m) {
  return heapErrorWith(what, at, originOf(m, at));
}

PyObject *cairn::python::heapErrorWith(const char *what, uint64_t at, const std::string &lines) {
  anyReported = false; // this says more
  const std::string text = what + (": " + (OffsetText(at).text + lines));
  // A name in it may have been cut in the middle of a character.
  PyObject *message = PyUnicode_DecodeUTF8(text.data(), Py_ssize_t(text.size()), "replace");
  PyObject *error = message ? PyObject_CallOneArg(HeapError, message) : nullptr;
  PyObject *address = !error            ? nullptr
                      : at == kNoOffset ? Py_NewRef(Py_None)
                                        : PyLong_FromLongLong(int64_t(at));
  if (address && PyObject_SetAttrString(error, "address", address) == 0)
    PyErr_SetObject(HeapError, error);
  Py_XDECREF(address);
  Py_XDECREF(error);
  Py_XDECREF(message);
  return nullptr;
}

PyObject *cairn::python::raise(PyObject *type, const char *format, ...) {
  char text[4000];
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
  if (!m->heap)
    return closedError();
  PyErr_Format(PyExc_MemoryError, "Heap exhausted: request %llu bytes, used %llu, size %zu",
               static_cast<unsigned long long>(request),
               static_cast<unsigned long long>(*m->heap->space.usedBytes()), m->size);
  return nullptr;
}

void cairn::python::reportOpen(const char *what) {
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  PySys_FormatStderr("cairn: %s stays open: %S\n", what, value ? value : Py_None);
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(trace);
}
