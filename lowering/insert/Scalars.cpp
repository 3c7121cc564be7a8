//===- Scalars.cpp - References in registers as scalars ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A value is split into leaves: references, and the largest parts without one. Each
// instruction is visited once, in reverse post-order, so that operands have leaves before
// their uses ask; φ get their operands at the end. Nothing is erased before that.
//
//===----------------------------------------------------------------------===//
#include "insert/Scalars.h"

#include "insert/RefFields.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace cairn;

namespace {

/// The most leaves of one value.
constexpr unsigned kMostLeaves = 1024;

using Path = SmallVector<unsigned, 4>;

struct Leaf {
  Type *T;
  Path At;         ///< Indices of extractvalue, the last one of extractelement in a vector.
  uint64_t Offset; ///< In memory.
};

class Splitter {
public:
  explicit Splitter(Refusals &E)
      : E(E), F(E.function()), R(E.references()), DL(F.getParent()->getDataLayout()) {}
  bool run();

private:
  using Values = SmallVector<Value *, 4>;

  /// Whether values of \p T are split.
  bool splits(Type *T) const { return !R.is(T) && R.in(T); }
  const std::vector<Leaf> &leavesOf(Type *T);
  void addLeaves(Type *T, Path &At, uint64_t Offset, std::vector<Leaf> &Out);
  /// The leaves \p First and the \p Count after it are what \p Indices of \p T select. A
  /// leaf's own part is left in \p Rest.
  void select(Type *T, ArrayRef<unsigned> Indices, unsigned &First, unsigned &Count,
              SmallVectorImpl<unsigned> &Rest);

  ArrayRef<Value *> leaves(Value *V);
  void set(Instruction &I, Values V);
  Value *extract(IRBuilderBase &B, Value *V, const Leaf &L);
  Value *rebuild(IRBuilderBase &B, Type *T, ArrayRef<Value *> Leaves);
  void takeApart(Value &V, IRBuilderBase &B);

  void visit(Instruction &I);
  void splitLoad(LoadInst &I);
  void splitStore(StoreInst &I);
  void splitVectorOperation(Instruction &I);
  void splitVector(Instruction &I);
  void splitMasked(IntrinsicInst &I);
  void splitResult(CallBase &I);
  void rebuildOperands(Instruction &I);
  void finishPhis();

  Refusals &E;
  Function &F;
  const References &R;
  const DataLayout &DL;
  DenseMap<Type *, std::vector<Leaf>> Leaves;
  DenseMap<Value *, Values> Split;
  SmallVector<std::pair<PHINode *, Values>> Phis;
  SmallPtrSet<Value *, 16> Own; ///< What takes results and parameters apart.
  SmallVector<Instruction *> Dead;
};

} // namespace

void Splitter::addLeaves(Type *T, Path &At, uint64_t Offset, std::vector<Leaf> &Out) {
  if (Out.size() > kMostLeaves)
    return;
  if (!splits(T)) {
    Out.push_back({T, At, Offset});
    return;
  }
  auto *Struct = dyn_cast<StructType>(T);
  const StructLayout *Layout = Struct ? DL.getStructLayout(Struct) : nullptr;
  Type *Element = Struct           ? nullptr
                  : T->isArrayTy() ? T->getArrayElementType()
                                   : cast<VectorType>(T)->getElementType();
  const uint64_t Count = Struct           ? Struct->getNumElements()
                         : T->isArrayTy() ? T->getArrayNumElements()
                                          : cast<FixedVectorType>(T)->getNumElements();
  for (unsigned N = 0; N != Count && Out.size() <= kMostLeaves; ++N) {
    At.push_back(N);
    addLeaves(Struct ? Struct->getElementType(N) : Element, At,
              Offset + (Struct ? Layout->getElementOffset(N).getFixedValue()
                               : N * DL.getTypeAllocSize(Element).getFixedValue()),
              Out);
    At.pop_back();
  }
}

