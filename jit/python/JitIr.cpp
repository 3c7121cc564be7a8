//===- JitIr.cpp - Reading IR, and writing the IR of a call -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Jit.h"
#include "ir/Managed.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

using namespace cairn::python;

namespace {

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

} // namespace

const char *cairn::python::irName(char code) {
  for (const TypeName &t : typeNames)
    if (t.code == code)
      return t.ir;
  return "?";
}

/// A managed reference is a pointer to its object like any other: where Python calls a function,
/// the passes have made plain pointers of them.
static char codeOf(const llvm::Type *t, const cairn::References &references) {
  if (t->isVoidTy())
    return 'v';
  if (t->isFloatTy())
    return 'f';
  if (t->isDoubleTy())
    return 'd';
  if (t->isPointerTy() && (t->getPointerAddressSpace() == 0 || references.is(t)))
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

PyObject *cairn::python::irError(const std::string &message, unsigned line, unsigned column) {
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
PyObject *cairn::python::irError(llvm::Error error) {
  return irError(llvm::toString(std::move(error)));
}

/// Bitcode that is not LLVM's own can make its reader crash: that ends the reading, not
/// the interpreter. What the reader had, its context too, is lost then.
static std::unique_ptr<llvm::Module> readBitcode(const std::string &code, const std::string &name,
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

std::unique_ptr<llvm::Module> cairn::python::readIr(const std::string &code,
                                                    const std::string &name,
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

/// Whether \p f takes over a count of an argument, or lends its result.
static bool hasConvention(const llvm::Function &f, const cairn::References &references) {
  return cairn::resultOwnership(f, references) == cairn::Ownership::Borrowed ||
         llvm::any_of(f.args(), [&](const llvm::Argument &a) {
           return cairn::parameterOwnership(f, a.getArgNo(), references) == cairn::Ownership::Owned;
         });
}

Module cairn::python::survey(const llvm::Module &m) {
  Module out;
  const cairn::References references(m);
  for (const llvm::Function &f : m) {
    if (f.isDeclarationForLinker() || f.hasLocalLinkage())
      continue;
    Signature s;
    const char *why = nullptr;
    auto add = [&](llvm::Type *t, bool sign, bool zero) {
      char code = codeOf(t, references);
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
    if (hasConvention(f, references))
      why = "takes over a count of an argument, or lends its result";
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

bool cairn::python::parseSignature(llvm::StringRef text, std::string &codes) {
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

std::string cairn::python::thunkFor(const std::string &thunk, const std::string &function,
                                    const Signature &s) {
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
