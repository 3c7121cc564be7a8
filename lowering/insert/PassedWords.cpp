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
// One integer may be a number of the program's own, too, that it makes a reference or made of one.
// clang says of each number that it is passed that it is not undefined ("noundef"), and of no
// structure; so does C++ of a result. In C, a result is told from a number by the order of clang's
// instructions and by their metadata.
//
//===----------------------------------------------------------------------===//
#include "insert/PassedWords.h"

#include "insert/RefFields.h"
#include "ir/Compat.h"
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
  explicit Signatures(Module &M)
      : M(M), R(M), DL(M.getDataLayout()), OneWord(tripleOf(M).isAArch64()) {}
  bool run();

private:
  bool isWord(const Type *T) const;
  bool isWords(const Type *T, AttributeSet Says) const;
  bool has(const FunctionType &T, AttributeList Says) const;
  Type *typeAt(Value *Pointer, Type *Was) const;
  bool isResultIn(const LoadInst &Load) const;
  bool isStructure(const CallBase &Call, const IntToPtrInst &Cast, const StoreInst &Store) const;
  void askValue(Value &V, Words &Says, bool IsResult) const;
  void askUses(Value &V, Words &Says) const;
  void askCall(CallBase &Call, MutableArrayRef<Words> Places) const;
  FunctionType *retyped(FunctionType &Old, ArrayRef<Words> Places) const;
  void retypeUse(Use &U, Type *T) const;
  void dropCasts(Value &V) const;
  void retypeCall(CallBase &Call, FunctionType &T) const;
  void retypeFunction(Function &F, FunctionType &T) const;
  bool typeFunction(Function &F) const;
  bool typeIndirect(CallBase &Call) const;

  Module &M;
  const References R;
  const DataLayout &DL;
  const bool OneWord; ///< A structure of one word is passed as an integer.
};

} // namespace

/// Whether \p T is an integer as wide as references.
bool Signatures::isWord(const Type *T) const {
  return T->isIntegerTy(DL.getPointerSizeInBits(R.space()));
}

/// Whether \p T may be a structure that is passed as an array of such integers, or as one, where
/// the attributes are \p Says.
bool Signatures::isWords(const Type *T, AttributeSet Says) const {
  if (OneWord && isWord(T))
    return !Says.hasAttribute(Attribute::NoUndef);
  return T->isArrayTy() && T->getArrayNumElements() && isWord(T->getArrayElementType());
}

bool Signatures::has(const FunctionType &T, AttributeList Says) const {
  for (unsigned N = 0; N != T.getNumParams(); ++N)
    if (isWords(T.getParamType(N), Says.getParamAttrs(N)))
      return true;
  return isWords(T.getReturnType(), Says.getRetAttrs());
}

/// What the words of \p Was are in the memory at \p Pointer; null if its type does not say so, or
/// has no reference there. An array of one structure goes in consecutive registers as one of
/// integers does, and a structure does not.
Type *Signatures::typeAt(Value *Pointer, Type *Was) const {
  const Region Memory = regionOf(Pointer, R, DL, /*Descriptors=*/false);
  if (Memory.Kind != Region::Slots || !Memory.isTyped() || !Memory.Offset)
    return nullptr;
  const uint64_t Word = DL.getPointerSize(R.space());
  const uint64_t N = Was->isArrayTy() ? Was->getArrayNumElements() : 1;
  const Offsets Refs = Memory.refs(R, DL, N * Word);
  if (Refs.empty() || any_of(Refs, [&](uint64_t At) { return At % Word != 0; }))
    return nullptr;
  PointerType *Ref = PointerType::get(M.getContext(), R.space());
  if (!Was->isArrayTy())
    return Ref;
  SmallVector<Type *, 4> Types(N, Was->getArrayElementType());
  for (uint64_t At : Refs)
    Types[At / Word] = Ref;
  if (all_equal(Types))
    return ArrayType::get(Types[0], N);
  return ArrayType::get(StructType::get(M.getContext(), Types), 1);
}

/// Whether \p Address is that of a structure's first member, as clang computes it for each
/// structure that is one word.
static bool isFirstMember(const Value *Address) {
  const auto *GEP = dyn_cast<GetElementPtrInst>(Address);
  return GEP && GEP->getSourceElementType()->isStructTy() && GEP->hasAllZeroIndices();
}

/// Whether a result that \p Load reads is a structure's word. clang reads it from the first
/// variable of the function, which holds no parameter, and does not say of what type it is. (In a
/// function without parameters, at -O0, a number that the program makes of its own first variable
/// reads the same way.)
bool Signatures::isResultIn(const LoadInst &Load) const {
  const Value *Variable = Load.getPointerOperand()->stripInBoundsOffsets();
  const BasicBlock &Entry = Load.getFunction()->getEntryBlock();
  if (Variable != &Entry.front() || Load.hasMetadata(LLVMContext::MD_tbaa))
    return false;
  SmallVector<const Value *, 4> Work = {Variable};
  while (!Work.empty())
    for (const User *U : Work.pop_back_val()->users()) {
      if (isa<GetElementPtrInst>(U))
        Work.push_back(U);
      if (auto *Call = dyn_cast<CallBase>(U); Call && Call->isLifetimeStartOrEnd())
        return false;
      const auto *Store = dyn_cast<StoreInst>(U);
      const Value *From = Store ? Store->getValueOperand() : nullptr;
      if (auto *Cast = dyn_cast_or_null<IntToPtrInst>(From))
        From = Cast->getOperand(0);
      if (isa_and_nonnull<Argument>(From))
        return false;
    }
  return true;
}

