//===- Images.cpp - What the linker makes of each module -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Images.h"

#define CAIRN_COMPAT_ORC
#include "Names.h"
#include "Process.h"
#include "cairn/abi.h"
#include "cairn/host.h"
#include "ir/Compat.h"
#include "llvm/ExecutionEngine/JITLink/JITLink.h"

using namespace llvm;
using namespace llvm::jitlink;
using namespace cairn::jit;

void HeldMemory::deallocate(std::vector<FinalizedAlloc> Allocs, OnDeallocatedFunction Done) {
  if (!Holder)
    return InProcessMemoryManager::deallocate(std::move(Allocs), std::move(Done));
  for (FinalizedAlloc &A : Allocs)
    Holder->push_back(std::move(A));
  Done(Error::success());
}

Unit *Images::unitOf(orc::MaterializationResponsibility &MR) {
  Unit *Found = nullptr;
  // A key without a resource is one that is removed already: there is nothing to note.
  consumeError(MR.withResourceKeyDo([&](orc::ResourceKey Key) { Found = Units.lookup(Key); }));
  return Found;
}

/// Unwinders read the records one after the other up to a length of zero. The linker lays
/// out each as a block, aligned as the section was; where it left out the record of
/// a function that is not used, what filled the gap reads as the end, and the functions
/// after it have no records. They need the alignment of their first word only.
static Error packFrameRecords(LinkGraph &G) {
  if (Section *Frames = G.findSectionByName(".eh_frame"))
    for (Block *B : Frames->blocks()) {
      B->setAlignmentOffset(0);
      B->setAlignment(4);
    }
  return Error::success();
}

/// A common variable that another module defines already becomes a reference to that one.
/// LLVM 22 does this for every weak definition; LLVM 19 takes a common one for a strong one,
/// and refuses the module because it defines more than it was asked for.
static Error yieldCommon(orc::MaterializationResponsibility &MR, LinkGraph &G) {
  orc::ExecutionSession &ES = MR.getTargetJITDylib().getExecutionSession();
  std::vector<Symbol *> Yielded;
  for (Symbol *S : G.defined_symbols())
    if (S->hasName() && S->getScope() != Scope::Local && S->getBlock().isZeroFill() &&
        !MR.getSymbols().count(ES.intern(cairn::symbolName(*S))))
      Yielded.push_back(S);
  for (Symbol *S : Yielded)
    G.makeExternal(*S);
  return Error::success();
}

void Images::noteAddresses(Unit &U, LinkGraph &G) {
  for (Section &S : G.sections()) {
    SectionRange R(S);
    if (!R.empty())
      U.Ranges.push_back({R.getStart().getValue(), R.getEnd().getValue()});
  }
  for (Symbol *S : G.defined_symbols())
    if (S->hasName() && S->getScope() != Scope::Local)
      if (auto At = U.Symbols.find(symbolName(*S)); At != U.Symbols.end())
        At->second.Address = S->getAddress().getValue();
  for (Symbol *S : G.defined_symbols())
    if (S->hasName() && S->isCallable() && S->getSize())
      U.Functions.push_back({S->getAddress().getValue(),
                             S->getAddress().getValue() + S->getSize(), symbolName(*S).str()});
  sort(U.Functions, [](auto &A, auto &B) { return A.From < B.From; });
  std::lock_guard<std::mutex> Guard(process::lock());
  for (auto [From, To] : U.Ranges)
    process::load(U, From, To);
  cairn_host_name_code(names::find);
}

/// Static objects (cairn/static.h) are the runtime's while their memory is there, whether or not
/// the module has a constructor that says so.
Error Images::addStatics(Unit &U, LinkGraph &G) {
  Section *S = G.findSectionByName(cairn::kStaticSection);
  const SectionRange R = S ? SectionRange(*S) : SectionRange();
  if (R.empty())
    return Error::success();
  if (!cairn_static_add(R.getStart().toPtr<void *>(), R.getEnd().toPtr<void *>()))
    return make_error<JITLinkError>("no memory to note its static objects");
  U.Statics.push_back({R.getStart().getValue(), R.getEnd().getValue()});
  return Error::success();
}

void Images::forgetAddresses(Unit &U) {
  {
    std::lock_guard<std::mutex> Guard(process::lock());
    process::unload(U);
  }
  for (auto [From, To] : U.Statics)
    cairn_static_remove(reinterpret_cast<void *>(From), reinterpret_cast<void *>(To));
  U.Statics.clear();
}

void Images::noteReferences(Unit &U, LinkGraph &G) {
  DenseMap<const Symbol *, uint32_t> References;
  {
    std::lock_guard<std::mutex> Guard(process::lock());
    for (Symbol *S : G.external_symbols())
      if (S->hasName() && S->getAddress())
        if (Unit *To = process::at(S->getAddress().toPtr<void *>());
            To && To != &U && To->Session == U.Session) {
          References[S] = uint32_t(U.References.size());
          U.use(*To, symbolName(*S));
        }
  }
  bool OwnsWeak = any_of(U.Symbols, [](auto &S) { return S.second.Weak; });
  if (OwnsWeak) {
    std::vector<Block *> Blocks(G.blocks().begin(), G.blocks().end());
    sort(Blocks, [](Block *A, Block *B) { return A->getAddress() < B->getAddress(); });
    DenseMap<const Block *, uint32_t> Numbers;
    for (auto [Number, B] : enumerate(Blocks))
      Numbers[B] = uint32_t(Number);
    for (Block *B : Blocks) {
      Unit::Part P;
      P.From = B->getAddress().getValue();
      P.To = P.From + B->getSize();
      for (const Edge &E : B->edges()) {
        const Symbol &To = E.getTarget();
        if (To.isDefined())
          P.Parts.push_back(Numbers[&To.getBlock()]);
        else if (auto At = References.find(&To); At != References.end())
          P.References.push_back(At->second);
      }
      U.Parts.push_back(std::move(P));
    }
  }
  // It brought these as well: they are to be had while it is there.
  for (const std::string &Name : U.Yielded)
    if (Unit *Owner = DefinedBy.lookup(Name); Owner && Owner != &U)
      U.use(*Owner, Name);
}

void Images::modifyPassConfig(orc::MaterializationResponsibility &MR, LinkGraph &,
                              PassConfiguration &Config) {
  Config.PrePrunePasses.push_back([&MR](LinkGraph &G) { return yieldCommon(MR, G); });
  Config.PostPrunePasses.push_back(packFrameRecords);
  Unit *U = unitOf(MR);
  if (!U)
    return;
  auto Note = [this, U](void (Images::*F)(Unit &, LinkGraph &)) {
    return [this, U, F](LinkGraph &G) {
      (this->*F)(*U, G);
      return Error::success();
    };
  };
  Config.PostAllocationPasses.push_back(Note(&Images::noteAddresses));
  Config.PostAllocationPasses.push_back([this, U](LinkGraph &G) { return addStatics(*U, G); });
  Config.PreFixupPasses.push_back(Note(&Images::noteReferences));
  Config.PostFixupPasses.push_back([this, U](LinkGraph &) {
    Linked.push_back(U);
    return Error::success();
  });
}

Error Images::notifyFailed(orc::MaterializationResponsibility &MR) {
  if (Unit *U = unitOf(MR))
    Failed.push_back(U);
  return Error::success();
}
