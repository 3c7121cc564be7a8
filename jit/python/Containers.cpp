//===- Containers.cpp - What lists and dicts share -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Module.h"

using namespace cairn;
using namespace cairn::python;

PyObject *cairn::python::pointerOrFull(Manager *m, void *ref, uint64_t request) {
  if (raiseReported(m))
    return nullptr;
  return ref ? PyLong_FromUnsignedLongLong(offsetOf(m, ref)) : exhausted(m, request);
}

const char *cairn::python::kindName(unsigned kind) {
  return kind == CAIRN_VALUE_INT ? "integers" : kind == CAIRN_VALUE_FLOAT ? "floats" : "pointers";
}

bool cairn::python::toObject(const Manager *m, uint64_t at, const void *handle, void *&ref) {
  ref = nullptr;
  return at == 0 || (ref = findStorable(m, at, handle));
}

PyObject *cairn::python::toPython(const Manager *m, void *ref) {
  Block block;
  // What only compiled code puts into a container has no offset in the heap.
  if (isImmediate(ref))
    return PyErr_Format(HeapError, "the container holds an immediate, not an object: %p", ref);
  if (isStatic(ref))
    return PyErr_Format(HeapError, "the object is static, and lies in no heap: address %p", ref);
  if (ref && (!findSlow(m, offsetOf(m, ref), block) || block.ref != ref)) {
    Heap *other = locate(ref).heap;
    if (other && other != m->heap)
      return PyErr_Format(HeapError, "the object lies in another heap");
    uint64_t at = offsetOf(m, ref);
    if (at < m->size)
      return heapError("the container refers to no live object", at);
    return PyErr_Format(HeapError, "the container refers to no live object: address %p", ref);
  }
  return PyLong_FromUnsignedLongLong(pointerTo(m, ref));
}

PyObject *cairn::python::releaseHandle(Manager *m, PyObject *o, Handle what) {
  uint64_t at;
  Block block;
  if (!toPointer(o, at) || !findHandle(m, at, what) || !findObject(m, at, block) ||
      !release(m, block))
    return nullptr;
  Py_RETURN_NONE;
}
