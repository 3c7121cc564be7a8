//===- Compiler.cpp - A function to IR that works on the same objects -*- C++ -*-===//
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
// the evaluator uses takes over, and words the error.
//
// Each variable's slot is a pair of allocas that LLVM turns into registers. A failure
// releases the values under way, then all slots: those without a value are nil.
//
//===----------------------------------------------------------------------===//

#include "Compiler.h"

#include "Interpreter.h"
#include "cairn/abi.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"

using namespace interp;
using llvm::BasicBlock;
using llvm::Twine;
using IR = llvm::Value; // not a value of the language

//===----------------------------------------------------------------------===//
// What compiled code calls
//===----------------------------------------------------------------------===//

static Value hostCall(Interpreter *I, Value *CalleeAndArguments, unsigned Count, int Line) {
  return I->call(CalleeAndArguments, Count, Line);
}
static Value hostTailCall(Interpreter *I, Value *CalleeAndArguments, unsigned Count, int Line) {
  return I->tailCall(CalleeAndArguments, Count, Line);
}
static Value hostFinish(Interpreter *I) { return I->finish(); }
static void hostUndefined(Interpreter *I, const Global *G, int Line) {
  I->fail(Line, "'" + G->Name + "' is not defined");
}
static void hostTooDeep(Interpreter *I, int Line) { I->fail(Line, "calls nest too deeply"); }

namespace {

/// A value of the language in compiled code. Neither part is set where control does
/// not come: after a tail call.
struct Operand {
  IR *Ref = nullptr, *Bits = nullptr;
  bool Owned = true; ///< Else a variable owns it for as long as it is used.
  explicit operator bool() const { return Ref; }
};

class Emitter {
public:
  Emitter(interp::Compiler &C, Interpreter &I, const Function &F, llvm::Module &M)
      : C(C), I(I), F(F), M(M), B(M.getContext()) {
    Ptr = B.getPtrTy();
    Word = B.getInt64Ty();
    Both = llvm::StructType::get(Ptr, Word);
  }
  llvm::Error run(const std::string &Name);

private:
  void emitBody(const std::string &Name);
  void emitEntry(const std::string &Name);

  Operand emit(const Node &N, bool MayBorrow = false);
  Operand emitGlobal(const Node &N, bool MayBorrow);
  Operand emitSet(const Node &N);
  Operand emitIf(const Node &N);
  Operand emitWhile(const Node &N);
  Operand emitBegin(const Node &N);
  Operand emitLet(const Node &N);
  Operand emitLambda(const Node &N);
  Operand emitCall(const Node &N);
  void emitSelfTailCall(llvm::ArrayRef<Operand> Arguments);
  Operand emitSelfCall(const Node &N, llvm::ArrayRef<Operand> Arguments);
  Operand emitBuiltin(const Node &N);
  Operand emitArithmetic(const Node &N, Operand X, Operand Y, BasicBlock *Slow);
  Operand emitField(Operand Of, size_t Offset, BasicBlock *Slow);

  // Values
  llvm::Constant *null() { return llvm::ConstantPointerNull::get(Ptr); }
  Operand immediate(Constant V) { return {null(), B.getInt64(uint64_t(V))}; }
  Operand truth(IR *Condition) {
    return {null(), B.CreateSelect(Condition, B.getInt64(kTrue), B.getInt64(kFalse))};
  }
  Operand load(IR *Place, size_t Offset = 0);
  void store(Operand V, IR *Place, size_t Offset = 0);
  Operand loadSlot(unsigned Slot) {
    return {B.CreateLoad(Ptr, Slots[Slot].first), B.CreateLoad(Word, Slots[Slot].second)};
  }
  void storeSlot(unsigned Slot, Operand V) {
    B.CreateStore(V.Ref, Slots[Slot].first);
    B.CreateStore(V.Bits, Slots[Slot].second);
  }
  /// Variables from here on become nil.
  void clearSlots(unsigned First, size_t End);
  IR *array(llvm::ArrayRef<Operand> Values);
  IR *bits(IR *N, Constant V) { return B.CreateICmpEQ(N, B.getInt64(uint64_t(V))); }

