//===- cells.cpp - Faults to plant in what is done with cells ---*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mutations of the calls that take objects apart and make new ones of their memory. Each can
// free something twice, or never, or leave a field with a reference that is not its own.
//
//===----------------------------------------------------------------------===//
#include "mutations.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace {

CallInst *called(Instruction &I, StringRef Name) {
  auto *Call = dyn_cast<CallInst>(&I);
  const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
  return Callee && Callee->getName() == Name ? Call : nullptr;
}

/// A place that a call is taken out of, and put back to.
void takeOut(CallInst &Call) {
  Call.setArgOperand(0, PoisonValue::get(Call.getArgOperand(0)->getType()));
  Call.removeFromParent();
}

class CellPlanter {
public:
  explicit CellPlanter(Function &F) : F(F), DT(F) {}

  std::vector<Mutation> run() {
    for (Instruction &I : instructions(F)) {
      if (!DT.isReachableFromEntry(I.getParent()))
        continue;
      if (CallInst *Free = called(I, "cairn.ref.free.cell"))
        free(*Free);
      if (CallInst *Reuse = called(I, "cairn.ref.reuse.cell"))
        reuse(*Reuse);
      if (CallInst *Take = called(I, "cairn.ref.take.cell"))
        take(*Take);
      if (CallInst *Own = called(I, "cairn.ref.own.cell"))
        shape(*Own);
      if (CallInst *IsLast = called(I, "cairn.ref.is.last"))
        test(*IsLast);
    }
    return std::move(All);
  }

private:
  void add(MutationKind Kind, const Instruction &At, std::function<void()> Make,
           std::function<void()> TakeBack, std::string Harmless = "") {
    std::string Text;
    raw_string_ostream(Text) << At;
    All.push_back({Kind, &F,
                   StringRef(Text).trim().str() + " in " + At.getParent()->getName().str(),
                   std::move(Harmless), std::move(Make), std::move(TakeBack)});
  }

  /// Another call with the cell, at \p Before.
  void insert(MutationKind Kind, CallInst &At, StringRef Name, Instruction &Before) {
    Value *Cell = At.getArgOperand(0);
    FunctionCallee Callee =
        F.getParent()->getOrInsertFunction(Name, Type::getVoidTy(F.getContext()), Cell->getType());
    auto New = std::make_shared<Instruction *>(nullptr);
    add(
        Kind, At,
        [=, &Before] { *New = CallInst::Create(Callee, {Cell}, "", Before.getIterator()); },
        [New] { (*New)->eraseFromParent(); });
  }

  void change(MutationKind Kind, CallInst &Call, unsigned Arg, Value *To,
              std::string Harmless = "") {
    Value *Now = Call.getArgOperand(Arg);
    if (Now != To)
      add(
          Kind, Call, [&Call, Arg, To] { Call.setArgOperand(Arg, To); },
          [&Call, Arg, Now] { Call.setArgOperand(Arg, Now); }, std::move(Harmless));
  }

  void free(CallInst &Free) {
    Value *Cell = Free.getArgOperand(0);
    Instruction *After = Free.getNextNode();
    add(
        MutationKind::DeleteFree, Free, [&Free] { takeOut(Free); },
        [&Free, Cell, After] {
          Free.insertBefore(After->getIterator());
          Free.setArgOperand(0, Cell);
        });
    insert(MutationKind::FreeTwice, Free, "cairn.ref.free.cell", *After);
    insert(MutationKind::CountCell, Free, "cairn.ref.incref", Free);
    Function *Old = Free.getCalledFunction();
    FunctionCallee Decref =
        F.getParent()->getOrInsertFunction("cairn.ref.decref", Old->getFunctionType());
    add(
        MutationKind::CountCell, Free, [&Free, Decref] { Free.setCalledFunction(Decref); },
        [&Free, Old] { Free.setCalledFunction(Old); });
    for (Instruction *I = Free.getPrevNode(); I && I != Cell && !isa<PHINode>(I);
         I = I->getPrevNode())
      if (isa<LoadInst>(I) && I->getOperand(0)->stripPointerCasts() == Cell) {
        add(
            MutationKind::FreeBeforeUse, Free,
            [&Free, I] { Free.moveBefore(*I->getParent(), I->getIterator()); },
            [&Free, After] { Free.moveBefore(*After->getParent(), After->getIterator()); });
        break;
      }
  }

  void reuse(CallInst &Reuse) {
    insert(MutationKind::FreeTwice, Reuse, "cairn.ref.free.cell", *Reuse.getNextNode());
    const auto *Becomes = cast<ConstantInt>(Reuse.getArgOperand(2));
    const auto *Kept = cast<ConstantInt>(Reuse.getArgOperand(3));
    for (unsigned Bit = 0; Bit != 16; ++Bit)
      if (Becomes->getZExtValue() >> Bit & 1)
        change(MutationKind::KeptField, Reuse, 3,
               ConstantInt::get(Kept->getType(), Kept->getZExtValue() ^ (1u << Bit)),
               movesLater(Reuse, Bit) ? "what it keeps is used up elsewhere later" : "");
    shape(Reuse);
  }

