//===- PackPaths.cpp - Writes the packed form of the fast paths ---*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   cairn-pack-paths BITCODE OUTPUT
//
// A program of the build. It makes the bitcode generic, writes the form that PackedPaths.h
// describes, reads that again, and compares both as text. What the form cannot say is an
// error that names it; then PackedPaths is to learn it.
//
//===----------------------------------------------------------------------===//
#include "expand/GenericPaths.h"
#include "expand/PackedPaths.h"
#include "ir/Compat.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Metadata.h"
#include "llvm/IR/Operator.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <map>

using namespace llvm;
using namespace cairn;

[[noreturn]] static void stop(const Twine &Why) {
  errs() << "cairn-pack-paths: " << Why << '\n';
  std::exit(1);
}

template <typename T> [[noreturn]] static void cannotPack(const char *What, const T &Which) {
  errs() << "cairn-pack-paths: the packed form has no such " << What << ": " << Which << '\n';
  std::exit(1);
}

namespace {

class Packer {
public:
  explicit Packer(Module &M) : M(M) {}
  /// The whole file.
  std::string pack();

private:
  /// The bytes of one item, or of a part of it.
  class Record {
  public:
    Record &number(uint64_t N) {
      raw_string_ostream OS(Bytes);
      encodeULEB128(N, OS);
      return *this;
    }
    template <typename EnumT> Record &as(EnumT E) { return number(uint64_t(E)); }
    Record &text(StringRef Text) {
      number(Text.size());
      Bytes += Text;
      return *this;
    }
    std::string Bytes;
  };
  using Numbers = DenseMap<const Value *, unsigned>;

  /// The number of the item for \p Key, which \p Make writes if there is none yet.
  template <typename MakeT> unsigned item(const void *Key, MakeT Make);
  unsigned type(Type *T);
  unsigned attributes(AttributeList A);
  unsigned profile(const MDNode &N);
  unsigned global(const GlobalValue &G) { return Known.find(&G)->second; }

  void pack(const Function &F, Record &R);
  void pack(const GlobalVariable &V, Record &R);
  void packCommon(const GlobalValue &G, packed::Global Kind, Record &R);
  void packBody(const Function &F, Record &R);
  void pack(const Instruction &I, const Numbers &Local, Record &R);
  void packOperand(const Value &V, const Numbers &Local, Record &R);

  Module &M;
  std::map<const void *, unsigned> Known;
  std::vector<Record> Items;
};

} // namespace

template <typename MakeT> unsigned Packer::item(const void *Key, MakeT Make) {
  if (auto Found = Known.find(Key); Found != Known.end())
    return Found->second;
  Record R;
  Make(R); // which may make others
  Items.push_back(std::move(R));
  return Known[Key] = unsigned(Items.size() - 1);
}

unsigned Packer::type(Type *T) {
  return item(T, [&](Record &R) {
    auto Parts = [&](ArrayRef<Type *> Types) {
      SmallVector<unsigned> All;
      for (Type *Part : Types)
        All.push_back(type(Part));
      R.number(All.size());
      for (unsigned Part : All)
        R.number(Part);
    };
    if (T->isVoidTy())
      R.as(packed::Type::Void);
    else if (T->isIntegerTy())
      R.as(packed::Type::Integer).number(T->getIntegerBitWidth());
    else if (T->isPointerTy())
      R.as(packed::Type::Pointer).number(T->getPointerAddressSpace());
    else if (auto *A = dyn_cast<ArrayType>(T))
      R.as(packed::Type::Array).number(A->getNumElements()).number(type(A->getElementType()));
    else if (auto *S = dyn_cast<StructType>(T); S && S->hasName()) {
      R.as(packed::Type::Struct).text(S->getName()).number(S->isOpaque()).number(S->isPacked());
      Parts(S->elements());
    } else if (auto *F = dyn_cast<FunctionType>(T); F && !F->isVarArg()) {
      R.as(packed::Type::Function).number(type(F->getReturnType()));
      Parts(F->params());
    } else
      cannotPack("type", *T);
  });
}

unsigned Packer::attributes(AttributeList A) {
  return item(A.getRawPointer(), [&](Record &R) {
    unsigned Sets = 0;
    Record Each;
    for (unsigned Index : A.indexes()) {
      const AttributeSet Set = A.getAttributes(Index);
      if (!Set.hasAttributes())
        continue;
      ++Sets;
      Each.number(unsigned(Index + 1)).number(Set.getNumAttributes());
      for (Attribute One : Set) {
        if (!One.isEnumAttribute() && !One.isIntAttribute())
          cannotPack("attribute", One.getAsString());
        Each.as(One.getKindAsEnum());
        if (One.isIntAttribute())
          Each.number(One.getValueAsInt());
      }
    }
    R.number(Sets);
    R.Bytes += Each.Bytes;
  });
}

