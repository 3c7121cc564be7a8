//===- jit.h - JIT code on a heap that its host uses too -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A Session compiles IR against one heap, in the process that holds the heap. Objects
// that JIT code makes can be read, retained, shared and dropped by host code, and the
// reverse.
//
// Threads: several threads may use one session at once, and may run its code; each thread
// has its own cache of the heap. While a module is being removed, no thread may be in it
// or call it.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_H
#define CAIRN_JIT_H

#include "cairn.h"
#include "cairn/llvm_version.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/FunctionExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ExecutionEngine/Orc/ThreadSafeModule.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

#include <memory>

namespace cairn::jit {

struct SessionOptions {
  /// What allocations without a heap argument use; null: the default heap. It must
  /// outlive the session.
  cairn_heap *Heap = nullptr;
  /// 0 to 3, as clang's -O.
  unsigned OptLevel = 2;
  /// Register code with GDB; with debug information its frames have lines.
  bool Debugger = false;
  /// Write a jitdump for perf.
  bool Perf = false;
  /// Let modules use the process's functions (libc, libm). Cairn's own are always
  /// there.
  bool ProcessSymbols = true;
  /// Let every call of the modules look at all that it is given, and name its place in messages
  /// (`cairn build --heap=checked`). The default heap becomes a checked one if the process has
  /// not used it yet, as do heaps that are made later. A heap that the session is given stays as
  /// it was made, and no other changes.
  bool Checked = false;
  /// Certify the counts of managed references that are inserted: see LoweringOptions.
  bool Certify = false;
};

/// What a guarded call (Session::guard) left behind when it ran out of memory.
struct Abandoned {
  uint64_t Objects = 0; ///< Live now and not before the call.
  uint64_t Blocks = 0;
  uint64_t Bytes = 0;
};

class Session {
public:
  static llvm::Expected<std::unique_ptr<Session>> create(const SessionOptions &Options = {});
  /// Removes every module as remove() does, but without looking whether objects are alive
  /// whose finaliser goes.
  ~Session();
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  /// Adds a module from IR text or bitcode under a name not in use. It is
  /// verified, optimised and compiled here; its constructors run. Errors name the
  /// module, and function and symbol where there are such.
  llvm::Error add(llvm::StringRef Name, llvm::MemoryBufferRef Code);
  llvm::Error add(llvm::StringRef Name, llvm::StringRef Code) {
    return add(Name, llvm::MemoryBufferRef(Code, Name));
  }
  /// Adds a module made elsewhere; the session takes it over.
  llvm::Error add(llvm::StringRef Name, llvm::orc::ThreadSafeModule Module);

  /// Removes a module, or several that use each other, all or none: runs what they
  /// registered for their end (atexit, destructors of objects, also of thread-local ones
  /// of every thread), last first, and gives their memory back.
  ///
  /// Refused, with an error that names the user and the symbol, while another module uses
  /// a symbol of theirs; but where that is weak (an inline function, a template) the copy
  /// that is in use stays until its last user goes. Refused while objects live whose
  /// finaliser lies in memory that would go; all others outlive it. No thread may be in
  /// the modules' code, nor be making or dropping objects with their descriptors; what
  /// the host has looked up in them is void.
  llvm::Error remove(llvm::ArrayRef<llvm::StringRef> Names);
  llvm::Error remove(llvm::StringRef Name) { return remove(llvm::ArrayRef<llvm::StringRef>(Name)); }

  /// Lets modules added from now on call the host's function (or use its data).
  llvm::Error define(llvm::StringRef Symbol, const void *Address);

  /// The address of a function or variable of any module; links what it needs. Of a
  /// thread-local variable it is the calling thread's.
  llvm::Expected<void *> lookup(llvm::StringRef Symbol);
  template <typename F> llvm::Expected<F *> function(llvm::StringRef Symbol) {
    llvm::Expected<void *> Address = lookup(Symbol);
    if (!Address)
      return Address.takeError();
    return reinterpret_cast<F *>(*Address);
  }

  /// Runs F, which calls JIT code. If the session's heap is exhausted meanwhile, F is left
  /// where it is, by longjmp; so no frame below may need a destructor. The result is then an
  /// error with the heap's message, the heap stays usable, and `Left`, if given, says what
  /// the abandoned frames held. Guards nest, and belong to the calling thread. If `Left` is
  /// given, what lives in the heap is counted before the call, slab by slab, which takes time.
  llvm::Error guard(llvm::function_ref<void()> F, Abandoned *Left = nullptr);

  cairn_heap *heap() const;

private:
  struct State;
  explicit Session(std::unique_ptr<State> S);
  std::unique_ptr<State> S;
};

} // namespace cairn::jit

#endif // CAIRN_JIT_H
