//===- Refusals.cpp - What has no meaning with references -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The forms that one instruction shows. Each message ends with what to write instead.
//
//===----------------------------------------------------------------------===//
#include "insert/Refusals.h"

#include "insert/RefFields.h"
#include "ir/Diagnostics.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstVisitor.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

void Refusals::refuse(Instruction &I, const Twine &Message) {
  reportError(I, Message);
  F.addFnAttr(kRefused);
  Refused = true;
}

Refusals::Refusals(Function &F, const References &R)
    : F(F), R(R), Refused(F.hasFnAttribute(kRefused)) {}

namespace {

class Forms : public InstVisitor<Forms> {
public:
  explicit Forms(Refusals &E)
      : E(E), R(E.references()), M(*E.function().getParent()), DL(M.getDataLayout()),
        Immediates(mayBeImmediates(M)) {}

  void visitLoadInst(LoadInst &I) { access(I, *I.getPointerOperand(), I.getType(), I.isAtomic()); }
  void visitStoreInst(StoreInst &I) {
    access(I, *I.getPointerOperand(), I.getValueOperand()->getType(), I.isAtomic());
  }
  void visitAtomicRMWInst(AtomicRMWInst &I) {
    access(I, *I.getPointerOperand(), I.getType(), /*Atomic=*/true);
  }
  void visitAtomicCmpXchgInst(AtomicCmpXchgInst &I) {
    access(I, *I.getPointerOperand(), I.getCompareOperand()->getType(), /*Atomic=*/true);
  }
  void visitIntToPtrInst(IntToPtrInst &I) { toReference(I, *I.getOperand(0), I.getType()); }
  void visitPtrToIntInst(PtrToIntInst &I);
  void visitAddrSpaceCastInst(AddrSpaceCastInst &I);
  void visitBitCastInst(BitCastInst &I);
  void visitAllocaInst(AllocaInst &I);
  void visitVAArgInst(VAArgInst &I);
  void visitCallBase(CallBase &I);
  void visitInstruction(Instruction &) {}
  /// Looks for casts in the constants of \p I.
  void constants(Instruction &I);

private:
  void access(Instruction &I, Value &Pointer, Type *T, bool Atomic);
  bool isMadeOfRefs(Instruction &I, uint64_t Size) const;
  void toReference(Instruction &I, Value &Number, Type *T);
  void intrinsic(IntrinsicInst &I);

  Refusals &E;
  const References &R;
  Module &M;
  const DataLayout &DL;
  const bool Immediates;
  SmallPtrSet<Constant *, 16> Seen;
};

} // namespace

/// Whether \p Pointer points into an exception that is about to be thrown.
static bool isException(Value &Pointer) {
  auto *Call = dyn_cast<CallBase>(getUnderlyingObject(&Pointer));
  return Call && Call->getCalledFunction() &&
         Call->getCalledFunction()->getName() == "__cxa_allocate_exception";
}

/// Whether \p I is what LLVM makes of references: zeros that are null ones, and a copy of one
/// word. The copies' expansion makes references of them again.
bool Forms::isMadeOfRefs(Instruction &I, uint64_t Size) const {
  auto *Store = dyn_cast<StoreInst>(&I);
  if (auto *C = Store ? dyn_cast<Constant>(Store->getValueOperand()) : nullptr)
    return C->isNullValue();
  Instruction *Load = Store ? dyn_cast<LoadInst>(Store->getValueOperand()) : &I;
  if (!Load || Size != DL.getPointerSize(R.space()) || R.in(Load->getType()) || !Load->hasOneUse())
    return false;
  auto *To = dyn_cast<StoreInst>(Load->user_back());
  return To && To->getValueOperand() == Load;
}

