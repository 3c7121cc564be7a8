//===- Linker.cpp - The modules of a session, and what they use of each other -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Linker.h"

#define CAIRN_COMPAT_ORC
#include "ir/Compat.h"

#include "Compiler.h"
#include "Exits.h"
#include "HostSymbols.h"
#include "Names.h"
#include "Process.h"
#include "Symbols.h"
#include "ThreadLocals.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/ExecutionEngine/Orc/Debugging/PerfSupportPlugin.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/ObjectFileInterface.h"
#include "llvm/IR/Module.h"
#include "llvm/Object/ObjectFile.h"

using namespace llvm;
using namespace llvm::orc;
using namespace cairn::jit;

Expected<std::unique_ptr<Linker>> Linker::create(const SessionOptions &Options, cairn_heap *Heap) {
  std::unique_ptr<Linker> New(new Linker);
  if (Error E = New->setUp(Options, Heap))
    return std::move(E);
  return New;
}

/// A symbol that is named after who owns what at a call, as a linker prints it; another one as
/// it is (docs/decisions/0027-conventions-at-links.md).
static std::string readable(StringRef Symbol) {
  const bool Convention = Symbol.contains("cairn_takes") || Symbol.contains("cairn_lends");
  return Convention ? demangle(Symbol) : Symbol.str();
}

/// What a module defines that is \p Symbol but for who owns what; or nothing.
template <typename MapT>
static std::string otherConvention(const MapT &DefinedBy, StringRef Symbol) {
  for (const auto &Entry : DefinedBy)
    if (std::string Name = readable(Entry.first());
        Name != Entry.first() && StringRef(Name).starts_with((Symbol + "(cairn_").str()))
      return "; a module defines '" + Name + "', which owns something else at a call";
  return "";
}

/// What the session reports apart from the error that it returns.
template <typename MapT> static std::string report(const MapT &DefinedBy, Error E) {
  std::string Text, Others;
  handleAllErrors(
      std::move(E),
      [&](const SymbolsNotFound &N) {
        for (const SymbolStringPtr &Name : N.getSymbols()) {
          Text += (Text.empty() ? "Symbols not found: [ " : ", ") + readable(*Name);
          Others += otherConvention(DefinedBy, *Name);
        }
        Text += " ]" + Others;
      },
      [&](const ErrorInfoBase &Info) { Text = Info.message(); });
  return Text;
}

Error Linker::setUp(const SessionOptions &Options, cairn_heap *Heap) {
  auto EPC = SelfExecutorProcessControl::Create(nullptr, std::make_unique<InPlaceTaskDispatcher>());
  if (!EPC)
    return EPC.takeError();
  ES = std::make_unique<ExecutionSession>(std::move(*EPC));
  ES->setErrorReporter([this](Error E) { Reports.push_back(report(DefinedBy, std::move(E))); });
  Linking = std::make_unique<ObjectLinkingLayer>(*ES, Memory);

  Runtime = &ES->createBareJITDylib("runtime");
  Main = &ES->createBareJITDylib("main");
  Main->addToLinkOrder(*Runtime, JITDylibLookupFlags::MatchExportedSymbolsOnly);
  SymbolMap Symbols;
  auto Add = [&](const char *Name, const void *Address, JITSymbolFlags Flags) {
    Symbols[ES->intern(Name)] = {ExecutorAddr::fromPtr(Address), Flags};
  };
  const JITSymbolFlags Function = JITSymbolFlags::Exported | JITSymbolFlags::Callable;
  for (auto &[Name, Address] : exitSymbols())
    Add(Name, Address, Function);
  Add("__emutls_get_address", reinterpret_cast<void *>(&threadLocalAddress), Function);
  Add(kSessionHeap, Heap, JITSymbolFlags::Exported);
  if (Error E = Runtime->define(absoluteSymbols(std::move(Symbols))))
    return E;
  Runtime->addGenerator(std::make_unique<RuntimeSymbols>());
  if (Options.ProcessSymbols) {
    auto Process = DynamicLibrarySearchGenerator::GetForCurrentProcess(
        '\0', [](const SymbolStringPtr &Name) { return !(*Name).starts_with("cairn"); });
    if (!Process)
      return Process.takeError();
    Runtime->addGenerator(std::move(*Process));
    Runtime->addGenerator(std::make_unique<HostLibraries>());
    Runtime->addGenerator(std::make_unique<HostThreadLocals>());
  }
  return addPlugins(Options);
}

