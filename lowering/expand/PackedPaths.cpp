//===- PackedPaths.cpp - The fast paths in a form that is read fast --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PackPaths.cpp writes what this reads, field by field in the same order, and reads it again when
// it has written it: a build fails if a file says something else than the bitcode. So nothing
// is checked here.
//
//===----------------------------------------------------------------------===//
#include "expand/PackedPaths.h"

#include "ir/Compat.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Metadata.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Error.h"

using namespace llvm;
using namespace cairn;

/// Reads on from a place in the file.
class PackedPaths::Cursor {
public:
  explicit Cursor(const unsigned char *At) : At(At) {}

  uint64_t number() {
    uint64_t N = 0;
    for (unsigned Shift = 0;; Shift += 7) {
      const unsigned char Byte = *At++;
      N |= uint64_t(Byte & 0x7f) << Shift;
      if (!(Byte & 0x80))
        return N;
    }
  }
  template <typename EnumT> EnumT as() { return EnumT(number()); }
  unsigned small() { return unsigned(number()); }
  StringRef text() {
    const size_t Size = size_t(number());
    At += Size;
    return {reinterpret_cast<const char *>(At - Size), Size};
  }

private:
  const unsigned char *At;
};

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

uint32_t PackedPaths::word(unsigned N) const {
  return support::endian::read32le(Bytes.data() + size_t(N) * 4);
}

PackedPaths::Cursor PackedPaths::at(unsigned Item) const {
  return Cursor(Bytes.data() + word(2 + Item));
}

PackedPaths::PackedPaths(ArrayRef<unsigned char> Bytes, Module &M)
    : Bytes(Bytes), M(M), Items(word(0)), Globals(word(1)), Made(Items) {
  Cursor C(Bytes.data() + 4 * (2 + size_t(Items)));
  setTriple(M, Triple(C.text()));
  M.setDataLayout(C.text());
}

PackedPaths::~PackedPaths() = default;

std::unique_ptr<Module> PackedPaths::open(ArrayRef<unsigned char> Bytes, StringRef Name,
                                          LLVMContext &C, PackedPaths *&Paths) {
  auto M = std::make_unique<Module>(Name, C);
  Paths = new PackedPaths(Bytes, *M);
  M->setMaterializer(Paths); // and owns it
  return M;
}

/// There are some dozens.
unsigned PackedPaths::itemOf(StringRef Name) const {
  unsigned N = 0;
  while (N != Globals && at(N).text() != Name)
    ++N;
  return N;
}

bool PackedPaths::has(StringRef Name) const { return itemOf(Name) != Globals; }

GlobalValue *PackedPaths::find(StringRef Name) {
  const unsigned N = itemOf(Name);
  return N == Globals ? nullptr : global(N);
}

SmallVector<StringRef> PackedPaths::names(bool Declared) const {
  SmallVector<StringRef> Found;
  for (unsigned N = 0; N != Globals; ++N) {
    Cursor C = at(N);
    const StringRef Name = C.text();
    const auto Kind = C.as<packed::Global>();
    if ((Kind == packed::Global::DeclaredFunction || Kind == packed::Global::DeclaredVariable) ==
        Declared)
      Found.push_back(Name);
  }
  return Found;
}

Error PackedPaths::materializeModule() {
  for (unsigned N = 0; N != Globals; ++N) // in their order, before bodies ask for some
    global(N);
  for (unsigned N = 0; N != Globals; ++N)
    if (Error E = materialize(global(N)))
      return E;
  return Error::success();
}

Error PackedPaths::materializeMetadata() { return Error::success(); }

//===----------------------------------------------------------------------===//
// Items
//===----------------------------------------------------------------------===//

