//===- Plugin.cpp - The plugin's door, and who knocks -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// opt, clang and lld call `llvmGetPassPluginInfo` and get a struct by value. An older
// LLVM's struct is shorter, so that returning ours would write past it; and whatever
// LLVM it is, its PassBuilder is not ours. So the caller is looked up first: it must be
// the very libLLVM that this plugin is linked with.
//
//===----------------------------------------------------------------------===//
#include "cairn/lowering.h"
#include "expand/CountOps.h"
#include "ir/Compat.h"
#include "ir/Intrinsics.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"

#include <cstdio>
#include <cstring>
#include <dlfcn.h>

using namespace llvm;

static cl::opt<std::string> BitcodePath("cairn-bitcode",
                                        cl::desc("Fast paths to use in place of the embedded ones"),
                                        cl::value_desc("file"), cl::Hidden);

static cl::opt<std::string>
    HeapBinding("cairn-heap", cl::desc("Heap binding of functions that say nothing of their own"),
                cl::value_desc("thread|static"), cl::Hidden);

static cl::opt<bool> StaticRuntime("cairn-static-runtime",
                                   cl::desc("The module goes into a program that links libcairn.a"),
                                   cl::Hidden);

static cl::opt<bool> Fibers("cairn-fibers",
                            cl::desc("The module's functions may go on in another thread"),
                            cl::Hidden);

static cl::opt<bool> Certify("cairn-certify",
                             cl::desc("Show that inserted counts are balanced, or say where not"),
                             cl::Hidden);

static cl::opt<bool> CountAtLink("cairn-count-at-link",
                                 cl::desc("Leave counts to a link with full LTO and this plugin"),
                                 cl::Hidden);

static cl::opt<bool> Checked("cairn-checked",
                             cl::desc("Look at all that a call is given, and name its place"),
                             cl::Hidden);

static cl::opt<bool> CallRuntime("cairn-call-runtime",
                                 cl::desc("At -O0, let functions of the library work on objects"),
                                 cl::Hidden);

static cl::opt<bool> CountOps("cairn-count-ops",
                              cl::desc("Let the program print at exit which counts it executed"),
                              cl::Hidden);

namespace {

/// For C, which cannot say it.
struct FibersPass : PassInfoMixin<FibersPass> {
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    cairn::markFibers(M);
    return PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }
};

/// The lowering may be done by a link, whose options the plugin cannot see.
struct CountOpsPass : PassInfoMixin<CountOpsPass> {
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    if (!M.getModuleFlag(cairn::kCountOps))
      M.addModuleFlag(Module::Max, cairn::kCountOps, 1);
    return PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }
};

/// So may this.
struct CheckedPass : PassInfoMixin<CheckedPass> {
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    if (!M.getModuleFlag(cairn::kCheckedHeap))
      M.addModuleFlag(Module::Max, cairn::kCheckedHeap, 1);
    return PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }
};

/// The runtime's data is in the program itself. The thread's view is at an offset that is
/// known at link time: one instruction less for each look at it.
struct StaticRuntimePass : PassInfoMixin<StaticRuntimePass> {
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    if (M.getPICLevel() != PICLevel::NotPIC && M.getPIELevel() == PIELevel::Default)
      return PreservedAnalyses::all();
    for (const char *Name : {"cairn_rt_tls", "cairn_rt_table"})
      if (GlobalVariable *Data = M.getNamedGlobal(Name))
        Data->setDSOLocal(true);
    return PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }
};

/// Binds every function without a binding as the option says; for C, which cannot
/// say it.
struct BindHeapPass : PassInfoMixin<BindHeapPass> {
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    for (Function &F : M)
      if (!F.isDeclaration() && !F.hasFnAttribute("cairn-heap"))
        F.addFnAttr("cairn-heap", HeapBinding);
    return PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }
};

} // namespace

static void registerCallbacks(PassBuilder &PB) {
  if (!HeapBinding.empty())
    PB.registerPipelineStartEPCallback(
        [](ModulePassManager &MPM, OptimizationLevel) { MPM.addPass(BindHeapPass()); });
  if (Fibers)
    PB.registerPipelineStartEPCallback(
        [](ModulePassManager &MPM, OptimizationLevel) { MPM.addPass(FibersPass()); });
  if (CountOps)
    PB.registerPipelineStartEPCallback(
        [](ModulePassManager &MPM, OptimizationLevel) { MPM.addPass(CountOpsPass()); });
  if (Checked)
    PB.registerPipelineStartEPCallback(
        [](ModulePassManager &MPM, OptimizationLevel) { MPM.addPass(CheckedPass()); });
  cairn::LoweringOptions Options;
  Options.BitcodePath = BitcodePath;
  Options.Certify = Certify;
  Options.CallRuntime = CallRuntime;
  Options.CountAtLink = CountAtLink;
  cairn::registerPasses(PB, Options);
  if (StaticRuntime) // after the lowering, which declares the view
    cairn::addAtOptimizerLast(PB, [](OptimizationLevel) { return StaticRuntimePass(); });
}

namespace cairn {

/// The struct of plugin API 2 for our own LLVM; for another one only what API 1 has,
/// with a version that every loader refuses. It must be built in place.
class PluginInfo {
public:
  explicit PluginInfo(bool Ours) {
    constexpr size_t kApi1Size = sizeof(void *) * 4;
    static_assert(sizeof(PassPluginLibraryInfo) >= kApi1Size);
    PassPluginLibraryInfo I{};
    I.APIVersion = Ours ? LLVM_PLUGIN_API_VERSION : 0;
    I.PluginName = "Cairn";
    I.PluginVersion = CAIRN_VERSION;
    I.RegisterPassBuilderCallbacks = registerCallbacks;
    std::memcpy(Bytes, &I, Ours ? sizeof(I) : kApi1Size);
  }
  PluginInfo(const PluginInfo &) = delete;

private:
  alignas(PassPluginLibraryInfo) unsigned char Bytes[sizeof(PassPluginLibraryInfo)];
};

} // namespace cairn

/// Whether \p Caller lies in the LLVM that this plugin was linked with.
static bool isOurLLVM(void *Caller) {
  Dl_info Host, LLVM;
  auto *Load = reinterpret_cast<void *>(&PassPlugin::Load);
  if (!dladdr(Caller, &Host) || !dladdr(Load, &LLVM) || Host.dli_fbase == LLVM.dli_fbase)
    return true;
  std::fprintf(stderr,
               "CairnPlugin: built for LLVM " LLVM_VERSION_STRING
               ", which is in '%s'; '%s' is another LLVM. Use the tools of LLVM %d.\n",
               LLVM.dli_fname, Host.dli_fname, LLVM_VERSION_MAJOR);
  return false;
}

__attribute__((visibility("default"))) cairn::PluginInfo
cairnPluginInfo() __asm__("llvmGetPassPluginInfo");
cairn::PluginInfo cairnPluginInfo() {
  return cairn::PluginInfo(isOurLLVM(__builtin_return_address(0)));
}
