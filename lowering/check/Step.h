//===- Step.h - What one instruction does to a state -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rules of the certifier, one instruction at a time:
//
//   Step.cpp    selects, casts, parts of aggregates and vectors, ends of frames
//   Calls.cpp   counts and calls, by their conventions
//   Cells.cpp   objects taken apart and made again
//   Stores.cpp  loads, stores and what writes to memory
//   Assume.cpp  what a branch says
//
// A step either changes the state, or says what is wrong, or asks that a select be decided: then
// it has to be done again in both states that this gives.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CHECK_STEP_H
#define CAIRN_LOWERING_CHECK_STEP_H

#include "cairn/certify.h"
#include "check/Callees.h"
#include "check/State.h"
#include "llvm/ADT/Twine.h"

namespace llvm {
class AllocaInst;
class CallBase;
class LoadInst;
class MemIntrinsic;
class SelectInst;
class StoreInst;
} // namespace llvm

namespace cairn::check {

struct Problem {
  FindingKind Kind;
  const llvm::Instruction *At;
  const llvm::Value *Of;
  std::string Text;
};

class Step {
public:
  Step(Roots &R, const Conditions &C, Callees &Quiet) : R(R), Known(C), Quiet(Quiet) {}

  /// The state in which the function starts.
  State entry();
  /// Whether the step was done. Otherwise there is a problem, or a select to decide.
  bool run(State &S, const llvm::Instruction &I);
  std::optional<Problem> problem; ///< NOLINT: read and cleared by the walk.
  const llvm::Value *Undecided = nullptr;

  Ref eval(const State &S, const llvm::Value *V, unsigned Leaf = 0);
  /// Gives the result of a call its names. Of an invoke that is for the normal edge.
  void defineResult(State &S, const llvm::CallBase &Call);
  /// Notes that \p Condition is \p Is. False: that cannot be, or a select has to be decided before.
  bool assume(State &S, const llvm::Value *Condition, bool Is);
  /// What \p Condition is, if the state says so.
  std::optional<bool> truth(const State &S, const llvm::Value *Condition);
  /// Reports a class that has a unit and \p Reached does not hold. False if there is one.
  bool nothingLost(State &S, llvm::ArrayRef<bool> Reached, const llvm::Instruction &At,
                   const llvm::Twine &Where);
  bool fail(FindingKind Kind, const llvm::Instruction &At, const llvm::Value *Of,
            const llvm::Twine &Text);

private:
  // Step.cpp
  bool runReturn(State &S, const llvm::Instruction &I);
  bool frameEnds(State &S, const llvm::Instruction &I);
  bool runLifetime(State &S, const llvm::CallBase &Call);
  /// Whether \p Slot, which is \p C, holds no unit; otherwise a problem.
  bool isEmpty(const State &S, ClassId C, const llvm::Instruction &At, const llvm::AllocaInst &Slot,
               const llvm::Twine &Where);
  bool runVectorOrAggregate(State &S, const llvm::Instruction &I);
  void runSelect(State &S, const llvm::SelectInst &Select);
  void bind(State &S, const llvm::Value *Root, unsigned Leaf, Ref To);
  /// Whether \p C lives; otherwise a problem, or a select to decide.
  bool needsAlive(State &S, ClassId C, const llvm::Instruction &I, const llvm::Value *V);
  /// Whether no field of \p C, which others may read now, holds a reference that was released.
  bool isWhole(const State &S, ClassId C, const llvm::Instruction &I, const llvm::Value *V);
  /// Takes a unit from \p C for \p What.
  bool take(State &S, ClassId C, const llvm::Instruction &I, const llvm::Value *V,
            const llvm::Twine &What, bool MayBeInSlot);