  // Counts
  IR *call(llvm::StringRef Intrinsic, llvm::Type *Result, llvm::ArrayRef<IR *> Arguments);
  void incref(IR *Ref) { call("cairn.incref", B.getVoidTy(), Ref); }
  void decref(IR *Ref) { call("cairn.decref", B.getVoidTy(), Ref); }
  void release(const Operand &V) {
    if (V.Owned)
      decref(V.Ref);
  }
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
  IR *interpreter() { return address("interpreter", &I); }

  interp::Compiler &C;
  Interpreter &I;
  const Function &F;
  llvm::Module &M;
  llvm::IRBuilder<> B;
  llvm::PointerType *Ptr;
  llvm::Type *Word;
  llvm::StructType *Both;
  llvm::Function *Body = nullptr;
  std::vector<std::pair<IR *, IR *>> Slots;
  llvm::AllocaInst *Array = nullptr; ///< Where arguments are laid out for the host.
  size_t ArraySize = 0;
  BasicBlock *Start = nullptr, *Failed = nullptr;
  std::vector<Operand> Held; ///< Under way: released if something else fails.
  llvm::Error Problem = llvm::Error::success();
};

} // namespace

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

llvm::Error Emitter::run(const std::string &Name) {
  emitBody(Name);
  emitEntry(Name);
  return std::move(Problem);
}

void Emitter::emitBody(const std::string &Name) {
  std::vector<llvm::Type *> Types = {Ptr};
  for (unsigned K = 0; K != F.Parameters; ++K)
    Types.insert(Types.end(), {Ptr, Word});
  Body = llvm::Function::Create(llvm::FunctionType::get(Both, Types, false),
                                llvm::Function::InternalLinkage, Name + ".body", M);
  Body->setCallingConv(llvm::CallingConv::Fast);
  B.SetInsertPoint(BasicBlock::Create(M.getContext(), "", Body));
  Array = B.CreateAlloca(Both, nullptr, "values");
  for (const Function::Variable &V : F.Variables) {
    IR *Ref = B.CreateAlloca(Ptr, nullptr, V.Name);
    Slots.push_back({Ref, B.CreateAlloca(Word, nullptr, V.Name + ".bits")});
  }
  for (unsigned K = 0; K != Slots.size(); ++K)
    storeSlot(K, K < F.Parameters ? Operand{Body->getArg(2 * K + 1), Body->getArg(2 * K + 2)}
                                  : immediate(kNil));
  Start = block("start");
  Failed = block("failed");
  B.CreateBr(Start);
  B.SetInsertPoint(Start);
  if (Operand Result = emit(*F.Body)) {
    clearSlots(0, Slots.size());
    ret(Result);
  }
  Array->setAllocatedType(llvm::ArrayType::get(Both, ArraySize));
  B.SetInsertPoint(Failed);
  clearSlots(0, Slots.size());
  ret(immediate(kFailed));
}

void Emitter::emitEntry(const std::string &Name) {
  auto *Entry = llvm::Function::Create(llvm::FunctionType::get(Both, {Ptr, Ptr}, false),
                                       llvm::Function::ExternalLinkage, Name, M);
  B.SetInsertPoint(BasicBlock::Create(M.getContext(), "", Entry));
  std::vector<IR *> Arguments = {Entry->getArg(0)};
  for (unsigned K = 0; K != F.Parameters; ++K) {
    Operand V = load(Entry->getArg(1), K * sizeof(Value));
    Arguments.insert(Arguments.end(), {V.Ref, V.Bits});
  }
  auto *Call = B.CreateCall(Body, Arguments);
  Call->setCallingConv(Body->getCallingConv());
  B.CreateRet(Call);
}

void Emitter::clearSlots(unsigned First, size_t End) {
  for (size_t K = First; K != End; ++K) {
    decref(B.CreateLoad(Ptr, Slots[K].first));
    storeSlot(unsigned(K), immediate(kNil));
  }
}

//===----------------------------------------------------------------------===//
// Values, counts, control
//===----------------------------------------------------------------------===//

