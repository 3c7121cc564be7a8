//===- Compiler.cpp - From IR to an object file for this process -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Modules are compiled where they are added, on the caller's thread, so that an
// error belongs to the call that caused it.
//
//===----------------------------------------------------------------------===//
#include "Compiler.h"

#include "Bind.h"
#include "Nonshared.h"
#include "cairn/lowering.h"
#include "ir/Compat.h"
#include "ir/Diagnostics.h"
#include "ir/Layout.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

#include <mutex>

using namespace llvm;
using namespace cairn;
using namespace cairn::jit;

Error cairn::jit::fault(StringRef Module, const Twine &What) {
  return createStringError(inconvertibleErrorCode(), "module '" + Module + "': " + What);
}

/// A target machine and the passes of its code generator, which cost more to set up
/// than a small module to compile; so they serve one module after another.
struct Compiler::CodeGenerator {
  std::unique_ptr<TargetMachine> Machine;
  SmallVector<char, 0> Object;
  raw_svector_ostream Out{Object};
  legacy::PassManager Passes;

  /// The machine alone keeps no trace of a module. Of the passes that is known only
  /// where neither debug information nor a collector's tables are made.
  static bool isKeptAfter(const Module &M) {
    return M.debug_compile_units().empty() &&
           none_of(M, [](const Function &F) { return F.hasGC(); });
  }
};

Compiler::Compiler(orc::JITTargetMachineBuilder Builder, unsigned OptLevel, bool StaticHeap,
                   bool Checked, bool Certify)
    : Builder(std::move(Builder)), Layout(""), OptLevel(OptLevel), StaticHeap(StaticHeap),
      Checked(Checked), Certify(Certify) {}
Compiler::~Compiler() = default;

Expected<std::unique_ptr<Compiler::CodeGenerator>> Compiler::takeCodeGenerator() {
  {
    std::lock_guard<std::mutex> Guard(Lock);
    if (!Idle.empty()) {
      auto Last = std::move(Idle.back());
      Idle.pop_back();
      return Last;
    }
  }
  auto New = std::make_unique<CodeGenerator>();
  auto Machine = orc::JITTargetMachineBuilder(Builder).createTargetMachine();
  if (!Machine)
    return Machine.takeError();
  New->Machine = std::move(*Machine);
  MCContext *Context;
  if (New->Machine->addPassesToEmitMC(New->Passes, Context, New->Out))
    return createStringError(inconvertibleErrorCode(), "the target makes no object files");
  return New;
}

Expected<std::unique_ptr<Compiler>> Compiler::create(unsigned OptLevel, bool StaticHeap,
                                                     bool Checked, bool Certify) {
  static std::once_flag Once;
  std::call_once(Once, [] {
    InitializeNativeTarget();
    InitializeNativeTargetAsmPrinter();
    InitializeNativeTargetAsmParser();
  });
  auto Builder = orc::JITTargetMachineBuilder::detectHost();
  if (!Builder)
    return Builder.takeError();
  // Code and the runtime may lie anywhere.
  Builder->setRelocationModel(Reloc::PIC_);
  Builder->setCodeModel(CodeModel::Small);
  Builder->setCodeGenOptLevel(OptLevel == 0   ? CodeGenOptLevel::None
                              : OptLevel == 1 ? CodeGenOptLevel::Less
                              : OptLevel == 2 ? CodeGenOptLevel::Default
                                              : CodeGenOptLevel::Aggressive);
  std::unique_ptr<Compiler> New(
      new Compiler(std::move(*Builder), OptLevel, StaticHeap, Checked, Certify));
  // The first module's; its machine knows the data layout.
  auto Generator = New->takeCodeGenerator();
  if (!Generator)
    return Generator.takeError();
  New->Layout = (*Generator)->Machine->createDataLayout();
  New->Idle.push_back(std::move(*Generator));
  return New;
}

Expected<orc::ThreadSafeModule> Compiler::parse(StringRef Name, MemoryBufferRef Code) {
  auto Context = std::make_unique<LLVMContext>();
  const auto *Bytes = reinterpret_cast<const unsigned char *>(Code.getBufferStart());
  if (isBitcode(Bytes, Bytes + Code.getBufferSize())) {
    auto M = parseBitcodeFile(Code, *Context);
    if (!M)
      return fault(Name, "bitcode cannot be read: " + toString(M.takeError()));
    return orc::ThreadSafeModule(std::move(*M), std::move(Context));
  }
  // The parser wants a terminating null, which the caller's buffer need not have.
  auto Copy = MemoryBuffer::getMemBufferCopy(Code.getBuffer(), Code.getBufferIdentifier());
  SMDiagnostic Problem;
  auto M = parseAssembly(*Copy, Problem, *Context);
  if (!M)
    return fault(Name, "line " + Twine(Problem.getLineNo()) + ", column " +
                           Twine(Problem.getColumnNo() + 1) + ": " + Problem.getMessage());
  return orc::ThreadSafeModule(std::move(M), std::move(Context));
}