unsigned Packer::profile(const MDNode &N) {
  return item(&N, [&](Record &R) {
    R.number(N.getNumOperands());
    for (const MDOperand &O : N.operands())
      if (auto *S = dyn_cast<MDString>(O))
        R.number(0).text(S->getString());
      else if (auto *I = mdconst::dyn_extract<ConstantInt>(O))
        R.number(1).number(type(I->getType())).number(I->getZExtValue());
      else
        cannotPack("profile", N);
  });
}

void Packer::packCommon(const GlobalValue &G, packed::Global Kind, Record &R) {
  if (G.hasComdat() || G.hasSection() || !G.getPartition().empty() ||
      isa<GlobalAlias, GlobalIFunc>(G))
    cannotPack("global value", G);
  R.text(G.getName()).as(Kind).number(type(G.getValueType())).as(G.getLinkage());
  R.as(G.getVisibility()).as(G.getUnnamedAddr()).number(G.isDSOLocal());
}

void Packer::pack(const Function &F, Record &R) {
  if (F.hasGC() || F.hasPersonalityFn() || F.hasPrefixData() || F.hasPrologueData() ||
      F.getAlign() || F.hasMetadata())
    cannotPack("function", F);
  packCommon(F, F.isDeclaration() ? packed::Global::DeclaredFunction : packed::Global::Function, R);
  R.number(F.getCallingConv()).number(attributes(F.getAttributes()));
  if (!F.isDeclaration())
    packBody(F, R);
}

void Packer::pack(const GlobalVariable &V, Record &R) {
  if (V.isExternallyInitialized() || V.hasAttributes() || V.hasMetadata())
    cannotPack("variable", V);
  packCommon(V, V.isDeclaration() ? packed::Global::DeclaredVariable : packed::Global::Variable, R);
  R.number(V.isConstant()).as(V.getThreadLocalMode()).number(encode(V.getAlign()));
  if (!V.isDeclaration())
    packOperand(*V.getInitializer(), Numbers(), R);
}

void Packer::packOperand(const Value &V, const Numbers &Local, Record &R) {
  if (auto Found = Local.find(&V); Found != Local.end()) {
    R.as(packed::Value::Local).number(Found->second);
  } else if (auto *I = dyn_cast<ConstantInt>(&V); I && I->getBitWidth() <= 64) {
    R.as(packed::Value::Integer).number(type(I->getType())).number(I->getZExtValue());
  } else if (isa<ConstantPointerNull, ConstantAggregateZero>(V)) {
    R.as(packed::Value::Zero).number(type(V.getType()));
  } else if (isa<PoisonValue>(V)) {
    R.as(packed::Value::Poison).number(type(V.getType()));
  } else if (auto *G = dyn_cast<GlobalValue>(&V)) {
    R.as(packed::Value::Global).number(global(*G));
  } else if (auto *A = dyn_cast<InlineAsm>(&V);
             A && !A->isAlignStack() && !A->canThrow() && A->getDialect() == InlineAsm::AD_ATT) {
    R.as(packed::Value::Assembly).number(type(A->getFunctionType()));
    R.text(A->getAsmString()).text(A->getConstraintString()).number(A->hasSideEffects());
  } else if (auto *D = dyn_cast<ConstantDataArray>(&V)) {
    R.as(packed::Value::Parts).number(type(D->getType())).number(D->getNumElements());
    for (unsigned N = 0; N != D->getNumElements(); ++N)
      packOperand(*D->getElementAsConstant(N), Local, R);
  } else if (auto *P = dyn_cast<ConstantAggregate>(&V); P && !isa<ConstantVector>(P)) {
    R.as(packed::Value::Parts).number(type(P->getType())).number(P->getNumOperands());
    for (const Use &Part : P->operands())
      packOperand(*Part, Local, R);
  } else {
    cannotPack("operand, or one that stands behind its use", V);
  }
}

/// LLVM 19 does not have it.
template <typename CompareT> static bool hasSameSign(const CompareT &Compare) {
  if constexpr (requires { Compare.hasSameSign(); })
    return Compare.hasSameSign();
  else
    return false;
}

