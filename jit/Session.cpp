//===- Session.cpp - Modules of a session: added, linked, called, removed -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cairn/jit.h"

#define CAIRN_COMPAT_ORC
#include "Compat.h"

#include "Compiler.h"
#include "Guard.h"
#include "Ranges.h"
#include "Symbols.h"
#include "cairn/host.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h"
#include "llvm/ExecutionEngine/Orc/Debugging/PerfSupportPlugin.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/IR/Module.h"

#include <cstdlib>
#include <mutex>

using namespace llvm;
using namespace llvm::orc;
using namespace cairn::jit;

struct Session::State {
  struct Entry {
    ResourceTrackerSP Tracker;
    std::vector<std::string> Symbols;
  };

  cairn_heap *Heap = nullptr;
  std::unique_ptr<Compiler> Compile;
  std::unique_ptr<ExecutionSession> ES;
  std::unique_ptr<ObjectLinkingLayer> Linking;
  std::shared_ptr<Ranges> Where = std::make_shared<Ranges>();
  JITDylib *Runtime = nullptr; ///< Cairn's functions, the host's, the process's.
  JITDylib *Main = nullptr;    ///< Every module.

  std::mutex Lock; ///< Of what follows.
  StringMap<Entry> Modules;
  StringMap<std::string> DefinedBy; ///< Symbol to module.
  std::vector<std::string> Reports; ///< Errors that the linker gave to nobody.

  ~State() {
    if (ES)
      if (Error E = ES->endSession())
        consumeError(std::move(E));
  }

  Error setUp(const SessionOptions &Options);
  Error claim(StringRef Name, const Module &M);
  void forget(StringRef Name);
  Error explain(StringRef Symbol, Error E);
};

static Error fault(StringRef Name, const Twine &What) {
  return createStringError(inconvertibleErrorCode(), "module '" + Name + "': " + What);
}

Error Session::State::setUp(const SessionOptions &Options) {
  if (Options.OptLevel > 3)
    return createStringError(inconvertibleErrorCode(), "no optimisation level %u, only 0 to 3",
                             Options.OptLevel);
  Heap = Options.Heap ? Options.Heap : cairn_heap_default();
  if (!Heap)
    return createStringError(inconvertibleErrorCode(), "no memory for the default heap");
  catchExhaustion(Heap);
  auto C = Compiler::create(Options.OptLevel, Options.Heap != nullptr);
  if (!C)
    return C.takeError();
  Compile = std::move(*C);

  auto EPC = SelfExecutorProcessControl::Create(nullptr, std::make_unique<InPlaceTaskDispatcher>());
  if (!EPC)
    return EPC.takeError();
  ES = std::make_unique<ExecutionSession>(std::move(*EPC));
  ES->setErrorReporter([this](Error E) {
    std::lock_guard<std::mutex> Guard(Lock);
    Reports.push_back(toString(std::move(E)));
  });
  Linking = std::make_unique<ObjectLinkingLayer>(*ES);
  Linking->addPlugin(Where);
  auto Frames = unwindPlugin(*ES);
  if (!Frames)
    return Frames.takeError();
  Linking->addPlugin(std::move(*Frames));

  Runtime = &ES->createBareJITDylib("runtime");
  Main = &ES->createBareJITDylib("main");
  Main->addToLinkOrder(*Runtime, JITDylibLookupFlags::MatchExportedSymbolsOnly);
  SymbolMap Symbols;
  auto Add = [&](const char *Name, const void *Address, JITSymbolFlags Flags) {
    Symbols[ES->intern(Name)] = {ExecutorAddr::fromPtr(Address), Flags};
  };
  for (auto &[Name, Address] : runtimeSymbols())
    Add(Name, Address, JITSymbolFlags::Exported | JITSymbolFlags::Callable);
  Add(kSessionHeap, Heap, JITSymbolFlags::Exported);
  // These are in no shared library: each program has its own.
  Add("atexit", reinterpret_cast<void *>(&atexit), JITSymbolFlags::Exported);
  Add("__dso_handle", this, JITSymbolFlags::Exported);
  if (Error E = Runtime->define(absoluteSymbols(std::move(Symbols))))
    return E;
  if (Options.ProcessSymbols) {
    auto Process = DynamicLibrarySearchGenerator::GetForCurrentProcess(
        '\0', [](const SymbolStringPtr &Name) { return !(*Name).starts_with("cairn"); });
    if (!Process)
      return Process.takeError();
    Runtime->addGenerator(std::move(*Process));
  }
  if (Options.Debugger) {
    auto Plugin = debuggerPlugin(*ES);
    if (!Plugin)
      return Plugin.takeError();
    Linking->addPlugin(std::move(*Plugin));
  }
  if (Options.Perf) {
    // Not the unwind tables: LLVM says on stderr that it writes them.
    auto Plugin = PerfSupportPlugin::Create(ES->getExecutorProcessControl(), *Runtime,
                                            /*EmitDebugInfo=*/true, /*EmitUnwindInfo=*/false);
    if (!Plugin)
      return Plugin.takeError();
    Linking->addPlugin(std::move(*Plugin));
  }
  return Error::success();
}

