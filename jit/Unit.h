//===- Unit.h - A module, from its compilation to the end of its memory -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   Compiling -> Added -> Linked -> Leaving -> (memory freed)
//                  |        |          \-> Kept -> (memory freed)
//                  \-> Failed
//
// Added: the linker has the object, and links it when somebody asks for one of its
// symbols. Leaving: its names are gone and its destructors run. Kept: it was removed,
// but other modules use its copies of weak symbols; those stay until the last user goes.
//
// Invariant: every address of one module that the linker wrote into another is a
// Reference of the user and stands in the owner's Users. So memory that no Unit uses can
// be freed. (Addresses that code or the host passed on by hand are their own concern.)
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_UNIT_H
#define CAIRN_JIT_UNIT_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h"
#include "llvm/ExecutionEngine/Orc/Core.h"
#include "llvm/Support/MemoryBuffer.h"

#include <map>

namespace cairn::jit {

struct Exit;

struct Unit {
  enum Stages { Compiling, Added, Linked, Failed, Leaving, Kept };
  struct Symbol {
    bool Weak = false;
    uintptr_t Address = 0; ///< 0 until it is linked.
  };
  struct Reference {
    std::string Symbol;
    Unit *To;
  };
  /// A block of memory that the linker placed as one: a function, a variable, a table.
  struct Part {
    uintptr_t From, To;
    llvm::SmallVector<uint32_t, 4> Parts;      ///< That it refers to.
    llvm::SmallVector<uint32_t, 2> References; ///< Indices into the unit's.
  };
  using Range = std::pair<uintptr_t, uintptr_t>;

  const void *Session = nullptr; ///< The session that the unit belongs to; only compared.
  std::string Name;
  uint64_t Number = 0; ///< Units of a session are numbered in the order in which they were added.
  Stages Stage = Compiling;
  std::string Problem; ///< If it has Failed: why.
  llvm::orc::ResourceTrackerSP Tracker;
  std::unique_ptr<llvm::MemoryBuffer> Object; ///< Until it is linked.

  llvm::StringMap<Symbol> Symbols;   ///< Those of which the session uses this unit's copy.
  std::vector<std::string> Claimed;  ///< Names that were reserved before it was compiled.
  std::vector<std::string> Yielded;  ///< Weak symbols of which another unit's copy is used.
  std::vector<std::string> Required; ///< Until it is linked: symbols that it does not define.

  llvm::SmallVector<Range, 4> Ranges;
  llvm::SmallVector<Range, 1> Statics; ///< Where it has static objects, told to the runtime.
  std::vector<Part> Parts; ///< By address. Empty if it owns no weak symbol.
  std::vector<Reference> References;
  llvm::DenseMap<Unit *, llvm::StringSet<>> Users;

  /// A function as the profile names it (Names.cpp).
  struct Function {
    uintptr_t From, To;
    std::string Name;
  };
  std::vector<Function> Functions; ///< By address, as they were linked.
  std::unique_ptr<llvm::MemoryBuffer> Lines; ///< Its object, if that has debug information.
  std::map<uintptr_t, std::pair<std::string, unsigned>> Known; ///< File and line by address.

  bool Ending = false; ///< A removal is running the destructors that it registered.

  /// Its memory, held here once its names are gone.
  std::vector<llvm::jitlink::JITLinkMemoryManager::FinalizedAlloc> Memory;
  std::vector<bool> KeptParts; ///< If it is Kept, which parts stay; empty: all of them.

  // Under the process's lock (Process.h):
  std::vector<Exit *> Exits; ///< Destructors that run when the unit goes.
  unsigned ForeignExits = 0; ///< Destructors of other units whose function lies in this one.
  std::vector<uint32_t>
      ThreadLocals; ///< The indices of its thread-local variables (ThreadLocals.cpp).

  bool isPublished() const { return Stage == Added || Stage == Linked || Stage == Failed; }
  void use(Unit &To, llvm::StringRef Symbol) {
    References.push_back({Symbol.str(), &To});
    To.Users[this].insert(Symbol);
  }
  /// Ends its use of others.
  void dropReferences() {
    for (Reference &R : References)
      R.To->Users.erase(this);
    References.clear();
  }
  /// The part that an address lies in, or none.
  const Part *partAt(uintptr_t Address) const;
  bool isKept(uintptr_t Address) const;
  /// What of its memory stays (or goes) when it is Kept.
  llvm::SmallVector<Range, 4> rangesThat(bool Stay) const;
};

} // namespace cairn::jit

#endif // CAIRN_JIT_UNIT_H
