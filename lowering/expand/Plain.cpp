//===- Plain.cpp - cairn-plain: references become plain pointers --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// First the globals and functions whose own type changes are replaced, then initialisers and
// bodies are mapped, in place, by LLVM's ValueMapper. It maps types, constants, attributes and
// debug records, but would make casts of a type to itself: constant ones are seeded in its
// map, and cast instructions are removed afterwards.
//
// Everything keeps its place in the module. Each function is looked at once, and once more if
// it was changed.
//
//===----------------------------------------------------------------------===//
#include "expand/Plain.h"

#include "analysis/ForgetTypes.h"
#include "expand/PlainTypes.h"
#include "ir/Compat.h"
#include "ir/Diagnostics.h"
#include "ir/Managed.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Intrinsics.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;
using namespace cairn;

namespace {

class Plain {
public:
  explicit Plain(Module &M)
      : M(M), Types(M.getContext(), referenceSpace(M)),
        Mapper(Map, RF_NoModuleLevelChanges | RF_IgnoreMissingLocals, &Types) {}
  bool run();
  bool failed() const { return Failed; }

private:
  void replaceGlobals();
  GlobalValue *replacement(GlobalValue &Old);
  GlobalVariable *replacement(GlobalVariable &Old);
  GlobalValue *replacement(GlobalAlias &Old);
  GlobalValue *replacement(GlobalIFunc &Old);
  Function *replacement(Function &Old);
  Function *intrinsicFor(Function &Old, FunctionType *Type);
  void seed(const ConstantExpr &C);
  void mapAll();
  void dropCasts(Function &F);
  void eraseReplaced();
  void replaceConversions();
  void check();

  Module &M;
  PlainTypes Types;
  ValueToValueMapTy Map;
  ValueMapper Mapper;
  MapVector<GlobalValue *, GlobalValue *> Replaced;          ///< By what.
  SmallVector<std::pair<Function *, ManagedID>> Conversions; ///< Their new declarations.
  SmallPtrSet<const Function *, 4> Left; ///< In which there is a reference still.
  bool Changed = false;
  bool Failed = false;
};

} // namespace

//===----------------------------------------------------------------------===//
// Globals and functions of another type
//===----------------------------------------------------------------------===//

/// What is the same of all kinds of globals.
template <typename GlobalT> static GlobalT *succeed(GlobalT &Old, GlobalT *New) {
  New->copyAttributesFrom(&Old);
  New->takeName(&Old);
  return New;
}

GlobalVariable *Plain::replacement(GlobalVariable &Old) {
  Type *Address = Types.remapType(Old.getType());
  auto *New = new GlobalVariable(M, Types.remapType(Old.getValueType()), Old.isConstant(),
                                 Old.getLinkage(), nullptr, "", &Old, Old.getThreadLocalMode(),
                                 Address->getPointerAddressSpace(), Old.isExternallyInitialized());
  New->setComdat(Old.getComdat());
  New->copyMetadata(&Old, 0);
  return succeed(Old, New);
}

GlobalValue *Plain::replacement(GlobalAlias &Old) {
  return succeed(Old, GlobalAlias::create(Types.remapType(Old.getValueType()),
                                          Types.remapType(Old.getType())->getPointerAddressSpace(),
                                          Old.getLinkage(), "", &M));
}

GlobalValue *Plain::replacement(GlobalIFunc &Old) {
  return succeed(Old, GlobalIFunc::create(Types.remapType(Old.getValueType()),
                                          Types.remapType(Old.getType())->getPointerAddressSpace(),
                                          Old.getLinkage(), "", nullptr, &M));
}

/// LLVM's intrinsics have types in their names. Null if \p Old is no intrinsic, or one that
/// does not exist with the type.
Function *Plain::intrinsicFor(Function &Old, FunctionType *Type) {
  if (const Intrinsic::ID ID = Old.getIntrinsicID())
    return intrinsicOfType(M, ID, Type);
  const ManagedInfo *I = Old.isDeclaration() ? findManaged(Old.getName()) : nullptr;
  if (!I || !I->Plain || Type != intrinsic(*I->Plain).type(M))
    return nullptr;
  return intrinsic(*I->Plain).declare(M);
}

