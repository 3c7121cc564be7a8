//===- Images.h - What the linker makes of each module -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_IMAGES_H
#define CAIRN_JIT_IMAGES_H

#include "Unit.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/Support/Process.h"

namespace cairn::jit {

/// Memory in this process that can outlive its module: while somebody holds, what is
/// given back goes to them.
class HeldMemory : public llvm::jitlink::InProcessMemoryManager {
public:
  HeldMemory() : InProcessMemoryManager(llvm::sys::Process::getPageSizeEstimate()) {}
  std::vector<FinalizedAlloc> *Holder = nullptr;
  void deallocate(std::vector<FinalizedAlloc> Allocs, OnDeallocatedFunction Done) override;
  using InProcessMemoryManager::deallocate;
};

/// Notes where each module was linked to and what it refers to, under the linker's lock.
class Images : public llvm::orc::ObjectLinkingLayer::Plugin {
public:
  /// `DefinedBy` says whose copy of a symbol is the session's.
  explicit Images(const llvm::StringMap<Unit *> &DefinedBy) : DefinedBy(DefinedBy) {}

  llvm::DenseMap<llvm::orc::ResourceKey, Unit *> Units; ///< Units that are not linked yet.
  std::vector<Unit *> Linked, Failed;                   ///< Since the linker last took both lists.

  void modifyPassConfig(llvm::orc::MaterializationResponsibility &MR, llvm::jitlink::LinkGraph &G,
                        llvm::jitlink::PassConfiguration &Config) override;
  llvm::Error notifyFailed(llvm::orc::MaterializationResponsibility &MR) override;
  llvm::Error notifyRemovingResources(llvm::orc::JITDylib &, llvm::orc::ResourceKey) override {
    return llvm::Error::success();
  }
  void notifyTransferringResources(llvm::orc::JITDylib &, llvm::orc::ResourceKey,
                                   llvm::orc::ResourceKey) override {}

  /// The end of what was noted of a unit's memory, which may be freed then.
  static void forgetAddresses(Unit &U);

private:
  Unit *unitOf(llvm::orc::MaterializationResponsibility &MR);
  void noteAddresses(Unit &U, llvm::jitlink::LinkGraph &G);
  llvm::Error addStatics(Unit &U, llvm::jitlink::LinkGraph &G);
  void noteReferences(Unit &U, llvm::jitlink::LinkGraph &G);

  const llvm::StringMap<Unit *> &DefinedBy;
};

} // namespace cairn::jit

#endif // CAIRN_JIT_IMAGES_H
