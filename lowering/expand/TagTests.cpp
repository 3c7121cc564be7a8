//===- TagTests.cpp - Comparisons of tags with constants --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/TagTests.h"

#include "cairn/abi.h"
#include "ir/Managed.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace cairn;

static constexpr uint64_t kMaxTag = UINT8_MAX;
/// A switch with more cases gets a table, and so the tag itself.
static constexpr unsigned kMostCases = 3;

/// The bits of the header word that matter lie in its upper half.
static constexpr unsigned kHalf = 16;
static_assert(kMetaTagShift >= kHalf && kMetaTyped >> kHalf);

/// The upper half of the header word of an object with this tag, in the bits that matter.
static uint16_t wordOf(uint64_t Tag) {
  return uint16_t((kMetaTyped | uint32_t(Tag) << kMetaTagShift) >> kHalf);
}

namespace {

class Tests {
public:
  explicit Tests(CallInst &Tag) : Tag(Tag), B(&Tag) {}
  bool run();

private:
  Value *word();
  bool compare(ICmpInst &Test);
  bool choose(SwitchInst &Switch);

  CallInst &Tag;
  IRBuilder<> B;
  Value *Word = nullptr;
};

} // namespace

/// That half of the object's header word. (x86 compares a whole word's bits with a constant that
/// takes a register for the whole function.)
Value *Tests::word() {
  if (!Word) {
    IRBuilder<> At(&Tag);
    Value *Place = At.CreateConstInBoundsGEP1_64(At.getInt8Ty(), Tag.getArgOperand(0),
                                                 uint64_t(-int64_t(sizeof(uint16_t))));
    Value *Whole = At.CreateAlignedLoad(At.getInt16Ty(), Place, Align(2), "meta");
    Word = At.CreateAnd(Whole, uint64_t((kMetaTyped | kMetaTagMask) >> kHalf), "tag.word");
  }
  return Word;
}

/// Tag 0 is each word up to that of a typed object with tag 0.
bool Tests::compare(ICmpInst &Test) {
  auto *To = dyn_cast<ConstantInt>(Test.getOperand(1));
  if (!To || Test.isSigned())
    return false;
  ICmpInst::Predicate How = Test.getPredicate();
  const uint64_t Value = To->getZExtValue();
  if (Value == 0) {
    if (How == ICmpInst::ICMP_EQ)
      How = ICmpInst::ICMP_ULE;
    else if (How == ICmpInst::ICMP_NE)
      How = ICmpInst::ICMP_UGT;
    else if (How != ICmpInst::ICMP_ULE && How != ICmpInst::ICMP_UGT)
      return false; // of no use, or always so
  }
  B.SetInsertPoint(&Test);
  auto *New = B.CreateICmp(How, word(), B.getInt16(wordOf(Value)));
  New->takeName(&Test);
  Test.replaceAllUsesWith(New);
  Test.eraseFromParent();
  return true;
}

/// The tags from 0 up that go one way are one comparison, and the others are words of their own.
bool Tests::choose(SwitchInst &Switch) {
  auto DestOf = [&](uint64_t Tag) {
    auto *Value = ConstantInt::get(cast<IntegerType>(Switch.getCondition()->getType()), Tag);
    auto Case = Switch.findCaseValue(Value);
    return Case == Switch.case_default() ? nullptr : Case->getCaseSuccessor();
  };
  BasicBlock *const First = DestOf(0), *const Default = Switch.getDefaultDest();
  uint64_t Low = 0;
  while (First && Low <= kMaxTag && DestOf(Low) == First)
    ++Low;
  if (Low > kMaxTag) // All tags go one way: LLVM's affair.
    return false;
  if (Switch.getNumCases() - Low > kMostCases)
    return false;
  BasicBlock *Old = Switch.getParent();
  SmallVector<std::pair<PHINode *, Value *>, 4> Phis;
  SmallPtrSet<BasicBlock *, 4> Seen;
  for (BasicBlock *To : successors(Old))
    if (Seen.insert(To).second)
      for (PHINode &Phi : To->phis()) {
        Phis.push_back({&Phi, Phi.getIncomingValueForBlock(Old)});
        while (Phi.getBasicBlockIndex(Old) >= 0)
          Phi.removeIncomingValue(Old, /*DeletePHIIfEmpty=*/false);
      }
  auto AddEdge = [&](BasicBlock *From, BasicBlock *To) {
    for (auto &[Phi, V] : Phis)
      if (Phi->getParent() == To)
        Phi->addIncoming(V, From);
  };
  Value *Word = word();
  B.SetInsertPoint(&Switch);
  BasicBlock *Rest = Old;
  if (First) {
    Rest = BasicBlock::Create(Old->getContext(), "tagged", Old->getParent(), Old->getNextNode());
    B.CreateCondBr(B.CreateICmpULT(Word, B.getInt16(wordOf(Low))), First, Rest);
    AddEdge(Old, First);
    B.SetInsertPoint(Rest);
  }
  auto *New = B.CreateSwitch(Word, Default, Switch.getNumCases() - unsigned(Low));
  AddEdge(Rest, Default);
  for (auto &Case : Switch.cases())
    if (const uint64_t Value = Case.getCaseValue()->getZExtValue(); Value >= Low) {
      New->addCase(B.getInt16(wordOf(Value)), Case.getCaseSuccessor());
      AddEdge(Rest, Case.getCaseSuccessor());
    }
  New->setDebugLoc(Switch.getDebugLoc());
  Switch.eraseFromParent();
  return true;
}

bool Tests::run() {
  bool Changed = false;
  for (User *U : make_early_inc_range(Tag.users()))
    if (auto *Test = dyn_cast<ICmpInst>(U)) {
      Changed |= Test->getOperand(0) == &Tag && compare(*Test);
    } else if (auto *Switch = dyn_cast<SwitchInst>(U); Switch && choose(*Switch)) {
      Changed = true;
    }
  if (Tag.use_empty())
    Tag.eraseFromParent();
  return Changed;
}

bool cairn::compareWords(CallInst &Tag) {
  if (!Tag.hasFnAttr(kTypedOnly))
    return Tests(Tag).run();
  IRBuilder<> B(&Tag);
  Value *Place = B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Tag.getArgOperand(0),
                                              uint64_t(-int64_t(sizeof(uint16_t))));
  static_assert(kMetaTagShift == 8 * (sizeof(uint32_t) - sizeof(uint16_t)));
  LoadInst *Byte = B.CreateLoad(B.getInt8Ty(), Place);
  Byte->takeName(&Tag);
  Tag.replaceAllUsesWith(Byte);
  Tag.eraseFromParent();
  return true;
}
