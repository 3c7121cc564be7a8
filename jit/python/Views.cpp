//===- Views.cpp - A heap as an array: memory, heap_top, free_lists -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What exports the region is the core, which keeps it; a view keeps the core. Making one
// runs numpy, and so may close or reset the manager: what it was made of is compared then.
//
//===----------------------------------------------------------------------===//

#include "Module.h"

#include <initializer_list>

using namespace cairn;
using namespace cairn::python;

PyTypeObject *cairn::python::CoreType, *cairn::python::TopType;

//===----------------------------------------------------------------------===//
// The exporters: the core of the region, a top of the word that counts used bytes
//===----------------------------------------------------------------------===//

static int exportRegion(PyObject *self, Py_buffer *view, int flags) {
  auto *core = reinterpret_cast<Core *>(self);
  if (!core->heap) {
    PyErr_SetString(PyExc_BufferError, "the heap is closed");
    return -1;
  }
  // A region is accessible as far as its heap has grown; a view shows all of it.
  if (!exposeRegion(core->heap)) {
    PyErr_SetString(PyExc_MemoryError, "the system has no memory for a view of the whole heap");
    return -1;
  }
  if (PyBuffer_FillInfo(view, self, reinterpret_cast<void *>(core->heap->base),
                        Py_ssize_t(core->heap->size), 0, flags) < 0)
    return -1;
  expose(core->heap);
  if (core->manager)
    core->manager->plain = false;
  ++core->exports;
  return 0;
}

static void endExport(PyObject *self, Py_buffer *) { --reinterpret_cast<Core *>(self)->exports; }

static void freeCore(PyObject *self) {
  auto *core = reinterpret_cast<Core *>(self);
  if (core->heap)
    destroyHeap(core->heap);
  PyTypeObject *type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

namespace {
struct Top {
  PyObject_HEAD Core *core;
};
} // namespace

static int exportTop(PyObject *self, Py_buffer *view, int flags) {
  Core *core = reinterpret_cast<Top *>(self)->core;
  if (!core->heap) {
    PyErr_SetString(PyExc_BufferError, "the heap is closed");
    return -1;
  }
  if (PyBuffer_FillInfo(view, self, const_cast<uint64_t *>(core->heap->space.usedBytes()),
                        sizeof(uint64_t), 1, flags) < 0)
    return -1;
  ++core->exports;
  return 0;
}

static void endTop(PyObject *self, Py_buffer *) { --reinterpret_cast<Top *>(self)->core->exports; }

static void freeTop(PyObject *self) {
  Py_DECREF(reinterpret_cast<PyObject *>(reinterpret_cast<Top *>(self)->core));
  PyTypeObject *type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

//===----------------------------------------------------------------------===//
// The arrays
//===----------------------------------------------------------------------===//

static PyObject *newRegion(Core *core) { return Py_NewRef(reinterpret_cast<PyObject *>(core)); }

static PyObject *newTop(Core *core) {
  Top *top = PyObject_New(Top, TopType);
  if (top)
    top->core = reinterpret_cast<Core *>(newRegion(core));
  return reinterpret_cast<PyObject *>(top);
}

/// The manager's array, made if it is not there yet.
static PyObject *viewOf(Manager *m, PyObject *Manager::*kept, PyObject *(*exporter)(Core *),
                        const char *dtype) {
  PyObject *np = numpy();
  if (!np)
    return nullptr;
  while (m->heap && !(m->*kept)) {
    Keep keep(m);
    Core *core = m->core;
    PyObject *from = exporter(core);
    PyObject *array = from ? PyObject_CallMethod(np, "frombuffer", "Ns", from, dtype) : nullptr;
    if (!array)
      return nullptr;
    if (m->core == core && !(m->*kept))
      m->*kept = array;
    else
      Py_DECREF(array); // closed, reset or made meanwhile
  }
  return m->heap ? Py_NewRef(m->*kept) : closedError();
}

PyObject *cairn::python::getMemory(PyObject *self, void *) {
  return viewOf(reinterpret_cast<Manager *>(self), &Manager::memory, newRegion, "uint8");
}

PyObject *cairn::python::getTop(PyObject *self, void *) {
  return viewOf(reinterpret_cast<Manager *>(self), &Manager::top, newTop, "uint64");
}

PyObject *cairn::python::getFreeLists(PyObject *self, void *) {
  auto *m = reinterpret_cast<Manager *>(self);
  if (!m->heap)
    return closedError();
  uint64_t heads[8] = {};
  for (unsigned i = 0; i < 8; ++i) {
    size_t slot = (size_t(16) << i) + kHeaderSize;
    if (slot > kMaxSmall || m->checked)
      continue;
    const Bins *bins = fast::binsOf(m->heap);
    unsigned bin = binOf(kObject, fast::classFor(slot));
    if (const void *link = *bins->stacks[bin].top)
      heads[i] = offsetOf(m, link) - linkOffset(kObject) + kHeaderSize;
  }
  PyObject *list = PyList_New(8), *np = numpy();
  for (unsigned i = 0; list && i < 8; ++i)
    PyList_SET_ITEM(list, i, PyLong_FromUnsignedLongLong(heads[i]));
  if (list && np)
    return PyObject_CallMethod(np, "array", "Ns", list, "int64");
  Py_XDECREF(list);
  return nullptr;
}

PyObject *cairn::python::ctypesPointer(PyObject *self, PyObject *) {
  PyObject *memory = getMemory(self, nullptr);
  PyObject *ctypes = memory ? PyImport_ImportModule("ctypes") : nullptr;
  PyObject *byte = ctypes ? PyObject_GetAttrString(ctypes, "c_uint8") : nullptr;
  PyObject *type = byte ? PyObject_CallMethod(ctypes, "POINTER", "O", byte) : nullptr;
  PyObject *door = type ? PyObject_GetAttrString(memory, "ctypes") : nullptr;
  PyObject *result = door ? PyObject_CallMethod(door, "data_as", "O", type) : nullptr;
  for (PyObject *o : {door, type, byte, ctypes, memory})
    Py_XDECREF(o);
  return result;
}

bool cairn::python::addViewTypes(PyObject *module) {
  static PyType_Slot coreSlots[] = {{Py_tp_dealloc, reinterpret_cast<void *>(freeCore)},
                                    {Py_bf_getbuffer, reinterpret_cast<void *>(exportRegion)},
                                    {Py_bf_releasebuffer, reinterpret_cast<void *>(endExport)},
                                    {0, nullptr}};
  static PyType_Spec coreSpec = {"cairn.Region", sizeof(Core), 0,
                                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, coreSlots};
  static PyType_Slot topSlots[] = {{Py_tp_dealloc, reinterpret_cast<void *>(freeTop)},
                                   {Py_bf_getbuffer, reinterpret_cast<void *>(exportTop)},
                                   {Py_bf_releasebuffer, reinterpret_cast<void *>(endTop)},
                                   {0, nullptr}};
  static PyType_Spec topSpec = {"cairn.Top", sizeof(Top), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, topSlots};
  auto make = [&](PyType_Spec &spec) {
    return reinterpret_cast<PyTypeObject *>(PyType_FromModuleAndSpec(module, &spec, nullptr));
  };
  return (CoreType = make(coreSpec)) && (TopType = make(topSpec));
}
