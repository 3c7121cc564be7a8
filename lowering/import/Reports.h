//===- Reports.h - Errors of the import, each told once ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// cairn-import runs at the start of the pipeline, and again within cairn-lower, over calls
// that it complained about the first time. What was reported is marked in the module: an
// attribute of the call, or text among the module's metadata. The lowering takes the marks
// away and says nothing.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_REPORTS_H
#define CAIRN_LOWERING_REPORTS_H

#include "ir/Diagnostics.h"

namespace llvm {
class CallInst;
} // namespace llvm

namespace cairn {

class Reports {
public:
  /// With \p Lowering, of the import within cairn-lower.
  Reports(llvm::Module &M, bool Lowering) : M(M), Lowering(Lowering) {}
  /// Within the lowering, forgets what the import had told of the module.
  ~Reports();
  Reports(const Reports &) = delete;
  Reports &operator=(const Reports &) = delete;

  /// Reports an error at a call or in the module, unless it was told before.
  template <typename At> void error(At &Where, const llvm::Twine &Message) {
    if (!isTold(Where, Message))
      reportError(Where, Message);
    mark(Where, Message);
    Failed = true;
  }
  /// Whether there was an error, told now or before.
  bool failed() const { return Failed; }

private:
  bool isTold(const llvm::CallInst &Call, const llvm::Twine &) const;
  bool isTold(const llvm::Module &, const llvm::Twine &Message) const;
  void mark(llvm::CallInst &Call, const llvm::Twine &);
  void mark(llvm::Module &, const llvm::Twine &Message);

  llvm::Module &M;
  const bool Lowering;
  bool Failed = false;
};

} // namespace cairn

#endif // CAIRN_LOWERING_REPORTS_H
