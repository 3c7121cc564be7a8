//===- Ranges.cpp - Where a module's memory lies -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Ranges.h"
#include "llvm/ExecutionEngine/JITLink/JITLink.h"

using namespace llvm;
using namespace cairn::jit;

Ranges::List Ranges::of(orc::ResourceKey Key) {
  std::lock_guard<std::mutex> Guard(Lock);
  auto It = ByKey.find(Key);
  return It == ByKey.end() ? List() : It->second;
}

void Ranges::modifyPassConfig(orc::MaterializationResponsibility &MR, jitlink::LinkGraph &,
                              jitlink::PassConfiguration &Config) {
  Config.PostFixupPasses.push_back([this, &MR](jitlink::LinkGraph &G) -> Error {
    List Found;
    for (jitlink::Section &S : G.sections()) {
      jitlink::SectionRange R(S);
      if (!R.empty())
        Found.push_back({R.getStart().getValue(), R.getEnd().getValue()});
    }
    return MR.withResourceKeyDo([&](orc::ResourceKey Key) {
      std::lock_guard<std::mutex> Guard(Lock);
      ByKey[Key].append(Found.begin(), Found.end());
    });
  });
}

Error Ranges::notifyRemovingResources(orc::JITDylib &, orc::ResourceKey Key) {
  std::lock_guard<std::mutex> Guard(Lock);
  ByKey.erase(Key);
  return Error::success();
}

void Ranges::notifyTransferringResources(orc::JITDylib &, orc::ResourceKey To,
                                         orc::ResourceKey From) {
  std::lock_guard<std::mutex> Guard(Lock);
  auto It = ByKey.find(From);
  if (It == ByKey.end())
    return;
  List Moved = std::move(It->second);
  ByKey.erase(It);
  ByKey[To].append(Moved.begin(), Moved.end());
}