static unsigned flagsOf(const Instruction &I) {
  unsigned Flags = 0;
  auto Set = [&](bool Is, unsigned Flag) { Flags |= Is ? Flag : 0; };
  if (isa<OverflowingBinaryOperator, TruncInst>(I)) {
    Set(I.hasNoUnsignedWrap(), packed::kNoUnsignedWrap);
    Set(I.hasNoSignedWrap(), packed::kNoSignedWrap);
  }
  if (isa<PossiblyExactOperator>(I))
    Set(I.isExact(), packed::kExact);
  if (auto *Or = dyn_cast<PossiblyDisjointInst>(&I))
    Set(Or->isDisjoint(), packed::kDisjoint);
  if (isa<PossiblyNonNegInst>(I))
    Set(I.hasNonNeg(), packed::kNonNegative);
  if (auto *Compare = dyn_cast<ICmpInst>(&I))
    Set(hasSameSign(*Compare), packed::kSameSign);
  Set(I.isVolatile(), packed::kVolatile);
  return Flags;
}

/// The number that every context has for it.
static uint64_t scopeOf(SyncScope::ID Scope, const Instruction &I) {
  if (Scope != SyncScope::SingleThread && Scope != SyncScope::System)
    cannotPack("scope of synchronisation", I);
  return Scope;
}

void Packer::pack(const Instruction &I, const Numbers &Local, Record &R) {
  auto Operand = [&](unsigned N) { packOperand(*I.getOperand(N), Local, R); };
  auto Operands = [&] {
    for (unsigned N = 0; N != I.getNumOperands(); ++N)
      Operand(N);
  };
  if (isa<BinaryOperator, SelectInst>(I))
    return Operands();
  if (isa<CastInst>(I)) {
    R.number(type(I.getType()));
    return Operand(0);
  }
  if (auto *Compare = dyn_cast<ICmpInst>(&I)) {
    R.as(Compare->getPredicate());
    return Operands();
  }
  if (auto *GEP = dyn_cast<GetElementPtrInst>(&I)) {
    R.number(GEP->getNoWrapFlags().getRaw()).number(type(GEP->getSourceElementType()));
    Operand(0);
    R.number(GEP->getNumIndices());
    for (unsigned N = 0; N != GEP->getNumIndices(); ++N)
      Operand(N + 1);
    return;
  }
  if (auto *Load = dyn_cast<LoadInst>(&I)) {
    R.number(type(Load->getType())).number(Load->getAlign().value()).as(Load->getOrdering());
    R.number(scopeOf(Load->getSyncScopeID(), I));
    return Operand(0);
  }
  if (auto *Store = dyn_cast<StoreInst>(&I)) {
    R.number(Store->getAlign().value()).as(Store->getOrdering());
    R.number(scopeOf(Store->getSyncScopeID(), I));
    return Operands();
  }
  if (auto *Fence = dyn_cast<FenceInst>(&I)) {
    R.as(Fence->getOrdering()).number(scopeOf(Fence->getSyncScopeID(), I));
    return;
  }
  if (auto *Phi = dyn_cast<PHINode>(&I)) {
    R.number(type(Phi->getType())).number(Phi->getNumIncomingValues());
    return;
  }
  if (auto *Call = dyn_cast<CallInst>(&I); Call && !Call->hasOperandBundles()) {
    R.number(type(Call->getFunctionType())).number(Call->getCallingConv());
    R.as(Call->getTailCallKind()).number(attributes(Call->getAttributes()));
    packOperand(*Call->getCalledOperand(), Local, R);
    for (const Use &Argument : Call->args())
      packOperand(*Argument, Local, R);
    return;
  }
  if (auto *Branch = dyn_cast<BranchInst>(&I)) {
    R.number(Branch->getNumSuccessors());
    if (Branch->isConditional())
      packOperand(*Branch->getCondition(), Local, R);
    for (unsigned N = 0; N != Branch->getNumSuccessors(); ++N) // successors() begins with the last
      R.number(Local.find(Branch->getSuccessor(N))->second);
    return;
  }
  if (isa<ReturnInst>(I)) {
    R.number(I.getNumOperands());
    return Operands();
  }
  if (!isa<UnreachableInst>(I))
    cannotPack("instruction", I);
}