void Forms::access(Instruction &I, Value &Pointer, Type *T, bool Atomic) {
  const bool HasRefs = R.in(T);
  if (HasRefs && Atomic)
    return E.refuse(I, "an atomic access of a reference: a count cannot change together with it; "
                       "use a lock, or cairn_ref_share and a plain store before the object is seen "
                       "by others");
  const unsigned Space = Pointer.getType()->getPointerAddressSpace();
  if (HasRefs && Space != 0 && Space != R.space())
    return E.refuse(I, "a reference in memory of address space " + Twine(Space) +
                           "; keep references in fields, or in plain memory (address space 0)");
  if (!T->isSized() || T->isScalableTy())
    return;
  if (HasRefs && isa<StoreInst>(I) && isException(Pointer))
    return E.refuse(I, "a reference is thrown: an exception's memory does not start as null, and "
                       "nobody releases what is in it; throw a plain object, or a cairn::ref");
  // Most accesses are of a whole variable, and need no more looking at.
  if (auto *Variable = dyn_cast<AllocaInst>(&Pointer);
      Variable && Variable->getAllocatedType() == T && !isOpaque(T))
    return;
  const uint64_t Size = DL.getTypeStoreSize(T).getFixedValue();
  Offsets Here;
  const Region Memory = regionOf(&Pointer, R, DL, /*Descriptors=*/false);
  if (Memory.Kind == Region::Slots && Memory.isTyped() && Memory.Offset) {
    if (*Memory.Offset >= DL.getTypeAllocSize(Memory.T).getFixedValue())
      return;
    if (HasRefs)
      Here = refsIn(T, R, DL, 0, Size);
    Offsets There = refsIn(Memory.T, R, DL, *Memory.Offset, *Memory.Offset + Size);
    for (uint64_t &Ref : There)
      Ref -= *Memory.Offset;
    if (There == Here)
      return;
  } else if (HasRefs || !isFieldOfRef(&Pointer, Size, R, DL)) {
    return;
  }
  if (!Atomic && isMadeOfRefs(I, Size))
    return;
  if (Here.empty())
    return E.refuse(I,
                    "memory that is declared to hold a reference is accessed as something else"
                    " (a union with an integer, or a structure that is passed as integers where "
                    "its type cannot be seen, to a function with variable arguments for "
                    "instance); use cairn_ref_borrow for the address, immediates (odd words) for "
                    "small integers, and pass such structures by pointer");
  E.refuse(I, "a reference in memory that is declared to hold something else (a union); declare "
              "the variable as a reference");
}

/// Whether \p Number is visibly odd: no object's address.
static bool isOdd(Value &Number, const DataLayout &DL) {
  return computeKnownBits(&Number, DL).One[0];
}

void Forms::toReference(Instruction &I, Value &Number, Type *T) {
  if (!R.in(T) || (Immediates && Number.getType()->isIntegerTy() && isOdd(Number, DL)))
    return;
  if (Immediates)
    return E.refuse(I, "an integer that is not visibly odd becomes a reference; set the lowest bit "
                       "of an immediate (or i64 %n, 1) right before, and make references of "
                       "addresses by cairn_ref_adopt or cairn_ref_retain");
  E.refuse(I,
           "an integer becomes a reference; keep the reference itself, or make one of a plain "
           "pointer by cairn_ref_adopt or cairn_ref_retain (the module flag '" +
               Twine(kImmediatesFlag) +
               "' allows odd words); pass and return the reference instead of a structure of one, "
               "which some targets pass as an integer");
}

/// Whether the address of the memory at \p Pointer may be known outside of the function.
static bool mayBeForeign(Value &Pointer) { return !isa<AllocaInst>(getUnderlyingObject(&Pointer)); }

void Forms::visitPtrToIntInst(PtrToIntInst &I) {
  if (!R.in(I.getOperand(0)->getType()))
    return;
  if (Immediates)
    return;
  for (User *U : I.users()) {
    auto *Store = dyn_cast<StoreInst>(U);
    auto *Call = dyn_cast<CallBase>(U);
    if ((Store && Store->getValueOperand() == &I && mayBeForeign(*Store->getPointerOperand())) ||
        isa<ReturnInst>(U) || isa<IntToPtrInst>(U) || (Call && !isa<IntrinsicInst>(Call)))
      return E.refuse(I, "a reference becomes an integer that is stored, passed or returned, where "
                         "no count follows it; keep the reference, take the address as a number "
                         "from cairn_ref_borrow, and pass and return the reference instead of a "
                         "structure of one, which some targets pass as an integer");
  }
}

void Forms::visitAddrSpaceCastInst(AddrSpaceCastInst &I) {
  const unsigned From = I.getSrcAddressSpace(), To = I.getDestAddressSpace();
  if ((From == R.space() && To != 0) || (To == R.space() && From != 0))
    E.refuse(I, "a cast between references and address space " +
                    Twine(From == R.space() ? To : From) +
                    "; a reference can only be cast to and from a plain pointer (address space 0)");
}

void Forms::visitBitCastInst(BitCastInst &I) {
  // What the verifier would refuse; clang 22 writes it for `c ? const T * : T *`.
  Type *From = I.getSrcTy(), *To = I.getDestTy();
  if (From->isPointerTy() && To->isPointerTy() && From != To)
    E.refuse(I, "the frontend lost a reference's address space here, which clang 22 does for the "
                "operands of ?: if one of them points to const; cast them to one type: "
                "c ? (T *)a : b");
}