Function *Plain::replacement(Function &Old) {
  auto *Type = cast<FunctionType>(Types.remapType(Old.getValueType()));
  if (Function *New = intrinsicFor(Old, Type))
    return New;
  if (const ManagedInfo *I = Old.isDeclaration() ? findManaged(Old.getName()) : nullptr) {
    if (I->isConversion() && Old.getFunctionType() == I->type(M)) {
      Function *New = Function::Create(Type, Old.getLinkage(), "", &M);
      Conversions.push_back({New, I->ID});
      return New;
    }
    reportError(M, "'" + Old.getName() + "' is declared with another signature than its own");
    Failed = true;
  }
  Function *New = Function::Create(Type, Old.getLinkage(), Old.getAddressSpace(), "", &M);
  M.getFunctionList().splice(Old.getIterator(), M.getFunctionList(), New->getIterator());
  New->setComdat(Old.getComdat());
  New->copyMetadata(&Old, 0);
  succeed(Old, New);
  New->splice(New->begin(), &Old);
  for (auto [From, To] : zip_equal(Old.args(), New->args())) {
    // The body is mapped to the new type later.
    From.mutateType(To.getType());
    From.replaceAllUsesWith(&To);
    To.takeName(&From);
  }
  return New;
}

GlobalValue *Plain::replacement(GlobalValue &Old) {
  if (auto *Variable = dyn_cast<GlobalVariable>(&Old))
    return replacement(*Variable);
  if (auto *Alias = dyn_cast<GlobalAlias>(&Old))
    return replacement(*Alias);
  if (auto *IFunc = dyn_cast<GlobalIFunc>(&Old))
    return replacement(*IFunc);
  return replacement(cast<Function>(Old));
}

//===----------------------------------------------------------------------===//
// Values and bodies
//===----------------------------------------------------------------------===//

/// What a variable, an alias or an ifunc holds: its only operand.
static Constant *valueOf(const GlobalValue &GV) {
  return GV.getNumOperands() == 1 ? cast<Constant>(GV.getOperand(0)) : nullptr;
}

static void setValue(GlobalValue &GV, Constant *C) {
  if (auto *Variable = dyn_cast<GlobalVariable>(&GV))
    Variable->setInitializer(C);
  else if (auto *Alias = dyn_cast<GlobalAlias>(&GV))
    Alias->setAliasee(C);
  else
    cast<GlobalIFunc>(GV).setResolver(C);
}

void Plain::replaceGlobals() {
  SmallVector<GlobalValue *> Work;
  for (GlobalValue &GV : M.global_values())
    if (Types.changes(GV.getType()) || Types.changes(GV.getValueType()))
      Work.push_back(&GV);
  for (GlobalValue *Old : Work) {
    GlobalValue *New = replacement(*Old);
    // Metadata may name a global of either type.
    if (Old->getType() == New->getType()) {
      Old->replaceAllUsesWith(New);
    } else {
      if (Old->isUsedByMetadata())
        ValueAsMetadata::handleRAUW(Old, New);
      Map[Old] = New;
    }
    Replaced[Old] = New;
  }
}

/// The mapper would keep the cast, or the type that a GEP steps over.
void Plain::seed(const ConstantExpr &C) {
  SmallVector<Constant *, 4> Operands;
  for (const Use &U : C.operands())
    Operands.push_back(Mapper.mapConstant(*cast<Constant>(U)));
  Type *New = Types.remapType(C.getType());
  if (auto *GEP = dyn_cast<GEPOperator>(&C))
    Map[&C] = ConstantExpr::getGetElementPtr(Types.remapType(GEP->getSourceElementType()),
                                             Operands[0], ArrayRef(Operands).drop_front(),
                                             GEP->getNoWrapFlags(), GEP->getInRange());
  else if (Operands[0]->getType() == New)
    Map[&C] = Operands[0];
}

void Plain::mapAll() {
  ReferenceFinder Finder(Types);
  SmallVector<std::pair<const GlobalValue *, GlobalValue *>> Values;
  SmallVector<Function *> Functions;
  for (GlobalValue &GV : M.global_values()) {
    GlobalValue *New = Replaced.lookup(&GV);
    if (auto *F = dyn_cast<Function>(&GV)) {
      if (!New && Finder.in(*F))
        Functions.push_back(F);
    } else if (const Constant *C = valueOf(GV); C && (Finder.in(*C) || New)) {
      Values.push_back({&GV, New ? New : &GV});
    }
  }
  for (const ConstantExpr *C : Finder.expressions())
    seed(*C);
  for (auto [From, To] : Values)
    setValue(*To, Mapper.mapConstant(*valueOf(*From)));
  ReferenceFinder After(Types);
  for (Function *F : Functions) {
    forgetTypesOfObjects(*F);
    F->setAttributes(Types.remap(F->getAttributes()));
    Mapper.remapFunction(*F);
    dropCasts(*F);
    if (After.in(*F))
      Left.insert(F);
  }
  Changed |= !Values.empty() || !Functions.empty();
}

