//===- JitFunction.cpp - Calling JIT code -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function is called through a thunk of one shape, void(int64_t *), compiled for its
// signature. What Python says of that is compared with the IR's own, so that a call can
// pass nothing that the function does not expect.
//
//===----------------------------------------------------------------------===//

#include "Fast.h"
#include "Jit.h"

#include <structmember.h>

#include <cstring>

using namespace cairn;
using namespace cairn::python;
using cairn::jit::Session;

PyTypeObject *cairn::python::FunctionType;

namespace {
struct Function {
  PyObject_HEAD vectorcallfunc vectorcall;
  Jit *jit;
  Thunk *thunk;    ///< What `owned` refers to.
  uint32_t wanted; ///< Parameters.
  bool releaseGil;
  uint16_t pointers;               ///< A bit for each parameter that is one.
  char codes[kMostParameters + 1]; ///< The signature's.
  static_assert(kMostParameters <= 16, "a bit for each");
  std::shared_ptr<Thunk> *owned;
  std::string *name;
  Signature *signature;
};
} // namespace

/// An argument that is not an exact int of one digit for an i32, i64 or pointer.
__attribute__((noinline)) static bool toArgument(Function *f, size_t i, PyObject *o, int64_t &out) {
  char code = f->codes[i + 1];
  if (code == 'd' || code == 'f') {
    double value;
    if (!toFloat(o, value))
      return false;
    memcpy(&out, &value, sizeof(out));
    return true;
  }
  if (code == 'p') { // to be looked up once all are converted
    uint64_t at;
    if (!toPointer(o, at))
      return false;
    out = int64_t(at);
    return true;
  }
  bool wide;
  if (CAIRN_UNLIKELY(!toInt(o, out, wide)))
    return false;
  unsigned bits = code == 'q' ? 64 : code == 'i' ? 32 : code == 'h' ? 16 : code == 'c' ? 8 : 1;
  bool fits =
      !wide && (bits == 64 || (code == 'b' ? out == 0 || out == 1
                                           : out >> (bits - 1) == 0 || out >> (bits - 1) == -1));
  if (CAIRN_LIKELY(fits))
    return true;
  PyErr_Format(PyExc_OverflowError, "argument %zu of '%s': %S does not fit in %u bit%s", i + 1,
               f->name->c_str(), o, bits, plural(bits));
  return false;
}

/// Makes addresses of the pointers among the arguments.
__attribute__((noinline)) static bool resolve(Function *f, int64_t *values) {
  Manager *m = f->jit->manager;
  Block block;
  for (uint32_t left = f->pointers; left; left &= left - 1) {
    unsigned i = unsigned(__builtin_ctz(left));
    if (!values[i])
      continue;
    if (!find(m, uint64_t(values[i]), block))
      return false;
    values[i] = int64_t(m->base + uint64_t(values[i]));
  }
  return true;
}

static PyObject *toResult(Function *f, int64_t bits) {
  Manager *m = f->jit->manager;
  switch (f->codes[0]) {
  case 'v':
    Py_RETURN_NONE;
  case 'b':
    return PyBool_FromLong(bits != 0);
  case 'd':
  case 'f': {
    double value;
    memcpy(&value, &bits, sizeof(value));
    return PyFloat_FromDouble(value);
  }
  case 'p': {
    if (!bits)
      return PyLong_FromLong(0);
    uint64_t at = uint64_t(bits) - m->base;
    if (at < m->size)
      return PyLong_FromUnsignedLongLong(at);
    return PyErr_Format(HeapError, "'%s' returned a pointer outside the heap: %p", f->name->c_str(),
                        reinterpret_cast<void *>(bits));
  }
  default:
    return PyLong_FromLong(bits);
  }
}

__attribute__((noinline)) static PyObject *wrongCount(Function *f, size_t n) {
  return PyErr_Format(PyExc_TypeError, "'%s' is %s and takes %u positional argument%s (%zu given)",
                      f->name->c_str(), f->signature->text().c_str(), f->wanted, plural(f->wanted),
                      n);
}

static PyObject *callFunction(PyObject *self, PyObject *const *args, size_t nargsf,
                              PyObject *kwnames) {
  auto *f = reinterpret_cast<Function *>(self);
  size_t n = size_t(PyVectorcall_NARGS(nargsf));
  if (CAIRN_UNLIKELY(n != f->wanted || (kwnames && PyTuple_GET_SIZE(kwnames))))
    return wrongCount(f, n);
  int64_t values[kMostParameters + 1];
  for (size_t i = 0; i < n; ++i) {
    char code = f->codes[i + 1];
    if (CAIRN_UNLIKELY((code != 'q' && code != 'i' && code != 'p') ||
                       !quickInt(args[i], values[i])) &&
        !toArgument(f, i, args[i], values[i]))
      return nullptr;
  }
  Thunk *thunk = f->thunk;
  // What converts an argument may have closed the session.
  Session *session = sessionOf(f->jit);
  if (CAIRN_UNLIKELY(!session))
    return nullptr;
  if (CAIRN_UNLIKELY(!thunk->alive))
    return irError("'" + *f->name + "': its module was removed");
  if (f->pointers && CAIRN_UNLIKELY(!resolve(f, values)))
    return nullptr;
  ++thunk->running;
  PyThreadState *state = f->releaseGil ? PyEval_SaveThread() : nullptr;
  llvm::Error error = session->guard([&] { thunk->call(values); });
  if (state)
    PyEval_RestoreThread(state);
  --thunk->running;
  if (CAIRN_UNLIKELY(bool(error))) {
    memoryError(std::move(error));
    return nullptr;
  }
  if (raiseReported(f->jit->manager))
    return nullptr;
  return toResult(f, values[0]);
}

