//===- Report.cpp - What the heap holds, for people -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Module.h"

#include <cstdio>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

using namespace cairn;
using namespace cairn::python;

namespace {

struct Live {
  uint64_t at, size;
  int64_t count;
  const char *kind;
};

/// Every live block, with what it is; a container's own parts are told apart.
std::vector<Live> collect(const Manager *m) {
  std::vector<cairn_block> blocks;
  cairn_heap_walk(
      handle(m),
      [](const cairn_block *b, void *context) {
        static_cast<std::vector<cairn_block> *>(context)->push_back(*b);
        return true;
      },
      &blocks);
  std::unordered_map<void *, const char *> parts;
  for (const cairn_block &b : blocks) {
    if (!b.object || b.size < sizeof(List))
      continue;
    auto *list = static_cast<List *>(b.p);
    if (b.meta == handleMeta(kListTag) && list->magic == kListMagic && soundList(list)) {
      parts[list->table] = "table";
    } else if (b.meta == handleMeta(kDictTag) && list->magic == kDictMagic &&
               soundDict(static_cast<Dict *>(b.p))) {
      auto *dict = static_cast<Dict *>(b.p);
      parts[dict->table] = "table";
      for (uint32_t i = 0; dict->table && i < dict->capacity; ++i)
        if (void *key = static_cast<Entry *>(dict->table)[i].key)
          parts[key] = "key";
    }
  }
  std::vector<Live> live;
  for (const cairn_block &b : blocks) {
    Block block;
    if (!findSlow(m, offsetOf(m, b.p), block))
      continue; // written over
    auto part = parts.find(b.p);
    const char *kind = !block.ref                           ? "block"
                       : part != parts.end()                ? part->second
                       : block.kind == kByteArray           ? "array"
                       : block.meta == handleMeta(kListTag) ? "list"
                       : block.meta == handleMeta(kDictTag) ? "dict"
                       : isTyped(block.meta)                ? "object"
                                                            : "bytes";
    live.push_back({offsetOf(m, block.data), uint64_t(block.end - block.data), b.count, kind});
  }
  return live;
}

PyStructSequence_Field liveFields[] = {{"ptr", "offset from the heap's base"},
                                       {"size", "bytes"},
                                       {"refcount", "owners; -1 if immortal, 0 for a raw block"},
                                       {"kind", "bytes, array, list, dict, object, block; or table "
                                                "and key, parts of a list or dict"},
                                       {nullptr, nullptr}};
PyStructSequence_Desc liveDescription = {"cairn.LiveObject", "A live block of a heap.", liveFields,
                                         4};

std::string bytes(uint64_t n) {
  char text[40];
  if (n >= 10 << 20)
    snprintf(text, sizeof(text), "%.1f MiB", double(n) / (1 << 20));
  else if (n >= 10 << 10)
    snprintf(text, sizeof(text), "%.1f KiB", double(n) / (1 << 10));
  else
    snprintf(text, sizeof(text), "%llu byte%s", static_cast<unsigned long long>(n), plural(n));
  return text;
}

} // namespace

static PyTypeObject *liveType;

bool cairn::python::addReportTypes(PyObject *module) {
  liveType = PyStructSequence_NewType(&liveDescription);
  return liveType &&
         PyModule_AddObjectRef(module, "LiveObject", reinterpret_cast<PyObject *>(liveType)) == 0;
}

static CAIRN_METHOD(liveObjects) {
  if (n || kwnames) {
    PyErr_SetString(PyExc_TypeError, "live_objects() takes no arguments");
    return nullptr;
  }
  (void)args;
  if (!m->heap)
    return closedError();
  std::vector<Live> all = collect(m);
  PyObject *list = PyList_New(0);
  for (const Live &live : list ? all : std::vector<Live>()) {
    PyObject *item = PyStructSequence_New(liveType);
    if (item) {
      PyStructSequence_SET_ITEM(item, 0, PyLong_FromUnsignedLongLong(live.at));
      PyStructSequence_SET_ITEM(item, 1, PyLong_FromUnsignedLongLong(live.size));
      PyStructSequence_SET_ITEM(item, 2, PyLong_FromLong(live.count));
      PyStructSequence_SET_ITEM(item, 3, PyUnicode_FromString(live.kind));
    }
    if (!item || PyErr_Occurred() || PyList_Append(list, item) < 0) {
      Py_XDECREF(item);
      Py_CLEAR(list);
      break;
    }
    Py_DECREF(item);
  }
  return list;
}

