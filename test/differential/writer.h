//===- writer.h - What a program is printed with -------------- -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The operations that statements are translated into (translate.h): arithmetic, memory of
// objects, calls of Cairn by their C names, structured control flow. One writer prints C
// (write_c.cpp), the other IR (write_ir.cpp), where calls of Cairn are its intrinsics.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_DIFFERENTIAL_WRITER_H
#define CAIRN_DIFFERENTIAL_WRITER_H

#include "program.h"
#include "support.h"

#include <cstddef>
#include <initializer_list>
#include <memory>

namespace differential {

using Text = std::string; ///< A value: a name or a constant.

inline Text str(uint64_t n) { return std::to_string(n); }

/// Of parameters, results and variables.
enum class Kind : uint8_t { Void, Pointer, Integer, Byte, Bool };

struct Value {
  Kind kind = Kind::Void;
  Text text;
};

struct Variable {
  Kind kind;
  Text name;
};

class Writer {
public:
  explicit Writer(const Program &p) : p(p) {}
  virtual ~Writer() = default;

  virtual void beginModule() = 0;
  virtual void endModule() = 0;
  /// `parameters` are copied to `locals` of the same names, the rest start as zero.
  virtual void beginFunction(const Text &name, Kind result, const std::vector<Variable> &parameters,
                             const std::vector<Variable> &locals, bool isLocal, bool noInline) = 0;
  virtual void endFunction(Kind result, const Text &value) = 0;

  virtual Text get(Kind kind, const Text &name) = 0;
  virtual void set(Kind kind, const Text &name, const Text &value) = 0;
  virtual Text context(Kind kind, size_t offset) = 0;
  virtual void setContext(Kind kind, size_t offset, const Text &value) = 0;

  virtual Text number(uint64_t n) = 0;
  virtual Text null() = 0;
  virtual Text arithmetic(char op, const Text &a, const Text &b) = 0;
  /// Whether the integers compare: '=' '<' (unsigned).
  virtual Text compare(char op, const Text &a, const Text &b) = 0;
  virtual Text isSet(const Text &pointer) = 0;
  virtual Text toInteger(Kind from, const Text &v) = 0;
  virtual Text toByte(const Text &v) = 0;
  virtual Text address(const Text &pointer) = 0; ///< As an integer.
  virtual Text offset(const Text &pointer, const Text &by) = 0;

  /// Members of objects; `element` is empty for plain ones.
  virtual Text reference(const Text &object, int type, int m, const Text &element) = 0;
  virtual void setReference(const Text &object, int type, int m, const Text &element,
                            const Text &v) = 0;
  virtual Text datum(const Text &object, int type, int m, const Text &element) = 0;
  virtual void setDatum(const Text &object, int type, int m, const Text &element,
                        const Text &v) = 0;
  virtual Text byteAt(const Text &p, const Text &at) = 0;
  virtual void setByte(const Text &p, const Text &at, const Text &v) = 0;
  virtual void fill(const Text &p, const Text &byte, const Text &n) = 0;

  virtual Text descriptor(int type, bool opaque) = 0;
  virtual Text call(Kind result, const Text &name, std::initializer_list<Value> args) {
    return call(result, name, std::vector<Value>(args));
  }
  virtual Text call(Kind result, const Text &name, const std::vector<Value> &args) = 0;

  virtual void beginIf(const Text &condition) = 0;
  virtual void beginElse() = 0;
  virtual void endIf() = 0;
  /// The variable counts from 0 to n - 1.
  virtual void beginLoop(const Text &variable, const Text &n) = 0;
  virtual void endLoop() = 0;

  Text take() { return std::move(out); }

protected:
  const Program &p;
  Text out;
  unsigned temporaries = 0;
};

std::unique_ptr<Writer> makeCWriter(const Program &p);
std::unique_ptr<Writer> makeIRWriter(const Program &p);

/// The parameters of function \p f, context first.
std::vector<Variable> parametersOf(const Function &f);
Kind resultOf(const Function &f);

} // namespace differential

#endif // CAIRN_DIFFERENTIAL_WRITER_H
