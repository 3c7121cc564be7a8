//===- Manager.cpp - MemoryManager: opening, closing, attributes -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Module.h"

#include <vector>

using namespace cairn;
using namespace cairn::python;

PyTypeObject *cairn::python::ManagerType;

//===----------------------------------------------------------------------===//
// Opening and closing
//===----------------------------------------------------------------------===//

static bool open(Manager *m, size_t size, bool checked) {
  cairn_heap_options options = {size, "python", checked};
  cairn_heap *heap = cairn_heap_create(&options);
  if (!heap) {
    PyErr_Format(PyExc_MemoryError, "the system has no address space for a heap of %zu bytes",
                 size);
    return false;
  }
  Core *core = PyObject_New(Core, CoreType);
  if (!core) {
    cairn_heap_destroy(heap);
    return false;
  }
  core->heap = reinterpret_cast<Heap *>(heap);
  core->exports = 0;
  core->manager = m;
  m->core = core;
  m->guard = nullptr;
  m->heap = core->heap;
  m->base = core->heap->base;
  m->size = core->heap->size;
  m->checked = core->heap->checked;
  m->plain = !m->checked;
  m->quick = m->plain ? m->size : 0;
  return true;
}

/// Whether nothing outside uses the heap, so that it may go; raises if something does. Our
/// own views go first, which may run code that closes the heap, or makes views of it.
static bool letGo(Manager *m, const char *what) {
  for (bool again = true;; again = false) {
    if (!m->heap)
      return closedError();
    if (m->running) {
      PyErr_Format(PyExc_BufferError, "%s: a call into this heap is running", what);
      return false;
    }
    if (m->sessions) {
      PyErr_Format(PyExc_BufferError,
                   m->sessions == 1
                       ? "%s: %zd JIT session is open on this heap: close() it, or drop it and "
                         "its functions"
                       : "%s: %zd JIT sessions are open on this heap: close() them, or drop them "
                         "and their functions",
                   what, m->sessions);
      return false;
    }
    if (!again || (!m->memory && !m->top))
      break;
    Py_CLEAR(m->memory);
    Py_CLEAR(m->top);
  }
  Py_ssize_t exports = m->core->exports;
  if (exports == 0)
    return true;
  PyErr_Format(PyExc_BufferError,
               exports == 1 ? "%s: %zd view of this heap is open: drop it (del), with all that was "
                              "sliced from it, and then call %s()"
                            : "%s: %zd views of this heap are open: drop them (del), with all that "
                              "was sliced from them, and then call %s()",
               what, exports, what);
  return false;
}

/// Views may keep it longer.
static void dropCore(Core *core) {
  if (core)
    core->manager = nullptr;
  Py_XDECREF(reinterpret_cast<PyObject *>(core));
}

static bool closeHeap(Manager *m) {
  if (!m->heap)
    return true;
  if (!letGo(m, "close"))
    return m->heap == nullptr && (PyErr_Clear(), true);
  m->guard = nullptr; // of sessions that are gone, but for what finalisers need
  m->heap = nullptr;
  m->size = m->quick = 0;
  m->plain = false;
  dropCore(m->core);
  m->core = nullptr;
  return true;
}

static int initManager(PyObject *self, PyObject *args, PyObject *kwargs) {
  auto *m = reinterpret_cast<Manager *>(self);
  static const char *names[] = {"size", "checked", nullptr};
  PyObject *sizeArg = nullptr;
  int checked = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O$p:MemoryManager", const_cast<char **>(names),
                                   &sizeArg, &checked))
    return -1;
  uint64_t size = uint64_t(64) << 20;
  if (sizeArg && !toSize(sizeArg, "size", uint64_t(1) << 40, size))
    return -1;
  if (size == 0) {
    PyErr_SetString(PyExc_ValueError, "size must be at least 1");
    return -1;
  }
  if (m->core) {
    PyErr_SetString(PyExc_RuntimeError, "the heap is there already");
    return -1;
  }
  return open(m, size, checked) ? 0 : -1;
}

static void freeManager(PyObject *self) {
  auto *m = reinterpret_cast<Manager *>(self);
  PyTypeObject *type = Py_TYPE(self);
  if (PyType_IS_GC(type))
    PyObject_GC_UnTrack(self);
  Py_CLEAR(m->memory);
  Py_CLEAR(m->top);
  dropCore(m->core);
  type->tp_free(self);
  Py_DECREF(type);
}

//===----------------------------------------------------------------------===//
// Methods and attributes
//===----------------------------------------------------------------------===//

static PyObject *closeMethod(PyObject *self, PyObject *) {
  if (!closeHeap(reinterpret_cast<Manager *>(self)))
    return nullptr;
  Py_RETURN_NONE;
}

static PyObject *enter(PyObject *self, PyObject *) {
  if (!reinterpret_cast<Manager *>(self)->heap)
    return closedError();
  return Py_NewRef(self);
}

static PyObject *leave(PyObject *self, PyObject *args) {
  auto *m = reinterpret_cast<Manager *>(self);
  if (!m->heap)
    Py_RETURN_FALSE;
  reportLeaks(m);
  bool failed = PyTuple_GET_SIZE(args) && PyTuple_GET_ITEM(args, 0) != Py_None;
  if (!closeHeap(m)) {
    if (!failed)
      return nullptr;
    reportOpen("the heap"); // the exception on its way goes on
  }
  Py_RETURN_FALSE;
}