Type *PackedPaths::type(unsigned Item) {
  void *&Have = Made[Item];
  if (Have)
    return static_cast<Type *>(Have);
  LLVMContext &Context = M.getContext();
  Cursor C = at(Item);
  auto Types = [&](SmallVectorImpl<Type *> &To) {
    for (unsigned N = C.small(); N != 0; --N)
      To.push_back(type(C.small()));
  };
  Type *New = nullptr;
  SmallVector<Type *, 8> Parts;
  switch (C.as<packed::Type>()) {
  case packed::Type::Void:
    New = Type::getVoidTy(Context);
    break;
  case packed::Type::Integer:
    New = Type::getIntNTy(Context, C.small());
    break;
  case packed::Type::Pointer:
    New = PointerType::get(Context, C.small());
    break;
  case packed::Type::Array: {
    const uint64_t Count = C.number();
    New = ArrayType::get(type(C.small()), Count);
    break;
  }
  case packed::Type::Struct: {
    auto *S = StructType::create(Context, C.text());
    const bool IsOpaque = C.small() != 0, IsPacked = C.small() != 0;
    Types(Parts);
    if (!IsOpaque)
      S->setBody(Parts, IsPacked);
    Structs.push_back(S);
    New = S;
    break;
  }
  case packed::Type::Function: {
    Type *Result = type(C.small());
    Types(Parts);
    New = FunctionType::get(Result, Parts, false);
    break;
  }
  }
  Made[Item] = New;
  return New;
}

AttributeList PackedPaths::attributes(unsigned Item) {
  LLVMContext &Context = M.getContext();
  Cursor C = at(Item);
  SmallVector<std::pair<unsigned, AttributeSet>, 6> Sets;
  SmallVector<Attribute, 8> Some;
  for (unsigned Left = C.small(); Left != 0; --Left) {
    const unsigned Index = C.small() - 1; // a function's is ~0u
    Some.clear();
    for (unsigned N = C.small(); N != 0; --N) {
      const auto Kind = C.as<Attribute::AttrKind>();
      Some.push_back(Attribute::isIntAttrKind(Kind) ? Attribute::get(Context, Kind, C.number())
                                                    : Attribute::get(Context, Kind));
    }
    Sets.push_back({Index, AttributeSet::get(Context, Some)});
  }
  return AttributeList::get(Context, Sets);
}

MDNode *PackedPaths::profile(unsigned Item) {
  void *&Have = Made[Item];
  if (Have)
    return static_cast<MDNode *>(Have);
  Cursor C = at(Item);
  SmallVector<Metadata *, 4> Parts;
  for (unsigned N = C.small(); N != 0; --N)
    if (C.small()) {
      Type *Of = type(C.small());
      Parts.push_back(ConstantAsMetadata::get(ConstantInt::get(Of, C.number())));
    } else {
      Parts.push_back(MDString::get(M.getContext(), C.text()));
    }
  MDNode *New = MDNode::get(M.getContext(), Parts);
  Made[Item] = New;
  return New;
}

GlobalValue *PackedPaths::global(unsigned Item) {
  if (void *Have = Made[Item])
    return static_cast<GlobalValue *>(Have);
  Cursor C = at(Item);
  const StringRef Name = C.text();
  const auto Kind = C.as<packed::Global>();
  Type *Of = type(C.small());
  const auto Linkage = C.as<GlobalValue::LinkageTypes>();
  const auto Visibility = C.as<GlobalValue::VisibilityTypes>();
  const auto Unnamed = C.as<GlobalValue::UnnamedAddr>();
  const bool Local = C.small() != 0;
  GlobalValue *New;
  if (Kind == packed::Global::DeclaredFunction || Kind == packed::Global::Function) {
    auto *F = Function::Create(cast<FunctionType>(Of), Linkage, Name, M);
    F->setCallingConv(C.small());
    F->setAttributes(attributes(C.small()));
    F->setIsMaterializable(Kind == packed::Global::Function);
    New = F;
  } else {
    const bool IsConstant = C.small() != 0;
    auto *V = new GlobalVariable(M, Of, IsConstant, Linkage, nullptr, Name);
    V->setThreadLocalMode(C.as<GlobalValue::ThreadLocalMode>());
    V->setAlignment(decodeMaybeAlign(C.small()));
    New = V;
    if (Kind == packed::Global::Variable) {
      const auto First = C.as<packed::Value>();
      V->setInitializer(cast<Constant>(constant(First, C)));
    }
  }
  New->setVisibility(Visibility);
  New->setUnnamedAddr(Unnamed);
  New->setDSOLocal(Local);
  Made[Item] = New;
  return New;
}

