//===- Jit.h - What a JIT session knows of its modules -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   Jit        a session, and a record of each module; keeps its manager
//   Function   what Python calls; keeps its session, and shares the thunk's record
//              with the module, which says there when its code is gone
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PYTHON_JIT_H
#define CAIRN_PYTHON_JIT_H

#include "Module.h"

#include "cairn/jit.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cairn::python {

/// Parameters that a function called from Python may have.
constexpr unsigned kMostParameters = 12;

/// The name in IR of a type's code: v void, b i1, c i8, h i16, i i32, q i64, f float,
/// d double, p ptr.
const char *irName(char code);

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

/// A function's code for Python: takes the arguments from an array, and leaves the
/// result in it.
struct Thunk {
  void (*call)(int64_t *) = nullptr;
  std::string module;
  unsigned running = 0;
  bool alive = true;
};

struct Module {
  std::map<std::string, Signature> functions; ///< Those that Python can call.
  std::map<std::string, std::string> others;  ///< Why not.
  std::map<std::string, std::shared_ptr<Thunk>> thunks;
};

/// Sessions of a heap whose code may run while Python drops an object.
struct Sessions {
  jit::Session *session;
  Sessions *next;
};

struct Jit {
  PyObject_HEAD Manager *manager;
  Sessions *node; ///< Null once closed.
  std::map<std::string, Module> *modules;
  unsigned count;
  unsigned busy; ///< Modules that are being added or removed just now.
};

//===- JitIr.cpp ----------------------------------------------------------===//

/// Raises IRError, and returns null.
PyObject *irError(const std::string &message, unsigned line = 0, unsigned column = 0);
PyObject *irError(llvm::Error error);
/// A module of IR text or bitcode; null, and raises, if it is neither.
std::unique_ptr<llvm::Module> readIr(const std::string &code, const std::string &name,
                                     std::unique_ptr<llvm::LLVMContext> &context);
/// What of a module Python needs to know.
Module survey(const llvm::Module &m);
/// The codes of `result(parameter, ...)`; false if the text is no such thing.
bool parseSignature(llvm::StringRef text, std::string &codes);
/// The IR of a function's thunk.
std::string thunkFor(const std::string &thunk, const std::string &function, const Signature &s);

//===- Jit.cpp ------------------------------------------------------------===//

/// Raises MemoryError for what a guard caught, and returns false.
bool memoryError(llvm::Error error);
/// Null, and raises, once the session is closed.
jit::Session *sessionOf(Jit *jit);

//===- JitFunction.cpp ----------------------------------------------------===//

#define CAIRN_JIT_METHOD(name) PyObject *name(Jit *jit, Args args, Py_ssize_t n, PyObject *kwnames)

/// Jit.function.
CAIRN_JIT_METHOD(makeFunction);
bool addFunctionType(PyObject *module);

} // namespace cairn::python

#endif // CAIRN_PYTHON_JIT_H