static CAIRN_METHOD(stats) {
  if (n || kwnames) {
    PyErr_SetString(PyExc_TypeError, "stats() takes no arguments");
    return nullptr;
  }
  (void)args;
  if (!m->heap)
    return closedError();
  cairn_stats s;
  cairn_stats_get(handle(m), &s);
  PyObject *classes = PyList_New(0);
  for (const cairn_class_stats &c : s.classes) {
    if (!classes || !c.slabs)
      continue;
    PyObject *one = Py_BuildValue("{sIsIsKsK}", "slot_size", c.slot_size, "slabs", c.slabs,
                                  "raw_blocks", c.raw_blocks, "objects", c.objects);
    if (!one || PyList_Append(classes, one) < 0)
      Py_CLEAR(classes);
    Py_XDECREF(one);
  }
  if (!classes)
    return nullptr;
  using Big = unsigned long long;
  return Py_BuildValue("{sKsKsKsKsKsKsKsKsKsKsKsN}", "size", Big(s.region_size), "used",
                       Big(s.used), "peak", Big(s.peak), "live_objects", Big(s.live_objects),
                       "live_blocks", Big(s.live_blocks), "live_bytes", Big(s.live_bytes), "waste",
                       Big(s.waste), "slabs", Big(s.slabs), "large_blocks", Big(s.large_blocks),
                       "large_bytes", Big(s.large_bytes), "slow_paths", Big(s.slow_paths),
                       "classes", classes);
}

bool cairn::python::reportLeaks(const Manager *m) {
  std::vector<Live> live;
  uint64_t total = 0;
  for (const Live &one : collect(m))
    if (strcmp(one.kind, "table") && strcmp(one.kind, "key")) {
      live.push_back(one);
      total += one.size;
    }
  if (live.empty())
    return true;
  PySys_FormatStderr("cairn: %zu object%s left alive, %s\n", live.size(), plural(live.size()),
                     bytes(total).c_str());
  size_t shown = 0;
  for (const Live &one : live) {
    if (++shown > 10) {
      PySys_FormatStderr("  and %zu more\n", live.size() - 10);
      break;
    }
    char line[120];
    snprintf(line, sizeof(line), "  0x%08llx  %-6s %10llu byte%s, count %lld\n",
             static_cast<unsigned long long>(one.at), one.kind,
             static_cast<unsigned long long>(one.size), plural(one.size),
             static_cast<long long>(one.count));
    PySys_FormatStderr("%s", line);
  }
  return false;
}

PyObject *cairn::python::describe(PyObject *self) {
  auto *m = reinterpret_cast<Manager *>(self);
  if (!m->heap)
    return PyUnicode_FromFormat("<%s, closed>", Py_TYPE(self)->tp_name);
  return PyUnicode_FromFormat("<%s of %s, %s used%s>", Py_TYPE(self)->tp_name,
                              bytes(m->size).c_str(), bytes(*m->heap->space.usedBytes()).c_str(),
                              m->checked ? ", checked" : "");
}

PyObject *cairn::python::describeAtLength(PyObject *self) {
  auto *m = reinterpret_cast<Manager *>(self);
  if (!m->heap)
    return describe(self);
  cairn_stats s;
  cairn_stats_get(handle(m), &s);
  char text[400];
  snprintf(text, sizeof(text),
           "Cairn heap of %s%s\n  live   %llu object%s and %llu raw block%s, %s\n"
           "  used   %s, at most %s\n  slabs  %llu, large blocks %llu of %s",
           bytes(s.region_size).c_str(), m->checked ? ", checked" : "",
           static_cast<unsigned long long>(s.live_objects), plural(s.live_objects),
           static_cast<unsigned long long>(s.live_blocks), plural(s.live_blocks),
           bytes(s.live_bytes).c_str(), bytes(s.used).c_str(), bytes(s.peak).c_str(),
           static_cast<unsigned long long>(s.slabs),
           static_cast<unsigned long long>(s.large_blocks), bytes(s.large_bytes).c_str());
  return PyUnicode_FromString(text);
}

static CAIRN_METHOD(dump) {
  PyObject *path = nullptr;
  if (n != 1 || kwnames) {
    PyErr_SetString(PyExc_TypeError, "dump() takes one argument, the name of a file");
    return nullptr;
  }
  if (!m->heap)
    return closedError();
  if (!PyUnicode_FSConverter(args[0], &path))
    return nullptr;
  bool done = cairn_heap_dump(PyBytes_AS_STRING(path));
  Py_DECREF(path);
  if (!done)
    return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, args[0]);
  Py_RETURN_NONE;
}

static const PyMethodDef reportMethods[] = {
    {"stats", method(stats), kFast,
     "stats($self, /)\n--\n\nThe heap's figures, in bytes and counts, as a dict."},
    {"live_objects", method(liveObjects), kFast,
     "live_objects($self, /)\n--\n\n"
     "Every live block as (ptr, size, refcount, kind), in order of address.\n\n"
     "Kind 'table' and 'key' are parts of a list or dict."},
    {"dump", method(dump), kFast,
     "dump($self, path, /)\n--\n\n"
     "Writes what all heaps of the process hold to a file, for `cairn heap`.\n\n"
     "Raises OSError if it cannot be written; a file of that name stays then."},
    {nullptr, nullptr, 0, nullptr}};
const PyMethodDef *const cairn::python::kReportMethods = reportMethods;
