//===- LiveBlocks.h - The blocks in which roots are live --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A root is live in a block if it is used there, or behind it, and was defined before. Most
// roots are live in few blocks, which a walk backwards from the uses finds. Those that are live
// in many are solved together, a bit for each root and block, so that a thousand references
// that are held over a function of a thousand blocks cost no million steps.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_LIVE_BLOCKS_H
#define CAIRN_LOWERING_LIVE_BLOCKS_H

#include "insert/Uses.h"

namespace cairn {

class LiveBlocks {
public:
  explicit LiveBlocks(const Flow &G) : G(G), Walked(G.size(), 0), Seen(G.size(), 0) {}

  /// Calls \p Do for each of \p Roots; isLiveIn and blocks answer for that root meanwhile.
  void forEach(llvm::ArrayRef<const Root *> Roots, llvm::function_ref<void(const Root &)> Do);
  /// Whether the root is live where \p Block starts, φ left out.
  bool isLiveIn(unsigned Block) const {
    return Words ? In[Block * Words + Bit / 64] >> (Bit % 64) & 1 : Walked[Block] == Stamp;
  }
  /// The blocks where the root is defined, used, or live at the end without being live in all
  /// that follow. Maybe others in which it is live, too.
  llvm::ArrayRef<unsigned> blocks() const { return Blocks; }

private:
  bool walk(const Root &Of);
  void solve(llvm::ArrayRef<const Root *> Roots);
  std::vector<std::vector<unsigned>> ends(size_t NumRoots) const;
  void addBlock(unsigned Block);

  const Flow &G;
  std::vector<unsigned> Walked; ///< The Stamp of the last root that was live in the block.
  std::vector<unsigned> Seen;   ///< The Stamp of the last root that has the block in Blocks.
  std::vector<unsigned> Blocks;
  unsigned Stamp = 0;
  /// Roots that are solved together: `Words` words of bits a block, where they are live when it
  /// starts, and by φ when it ends. No words: one root, that was walked.
  std::vector<uint64_t> In, AtEnd;
  size_t Words = 0, Bit = 0;
};

} // namespace cairn

#endif // CAIRN_LOWERING_LIVE_BLOCKS_H
