//===- PassedWords.cpp - Structures that are passed as integers -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A place is a parameter or the result, of a function or of an indirect call. What is stored there
// or loaded from there says which of its words are references; all that say anything have to say
// the same, for a function in its body and at each direct call.
//
//===----------------------------------------------------------------------===//
#include "insert/PassedWords.h"

#include "insert/RefFields.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

namespace {

/// The type of a place once all that say something of it were asked.
struct Words {
  std::optional<Type *> T; ///< None: nobody has said anything; null: that there is no reference.
  bool Disputed = false;

  void say(Type *Other) {
    Disputed |= T.value_or(Other) != Other;
    T = Other;
  }
  /// What is in it that was a \p Was.
  Type *type(Type *Was) const { return T && *T && !Disputed ? *T : Was; }
};

class Signatures {
public:
  explicit Signatures(Module &M) : M(M), R(M), DL(M.getDataLayout()) {}
  bool run();

private:
  bool isWords(const Type *T) const;
  bool has(const FunctionType &T) const;
  Type *typeAt(Value *Pointer, Type *Array) const;
  void askValue(Value &V, Words &Says) const;
  void askUses(Value &V, Words &Says) const;
  void askCall(CallBase &Call, MutableArrayRef<Words> Places) const;
  FunctionType *retyped(FunctionType &Old, ArrayRef<Words> Places) const;
  void retypeUse(Use &U, Type *T) const;
  void retypeCall(CallBase &Call, FunctionType &T) const;
  void retypeFunction(Function &F, FunctionType &T) const;
  bool typeFunction(Function &F) const;
  bool typeIndirect(CallBase &Call) const;

  Module &M;
  const References R;
  const DataLayout &DL;
};

} // namespace

/// Whether \p T is an array of integers as wide as references.
bool Signatures::isWords(const Type *T) const {
  return T->isArrayTy() && T->getArrayNumElements() &&
         T->getArrayElementType()->isIntegerTy(DL.getPointerSizeInBits(R.space()));
}

bool Signatures::has(const FunctionType &T) const {
  return isWords(T.getReturnType()) || any_of(T.params(), [&](Type *P) { return isWords(P); });
}

/// What the words of \p Array are in the memory at \p Pointer; null if its type does not say so, or
/// has no reference there. An array of one structure goes in consecutive registers as one of
/// integers does, and a structure does not.
Type *Signatures::typeAt(Value *Pointer, Type *Array) const {
  const Region Memory = regionOf(Pointer, R, DL, /*Descriptors=*/false);
  if (Memory.Kind != Region::Slots || !Memory.isTyped() || !Memory.Offset)
    return nullptr;
  const uint64_t Word = DL.getPointerSize(R.space()), N = Array->getArrayNumElements();
  const Offsets Refs = Memory.refs(R, DL, N * Word);
  if (Refs.empty() || any_of(Refs, [&](uint64_t At) { return At % Word != 0; }))
    return nullptr;
  SmallVector<Type *, 4> Types(N, Array->getArrayElementType());
  for (uint64_t At : Refs)
    Types[At / Word] = PointerType::get(M.getContext(), R.space());
  if (all_equal(Types))
    return ArrayType::get(Types[0], N);
  return ArrayType::get(StructType::get(M.getContext(), Types), 1);
}

/// \p V is passed or returned.
void Signatures::askValue(Value &V, Words &Says) const {
  if (auto *Load = dyn_cast<LoadInst>(&V); Load && Load->isSimple())
    Says.say(typeAt(Load->getPointerOperand(), V.getType()));
  else if (!isa<UndefValue>(V))
    Says.say(nullptr);
}

/// \p V was passed or returned: it is stored, and nothing else.
void Signatures::askUses(Value &V, Words &Says) const {
  for (Use &U : V.uses())
    if (auto *Store = dyn_cast<StoreInst>(U.getUser());
        Store && Store->isSimple() && U.getOperandNo() == 0)
      Says.say(typeAt(Store->getPointerOperand(), V.getType()));
    else
      Says.say(nullptr);
}

/// \p Places are those of the result and of the parameters.
void Signatures::askCall(CallBase &Call, MutableArrayRef<Words> Places) const {
  if (isWords(Call.getType()))
    askUses(Call, Places[0]);
  for (auto [Arg, Says] : zip(Call.args(), drop_begin(Places)))
    if (isWords(Arg->getType()))
      askValue(*Arg, Says);
}