const std::vector<Leaf> &Splitter::leavesOf(Type *T) {
  auto [It, New] = Leaves.try_emplace(T);
  if (New) {
    Path At;
    std::vector<Leaf> Out;
    addLeaves(T, At, 0, Out);
    It->second = std::move(Out);
  }
  return It->second;
}

void Splitter::select(Type *T, ArrayRef<unsigned> Indices, unsigned &First, unsigned &Count,
                      SmallVectorImpl<unsigned> &Rest) {
  First = 0;
  while (!Indices.empty() && splits(T)) {
    const unsigned Index = Indices.front();
    Indices = Indices.drop_front();
    if (auto *Struct = dyn_cast<StructType>(T)) {
      for (unsigned N = 0; N != Index; ++N)
        First += unsigned(leavesOf(Struct->getElementType(N)).size());
      T = Struct->getElementType(Index);
    } else {
      T = T->isArrayTy() ? T->getArrayElementType() : cast<VectorType>(T)->getElementType();
      First += Index * unsigned(leavesOf(T).size());
    }
  }
  Count = unsigned(leavesOf(T).size());
  Rest.assign(Indices.begin(), Indices.end());
}

void Splitter::set(Instruction &I, Values V) {
  Split[&I] = std::move(V);
  Dead.push_back(&I);
}

ArrayRef<Value *> Splitter::leaves(Value *V) {
  if (auto It = Split.find(V); It != Split.end())
    return It->second;
  // A constant; instructions and arguments were visited before.
  Values Out;
  auto *C = cast<Constant>(V);
  for (const Leaf &L : leavesOf(V->getType())) {
    Constant *Part = C;
    for (unsigned Index : L.At)
      Part = Part ? Part->getAggregateElement(Index) : nullptr;
    Out.push_back(Part ? Part : Constant::getNullValue(L.T));
  }
  return Split[V] = std::move(Out);
}

Value *Splitter::extract(IRBuilderBase &B, Value *V, const Leaf &L) {
  ArrayRef<unsigned> At = L.At;
  Type *T = V->getType();
  while (!At.empty() && !T->isVectorTy()) {
    // As far as aggregates go, in one step.
    unsigned N = 0;
    for (; N != At.size() && !T->isVectorTy(); ++N)
      T = isa<StructType>(T) ? cast<StructType>(T)->getElementType(At[N])
                             : T->getArrayElementType();
    V = B.CreateExtractValue(V, At.take_front(N));
    Own.insert(V);
    At = At.drop_front(N);
  }
  if (!At.empty())
    Own.insert(V = B.CreateExtractElement(V, uint64_t(At.front())));
  return V;
}

Value *Splitter::rebuild(IRBuilderBase &B, Type *T, ArrayRef<Value *> Parts) {
  if (!splits(T))
    return Parts.front();
  Value *V = PoisonValue::get(T);
  unsigned First = 0;
  auto *Struct = dyn_cast<StructType>(T);
  const unsigned Count = Struct           ? Struct->getNumElements()
                         : T->isArrayTy() ? unsigned(T->getArrayNumElements())
                                          : cast<FixedVectorType>(T)->getNumElements();
  for (unsigned N = 0; N != Count; ++N) {
    Type *Element = Struct           ? Struct->getElementType(N)
                    : T->isArrayTy() ? T->getArrayElementType()
                                     : cast<VectorType>(T)->getElementType();
    const unsigned Has = unsigned(leavesOf(Element).size());
    Value *Part = rebuild(B, Element, Parts.slice(First, Has));
    V = T->isVectorTy() ? B.CreateInsertElement(V, Part, uint64_t(N))
                        : B.CreateInsertValue(V, Part, N);
    First += Has;
  }
  return V;
}

void Splitter::takeApart(Value &V, IRBuilderBase &B) {
  Values Out;
  for (const Leaf &L : leavesOf(V.getType()))
    Out.push_back(extract(B, &V, L));
  Split[&V] = std::move(Out);
}