void Forms::visitAllocaInst(AllocaInst &I) {
  if (!R.in(I.getAllocatedType()))
    return;
  const StringRef Instead = "give it a constant size at the top of the function, or use an object "
                            "(cairn_ref_new_array)";
  if (I.getAllocatedType()->isScalableTy() || !isa<ConstantInt>(I.getArraySize()))
    E.refuse(I, "stack memory with references whose size is known at run time only; " + Instead);
  else if (I.getAddressSpace() != 0)
    E.refuse(I, "stack memory with references in address space " + Twine(I.getAddressSpace()));
  else if (I.isSwiftError() || I.isUsedWithInAlloca())
    E.refuse(I, "a reference in a swifterror or inalloca variable; use a result or a pointer");
}

void Forms::visitVAArgInst(VAArgInst &I) {
  if (R.in(I.getType()) && !R.is(&I))
    E.refuse(I, "va_arg of a structure with references; pass its references one by one");
}

void Forms::visitCallBase(CallBase &I) {
  auto HasRef = [&](const Use &U) { return R.in(U->getType()); };
  const bool Refs = R.in(I.getType()) || any_of(I.args(), HasRef);
  if (I.isInlineAsm()) {
    bool Indirect = false;
    for (unsigned N = 0; N != I.arg_size(); ++N)
      if (Type *T = I.getParamElementType(N))
        Indirect |= R.in(T);
    if (Refs || Indirect)
      E.refuse(I, "a reference is an operand of inline assembly; pass the plain pointer that "
                  "cairn_ref_borrow gives");
    return;
  }
  if (Refs && !calledManaged(I))
    refuseConvention(I, E);
  if (I.hasFnAttr(Attribute::ReturnsTwice))
    return E.refuse(I, "a function with references calls one that returns twice (setjmp): what is "
                       "released when it returns again is not known; call it in a function "
                       "without references");
  for (unsigned N = 0; N != I.arg_size(); ++N) {
    Type *T = I.getParamByValType(N);
    if (I.paramHasAttr(N, Attribute::InAlloca) || I.paramHasAttr(N, Attribute::Preallocated) ||
        (I.isMustTailCall() && T && R.in(T)))
      if (Refs || (T && R.in(T)))
        return E.refuse(I, "references are passed in memory that the call itself allocates; pass "
                           "them by pointer");
  }
  for (unsigned N = 0; N != I.getNumOperandBundles(); ++N) {
    OperandBundleUse Bundle = I.getOperandBundleAt(N);
    if (any_of(Bundle.Inputs, HasRef) && !isa<AssumeInst>(I))
      return E.refuse(I, "the operand bundle '" + Bundle.getTagName() +
                             "' has a reference; counted references need no stack maps");
  }
  if (auto *Intrinsic = dyn_cast<IntrinsicInst>(&I))
    intrinsic(*Intrinsic);
}

void Forms::intrinsic(IntrinsicInst &I) {
  const StringRef Name = I.getCalledFunction()->getName();
  if (Name.starts_with("llvm.coro."))
    return E.refuse(I, "a coroutine with references that is not split yet; run coro-early, "
                       "coro-split and coro-cleanup before cairn-slots");
  if (auto *Copy = dyn_cast<AnyMemIntrinsic>(&I)) {
    Value *Source = nullptr;
    if (auto *Transfer = dyn_cast<AnyMemTransferInst>(Copy))
      Source = Transfer->getRawSource();
    for (Value *Pointer : {Copy->getRawDest(), Source}) {
      if (!Pointer)
        continue;
      const unsigned Space = Pointer->getType()->getPointerAddressSpace();
      const bool Refs = R.is(Copy->getRawDest()) || (Source && R.is(Source));
      if (Refs && Space != 0 && Space != R.space())
        return E.refuse(I, "a copy between an object and address space " + Twine(Space));
    }
    return;
  }
  if (none_of(I.args(), [&](const Use &U) { return R.in(U->getType()); }) && !R.in(I.getType()))
    return;
  if (Name == "llvm.fake.use") // LLVM 19 does not know it.
    return;
  switch (I.getIntrinsicID()) {
  case Intrinsic::assume:
  case Intrinsic::annotation:
  case Intrinsic::dbg_assign:
  case Intrinsic::dbg_declare:
  case Intrinsic::dbg_value:
  case Intrinsic::experimental_noalias_scope_decl:
  case Intrinsic::expect:
  case Intrinsic::invariant_end:
  case Intrinsic::invariant_start:
  case Intrinsic::is_constant:
  case Intrinsic::launder_invariant_group:
  case Intrinsic::lifetime_end:
  case Intrinsic::lifetime_start:
  case Intrinsic::masked_gather:
  case Intrinsic::masked_load:
  case Intrinsic::masked_scatter:
  case Intrinsic::masked_store:
  case Intrinsic::objectsize:
  case Intrinsic::prefetch:
  case Intrinsic::ptr_annotation:
  case Intrinsic::ssa_copy:
  case Intrinsic::strip_invariant_group:
    return;
  default:
    E.refuse(I, "the LLVM intrinsic '" + Name +
                    "' has a reference as operand or result, and does not say what becomes of its "
                    "count; use loads, stores and getelementptr, or a pointer that "
                    "cairn.ref.borrow gives");
  }
}

