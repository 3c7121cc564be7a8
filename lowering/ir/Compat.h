//===- Compat.h - What differs between LLVM versions ----------*- C++ -*--===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every `#if` on LLVM's version is in this header. It may include LLVM headers, and
// nothing of Cairn's. Invariant: the rest of lowering/ compiles unchanged against
// each LLVM that this header admits.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_COMPAT_H
#define CAIRN_LOWERING_COMPAT_H

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Analysis/InlineAdvisor.h"
#include "llvm/Analysis/TypeBasedAliasAnalysis.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/IR/Attributes.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Intrinsics.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/TargetParser/Triple.h"

#if LLVM_VERSION_MAJOR < 19
#error "Cairn needs LLVM 19 or newer"
#endif

// The plugin's interface moved in LLVM 22, and its version went from 1 to 2.
#if LLVM_VERSION_MAJOR >= 22
#include "llvm/Plugins/PassPlugin.h"
#else
#include "llvm/Passes/PassPlugin.h"
#endif

#if LLVM_VERSION_MAJOR >= 21
#include "llvm/Support/ModRef.h"
#endif

#if LLVM_VERSION_MAJOR < 22
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#endif

namespace cairn {

// Module triples are strings before LLVM 21, and objects since.
#if LLVM_VERSION_MAJOR >= 21
inline const llvm::Triple &tripleOf(const llvm::Module &M) { return M.getTargetTriple(); }
inline void setTriple(llvm::Module &M, const llvm::Triple &T) { M.setTargetTriple(T); }
#else
inline llvm::Triple tripleOf(const llvm::Module &M) { return llvm::Triple(M.getTargetTriple()); }
inline void setTriple(llvm::Module &M, const llvm::Triple &T) { M.setTargetTriple(T.str()); }
#endif

// "captures(none)" replaces "nocapture" from LLVM 21 on. LLVM 20 knows both, and still
// infers and writes the old one.
#if LLVM_VERSION_MAJOR >= 21
constexpr llvm::Attribute::AttrKind kCaptures = llvm::Attribute::Captures;
inline void addNoCapture(llvm::AttrBuilder &B) { B.addCapturesAttr(llvm::CaptureInfo::none()); }
#else
constexpr llvm::Attribute::AttrKind kCaptures = llvm::Attribute::NoCapture;
inline void addNoCapture(llvm::AttrBuilder &B) { B.addAttribute(llvm::Attribute::NoCapture); }
#endif

/// Whether \p Call promises not to keep its argument \p Arg.
#if LLVM_VERSION_MAJOR >= 21
inline bool isNotCaptured(const llvm::CallBase &Call, unsigned Arg) {
  return llvm::capturesNothing(Call.getCaptureInfo(Arg).getOtherComponents()) &&
         llvm::capturesNothing(Call.getCaptureInfo(Arg).getRetComponents());
}
#else
inline bool isNotCaptured(const llvm::CallBase &Call, unsigned Arg) {
  return Call.paramHasAttr(Arg, llvm::Attribute::NoCapture);
}
#endif

/// Whether \p Call promises to keep no pointer to what its argument \p Arg points to. It may keep
/// the address as a number, which LLVM 21 and later tell apart.
#if LLVM_VERSION_MAJOR >= 21
inline bool keepsNoPointer(const llvm::CallBase &Call, unsigned Arg) {
  const llvm::CaptureInfo Info = Call.getCaptureInfo(Arg);
  return !llvm::capturesAnyProvenance(Info.getOtherComponents()) &&
         !llvm::capturesAnyProvenance(Info.getRetComponents());
}
#else
inline bool keepsNoPointer(const llvm::CallBase &Call, unsigned Arg) {
  return Call.doesNotCapture(Arg);
}
#endif

/// Whether the parser of IR text can say where in the text each instruction stood.
#define CAIRN_HAS_TEXT_PLACES (LLVM_VERSION_MAJOR >= 22)

/// Whether \p Call is to be inlined, and at which cost. LLVM came to ask for \p Target, the
/// callee's.
template <typename CostT>
std::optional<llvm::InlineCost>
inlineAdvice(llvm::CallBase &Call, [[maybe_unused]] llvm::TargetTransformInfo &Target, CostT CostOf,
             llvm::OptimizationRemarkEmitter &Remarks) {
  if constexpr (requires { llvm::shouldInline(Call, Target, CostOf, Remarks, false); })
    return llvm::shouldInline(Call, Target, CostOf, Remarks, /*EnableDeferral=*/false);
  else
    return llvm::shouldInline(Call, CostOf, Remarks, /*EnableDeferral=*/false);
}

/// Calls \p F when what is returned goes out of scope.
template <typename Callable> [[nodiscard]] auto atScopeExit(Callable F) {
#if LLVM_VERSION_MAJOR >= 22
  return llvm::scope_exit<Callable>(std::move(F));
#else
  return llvm::make_scope_exit(std::move(F));
#endif
}

/// LLVM's intrinsic \p ID with the type \p Type, declared in \p M; null if there is none of that
/// type.
inline llvm::Function *intrinsicOfType(llvm::Module &M, llvm::Intrinsic::ID ID,
                                       llvm::FunctionType *Type) {
  llvm::SmallVector<llvm::Type *, 4> Overloads;
  if (!llvm::Intrinsic::getIntrinsicSignature(ID, Type, Overloads))
    return nullptr;
#if LLVM_VERSION_MAJOR >= 20
  return llvm::Intrinsic::getOrInsertDeclaration(&M, ID, Overloads);
#else
  return llvm::Intrinsic::getDeclaration(&M, ID, Overloads);
#endif
}

/// Whether code for WebAssembly may use memory.copy and memory.fill unless told otherwise.
constexpr bool kWasmCopiesByDefault = LLVM_VERSION_MAJOR >= 20;

/// The data layout that LLVM's back end gives a target; empty if there is no such target.
#if LLVM_VERSION_MAJOR >= 22
inline std::string dataLayoutFor(const llvm::Triple &T) { return T.computeDataLayout(); }
#else
inline std::string dataLayoutFor(const llvm::Triple &T) {
  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargets();
  llvm::InitializeAllTargetMCs();
  std::string Error;
  const llvm::Target *Found = llvm::TargetRegistry::lookupTarget(T.str(), Error);
  if (!Found)
    return {};
  std::unique_ptr<llvm::TargetMachine> Machine(
      Found->createTargetMachine(T.str(), "", "", {}, std::nullopt));
  return Machine->createDataLayout().getStringRepresentation();
}
#endif

/// An error that belongs to no function. LLVM 19 and 20 have no class of their own for it.
inline void diagnoseError(llvm::LLVMContext &C, const llvm::Twine &Message) {
#if LLVM_VERSION_MAJOR >= 21
  C.diagnose(llvm::DiagnosticInfoGeneric(Message));
#else
  C.diagnose(llvm::DiagnosticInfoInlineAsm(Message));
#endif
}

#if LLVM_VERSION_MAJOR < 20
/// Runs a pass unless the module is being prepared for a link that optimises again. Clang
/// says that in a module flag before the pipeline runs; ThinLTO's backend sees the same
/// flag, but has no start of a pipeline.
template <typename PassT> struct UnlessPreLinkPass : llvm::PassInfoMixin<UnlessPreLinkPass<PassT>> {
  UnlessPreLinkPass(PassT P, std::shared_ptr<bool> Started)
      : P(std::move(P)), Started(std::move(Started)) {}
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM) {
    if (*Started && M.getModuleFlag("EnableSplitLTOUnit"))
      return llvm::PreservedAnalyses::all();
    return P.run(M, MAM);
  }
  static bool isRequired() { return true; }

private:
  PassT P;
  std::shared_ptr<bool> Started;
};
#endif

