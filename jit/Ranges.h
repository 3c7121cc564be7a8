//===- Ranges.h - Where a module's memory lies -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_RANGES_H
#define CAIRN_JIT_RANGES_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"

#include <mutex>

namespace cairn::jit {

/// Notes the addresses that each module (resource key) was linked to.
class Ranges : public llvm::orc::ObjectLinkingLayer::Plugin {
public:
  using List = llvm::SmallVector<std::pair<uintptr_t, uintptr_t>, 4>;
  List of(llvm::orc::ResourceKey Key);

  void modifyPassConfig(llvm::orc::MaterializationResponsibility &MR, llvm::jitlink::LinkGraph &G,
                        llvm::jitlink::PassConfiguration &Config) override;
  llvm::Error notifyFailed(llvm::orc::MaterializationResponsibility &) override {
    return llvm::Error::success();
  }
  llvm::Error notifyRemovingResources(llvm::orc::JITDylib &JD, llvm::orc::ResourceKey K) override;
  void notifyTransferringResources(llvm::orc::JITDylib &JD, llvm::orc::ResourceKey To,
                                   llvm::orc::ResourceKey From) override;

private:
  std::mutex Lock;
  llvm::DenseMap<llvm::orc::ResourceKey, List> ByKey;
};

} // namespace cairn::jit

#endif // CAIRN_JIT_RANGES_H
