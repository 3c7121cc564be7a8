//===- conventions.cpp - Why a function is not found by a linker ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Who owns what at a call is part of a function's symbol (docs/decisions/0027). A caller and a
// callee that disagree do not link, and lld says which symbol is undefined. Here is said what the
// other one declares.
//
//===----------------------------------------------------------------------===//
#include "pipeline/Conventions.h"
#include "driver.h"

#include "llvm/Demangle/Demangle.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Object/Archive.h"
#include "llvm/Object/SymbolicFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>

using namespace llvm;

namespace cairn {

/// Looks for what \p file defines under the name \p name and with a convention.
static void search(MemoryBufferRef file, const Twine &path, StringRef name, StringRef convention) {
  LLVMContext context;
  auto symbols =
      object::SymbolicFile::createSymbolicFile(file, identify_magic(file.getBuffer()), &context);
  if (!symbols)
    return consumeError(symbols.takeError());
  for (const object::BasicSymbolRef &symbol : (*symbols)->symbols()) {
    auto flags = symbol.getFlags();
    if (!flags) {
      consumeError(flags.takeError());
      continue;
    }
    std::string text;
    raw_string_ostream os(text);
    if ((*flags & object::BasicSymbolRef::SF_Undefined) || errorToBool(symbol.printName(os)))
      continue;
    auto [theirs, declares] = splitConvention(text);
    if (theirs != name || declares == convention)
      continue;
    errs() << "cairn: '" << demangle(name) << "' " << conventionInWords(declares) << " where it is defined ("
           << path << "), and "
           << (convention.empty() ? std::string("has the default convention")
                                  : conventionInWords(convention))
           << " where it is called: declare it with the same cairn_owned and cairn_borrowed in "
              "both places\n";
  }
}

static void searchFile(const Twine &path, StringRef name, StringRef convention) {
  auto buffer = MemoryBuffer::getFile(path);
  if (!buffer)
    return;
  const MemoryBufferRef file = **buffer;
  const std::string shown = sys::path::filename((*buffer)->getBufferIdentifier()).str();
  if (identify_magic(file.getBuffer()) != file_magic::archive)
    return search(file, shown, name, convention);
  auto archive = object::Archive::create(file);
  if (!archive)
    return consumeError(archive.takeError());
  Error error = Error::success();
  for (const object::Archive::Child &child : (*archive)->children(error))
    if (auto member = child.getMemoryBufferRef())
      search(*member, shown + "(" + member->getBufferIdentifier() + ")", name, convention);
    else
      consumeError(member.takeError());
  consumeError(std::move(error));
}

int explainUndefined(ArrayRef<const char *> words) {
  if (words.size() != 1)
    return 1;
  auto [name, convention] = splitConvention(words.front());
  if (const char *directory = getenv("TMPDIR")) {
    std::error_code error;
    for (sys::fs::directory_iterator at(directory, error), end; at != end && !error;
         at.increment(error))
      searchFile(at->path(), name, convention);
  }
  SmallVector<StringRef> inputs;
  if (const char *list = getenv(kLinkInputs))
    StringRef(list).split(inputs, '\n', -1, /*KeepEmpty=*/false);
  for (StringRef input : inputs)
    searchFile(input, name, convention);
  return 0;
}

} // namespace cairn