/// Aliases by type, as metadata says. LLVM 20 began to ask whether the type sanitizer is used.
template <typename ResultT = llvm::TypeBasedAAResult> ResultT typeBasedAliases() {
  if constexpr (std::is_constructible_v<ResultT, bool>)
    return ResultT(false);
  else
    return ResultT();
}

/// Adds the pass that \p Make returns for a level where the module optimiser ends. At a
/// level that optimises it is not added where the link optimises the module again: LTO's
/// and ThinLTO's compile step. LLVM says which step it is from version 20 on.
template <typename MakeT> void addAtOptimizerLast(llvm::PassBuilder &PB, MakeT Make) {
#if LLVM_VERSION_MAJOR >= 20
  PB.registerOptimizerLastEPCallback([Make](llvm::ModulePassManager &MPM,
                                            llvm::OptimizationLevel Level,
                                            llvm::ThinOrFullLTOPhase Phase) {
    if (Level == llvm::OptimizationLevel::O0 ||
        (Phase != llvm::ThinOrFullLTOPhase::ThinLTOPreLink &&
         Phase != llvm::ThinOrFullLTOPhase::FullLTOPreLink))
      MPM.addPass(Make(Level));
  });
#else
  auto Started = std::make_shared<bool>(false);
  PB.registerPipelineStartEPCallback(
      [Started](llvm::ModulePassManager &, llvm::OptimizationLevel) { *Started = true; });
  PB.registerOptimizerLastEPCallback(
      [Make, Started](llvm::ModulePassManager &MPM, llvm::OptimizationLevel Level) {
        if (Level == llvm::OptimizationLevel::O0)
          MPM.addPass(Make(Level));
        else
          MPM.addPass(UnlessPreLinkPass(Make(Level), Started));
      });
#endif
}

} // namespace cairn

