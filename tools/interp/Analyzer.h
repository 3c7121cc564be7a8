//===- Analyzer.h - Data to a program -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_INTERP_ANALYZER_H
#define CAIRN_INTERP_ANALYZER_H

#include "Program.h"
#include "Reader.h"

namespace interp {

/// Turns one form of a text into a function without parameters: names become slots,
/// captures and globals. Null, and a diagnostic, if the form is wrong. Literals are
/// made on the heap.
Function *analyze(const Datum &Form, Program &P, cairn_heap *Heap, Diagnostic &Problem);

} // namespace interp

#endif // CAIRN_INTERP_ANALYZER_H
