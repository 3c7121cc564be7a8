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
// References are managed (docs/managed-references.md): nothing here counts. A value is
// released on every path, failures among them, where it is used for the last time. The
// host's functions and memory have plain pointers: what the host owns from then on is
// released to it, and what it gives is adopted.
//
// Each variable's slot is a pair of allocas that LLVM turns into registers.
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
  void emitSelfTailCall(llvm::ArrayRef<Operand> Arguments);
  Operand emitSelfCall(const Node &N, llvm::ArrayRef<Operand> Arguments);
  Operand emitBuiltin(const Node &N);
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
  std::vector<llvm::Type *> Types = {Ref};
  for (unsigned K = 0; K != F.Parameters; ++K)
    Types.insert(Types.end(), {Ref, Word});
  Body = llvm::Function::Create(llvm::FunctionType::get(Both, Types, false),
                                llvm::Function::InternalLinkage, Name + ".body", M);
  Body->setCallingConv(llvm::CallingConv::Fast);
  for (unsigned K = 0; K != F.Parameters; ++K)
    Body->getArg(2 * K + 1)->addAttr(llvm::Attribute::get(M.getContext(), "cairn-owned"));
  B.SetInsertPoint(BasicBlock::Create(M.getContext(), "", Body));
  Array = B.CreateAlloca(HostBoth, nullptr, "values");
  for (const Function::Variable &V : F.Variables) {
    IR *First = B.CreateAlloca(Ref, nullptr, V.Name);
    Slots.push_back({First, B.CreateAlloca(Word, nullptr, V.Name + ".bits")});
  }
  for (unsigned K = 0; K != Slots.size(); ++K)
    storeSlot(K, K < F.Parameters ? Operand{Body->getArg(2 * K + 1), Body->getArg(2 * K + 2)}
                                  : immediate(kNil));
  Start = block("start");
  Failed = block("failed");
  B.CreateBr(Start);
  B.SetInsertPoint(Start);
  if (Operand Result = emit(*F.Body))
    ret(Result);
  Array->setAllocatedType(llvm::ArrayType::get(HostBoth, ArraySize));
  B.SetInsertPoint(Failed);
  ret(immediate(kFailed));
}

void Emitter::emitEntry(const std::string &Name) {
  auto *Entry = llvm::Function::Create(llvm::FunctionType::get(HostBoth, {Ptr, Ptr}, false),
                                       llvm::Function::ExternalLinkage, Name, M);
  B.SetInsertPoint(BasicBlock::Create(M.getContext(), "", Entry));
  // The caller holds the closure that runs.
  std::vector<IR *> Arguments = {B.CreateAddrSpaceCast(Entry->getArg(0), Ref)};
  for (unsigned K = 0; K != F.Parameters; ++K) {
    Operand V = load(Ptr, Entry->getArg(1), K * sizeof(Value));
    Arguments.insert(Arguments.end(), {adopt(V.Ref), V.Bits});
  }
  auto *Call = B.CreateCall(Body, Arguments);
  Call->setCallingConv(Body->getCallingConv());
  Operand Result = result(Call);
  ret({release(Result.Ref), Result.Bits});
}

//===----------------------------------------------------------------------===//
// Values, objects, control
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// The host
//===----------------------------------------------------------------------===//

IR *Emitter::address(const Twine &Name, const void *Of) {
  auto Symbol = C.symbol(Name, Of);
  if (Symbol)
    return M.getOrInsertGlobal(*Symbol, B.getInt8Ty());
  Problem = joinErrors(std::move(Problem), Symbol.takeError());
  return llvm::ConstantPointerNull::get(Ptr);
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

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

Operand Emitter::emitCall(const Node &N) {
  const Node &What = *N.Kids[0];
  const bool MayBeSelf =
      (What.K == Node::Self || What.K == Node::Global) && N.Kids.size() - 1 == F.Parameters;
  llvm::SmallVector<Operand, 8> Values;
  for (const auto &Kid : N.Kids)
    Values.push_back(emit(*Kid));
  llvm::ArrayRef<Operand> Arguments = llvm::ArrayRef(Values).drop_front();
  IR *IsSelf = !MayBeSelf             ? nullptr
               : What.K == Node::Self ? B.getTrue()
                                      : B.CreateICmpEQ(Values[0].Ref, Body->getArg(0));

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
  IR *Frame = B.CreateIntrinsic(llvm::Intrinsic::frameaddress, {Ptr}, {B.getInt32(0)});
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
  BasicBlock *Returned = B.GetInsertBlock(), *Pending = block("pending"), *Done = block("done");
  branch(B.CreateNot(bits(Result.Bits, kTailCall)), Done, Pending);
  B.SetInsertPoint(Pending);
  Operand Finished = hostResult(callHost("host.finish", hostFinish, HostBoth, {interpreter()}));
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
  llvm::SmallVector<Operand, 4> V;
  for (const auto &Kid : N.Kids)
    V.push_back(emit(*Kid));

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
    break;
  case Op::Not:
    Fast = truth(bits(V[0].Bits, kFalse));
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