Value *PackedPaths::constant(packed::Value Kind, Cursor &C) {
  switch (Kind) {
  case packed::Value::Local:
    break;
  case packed::Value::Integer: {
    Type *Of = type(C.small());
    return ConstantInt::get(Of, C.number());
  }
  case packed::Value::Zero:
    return Constant::getNullValue(type(C.small()));
  case packed::Value::Poison:
    return PoisonValue::get(type(C.small()));
  case packed::Value::Global:
    return global(C.small());
  case packed::Value::Parts: {
    Type *Of = type(C.small());
    SmallVector<Constant *> Parts;
    for (unsigned N = C.small(); N != 0; --N) {
      const auto Part = C.as<packed::Value>();
      Parts.push_back(cast<Constant>(constant(Part, C)));
    }
    if (auto *Array = dyn_cast<ArrayType>(Of))
      return ConstantArray::get(Array, Parts);
    return ConstantStruct::get(cast<StructType>(Of), Parts);
  }
  case packed::Value::Assembly: {
    auto *Of = cast<FunctionType>(type(C.small()));
    const StringRef Text = C.text(), Constraints = C.text();
    return InlineAsm::get(Of, Text, Constraints, /*hasSideEffects=*/C.small() != 0);
  }
  }
  llvm_unreachable("a local value is no constant");
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

/// A function's body, as it is read.
class PackedPaths::Body {
public:
  Body(PackedPaths &Paths, Cursor &C, Function &F) : Paths(Paths), C(C), F(F) {}
  void read();

private:
  Instruction *instruction(unsigned Opcode, bool IsVolatile);
  Value *value();
  Type *type() { return Paths.type(C.small()); }
  BasicBlock *block() { return Blocks[C.small()]; }

  PackedPaths &Paths;
  Cursor &C;
  Function &F;
  SmallVector<BasicBlock *, 16> Blocks;
  SmallVector<Value *, 64> Values;                     ///< The arguments, and all instructions.
  SmallVector<std::pair<PHINode *, unsigned>, 4> Phis; ///< And how many values each has.
};

Value *PackedPaths::Body::value() {
  const auto Kind = C.as<packed::Value>();
  return Kind == packed::Value::Local ? Values[C.small()] : Paths.constant(Kind, C);
}

/// LLVM 19 does not have it, and so writes none.
template <typename CompareT> static void setSameSign(CompareT &Compare) {
  if constexpr (requires { Compare.setSameSign(); })
    Compare.setSameSign();
}

static void setFlags(Instruction &I, unsigned Flags) {
  if (Flags & packed::kNoUnsignedWrap)
    I.setHasNoUnsignedWrap(true);
  if (Flags & packed::kNoSignedWrap)
    I.setHasNoSignedWrap(true);
  if (Flags & packed::kExact)
    I.setIsExact(true);
  if (Flags & packed::kDisjoint)
    cast<PossiblyDisjointInst>(I).setIsDisjoint(true);
  if (Flags & packed::kNonNegative)
    I.setNonNeg(true);
  if (Flags & packed::kSameSign)
    setSameSign(cast<ICmpInst>(I));
}

Instruction *PackedPaths::Body::instruction(unsigned Opcode, bool IsVolatile) {
  LLVMContext &Context = F.getContext();
  if (Instruction::isBinaryOp(Opcode)) {
    Value *Left = value(), *Right = value();
    return BinaryOperator::Create(Instruction::BinaryOps(Opcode), Left, Right);
  }
  if (Instruction::isCast(Opcode)) {
    Type *To = type();
    return CastInst::Create(Instruction::CastOps(Opcode), value(), To);
  }
  switch (Opcode) {
  case Instruction::ICmp: {
    const auto Predicate = C.as<CmpInst::Predicate>();
    Value *Left = value(), *Right = value();
    return CmpInst::Create(Instruction::ICmp, Predicate, Left, Right);
  }
  case Instruction::Select: {
    Value *If = value(), *Then = value(), *Else = value();
    return SelectInst::Create(If, Then, Else);
  }
  case Instruction::GetElementPtr: {
    const auto NoWrap = GEPNoWrapFlags::fromRaw(C.small());
    Type *Of = type();
    Value *Base = value();
    SmallVector<Value *, 4> Indices;
    for (unsigned N = C.small(); N != 0; --N)
      Indices.push_back(value());
    auto *New = GetElementPtrInst::Create(Of, Base, Indices);
    New->setNoWrapFlags(NoWrap);
    return New;
  }
  case Instruction::Load: {
    Type *Of = type();
    const auto Aligned = Align(C.number());
    const auto Order = C.as<AtomicOrdering>();
    const auto Scope = SyncScope::ID(C.number());
    return new LoadInst(Of, value(), "", IsVolatile, Aligned, Order, Scope);
  }
  case Instruction::Store: {
    const auto Aligned = Align(C.number());
    const auto Order = C.as<AtomicOrdering>();
    const auto Scope = SyncScope::ID(C.number());
    Value *What = value(), *To = value();
    return new StoreInst(What, To, IsVolatile, Aligned, Order, Scope);
  }
  case Instruction::Fence: {
    const auto Order = C.as<AtomicOrdering>();
    return new FenceInst(Context, Order, SyncScope::ID(C.number()));
  }
  case Instruction::PHI: {
    Type *Of = type();
    const unsigned Count = C.small();
    auto *New = PHINode::Create(Of, Count);
    Phis.push_back({New, Count});
    return New;
  }
  case Instruction::Call: {
    auto *Of = cast<FunctionType>(type());
    const auto Convention = CallingConv::ID(C.number());
    const auto Tail = C.as<CallInst::TailCallKind>();
    const AttributeList Attributes = Paths.attributes(C.small());
    Value *Callee = value();
    SmallVector<Value *, 6> Args;
    for (unsigned N = 0; N != Of->getNumParams(); ++N)
      Args.push_back(value());
    auto *New = CallInst::Create(Of, Callee, Args);
    New->setCallingConv(Convention);
    New->setTailCallKind(Tail);
    New->setAttributes(Attributes);
    return New;
  }
  case Instruction::Br: {
    if (C.small() == 1)
      return BranchInst::Create(block());
    Value *If = value();
    BasicBlock *Then = block(), *Else = block();
    return BranchInst::Create(Then, Else, If);
  }
  case Instruction::Ret:
    return ReturnInst::Create(Context, C.small() ? value() : nullptr);
  case Instruction::Unreachable:
    return new UnreachableInst(Context);
  }
  llvm_unreachable("no such instruction is packed");
}

void PackedPaths::Body::read() {
  for (Argument &A : F.args())
    Values.push_back(&A);
  for (unsigned N = C.small(); N != 0; --N)
    Blocks.push_back(BasicBlock::Create(F.getContext(), "", &F));
  for (BasicBlock *B : Blocks)
    for (unsigned N = C.small(); N != 0; --N) {
      const unsigned Opcode = C.small(), Flags = C.small(), Profile = C.small();
      Instruction *New = instruction(Opcode, (Flags & packed::kVolatile) != 0);
      setFlags(*New, Flags);
      if (Profile)
        New->setMetadata(LLVMContext::MD_prof, Paths.profile(Profile - 1));
      New->insertInto(B, B->end());
      Values.push_back(New);
    }
  // Some of their values are made behind them.
  for (auto [Phi, Count] : Phis)
    for (; Count != 0; --Count) {
      Value *In = value();
      Phi->addIncoming(In, block());
    }
}

Error PackedPaths::materialize(GlobalValue *GV) {
  auto *F = dyn_cast<Function>(GV);
  if (!F || !F->isMaterializable())
    return Error::success();
  F->setIsMaterializable(false);
  Cursor C = at(itemOf(F->getName()));
  C.text();
  for (unsigned N = 0; N != packed::kFunctionFields; ++N)
    C.number();
  Body(*this, C, *F).read();
  return Error::success();
}