/// Whether a result that becomes a reference by \p Cast, and goes where \p Store says, is a
/// structure's word. For one of those clang computes the address between the call and the cast; for
/// a number, it casts first, or has the address before the call.
bool Signatures::isStructure(const CallBase &Call, const IntToPtrInst &Cast,
                             const StoreInst &Store) const {
  const auto *Address = cast<Instruction>(Store.getPointerOperand());
  return Address->getParent() == Cast.getParent() && Address->comesBefore(&Cast) &&
         (Call.getParent() != Address->getParent() || Call.comesBefore(Address));
}

/// \p V is passed or returned. One word may have been a reference before.
void Signatures::askValue(Value &V, Words &Says, bool IsResult) const {
  const bool One = isWord(V.getType());
  auto *Cast = One ? dyn_cast<PtrToIntInst>(&V) : nullptr;
  auto *Load = dyn_cast<LoadInst>(Cast ? Cast->getOperand(0) : &V);
  if (isa<UndefValue>(V))
    return;
  if (!Load || !Load->isSimple() || (One && !isFirstMember(Load->getPointerOperand())) ||
      (One && IsResult && !(Cast && isResultIn(*Load))))
    return Says.say(nullptr);
  Says.say(typeAt(Load->getPointerOperand(), V.getType()));
}

/// \p V was passed or returned: it is stored, and nothing else. One word may become a reference
/// before.
void Signatures::askUses(Value &V, Words &Says) const {
  const bool One = isWord(V.getType());
  const auto *Result = One ? dyn_cast<CallBase>(&V) : nullptr;
  auto Ask = [&](const Use &U, const IntToPtrInst *Cast) {
    auto *Store = dyn_cast<StoreInst>(U.getUser());
    if (!Store || !Store->isSimple() || U.getOperandNo() != 0 ||
        (One && !isFirstMember(Store->getPointerOperand())) ||
        (Result && !(Cast && isStructure(*Result, *Cast, *Store))))
      return Says.say(nullptr);
    Says.say(typeAt(Store->getPointerOperand(), V.getType()));
  };
  for (const Use &U : V.uses())
    if (auto *Cast = dyn_cast<IntToPtrInst>(U.getUser()); Cast && One && R.is(Cast))
      for (const Use &Of : Cast->uses())
        Ask(Of, Cast);
    else
      Ask(U, nullptr);
}

/// \p Places are those of the result and of the parameters.
void Signatures::askCall(CallBase &Call, MutableArrayRef<Words> Places) const {
  const AttributeList List = Call.getAttributes();
  if (isWords(Call.getType(), List.getRetAttrs()))
    askUses(Call, Places[0]);
  for (unsigned N = 0; N != Places.size() - 1; ++N) // Variable arguments have no place.
    if (Value *Arg = Call.getArgOperand(N); isWords(Arg->getType(), List.getParamAttrs(N)))
      askValue(*Arg, Places[N + 1], /*IsResult=*/false);
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
  if (auto *Cast = dyn_cast<PtrToIntInst>(U.get())) {
    U.set(Cast->getOperand(0));
    if (Cast->use_empty())
      Cast->eraseFromParent();
    return;
  }
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

/// \p V is a reference now, and no integer that becomes one.
void Signatures::dropCasts(Value &V) const {
  for (User *U : make_early_inc_range(V.users()))
    if (auto *Cast = dyn_cast<IntToPtrInst>(U); Cast && R.is(&V)) {
      Cast->replaceAllUsesWith(&V);
      Cast->eraseFromParent();
    }
}

void Signatures::retypeCall(CallBase &Call, FunctionType &T) const {
  for (unsigned N = 0; N != T.getNumParams(); ++N)
    retypeUse(Call.getArgOperandUse(N), T.getParamType(N));
  Call.mutateFunctionType(&T);
  dropCasts(Call);
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
    From.mutateType(To.getType()); // All its uses are stores, or casts that are.
    dropCasts(From);
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
  const AttributeList List = F.getAttributes();
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
    if (isWords(A.getType(), List.getParamAttrs(A.getArgNo())))
      askUses(A, Says);
  if (isWords(Old.getReturnType(), List.getRetAttrs()))
    for (BasicBlock &Block : F)
      if (auto *Return = dyn_cast<ReturnInst>(Block.getTerminator()))
        askValue(*Return->getReturnValue(), Places[0], /*IsResult=*/true);
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
    if (!F.isIntrinsic() && has(*F.getFunctionType(), F.getAttributes()))
      Changed |= typeFunction(F);
  for (Function &F : M)
    for (Instruction &I : make_early_inc_range(instructions(F)))
      if (auto *Call = dyn_cast<CallBase>(&I); Call && !Call->getCalledFunction() &&
                                               !Call->isInlineAsm() &&
                                               has(*Call->getFunctionType(), Call->getAttributes()))
        Changed |= typeIndirect(*Call);
  return Changed;
}

bool cairn::typePassedWords(Module &M) { return Signatures(M).run(); }
