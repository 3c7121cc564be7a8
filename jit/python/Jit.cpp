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
  ++m->running;
  llvm::Error error = m->guard->session->guard([&] { f(context); });
  --m->running;
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
  options.Checked = m->checked;
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
  jit->busy = 0;
  m->guard = jit->node;
  ++m->sessions;
  return reinterpret_cast<PyObject *>(jit);
}

namespace {
/// While it lives, the session cannot be closed, nor lose a module: code of a module's may
/// run, a constructor or destructor, and call Python.
class Busy {
public:
  explicit Busy(Jit *jit) : J(jit) { ++J->busy; }
  Busy(const Busy &) = delete;
  ~Busy() { --J->busy; }

private:
  Jit *J;
};
} // namespace

/// The module and what was compiled to call it go together.
static void addNames(const std::string &name, const Module &module,
                     std::vector<llvm::StringRef> &names) {
  names.push_back(name);
  for (auto &[symbol, thunk] : module.thunks)
    names.push_back(thunk->module);
}

/// Removes a module, or says why it cannot be: empty once it is gone. Raises nothing.
static std::string removeModule(Jit *jit, const std::string &name) {
  auto it = jit->modules->find(name);
  std::string start = "module '" + name + "': ";
  if (it == jit->modules->end())
    return start + "there is no module of this name";
  if (jit->busy)
    return start + "a module of the session is being added or removed";
  for (auto &[symbol, thunk] : it->second.thunks)
    if (thunk->running)
      return start + "'" + symbol + "' is running";
  Busy busy(jit);
  std::vector<llvm::StringRef> names;
  addNames(name, it->second, names);
  if (llvm::Error error = jit->node->session->remove(names))
    return llvm::toString(std::move(error));
  for (auto &[symbol, thunk] : it->second.thunks)
    thunk->alive = false;
  jit->modules->erase(it);
  return "";
}

/// Ends the session; false, and raises, if its code is still needed.
static bool closeJit(Jit *jit) {
  if (!jit->node)
    return true;
  if (jit->busy) {
    PyErr_SetString(PyExc_BufferError, "close: a module of the session is being added or removed");
    return false;
  }
  std::vector<llvm::StringRef> names;
  for (auto &[name, module] : *jit->modules) {
    for (auto &[symbol, thunk] : module.thunks)
      if (thunk->running) {
        PyErr_Format(PyExc_BufferError, "close: '%s' is running", symbol.c_str());
        return false;
      }
    addNames(name, module, names);
  }
  {
    Busy busy(jit);
    if (llvm::Error error = jit->node->session->remove(names)) {
      irError(llvm::toString(std::move(error)));
      return false;
    }
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
  Sessions *node = jit->node;
  jit->node = nullptr;
  delete node->session;
  delete node;
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

static bool toString(PyObject *o, std::string &out) {
  Py_ssize_t length;
  const char *text = toText(o, length);
  if (text)
    out.assign(text, size_t(length));
  return text;
}

static CAIRN_JIT_METHOD(add) {
  PyObject *in[2];
  static constexpr Names names = {"add", {"ir", "name"}, 1, 2};
  if (!bind(names, args, n, kwnames, in))
    return nullptr;
  std::string name, code;
  bool named = in[1] && in[1] != Py_None;
  if (named && !toString(in[1], name))
    return nullptr;
  if (PyUnicode_Check(in[0])) {
    if (!toString(in[0], code))
      return nullptr;
  } else {
    Py_buffer view;
    if (PyObject_GetBuffer(in[0], &view, PyBUF_SIMPLE) < 0) {
      PyErr_Format(PyExc_TypeError, "IR is a str or bytes, not %s", Py_TYPE(in[0])->tp_name);
      return nullptr;
    }
    code.assign(static_cast<const char *>(view.buf), size_t(view.len));
    PyBuffer_Release(&view);
  }
  Session *session = sessionOf(jit);
  if (!session)
    return nullptr;
  if (!named)
    do
      name = "module" + std::to_string(++jit->count);
    while (jit->modules->count(name));
  auto context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> module = readIr(code, name, context);
  if (!module)
    return nullptr;
  Module record = survey(*module);
  llvm::orc::ThreadSafeModule whole(std::move(module), std::move(context));
  std::string problem; // a constructor may fill the heap
  llvm::Error full = [&] {
    Busy busy(jit);
    return session->guard([&] {
      if (llvm::Error e = session->add(name, std::move(whole)))
        problem = llvm::toString(std::move(e));
    });
  }();
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
  std::string name;
  if (!bind(names, args, n, kwnames, in) || !toString(in[0], name) || !sessionOf(jit))
    return nullptr;
  if (std::string why = removeModule(jit, name); !why.empty())
    return irError(why);
  Py_RETURN_NONE;
}

static PyObject *modules(PyObject *self, PyObject *) {
  std::vector<std::string> names; // what makes the list may change the map
  for (auto &[name, module] : *reinterpret_cast<Jit *>(self)->modules)
    names.push_back(name);
  PyObject *list = PyList_New(0);
  for (const std::string &name : names) {
    PyObject *text = PyUnicode_FromStringAndSize(name.data(), Py_ssize_t(name.size()));
    if (list && (!text || PyList_Append(list, text) < 0))
      Py_CLEAR(list);
    Py_XDECREF(text);
  }
  return list;
}

static PyObject *closeMethod(PyObject *self, PyObject *) {
  if (!closeJit(reinterpret_cast<Jit *>(self)))
    return nullptr;
  Py_RETURN_NONE;
}

static PyObject *enter(PyObject *self, PyObject *) { return Py_NewRef(self); }

static PyObject *leave(PyObject *self, PyObject *args) {
  bool failed = PyTuple_GET_SIZE(args) && PyTuple_GET_ITEM(args, 0) != Py_None;
  if (!closeJit(reinterpret_cast<Jit *>(self))) {
    if (!failed)
      return nullptr;
    reportOpen("the JIT session");
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
      {"modules", modules, METH_NOARGS, "modules($self, /)\n--\n\nThe names of the modules."},
      {"close", closeMethod, METH_NOARGS,
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
