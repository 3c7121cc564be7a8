//===- Emitter.cpp - Values, objects and control in IR -------- -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "cairn/abi.h"
#include "llvm/IR/MDBuilder.h"

using namespace interp;

Operand Emitter::load(llvm::Type *As, IR *Place, size_t Offset) {
  IR *First = B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Place, Offset + offsetof(Value, Ref));
  IR *Bits = B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Place, Offset + offsetof(Value, Bits));
  return {B.CreateLoad(As, First), B.CreateLoad(Word, Bits)};
}

void Emitter::store(Operand V, IR *Place, size_t Offset) {
  B.CreateStore(V.Ref,
                B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Place, Offset + offsetof(Value, Ref)));
  B.CreateStore(V.Bits,
                B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Place, Offset + offsetof(Value, Bits)));
}

IR *Emitter::array(llvm::ArrayRef<Operand> Values) {
  ArraySize = std::max(ArraySize, Values.size());
  for (size_t K = 0; K != Values.size(); ++K)
    store({release(Values[K].Ref), Values[K].Bits}, Array, K * sizeof(Value));
  return Array;
}

IR *Emitter::call(llvm::StringRef Intrinsic, llvm::Type *Result, llvm::ArrayRef<IR *> Arguments) {
  std::vector<llvm::Type *> Types;
  for (IR *V : Arguments)
    Types.push_back(V->getType());
  auto *Type = llvm::FunctionType::get(Result, Types, false);
  return B.CreateCall(M.getOrInsertFunction(Intrinsic, Type), Arguments);
}

/// Whether the members of a descriptor lie where cairn/abi.h has them.
[[maybe_unused]] static bool isLaidOut(const llvm::Constant *Init, const llvm::DataLayout &DL) {
  const cairn::TypeLayout Layout(DL.getPointerSize());
  const unsigned Offsets[] = {Layout.size,     Layout.align,  Layout.fieldCount, Layout.meta,
                              Layout.reserved, Layout.fields, Layout.finalize,   Layout.name};
  const llvm::StructLayout *Found =
      DL.getStructLayout(llvm::cast<llvm::StructType>(Init->getType()));
  for (unsigned K = 0; K != std::size(Offsets); ++K)
    if (Found->getElementOffset(K) != Offsets[K])
      return false;
  return Found->getSizeInBytes() == Layout.bytes;
}

/// A constant equal to the host's descriptor: allocations of it are inlined, and the
/// objects are the same. A descriptor without a finaliser whose fields fit the header
/// may go before its objects do.
llvm::GlobalVariable *Emitter::descriptor(const cairn_type &Type, llvm::StringRef Name) {
  if (llvm::GlobalVariable *Known = M.getNamedGlobal(Name))
    return Known;
  auto Make = [&](llvm::Constant *Init, const Twine &As) {
    return new llvm::GlobalVariable(M, Init->getType(), /*isConstant=*/true,
                                    llvm::GlobalValue::InternalLinkage, Init, As);
  };
  llvm::Constant *None = llvm::ConstantPointerNull::get(Ptr);
  llvm::ArrayRef<uint32_t> Offsets(Type.fields, Type.field_count);
  auto *Fields = Make(llvm::ConstantDataArray::get(M.getContext(), Offsets), Name + ".fields");
  auto *Init = llvm::ConstantStruct::getAnon({B.getInt32(Type.size), B.getInt16(Type.align),
                                              B.getInt16(Type.field_count), B.getInt32(Type.meta),
                                              B.getInt32(0), Fields, None, None});
  assert(isLaidOut(Init, M.getDataLayout()) && "other than cairn/abi.h says");
  return Make(Init, Name);
}

IR *Emitter::allocate(const cairn_type &Type, llvm::StringRef Name, Tag T) {
  return call("cairn.ref.alloc.tagged", Ref, {descriptor(Type, Name), B.getInt8(T)});
}

void Emitter::branch(IR *Condition, BasicBlock *Likely, BasicBlock *Unlikely) {
  B.CreateCondBr(Condition, Likely, Unlikely,
                 llvm::MDBuilder(M.getContext()).createLikelyBranchWeights());
}

void Emitter::failIf(IR *Condition) {
  BasicBlock *Fine = block("fine"), *Bad = block("bad");
  branch(B.CreateNot(Condition), Fine, Bad);
  B.SetInsertPoint(Bad);
  B.CreateBr(Failed);
  B.SetInsertPoint(Fine);
}

/// A value that comes from several blocks, which end by going to the current one.
Operand Emitter::merge(llvm::ArrayRef<std::pair<Operand, BasicBlock *>> From) {
  auto *First = B.CreatePHI(Ref, unsigned(From.size()));
  auto *Bits = B.CreatePHI(Word, unsigned(From.size()));
  for (auto &[V, Block] : From) {
    First->addIncoming(V.Ref, Block);
    Bits->addIncoming(V.Bits, Block);
  }
  return {First, Bits};
}

IR *Emitter::address(const Twine &Name, const void *Of) {
  auto Symbol = C.symbol(Name, Of);
  if (Symbol)
    return M.getOrInsertGlobal(*Symbol, B.getInt8Ty());
  Problem = joinErrors(std::move(Problem), Symbol.takeError());
  return llvm::ConstantPointerNull::get(Ptr);
}