void Splitter::splitLoad(LoadInst &I) {
  IRBuilder<> B(&I);
  Values Out;
  for (const Leaf &L : leavesOf(I.getType())) {
    Value *At = L.Offset ? B.CreateInBoundsPtrAdd(I.getPointerOperand(), B.getInt64(L.Offset))
                         : I.getPointerOperand();
    LoadInst *Part =
        B.CreateAlignedLoad(L.T, At, commonAlignment(I.getAlign(), L.Offset), I.isVolatile());
    if (I.hasName())
      Part->setName(I.getName() + "." + Twine(Out.size()));
    Out.push_back(Part);
  }
  set(I, std::move(Out));
}

void Splitter::splitStore(StoreInst &I) {
  IRBuilder<> B(&I);
  Type *T = I.getValueOperand()->getType();
  ArrayRef<Value *> Parts = leaves(I.getValueOperand());
  for (auto [L, Part] : zip_equal(leavesOf(T), Parts)) {
    if (isa<UndefValue>(Part) && !R.is(Part))
      continue;
    Value *At = L.Offset ? B.CreateInBoundsPtrAdd(I.getPointerOperand(), B.getInt64(L.Offset))
                         : I.getPointerOperand();
    B.CreateAlignedStore(Part, At, commonAlignment(I.getAlign(), L.Offset), I.isVolatile());
  }
  Dead.push_back(&I);
}

/// Element \p N of a vector or of a scalar that stands for all.
static Value *lane(IRBuilderBase &B, Value *V, unsigned N) {
  return V->getType()->isVectorTy() ? B.CreateExtractElement(V, uint64_t(N)) : V;
}

/// An operation on each element of vectors of references: comparisons, casts, addresses.
void Splitter::splitVectorOperation(Instruction &I) {
  auto *T = dyn_cast<FixedVectorType>(I.getType());
  IRBuilder<> B(&I);
  Values Out;
  for (unsigned N = 0; N != T->getNumElements(); ++N) {
    Instruction *One = I.clone();
    One->mutateType(T->getElementType());
    for (Use &U : One->operands())
      if (U->getType()->isVectorTy())
        U.set(splits(U->getType()) ? leaves(U)[N] : lane(B, U, N));
    Out.push_back(B.Insert(One, I.getName()));
  }
  if (splits(T))
    return set(I, std::move(Out));
  Value *All = PoisonValue::get(T);
  for (unsigned N = 0; N != T->getNumElements(); ++N)
    All = B.CreateInsertElement(All, Out[N], uint64_t(N));
  I.replaceAllUsesWith(All);
  Dead.push_back(&I);
}

/// extractelement, insertelement and shufflevector.
void Splitter::splitVector(Instruction &I) {
  IRBuilder<> B(&I);
  if (auto *Shuffle = dyn_cast<ShuffleVectorInst>(&I)) {
    Values Out, Left(leaves(Shuffle->getOperand(0))), Right(leaves(Shuffle->getOperand(1)));
    for (int From : Shuffle->getShuffleMask())
      Out.push_back(From < 0                       ? Constant::getNullValue(Left.front()->getType())
                    : unsigned(From) < Left.size() ? Left[From]
                                                   : Right[unsigned(From) - Left.size()]);
    return set(I, std::move(Out));
  }
  Values Old(leaves(I.getOperand(0)));
  const bool Extracts = isa<ExtractElementInst>(I);
  Value *Index = I.getOperand(Extracts ? 1 : 2);
  if (auto *C = dyn_cast<ConstantInt>(Index)) {
    const uint64_t N = C->getValue().getLimitedValue();
    if (Extracts) {
      I.replaceAllUsesWith(N < Old.size() ? Old[N] : Constant::getNullValue(I.getType()));
      Dead.push_back(&I);
      return;
    }
    if (N < Old.size())
      Old[N] = I.getOperand(1);
    return set(I, std::move(Old));
  }
  if (Extracts) {
    Value *V = Constant::getNullValue(I.getType());
    for (unsigned N = 0; N != Old.size(); ++N)
      V = B.CreateSelect(B.CreateICmpEQ(Index, ConstantInt::get(Index->getType(), N)), Old[N], V);
    I.replaceAllUsesWith(V);
    Dead.push_back(&I);
    return;
  }
  for (unsigned N = 0; N != Old.size(); ++N)
    Old[N] = B.CreateSelect(B.CreateICmpEQ(Index, ConstantInt::get(Index->getType(), N)),
                            I.getOperand(1), Old[N]);
  set(I, std::move(Old));
}