/// Reserves a module's name and what it defines. Under no lock.
Error Session::State::claim(StringRef Name, const Module &M) {
  std::lock_guard<std::mutex> Guard(Lock);
  if (Modules.count(Name))
    return fault(Name, "there is a module of this name");
  Entry New;
  for (const GlobalValue &G : M.global_values()) {
    if (G.isDeclarationForLinker() || G.hasLocalLinkage() || !G.hasName() || G.isWeakForLinker() ||
        G.getName().starts_with("llvm."))
      continue;
    auto It = DefinedBy.find(G.getName());
    if (It != DefinedBy.end())
      return fault(Name, "'" + G.getName() + "' is defined by module '" + It->second + "' already");
    New.Symbols.push_back(G.getName().str());
  }
  for (const std::string &Symbol : New.Symbols)
    DefinedBy[Symbol] = Name.str();
  Modules[Name] = std::move(New);
  return Error::success();
}

void Session::State::forget(StringRef Name) {
  std::lock_guard<std::mutex> Guard(Lock);
  auto It = Modules.find(Name);
  if (It == Modules.end())
    return;
  for (const std::string &Symbol : It->second.Symbols)
    DefinedBy.erase(Symbol);
  Modules.erase(It);
}

/// Names the module, the symbol asked for and what was missing.
Error Session::State::explain(StringRef Symbol, Error E) {
  std::string Text;
  bool Missing = false;
  handleAllErrors(
      std::move(E),
      [&](const SymbolsNotFound &N) {
        for (const SymbolStringPtr &Name : N.getSymbols()) {
          Missing |= *Name == Symbol;
          Text += (Text.empty() ? "unresolved symbol '" : ", '") + (*Name).str() + "'";
        }
      },
      [&](const FailedToMaterialize &) {},
      [&](const ErrorInfoBase &Info) { Text += (Text.empty() ? "" : "; ") + Info.message(); });
  std::lock_guard<std::mutex> Guard(Lock);
  for (const std::string &Report : Reports)
    Text += (Text.empty() ? "" : "; ") + Report;
  Reports.clear();
  auto It = DefinedBy.find(Symbol);
  if (It == DefinedBy.end() && Missing)
    return createStringError(inconvertibleErrorCode(), "no module defines '" + Symbol + "'");
  if (Text.empty())
    Text = "it failed to link earlier";
  if (It == DefinedBy.end())
    return createStringError(inconvertibleErrorCode(), "'" + Symbol + "': " + Text);
  return fault(It->second, "'" + Symbol + "' cannot be linked: " + Text);
}

Session::Session(std::unique_ptr<State> S) : S(std::move(S)) {}
Session::~Session() = default;

