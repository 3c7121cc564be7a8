//===- Marks.h - What only the passes may write -----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes believe the marks that they leave for each other (ir/Marks.h), and the calls that only
// they write. This part of cairn-import sees to it that a frontend has left none.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_IMPORT_MARKS_H
#define CAIRN_LOWERING_IMPORT_MARKS_H

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

/// Reports what only the passes may write in functions whose counts are still to be inserted, and
/// takes it out; takes away what the passes find again by themselves. Whether it changed anything.
/// To be called where a module begins its way through the passes, and only there. (A thin link has
/// no such place: modules that only the link has passes for are not looked at. It refuses
/// references without counts in them; a "cairn-type" is believed.)
bool refuseMarks(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_IMPORT_MARKS_H