Operand Emitter::load(IR *Place, size_t Offset) {
  IR *Ref = B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Place, Offset + offsetof(Value, Ref));
  IR *Bits = B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Place, Offset + offsetof(Value, Bits));
  return {B.CreateLoad(Ptr, Ref), B.CreateLoad(Word, Bits)};
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
    store(Values[K], Array, K * sizeof(Value));
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
  llvm::ArrayRef<uint32_t> Offsets(Type.fields, Type.field_count);
  auto *Fields = Make(llvm::ConstantDataArray::get(M.getContext(), Offsets), Name + ".fields");
  auto *Init = llvm::ConstantStruct::getAnon({B.getInt32(Type.size), B.getInt16(Type.align),
                                              B.getInt16(Type.field_count), B.getInt32(Type.meta),
                                              B.getInt32(0), Fields, null(), null()});
  assert(isLaidOut(Init, M.getDataLayout()) && "other than cairn/abi.h says");
  return Make(Init, Name);
}

IR *Emitter::allocate(const cairn_type &Type, llvm::StringRef Name, Tag T) {
  return call("cairn.alloc.tagged", Ptr, {descriptor(Type, Name), B.getInt8(T)});
}

void Emitter::branch(IR *Condition, BasicBlock *Likely, BasicBlock *Unlikely) {
  B.CreateCondBr(Condition, Likely, Unlikely,
                 llvm::MDBuilder(M.getContext()).createLikelyBranchWeights());
}

void Emitter::failIf(IR *Condition) {
  BasicBlock *Fine = block("fine"), *Bad = block("bad");
  branch(B.CreateNot(Condition), Fine, Bad);
  B.SetInsertPoint(Bad);
  for (const Operand &V : Held)
    release(V);
  B.CreateBr(Failed);
  B.SetInsertPoint(Fine);
}

/// A value that comes from several blocks, which end by going to the current one.
Operand Emitter::merge(llvm::ArrayRef<std::pair<Operand, BasicBlock *>> From) {
  auto *Ref = B.CreatePHI(Ptr, unsigned(From.size()));
  auto *Bits = B.CreatePHI(Word, unsigned(From.size()));
  for (auto &[V, Block] : From) {
    Ref->addIncoming(V.Ref, Block);
    Bits->addIncoming(V.Bits, Block);
  }
  return {Ref, Bits};
}

//===----------------------------------------------------------------------===//
// The host
//===----------------------------------------------------------------------===//

IR *Emitter::address(const Twine &Name, const void *Of) {
  auto Symbol = C.symbol(Name, Of);
  if (Symbol)
    return M.getOrInsertGlobal(*Symbol, B.getInt8Ty());
  Problem = joinErrors(std::move(Problem), Symbol.takeError());
  return null();
}

