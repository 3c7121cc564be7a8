//===- Emitter.h - What writes the IR of one function --------- -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function becomes two: `fN.body`, which takes each argument in two registers, and
// `fN`, which loads them from an array and is what the interpreter calls. Calls of
// itself go straight to the body, or to its start if nothing follows them; all others
// go through the interpreter. Integers, pairs and closures are handled in place, by
// Cairn's intrinsics; where a value is not what the fast path wants, the built-in that
// the evaluator uses takes over, and words the error. Where it can do nothing else, that
// is a call in tail position of a function of its own, so that the fast path has no frame
// for it, and what follows knows what the values are.
//
// References are managed (docs/managed-references.md): nothing here counts. A value is
// released on every path, failures among them, where it is used for the last time. The
// host's functions and memory have plain pointers: what the host owns from then on is
// released to it, and what it gives is adopted.
//
// Each variable's slot is a pair of allocas that LLVM turns into registers.
//
// Compiler.cpp has functions and modules, Expressions.cpp what a node becomes, Calls.cpp
// calls, and built-ins in place; Emitter.cpp has what all of them are written with.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_INTERP_EMITTER_H
#define CAIRN_INTERP_EMITTER_H

#include "Compiler.h"
#include "Interpreter.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

namespace interp {

using llvm::BasicBlock;
using llvm::Twine;
using IR = llvm::Value; // not a value of the language

/// A value of the language in compiled code. Neither part is set where control does
/// not come: after a tail call.
struct Operand {
  IR *Ref = nullptr, *Bits = nullptr;
  explicit operator bool() const { return Ref; }
};

class Emitter {
public:
  Emitter(interp::Compiler &C, Interpreter &I, const Function &F, llvm::Module &M)
      : C(C), I(I), F(F), M(M), B(M.getContext()) {
    Ptr = B.getPtrTy();
    Ref = B.getPtrTy(CAIRN_REFERENCE_SPACE);
    Word = B.getInt64Ty();
    Both = llvm::StructType::get(Ref, Word);
    HostBoth = llvm::StructType::get(Ptr, Word);
  }
  llvm::Error run(const std::string &Name);

private:
  void emitBody(const std::string &Name);
  void emitEntry(const std::string &Name);

  Operand emit(const Node &N);
  IR *definedGlobal(const Node &N);
  Operand emitGlobal(const Node &N);
  Operand emitSet(const Node &N);
  Operand emitIf(const Node &N);
  Operand emitWhile(const Node &N);
  Operand emitBegin(const Node &N);
  Operand emitLet(const Node &N);
  Operand emitLambda(const Node &N);
  Operand emitCall(const Node &N);
  Operand emitOtherGlobal(const Node &N, IR *&IsSelf);
  void emitSelfTailCall(llvm::ArrayRef<Operand> Arguments);
  Operand emitSelfCall(const Node &N, llvm::ArrayRef<Operand> Arguments);
  Operand emitBuiltin(const Node &N);
  llvm::Function *failing(const Node &N);
  Operand emitArithmetic(const Node &N, Operand X, Operand Y, BasicBlock *Slow);
  Operand emitField(Operand Of, size_t Offset, BasicBlock *Slow);

  // Values
  llvm::Constant *null() { return llvm::ConstantPointerNull::get(Ref); }
  Operand immediate(Constant V) { return {null(), B.getInt64(uint64_t(V))}; }
  Operand truth(IR *Condition) {
    return {null(), B.CreateSelect(Condition, B.getInt64(kTrue), B.getInt64(kFalse))};
  }
  /// A value in memory, whose first word is loaded as a reference or as a plain pointer.
  Operand load(llvm::Type *As, IR *Place, size_t Offset);
  void store(Operand V, IR *Place, size_t Offset);
  Operand loadSlot(unsigned Slot) {
    return {B.CreateLoad(Ref, Slots[Slot].first), B.CreateLoad(Word, Slots[Slot].second)};
  }
  void storeSlot(unsigned Slot, Operand V) {
    B.CreateStore(V.Ref, Slots[Slot].first);
    B.CreateStore(V.Bits, Slots[Slot].second);
  }
  /// The values, laid out for the host, which owns them from then on.
  IR *array(llvm::ArrayRef<Operand> Values);
  IR *bits(IR *N, Constant V) { return B.CreateICmpEQ(N, B.getInt64(uint64_t(V))); }

  // Objects
  IR *call(llvm::StringRef Intrinsic, llvm::Type *Result, llvm::ArrayRef<IR *> Arguments);
  IR *adopt(IR *Owned) { return call("cairn.ref.adopt", Ref, Owned); }
  IR *retain(IR *Borrowed) { return call("cairn.ref.retain", Ref, Borrowed); }
  IR *release(IR *V) { return call("cairn.ref.release", Ptr, V); }
  IR *allocate(const cairn_type &Type, llvm::StringRef Name, Tag T);
  llvm::GlobalVariable *descriptor(const cairn_type &Type, llvm::StringRef Name);

  // Control
  BasicBlock *block(const Twine &Name) {
    return BasicBlock::Create(M.getContext(), Name, B.GetInsertBlock()->getParent());
  }
  void branch(IR *Condition, BasicBlock *Likely, BasicBlock *Unlikely);
  void ret(Operand V) {
    IR *Parts[] = {V.Ref, V.Bits};
    B.CreateAggregateRet(Parts, 2);
  }
  void failIf(IR *Condition);
  void failIfFailed(const Operand &Result) { failIf(bits(Result.Bits, kFailed)); }
  Operand merge(llvm::ArrayRef<std::pair<Operand, BasicBlock *>> From);

  // The host
  IR *address(const Twine &Name, const void *Of);
  template <typename Fn>
  IR *callHost(const Twine &Name, Fn *Address, llvm::Type *Result, llvm::ArrayRef<IR *> Arguments);
  Operand result(IR *Pair) {
    return {B.CreateExtractValue(Pair, 0), B.CreateExtractValue(Pair, 1)};
  }
  /// What a function of the host gives.
  Operand hostResult(IR *Pair) {
    Operand V = result(Pair);
    return {adopt(V.Ref), V.Bits};
  }
  IR *interpreter() { return address("interpreter", &I); }

  interp::Compiler &C;
  Interpreter &I;
  const Function &F;
  llvm::Module &M;
  llvm::IRBuilder<> B;
  llvm::PointerType *Ptr, *Ref;
  llvm::Type *Word;
  llvm::StructType *Both, *HostBoth; ///< A value as a result, here and of the host.
  llvm::Function *Body = nullptr;
  std::vector<std::pair<IR *, IR *>> Slots;
  llvm::AllocaInst *Array = nullptr; ///< Where arguments are laid out for the host.
  size_t ArraySize = 0;
  BasicBlock *Start = nullptr, *Failed = nullptr;
  llvm::DenseMap<const Builtin *, llvm::Function *> Failing; ///< failing()
  bool EndsByCalls = false; ///< The body may return a call that is still to be made.
  llvm::Error Problem = llvm::Error::success();
};

template <typename Fn>
IR *Emitter::callHost(const Twine &Name, Fn *Address, llvm::Type *Result,
                      llvm::ArrayRef<IR *> Arguments) {
  std::vector<llvm::Type *> Types;
  for (IR *V : Arguments)
    Types.push_back(V->getType());
  IR *Callee = address(Name, reinterpret_cast<const void *>(Address));
  return B.CreateCall(llvm::FunctionType::get(Result, Types, false), Callee, Arguments);
}

} // namespace interp

#endif // CAIRN_INTERP_EMITTER_H