Error Linker::addPlugins(const SessionOptions &Options) {
  Placed = std::make_shared<Images>(DefinedBy);
  Linking->addPlugin(Placed);
  auto Frames = unwindPlugin(*ES);
  if (!Frames)
    return Frames.takeError();
  Linking->addPlugin(std::move(*Frames));
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

Linker::~Linker() {
  if (!ES)
    return;
  std::vector<Unit *> All;
  for (auto &Entry : Units)
    All.push_back(Entry.second.get());
  for (auto &U : Gone)
    All.push_back(U.get());
  for (Unit *U : All)
    U->Stage = Unit::Leaving;
  runExits(All);
  std::vector<jitlink::JITLinkMemoryManager::FinalizedAlloc> Held;
  for (Unit *U : All) {
    dropExits(*U);
    releaseThreadLocals(*U);
    std::move(U->Memory.begin(), U->Memory.end(), std::back_inserter(Held));
    Images::forgetAddresses(*U);
  }
  Error E = ES->endSession();
  consumeError(joinErrors(std::move(E), Memory.deallocate(std::move(Held))));
}

//===----------------------------------------------------------------------===//
// From a claim to a link
//===----------------------------------------------------------------------===//

Expected<Unit *> Linker::claim(StringRef Name, const Module &M) {
  std::lock_guard<std::mutex> Guard(Lock);
  if (Units.count(Name))
    return fault(Name, "there is a module of this name");
  auto New = std::make_unique<Unit>();
  for (const GlobalValue &G : M.global_values()) {
    if (G.isDeclarationForLinker() || G.hasLocalLinkage() || !G.hasName() || G.isWeakForLinker() ||
        G.getName().starts_with("llvm."))
      continue;
    if (Unit *Other = ClaimedBy.lookup(G.getName()))
      return fault(Name,
                   "'" + G.getName() + "' is defined by module '" + Other->Name + "' already");
    New->Claimed.push_back(G.getName().str());
  }
  for (const std::string &Symbol : New->Claimed)
    ClaimedBy[Symbol] = New.get();
  New->Session = this;
  New->Name = Name.str();
  New->Number = ++Count;
  return (Units[Name] = std::move(New)).get();
}

void Linker::forget(Unit &U) {
  std::lock_guard<std::mutex> Guard(Lock);
  if (U.Tracker)
    fail(U, {});
  for (const std::string &Symbol : U.Claimed)
    ClaimedBy.erase(Symbol);
  Units.erase(U.Name);
}

Error Linker::add(Unit &U, std::unique_ptr<MemoryBuffer> Object) {
  std::lock_guard<std::mutex> Guard(Lock);
  U.Object = std::move(Object);
  auto File = object::ObjectFile::createObjectFile(*U.Object);
  if (File && names::hasLines(**File))
    U.Lines = MemoryBuffer::getMemBufferCopy(U.Object->getBuffer(), U.Name);
  if (!File)
    return fault(U.Name, toString(File.takeError()));
  for (const object::SymbolRef &S : (*File)->symbols()) {
    auto Flags = S.getFlags();
    if (!Flags)
      return fault(U.Name, toString(Flags.takeError()));
    if (!(*Flags & object::SymbolRef::SF_Undefined))
      continue;
    auto Name = S.getName();
    if (!Name)
      return fault(U.Name, toString(Name.takeError()));
    if (!Name->empty())
      U.Required.push_back(Name->str());
  }
  return publish(U);
}

/// Those that wait for the names, while it is not linked.
void Linker::setPending(Unit &U, bool Is) {
  for (auto *Names : {&U.Required, &U.Yielded})
    for (const std::string &Name : *Names) {
      if (Is) {
        Pending[Name].insert(&U);
        continue;
      }
      auto At = Pending.find(Name);
      if (At == Pending.end())
        continue;
      At->second.erase(&U);
      if (At->second.empty())
        Pending.erase(At);
    }
}

/// Gives the linker the object. What it defines is then the session's, but for weak
/// symbols that another module has. A weak one that is not linked makes way for a strong
/// one: its module is taken back first, for ORC's own way to do that leaves a name with the
/// wrong tracker.
Error Linker::publish(Unit &U) {
  auto Interface = getObjectFileInterface(*ES, U.Object->getMemBufferRef());
  if (!Interface)
    return fault(U.Name, toString(Interface.takeError()));
  auto IsWeak = [](JITSymbolFlags Flags) { return Flags.isWeak() || Flags.isCommon(); };
  auto Stronger = [&](auto &Symbol) {
    return !IsWeak(Symbol.second) && DefinedBy.count(*Symbol.first);
  };
  for (auto &Symbol : Interface->SymbolFlags)
    if (Stronger(Symbol)) {
      StringRef Name = *Symbol.first;
      Unit *Owner = DefinedBy[Name];
      bool Weak = Owner->Symbols[Name].Weak;
      if (!Weak || Owner->Stage != Unit::Added)
        return fault(U.Name, "'" + Name + "' is defined by module '" + Owner->Name + "' already" +
                                 (Weak ? ": weakly, but that is in use" : ""));
    }
  std::map<uint64_t, Unit *> Weaker;
  for (auto &Symbol : Interface->SymbolFlags)
    while (Stronger(Symbol)) { // another may take its place
      Unit *Owner = DefinedBy[*Symbol.first];
      Weaker[Owner->Number] = Owner;
      unpublish(*Owner);
    }
  for (auto &[Name, Flags] : Interface->SymbolFlags) {
    Unit *&Owner = DefinedBy[*Name];
    if (Owner) {
      U.Yielded.push_back((*Name).str());
      continue;
    }
    Owner = &U;
    U.Symbols[*Name].Weak = IsWeak(Flags);
  }
  U.Tracker = Main->createResourceTracker();
  U.Stage = Unit::Added;
  Placed->Units[U.Tracker->getKeyUnsafe()] = &U;
  setPending(U, true);
  Error E = Linking->add(U.Tracker, MemoryBuffer::getMemBuffer(U.Object->getMemBufferRef(), false),
                         std::move(*Interface));
  if (E) {
    unpublish(U);
    E = fault(U.Name, toString(std::move(E)));
  }
  publishAll(Weaker);
  return E;
}

/// Takes its names from the session, and the linker's resources for them.
void Linker::unpublish(Unit &U) {
  setPending(U, false);
  StringSet<> Freed;
  for (auto &Entry : U.Symbols) {
    DefinedBy.erase(Entry.first());
    Freed.insert(Entry.first());
  }
  U.Symbols.clear();
  U.Yielded.clear();
  if (!U.Tracker)
    return;
  Placed->Units.erase(U.Tracker->getKeyUnsafe());
  // The linker fails to give back only what its memory manager or plugins cannot: none here.
  consumeError(U.Tracker->remove());
  U.Tracker = nullptr;
  publishAgain(Freed);
}

/// Modules that yielded a weak symbol, and are not linked, bring it after all.
void Linker::publishAgain(const StringSet<> &Freed) {
  std::map<uint64_t, Unit *> Waiting; // the first that came is to own it
  for (auto &Entry : Freed)
    if (auto At = Pending.find(Entry.first()); At != Pending.end())
      for (Unit *U : At->second)
        if (is_contained(U->Yielded, Entry.first()))
          Waiting[U->Number] = U;
  for (auto &[Number, U] : Waiting)
    unpublish(*U);
  publishAll(Waiting);
}

void Linker::publishAll(const std::map<uint64_t, Unit *> &Some) {
  for (auto &[Number, U] : Some)
    if (!U->Tracker)
      if (Error E = publish(*U))
        fail(*U, toString(std::move(E)));
}

/// After the linker was asked for something.
void Linker::settle() {
  for (Unit *U : std::exchange(Placed->Linked, {})) {
    setPending(*U, false);
    U->Stage = Unit::Linked;
    U->Object.reset();
    U->Required = {};
  }
}

/// What needs it failed as well. Its names are free, for those that yielded theirs.
void Linker::fail(Unit &U, const std::string &Why) {
  U.Stage = Unit::Failed;
  U.Problem = Why;
  U.dropReferences();
  Images::forgetAddresses(U);
  U.Ranges.clear();
  U.Parts.clear();
  unpublish(U);
  U.Object.reset();
}

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

/// Names the module, the symbol asked for and what was missing.
Error Linker::explain(StringRef Symbol, Error E) {
  std::string Text;
  bool Missing = false;
  std::set<Unit *> Failed(Placed->Failed.begin(), Placed->Failed.end());
  Placed->Failed.clear();
  Unit *Asked = DefinedBy.lookup(Symbol);
  if (!Asked)
    Asked = ClaimedBy.lookup(Symbol);
  auto Add = [&](const std::string &More) { Text += (Text.empty() ? "" : "; ") + More; };
  handleAllErrors(
      std::move(E),
      [&](const SymbolsNotFound &N) {
        for (const SymbolStringPtr &Name : N.getSymbols()) {
          Missing |= *Name == Symbol;
          Text += (Text.empty() ? "unresolved symbol '" : ", '") + readable(*Name) + "'" +
                  otherConvention(DefinedBy, *Name);
        }
      },
      [&](const FailedToMaterialize &F) {
        for (auto &[Library, Names] : F.getSymbols())
          for (const SymbolStringPtr &Name : Names)
            if (Unit *U = Library == Main ? DefinedBy.lookup(*Name) : nullptr)
              Failed.insert(U);
      },
      [&](const ErrorInfoBase &Info) { Add(Info.message()); });
  if (Asked && Asked->Stage == Unit::Failed) {
    Text = Asked->Problem;
    Missing = false;
  }
  for (const std::string &Report : std::exchange(Reports, {}))
    Add(Report);
  if (Text.empty())
    Text = "it failed to link earlier";
  for (Unit *U : Failed)
    fail(*U, Text);
  if (!Asked && Missing)
    return createStringError(inconvertibleErrorCode(), "no module defines '" + readable(Symbol) +
                                                           "'" +
                                                           otherConvention(DefinedBy, Symbol));
  if (!Asked)
    return createStringError(inconvertibleErrorCode(), "'" + Symbol + "': " + Text);
  return fault(Asked->Name, "'" + Symbol + "' cannot be linked: " + Text);
}

Error Linker::define(StringRef Symbol, const void *Address) {
  std::lock_guard<std::mutex> Guard(Lock);
  SymbolMap Map;
  Map[ES->intern(Symbol)] = {ExecutorAddr::fromPtr(Address),
                             JITSymbolFlags::Exported | JITSymbolFlags::Callable};
  if (!runtimeSymbol(Symbol)) {
    Error E = Runtime->define(absoluteSymbols(std::move(Map)));
    if (!E)
      return E;
    consumeError(std::move(E));
  }
  return createStringError(inconvertibleErrorCode(), "'" + Symbol + "' is defined already");
}

Expected<void *> Linker::lookup(StringRef Symbol) {
  std::lock_guard<std::mutex> Guard(Lock);
  auto Find = [&](StringRef Name) {
    // Hidden symbols as well: modules are the parts of one program, as what asks is.
    auto Found = ES->lookup({{Main, JITDylibLookupFlags::MatchAllSymbols},
                             {Runtime, JITDylibLookupFlags::MatchExportedSymbolsOnly}},
                            ES->intern(Name));
    settle();
    return Found;
  };
  auto Found = Find(Symbol);
  if (Found)
    return Found->getAddress().toPtr<void *>();
  std::string Description = threadLocalSymbol(Symbol);
  if (!DefinedBy.count(Description))
    return explain(Symbol, Found.takeError());
  consumeError(Found.takeError());
  auto Variable = Find(Description);
  if (!Variable)
    return explain(Description, Variable.takeError());
  return threadLocalAddress(Variable->getAddress().toPtr<void *>());
}
