//===- Calls.cpp - Calls, and built-ins in place -------------- -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

using namespace interp;

static Value hostCall(Interpreter *I, Value *CalleeAndArguments, unsigned Count, int Line) {
  return I->call(CalleeAndArguments, Count, Line);
}
static Value hostTailCall(Interpreter *I, Value *CalleeAndArguments, unsigned Count, int Line) {
  return I->tailCall(CalleeAndArguments, Count, Line);
}
static Value hostFinish(Interpreter *I) { return I->finish(); }
static void hostTooDeep(Interpreter *I, int Line) { I->fail(Line, "calls nest too deeply"); }

/// The function that the global N holds. It may change before the call, so that whoever calls
/// holds its function; but the one that runs is held by its own caller. In its place there is null
/// without a count, and \p IsSelf is true.
Operand Emitter::emitOtherGlobal(const Node &N, IR *&IsSelf) {
  IR *Found = load(Ptr, address("global." + N.Where->Name, N.Where), offsetof(Global, Current)).Ref;
  IsSelf = B.CreateICmpEQ(Found, call("cairn.ref.borrow", Ptr, Body->getArg(0)));
  BasicBlock *Here = B.GetInsertBlock(), *Held = block("held"), *Known = block("callee");
  B.CreateCondBr(IsSelf, Known, Held);
  B.SetInsertPoint(Held);
  Operand Other = load(Ref, definedGlobal(N), offsetof(Global, Current));
  Held = B.GetInsertBlock();
  B.CreateBr(Known);
  B.SetInsertPoint(Known);
  return merge({{immediate(kNil), Here}, {Other, Held}});
}

Operand Emitter::emitCall(const Node &N) {
  const Node &What = *N.Kids[0];
  const bool Fits = N.Kids.size() - 1 == F.Parameters;
  const bool IsSelf = Fits && What.K == Node::Self, MayBeSelf = Fits && What.K == Node::Global;
  IR *Same = nullptr;
  llvm::SmallVector<Operand, 8> Values{MayBeSelf ? emitOtherGlobal(What, Same) : emit(What)};
  for (const auto &Kid : llvm::drop_begin(N.Kids))
    Values.push_back(emit(*Kid));
  llvm::ArrayRef<Operand> Arguments = llvm::ArrayRef(Values).drop_front();
  if (IsSelf)
    return N.Tail ? emitSelfTailCall(Arguments), Operand{} : emitSelfCall(N, Arguments);

  llvm::SmallVector<std::pair<Operand, BasicBlock *>, 2> From;
  BasicBlock *End = block("called");
  if (MayBeSelf) {
    // Where a test finds null, there is no count to give back.
    BasicBlock *None = block("none"), *Direct = block("self"), *Other = block("other");
    B.CreateCondBr(B.CreateIsNull(Values[0].Ref), None, Other);
    B.SetInsertPoint(None);
    B.CreateCondBr(Same, Direct, Other);
    B.SetInsertPoint(Direct);
    if (N.Tail) {
      emitSelfTailCall(Arguments);
    } else {
      From.push_back({emitSelfCall(N, Arguments), B.GetInsertBlock()});
      B.CreateBr(End);
    }
    B.SetInsertPoint(Other);
  }
  auto *Count = B.getInt32(unsigned(Arguments.size()));
  auto *Line = B.getInt32(unsigned(N.Line));
  if (N.Tail) {
    IR *Made = callHost("host.tailCall", hostTailCall, HostBoth,
                        {interpreter(), array(Values), Count, Line});
    ret(hostResult(Made));
    End->eraseFromParent();
    return {};
  }
  Operand Result = hostResult(
      callHost("host.call", hostCall, HostBoth, {interpreter(), array(Values), Count, Line}));
  failIfFailed(Result);
  From.push_back({Result, B.GetInsertBlock()});
  B.CreateBr(End);
  B.SetInsertPoint(End);
  return merge(From);
}

void Emitter::emitSelfTailCall(llvm::ArrayRef<Operand> Arguments) {
  for (unsigned K = 0; K != Slots.size(); ++K)
    storeSlot(K, K < F.Parameters ? Arguments[K] : immediate(kNil));
  B.CreateBr(Start);
}

