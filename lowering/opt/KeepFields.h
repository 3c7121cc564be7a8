//===- KeepFields.h - cairn-keep: fields that stay as they are --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An object that is made in the memory of another often gets some of its fields unchanged:
// a = reuse.cell(T), a.right = T.right. Such a store goes, and where it is one of a reference,
// reuse.cell says that the field keeps what it holds, with its unit. After the insertion, whose
// units do not move for it.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_KEEPFIELDS_H
#define CAIRN_LOWERING_KEEPFIELDS_H

#include "llvm/IR/PassManager.h"

namespace cairn {

struct KeepFieldsPass : llvm::PassInfoMixin<KeepFieldsPass> {
  llvm::PreservedAnalyses run(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
};

bool keepFields(llvm::Function &F);

} // namespace cairn

#endif // CAIRN_LOWERING_KEEPFIELDS_H
