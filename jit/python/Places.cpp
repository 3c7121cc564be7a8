//===- Places.cpp - Where in Python a call comes from -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A checked heap remembers who made and released each block as the number of a site
// (heap/origin.h). A site of Python's is a line of a code object. Its record, and a reference
// to the code object, which has the names, are kept for ever: messages may come at any time.
//
//===----------------------------------------------------------------------===//

#include "Module.h"

#include "report/describe.h"

#include <map>
#include <new>
#include <utility>

using namespace cairn;
using namespace cairn::python;

namespace {

/// Lines that are told apart; of those that follow, blocks are made nowhere.
constexpr size_t kMostSites = size_t(1) << 16;

const char *utf8(PyObject *text, const char *otherwise) {
  const char *found = text ? PyUnicode_AsUTF8(text) : nullptr;
  if (!found)
    PyErr_Clear();
  return found ? found : otherwise;
}

#if PY_VERSION_HEX >= 0x030B0000
PyObject *nameOf(PyCodeObject *code) { return code->co_qualname; }
#else
PyObject *nameOf(PyCodeObject *code) { return code->co_name; }
#endif

/// The site of the Python code that is running; null where there is none. With the GIL held.
CheckSite *currentSite() {
  PyFrameObject *frame = PyEval_GetFrame();
  if (!frame)
    return nullptr;
  static auto &sites = *new std::map<std::pair<PyCodeObject *, int>, CheckSite *>;
  PyCodeObject *code = PyFrame_GetCode(frame);
  const int line = PyFrame_GetLineNumber(frame);
  auto known = sites.find({code, line});
  if (known == sites.end() && sites.size() < kMostSites)
    known = sites
                .insert({{code, line},
                         new CheckSite{utf8(nameOf(code), "?"), utf8(code->co_filename, "?"),
                                       nullptr, uint32_t(line > 0 ? line : 0), 0, 0, 0}})
                .first;
  else
    Py_DECREF(code);
  return known == sites.end() ? nullptr : known->second;
}

} // namespace

void PythonCall::begin() {
  static_assert(sizeof(CheckedCall) <= sizeof(Room) && alignof(CheckedCall) <= alignof(void *));
  // An exception that is on its way stays.
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  CheckSite *site = currentSite();
  PyErr_Restore(type, value, trace);
  new (Room) CheckedCall(site);
}

void PythonCall::end() { reinterpret_cast<CheckedCall *>(Room)->~CheckedCall(); }

std::string cairn::python::originOf(const Manager *m, uint64_t at) {
  if (!m || !m->heap || !m->checked || at >= m->size)
    return {};
  Text text;
  cairn::describe(text, m->heap, reinterpret_cast<const void *>(m->base + at));
  return text.text();
}
