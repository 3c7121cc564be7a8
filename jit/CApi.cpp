//===- CApi.cpp - The C door of the JIT -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cairn/jit.h"
#include "cairn_jit.h"

#include <cstdlib>
#include <cstring>

using namespace llvm;
using cairn::jit::Session;

static Session *unwrap(cairn_jit *J) { return reinterpret_cast<Session *>(J); }

/// True on success; else the message goes to the caller, or nowhere.
static bool succeeded(Error E, char **Message) {
  if (Message)
    *Message = nullptr;
  if (!E)
    return true;
  std::string Text = toString(std::move(E));
  if (Message)
    *Message = strdup(Text.c_str());
  return false;
}

extern "C" {

cairn_jit *cairn_jit_create(const cairn_jit_options *O, char **Message) {
  cairn::jit::SessionOptions Options;
  if (O) {
    Options.Heap = O->heap;
    Options.OptLevel = O->opt_level;
    Options.Debugger = O->debugger;
    Options.Perf = O->perf;
    Options.ProcessSymbols = !O->no_process_symbols;
    Options.Checked = O->checked;
  }
  auto S = Session::create(Options);
  if (!succeeded(S.takeError(), Message))
    return nullptr;
  return reinterpret_cast<cairn_jit *>(S->release());
}

void cairn_jit_destroy(cairn_jit *J) { delete unwrap(J); }

bool cairn_jit_add(cairn_jit *J, const char *Name, const void *Code, size_t Size, char **Message) {
  return succeeded(unwrap(J)->add(Name, StringRef(static_cast<const char *>(Code), Size)), Message);
}

bool cairn_jit_remove(cairn_jit *J, const char *Name, char **Message) {
  return succeeded(unwrap(J)->remove(Name), Message);
}

bool cairn_jit_define(cairn_jit *J, const char *Symbol, const void *Address, char **Message) {
  return succeeded(unwrap(J)->define(Symbol, Address), Message);
}

void *cairn_jit_lookup(cairn_jit *J, const char *Symbol, char **Message) {
  auto Found = unwrap(J)->lookup(Symbol);
  return succeeded(Found.takeError(), Message) ? *Found : nullptr;
}

bool cairn_jit_guard(cairn_jit *J, void (*F)(void *), void *Context, cairn_jit_abandoned *Left,
                     char **Message) {
  cairn::jit::Abandoned Held;
  Error E = unwrap(J)->guard([&] { F(Context); }, Left ? &Held : nullptr);
  if (Left)
    *Left = {Held.Objects, Held.Blocks, Held.Bytes};
  return succeeded(std::move(E), Message);
}

void cairn_jit_free_message(char *Message) { free(Message); }

} // extern "C"
