//===- Jit.cpp - JIT sessions beside Python, on one heap -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Jit.h"

using namespace cairn;
using namespace cairn::python;
using cairn::jit::Session;

PyTypeObject *cairn::python::JitType;

bool cairn::python::memoryError(llvm::Error error) {
  std::string text = llvm::toString(std::move(error));
  if (!text.empty() && text[0] == 'h')
    text[0] = 'H';
  PyErr_SetString(PyExc_MemoryError, text.c_str());
  return false;
}

Session *cairn::python::sessionOf(Jit *jit) {
  if (jit->node)
    return jit->node->session;
  PyErr_SetString(IRError, "the JIT session is closed");
  return nullptr;
}

bool cairn::python::guarded(Manager *m, void (*f)(void *), void *context) {
  if (!m->guard) {
    f(context);
    return true;
  }
  llvm::Error error = m->guard->session->guard([&] { f(context); });
  return !error || memoryError(std::move(error));
}

PyObject *cairn::python::makeJit(Manager *m, Args args, Py_ssize_t n, PyObject *kwnames) {
  PyObject *in[1];
  static constexpr Names names = {"jit", {"opt_level"}, 0, 1};
  uint64_t level = 2;
  if (!bind(names, args, n, kwnames, in) || (in[0] && !toSize(in[0], "opt_level", 3, level)))
    return nullptr;
  if (!m->heap)
    return closedError();
  cairn::jit::SessionOptions options;
  options.Heap = handle(m);
  options.OptLevel = unsigned(level);
  auto session = Session::create(options);
  if (!session)
    return irError(session.takeError());
  Jit *jit = PyObject_New(Jit, JitType);
  if (!jit)
    return nullptr;
  jit->manager = reinterpret_cast<Manager *>(Py_NewRef(reinterpret_cast<PyObject *>(m)));
  jit->node = new Sessions{session->release(), m->guard};
  jit->modules = new std::map<std::string, Module>;
  jit->count = 0;
  m->guard = jit->node;
  ++m->sessions;
  return reinterpret_cast<PyObject *>(jit);
}

/// The module and what was compiled to call it go together.
static void addNames(const std::string &name, const Module &module,
                     std::vector<llvm::StringRef> &names) {
  names.push_back(name);
  for (auto &[symbol, thunk] : module.thunks)
    names.push_back(thunk->module);
}

static bool removeModule(Jit *jit, const std::string &name) {
  auto it = jit->modules->find(name);
  if (it == jit->modules->end()) {
    irError("module '" + name + "': there is no module of this name");
    return false;
  }
  for (auto &[symbol, thunk] : it->second.thunks)
    if (thunk->running) {
      irError("module '" + name + "': '" + symbol + "' is running");
      return false;
    }
  Session *session = sessionOf(jit);
  if (!session)
    return false;
  std::vector<llvm::StringRef> names;
  addNames(name, it->second, names);
  if (llvm::Error error = session->remove(names)) {
    irError(std::move(error));
    return false;
  }
  for (auto &[symbol, thunk] : it->second.thunks)
    thunk->alive = false;
  jit->modules->erase(it);
  return true;
}

/// Ends the session; false, and raises, if its code is still needed.
static bool closeJit(Jit *jit) {
  if (!jit->node)
    return true;
  std::vector<llvm::StringRef> names;
  for (auto &[name, module] : *jit->modules) {
    for (auto &[symbol, thunk] : module.thunks)
      if (thunk->running) {
        PyErr_Format(PyExc_BufferError, "close: '%s' is running", symbol.c_str());
        return false;
      }
    addNames(name, module, names);
  }
  if (llvm::Error error = jit->node->session->remove(names)) {
    irError(std::move(error));
    return false;
  }
  for (auto &[name, module] : *jit->modules)
    for (auto &[symbol, thunk] : module.thunks)
      thunk->alive = false;
  jit->modules->clear();
  Manager *m = jit->manager;
  for (Sessions **at = &m->guard; *at; at = &(*at)->next)
    if (*at == jit->node) {
      *at = jit->node->next;
      break;
    }
  --m->sessions;
  delete jit->node->session;
  delete jit->node;
  jit->node = nullptr;
  return true;
}

static void freeJit(PyObject *self) {
  auto *jit = reinterpret_cast<Jit *>(self);
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  if (!closeJit(jit)) {
    // Objects live whose finaliser is in its code: that stays for good.
    PyErr_Clear();
    --jit->manager->sessions;
  }
  PyErr_Restore(type, value, trace);
  delete jit->modules;
  Py_DECREF(reinterpret_cast<PyObject *>(jit->manager));
  PyTypeObject *own = Py_TYPE(self);
  own->tp_free(self);
  Py_DECREF(own);
}

