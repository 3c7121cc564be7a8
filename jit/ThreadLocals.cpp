//===- ThreadLocals.cpp - Thread-local variables of JIT code -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The linker of JIT code has no native thread-local storage. The code generator's
// emulated form is used: for a variable x it makes a Variable, the symbol __emutls_v.x,
// and for each access a call of __emutls_get_address with it.
//
//   Variable   in the module: size, alignment, index (0 until it is first used), and the
//              initial bytes, or null for zeros
//   Table      a thread's copies, by index
//
// A variable of the process that a module declares has size 0, and its name in place of
// the initial bytes; its copies are where the process has them.
//
// Indices are given out, and tables grown and emptied by others, under the process's lock.
// A thread reads its own table without it: an entry is cleared only by the removal of the
// variable's module, which no thread is in.
//
//===----------------------------------------------------------------------===//
#include "ThreadLocals.h"

#define CAIRN_COMPAT_ORC
#include "ir/Compat.h"

#include "HostSymbols.h"
#include "Process.h"
#include "Unit.h"
#include "llvm/Support/Error.h"

#include <atomic>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <map>
#include <pthread.h>

using namespace llvm;
using namespace cairn::jit;

namespace {

struct Variable {
  size_t Size;
  size_t Align;
  std::atomic<uintptr_t> Index;
  const void *Initial;
};

struct Table {
  std::vector<void *> Copies;
  Table *Next, **Here;
  unsigned Rounds; ///< Of thread-specific destructors that it has seen.
};

/// Found without a call, as the runtime finds its own.
__attribute__((tls_model("initial-exec"))) thread_local Table *Own;

// Under the process's lock.
Table *Tables;
uintptr_t Used; ///< Indices ever given out.
std::vector<uint32_t> &freeIndices() {
  static auto *Free = new std::vector<uint32_t>;
  return *Free;
}
/// Whether an index is a variable of the process.
std::vector<bool> &hosts() {
  static auto *Hosts = new std::vector<bool>;
  return *Hosts;
}

} // namespace

static constexpr const char kPrefix[] = "__emutls_v.";

std::string cairn::jit::threadLocalSymbol(StringRef Name) { return (kPrefix + Name).str(); }

/// Destructors of other keys, and of C++ objects, may read thread-locals still: the table
/// goes in the last round.
static void endTable(void *Of);
static pthread_key_t key() {
  static pthread_key_t Key = [] {
    pthread_key_t New;
    if (pthread_key_create(&New, endTable))
      report_fatal_error("JIT code's thread-local variables: the process has no key left", false);
    return New;
  }();
  return Key;
}

static void endTable(void *Of) {
  auto *T = static_cast<Table *>(Of);
  if (++T->Rounds < PTHREAD_DESTRUCTOR_ITERATIONS && !pthread_setspecific(key(), T))
    return;
  std::lock_guard<std::mutex> Guard(process::lock());
  for (size_t I = 0; I < T->Copies.size(); ++I)
    if (!hosts()[I])
      free(T->Copies[I]);
  if (T->Next)
    T->Next->Here = T->Here;
  *T->Here = T->Next;
  delete T;
  Own = nullptr;
}

/// Under the process's lock.
static uintptr_t giveIndex(Variable &V) {
  if (uintptr_t Index = V.Index.load(std::memory_order_relaxed))
    return Index;
  uintptr_t Index;
  if (freeIndices().empty()) {
    Index = ++Used;
    hosts().resize(Used + 1);
  } else {
    Index = freeIndices().back();
    freeIndices().pop_back();
  }
  hosts()[Index] = V.Size == 0;
  if (Unit *U = process::at(&V))
    U->ThreadLocals.push_back(uint32_t(Index));
  V.Index.store(Index, std::memory_order_release);
  return Index;
}

static void *newCopy(const Variable &V) {
  if (V.Size == 0)
    return hostSymbol(static_cast<const char *>(V.Initial));
  size_t Align = std::max(V.Align, alignof(std::max_align_t));
  void *Copy = aligned_alloc(Align, alignTo(V.Size, Align));
  if (!Copy)
    report_fatal_error(
        "JIT code's thread-local variables: no memory for " + Twine(V.Size) + " bytes", false);
  if (V.Initial)
    memcpy(Copy, V.Initial, V.Size);
  else
    memset(Copy, 0, V.Size);
  return Copy;
}

__attribute__((noinline)) static void *firstAccess(Variable &V) {
  void *Copy = newCopy(V);
  bool Fresh = !Own;
  if (Fresh) {
    Own = new Table{{}, nullptr, nullptr, 0};
    pthread_setspecific(key(), Own);
  }
  std::lock_guard<std::mutex> Guard(process::lock());
  if (Fresh) {
    Own->Next = Tables;
    Own->Here = &Tables;
    if (Tables)
      Tables->Here = &Own->Next;
    Tables = Own;
  }
  uintptr_t Index = giveIndex(V);
  if (Index >= Own->Copies.size())
    Own->Copies.resize(std::max<size_t>(Index + 1, Used + 1));
  return Own->Copies[Index] = Copy;
}

void *cairn::jit::threadLocalAddress(void *Description) {
  auto &V = *static_cast<Variable *>(Description);
  uintptr_t Index = V.Index.load(std::memory_order_acquire);
  if (Index && Own && Index < Own->Copies.size())
    if (void *Copy = Own->Copies[Index])
      return Copy;
  return firstAccess(V);
}

void cairn::jit::releaseThreadLocals(Unit &U) {
  std::lock_guard<std::mutex> Guard(process::lock());
  for (uint32_t Index : U.ThreadLocals) {
    for (Table *T = Tables; T; T = T->Next)
      if (Index < T->Copies.size())
        free(std::exchange(T->Copies[Index], nullptr));
    freeIndices().push_back(Index);
  }
  U.ThreadLocals.clear();
}

/// Null if the process has no thread-local variable of this name. An address that lies in
/// a file is that of an ordinary one.
static Variable *hostVariable(StringRef Name) {
  static auto *All = new std::map<std::string, Variable>; // they are few, and stay
  static std::mutex Lock;
  std::string Text = Name.str();
  void *Address = hostSymbol(Text.c_str());
  Dl_info Info;
  if (!Address || dladdr(Address, &Info))
    return nullptr;
  std::lock_guard<std::mutex> Guard(Lock);
  auto [At, New] = All->try_emplace(Text);
  if (New)
    At->second.Initial = At->first.c_str();
  return &At->second;
}

Error HostThreadLocals::tryToGenerate(orc::LookupState &, orc::LookupKind, orc::JITDylib &JD,
                                      orc::JITDylibLookupFlags, const orc::SymbolLookupSet &Names) {
  orc::SymbolMap Found;
  for (auto &[Name, Flags] : Names) {
    StringRef Text = *Name;
    if (Text.consume_front(kPrefix))
      if (Variable *V = hostVariable(Text))
        Found[Name] = {orc::ExecutorAddr::fromPtr(V), JITSymbolFlags::Exported};
  }
  return Found.empty() ? Error::success() : JD.define(orc::absoluteSymbols(std::move(Found)));
}
