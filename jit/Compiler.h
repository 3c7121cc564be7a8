//===- Compiler.h - From IR to an object file for this process -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_COMPILER_H
#define CAIRN_JIT_COMPILER_H

#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/ExecutionEngine/Orc/ThreadSafeModule.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cairn::jit {

/// An object file, and the function in it that runs the module's constructors
/// (empty if it has none).
struct Compiled {
  std::unique_ptr<llvm::MemoryBuffer> Object;
  std::string Initializer;
};

/// Holds what serves every module. Thread-safe: each compilation has a
/// code generator and analyses of its own.
class Compiler {
public:
  ~Compiler();
  static llvm::Expected<std::unique_ptr<Compiler>> create(unsigned OptLevel, bool StaticHeap,
                                                          bool Checked, bool Certify);

  /// Parses text or bitcode.
  static llvm::Expected<llvm::orc::ThreadSafeModule> parse(llvm::StringRef Name,
                                                           llvm::MemoryBufferRef Code);
  /// Checks, optimises, lowers and compiles. Errors name the module.
  llvm::Expected<Compiled> compile(llvm::StringRef Name, llvm::Module &M);

  const llvm::Triple &triple() const { return Builder.getTargetTriple(); }

private:
  Compiler(llvm::orc::JITTargetMachineBuilder Builder, unsigned OptLevel, bool StaticHeap,
           bool Checked, bool Certify);
  llvm::Error check(llvm::StringRef Name, llvm::Module &M) const;
  void optimise(llvm::Module &M, llvm::TargetMachine &TM) const;

  struct CodeGenerator;
  llvm::Expected<std::unique_ptr<CodeGenerator>> takeCodeGenerator();

  llvm::orc::JITTargetMachineBuilder Builder;
  llvm::DataLayout Layout;
  unsigned OptLevel;
  bool StaticHeap;
  bool Checked, Certify;
  std::mutex Lock; ///< Of Idle.
  std::vector<std::unique_ptr<CodeGenerator>> Idle;
};

/// An error that names the module.
llvm::Error fault(llvm::StringRef Module, const llvm::Twine &What);

/// The symbol that static binding in a session refers to: its heap.
inline constexpr const char kSessionHeap[] = "cairn_session_heap";

} // namespace cairn::jit

#endif // CAIRN_JIT_COMPILER_H
