//===- Fresh.cpp - Objects that only this function knows --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The uses of an object's address are followed once, and what ends freshness or sets a field
// is noted as an event, by block. A question walks backwards from its place to the allocation,
// over all paths, and looks at the events on the way. A path that runs through the allocation
// again is about another object, so the walk ends there.
//
//===----------------------------------------------------------------------===//
#include "analysis/Fresh.h"

#include "ir/Intrinsics.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

#include <optional>

using namespace llvm;
using namespace cairn;

/// A question looks at no more blocks than this.
constexpr unsigned kMostBlocks = 64;
/// Of an object with more uses nothing is known.
constexpr unsigned kMostUses = 4096;

struct FreshObjects::Event {
  const Instruction *At;
  bool Escapes; ///< Otherwise it sets bytes.
  std::optional<uint64_t> Offset;
  uint64_t Size;

  bool touches(std::optional<uint64_t> First, uint64_t Bytes) const {
    return !Offset || !First || (*Offset < *First + Bytes && *First < *Offset + Size);
  }
};

struct FreshObjects::Object {
  bool Known = false;
  DenseMap<const Value *, std::optional<uint64_t>> Offsets; ///< Of what is derived from it.
  DenseMap<const BasicBlock *, SmallVector<Event, 4>> Events;

  void follow(const Instruction &Allocation);
  void followUse(const Use &U, std::optional<uint64_t> Offset,
                 SmallVectorImpl<const Value *> &Worklist);
  void followCall(const CallBase &Call, const Use &U, std::optional<uint64_t> Offset);
  void add(const Instruction &At, bool Escapes, std::optional<uint64_t> Offset = {},
           uint64_t Size = 0) {
    Events[At.getParent()].push_back({&At, Escapes, Offset, Size});
  }
  /// Whether \p Matters holds of an event on a path from \p Allocation to \p At.
  bool reaches(const Instruction &Allocation, const Instruction &At,
               function_ref<bool(const Event &)> Matters) const;
};

FreshObjects::FreshObjects() = default;
FreshObjects::~FreshObjects() = default;

bool cairn::isManagedAllocation(const Value *V) {
  const auto *Call = dyn_cast<CallInst>(V);
  const ManagedInfo *I = Call ? calledManaged(*Call) : nullptr;
  return I && (I->traits() & kAllocates || I->ID == ManagedID::RefReuseCell);
}

void FreshObjects::Object::follow(const Instruction &Allocation) {
  SmallVector<const Value *, 8> Worklist{&Allocation};
  Offsets[&Allocation] = 0;
  unsigned Uses = 0;
  while (!Worklist.empty()) {
    const Value *Pointer = Worklist.pop_back_val();
    const std::optional<uint64_t> Offset = Offsets.lookup(Pointer);
    for (const Use &U : Pointer->uses()) {
      if (++Uses > kMostUses)
        return;
      followUse(U, Offset, Worklist);
    }
  }
  // The events of a block in its order, which the uses of a value are not in.
  for (auto &[Block, List] : Events)
    llvm::sort(List, [](const Event &A, const Event &B) { return A.At->comesBefore(B.At); });
  Known = true;
}

void FreshObjects::Object::followUse(const Use &U, std::optional<uint64_t> Offset,
                                     SmallVectorImpl<const Value *> &Worklist) {
  const auto &User = *cast<Instruction>(U.getUser());
  const DataLayout &DL = User.getModule()->getDataLayout();
  auto Derive = [&](std::optional<uint64_t> At) {
    if (Offsets.try_emplace(&User, At).second)
      Worklist.push_back(&User);
  };
  if (auto *Step = dyn_cast<GetElementPtrInst>(&User)) {
    APInt Bytes(DL.getIndexTypeSizeInBits(U->getType()), 0);
    if (!Step->getType()->isPointerTy())
      return add(User, true);
    if (Offset && Step->accumulateConstantOffset(DL, Bytes))
      return Derive(*Offset + uint64_t(Bytes.getSExtValue()));
    return Derive(std::nullopt);
  }
  if (isa<AddrSpaceCastInst, BitCastInst>(User) || isManaged(&User, ManagedID::Borrow))
    return Derive(Offset);
  if (auto *Store = dyn_cast<StoreInst>(&User)) {
    if (U.getOperandNo() != StoreInst::getPointerOperandIndex())
      return add(User, true);
    const auto *C = dyn_cast<Constant>(Store->getValueOperand());
    if (!C || !C->isNullValue() || Store->isVolatile())
      add(User, false, Offset, DL.getTypeStoreSize(Store->getValueOperand()->getType()));
    return;
  }
  if (auto *Compare = dyn_cast<ICmpInst>(&User))
    return Compare->isEquality() ? void() : add(User, true);
  if (isa<LoadInst>(User))
    return;
  if (auto *Phi = dyn_cast<PHINode>(&User))
    return add(*Phi->getIncomingBlock(U)->getTerminator(), true);
  if (auto *Call = dyn_cast<CallBase>(&User))
    return followCall(*Call, U, Offset);
  add(User, true);
}

