//===- Marks.cpp - What only the passes may write ---------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A module that is compiled twice comes back with marks. What is in its functions with references
// is theirs: they have the attribute "cairn-counts-inserted". A declaration has none, and stands
// for such a function if the module has the flag of that name.
//
//===----------------------------------------------------------------------===//
#include "import/Marks.h"

#include "ir/Diagnostics.h"
#include "ir/Managed.h"
#include "ir/Marks.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

namespace {

class Refuser {
public:
  explicit Refuser(Module &M);
  bool run();

private:
  void refuseParameters(Function &F);
  void refuseBody(Function &F);
  void refuseCall(CallBase &Call);

  Module &M;
  SmallVector<std::pair<unsigned, StringRef>, 3> Kinds; ///< Of metadata.
  bool Changed = false;
};

} // namespace

/// The end of each message.
static constexpr StringLiteral kWhy =
    "only Cairn's passes write that, into functions whose counts they insert; take it out";

Refuser::Refuser(Module &M) : M(M) {
  for (StringRef Name : {kPad, kInitialises, kMovesNone})
    Kinds.push_back({M.getContext().getMDKindID(Name), Name});
}

void Refuser::refuseParameters(Function &F) {
  for (Argument &A : F.args())
    for (StringRef Name : {kCellParameter, kCopied})
      if (F.getAttributes().hasParamAttr(A.getArgNo(), Name)) {
        reportError(M, "parameter " + Twine(A.getArgNo() + 1) + " of function '" + F.getName() +
                           "' has the attribute \"" + Name + "\": " + kWhy);
        F.removeParamAttr(A.getArgNo(), Name);
        Changed = true;
      }
}

/// Whether \p ID asks whether a reference is the last, or is about cells: what the passes have
/// proved where they write it.
static bool isProved(ManagedID ID) {
  switch (ID) {
  case ManagedID::RefIsLast:
  case ManagedID::RefTakeCell:
  case ManagedID::RefOwnCell:
  case ManagedID::RefOwnTaggedCell:
  case ManagedID::RefOwnCellOn:
  case ManagedID::RefOwnTaggedCellOn:
  case ManagedID::RefIsOn:
  case ManagedID::RefFreeCell:
  case ManagedID::RefReuseCell:
    return true;
  default:
    return false;
  }
}

void Refuser::refuseCall(CallBase &Call) {
  if (Call.hasFnAttr(kStaysBorrowed)) {
    Call.removeFnAttr(kStaysBorrowed);
    Changed = true;
  }
  if (const ManagedInfo *I = calledManaged(Call); I && isProved(I->ID))
    reportError(Call, "a call of '" + Twine(I->Name) + "': " + kWhy);
  for (unsigned Arg = 0; Arg != Call.arg_size(); ++Arg)
    if (cellWordOfArgument(Call, Arg))
      reportError(Call, "argument " + Twine(Arg + 1) +
                            " goes to a parameter with the attribute \"" + kCellParameter +
                            "\", which takes no reference: " + kWhy);
}

void Refuser::refuseBody(Function &F) {
  if (F.hasFnAttribute(kPersonality)) {
    reportError(M, "function '" + F.getName() + "' has the attribute \"" + kPersonality +
                       "\": " + kWhy);
    F.removeFnAttr(kPersonality);
    Changed = true;
  }
  for (BasicBlock &Block : F)
    for (Instruction &I : Block) {
      if (auto *Call = dyn_cast<CallBase>(&I))
        refuseCall(*Call);
      if (!I.hasMetadataOtherThanDebugLoc())
        continue;
      if (I.getMetadata(kRound)) {
        I.setMetadata(kRound, nullptr);
        Changed = true;
      }
      for (auto [Kind, Name] : Kinds)
        if (I.getMetadata(Kind)) {
          reportError(I, "metadata '" + Name + "': " + kWhy);
          I.setMetadata(Kind, nullptr);
          Changed = true;
        }
    }
}

bool Refuser::run() {
  const bool Counted = hasCounts(M), Told = hasReportedErrors(M.getContext());
  for (Function &F : M) {
    for (StringRef Name : {StringRef(kReleasesNothing), StringRef(kRefused)})
      if (F.hasFnAttribute(Name) && !(Told && Name == kRefused)) {
        F.removeFnAttr(Name);
        Changed = true;
      }
    if (F.isIntrinsic() || F.hasFnAttribute(kCountsInserted) || (F.isDeclaration() && Counted))
      continue;
    refuseParameters(F);
    refuseBody(F);
  }
  return Changed;
}

bool cairn::refuseMarks(Module &M) { return Refuser(M).run(); }