Operand Emitter::emitSelfCall(const Node &N, llvm::ArrayRef<Operand> Arguments) {
  BasicBlock *Deep = block("deep"), *Fine = block("fine");
  // Where the frame lies; its address itself would need a register of its own.
  IR *Frame = Array;
  IR *Limit = B.CreateLoad(Ptr, address("stack.limit", I.stackLimit()));
  branch(B.CreateICmpUGE(Frame, Limit), Fine, Deep);
  B.SetInsertPoint(Deep);
  callHost("host.tooDeep", hostTooDeep, B.getVoidTy(),
           {interpreter(), B.getInt32(unsigned(N.Line))});
  B.CreateBr(Failed);
  B.SetInsertPoint(Fine);

  std::vector<IR *> Flat = {Body->getArg(0)};
  for (const Operand &V : Arguments)
    Flat.insert(Flat.end(), {V.Ref, V.Bits});
  auto *Call = B.CreateCall(Body, Flat);
  Call->setCallingConv(Body->getCallingConv());
  Operand Result = result(Call);
  if (!EndsByCalls) {
    failIfFailed(Result);
    return Result;
  }
  // Failed and TailCall differ in one bit: most results are neither, by one test.
  static_assert((kFailed ^ kTailCall) == 2 && kTailCall & 2);
  BasicBlock *Returned = B.GetInsertBlock(), *Pending = block("pending"), *Done = block("done"),
             *Special = block("special");
  branch(B.CreateNot(bits(B.CreateOr(Result.Bits, 2), kTailCall)), Done, Special);
  B.SetInsertPoint(Special);
  B.CreateCondBr(bits(Result.Bits, kTailCall), Pending, Failed);
  B.SetInsertPoint(Pending);
  Operand Finished = hostResult(callHost("host.finish", hostFinish, HostBoth, {interpreter()}));
  failIfFailed(Finished);
  BasicBlock *After = B.GetInsertBlock();
  B.CreateBr(Done);
  B.SetInsertPoint(Done);
  return merge({{Result, Returned}, {Finished, After}});
}

//===----------------------------------------------------------------------===//
// Built-ins
//===----------------------------------------------------------------------===//

Operand Emitter::emitBuiltin(const Node &N) {
  llvm::SmallVector<Operand, 4> V;
  for (const auto &Kid : N.Kids)
    V.push_back(emit(*Kid));

  BasicBlock *Slow = block("slow");
  Operand Fast;
  switch (N.Op->Inline) {
  case Op::None:
    B.CreateBr(Slow);
    break;
  case Op::Cons:
    Fast = {allocate(PairType, "PairType", kPair), B.getInt64(0)};
    store(V[0], Fast.Ref, offsetof(Pair, Head));
    store(V[1], Fast.Ref, offsetof(Pair, Tail));
    break;
  case Op::Head:
    Fast = emitField(V[0], offsetof(Pair, Head), Slow);
    break;
  case Op::Tail:
    Fast = emitField(V[0], offsetof(Pair, Tail), Slow);
    break;
  case Op::IsNil:
    Fast = truth(B.CreateAnd(B.CreateIsNull(V[0].Ref), bits(V[0].Bits, kNil)));
    break;
  case Op::Not:
    Fast = truth(bits(V[0].Bits, kFalse));
    break;
  default:
    Fast = emitArithmetic(N, V[0], V[1], Slow);
    break;
  }
  if (N.Op->failsElsewhere()) {
    BasicBlock *On = B.GetInsertBlock();
    B.SetInsertPoint(Slow);
    llvm::SmallVector<IR *, 8> Flat = {B.getInt32(unsigned(N.Line))};
    for (const Operand &Each : V)
      Flat.append({Each.Ref, Each.Bits});
    auto *Call = B.CreateCall(failing(N), Flat);
    Call->setCallingConv(llvm::CallingConv::Fast);
    Call->setTailCall();
    ret({null(), Call});
    B.SetInsertPoint(On);
    return Fast;
  }
  BasicBlock *End = block("end");
  llvm::SmallVector<std::pair<Operand, BasicBlock *>, 2> From;
  if (Fast) {
    From.push_back({Fast, B.GetInsertBlock()});
    B.CreateBr(End);
  }
  B.SetInsertPoint(Slow);
  if (llvm::pred_empty(Slow)) {
    B.CreateUnreachable();
  } else {
    // It borrows its arguments, by pointers in an array that the passes do not follow: they
    // are given to the array and taken back after the call.
    IR *Given = array(V);
    llvm::SmallVector<IR *, 4> Lent;
    for (size_t K = 0; K != V.size(); ++K)
      Lent.push_back(load(Ptr, Given, K * sizeof(Value)).Ref);
    Operand Result = hostResult(callHost(
        Twine("builtin.") + N.Op->Name, N.Op->Run, HostBoth,
        {interpreter(), B.getInt32(unsigned(N.Line)), Given, B.getInt32(unsigned(V.size()))}));
    for (IR *Argument : Lent)
      adopt(Argument);
    failIfFailed(Result);
    From.push_back({Result, B.GetInsertBlock()});
    B.CreateBr(End);
  }
  B.SetInsertPoint(End);
  return merge(From);
}

