//===- Uses.h - What a function does with each reference --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For every root (analysis/Bases.h): whether its definition comes with a unit, and each place
// that uses it or what is derived from it. A use is borrowing if the object only has to be
// alive, and consuming if it takes a unit: a store of the reference, an owned argument or
// result, cairn.ref.release, and the operand of a φ, on its edge.
//
// Constants are no roots here: null, undef, poison and static objects need no counts.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_USES_H
#define CAIRN_LOWERING_USES_H

#include "analysis/Lent.h"
#include "insert/FieldMoves.h"
#include "insert/Flow.h"

namespace llvm {
class PHINode;
class ReturnInst;
} // namespace llvm

namespace cairn {

class Refusals;

/// What one instruction does with a root.
struct RootUse {
  llvm::Instruction *At;
  unsigned Block;
  unsigned Consumes; ///< Units that it takes.
  bool Borrows;      ///< Whether the object has to be alive while it runs, besides.
};

/// What the φ of a block take of a root on one edge.
struct EdgeUse {
  unsigned From, To;
  unsigned Consumes;
};

struct Root {
  /// What the definition comes with.
  enum Kind {
    Owned,    ///< A unit.
    Lent,     ///< None, and nothing keeps it alive for long: it is retained at once.
    Borrowed, ///< None: it lives as long as the function runs, or by what is not counted here.
  };

  llvm::Value *V;
  Kind How;
  unsigned Block; ///< Where it is defined.
  /// Defined where the block starts: a parameter, a φ, and the result of an invoke, which is
  /// there where the invoke continues. Otherwise V is an instruction of the block.
  bool AtStart;
  llvm::SmallVector<RootUse, 2> Uses = {};     ///< By block in the flow's order, and by place.
  llvm::SmallVector<EdgeUse, 0> EdgeUses = {}; ///< By From and To, each edge once.

  bool hasUses() const { return !Uses.empty() || !EdgeUses.empty(); }
};

/// All roots of a function, in the order of their definitions. Assumes the form that
/// cairn-slots promises, and that an invoke with a reference as its result continues in a block
/// with one predecessor and no φ.
class RootUses {
public:
  /// What is in \p Lent is borrowed, and to use it is to use what lends it. What is in \p Moves
  /// is owned.
  RootUses(const Flow &G, Bases &B, const LentValues &Lent, const FieldMoves *Moves,
           Refusals &Errors);

  llvm::ArrayRef<Root> roots() const { return Roots; }

private:
  void define(llvm::Value &V, Root::Kind How, unsigned Block, bool AtStart);
  void defineParameters();
  void defineResult(llvm::Instruction &I, unsigned Block);
  void defineExtract(llvm::Instruction &I, unsigned Block);
  void checkParts(llvm::Value &Whole, llvm::Instruction &At);
  void visit(llvm::Instruction &I, unsigned Block);
  void visitCall(llvm::CallBase &Call, unsigned Block);
  void visitReturn(llvm::ReturnInst &Return, unsigned Block);
  void visitEdges(llvm::PHINode &Phi, unsigned Block);
  void borrow(llvm::Value *V, llvm::Instruction &At, unsigned Block);
  void borrowLenders(llvm::Value *V, llvm::Instruction &At, unsigned Block);
  void consume(llvm::Value *V, llvm::Instruction &At, unsigned Block);
  void lendOnEdges(unsigned Block);
  Root *ownRoot(llvm::Value *V, llvm::Instruction &At);
  Root *find(llvm::Value *V);
  RootUse &useOf(Root &Of, llvm::Instruction &At, unsigned Block);
  bool outlivesFrame(llvm::Value *V);

  const Flow &G;
  Bases &B;
  const LentValues &Lent;
  const FieldMoves *Moves;
  Refusals &Errors;
  llvm::Function &F;
  const References &R;
  std::vector<Root> Roots;
  llvm::DenseMap<llvm::Value *, unsigned> Index;
};

} // namespace cairn

#endif // CAIRN_LOWERING_USES_H