//===----------------------------------------------------------------------===//
// ORC, for the files that ask for it
//===----------------------------------------------------------------------===//

#ifdef CAIRN_COMPAT_ORC
#include "llvm/ExecutionEngine/JITLink/JITLink.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#if LLVM_VERSION_MAJOR >= 20
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/EHFrameRegistrationPlugin.h"
#endif
#if LLVM_VERSION_MAJOR >= 21
#include "llvm/ExecutionEngine/Orc/SelfExecutorProcessControl.h"
#else
#include "llvm/ExecutionEngine/Orc/ExecutorProcessControl.h"
#endif
#if LLVM_VERSION_MAJOR >= 22
#include "llvm/ExecutionEngine/Orc/Debugging/ELFDebugObjectPlugin.h"
#else
#include "llvm/ExecutionEngine/JITLink/EHFrameSupport.h"
#include "llvm/ExecutionEngine/Orc/DebugObjectManagerPlugin.h"
#include "llvm/ExecutionEngine/Orc/EPCDebugObjectRegistrar.h"
#endif

namespace cairn {

/// The name of a symbol that has one, for as long as its graph lives. LLVM 20 made names
/// entries of the session's pool.
inline llvm::StringRef symbolName(const llvm::jitlink::Symbol &S) {
#if LLVM_VERSION_MAJOR >= 20
  return *S.getName();
#else
  return S.getName();
#endif
}

using LinkPlugin = std::shared_ptr<llvm::orc::ObjectLinkingLayer::Plugin>;

/// Tells the unwinder of this process about the code that is linked.
inline llvm::Expected<LinkPlugin> unwindPlugin(llvm::orc::ExecutionSession &ES) {
#if LLVM_VERSION_MAJOR >= 21
  auto Plugin = llvm::orc::EHFrameRegistrationPlugin::Create(ES);
  if (!Plugin)
    return Plugin.takeError();
  return LinkPlugin(std::move(*Plugin));
#else
  return std::make_shared<llvm::orc::EHFrameRegistrationPlugin>(
      ES, std::make_unique<llvm::jitlink::InProcessEHFrameRegistrar>());
#endif
}

/// Tells a debugger that is attached to this process about the code that is linked.
inline llvm::Expected<LinkPlugin> debuggerPlugin(llvm::orc::ExecutionSession &ES) {
#if LLVM_VERSION_MAJOR >= 22
  llvm::Error E = llvm::Error::success();
  LinkPlugin Plugin = std::make_shared<llvm::orc::ELFDebugObjectPlugin>(
      ES, /*RequireDebugSections=*/false, /*AutoRegisterCode=*/true, E);
  if (E)
    return E;
  return Plugin;
#else
  auto Registrar = llvm::orc::createJITLoaderGDBRegistrar(ES);
  if (!Registrar)
    return Registrar.takeError();
  return std::make_shared<llvm::orc::DebugObjectManagerPlugin>(
      ES, std::move(*Registrar), /*RequireDebugSections=*/false, /*AutoRegisterCode=*/true);
#endif
}

} // namespace cairn
#endif // CAIRN_COMPAT_ORC

#endif // CAIRN_LOWERING_COMPAT_H