/// A function that has the built-in of \p N word its error, and returns the bits of Failed: as the
/// built-in does, so that LLVM does not put a constant there and leaves the call last.
llvm::Function *Emitter::failing(const Node &N) {
  llvm::Function *&Known = Failing[N.Op];
  if (Known)
    return Known;
  const unsigned Count = unsigned(N.Kids.size());
  std::vector<llvm::Type *> Types = {B.getInt32Ty()};
  for (unsigned K = 0; K != Count; ++K)
    Types.insert(Types.end(), {Ref, Word});
  Known = llvm::Function::Create(llvm::FunctionType::get(Word, Types, false),
                                 llvm::Function::InternalLinkage, Twine("fails.") + N.Op->Name, M);
  Known->setCallingConv(llvm::CallingConv::Fast);
  Known->addFnAttr(llvm::Attribute::NoInline);
  Known->addFnAttr(llvm::Attribute::Cold);
  llvm::IRBuilder<>::InsertPointGuard Guard(B);
  B.SetInsertPoint(BasicBlock::Create(M.getContext(), "", Known));
  IR *Given = B.CreateAlloca(llvm::ArrayType::get(HostBoth, Count));
  llvm::SmallVector<IR *, 2> Lent;
  for (unsigned K = 0; K != Count; ++K) {
    llvm::Argument *Its = Known->getArg(2 * K + 1);
    Its->addAttr(llvm::Attribute::get(M.getContext(), "cairn-owned"));
    Lent.push_back(release(Its));
    store({Lent.back(), Known->getArg(2 * K + 2)}, Given, K * sizeof(Value));
  }
  IR *Result = callHost(Twine("builtin.") + N.Op->Name, N.Op->Run, HostBoth,
                        {interpreter(), Known->getArg(0), Given, B.getInt32(Count)});
  for (IR *Argument : Lent)
    adopt(Argument);
  B.CreateRet(result(Result).Bits);
  return Known;
}

/// A field of a pair; what is no pair goes to Slow.
Operand Emitter::emitField(Operand Of, size_t Offset, BasicBlock *Slow) {
  BasicBlock *Object = block("object"), *IsPair = block("pair");
  branch(B.CreateIsNotNull(Of.Ref), Object, Slow);
  B.SetInsertPoint(Object);
  IR *Found = call("cairn.ref.tag", B.getInt8Ty(), Of.Ref);
  branch(B.CreateICmpEQ(Found, B.getInt8(kPair)), IsPair, Slow);
  B.SetInsertPoint(IsPair);
  return load(Ref, Of.Ref, Offset);
}

/// Of two integers: both numbers are odd. All else, and overflow, goes to Slow.
Operand Emitter::emitArithmetic(const Node &N, Operand X, Operand Y, BasicBlock *Slow) {
  BasicBlock *Integers = block("integers");
  branch(B.CreateTrunc(B.CreateAnd(X.Bits, Y.Bits), B.getInt1Ty()), Integers, Slow);
  B.SetInsertPoint(Integers);
  // An integer has no reference to give back.
  for (const Operand &V : {X, Y})
    if (!llvm::isa<llvm::Constant>(V.Ref))
      B.CreateAssumption(B.CreateIsNull(V.Ref));
  auto Checked = [&](llvm::Intrinsic::ID ID, IR *Left, IR *Right) {
    IR *Both = B.CreateBinaryIntrinsic(ID, Left, Right);
    BasicBlock *Fits = block("fits");
    branch(B.CreateNot(B.CreateExtractValue(Both, 1)), Fits, Slow);
    B.SetInsertPoint(Fits);
    return B.CreateExtractValue(Both, 0);
  };
  auto Compare = [&](llvm::CmpInst::Predicate P) { return truth(B.CreateICmp(P, X.Bits, Y.Bits)); };
  auto Number = [&](IR *Bits) { return Operand{null(), Bits}; };
  // A number n lies here as 2n + 1.
  IR *One = B.getInt64(1);
  switch (N.Op->Inline) {
  case Op::Add:
    return Number(Checked(llvm::Intrinsic::sadd_with_overflow, X.Bits, B.CreateSub(Y.Bits, One)));
  case Op::Sub:
    return Number(Checked(llvm::Intrinsic::ssub_with_overflow, X.Bits, B.CreateSub(Y.Bits, One)));
  case Op::Mul:
    return Number(B.CreateAdd(Checked(llvm::Intrinsic::smul_with_overflow, B.CreateSub(X.Bits, One),
                                      B.CreateAShr(Y.Bits, One)),
                              One));
  case Op::Div:
  case Op::Rem: {
    // Not by 0, and not by -1, which may overflow.
    BasicBlock *Divides = block("divides");
    IR *Divisor = B.CreateAShr(Y.Bits, One);
    branch(B.CreateICmpUGT(B.CreateAdd(Divisor, One), One), Divides, Slow);
    B.SetInsertPoint(Divides);
    IR *Left = B.CreateAShr(X.Bits, One);
    IR *Result =
        N.Op->Inline == Op::Div ? B.CreateSDiv(Left, Divisor) : B.CreateSRem(Left, Divisor);
    return Number(B.CreateOr(B.CreateShl(Result, One), One));
  }
  case Op::Lt:
    return Compare(llvm::CmpInst::ICMP_SLT);
  case Op::Gt:
    return Compare(llvm::CmpInst::ICMP_SGT);
  case Op::Le:
    return Compare(llvm::CmpInst::ICMP_SLE);
  case Op::Ge:
    return Compare(llvm::CmpInst::ICMP_SGE);
  case Op::Eq:
    return Compare(llvm::CmpInst::ICMP_EQ);
  default:
    __builtin_unreachable();
  }
}
