//===- LiveBlocks.cpp - The blocks in which roots are live ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/LiveBlocks.h"

#include "llvm/ADT/bit.h"

using namespace llvm;
using namespace cairn;

/// A root that is live in more blocks is solved together with others.
constexpr size_t kMostWalked = 64;
/// How many are solved at once: it bounds the memory.
constexpr size_t kMostAtOnce = 512;

void LiveBlocks::addBlock(unsigned Block) {
  if (std::exchange(Seen[Block], Stamp) != Stamp)
    Blocks.push_back(Block);
}

/// Finds the blocks of one root. False: there are too many.
bool LiveBlocks::walk(const Root &Of) {
  SmallVector<unsigned, 16> Worklist;
  auto Need = [&](unsigned Block) {
    addBlock(Block);
    if (Block != Of.Block && std::exchange(Walked[Block], Stamp) != Stamp)
      Worklist.push_back(Block);
  };
  addBlock(Of.Block);
  for (const RootUse &Use : Of.Uses)
    Need(Use.Block);
  for (const EdgeUse &Use : Of.EdgeUses)
    Need(Use.From);
  const size_t Most = Blocks.size() + kMostWalked;
  while (!Worklist.empty()) {
    if (Blocks.size() > Most)
      return false;
    for (unsigned Before : G.predecessors(Worklist.pop_back_val()))
      Need(Before);
  }
  return true;
}

void LiveBlocks::solve(ArrayRef<const Root *> Roots) {
  Words = (Roots.size() + 63) / 64;
  In.assign(G.size() * Words, 0);
  AtEnd.assign(G.size() * Words, 0);
  // What a block's definitions end.
  std::vector<uint64_t> Defined(G.size() * Words, 0);
  for (size_t N = 0; N != Roots.size(); ++N) {
    const Root &Of = *Roots[N];
    auto Set = [&](std::vector<uint64_t> &Bits, unsigned Block) {
      Bits[Block * Words + N / 64] |= uint64_t(1) << (N % 64);
    };
    Set(Defined, Of.Block);
    for (const RootUse &Use : Of.Uses)
      if (Use.Block != Of.Block)
        Set(In, Use.Block);
    for (const EdgeUse &Use : Of.EdgeUses)
      Set(AtEnd, Use.From);
  }
  for (bool Changed = true; Changed;) {
    Changed = false;
    for (unsigned Block = G.size(); Block--;)
      for (size_t W = 0; W != Words; ++W) {
        const size_t At = Block * Words + W;
        uint64_t Live = AtEnd[At];
        for (unsigned Next : G.successors(Block))
          Live |= In[Next * Words + W];
        Live = In[At] | (Live & ~Defined[At]);
        Changed |= Live != std::exchange(In[At], Live);
      }
  }
}

/// By root, the blocks behind which it is live on some ways only.
std::vector<std::vector<unsigned>> LiveBlocks::ends(size_t NumRoots) const {
  std::vector<std::vector<unsigned>> Found(NumRoots);
  for (unsigned Block = 0; Block != G.size(); ++Block)
    for (size_t W = 0; W != Words; ++W) {
      uint64_t Live = AtEnd[Block * Words + W], All = ~uint64_t(0);
      for (unsigned Next : G.successors(Block)) {
        Live |= In[Next * Words + W];
        All &= In[Next * Words + W];
      }
      for (uint64_t Ends = Live & ~All; Ends; Ends &= Ends - 1)
        Found[W * 64 + size_t(llvm::countr_zero(Ends))].push_back(Block);
    }
  return Found;
}

void LiveBlocks::forEach(ArrayRef<const Root *> Roots, function_ref<void(const Root &)> Do) {
  std::vector<const Root *> Long;
  auto Start = [&] {
    ++Stamp;
    Blocks.clear();
  };
  for (const Root *Of : Roots) {
    Start();
    if (walk(*Of))
      Do(*Of);
    else
      Long.push_back(Of);
  }
  for (ArrayRef<const Root *> Rest = Long; !Rest.empty();) {
    const ArrayRef<const Root *> Some = Rest.take_front(kMostAtOnce);
    Rest = Rest.drop_front(Some.size());
    solve(Some);
    const std::vector<std::vector<unsigned>> Ends = ends(Some.size());
    for (Bit = 0; Bit != Some.size(); ++Bit) {
      Start();
      addBlock(Some[Bit]->Block);
      for (const RootUse &Use : Some[Bit]->Uses)
        addBlock(Use.Block);
      for (unsigned Block : Ends[Bit])
        addBlock(Block);
      Do(*Some[Bit]);
    }
  }
  Words = 0;
}
