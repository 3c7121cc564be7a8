//===- Jit.cpp - JIT code beside Python, on one heap -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function is called through a thunk of one shape, void(int64_t *), compiled for
// its signature: it takes the arguments from an array and leaves the result in it.
// What Python says of a signature is compared with the IR's own, so that a call can
// pass nothing that the function does not expect.
//
//===----------------------------------------------------------------------===//

#include "Fast.h"

#include "cairn/jit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

#include <structmember.h>

#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace cairn;
using namespace cairn::python;
using cairn::jit::Session;

PyTypeObject *cairn::python::JitType, *cairn::python::FunctionType;

/// Sessions of a heap whose code may run while Python drops an object.
struct cairn::python::Sessions {
  Session *session;
  Sessions *next;
};

namespace {

constexpr unsigned kMostParameters = 12;

/// One of: v void, b i1, c i8, h i16, i i32, q i64, f float, d double, p ptr.
struct TypeName {
  const char *name;
  char code;
  const char *ir;
};
constexpr TypeName typeNames[] = {
    {"void", 'v', "void"},     {"i1", 'b', "i1"},       {"bool", 'b', "i1"},
    {"i8", 'c', "i8"},         {"i16", 'h', "i16"},     {"i32", 'i', "i32"},
    {"i64", 'q', "i64"},       {"float", 'f', "float"}, {"f32", 'f', "float"},
    {"double", 'd', "double"}, {"f64", 'd', "double"},  {"ptr", 'p', "ptr"}};

const char *irName(char code) {
  for (const TypeName &t : typeNames)
    if (t.code == code)
      return t.ir;
  return "?";
}

char codeOf(const llvm::Type *t) {
  if (t->isVoidTy())
    return 'v';
  if (t->isFloatTy())
    return 'f';
  if (t->isDoubleTy())
    return 'd';
  if (t->isPointerTy() && t->getPointerAddressSpace() == 0)
    return 'p';
  if (t->isIntegerTy())
    switch (t->getIntegerBitWidth()) {
    case 1:
      return 'b';
    case 8:
      return 'c';
    case 16:
      return 'h';
    case 32:
      return 'i';
    case 64:
      return 'q';
    }
  return 0;
}

/// The result's code and then the parameters'. `extend` has, for each, the
/// attribute that says how it is widened.
struct Signature {
  std::string codes;
  std::vector<const char *> extend;
  std::string text() const {
    std::string s = std::string(irName(codes[0])) + "(";
    for (size_t i = 1; i < codes.size(); ++i)
      s += std::string(i > 1 ? ", " : "") + irName(codes[i]);
    return s + ")";
  }
};

struct Thunk {
  void (*call)(int64_t *) = nullptr;
  std::string module;
  unsigned running = 0;
  bool alive = true;
};

struct Module {
  std::map<std::string, Signature> functions; ///< Those that Python can call.
  std::map<std::string, std::string> others;  ///< Why not.
  std::set<std::string> defined, needed;
  std::map<std::string, std::shared_ptr<Thunk>> thunks;
};

struct Jit {
  PyObject_HEAD Manager *manager;
  Sessions *node; ///< Null once closed.
  std::map<std::string, Module> *modules;
  unsigned count;
};

struct Function {
  PyObject_HEAD vectorcallfunc vectorcall;
  Jit *jit;
  Thunk *thunk;    ///< What `owned` refers to.
  uint32_t wanted; ///< Parameters.
  bool releaseGil;
  char codes[kMostParameters + 1]; ///< The signature's.
  std::shared_ptr<Thunk> *owned;
  std::string *name;
  Signature *signature;
};

PyObject *irError(const std::string &message, unsigned line = 0, unsigned column = 0) {
  PyObject *text = PyUnicode_DecodeUTF8(message.data(), Py_ssize_t(message.size()), "replace");
  PyObject *error = text ? PyObject_CallOneArg(IRError, text) : nullptr;
  if (error && line) {
    PyObject *l = PyLong_FromUnsignedLong(line), *c = PyLong_FromUnsignedLong(column);
    if (l && c) {
      PyObject_SetAttrString(error, "line", l);
      PyObject_SetAttrString(error, "column", c);
    }
    Py_XDECREF(l);
    Py_XDECREF(c);
  }
  if (error)
    PyErr_SetObject(IRError, error);
  Py_XDECREF(error);
  Py_XDECREF(text);
  return nullptr;
}
PyObject *irError(llvm::Error error) { return irError(llvm::toString(std::move(error))); }

/// Bitcode that is not LLVM's own can make its reader crash: that ends the reading, not
/// the interpreter. What the reader had, its context too, is lost then.
std::unique_ptr<llvm::Module> readBitcode(const std::string &code, const std::string &name,
                                          std::unique_ptr<llvm::LLVMContext> &context) {
  std::unique_ptr<llvm::Module> module;
  std::string problem;
  llvm::CrashRecoveryContext::Enable();
  bool survived = llvm::CrashRecoveryContext().RunSafely([&] {
    auto read = llvm::parseBitcodeFile(llvm::MemoryBufferRef(code, name), *context);
    if (read)
      module = std::move(*read);
    else
      problem = llvm::toString(read.takeError());
  });
  llvm::CrashRecoveryContext::Disable();
  if (!survived) {
    (void)context.release();
    problem = "LLVM's reader crashed on it";
  }
  if (!module)
    irError("module '" + name + "': bitcode cannot be read: " + problem);
  return module;
}

/// A module of IR text or bitcode; null, and raises, if it is neither.
std::unique_ptr<llvm::Module> readIr(const std::string &code, const std::string &name,
                                     std::unique_ptr<llvm::LLVMContext> &context) {
  auto *first = reinterpret_cast<const unsigned char *>(code.data());
  if (llvm::isBitcode(first, first + code.size()))
    return readBitcode(code, name, context);
  llvm::SMDiagnostic problem;
  auto buffer = llvm::MemoryBuffer::getMemBufferCopy(code, name);
  auto module = llvm::parseAssembly(*buffer, problem, *context);
  if (!module) {
    unsigned line = unsigned(std::max(problem.getLineNo(), 1));
    unsigned column = unsigned(problem.getColumnNo() + 1);
    irError("module '" + name + "': line " + std::to_string(line) + ", column " +
                std::to_string(column) + ": " + problem.getMessage().str(),
            line, column);
  }
  return module;
}

/// What of a module Python needs to know.
Module survey(const llvm::Module &m) {
  Module out;
  for (const llvm::GlobalValue &g : m.global_values()) {
    if (g.getName().starts_with("llvm.") || g.hasLocalLinkage())
      continue;
    (g.isDeclarationForLinker() ? out.needed : out.defined).insert(g.getName().str());
  }
  for (const llvm::Function &f : m) {
    if (f.isDeclarationForLinker() || f.hasLocalLinkage())
      continue;
    Signature s;
    const char *why = nullptr;
    auto add = [&](llvm::Type *t, bool sign, bool zero) {
      char code = codeOf(t);
      if (!code)
        why = "has a type that Python has not";
      s.codes += code ? code : '?';
      s.extend.push_back(sign ? " signext" : zero ? " zeroext" : "");
    };
    add(f.getReturnType(), f.hasRetAttribute(llvm::Attribute::SExt),
        f.hasRetAttribute(llvm::Attribute::ZExt));
    for (const llvm::Argument &a : f.args()) {
      add(a.getType(), a.hasSExtAttr(), a.hasZExtAttr());
      if (a.hasPassPointeeByValueCopyAttr() || a.hasStructRetAttr() || a.hasInRegAttr() ||
          a.hasNestAttr() || a.hasSwiftErrorAttr())
        why = "has a parameter that is passed in another way";
    }
    if (f.isVarArg())
      why = "takes a variable number of arguments";
    if (f.getCallingConv() != llvm::CallingConv::C)
      why = "has another calling convention than C's";
    if (f.arg_size() > kMostParameters)
      why = "has more than 12 parameters";
    if (why)
      out.others[f.getName().str()] = why;
    else
      out.functions[f.getName().str()] = std::move(s);
  }
  return out;
}

bool parseSignature(llvm::StringRef text, std::string &codes) {
  auto code = [](llvm::StringRef word) -> char {
    for (const TypeName &t : typeNames)
      if (word.trim() == t.name)
        return t.code;
    return 0;
  };
  text = text.trim();
  auto [result, rest] = text.split('(');
  if (!rest.consume_back(")") || !code(result))
    return false;
  codes = code(result);
  if (rest.trim().empty())
    return true;
  llvm::SmallVector<llvm::StringRef> words;
  rest.split(words, ',');
  for (llvm::StringRef word : words) {
    char c = code(word);
    if (!c || c == 'v')
      return false;
    codes += c;
  }
  return true;
}

/// The IR of a function's thunk.
std::string thunkFor(const std::string &thunk, const std::string &function, const Signature &s) {
  std::string out, name;
  llvm::raw_string_ostream os(out), escape(name);
  llvm::printEscapedString(function, escape);
  auto type = [&](size_t i) { return irName(s.codes[i]); };
  os << "declare" << s.extend[0] << " " << type(0) << " @\"" << name << "\"(";
  for (size_t i = 1; i < s.codes.size(); ++i)
    os << (i > 1 ? ", " : "") << type(i) << s.extend[i];
  os << ")\ndefine void @\"" << thunk << "\"(ptr %a) {\n";
  for (size_t i = 1; i < s.codes.size(); ++i) {
    os << "  %p" << i << " = getelementptr i64, ptr %a, i64 " << i - 1 << "\n";
    switch (s.codes[i]) {
    case 'd':
    case 'q':
    case 'p':
      os << "  %v" << i << " = load " << type(i) << ", ptr %p" << i << "\n";
      break;
    case 'f':
      os << "  %w" << i << " = load double, ptr %p" << i << "\n  %v" << i << " = fptrunc double %w"
         << i << " to float\n";
      break;
    default:
      os << "  %w" << i << " = load i64, ptr %p" << i << "\n  %v" << i << " = trunc i64 %w" << i
         << " to " << type(i) << "\n";
    }
  }
  os << "  " << (s.codes[0] == 'v' ? "" : "%r = ") << "call" << s.extend[0] << " " << type(0)
     << " @\"" << name << "\"(";
  for (size_t i = 1; i < s.codes.size(); ++i)
    os << (i > 1 ? ", " : "") << type(i) << s.extend[i] << " %v" << i;
  os << ")\n";
  switch (s.codes[0]) {
  case 'v':
    break;
  case 'd':
  case 'q':
  case 'p':
    os << "  store " << type(0) << " %r, ptr %a\n";
    break;
  case 'f':
    os << "  %e = fpext float %r to double\n  store double %e, ptr %a\n";
    break;
  default:
    os << "  %e = " << (s.codes[0] == 'b' ? "zext " : "sext ") << type(0)
       << " %r to i64\n  store i64 %e, ptr %a\n";
  }
  os << "  ret void\n}\n";
  return out;
}

/// Raises MemoryError for what a guard caught.
bool memoryError(llvm::Error error) {
  std::string text = llvm::toString(std::move(error));
  if (!text.empty() && text[0] == 'h')
    text[0] = 'H';
  PyErr_SetString(PyExc_MemoryError, text.c_str());
  return false;
}

Session *sessionOf(Jit *jit) {
  if (jit->node)
    return jit->node->session;
  PyErr_SetString(IRError, "the JIT session is closed");
  return nullptr;
}

} // namespace