Error Compiler::check(StringRef Name, Module &M) const {
  std::string Problem;
  raw_string_ostream OS(Problem);
  if (verifyModule(M, &OS))
    return fault(Name, "invalid IR: " + StringRef(Problem).rtrim());
  if (cairn::namesNoMachine(tripleOf(M)))
    setTriple(M, Builder.getTargetTriple());
  else if (tripleOf(M).getArch() != Builder.getTargetTriple().getArch())
    return fault(Name, "its target is '" + tripleOf(M).str() + "', this process is '" +
                           Builder.getTargetTriple().str() + "'");
  if (!M.getDataLayoutStr().empty() &&
      !cairn::layoutDisagreement(Layout, M.getDataLayout()).empty())
    return fault(Name, "its data layout is '" + M.getDataLayoutStr() + "', this process has '" +
                           Layout.getStringRepresentation() + "'");
  M.setDataLayout(Layout);
  return Error::success();
}

void Compiler::optimise(Module &M, TargetMachine &TM) const {
  LoopAnalysisManager LAM;
  FunctionAnalysisManager FAM;
  CGSCCAnalysisManager CGAM;
  ModuleAnalysisManager MAM;
  PassBuilder PB(&TM);
  cairn::LoweringOptions Lowering;
  Lowering.RequireVersion = false; // this process's runtime has the lowering's version
  Lowering.Certify = Certify;
  Lowering.RegisterStatics = false; // Images does it
  Lowering.Checked = Checked;
  // LLVM's fast selection of instructions has no atomic loads, no thread-locals and no
  // `preserve_most`; the first copy of a fast path would bring in the other one.
  Lowering.CallRuntime = true;
  registerPasses(PB, Lowering);
  PB.registerModuleAnalyses(MAM);
  PB.registerCGSCCAnalyses(CGAM);
  PB.registerFunctionAnalyses(FAM);
  PB.registerLoopAnalyses(LAM);
  PB.crossRegisterProxies(LAM, FAM, CGAM, MAM);
  const OptimizationLevel Levels[] = {OptimizationLevel::O0, OptimizationLevel::O1,
                                      OptimizationLevel::O2, OptimizationLevel::O3};
  OptimizationLevel Level = Levels[OptLevel];
  ModulePassManager MPM =
      OptLevel ? PB.buildPerModuleDefaultPipeline(Level) : PB.buildO0DefaultPipeline(Level);
  MPM.run(M, MAM);
  bindToProcess(M);
  // What an executable would have in reach may lie anywhere here: so may another module's
  // copy of a weak symbol, which is used if it was there first.
  for (GlobalValue &G : M.global_values())
    if (G.isDeclarationForLinker() || G.isWeakForLinker()) {
      G.setVisibility(GlobalValue::DefaultVisibility);
      G.setDSOLocal(false);
    }
}

Expected<Compiled> Compiler::compile(StringRef Name, Module &M) {
  if (Error E = check(Name, M))
    return std::move(E);
  auto Taken = takeCodeGenerator();
  if (!Taken)
    return Taken.takeError();
  std::unique_ptr<CodeGenerator> Generator = std::move(*Taken);
  if (StaticHeap && !M.getModuleFlag("cairn-heap")) {
    LLVMContext &C = M.getContext();
    M.addModuleFlag(Module::Override, "cairn-heap", MDString::get(C, "static"));
    M.addModuleFlag(Module::Override, "cairn-heap-symbol", MDString::get(C, kSessionHeap));
  }
  Compiled Result;
  supplyNonshared(M);
  Result.Initializer = takeInitialisers(M);
  {
    // Warnings and remarks have no reader here.
    DiagnosticCollector Errors(M.getContext(), [](const DiagnosticInfo &) { return true; });
    optimise(M, *Generator->Machine);
    if (!Errors.failed())
      Generator->Passes.run(M);
    if (Errors.failed())
      return fault(Name, Errors.errors("; "));
    Result.Object = std::make_unique<SmallVectorMemoryBuffer>(
        SmallVector<char, 0>(Generator->Object), M.getModuleIdentifier() + ".o",
        /*RequiresNullTerminator=*/false);
  }
  if (CodeGenerator::isKeptAfter(M)) {
    Generator->Object.clear();
    std::lock_guard<std::mutex> Guard(Lock);
    Idle.push_back(std::move(Generator));
  }
  return Result;
}