void Packer::packBody(const Function &F, Record &R) {
  Numbers Local; // and the blocks have numbers of their own
  for (const Argument &A : F.args())
    Local.try_emplace(&A, unsigned(Local.size()));
  unsigned Next = unsigned(Local.size()), Block = 0;
  for (const BasicBlock &B : F)
    Local[&B] = Block++;
  R.number(F.size());
  for (const BasicBlock &B : F) {
    R.number(B.size());
    for (const Instruction &I : B) {
      const MDNode *Profile = I.getMetadata(LLVMContext::MD_prof);
      R.number(I.getOpcode()).number(flagsOf(I)).number(Profile ? profile(*Profile) + 1 : 0);
      pack(I, Local, R);
      Local[&I] = Next++;
    }
  }
  for (const Instruction &I : instructions(F))
    if (auto *Phi = dyn_cast<PHINode>(&I))
      for (unsigned N = 0; N != Phi->getNumIncomingValues(); ++N) {
        packOperand(*Phi->getIncomingValue(N), Local, R);
        R.number(Local[Phi->getIncomingBlock(N)]);
      }
}

std::string Packer::pack() {
  std::vector<const GlobalValue *> Globals;
  for (const GlobalValue &G : M.global_values())
    Globals.push_back(&G);
  for (const GlobalValue *G : Globals)
    Known[G] = unsigned(Items.size()), Items.emplace_back();
  for (const GlobalValue *G : Globals) {
    Record R;
    if (auto *F = dyn_cast<Function>(G))
      pack(*F, R);
    else if (auto *V = dyn_cast<GlobalVariable>(G))
      pack(*V, R);
    else
      cannotPack("global value", *G);
    Items[global(*G)] = std::move(R);
  }
  Record Names;
  Names.text(tripleOf(M).str()).text(M.getDataLayoutStr());
  std::string File(4 * (2 + Items.size()), '\0');
  auto SetWord = [&](size_t N, size_t Word) {
    support::endian::write32le(File.data() + 4 * N, uint32_t(Word));
  };
  SetWord(0, Items.size());
  SetWord(1, Globals.size());
  File += Names.Bytes;
  for (size_t N = 0; N != Items.size(); ++N) {
    SetWord(2 + N, File.size());
    File += Items[N].Bytes;
  }
  return File;
}

/// What is read of the bitcode at most, and nothing that only a reader of text sees.
static void makeGeneric(Module &M) {
  while (!M.named_metadata_empty())
    M.eraseNamedMetadata(&*M.named_metadata_begin());
  M.setSourceFileName(M.getModuleIdentifier());
  for (Function &F : M) {
    makeSignatureGeneric(F);
    makeBodyGeneric(F);
    for (Argument &A : F.args())
      A.setName("");
    for (BasicBlock &B : F) {
      B.setName("");
      for (Instruction &I : B) {
        if (I.getDebugLoc() || I.hasDbgRecords())
          cannotPack("place in the source", I);
        I.setName("");
      }
    }
  }
}

/// The module as text, without the comments: a list of predecessors has no order.
static std::string print(const Module &M) {
  std::string Text, Code;
  raw_string_ostream(Text) << M;
  for (StringRef Rest = Text; !Rest.empty();) {
    auto [Line, After] = Rest.split('\n');
    Code += (Line.take_until([](char C) { return C == ';'; }) + "\n").str();
    Rest = After;
  }
  return Code;
}

int main(int argc, char **argv) {
  if (argc != 3)
    stop("usage: cairn-pack-paths BITCODE OUTPUT");
  auto File = MemoryBuffer::getFile(argv[1]);
  if (!File)
    stop(Twine(argv[1]) + ": " + File.getError().message());
  LLVMContext Context, Again;
  auto M = parseBitcodeFile(**File, Context);
  if (!M)
    stop(Twine(argv[1]) + ": " + toString(M.takeError()));
  makeGeneric(**M);
  const std::string Packed = Packer(**M).pack();

  PackedPaths *Paths;
  auto Read =
      PackedPaths::open(arrayRefFromStringRef(Packed), (*M)->getModuleIdentifier(), Again, Paths);
  if (Error E = Read->materializeAll())
    stop(toString(std::move(E)));
  if (print(**M) != print(*Read)) {
    errs() << print(**M) << print(*Read);
    stop(Twine(argv[1]) + ": what is read of the packed form, the second of these, differs");
  }

  std::error_code Failed;
  raw_fd_ostream Out(argv[2], Failed);
  if (!Failed) {
    Out << Packed;
    Out.close();
    Failed = Out.error();
  }
  if (Failed)
    stop(Twine(argv[2]) + ": " + Failed.message());
  return 0;
}
