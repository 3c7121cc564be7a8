//===- Session.cpp - Modules of a session: compiled, added, called -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cairn/jit.h"

#include "Compiler.h"
#include "Guard.h"
#include "Linker.h"
#include "fast/entry.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace llvm::orc;
using namespace cairn::jit;

struct Session::State {
  cairn_heap *Heap;
  std::unique_ptr<Compiler> Compile;
  std::unique_ptr<Linker> Link;
};

Session::Session(std::unique_ptr<State> S) : S(std::move(S)) {}
Session::~Session() = default;

Expected<std::unique_ptr<Session>> Session::create(const SessionOptions &Options) {
  if (Options.OptLevel > 3)
    return createStringError(inconvertibleErrorCode(), "no optimisation level %u, only 0 to 3",
                             Options.OptLevel);
  auto S = std::make_unique<State>();
  if (Options.Checked && !Options.Heap)
    cairn_rt_check_process();
  S->Heap = Options.Heap ? Options.Heap : cairn_heap_default();
  if (!S->Heap)
    return createStringError(inconvertibleErrorCode(), "no memory for the default heap");
  catchExhaustion(S->Heap);
  auto C =
      Compiler::create(Options.OptLevel, Options.Heap != nullptr, Options.Checked, Options.Certify);
  if (!C)
    return C.takeError();
  S->Compile = std::move(*C);
  auto L = Linker::create(Options, S->Heap);
  if (!L)
    return L.takeError();
  S->Link = std::move(*L);
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
  auto U = Module.withModuleDo([&](llvm::Module &M) { return S->Link->claim(Name, M); });
  if (!U)
    return U.takeError();
  auto Undo = [&](Error E) {
    S->Link->forget(**U);
    return E;
  };
  auto Result = Module.withModuleDo([&](llvm::Module &M) { return S->Compile->compile(Name, M); });
  if (!Result)
    return Undo(Result.takeError());
  if (Error E = S->Link->add(**U, std::move(Result->Object)))
    return Undo(std::move(E));
  if (Result->Initializer.empty())
    return Error::success();
  auto Initialize = function<void()>(Result->Initializer);
  if (!Initialize)
    return Undo(Initialize.takeError());
  (*Initialize)();
  return Error::success();
}

Error Session::remove(ArrayRef<StringRef> Names) { return S->Link->remove(Names); }
Error Session::define(StringRef Symbol, const void *Address) {
  return S->Link->define(Symbol, Address);
}
Expected<void *> Session::lookup(StringRef Symbol) { return S->Link->lookup(Symbol); }

Error Session::guard(function_ref<void()> F, Abandoned *Left) {
  return runGuarded(S->Heap, F, Left);
}
