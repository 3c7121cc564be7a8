//===- Removal.cpp - Modules go, and what others use of them stays -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In this order, so that a refusal changes nothing and no destructor meets freed code:
//
//   1  find who uses the modules: refuse for a strong symbol, keep a weak one
//   2  refuse while objects live whose finaliser would go
//   3  take the modules' names away: nobody new can use them
//   4  run what they registered for their end, without the lock
//   5  free the memory that nobody uses
//
//===----------------------------------------------------------------------===//

#define CAIRN_COMPAT_ORC
#include "Compiler.h"
#include "Exits.h"
#include "Linker.h"
#include "Process.h"
#include "ThreadLocals.h"
#include "cairn/host.h"
#include "ir/Compat.h"
#include "llvm/ADT/DenseSet.h"

using namespace llvm;
using namespace llvm::orc;
using namespace cairn::jit;

namespace cairn::jit {

class Removal {
public:
  explicit Removal(Linker &L) : L(L) {}
  Error run(ArrayRef<StringRef> Names);

private:
  Error find(ArrayRef<StringRef> Names);
  Error keepWhatIsUsed();
  Error need(Unit &Of, StringRef Symbol, const Unit &By);
  Error keepParts(Unit &Of, uintptr_t From);
  Error keepAll(Unit &Of);
  Error keepReference(Unit &Of, uint32_t Index);
  Error checkFinalisers();
  void detach(Unit &U);
  void narrow(Unit &U);
  void publishKept(Unit &U);
  bool isUsed(Unit &U, DenseSet<Unit *> &Seen);
  std::vector<Unit *> takeUnused();
  std::vector<Unit *> thoseThatCanGo(ArrayRef<Unit *> Units);
  void release(ArrayRef<Unit *> Units);

  bool isGoing(Unit *U) const { return Group.contains(U); }

  Linker &L;
  std::vector<Unit *> Order;
  DenseSet<Unit *> Group;
  std::map<Unit *, std::vector<bool>> Keep; ///< Empty: the whole unit.
};

} // namespace cairn::jit