static PyObject *reset(PyObject *self, PyObject *) {
  auto *m = reinterpret_cast<Manager *>(self);
  if (!m->heap)
    return closedError();
  if (!letGo(m, "reset"))
    return nullptr;
  Core *old = m->core;
  if (!open(m, m->size, m->checked))
    return nullptr;
  dropCore(old);
  Py_RETURN_NONE;
}

static PyObject *usage(PyObject *self, PyObject *) {
  auto *m = reinterpret_cast<Manager *>(self);
  return m->heap ? PyLong_FromUnsignedLongLong(*m->heap->space.usedBytes()) : closedError();
}

static PyObject *getSize(PyObject *self, void *) {
  auto *m = reinterpret_cast<Manager *>(self);
  return m->heap ? PyLong_FromSize_t(m->size) : closedError();
}
static PyObject *getChecked(PyObject *self, void *) {
  return PyBool_FromLong(reinterpret_cast<Manager *>(self)->checked);
}
static PyObject *getClosed(PyObject *self, void *) {
  return PyBool_FromLong(!reinterpret_cast<Manager *>(self)->heap);
}

static PyGetSetDef attributes[] = {
    {"memory", getMemory, nullptr,
     "The whole heap as a NumPy array of uint8, without a copy. It keeps the heap alive.", nullptr},
    {"heap_top", getTop, nullptr,
     "A read-only NumPy array of one uint64 that always holds the bytes used.", nullptr},
    {"free_lists", getFreeLists, nullptr,
     "For each of the sizes 16, 32 ... 2048: the offset that alloc gives next, 0 if it is open "
     "still. A snapshot.",
     nullptr},
    {"size", getSize, nullptr, "Bytes in the heap: the size asked for, rounded up to 64 KiB.",
     nullptr},
    {"heap_size", getSize, nullptr, "The same as size.", nullptr},
    {"checked", getChecked, nullptr, "Whether freed blocks are held back for a while.", nullptr},
    {"closed", getClosed, nullptr, "Whether close() was called.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

static const PyMethodDef managerMethods[] = {
    {"close", closeMethod, METH_NOARGS,
     "close($self, /)\n--\n\nGive the heap back. Raises BufferError while a view or a JIT session "
     "is open."},
    {"__enter__", enter, METH_NOARGS, "The heap itself."},
    {"__exit__", leave, METH_VARARGS, "Report what is left alive to sys.stderr, and close."},
    {"reset", reset, METH_NOARGS,
     "reset($self, /)\n--\n\nForget every block, as if the heap were new. Raises BufferError as "
     "close() does."},
    {"get_usage", usage, METH_NOARGS,
     "get_usage($self, /)\n--\n\nBytes of slabs and large blocks in use."},
    {"get_ctypes_pointer", ctypesPointer, METH_NOARGS,
     "get_ctypes_pointer($self, /)\n--\n\n"
     "The heap's base as a ctypes pointer to c_uint8, which keeps the heap alive."},
    {"jit", method(makeJit), kFast,
     "jit($self, /, opt_level=2)\n--\n\n"
     "A session that compiles LLVM IR against this heap. opt_level is from 0 to 3, as -O."},
    {nullptr, nullptr, 0, nullptr}};

bool cairn::python::addManagerType(PyObject *module) {
  static std::vector<PyMethodDef> methods;
  for (const PyMethodDef *list : {managerMethods, kBlockMethods, kAccessMethods, kListMethods,
                                  kDictMethods, kBulkMethods, kReportMethods})
    for (; list->ml_name; ++list)
      methods.push_back(*list);
  methods.push_back({nullptr, nullptr, 0, nullptr});
  static PyType_Slot managerSlots[] = {
      {Py_tp_doc,
       const_cast<char *>(
           "MemoryManager(size=67108864, *, checked=False)\n--\n\n"
           "A heap of reference-counted blocks, shared with JIT code.\n\n"
           "size: bytes, rounded up to 64 KiB; at least 256 KiB. checked: hold freed blocks back\n"
           "for a while, so that stale pointers are found. Pointers are integers, offsets from\n"
           "the heap's base; 0 is none. One that points into a live object means that object.")},
      {Py_tp_init, reinterpret_cast<void *>(initManager)},
      {Py_tp_new, reinterpret_cast<void *>(PyType_GenericNew)},
      {Py_tp_dealloc, reinterpret_cast<void *>(freeManager)},
      {Py_tp_methods, methods.data()},
      {Py_tp_getset, attributes},
      {Py_tp_repr, reinterpret_cast<void *>(describe)},
      {Py_tp_str, reinterpret_cast<void *>(describeAtLength)},
      {0, nullptr}};
  static PyType_Spec managerSpec = {"cairn.MemoryManager", sizeof(Manager), 0,
                                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, managerSlots};
  ManagerType =
      reinterpret_cast<PyTypeObject *>(PyType_FromModuleAndSpec(module, &managerSpec, nullptr));
  return ManagerType && PyModule_AddObjectRef(module, "MemoryManager",
                                              reinterpret_cast<PyObject *>(ManagerType)) == 0;
}
