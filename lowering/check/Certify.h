//===- Certify.h - cairn-certify: units are balanced -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The certifier as a pass (the interface in C++ is cairn/certify.h). It changes nothing, and
// shares nothing with the passes that insert or move counts: it asks types, attributes and the
// table of intrinsics only. It holds after cairn-insert, and after every pass from there on
// that leaves counts calls of intrinsics.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CHECK_CERTIFY_H
#define CAIRN_LOWERING_CHECK_CERTIFY_H

#include "llvm/IR/PassManager.h"

namespace cairn {

/// `-passes=cairn-certify`: managed references; `cairn-certify-plain`: a frontend's own counts.
/// Each finding is an error. Runs only where it is named or asked for.
class CertifyPass : public llvm::PassInfoMixin<CertifyPass> {
public:
  explicit CertifyPass(bool Plain) : Plain(Plain) {}
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &);
  static bool isRequired() { return true; }

private:
  bool Plain;
};

} // namespace cairn

#endif // CAIRN_LOWERING_CHECK_CERTIFY_H
