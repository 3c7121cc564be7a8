//===- Reports.cpp - Errors of the import, each told once -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "import/Reports.h"

#include "ir/Marks.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

bool Reports::isTold(const CallInst &Call, const Twine &) const {
  return Call.hasFnAttr(kReported) && hasReportedErrors(M.getContext());
}

bool Reports::isTold(const Module &, const Twine &Message) const {
  NamedMDNode *Reports = M.getNamedMetadata(kReports);
  return Reports && hasReportedErrors(M.getContext()) &&
         is_contained(Reports->operands(),
                      MDNode::get(M.getContext(), MDString::get(M.getContext(), Message.str())));
}

void Reports::mark(CallInst &Call, const Twine &) {
  if (Lowering)
    Call.removeFnAttr(kReported);
  else
    Call.addFnAttr(Attribute::get(M.getContext(), kReported));
}

void Reports::mark(Module &, const Twine &Message) {
  if (!Lowering && !isTold(M, Message))
    M.getOrInsertNamedMetadata(kReports)->addOperand(
        MDNode::get(M.getContext(), MDString::get(M.getContext(), Message.str())));
}

Reports::~Reports() {
  if (NamedMDNode *Told = M.getNamedMetadata(kReports); Told && Lowering)
    Told->eraseFromParent();
}
