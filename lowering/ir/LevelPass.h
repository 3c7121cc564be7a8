//===- LevelPass.h - A module pass with a level and options --- -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_LEVELPASS_H
#define CAIRN_LOWERING_LEVELPASS_H

#include "cairn/lowering.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Passes/OptimizationLevel.h"

namespace cairn {

/// What the passes share that do as much as the level asks for. They also run on functions
/// that LLVM is to leave alone (`optnone`).
template <typename DerivedT> class LevelPass : public llvm::PassInfoMixin<DerivedT> {
public:
  LevelPass(llvm::OptimizationLevel Level, LoweringOptions Options)
      : Level(Level), Options(std::move(Options)) {}
  static bool isRequired() { return true; }

protected:
  llvm::OptimizationLevel Level;
  LoweringOptions Options;
};

} // namespace cairn

#endif // CAIRN_LOWERING_LEVELPASS_H
