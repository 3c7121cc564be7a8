//===- Linker.h - The modules of a session, and what they use of each other -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One lock is held whenever modules are published, linked or removed, so that these do
// not overlap: what a removal finds out about users stays true while it acts on it. Modules
// are compiled, and their code runs, without it.
//
// Of a weak symbol the session has one copy, the owner's: that of the module which was
// added first. The others yield theirs. If the owner goes before it is linked, they are
// published again, and one of them becomes the owner; if it is linked, its memory is kept
// as far as they reach it.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_LINKER_H
#define CAIRN_JIT_LINKER_H

#include "Images.h"
#include "Unit.h"
#include "cairn/jit.h"

#include <map>
#include <mutex>
#include <set>

namespace cairn::jit {

class Linker {
public:
  static llvm::Expected<std::unique_ptr<Linker>> create(const SessionOptions &Options,
                                                        cairn_heap *Heap);
  /// Every module goes; what they registered runs.
  ~Linker();

  /// Reserves a module's name and what it defines, before it is compiled.
  llvm::Expected<Unit *> claim(llvm::StringRef Name, const llvm::Module &M);
  /// Gives up a module that was only claimed, or failed.
  void forget(Unit &U);
  llvm::Error add(Unit &U, std::unique_ptr<llvm::MemoryBuffer> Object);
  llvm::Error define(llvm::StringRef Symbol, const void *Address);
  llvm::Expected<void *> lookup(llvm::StringRef Symbol);
  llvm::Error remove(llvm::ArrayRef<llvm::StringRef> Names);

private:
  friend class Removal;
  Linker() = default;
  llvm::Error setUp(const SessionOptions &Options, cairn_heap *Heap);
  llvm::Error addPlugins(const SessionOptions &Options);
  // To be called with the lock held:
  llvm::Error publish(Unit &U);
  void unpublish(Unit &U);
  void publishAgain(const llvm::StringSet<> &Freed);
  void publishAll(const std::map<uint64_t, Unit *> &Some); ///< By number.
  void setPending(Unit &U, bool Is);
  void settle();
  void fail(Unit &U, const std::string &Why);
  llvm::Error explain(llvm::StringRef Symbol, llvm::Error E);

  std::mutex Lock; ///< Protects every member below.
  std::unique_ptr<llvm::orc::ExecutionSession> ES;
  HeldMemory Memory;
  std::unique_ptr<llvm::orc::ObjectLinkingLayer> Linking;
  std::shared_ptr<Images> Placed;
  llvm::orc::JITDylib *Runtime = nullptr; ///< Cairn's functions, the host's, the process's.
  llvm::orc::JITDylib *Main = nullptr;    ///< Every module.

  uint64_t Count = 0;
  llvm::StringMap<std::unique_ptr<Unit>> Units;
  std::vector<std::unique_ptr<Unit>> Gone; ///< Leaving or Kept.
  llvm::StringMap<Unit *> ClaimedBy;       ///< Strong symbols, from before compilation on.
  llvm::StringMap<Unit *> DefinedBy;       ///< Every symbol that can be looked up.
  /// By name: the units that are not linked yet and that yielded it or require it.
  llvm::StringMap<std::set<Unit *>> Pending;
  std::vector<std::string> Reports; ///< Errors that the linker reported without returning them.
};

} // namespace cairn::jit

#endif // CAIRN_JIT_LINKER_H