Error Removal::find(ArrayRef<StringRef> Names) {
  for (StringRef Name : Names) {
    auto At = L.Units.find(Name);
    if (At == L.Units.end() || !At->second->isPublished())
      return fault(Name, "there is no module of this name");
    if (Group.insert(At->second.get()).second)
      Order.push_back(At->second.get());
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Users
//===----------------------------------------------------------------------===//

Error Removal::need(Unit &Of, StringRef Symbol, const Unit &By) {
  auto At = Of.Symbols.find(Symbol);
  if (At != Of.Symbols.end() && At->second.Weak)
    return keepParts(Of, At->second.Address);
  return fault(Of.Name,
               "it cannot be removed: " +
                   Twine(By.Stage == Unit::Kept ? "code that was kept of the removed " : "") +
                   "module '" + By.Name + "' uses '" + Symbol + "'");
}

Error Removal::keepReference(Unit &Of, uint32_t Index) {
  const Unit::Reference &R = Of.References[Index];
  return isGoing(R.To) ? need(*R.To, R.Symbol, Of) : Error::success();
}

/// The part that an address lies in, and all that it refers to.
Error Removal::keepParts(Unit &Of, uintptr_t From) {
  const Unit::Part *First = Of.partAt(From);
  auto [At, New] = Keep.try_emplace(&Of);
  if (New)
    At->second.resize(Of.Parts.size());
  else if (At->second.empty())
    return Error::success(); // all of it is kept
  std::vector<bool> &Kept = At->second;
  if (!First)
    return keepAll(Of);
  std::vector<uint32_t> Work = {uint32_t(First - Of.Parts.data())};
  while (!Work.empty()) {
    uint32_t Number = Work.back();
    Work.pop_back();
    if (Kept[Number])
      continue;
    Kept[Number] = true;
    for (uint32_t Next : Of.Parts[Number].Parts)
      Work.push_back(Next);
    for (uint32_t Index : Of.Parts[Number].References)
      if (Error E = keepReference(Of, Index))
        return E;
  }
  return Error::success();
}

Error Removal::keepAll(Unit &Of) {
  auto [At, New] = Keep.try_emplace(&Of);
  if (!New && At->second.empty())
    return Error::success();
  At->second.clear();
  for (uint32_t I = 0; I < Of.References.size(); ++I)
    if (Error E = keepReference(Of, I))
      return E;
  return Error::success();
}

Error Removal::keepWhatIsUsed() {
  for (Unit *U : Order) {
    std::map<uint64_t, Unit *> Users; // in their order, for the message
    for (auto &Entry : U->Users)
      if (!isGoing(Entry.first))
        Users[Entry.first->Number] = Entry.first;
    for (auto &[Number, By] : Users)
      for (auto &Symbol : U->Users[By])
        if (Error E = need(*U, Symbol.first(), *By))
          return E;
    // Those that are not linked have no address yet, but could not be linked afterwards. If
    // they bring the symbol themselves, they are to find the copy that there is, unless
    // that is not linked either.
    for (auto &Symbol : U->Symbols)
      if (auto At = L.Pending.find(Symbol.first()); At != L.Pending.end())
        for (Unit *By : At->second) {
          if (isGoing(By))
            continue;
          if (!is_contained(By->Yielded, Symbol.first()))
            return fault(U->Name, "it cannot be removed: module '" + By->Name + "' uses '" +
                                      Symbol.first() + "'");
          if (U->Stage == Unit::Linked)
            if (Error E = need(*U, Symbol.first(), *By))
              return E;
        }
    // A destructor of another module's object lies here.
    std::unique_lock<std::mutex> Guard(process::lock());
    bool Called = U->ForeignExits;
    Guard.unlock();
    if (Called)
      if (Error E = keepAll(*U))
        return E;
  }
  return Error::success();
}

/// Of the registry of types; objects that live may need what is in the ranges.
static uint64_t retire(ArrayRef<Unit::Range> Ranges) {
  std::vector<cairn_host_range> Parts;
  for (auto [From, To] : Ranges)
    Parts.push_back({reinterpret_cast<void *>(From), reinterpret_cast<void *>(To)});
  return cairn_host_retire(Parts.data(), Parts.size());
}

Error Removal::checkFinalisers() {
  for (Unit *U : Order) {
    SmallVector<Unit::Range, 4> Going = U->Ranges;
    if (auto At = Keep.find(U); At != Keep.end()) {
      U->KeptParts = At->second;
      Going = U->rangesThat(/*Stay=*/false);
      U->KeptParts.clear();
    }
    if (uint64_t Live = retire(Going))
      return fault(U->Name, "it cannot be removed: " + Twine(Live) +
                                " live objects have a finaliser that lies in it");
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// The end
//===----------------------------------------------------------------------===//

/// Takes a unit's names away and holds its memory.
void Removal::detach(Unit &U) {
  auto Kept = Keep.find(&U);
  const bool Keeps = Kept != Keep.end();
  auto Symbols = U.Symbols;
  L.Memory.Holder = &U.Memory;
  U.Stage = Keeps ? Unit::Kept : Unit::Leaving;
  for (const std::string &Symbol : U.Claimed)
    L.ClaimedBy.erase(Symbol);
  if (Keeps) {
    U.KeptParts = std::move(Kept->second);
    narrow(U);
    // Those names stay taken, so that nobody brings the symbols anew.
    for (auto &Entry : Symbols)
      if (Entry.second.Weak && U.isKept(Entry.second.Address)) {
        U.Symbols.erase(Entry.first());
        L.DefinedBy.erase(Entry.first());
      }
  }
  L.unpublish(U);
  L.Memory.Holder = nullptr;
  if (Keeps) {
    for (auto &Entry : Symbols)
      if (Entry.second.Weak && U.isKept(Entry.second.Address))
        U.Symbols.insert({Entry.first(), Entry.second});
    publishKept(U);
  }
  auto At = L.Units.find(U.Name);
  L.Gone.push_back(std::move(At->second));
  L.Units.erase(At);
}

/// Only the parts of it that are kept count as users of other modules.
void Removal::narrow(Unit &U) {
  if (U.KeptParts.empty())
    return;
  std::vector<bool> Used(U.References.size());
  for (auto [Kept, P] : zip(U.KeptParts, U.Parts))
    if (Kept)
      for (uint32_t Index : P.References)
        Used[Index] = true;
  std::vector<Unit::Reference> Old = U.References;
  U.dropReferences();
  for (auto [R, Is] : zip(Old, Used))
    if (Is)
      U.use(*R.To, R.Symbol);
}

void Removal::publishKept(Unit &U) {
  SymbolMap Map;
  for (auto &Entry : U.Symbols) {
    Map[L.ES->intern(Entry.first())] = {ExecutorAddr(Entry.second.Address),
                                        JITSymbolFlags::Exported | JITSymbolFlags::Callable};
    L.DefinedBy[Entry.first()] = &U;
  }
  U.Tracker = L.Main->createResourceTracker();
  // The names were this unit's until now, and the lock is held: they are free.
  if (!Map.empty())
    consumeError(L.Main->define(absoluteSymbols(std::move(Map)), U.Tracker));
}

/// Used by a module that is there, or by memory that is kept for one.
bool Removal::isUsed(Unit &U, DenseSet<Unit *> &Seen) {
  {
    std::lock_guard<std::mutex> Guard(process::lock());
    if (U.ForeignExits)
      return true;
  }
  if (!Seen.insert(&U).second)
    return false;
  // Those that yielded their copies, and are not linked, will be users.
  return any_of(U.Symbols, [&](auto &Entry) { return L.Pending.count(Entry.first()); }) ||
         any_of(U.Users, [&](auto &Entry) {
           return Entry.first->Stage != Unit::Kept || isUsed(*Entry.first, Seen);
         });
}

/// Of units that nobody else uses, those that can go: no object that lives has its finaliser
/// there (their destructors may have made some), nor in a unit that uses them.
std::vector<Unit *> Removal::thoseThatCanGo(ArrayRef<Unit *> Units) {
  DenseSet<Unit *> Staying;
  for (Unit *U : Units)
    if (retire(U->rangesThat(/*Stay=*/true)))
      Staying.insert(U);
  auto UsedByStaying = [&](Unit *U) {
    return !Staying.contains(U) &&
           any_of(U->Users, [&](auto &Entry) { return Staying.contains(Entry.first); });
  };
  for (auto At = Units.end(); (At = find_if(Units, UsedByStaying)) != Units.end();)
    Staying.insert(*At);
  std::vector<Unit *> Going;
  copy_if(Units, std::back_inserter(Going), [&](Unit *U) { return !Staying.contains(U); });
  return Going;
}

/// Kept units without a user, their names taken away.
std::vector<Unit *> Removal::takeUnused() {
  std::vector<Unit *> Found;
  for (auto &U : L.Gone) {
    DenseSet<Unit *> Seen;
    if (U->Stage == Unit::Kept && !U->Ending && !isUsed(*U, Seen))
      Found.push_back(U.get());
  }
  Found = thoseThatCanGo(Found);
  for (Unit *U : Found) {
    U->Stage = Unit::Leaving;
    U->KeptParts.clear();
    L.unpublish(*U);
  }
  return Found;
}

void Removal::release(ArrayRef<Unit *> Units) {
  std::vector<Unit *> Going = thoseThatCanGo(Units);
  for (Unit *U : Units)
    U->Stage = Unit::Kept; // those that stay after all
  for (Unit *U : Going)
    U->dropReferences();
  for (Unit *U : Going) {
    dropExits(*U);
    releaseThreadLocals(*U);
    Images::forgetAddresses(*U);
    consumeError(L.Memory.deallocate(std::move(U->Memory)));
    erase_if(L.Gone, [&](auto &Other) { return Other.get() == U; });
  }
}

Error Removal::run(ArrayRef<StringRef> Names) {
  std::unique_lock<std::mutex> Guard(L.Lock);
  if (Error E = find(Names))
    return E;
  if (Error E = keepWhatIsUsed())
    return E;
  if (Error E = checkFinalisers())
    return E;
  for (Unit *U : Order)
    detach(*U);
  for (std::vector<Unit *> Going = std::move(Order); !Going.empty(); Going = takeUnused()) {
    for (Unit *U : Going)
      U->Ending = true; // no other removal frees it meanwhile
    Guard.unlock();
    runExits(Going); // of those that are kept, only what is not
    Guard.lock();
    for (Unit *U : Going)
      U->Ending = false;
    erase_if(Going, [](Unit *U) { return U->Stage != Unit::Leaving; });
    release(Going);
  }
  return Error::success();
}

Error Linker::remove(ArrayRef<StringRef> Names) { return Removal(*this).run(Names); }
