//===- Exits.cpp - Destructors run when their module goes -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A destructor is registered with the C library under a key of its own, the record
// here. So it keeps its place among all that runs at exit; and when its module goes
// before, __cxa_finalize of that key runs it, once, and frees the C library's entry.
//
// A destructor belongs to the module that its object lies in; without an object, to the
// one that registered it (whose __dso_handle was passed, see Nonshared.h), or that the
// function lies in. One of the process itself goes to the C library as it is.
//
// The destructors of a thread's variables belong to the module that registered them. They
// run at their thread's end, or when the module goes, on the thread that removes it.
//
//===----------------------------------------------------------------------===//
#include "Exits.h"

#include "Process.h"
#include "Unit.h"

#include <algorithm>

extern "C" {
int __cxa_atexit(void (*)(void *), void *, void *);
int __cxa_at_quick_exit(void (*)(void *), void *);
int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
int __register_atfork(void (*)(), void (*)(), void (*)(), void *);
void __cxa_finalize(void *);
extern void *__dso_handle;
}

using namespace cairn::jit;

/// Of its members: the process's lock.
struct cairn::jit::Exit {
  void (*Function)(void *); ///< Null once it has run, or is about to run.
  void *Argument;
  Unit *Owner;   ///< Null once it is not in the owner's list.
  Unit *Foreign; ///< The other unit that the function lies in, or null.
  uint64_t Number;
  bool OfThread;
};

/// Takes it from its owner; false if somebody else did. Under the lock.
static bool take(Exit &E) {
  if (!E.Owner)
    return false;
  auto &All = E.Owner->Exits;
  All.erase(std::find(All.rbegin(), All.rend(), &E).base() - 1);
  if (E.Foreign)
    --E.Foreign->ForeignExits;
  E.Owner = E.Foreign = nullptr;
  return true;
}

/// Called by the C library, at most once for each.
static void runExit(void *Of) {
  auto *E = static_cast<Exit *>(Of);
  void (*Function)(void *);
  {
    std::lock_guard<std::mutex> Guard(process::lock());
    take(*E);
    Function = E->Function;
  }
  if (Function)
    Function(E->Argument);
  delete E;
}

static Exit *newExit(Unit &Owner, void (*Function)(void *), void *Argument, bool OfThread) {
  static uint64_t Count;
  Unit *Foreign = process::at(reinterpret_cast<void *>(Function));
  auto *E = new Exit{Function, Argument, &Owner, Foreign == &Owner ? nullptr : Foreign,
                     ++Count,  OfThread};
  if (E->Foreign)
    ++E->Foreign->ForeignExits;
  Owner.Exits.push_back(E);
  return E;
}

static int atExit(void (*Function)(void *), void *Argument, void *Module) {
  Exit *E = nullptr;
  {
    std::lock_guard<std::mutex> Guard(process::lock());
    for (const void *Address : {Argument, Module, reinterpret_cast<void *>(Function)})
      if (Unit *Owner = process::at(Address)) {
        E = newExit(*Owner, Function, Argument, false);
        break;
      }
  }
  return E ? __cxa_atexit(runExit, E, E) : __cxa_atexit(Function, Argument, nullptr);
}

static int atThreadExit(void (*Function)(void *), void *Argument, void *Module) {
  Exit *E = nullptr;
  {
    std::lock_guard<std::mutex> Guard(process::lock());
    for (const void *Address : {Module, reinterpret_cast<void *>(Function)})
      if (Unit *Owner = process::at(Address)) {
        E = newExit(*Owner, Function, Argument, true);
        break;
      }
  }
  return E ? __cxa_thread_atexit_impl(runExit, E, &__dso_handle)
           : __cxa_thread_atexit_impl(Function, Argument, &__dso_handle);
}

/// The unit is the key: what has it is dropped with it.
static void *keyOf(void *Module) {
  std::lock_guard<std::mutex> Guard(process::lock());
  return process::at(Module);
}

static int atQuickExit(void (*Function)(void *), void *Module) {
  return __cxa_at_quick_exit(Function, keyOf(Module));
}

static int atFork(void (*Prepare)(), void (*Parent)(), void (*Child)(), void *Module) {
  return __register_atfork(Prepare, Parent, Child, keyOf(Module));
}

llvm::ArrayRef<std::pair<const char *, void *>> cairn::jit::exitSymbols() {
  static const std::pair<const char *, void *> All[] = {
      {"__cxa_atexit", reinterpret_cast<void *>(atExit)},
      {"__cxa_thread_atexit", reinterpret_cast<void *>(atThreadExit)},
      {"__cxa_thread_atexit_impl", reinterpret_cast<void *>(atThreadExit)},
      {"__cxa_at_quick_exit", reinterpret_cast<void *>(atQuickExit)},
      {"__register_atfork", reinterpret_cast<void *>(atFork)},
  };
  return All;
}

static bool isKept(const Unit &U, const Exit &E) {
  if (U.Stage != Unit::Kept)
    return false;
  return E.OfThread ||
         U.isKept(reinterpret_cast<uintptr_t>(
             process::at(E.Argument) == &U ? E.Argument : reinterpret_cast<void *>(E.Function)));
}

void cairn::jit::runExits(llvm::ArrayRef<Unit *> Units) {
  // One at a time: each may register others.
  for (;;) {
    Exit *Last = nullptr;
    void (*Function)(void *) = nullptr;
    void *Argument = nullptr;
    {
      std::lock_guard<std::mutex> Guard(process::lock());
      for (Unit *U : Units)
        for (Exit *E : U->Exits)
          if ((!Last || E->Number > Last->Number) && !isKept(*U, *E))
            Last = E;
      if (!Last)
        return;
      if (Last->OfThread) {
        // The record stays for its thread to find, without a function.
        take(*Last);
        Function = std::exchange(Last->Function, nullptr);
        Argument = Last->Argument;
      }
    }
    if (Function)
      Function(Argument);
    else
      __cxa_finalize(Last);
  }
}

void cairn::jit::dropExits(Unit &U) { __cxa_finalize(&U); }