void Plain::dropCasts(Function &F) {
  for (Instruction &I : make_early_inc_range(instructions(F)))
    if (auto *Cast = dyn_cast<AddrSpaceCastInst>(&I); Cast && Cast->getSrcTy() == Cast->getType()) {
      Cast->replaceAllUsesWith(Cast->getOperand(0));
      Cast->eraseFromParent();
    }
}

void Plain::replaceConversions() {
  const IntrinsicInfo &Incref = intrinsic(IntrinsicID::Incref);
  for (auto [F, ID] : Conversions) {
    for (User *U : make_early_inc_range(F->users())) {
      auto *Call = dyn_cast<CallBase>(U);
      if (!Call || Call->getCalledOperand() != F || Call->getFunctionType() != F->getFunctionType())
        continue;
      if (auto *Invoke = dyn_cast<InvokeInst>(Call))
        Call = changeToCall(Invoke);
      Value *Operand = Call->getArgOperand(0);
      if (ID == ManagedID::Retain)
        IRBuilder<>(Call).CreateCall(Incref.declare(M), {Operand});
      Call->replaceAllUsesWith(Operand);
      Call->eraseFromParent();
    }
    if (F->use_empty()) {
      F->eraseFromParent();
      continue;
    }
    reportError(M, "'" + managedIntrinsic(ID).Name +
                       "' is used in another way than by a direct call, and no function stands "
                       "for it");
    Failed = true;
  }
}

void Plain::eraseReplaced() {
  for (auto [Old, New] : Replaced)
    Old->dropAllReferences();
  for (auto [Old, New] : Replaced) {
    Old->removeDeadConstantUsers();
    Old->eraseFromParent();
  }
}

/// Nothing in the space is left.
void Plain::check() {
  ReferenceFinder Finder(Types);
  for (GlobalValue &GV : M.global_values()) {
    const auto *F = dyn_cast<Function>(&GV);
    const Constant *C = F ? nullptr : valueOf(GV);
    if (!Types.changes(GV.getType()) && !Types.changes(GV.getValueType()) &&
        !(F && Left.contains(F)) && !(C && Finder.in(*C)))
      continue;
    reportError(M, Twine(F ? "function" : "global") + " '" + GV.getName() +
                       "' has a managed reference left that could not be made a plain pointer");
    Failed = true;
  }
}

bool Plain::run() {
  replaceGlobals();
  mapAll();
  if (!Changed && Replaced.empty())
    return false;
  eraseReplaced();
  replaceConversions();
  check();
  return true;
}

/// What is inlined from another module takes its references, but not its mark, into a function
/// that had none. A reference in the signature is the function's own.
static bool hasItsCounts(const Function &F, const References &R, bool ModuleIs) {
  if (F.isDeclaration() || F.hasFnAttribute(kCountsInserted))
    return true;
  return ModuleIs ? !R.in(F.getFunctionType()) : !R.in(F);
}

bool cairn::isCounted(const Module &M) {
  const References R(M);
  const bool ModuleIs = hasCounts(M);
  return all_of(M, [&](const Function &F) { return hasItsCounts(F, R, ModuleIs); });
}

bool cairn::checkCounted(Module &M) {
  const References R(M);
  const bool ModuleIs = hasCounts(M);
  // What was told already is not told again.
  if (hasReportedErrors(M.getContext()) &&
      any_of(M, [](const Function &F) { return F.hasFnAttribute(kRefused); }))
    return false;
  bool Ok = true;
  for (const Function &F : M) {
    if (hasItsCounts(F, R, ModuleIs))
      continue;
    reportError(M, "function '" + F.getName() +
                       "' has managed references, and their counts were not inserted; run Cairn's "
                       "passes from the start of the pipeline (cairn-insert)");
    Ok = false;
  }
  return Ok;
}

bool cairn::makePlain(Module &M, bool &Failed) {
  Plain P(M);
  const bool Changed = P.run();
  Failed = P.failed();
  return Changed;
}

PreservedAnalyses PlainPass::run(Module &M, ModuleAnalysisManager &) {
  bool Failed;
  return makePlain(M, Failed) ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