Expected<std::unique_ptr<Session>> Session::create(const SessionOptions &Options) {
  auto S = std::make_unique<State>();
  if (Error E = S->setUp(Options))
    return std::move(E);
  return std::unique_ptr<Session>(new Session(std::move(S)));
}

cairn_heap *Session::heap() const { return S->Heap; }

Error Session::add(StringRef Name, MemoryBufferRef Code) {
  auto M = Compiler::parse(Name, Code);
  return M ? add(Name, std::move(*M)) : M.takeError();
}

Error Session::add(StringRef Name, ThreadSafeModule Module) {
  if (!Module)
    return fault(Name, "it is null");
  if (Error E = Module.withModuleDo([&](llvm::Module &M) { return S->claim(Name, M); }))
    return E;
  auto Undo = [&](Error E) {
    S->forget(Name);
    return E;
  };
  auto Result = Module.withModuleDo([&](llvm::Module &M) { return S->Compile->compile(Name, M); });
  if (!Result)
    return Undo(Result.takeError());
  ResourceTrackerSP Tracker = S->Main->createResourceTracker();
  if (Error E = S->Linking->add(Tracker, std::move(Result->Object)))
    return Undo(fault(Name, toString(std::move(E))));
  {
    std::lock_guard<std::mutex> Guard(S->Lock);
    S->Modules[Name].Tracker = Tracker;
    if (!Result->Initializer.empty()) {
      S->Modules[Name].Symbols.push_back(Result->Initializer);
      S->DefinedBy[Result->Initializer] = Name.str();
    }
  }
  if (Result->Initializer.empty())
    return Error::success();
  auto Initialize = function<void()>(Result->Initializer);
  if (!Initialize) {
    Error E = Initialize.takeError();
    if (Error Removal = Tracker->remove())
      E = joinErrors(std::move(E), std::move(Removal));
    return Undo(std::move(E));
  }
  (*Initialize)();
  return Error::success();
}

Error Session::remove(StringRef Name) {
  ResourceTrackerSP Tracker;
  {
    std::lock_guard<std::mutex> Guard(S->Lock);
    auto It = S->Modules.find(Name);
    if (It == S->Modules.end() || !It->second.Tracker)
      return fault(Name, "there is no module of this name");
    Tracker = It->second.Tracker;
  }
  Ranges::List Where = S->Where->of(Tracker->getKeyUnsafe());
  std::vector<cairn_host_range> Parts;
  for (auto [From, To] : Where)
    Parts.push_back({reinterpret_cast<void *>(From), reinterpret_cast<void *>(To)});
  if (uint64_t Live = cairn_host_retire(Parts.data(), Parts.size()))
    return fault(Name, "it cannot be removed: " + Twine(Live) +
                           " live objects have a finaliser that lies in it");
  if (Error E = Tracker->remove())
    return fault(Name, toString(std::move(E)));
  S->forget(Name);
  return Error::success();
}

Error Session::define(StringRef Symbol, const void *Address) {
  SymbolMap Map;
  Map[S->ES->intern(Symbol)] = {ExecutorAddr::fromPtr(Address),
                                JITSymbolFlags::Exported | JITSymbolFlags::Callable};
  if (Error E = S->Runtime->define(absoluteSymbols(std::move(Map)))) {
    consumeError(std::move(E));
    return createStringError(inconvertibleErrorCode(), "'" + Symbol + "' is defined already");
  }
  return Error::success();
}

Expected<void *> Session::lookup(StringRef Symbol) {
  auto Found = S->ES->lookup(ArrayRef<JITDylib *>{S->Main, S->Runtime}, S->ES->intern(Symbol));
  if (!Found)
    return S->explain(Symbol, Found.takeError());
  return Found->getAddress().toPtr<void *>();
}

Error Session::guard(function_ref<void()> F, Abandoned *Left) {
  return runGuarded(S->Heap, F, Left);
}