  /// Whether \p V is stored or given to a call behind the reuse, alone or in a vector.
  bool isUsedBehind(const CallInst &Reuse, const Value &V) const {
    return any_of(V.uses(), [&](const Use &U) {
      const auto *I = cast<Instruction>(U.getUser());
      if (isa<InsertElementInst>(I))
        return isUsedBehind(Reuse, *I);
      if (auto *Phi = dyn_cast<PHINode>(I))
        return DT.dominates(Reuse.getParent(), Phi->getIncomingBlock(U));
      const auto *Store = dyn_cast<StoreInst>(I);
      return ((Store && Store->getValueOperand() == &V) || isa<CallBase>(I)) &&
             DT.dominates(&Reuse, I);
    });
  }

  /// Whether what a field of the cell refers to is used up somewhere behind the reuse: if the
  /// object keeps it until then, it goes out of the field there, and nothing is different.
  bool movesLater(const CallInst &Reuse, unsigned Bit) const {
    const DataLayout &DL = F.getParent()->getDataLayout();
    const Value *Cell = Reuse.getArgOperand(0);
    auto Moves = [&](const User *U) {
      const auto *Load = dyn_cast<LoadInst>(U);
      if (!Load)
        return false;
      APInt Offset(DL.getIndexTypeSizeInBits(Cell->getType()), 0);
      const Value *From =
          Load->getPointerOperand()->stripAndAccumulateConstantOffsets(DL, Offset, true);
      const uint64_t Field = uint64_t(Bit) * DL.getPointerSize();
      return From == Cell && Offset.ule(Field) && // alone or in a vector
             Field < Offset.getZExtValue() + DL.getTypeStoreSize(Load->getType()) &&
             isUsedBehind(Reuse, *Load);
    };
    return any_of(Cell->users(), [&](const User *U) {
      return Moves(U) || (isa<GetElementPtrInst>(U) && any_of(U->users(), Moves));
    });
  }

  void take(CallInst &Take) {
    shape(Take);
    Value *Object = Take.getArgOperand(0);
    // Retained before, and that count given back where the cell has gone.
    FunctionCallee Incref = F.getParent()->getOrInsertFunction(
        "cairn.ref.incref", Type::getVoidTy(F.getContext()), Object->getType());
    auto New = std::make_shared<Instruction *>(nullptr);
    add(
        MutationKind::CountCell, Take,
        [=, &Take] { *New = CallInst::Create(Incref, {Object}, "", Take.getIterator()); },
        [New] { (*New)->eraseFromParent(); });
  }

  /// The header word of a larger slot, and of one with another field.
  void shape(CallInst &Call) {
    const auto *Meta = cast<ConstantInt>(Call.getArgOperand(1));
    for (uint64_t Change : {0x01000000u, 0x00000100u})
      change(MutationKind::HeaderWord, Call, 1,
             ConstantInt::get(Meta->getType(), Meta->getZExtValue() ^ Change),
             called(Call, "cairn.ref.own.cell") && Change == 0x01000000u && !reused(Call)
                 ? "a cell of another size is copied to"
                 : "");
  }

  /// Whether an object may be made of the cell.
  static bool reused(const CallInst &Cell) {
    return !all_of(Cell.users(), [](const User *U) {
      auto *Call = dyn_cast<CallInst>(U);
      return isa<LoadInst, GetElementPtrInst, ICmpInst>(U) ||
             (Call && Call->getCalledFunction() &&
              Call->getCalledFunction()->getName() != "cairn.ref.reuse.cell");
    });
  }

  void test(CallInst &IsLast) {
    for (User *U : IsLast.users())
      if (auto *Branch = dyn_cast<BranchInst>(U))
        add(
            MutationKind::InvertTest, *Branch, [Branch] { Branch->swapSuccessors(); },
            [Branch] { Branch->swapSuccessors(); });
    Value *Other = nullptr, *Now = IsLast.getArgOperand(0);
    auto Consider = [&](Value &V) {
      if (V.getType() == Now->getType() && &V != Now && !isa<GetElementPtrInst>(V))
        Other = &V;
    };
    for (Argument &A : F.args())
      Consider(A);
    for (Instruction &I : instructions(F))
      if (DT.dominates(&I, &IsLast))
        Consider(I);
    if (Other)
      change(MutationKind::OtherTested, IsLast, 0, Other);
  }

  Function &F;
  DominatorTree DT;
  std::vector<Mutation> All;
};

} // namespace

std::vector<Mutation> cellMutationsOf(Function &F) { return CellPlanter(F).run(); }
