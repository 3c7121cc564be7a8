//===- Names.cpp - What JIT code is called, for the heap profile -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function lies somewhere in its unit's memory, as a whole, and is at a place of its own in the
// unit's object. What the object's debug information says of that place plus an offset holds for
// the function's address plus the offset.
//
//===----------------------------------------------------------------------===//

#include "Names.h"

#include "Process.h"
#include "Unit.h"
#include "llvm/DebugInfo/DWARF/DWARFContext.h"

using namespace llvm;
using namespace cairn::jit;

bool names::hasLines(const object::ObjectFile &Object) {
  for (const object::SectionRef &Section : Object.sections()) {
    Expected<StringRef> Name = Section.getName();
    if (!Name)
      consumeError(Name.takeError());
    else if (*Name == ".debug_line")
      return true;
  }
  return false;
}

/// The place of a function in its object; none where it has no such function.
static std::optional<object::SectionedAddress> placeOf(const object::ObjectFile &Object,
                                                       StringRef Function) {
  for (const object::SymbolRef &Symbol : Object.symbols()) {
    Expected<StringRef> Name = Symbol.getName();
    Expected<uint64_t> Value = Symbol.getValue();
    Expected<object::section_iterator> Section = Symbol.getSection();
    bool Whole = Name && Value && Section;
    if (Whole && *Name == Function && *Section != Object.section_end())
      return object::SectionedAddress{*Value, (*Section)->getIndex()};
    if (!Name)
      consumeError(Name.takeError());
    if (!Value)
      consumeError(Value.takeError());
    if (!Section)
      consumeError(Section.takeError());
  }
  return std::nullopt;
}

/// File and line of an offset in a function.
static std::pair<std::string, unsigned> lineOf(const Unit &U, StringRef Function, uint64_t Offset) {
  if (!U.Lines)
    return {};
  auto Object = object::ObjectFile::createObjectFile(U.Lines->getMemBufferRef());
  if (!Object) {
    consumeError(Object.takeError());
    return {};
  }
  std::optional<object::SectionedAddress> At = placeOf(**Object, Function);
  if (!At)
    return {};
  At->Address += Offset;
  auto Ignore = [](Error E) { consumeError(std::move(E)); };
  std::unique_ptr<DWARFContext> Context = DWARFContext::create(
      **Object, DWARFContext::ProcessDebugRelocations::Process, nullptr, "", Ignore, Ignore);
  for (const std::unique_ptr<DWARFUnit> &CU : Context->compile_units()) {
    const DWARFDebugLine::LineTable *Table = Context->getLineTableForUnit(CU.get());
    uint32_t Row = Table ? Table->lookupAddress(*At) : ~0u;
    if (!Table || Row == Table->UnknownRowIndex)
      continue;
    std::string File;
    Table->getFileNameByIndex(Table->Rows[Row].File, CU->getCompilationDir(),
                              DILineInfoSpecifier::FileLineInfoKind::AbsoluteFilePath, File);
    return {File, Table->Rows[Row].Line};
  }
  return {};
}

bool names::find(const void *Address, cairn_host_name *Name) {
  static thread_local std::string Function, File;
  // Whoever has the lock may be allocating.
  std::unique_lock<std::mutex> Guard(process::lock(), std::try_to_lock);
  Unit *U = Guard ? process::at(Address) : nullptr;
  if (!U)
    return false;
  auto At = reinterpret_cast<uintptr_t>(Address);
  auto After = std::upper_bound(U->Functions.begin(), U->Functions.end(), At,
                                [](uintptr_t A, const Unit::Function &F) { return A < F.From; });
  if (After == U->Functions.begin() || At >= std::prev(After)->To)
    return false;
  const Unit::Function &Of = *std::prev(After);
  auto Known = U->Known.find(At);
  if (Known == U->Known.end())
    Known = U->Known.insert({At, lineOf(*U, Of.Name, At - Of.From)}).first;
  Function = Of.Name;
  File = Known->second.first;
  *Name = {Function.c_str(), File.c_str(), Known->second.second};
  return true;
}
