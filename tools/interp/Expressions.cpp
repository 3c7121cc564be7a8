//===- Expressions.cpp - What the nodes of a function become -- -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

using namespace interp;

static void hostUndefined(Interpreter *I, const Global *G, int Line) {
  I->fail(Line, "'" + G->Name + "' is not defined");
}

Operand Emitter::emit(const Node &N) {
  switch (N.K) {
  case Node::Literal:
    if (!N.Constant.Ref)
      return immediate(Constant(N.Constant.Bits));
    // The interpreter keeps a count of its own.
    return {
        retain(address("literal." + Twine::utohexstr(uintptr_t(N.Constant.Ref)), N.Constant.Ref)),
        B.getInt64(0)};
  case Node::Local:
    return loadSlot(N.Slot);
  case Node::Captured: {
    IR *At =
        B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Body->getArg(0), offsetof(Closure, Captured));
    return load(Ref, B.CreateLoad(Ref, At), N.Slot * sizeof(Value));
  }
  case Node::Self:
    return {Body->getArg(0), B.getInt64(0)};
  case Node::Global:
    return emitGlobal(N);
  case Node::SetLocal:
  case Node::SetGlobal:
  case Node::Define:
    return emitSet(N);
  case Node::If:
    return emitIf(N);
  case Node::While:
    return emitWhile(N);
  case Node::Begin:
    return emitBegin(N);
  case Node::Let:
    return emitLet(N);
  case Node::Lambda:
    return emitLambda(N);
  case Node::Call:
    return emitCall(N);
  case Node::Builtin:
    return emitBuiltin(N);
  }
  __builtin_unreachable();
}

/// Fails if the global N has no value, which its bits say.
IR *Emitter::definedGlobal(const Node &N) {
  IR *Place = address("global." + N.Where->Name, N.Where);
  IR *Bits = load(Word, Place, offsetof(Global, Current)).Bits;
  BasicBlock *Defined = block("defined"), *Undefined = block("undefined");
  branch(B.CreateNot(bits(Bits, kUndefined)), Defined, Undefined);
  B.SetInsertPoint(Undefined);
  callHost("host.undefined", hostUndefined, B.getVoidTy(),
           {interpreter(), Place, B.getInt32(unsigned(N.Line))});
  B.CreateBr(Failed);
  B.SetInsertPoint(Defined);
  return Place;
}

/// A global lies in the host's memory: its reference there is a slot.
Operand Emitter::emitGlobal(const Node &N) {
  return load(Ref, definedGlobal(N), offsetof(Global, Current));
}

Operand Emitter::emitSet(const Node &N) {
  Operand V = emit(*N.Kids[0]);
  if (N.K == Node::SetLocal)
    storeSlot(N.Slot, V);
  else
    store(V, definedGlobal(N), offsetof(Global, Current));
  return immediate(kNil);
}

Operand Emitter::emitIf(const Node &N) {
  Operand Condition = emit(*N.Kids[0]);
  BasicBlock *Blocks[] = {block("then"), block("else")}, *End = block("end");
  B.CreateCondBr(bits(Condition.Bits, kFalse), Blocks[1], Blocks[0]);
  llvm::SmallVector<std::pair<Operand, BasicBlock *>, 2> From;
  for (int K = 0; K < 2; ++K) {
    B.SetInsertPoint(Blocks[K]);
    Operand V = emit(*N.Kids[size_t(K) + 1]);
    if (!V)
      continue;
    From.push_back({V, B.GetInsertBlock()});
    B.CreateBr(End);
  }
  B.SetInsertPoint(End);
  if (!From.empty())
    return merge(From);
  End->eraseFromParent();
  return {};
}

Operand Emitter::emitWhile(const Node &N) {
  BasicBlock *Test = block("while"), *Turn = block("turn"), *End = block("end");
  B.CreateBr(Test);
  B.SetInsertPoint(Test);
  Operand Condition = emit(*N.Kids[0]);
  B.CreateCondBr(bits(Condition.Bits, kFalse), End, Turn);
  B.SetInsertPoint(Turn);
  emit(*N.Kids[1]);
  B.CreateBr(Test);
  B.SetInsertPoint(End);
  return immediate(kNil);
}

Operand Emitter::emitBegin(const Node &N) {
  for (size_t K = 0; K + 1 != N.Kids.size(); ++K)
    emit(*N.Kids[K]);
  return emit(*N.Kids.back());
}

Operand Emitter::emitLet(const Node &N) {
  const size_t Count = N.Kids.size() - 1;
  llvm::SmallVector<Operand, 8> Values;
  for (size_t K = 0; K != Count; ++K)
    Values.push_back(emit(*N.Kids[K]));
  for (size_t K = 0; K != Count; ++K)
    storeSlot(N.Slot + unsigned(K), Values[K]);
  return emit(*N.Kids[Count]);
}

Operand Emitter::emitLambda(const Node &N) {
  IR *Captured = null();
  if (const size_t Count = N.Code->Captures.size()) {
    Captured = call("cairn.ref.alloc.array", Ref,
                    {descriptor(ValuesType, "ValuesType"), B.getInt64(Count)});
    call("cairn.ref.set.tag", B.getVoidTy(), {Captured, B.getInt8(kValues)});
    for (size_t K = 0; K != Count; ++K)
      store(emit(*N.Code->Captures[K]), Captured, K * sizeof(Value));
  }
  IR *New = allocate(ClosureType, "ClosureType", kClosure);
  IR *Code = address("function." + Twine(N.Code->Id), N.Code);
  B.CreateStore(Code, B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), New, offsetof(Closure, Code)));
  B.CreateStore(Captured,
                B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), New, offsetof(Closure, Captured)));
  return {New, B.getInt64(0)};
}