CAIRN_JIT_METHOD(cairn::python::makeFunction) {
  PyObject *in[3];
  static constexpr Names names = {"function", {"name", "signature", "release_gil"}, 2, 3};
  Py_ssize_t length, signatureLength;
  const char *text, *signature;
  int releaseGil = 0;
  if (!bind(names, args, n, kwnames, in) || !(text = toText(in[0], length)) ||
      !(signature = toText(in[1], signatureLength)) ||
      (in[2] && (releaseGil = PyObject_IsTrue(in[2])) < 0))
    return nullptr;
  Session *session = sessionOf(jit);
  if (!session)
    return nullptr;
  std::string name(text, size_t(length)), codes;
  if (!parseSignature(llvm::StringRef(signature, size_t(signatureLength)), codes))
    return PyErr_Format(PyExc_ValueError,
                        "'%s' is no signature: result(parameter, ...) of void, i1, i8, i16, i32, "
                        "i64, float, double, ptr",
                        signature);
  Module *module = nullptr;
  for (auto &[other, m] : *jit->modules) {
    auto why = m.others.find(name);
    if (why != m.others.end())
      return irError("'" + name + "' " + why->second + ": it cannot be called from Python");
    if (m.functions.count(name))
      module = &m;
  }
  if (!module)
    return irError("no module defines a function '" + name + "'");
  const Signature &own = module->functions[name];
  if (own.codes != codes)
    return PyErr_Format(PyExc_TypeError, "'%s' is %s, not %s", name.c_str(), own.text().c_str(),
                        signature);
  std::shared_ptr<Thunk> &thunk = module->thunks[name];
  if (!thunk) {
    auto made = std::make_shared<Thunk>();
    made->module = "cairn.thunk." + std::to_string(++jit->count);
    std::string symbol = kThunk + std::to_string(jit->count);
    // Linked by its own name first, so that a message is about it.
    if (auto direct = session->lookup(name); !direct) {
      module->thunks.erase(name);
      return irError(direct.takeError());
    }
    if (llvm::Error error = session->add(made->module, thunkFor(symbol, name, own))) {
      module->thunks.erase(name);
      return irError(std::move(error));
    }
    auto address = session->lookup(symbol);
    if (!address) {
      std::string message = llvm::toString(address.takeError());
      llvm::consumeError(session->remove(made->module));
      module->thunks.erase(name);
      return irError(message);
    }
    made->call = reinterpret_cast<void (*)(int64_t *)>(*address);
    thunk = std::move(made);
  }
  Function *f = PyObject_New(Function, FunctionType);
  if (!f)
    return nullptr;
  f->vectorcall = callFunction;
  f->jit = reinterpret_cast<Jit *>(Py_NewRef(reinterpret_cast<PyObject *>(jit)));
  f->thunk = thunk.get();
  f->wanted = uint32_t(own.codes.size() - 1);
  memcpy(f->codes, own.codes.data(), own.codes.size());
  f->owned = new std::shared_ptr<Thunk>(thunk);
  f->name = new std::string(name);
  f->signature = new Signature(own);
  f->releaseGil = releaseGil;
  f->pointers = 0;
  for (size_t i = 1; i < own.codes.size(); ++i)
    f->pointers |= uint16_t((own.codes[i] == 'p') << (i - 1));
  return reinterpret_cast<PyObject *>(f);
}

static void freeFunction(PyObject *self) {
  auto *f = reinterpret_cast<Function *>(self);
  delete f->owned;
  delete f->name;
  delete f->signature;
  Py_DECREF(reinterpret_cast<PyObject *>(f->jit));
  PyTypeObject *type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

static PyObject *describeFunction(PyObject *self) {
  auto *f = reinterpret_cast<Function *>(self);
  return PyUnicode_FromFormat("<cairn.JitFunction %s: %s>", f->name->c_str(),
                              f->signature->text().c_str());
}

bool cairn::python::addFunctionType(PyObject *module) {
  static PyMemberDef members[] = {
      {"__vectorcalloffset__", T_PYSSIZET, offsetof(Function, vectorcall), READONLY, nullptr},
      {nullptr, 0, 0, 0, nullptr}};
  static PyType_Slot functionSlots[] = {
      {Py_tp_doc, const_cast<char *>("A compiled function. Made by Jit.function().")},
      {Py_tp_dealloc, reinterpret_cast<void *>(freeFunction)},
      {Py_tp_call, reinterpret_cast<void *>(PyVectorcall_Call)},
      {Py_tp_repr, reinterpret_cast<void *>(describeFunction)},
      {Py_tp_members, members},
      {0, nullptr}};
  static PyType_Spec functionSpec = {"cairn.JitFunction", sizeof(Function), 0,
                                     Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION |
                                         Py_TPFLAGS_HAVE_VECTORCALL,
                                     functionSlots};
  FunctionType =
      reinterpret_cast<PyTypeObject *>(PyType_FromModuleAndSpec(module, &functionSpec, nullptr));
  return FunctionType && PyModule_AddObjectRef(module, "JitFunction",
                                               reinterpret_cast<PyObject *>(FunctionType)) == 0;
}