void FreshObjects::Object::followCall(const CallBase &Call, const Use &U,
                                      std::optional<uint64_t> Offset) {
  if (Call.isLifetimeStartOrEnd() || U.getUser()->isDroppable())
    return;
  if (auto *Memory = dyn_cast<MemIntrinsic>(&Call)) {
    if (U.getOperandNo() != 0)
      return; // a copy out of it
    const auto *Bytes = dyn_cast<ConstantInt>(Memory->getLength());
    const auto *Fill = isa<MemSetInst>(Memory)
                           ? dyn_cast<Constant>(cast<MemSetInst>(Memory)->getValue())
                           : nullptr;
    if (!(Fill && Fill->isNullValue()))
      add(Call, false, Bytes ? Offset : std::nullopt, Bytes ? Bytes->getZExtValue() : 0);
    return;
  }
  if (const ManagedInfo *I = calledManaged(Call); I && Call.isArgOperand(&U)) {
    switch (I->ID) {
    case ManagedID::RefTag:
    case ManagedID::RefSetTag:
    case ManagedID::RefIsUnique:
    case ManagedID::RefAssertUnique:
    case ManagedID::RefLength:
    case ManagedID::RefCount:
    case ManagedID::RefIncref:
      return;
    case ManagedID::RefShareInto:
      if (Call.getArgOperandNo(&U) != 0)
        add(Call, true);
      return;
    case ManagedID::RefReadFields:
      if (Call.getArgOperandNo(&U) > 1)
        add(Call, false);
      return;
    case ManagedID::RefCopyFields:
      if (Call.getArgOperandNo(&U) < 2)
        add(Call, false);
      return;
    case ManagedID::RefFillFields:
      return add(Call, false);
    default:
      break;
    }
  }
  add(Call, true);
}

bool FreshObjects::Object::reaches(const Instruction &Allocation, const Instruction &At,
                                   function_ref<bool(const Event &)> Matters) const {
  if (Events.empty())
    return false;
  const BasicBlock *Home = Allocation.getParent(), *Start = At.getParent();
  auto In = [&](const BasicBlock *Block, const Instruction *Until) {
    auto Found = Events.find(Block);
    if (Found == Events.end())
      return false;
    for (const Event &E : Found->second) {
      if (Until && !E.At->comesBefore(Until))
        break;
      if (Matters(E))
        return true;
    }
    return false;
  };
  if (In(Start, &At))
    return true;
  if (Start == Home)
    return false;
  SmallPtrSet<const BasicBlock *, 16> Seen;
  SmallVector<const BasicBlock *, 16> Worklist(predecessors(Start));
  while (!Worklist.empty()) {
    const BasicBlock *Block = Worklist.pop_back_val();
    if (!Seen.insert(Block).second)
      continue;
    if (Seen.size() > kMostBlocks || In(Block, nullptr))
      return true;
    if (Block != Home)
      Worklist.append(pred_begin(Block), pred_end(Block));
  }
  return false;
}

const FreshObjects::Object &FreshObjects::object(const Value *Root) {
  std::unique_ptr<Object> &O = Objects[Root];
  if (!O) {
    O = std::make_unique<Object>();
    if (isManagedAllocation(Root) || isa<AllocaInst>(Root))
      O->follow(*cast<Instruction>(Root));
  }
  return *O;
}

bool FreshObjects::isFresh(const Value *Root, const Instruction &At) {
  const Object &O = object(Root);
  return O.Known &&
         !O.reaches(*cast<Instruction>(Root), At, [](const Event &E) { return E.Escapes; });
}

bool FreshObjects::isFirst(const Value *Root, const StoreInst &Store) {
  const Object &O = object(Root);
  if (!O.Known)
    return false;
  auto Found = O.Offsets.find(Store.getPointerOperand());
  if (Found == O.Offsets.end())
    return false;
  const std::optional<uint64_t> Offset = Found->second;
  // One of many places: nobody could check the claim, not the certifier either.
  if (!Offset)
    return false;
  const uint64_t Size =
      Store.getModule()->getDataLayout().getTypeStoreSize(Store.getValueOperand()->getType());
  return !O.reaches(*cast<Instruction>(Root), Store,
                    [&](const Event &E) { return E.Escapes || E.touches(Offset, Size); });
}
