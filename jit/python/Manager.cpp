//===- Manager.cpp - MemoryManager: a heap and its views -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Module.h"

#include <vector>

using namespace cairn;
using namespace cairn::python;

PyTypeObject *cairn::python::ManagerType, *cairn::python::CoreType, *cairn::python::TopType;
PyObject *cairn::python::HeapError, *cairn::python::IRError;

//===----------------------------------------------------------------------===//
// The core, which exports the region; and the word that counts used bytes
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
  core->heap->exposed = true;
  if (core->manager)
    core->manager->plain = false;
  ++core->exports;
  return 0;
}

static void endExport(PyObject *self, Py_buffer *) { --reinterpret_cast<Core *>(self)->exports; }

static void freeCore(PyObject *self) {
  auto *core = reinterpret_cast<Core *>(self);
  if (core->heap)
    cairn_heap_destroy(reinterpret_cast<cairn_heap *>(core->heap));
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
  m->heap = core->heap;
  m->base = core->heap->base;
  m->size = core->heap->size;
  m->checked = core->heap->checked;
  m->plain = !m->checked;
  m->quick = m->plain ? m->size : 0;
  return true;
}

static bool letGo(Manager *m, const char *what) {
  if (m->sessions) {
    PyErr_Format(PyExc_BufferError, "%s: %zd JIT sessions are open on this heap", what,
                 m->sessions);
    return false;
  }
  Py_CLEAR(m->memory);
  Py_CLEAR(m->top);
  if (m->core->exports == 0)
    return true;
  PyErr_Format(PyExc_BufferError, "%s: %zd views of this heap are open", what, m->core->exports);
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
    return false;
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
    PyErr_Clear(); // the exception on its way says more
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
  if (!open(m, m->size, m->checked)) {
    m->core = old;
    return nullptr;
  }
  dropCore(old);
  Py_RETURN_NONE;
}

static PyObject *usage(PyObject *self, PyObject *) {
  auto *m = reinterpret_cast<Manager *>(self);
  return m->heap ? PyLong_FromUnsignedLongLong(*m->heap->space.usedBytes()) : closedError();
}

static PyObject *getMemory(PyObject *self, void *) {
  auto *m = reinterpret_cast<Manager *>(self);
  if (!m->heap)
    return closedError();
  if (!m->memory) {
    PyObject *np = numpy();
    if (!np || !(m->memory = PyObject_CallMethod(np, "frombuffer", "Os", m->core, "uint8")))
      return nullptr;
  }
  return Py_NewRef(m->memory);
}

static PyObject *getTop(PyObject *self, void *) {
  auto *m = reinterpret_cast<Manager *>(self);
  if (!m->heap)
    return closedError();
  if (!m->top) {
    PyObject *np = numpy();
    Top *top = np ? PyObject_New(Top, TopType) : nullptr;
    if (!top)
      return nullptr;
    top->core = reinterpret_cast<Core *>(Py_NewRef(reinterpret_cast<PyObject *>(m->core)));
    m->top = PyObject_CallMethod(np, "frombuffer", "Ns", top, "uint64");
    if (!m->top)
      return nullptr;
  }
  return Py_NewRef(m->top);
}

static PyObject *getFreeLists(PyObject *self, void *) {
  auto *m = reinterpret_cast<Manager *>(self);
  if (!m->heap)
    return closedError();
  PyObject *list = PyList_New(8), *np = numpy();
  if (!list || !np) {
    Py_XDECREF(list);
    return nullptr;
  }
  for (unsigned i = 0; i < 8; ++i) {
    uint64_t at = 0;
    size_t slot = (size_t(16) << i) + kHeaderSize;
    if (slot <= kMaxSmall && !m->checked) {
      const Bins *bins = fast::binsOf(m->heap);
      unsigned bin = binOf(kObject, fast::classFor(slot));
      if (const void *link = *bins->bin[bin].top)
        at = offsetOf(m, link) - linkOffset(kObject) + kHeaderSize;
    }
    PyList_SET_ITEM(list, i, PyLong_FromUnsignedLongLong(at));
  }
  return PyObject_CallMethod(np, "array", "Ns", list, "int64");
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

static PyObject *ctypesPointer(PyObject *self, PyObject *) {
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

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

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

static PyTypeObject *makeType(PyObject *module, PyType_Spec &spec) {
  return reinterpret_cast<PyTypeObject *>(PyType_FromModuleAndSpec(module, &spec, nullptr));
}

PyMODINIT_FUNC PyInit__cairn();
PyMODINIT_FUNC PyInit__cairn() {
  catchErrors();
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

  static std::vector<PyMethodDef> methods;
  for (const PyMethodDef *list : {managerMethods, kBlockMethods, kAccessMethods, kContainerMethods,
                                  kBulkMethods, kReportMethods})
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
  if (!(CoreType = makeType(module, coreSpec)) || !(TopType = makeType(module, topSpec)) ||
      !(ManagerType = makeType(module, managerSpec)) ||
      PyModule_AddObjectRef(module, "MemoryManager", reinterpret_cast<PyObject *>(ManagerType)) <
          0 ||
      PyModule_AddStringConstant(module, "__version__", cairn_version()) < 0 ||
      !addReportTypes(module) || !addJitTypes(module))
    return nullptr;
  return module;
}