/// masked.load, masked.store, masked.gather and masked.scatter: an access for each element that
/// the mask, a constant, lets pass.
void Splitter::splitMasked(IntrinsicInst &I) {
  const Intrinsic::ID ID = I.getIntrinsicID();
  const bool Loads = ID == Intrinsic::masked_load || ID == Intrinsic::masked_gather;
  auto *T = cast<FixedVectorType>(Loads ? I.getType() : I.getArgOperand(0)->getType());
  Value *Pointer = I.getArgOperand(Loads ? 0 : 1);
  // Before LLVM 22 the alignment is an operand of its own, in the middle.
  Value *Mask = I.getArgOperand(I.arg_size() - (Loads ? 2 : 1));
  if (!isa<Constant>(Mask))
    return E.refuse(I, "references are loaded or stored under a mask that is known at run time "
                       "only; run cairn-slots before the vectorisers");
  IRBuilder<> B(&I);
  Type *Element = T->getElementType();
  const uint64_t Stride = DL.getTypeAllocSize(Element).getFixedValue();
  // The vector may be one of other things, at addresses that are references.
  Values Out;
  Value *Plain = Loads ? I.getArgOperand(I.arg_size() - 1) : I.getArgOperand(0);
  for (unsigned N = 0; N != T->getNumElements(); ++N)
    Out.push_back(splits(T) ? leaves(Plain)[N] : lane(B, Plain, N));
  for (unsigned N = 0; N != T->getNumElements(); ++N) {
    Constant *Bit = cast<Constant>(Mask)->getAggregateElement(N);
    if (!Bit || !Bit->isOneValue())
      continue;
    Value *At = !Pointer->getType()->isVectorTy()
                    ? B.CreateInBoundsPtrAdd(Pointer, B.getInt64(N * Stride))
                : splits(Pointer->getType()) ? leaves(Pointer)[N]
                                             : lane(B, Pointer, N);
    if (Loads)
      Out[N] = B.CreateAlignedLoad(Element, At, splits(T) ? Align(Stride) : Align(1));
    else
      B.CreateAlignedStore(Out[N], At, splits(T) ? Align(Stride) : Align(1));
  }
  if (Loads && splits(T))
    return set(I, std::move(Out));
  if (Loads) {
    Value *All = PoisonValue::get(T);
    for (unsigned N = 0; N != T->getNumElements(); ++N)
      All = B.CreateInsertElement(All, Out[N], uint64_t(N));
    I.replaceAllUsesWith(All);
  }
  Dead.push_back(&I);
}

void Splitter::splitResult(CallBase &I) {
  BasicBlock::iterator After;
  if (auto *Call = dyn_cast<InvokeInst>(&I))
    After = Call->getNormalDest()->getFirstInsertionPt();
  else if (auto *Asm = dyn_cast<CallBrInst>(&I))
    After = Asm->getDefaultDest()->getFirstInsertionPt();
  else
    After = std::next(I.getIterator());
  IRBuilder<> B(&*After);
  B.SetCurrentDebugLocation(I.getDebugLoc());
  takeApart(I, B);
}