/// \p Old with the types that were agreed on; null if there are none.
FunctionType *Signatures::retyped(FunctionType &Old, ArrayRef<Words> Places) const {
  SmallVector<Type *, 8> Params;
  for (auto [T, Says] : zip(Old.params(), drop_begin(Places)))
    Params.push_back(Says.type(T));
  auto *T = FunctionType::get(Places[0].type(Old.getReturnType()), Params, Old.isVarArg());
  return T == &Old ? nullptr : T;
}

/// The value that \p U passes or returns is loaded again, as a \p T.
void Signatures::retypeUse(Use &U, Type *T) const {
  if (U->getType() == T)
    return;
  auto *Old = dyn_cast<LoadInst>(U.get());
  if (!Old) {
    U.set(isa<PoisonValue>(U.get()) ? PoisonValue::get(T) : UndefValue::get(T));
    return;
  }
  IRBuilder<> B(Old);
  LoadInst *New = B.CreateAlignedLoad(T, Old->getPointerOperand(), Old->getAlign());
  New->takeName(Old);
  U.set(New);
  if (Old->use_empty())
    Old->eraseFromParent();
}

void Signatures::retypeCall(CallBase &Call, FunctionType &T) const {
  for (unsigned N = 0; N != T.getNumParams(); ++N)
    retypeUse(Call.getArgOperandUse(N), T.getParamType(N));
  Call.mutateFunctionType(&T);
}

void Signatures::retypeFunction(Function &F, FunctionType &T) const {
  Function *New = Function::Create(&T, F.getLinkage(), F.getAddressSpace(), "", &M);
  M.getFunctionList().splice(F.getIterator(), M.getFunctionList(), New->getIterator());
  New->setComdat(F.getComdat());
  New->copyAttributesFrom(&F);
  New->copyMetadata(&F, 0);
  New->takeName(&F);
  New->splice(New->begin(), &F);
  for (auto [From, To] : zip_equal(F.args(), New->args())) {
    From.mutateType(To.getType()); // All its uses are stores.
    From.replaceAllUsesWith(&To);
    To.takeName(&From);
  }
  F.replaceAllUsesWith(New);
  F.eraseFromParent();
  for (BasicBlock &Block : *New)
    if (auto *Return = dyn_cast<ReturnInst>(Block.getTerminator());
        Return && Return->getReturnValue())
      retypeUse(Return->getOperandUse(0), T.getReturnType());
}

bool Signatures::typeFunction(Function &F) const {
  FunctionType &Old = *F.getFunctionType();
  SmallVector<CallBase *> Calls;
  for (Use &U : F.uses())
    if (auto *Call = dyn_cast<CallBase>(U.getUser()); Call && Call->isCallee(&U)) {
      if (Call->getFunctionType() != &Old)
        return false;
      Calls.push_back(Call);
    }
  SmallVector<Words, 8> Places(1 + Old.getNumParams());
  for (CallBase *Call : Calls)
    askCall(*Call, Places);
  for (auto [A, Says] : zip(F.args(), drop_begin(Places)))
    if (isWords(A.getType()))
      askUses(A, Says);
  if (isWords(Old.getReturnType()))
    for (BasicBlock &Block : F)
      if (auto *Return = dyn_cast<ReturnInst>(Block.getTerminator()))
        askValue(*Return->getReturnValue(), Places[0]);
  FunctionType *New = retyped(Old, Places);
  if (!New)
    return false;
  for (CallBase *Call : Calls)
    retypeCall(*Call, *New);
  retypeFunction(F, *New);
  return true;
}

bool Signatures::typeIndirect(CallBase &Call) const {
  SmallVector<Words, 8> Places(1 + Call.getFunctionType()->getNumParams());
  askCall(Call, Places);
  FunctionType *New = retyped(*Call.getFunctionType(), Places);
  if (New)
    retypeCall(Call, *New);
  return New;
}

bool Signatures::run() {
  bool Changed = false;
  for (Function &F : make_early_inc_range(M))
    if (!F.isIntrinsic() && has(*F.getFunctionType()))
      Changed |= typeFunction(F);
  for (Function &F : M)
    for (Instruction &I : make_early_inc_range(instructions(F)))
      if (auto *Call = dyn_cast<CallBase>(&I); Call && !Call->getCalledFunction() &&
                                               !Call->isInlineAsm() &&
                                               has(*Call->getFunctionType()))
        Changed |= typeIndirect(*Call);
  return Changed;
}

bool cairn::typePassedWords(Module &M) { return Signatures(M).run(); }