bool cairn::python::guarded(Manager *m, void (*f)(void *), void *context) {
  if (!m->guard) {
    f(context);
    return true;
  }
  llvm::Error error = m->guard->session->guard([&] { f(context); });
  return !error || memoryError(std::move(error));
}

//===----------------------------------------------------------------------===//
// Sessions
//===----------------------------------------------------------------------===//

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
  for (auto &[other, module] : *jit->modules)
    for (const std::string &symbol : module.needed)
      if (other != name && it->second.defined.count(symbol)) {
        irError("module '" + name + "': module '" + other + "' uses '" + symbol + "'");
        return false;
      }
  Session *session = sessionOf(jit);
  if (!session)
    return false;
  if (llvm::Error error = session->remove(name)) {
    irError(std::move(error));
    return false;
  }
  for (auto &[symbol, thunk] : it->second.thunks) {
    thunk->alive = false;
    llvm::consumeError(session->remove(thunk->module));
  }
  jit->modules->erase(it);
  return true;
}

/// Ends the session; false, and raises, if its code is still needed.
static bool closeJit(Jit *jit) {
  if (!jit->node)
    return true;
  for (auto &[name, module] : *jit->modules)
    for (auto &[symbol, thunk] : module.thunks)
      if (thunk->running) {
        PyErr_Format(PyExc_BufferError, "close: '%s' is running", symbol.c_str());
        return false;
      }
  // Those that others use go last.
  while (!jit->modules->empty()) {
    bool any = false;
    for (auto it = jit->modules->begin(); it != jit->modules->end() && !any; ++it) {
      std::string name = it->first;
      if ((any = removeModule(jit, name)) || jit->modules->size() == 1)
        break;
      PyErr_Clear();
    }
    if (any)
      continue;
    // Modules that use each other: only a live finaliser is in the way.
    for (auto &[name, module] : *jit->modules)
      module.needed.clear();
    std::string name = jit->modules->begin()->first;
    PyErr_Clear();
    if (!removeModule(jit, name))
      return false;
  }
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

#define CAIRN_JIT_METHOD(name)                                                                     \
  static PyObject *name(Jit *jit, Args args, Py_ssize_t n, PyObject *kwnames)

CAIRN_JIT_METHOD(add) {
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

CAIRN_JIT_METHOD(removeByName) {
  PyObject *in[1];
  static constexpr Names names = {"remove", {"name"}, 1, 1};
  Py_ssize_t length;
  const char *text;
  if (!bind(names, args, n, kwnames, in) || !(text = toText(in[0], length)) || !sessionOf(jit) ||
      !removeModule(jit, std::string(text, size_t(length))))
    return nullptr;
  Py_RETURN_NONE;
}

CAIRN_JIT_METHOD(modules) {
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

CAIRN_JIT_METHOD(closeMethod) {
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

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// An argument that is not an exact int of one digit for an i32 or i64.
__attribute__((noinline)) static bool toArgument(Function *f, size_t i, PyObject *o, int64_t &out) {
  char code = f->codes[i + 1];
  if (code == 'd' || code == 'f') {
    double value;
    if (!toFloat(o, value))
      return false;
    memcpy(&out, &value, sizeof(out));
    return true;
  }
  bool wide;
  if (CAIRN_UNLIKELY(!toInt(o, out, wide)))
    return false;
  if (code == 'p') {
    Manager *m = f->jit->manager;
    uint64_t at = wide ? ~uint64_t(0) : uint64_t(out);
    Block block;
    if (at == 0) {
      out = 0;
      return true;
    }
    if (!find(m, at, block))
      return false;
    out = int64_t(m->base + at);
    return true;
  }
  unsigned bits = code == 'q' ? 64 : code == 'i' ? 32 : code == 'h' ? 16 : code == 'c' ? 8 : 1;
  bool fits =
      !wide && (bits == 64 || (code == 'b' ? out == 0 || out == 1
                                           : out >> (bits - 1) == 0 || out >> (bits - 1) == -1));
  if (CAIRN_LIKELY(fits))
    return true;
  PyErr_Format(PyExc_OverflowError, "argument %zu of '%s': %S does not fit in %u bits", i + 1,
               f->name->c_str(), o, bits);
  return false;
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
  return PyErr_Format(PyExc_TypeError, "'%s' is %s and takes %u positional arguments (%zu given)",
                      f->name->c_str(), f->signature->text().c_str(), f->wanted, n);
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
    if (CAIRN_UNLIKELY((code != 'q' && code != 'i') || !quickInt(args[i], values[i])) &&
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

CAIRN_JIT_METHOD(function) {
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
    std::string symbol = "cairn_thunk_" + std::to_string(jit->count);
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

bool cairn::python::addJitTypes(PyObject *module) {
  static PyMethodDef methods[] = {
      {"add", method(add), kFast,
       "add($self, /, ir, name=None)\n--\n\n"
       "Compile a module of LLVM IR: a str of text or bytes of bitcode. Returns its name.\n\n"
       "Raises IRError, with line and column where the text does not parse."},
      {"function", method(function), kFast,
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
  auto make = [&](PyType_Spec &spec) {
    return reinterpret_cast<PyTypeObject *>(PyType_FromModuleAndSpec(module, &spec, nullptr));
  };
  return (JitType = make(jitSpec)) && (FunctionType = make(functionSpec)) &&
         PyModule_AddObjectRef(module, "Jit", reinterpret_cast<PyObject *>(JitType)) == 0 &&
         PyModule_AddObjectRef(module, "JitFunction", reinterpret_cast<PyObject *>(FunctionType)) ==
             0;
}