  // Calls.cpp
  bool runCall(State &S, const llvm::CallBase &Call);
  bool runCount(State &S, const llvm::CallBase &Call, bool Increments);
  bool runConversion(State &S, const llvm::CallBase &Call, ManagedID ID);
  Ownership argument(const llvm::CallBase &Call, unsigned Arg);
  void effects(State &S, const llvm::CallBase &Call);
  /// Whether \p Call may store a reference, or a null over one, into what others know.
  bool mayWrite(const llvm::CallBase &Call);
  /// Whether \p C lives whatever is stored elsewhere.
  bool isHeld(const State &S, ClassId C);
  bool isHeld(const State &S, ClassId C, unsigned &Steps);
  /// The class of a leaf that is a constant in all of \p Values; none if it is not, and of no
  /// values.
  std::optional<ClassId> constantOf(llvm::ArrayRef<const llvm::Value *> Values, unsigned Leaf);
  void capture(State &S, const llvm::Value *V);
  void giveUp(State &S, ClassId Variable);
  /// The reference that was released and stands in a global of a frontend's own counts still; null
  /// if there is none.
  const Content *leftInGlobal(const State &S) const;

  // Cells.cpp
  /// Whether the step was done; nothing: it is a call like others.
  std::optional<bool> runCellCall(State &S, const llvm::CallBase &Call, ManagedID ID);
  bool runIsLast(State &S, const llvm::CallBase &Call);
  bool assumeLast(State &S, const llvm::CallBase &IsLast, bool Is);
  void knowShape(State &S, ClassId C, const llvm::CallBase &Allocation);
  bool makeCell(State &S, const llvm::CallBase &Call, bool Copies);
  bool takeMemory(State &S, ClassId C, const llvm::CallBase &Call, const llvm::Value *V,
                  const llvm::Twine &What);
  bool passCell(State &S, const llvm::CallBase &Call, const llvm::Value *V, uint32_t Word);
  bool reuseCell(State &S, const llvm::CallBase &Call);
  /// Whether \p C is a cell, which is a problem.
  bool isCell(const State &S, ClassId C, const llvm::Instruction &I, const llvm::Value *V,
              const llvm::Twine &What);
  Offset fieldAt(unsigned Bit) const;

  // Stores.cpp
  /// The memory that \p Address points to, and where in it.
  Ref memory(State &S, const llvm::Value *Address);
  bool isUnclearMemory(const State &S, ClassId Of);
  bool isWholeElsewhere(const State &S, ClassId Of, Offset At, const llvm::Instruction &I);
  /// Whether \p I is a store of a reference that is retained right after it, or that count. A
  /// frontend may do so; the store has the unit then.
  static bool isForStore(const llvm::Instruction &I);
  bool runLoad(State &S, const llvm::LoadInst &Load);
  /// Whether \p I reads none of the places that are open in \p S; otherwise a problem.
  bool leavesOpen(State &S, const llvm::Instruction &I);
  bool mayReadOpen(State &S, const llvm::LoadInst &Load);
  bool runStore(State &S, const llvm::StoreInst &Store);
  bool runMemory(State &S, const llvm::MemIntrinsic &I);
  bool zero(State &S, const llvm::Instruction &I, const llvm::Value *Address,
            const llvm::APInt &Length);
  void copyFields(State &S, const llvm::CallBase &Call, IntrinsicID ID);
  bool storeOne(State &S, const llvm::Instruction &I, Ref To, ClassId New,
                const llvm::Value *NewValue);
  void enterSlot(State &S, const llvm::Instruction &I);
  bool neverCaptured(const llvm::Value *V);

  Roots &R;
  const Conditions &Known;
  Callees &Quiet;
  llvm::DenseMap<const llvm::Value *, bool> Captured;
};

/// Whether \p V makes a cell: it is the origin of fields that have no name.
bool isCellOf(const llvm::Value *V);

/// How a message names \p V: "%x", or "the reference loaded here".
std::string nameOf(const llvm::Value *V);

} // namespace cairn::check

#endif // CAIRN_LOWERING_CHECK_STEP_H