/// Whether \p I accesses a field of null, \p Address: code that a test keeps from running, and
/// that LLVM has made constant.
static bool isAccessOfNull(const Instruction &I, const Constant &Address) {
  const auto *Cast = dyn_cast<ConstantExpr>(&Address);
  if (getLoadStorePointerOperand(&I) != &Address || !Cast ||
      Cast->getOpcode() != Instruction::IntToPtr)
    return false;
  const auto *Offset = dyn_cast<ConstantInt>(Cast->getOperand(0));
  return Offset && Offset->getValue().ult(1 << 16);
}

/// No object is there.
constexpr uint64_t kFirstPage = 4096;

void Forms::constants(Instruction &I) {
  SmallVector<Constant *, 4> Work;
  for (Use &U : I.operands())
    if (auto *C = dyn_cast<Constant>(U);
        C && !isa<GlobalValue>(C) && !isa<ConstantData>(C) && !isAccessOfNull(I, *C))
      Work.push_back(C);
  while (!Work.empty()) {
    Constant *C = Work.pop_back_val();
    if (!Seen.insert(C).second)
      continue;
    auto *Cast = dyn_cast<ConstantExpr>(C);
    // LLVM makes such a number of a field of null, in code that is not reached. An odd one is an
    // immediate without the flag.
    auto *Number = Cast ? dyn_cast<ConstantInt>(Cast->getOperand(0)) : nullptr;
    if (Cast && Cast->getOpcode() == Instruction::IntToPtr &&
        !(Number && Number->getValue().ult(kFirstPage) && !Number->getValue()[0]))
      toReference(I, *Cast->getOperand(0), C->getType());
    else if (Cast && Cast->getOpcode() == Instruction::AddrSpaceCast) {
      const unsigned From = Cast->getOperand(0)->getType()->getPointerAddressSpace(),
                     To = C->getType()->getPointerAddressSpace();
      if ((From == R.space() && To != 0) || (To == R.space() && From != 0))
        E.refuse(I, "a cast between references and address space " +
                        Twine(From == R.space() ? To : From));
    }
    for (Use &U : C->operands())
      if (auto *Inner = dyn_cast<Constant>(U); Inner && !isa<GlobalValue>(Inner))
        Work.push_back(Inner);
  }
}

void cairn::refuseForms(Refusals &Errors) {
  Function &F = Errors.function();
  const References &R = Errors.references();
  Instruction &First = *F.getEntryBlock().getFirstNonPHIIt();
  if (F.isPresplitCoroutine())
    return Errors.refuse(First,
                         "a coroutine with references that is not split yet; run coro-early, "
                         "coro-split and coro-cleanup before cairn-slots");
  if (F.hasFnAttribute(Attribute::Naked))
    return Errors.refuse(First, "a naked function has references; it has no place for counts");
  if (F.hasGC())
    return Errors.refuse(First, "a function with a garbage collector ('gc \"" + Twine(F.getGC()) +
                                    "\"') has counted references; take the attribute away");
  for (Argument &A : F.args())
    if (A.hasAttribute(Attribute::InAlloca) || A.hasAttribute(Attribute::Preallocated))
      return Errors.refuse(First, "references are passed in memory that the call itself allocates; "
                                  "pass them by pointer");
  if (R.in(F.getReturnType()) && F.getReturnType()->isScalableTy())
    return Errors.refuse(First, "a scalable vector of references");
  Forms Visitor(Errors);
  for (Instruction &I : instructions(F)) {
    // clang writes a catchret from nothing for WebAssembly without -fwasm-exceptions.
    if (any_of(I.operands(), [](const Use &U) { return !U; })) {
      Errors.refuse(I, "the frontend left out an operand, which clang does in handlers of "
                       "exceptions where the target's exceptions are off; compile without "
                       "exceptions, or without references here");
      // No pass of LLVM survives it.
      F.deleteBody();
      F.setComdat(nullptr);
      return;
    }
    Visitor.visit(I);
    Visitor.constants(I);
    if (R.in(I.getType()) && I.getType()->isScalableTy())
      Errors.refuse(I, "a scalable vector of references; use fixed vectors or scalars");
  }
}