void Splitter::rebuildOperands(Instruction &I) {
  if (auto *Call = dyn_cast<CallInst>(&I); Call && Call->isMustTailCall())
    return;
  IRBuilder<> B(&I);
  for (Use &U : I.operands())
    if (splits(U->getType()) && !isa<UndefValue>(U))
      if (auto *From = dyn_cast<Instruction>(U);
          !From || !isa<CallBase>(From) || !cast<CallBase>(From)->isMustTailCall())
        U.set(rebuild(B, U->getType(), leaves(U)));
}

void Splitter::visit(Instruction &I) {
  Type *T = I.getType();
  const bool Result = splits(T);
  const bool Operand = any_of(I.operands(), [&](const Use &U) { return splits(U->getType()); });
  if ((!Result && !Operand) || Own.contains(&I))
    return;
  if ((Result && leavesOf(T).size() > kMostLeaves))
    return E.refuse(I, "a value with more than " + Twine(kMostLeaves) +
                           " parts, references among them; keep it in memory");
  IRBuilder<> B(&I);
  if (auto *Phi = dyn_cast<PHINode>(&I)) {
    Values Out;
    for (const Leaf &L : leavesOf(T))
      Out.push_back(B.CreatePHI(L.T, Phi->getNumIncomingValues(), Phi->getName()));
    Phis.push_back({Phi, Out});
    return set(I, std::move(Out));
  }
  if (auto *Load = dyn_cast<LoadInst>(&I))
    return splitLoad(*Load);
  if (auto *Store = dyn_cast<StoreInst>(&I))
    return splitStore(*Store);
  if (auto *Insert = dyn_cast<InsertValueInst>(&I)) {
    Values Out(leaves(Insert->getAggregateOperand()));
    unsigned First, Count;
    SmallVector<unsigned, 2> Rest;
    select(T, Insert->getIndices(), First, Count, Rest);
    Value *New = Insert->getInsertedValueOperand();
    if (!Rest.empty())
      Out[First] = B.CreateInsertValue(Out[First], New, Rest);
    else if (splits(New->getType()))
      llvm::copy(leaves(New), Out.begin() + First);
    else
      Out[First] = New;
    return set(I, std::move(Out));
  }
  if (auto *Extract = dyn_cast<ExtractValueInst>(&I)) {
    ArrayRef<Value *> Old = leaves(Extract->getAggregateOperand());
    unsigned First, Count;
    SmallVector<unsigned, 2> Rest;
    select(Extract->getAggregateOperand()->getType(), Extract->getIndices(), First, Count, Rest);
    if (Result)
      return set(I, Values(Old.slice(First, Count)));
    Value *Part = Rest.empty() ? Old[First] : B.CreateExtractValue(Old[First], Rest);
    I.replaceAllUsesWith(Part);
    Dead.push_back(&I);
    return;
  }
  if (auto *Select = dyn_cast<SelectInst>(&I)) {
    Values True(leaves(Select->getTrueValue())), False(leaves(Select->getFalseValue())), Out;
    for (unsigned N = 0; N != True.size(); ++N)
      Out.push_back(B.CreateSelect(lane(B, Select->getCondition(), N), True[N], False[N]));
    return set(I, std::move(Out));
  }
  if (isa<FreezeInst>(I)) {
    Values Out;
    for (Value *V : leaves(I.getOperand(0)))
      Out.push_back(B.CreateFreeze(V));
    return set(I, std::move(Out));
  }
  if (isa<ExtractElementInst, InsertElementInst, ShuffleVectorInst>(I))
    return splitVector(I);
  if (isa<BitCastInst>(I) && Result != Operand) {
    // Between one reference and a vector of one.
    if (Result)
      return set(I, {I.getOperand(0)});
    I.replaceAllUsesWith(leaves(I.getOperand(0)).front());
    Dead.push_back(&I);
    return;
  }
  if (isa<ICmpInst, CastInst, GetElementPtrInst>(I))
    return splitVectorOperation(I);
  if (auto *Masked = dyn_cast<IntrinsicInst>(&I)) {
    switch (Masked->getIntrinsicID()) {
    case Intrinsic::masked_gather:
    case Intrinsic::masked_load:
    case Intrinsic::masked_scatter:
    case Intrinsic::masked_store:
      return splitMasked(*Masked);
    default:
      break;
    }
    return E.refuse(I, "the LLVM intrinsic '" + Masked->getCalledFunction()->getName() +
                           "' has a vector or structure with references");
  }
  if (auto *Call = dyn_cast<CallBase>(&I)) {
    rebuildOperands(I);
    if (auto *Tail = dyn_cast<CallInst>(&I); Result && !(Tail && Tail->isMustTailCall()))
      splitResult(*Call);
    return;
  }
  if (isa<ReturnInst>(I))
    return rebuildOperands(I);
  E.refuse(I, "an instruction with a structure or vector of references that has no known meaning; "
              "use scalars");
}