template <typename Fn>
IR *Emitter::callHost(const Twine &Name, Fn *Address, llvm::Type *Result,
                      llvm::ArrayRef<IR *> Arguments) {
  std::vector<llvm::Type *> Types;
  for (IR *V : Arguments)
    Types.push_back(V->getType());
  IR *Callee = address(Name, reinterpret_cast<const void *>(Address));
  return B.CreateCall(llvm::FunctionType::get(Result, Types, false), Callee, Arguments);
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

Operand Emitter::emit(const Node &N, bool MayBorrow) {
  switch (N.K) {
  case Node::Literal: {
    if (!N.Constant.Ref)
      return immediate(Constant(N.Constant.Bits));
    Operand V = {address("literal." + Twine::utohexstr(uintptr_t(N.Constant.Ref)), N.Constant.Ref),
                 B.getInt64(0)};
    V.Owned = !MayBorrow;
    if (V.Owned)
      incref(V.Ref);
    return V;
  }
  case Node::Local: {
    Operand V = loadSlot(N.Slot);
    V.Owned = !MayBorrow || F.Variables[N.Slot].Assigned;
    if (V.Owned)
      incref(V.Ref);
    return V;
  }
  case Node::Captured: {
    IR *At =
        B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Body->getArg(0), offsetof(Closure, Captured));
    Operand V = load(B.CreateLoad(Ptr, At), N.Slot * sizeof(Value));
    V.Owned = !MayBorrow;
    if (V.Owned)
      incref(V.Ref);
    return V;
  }
  case Node::Self:
    if (!MayBorrow)
      incref(Body->getArg(0));
    return {Body->getArg(0), B.getInt64(0), !MayBorrow};
  case Node::Global:
    return emitGlobal(N, /*MayBorrow=*/false);
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

Operand Emitter::emitGlobal(const Node &N, bool MayBorrow) {
  IR *Place = address("global." + N.Where->Name, N.Where);
  Operand V = load(Place, offsetof(Global, Current));
  BasicBlock *Defined = block("defined"), *Undefined = block("undefined");
  branch(B.CreateNot(bits(V.Bits, kUndefined)), Defined, Undefined);
  B.SetInsertPoint(Undefined);
  callHost("host.undefined", hostUndefined, B.getVoidTy(),
           {interpreter(), Place, B.getInt32(unsigned(N.Line))});
  for (const Operand &H : Held)
    release(H);
  B.CreateBr(Failed);
  B.SetInsertPoint(Defined);
  V.Owned = !MayBorrow;
  if (V.Owned)
    incref(V.Ref);
  return V;
}

Operand Emitter::emitSet(const Node &N) {
  Operand V = emit(*N.Kids[0]);
  if (N.K == Node::SetLocal) {
    IR *Old = B.CreateLoad(Ptr, Slots[N.Slot].first);
    storeSlot(N.Slot, V);
    decref(Old);
    return immediate(kNil);
  }
  IR *Place = address("global." + N.Where->Name, N.Where);
  Held.push_back(V);
  Operand Old = emitGlobal(N, /*MayBorrow=*/true);
  Held.pop_back();
  store(V, Place, offsetof(Global, Current));
  decref(Old.Ref);
  return immediate(kNil);
}

Operand Emitter::emitIf(const Node &N) {
  Operand Condition = emit(*N.Kids[0], /*MayBorrow=*/true);
  IR *False = bits(Condition.Bits, kFalse);
  release(Condition);
  BasicBlock *Blocks[] = {block("then"), block("else")}, *End = block("end");
  B.CreateCondBr(False, Blocks[1], Blocks[0]);
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
  Operand Condition = emit(*N.Kids[0], /*MayBorrow=*/true);
  IR *False = bits(Condition.Bits, kFalse);
  release(Condition);
  B.CreateCondBr(False, End, Turn);
  B.SetInsertPoint(Turn);
  release(emit(*N.Kids[1]));
  B.CreateBr(Test);
  B.SetInsertPoint(End);
  return immediate(kNil);
}

Operand Emitter::emitBegin(const Node &N) {
  for (size_t K = 0; K + 1 != N.Kids.size(); ++K)
    release(emit(*N.Kids[K], /*MayBorrow=*/true));
  return emit(*N.Kids.back());
}

Operand Emitter::emitLet(const Node &N) {
  const size_t Count = N.Kids.size() - 1, Before = Held.size();
  for (size_t K = 0; K != Count; ++K)
    Held.push_back(emit(*N.Kids[K]));
  for (size_t K = 0; K != Count; ++K)
    storeSlot(N.Slot + unsigned(K), Held[Before + K]);
  Held.resize(Before);
  Operand Result = emit(*N.Kids[Count]);
  if (Result)
    clearSlots(N.Slot, N.Slot + Count);
  return Result;
}

Operand Emitter::emitLambda(const Node &N) {
  IR *Captured = null();
  if (const size_t Count = N.Code->Captures.size()) {
    Captured =
        call("cairn.alloc.array", Ptr, {descriptor(ValuesType, "ValuesType"), B.getInt64(Count)});
    call("cairn.set.tag", B.getVoidTy(), {Captured, B.getInt8(kValues)});
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

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

Operand Emitter::emitCall(const Node &N) {
  const Node &What = *N.Kids[0];
  const size_t Before = Held.size();
  const bool MayBeSelf =
      (What.K == Node::Self || What.K == Node::Global) && N.Kids.size() - 1 == F.Parameters;
  IR *IsSelf = nullptr;
  Operand Callee;
  if (MayBeSelf && What.K == Node::Self) {
    IsSelf = B.getTrue();
    Callee = emit(What, /*MayBorrow=*/true);
  } else if (MayBeSelf) {
    // This closure is held by the caller; another one has to be held here.
    Callee = emitGlobal(What, /*MayBorrow=*/true);
    IsSelf = B.CreateICmpEQ(Callee.Ref, Body->getArg(0));
    Callee = {B.CreateSelect(IsSelf, null(), Callee.Ref), Callee.Bits};
    incref(Callee.Ref);
  } else {
    Callee = emit(What);
  }
  Held.push_back(Callee);
  for (size_t K = 1; K != N.Kids.size(); ++K)
    Held.push_back(emit(*N.Kids[K]));
  std::vector<Operand> Values(Held.begin() + ptrdiff_t(Before), Held.end());
  Held.resize(Before);
  llvm::ArrayRef<Operand> Arguments = llvm::ArrayRef(Values).drop_front();

  llvm::SmallVector<std::pair<Operand, BasicBlock *>, 2> From;
  BasicBlock *End = block("called");
  if (IsSelf) {
    BasicBlock *Direct = block("self"), *Other = block("other");
    B.CreateCondBr(IsSelf, Direct, Other);
    B.SetInsertPoint(Direct);
    if (N.Tail) {
      emitSelfTailCall(Arguments);
    } else {
      From.push_back({emitSelfCall(N, Arguments), B.GetInsertBlock()});
      B.CreateBr(End);
    }
    B.SetInsertPoint(Other);
    if (What.K == Node::Self) {
      B.CreateUnreachable();
      B.SetInsertPoint(End);
      if (N.Tail)
        return End->eraseFromParent(), Operand{};
      return merge(From);
    }
  }
  auto *Count = B.getInt32(unsigned(Arguments.size()));
  auto *Line = B.getInt32(unsigned(N.Line));
  if (N.Tail) {
    IR *Made =
        callHost("host.tailCall", hostTailCall, Both, {interpreter(), array(Values), Count, Line});
    clearSlots(0, Slots.size());
    B.CreateRet(Made);
    End->eraseFromParent();
    return {};
  }
  Operand Result =
      result(callHost("host.call", hostCall, Both, {interpreter(), array(Values), Count, Line}));
  failIfFailed(Result);
  From.push_back({Result, B.GetInsertBlock()});
  B.CreateBr(End);
  B.SetInsertPoint(End);
  return merge(From);
}

void Emitter::emitSelfTailCall(llvm::ArrayRef<Operand> Arguments) {
  clearSlots(0, Slots.size());
  for (unsigned K = 0; K != F.Parameters; ++K)
    storeSlot(K, Arguments[K]);
  B.CreateBr(Start);
}

Operand Emitter::emitSelfCall(const Node &N, llvm::ArrayRef<Operand> Arguments) {
  const size_t Before = Held.size();
  Held.insert(Held.end(), Arguments.begin(), Arguments.end());
  BasicBlock *Deep = block("deep"), *Fine = block("fine");
  IR *Frame = B.CreateIntrinsic(llvm::Intrinsic::frameaddress, {Ptr}, {B.getInt32(0)});
  IR *Limit = B.CreateLoad(Ptr, address("stack.limit", I.stackLimit()));
  branch(B.CreateICmpUGE(Frame, Limit), Fine, Deep);
  B.SetInsertPoint(Deep);
  callHost("host.tooDeep", hostTooDeep, B.getVoidTy(),
           {interpreter(), B.getInt32(unsigned(N.Line))});
  for (const Operand &V : Held)
    release(V);
  B.CreateBr(Failed);
  B.SetInsertPoint(Fine);
  Held.resize(Before);

  std::vector<IR *> Flat = {Body->getArg(0)};
  for (const Operand &V : Arguments)
    Flat.insert(Flat.end(), {V.Ref, V.Bits});
  auto *Call = B.CreateCall(Body, Flat);
  Call->setCallingConv(Body->getCallingConv());
  Operand Result = result(Call);
  BasicBlock *Returned = B.GetInsertBlock(), *Pending = block("pending"), *Done = block("done");
  branch(B.CreateNot(bits(Result.Bits, kTailCall)), Done, Pending);
  B.SetInsertPoint(Pending);
  Operand Finished = result(callHost("host.finish", hostFinish, Both, {interpreter()}));
  B.CreateBr(Done);
  B.SetInsertPoint(Done);
  Result = merge({{Result, Returned}, {Finished, Pending}});
  failIfFailed(Result);
  return Result;
}

//===----------------------------------------------------------------------===//
// Built-ins
//===----------------------------------------------------------------------===//

Operand Emitter::emitBuiltin(const Node &N) {
  const size_t Before = Held.size();
  const bool MayBorrow = N.Op->Inline != Op::Cons; // whose fields own them
  for (const auto &Kid : N.Kids)
    Held.push_back(emit(*Kid, MayBorrow));
  std::vector<Operand> V(Held.begin() + ptrdiff_t(Before), Held.end());
  Held.resize(Before);

  BasicBlock *Slow = block("slow"), *End = block("end");
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
    release(V[0]);
    break;
  case Op::Not:
    Fast = truth(bits(V[0].Bits, kFalse));
    release(V[0]);
    break;
  default:
    Fast = emitArithmetic(N, V[0], V[1], Slow);
    break;
  }
  llvm::SmallVector<std::pair<Operand, BasicBlock *>, 2> From;
  if (Fast) {
    From.push_back({Fast, B.GetInsertBlock()});
    B.CreateBr(End);
  }
  B.SetInsertPoint(Slow);
  if (llvm::pred_empty(Slow)) {
    B.CreateUnreachable();
  } else {
    Operand Result = result(callHost(
        Twine("builtin.") + N.Op->Name, N.Op->Run, Both,
        {interpreter(), B.getInt32(unsigned(N.Line)), array(V), B.getInt32(unsigned(V.size()))}));
    for (const Operand &Argument : V)
      release(Argument);
    failIfFailed(Result);
    From.push_back({Result, B.GetInsertBlock()});
    B.CreateBr(End);
  }
  B.SetInsertPoint(End);
  return merge(From);
}

/// A field of a pair; what is no pair goes to Slow.
Operand Emitter::emitField(Operand Of, size_t Offset, BasicBlock *Slow) {
  BasicBlock *Object = block("object"), *IsPair = block("pair");
  branch(B.CreateIsNotNull(Of.Ref), Object, Slow);
  B.SetInsertPoint(Object);
  IR *Found = call("cairn.tag", B.getInt8Ty(), Of.Ref);
  branch(B.CreateICmpEQ(Found, B.getInt8(kPair)), IsPair, Slow);
  B.SetInsertPoint(IsPair);
  Operand V = load(Of.Ref, Offset);
  incref(V.Ref);
  release(Of);
  return V;
}

/// Of two integers: both numbers are odd. All else, and overflow, goes to Slow.
Operand Emitter::emitArithmetic(const Node &N, Operand X, Operand Y, BasicBlock *Slow) {
  BasicBlock *Integers = block("integers");
  branch(B.CreateTrunc(B.CreateAnd(X.Bits, Y.Bits), B.getInt1Ty()), Integers, Slow);
  B.SetInsertPoint(Integers);
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

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

llvm::Expected<std::string> interp::Compiler::symbol(const Twine &Name, const void *Address) {
  std::string Symbol = Name.str();
  if (Defined.insert(Symbol).second)
    if (llvm::Error E = Session.define(Symbol, Address))
      return E;
  return Symbol;
}

llvm::Expected<Entry> interp::Compiler::compile(const Function &F) {
  const std::string Name = "f" + std::to_string(F.Id);
  auto Context = std::make_unique<llvm::LLVMContext>();
  auto M = std::make_unique<llvm::Module>(F.Name, *Context);
  if (llvm::Error E = Emitter(*this, I, F, *M).run(Name))
    return E;
  if (llvm::Error E = Session.add(Name + " " + F.Name,
                                  llvm::orc::ThreadSafeModule(std::move(M), std::move(Context))))
    return E;
  auto Found = Session.lookup(Name);
  if (!Found)
    return Found.takeError();
  return reinterpret_cast<Entry>(*Found);
}