static CAIRN_JIT_METHOD(add) {
  PyObject *in[2];
  static constexpr Names names = {"add", {"ir", "name"}, 1, 2};
  if (!bind(names, args, n, kwnames, in))
    return nullptr;
  Session *session = sessionOf(jit);
  if (!session)
    return nullptr;
  std::string name;
  if (in[1] && in[1] != Py_None) {
    Py_ssize_t length;
    const char *text = toText(in[1], length);
    if (!text)
      return nullptr;
    name.assign(text, size_t(length));
  } else {
    do
      name = "module" + std::to_string(++jit->count);
    while (jit->modules->count(name));
  }
  std::string code;
  if (PyUnicode_Check(in[0])) {
    Py_ssize_t length;
    const char *text = toText(in[0], length);
    if (!text)
      return nullptr;
    code.assign(text, size_t(length));
  } else {
    Py_buffer view;
    if (PyObject_GetBuffer(in[0], &view, PyBUF_SIMPLE) < 0) {
      PyErr_Format(PyExc_TypeError, "IR is a str or bytes, not %s", Py_TYPE(in[0])->tp_name);
      return nullptr;
    }
    code.assign(static_cast<const char *>(view.buf), size_t(view.len));
    PyBuffer_Release(&view);
  }
  auto context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> module = readIr(code, name, context);
  if (!module)
    return nullptr;
  Module record = survey(*module);
  llvm::orc::ThreadSafeModule whole(std::move(module), std::move(context));
  std::string problem; // a constructor may fill the heap
  llvm::Error full = session->guard([&] {
    if (llvm::Error e = session->add(name, std::move(whole)))
      problem = llvm::toString(std::move(e));
  });
  if (full) {
    memoryError(std::move(full));
    return nullptr;
  }
  if (!problem.empty())
    return irError(problem);
  (*jit->modules)[name] = std::move(record);
  if (raiseReported(jit->manager))
    return nullptr;
  return PyUnicode_FromStringAndSize(name.data(), Py_ssize_t(name.size()));
}

static CAIRN_JIT_METHOD(removeByName) {
  PyObject *in[1];
  static constexpr Names names = {"remove", {"name"}, 1, 1};
  Py_ssize_t length;
  const char *text;
  if (!bind(names, args, n, kwnames, in) || !(text = toText(in[0], length)) || !sessionOf(jit) ||
      !removeModule(jit, std::string(text, size_t(length))))
    return nullptr;
  Py_RETURN_NONE;
}

static CAIRN_JIT_METHOD(modules) {
  (void)args, (void)n, (void)kwnames;
  PyObject *list = PyList_New(0);
  for (auto &[name, module] : *jit->modules) {
    PyObject *text = PyUnicode_FromStringAndSize(name.data(), Py_ssize_t(name.size()));
    if (!list || !text || PyList_Append(list, text) < 0)
      Py_CLEAR(list);
    Py_XDECREF(text);
  }
  return list;
}

static CAIRN_JIT_METHOD(closeMethod) {
  (void)args, (void)n, (void)kwnames;
  if (!closeJit(jit))
    return nullptr;
  Py_RETURN_NONE;
}

static PyObject *enter(PyObject *self, PyObject *) { return Py_NewRef(self); }

static PyObject *leave(PyObject *self, PyObject *args) {
  bool failed = PyTuple_GET_SIZE(args) && PyTuple_GET_ITEM(args, 0) != Py_None;
  if (!closeJit(reinterpret_cast<Jit *>(self))) {
    if (!failed)
      return nullptr;
    PyErr_Clear();
  }
  Py_RETURN_FALSE;
}

bool cairn::python::addJitTypes(PyObject *module) {
  static PyMethodDef methods[] = {
      {"add", method(add), kFast,
       "add($self, /, ir, name=None)\n--\n\n"
       "Compile a module of LLVM IR: a str of text or bytes of bitcode. Returns its name.\n\n"
       "Raises IRError, with line and column where the text does not parse."},
      {"function", method(makeFunction), kFast,
       "function($self, /, name, signature, release_gil=False)\n--\n\n"
       "A callable for a function of a module, such as function('sum', 'i64(ptr, i64)').\n\n"
       "ptr arguments and results are offsets, as everywhere. A call that fills the heap\n"
       "raises MemoryError. release_gil lets other Python threads run meanwhile."},
      {"remove", method(removeByName), kFast,
       "remove($self, /, name)\n--\n\n"
       "Give a module's code back. Refused while it runs, while another module uses it, or\n"
       "while objects live whose finaliser is in it."},
      {"modules", method(modules), kFast, "modules($self, /)\n--\n\nThe names of the modules."},
      {"close", method(closeMethod), kFast,
       "close($self, /)\n--\n\nRemove every module and end the session.\n\n"
       "Raises BufferError while its code runs, IRError while objects live whose finaliser is\n"
       "in it."},
      {"__enter__", enter, METH_NOARGS, "The session itself."},
      {"__exit__", leave, METH_VARARGS, "Close the session."},
      {nullptr, nullptr, 0, nullptr}};
  static PyType_Slot jitSlots[] = {
      {Py_tp_doc, const_cast<char *>("A session that compiles LLVM IR against one heap. Made by "
                                     "MemoryManager.jit().")},
      {Py_tp_dealloc, reinterpret_cast<void *>(freeJit)},
      {Py_tp_methods, methods},
      {0, nullptr}};
  static PyType_Spec jitSpec = {"cairn.Jit", sizeof(Jit), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, jitSlots};
  JitType = reinterpret_cast<PyTypeObject *>(PyType_FromModuleAndSpec(module, &jitSpec, nullptr));
  return JitType &&
         PyModule_AddObjectRef(module, "Jit", reinterpret_cast<PyObject *>(JitType)) == 0 &&
         addFunctionType(module);
}