void Splitter::finishPhis() {
  for (auto &[Phi, Parts] : Phis)
    for (unsigned N = 0; N != Phi->getNumIncomingValues(); ++N)
      for (auto [Part, From] : zip_equal(Parts, leaves(Phi->getIncomingValue(N))))
        cast<PHINode>(Part)->addIncoming(From, Phi->getIncomingBlock(N));
}

bool Splitter::run() {
  // An edge to a block with other predecessors has no place for what follows a result.
  for (Instruction &I : make_early_inc_range(instructions(F)))
    if (auto *Call = dyn_cast<InvokeInst>(&I);
        Call && splits(I.getType()) && !Call->getNormalDest()->getSinglePredecessor())
      SplitEdge(I.getParent(), Call->getNormalDest());
  bool Changed = false;
  for (Argument &A : F.args())
    if (splits(A.getType())) {
      if (leavesOf(A.getType()).size() > kMostLeaves) {
        E.refuse(*F.getEntryBlock().getFirstNonPHIIt(), "a parameter with too many references");
        return false;
      }
      IRBuilder<> B(&*F.getEntryBlock().getFirstInsertionPt());
      takeApart(A, B);
      Changed = true;
    }
  for (BasicBlock *BB : ReversePostOrderTraversal<Function *>(&F)) {
    SmallVector<Instruction *> Work;
    for (Instruction &I : *BB)
      Work.push_back(&I);
    for (Instruction *I : Work) {
      visit(*I);
      if (E.refused())
        return true;
    }
  }
  finishPhis();
  Changed |= !Dead.empty();
  for (Instruction *I : Dead)
    I->replaceAllUsesWith(PoisonValue::get(I->getType()));
  for (Instruction *I : Dead)
    I->eraseFromParent();
  return Changed;
}

/// The constant that stands for \p C where a reference may be undefined or a cast null.
static Constant *nullFor(Constant *C, const References &R) {
  if (!R.is(C))
    return nullptr;
  if (isa<UndefValue>(C))
    return Constant::getNullValue(C->getType());
  auto *Cast = dyn_cast<ConstantExpr>(C);
  return Cast && Cast->getOpcode() == Instruction::AddrSpaceCast &&
                 Cast->getOperand(0)->isNullValue()
             ? Constant::getNullValue(C->getType())
             : nullptr;
}

bool cairn::splitIntoScalars(Refusals &Errors) {
  bool Changed = Splitter(Errors).run();
  if (Errors.refused())
    return Changed;
  for (Instruction &I : make_early_inc_range(instructions(Errors.function()))) {
    for (Use &U : I.operands())
      if (auto *C = dyn_cast<Constant>(U))
        if (Constant *Null = nullFor(C, Errors.references())) {
          U.set(Null);
          Changed = true;
        }
    if (auto *Freeze = dyn_cast<FreezeInst>(&I);
        Freeze && Errors.references().is(&I) && isa<ConstantPointerNull>(Freeze->getOperand(0))) {
      I.replaceAllUsesWith(Freeze->getOperand(0));
      I.eraseFromParent();
      Changed = true;
    }
  }
  return Changed;
}
