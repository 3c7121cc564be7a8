//===- Intrinsics.h - The table of Cairn's intrinsics ---------*- C++ -*--===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An intrinsic is a declared function `@cairn.*` that the lowering replaces. Name,
// C alias, signature and traits of each are in one table (Intrinsics.def); the
// attributes follow from the traits. Invariant: nothing else in lowering/ spells
// an intrinsic's name or counts its operands.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_INTRINSICS_H
#define CAIRN_LOWERING_INTRINSICS_H

#include "ir/Signature.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/IR/Attributes.h"

namespace llvm {
class CallBase;
class CallInst;
class Function;
class FunctionType;
class LLVMContext;
class Module;
class Type;
class Value;
} // namespace llvm

namespace cairn {

/// An i32 module flag (behaviour: max): the module is built with --heap=checked, as
/// LoweringOptions::Checked says.
inline constexpr llvm::StringLiteral kCheckedHeap = "cairn-checked";

enum class IntrinsicID : unsigned {
#define CAIRN_INTRINSIC(ID, NAME, C_NAME, SIGNATURE, TRAITS, HEAP_FORM) ID,
#define CAIRN_INTRINSIC_WITHOUT_C(ID, NAME, SIGNATURE, TRAITS, HEAP_FORM) ID,
#include "ir/Intrinsics.def"
};

enum IntrinsicTraits : unsigned {
  kAllocates = 1 << 0,
  kTyped = 1 << 1,     ///< Takes a descriptor.
  kBytes = 1 << 2,     ///< Takes a number of bytes.
  kArray = 1 << 3,     ///< Takes a descriptor and a number of elements.
  kTagged = 1 << 4,    ///< Takes a tag after the descriptor.
  kTry = 1 << 5,       ///< Null when the heap is full.
  kRawBlock = 1 << 6,  ///< Raw blocks: malloc and free.
  kHeap = 1 << 7,      ///< Its first operand is the heap.
  kCreates = 1 << 8,   ///< A string, byte array, list or dict: a call of its C function.
  kContainer = 1 << 9, ///< Its first operand is an object, most often a list or dict: the same.
  kReads = 1 << 10,    ///< Changes nothing.
  kKey = 1 << 11,      ///< A dict's key follows: its bytes and their number.
  kFrees = 1 << 12,    ///< Ends the life of a raw block, and of nothing else.
  kReleases = 1 << 13, ///< May drop the object: frees what it owned and runs finalisers.
  kHeader = 1 << 14,   ///< Touches nothing but the object's header.
  kWalks = 1 << 15,    ///< Reads the fields of all that the object reaches.
  kAcquires = 1 << 16, ///< Makes visible what other owners of the object did.
  kCell = 1 << 17,     ///< Of the memory of an object that nobody else knows.
};

struct IntrinsicInfo {
  IntrinsicID ID;
  llvm::StringLiteral Name;
  llvm::StringLiteral CName; ///< Empty if C has no such function.
  Signature Types;
  unsigned Traits;
  IntrinsicID HeapForm; ///< The same with the heap first; itself if there is none.

  bool is(unsigned Trait) const { return Traits & Trait; }
  /// Whether no code of it is inlined: its C function does it all.
  bool isCall() const { return is(kCreates | kContainer); }
  /// Operand that is the heap, the descriptor, the bytes or elements, the tag.
  unsigned heapArg() const { return 0; }
  unsigned typeArg() const { return is(kHeap) ? 1 : 0; }
  unsigned countArg() const { return typeArg() + (is(kTyped) ? 1 : 0); }
  unsigned tagArg() const { return typeArg() + 1; }

  llvm::FunctionType *type(llvm::Module &M) const;
  /// The C function's type: sizes are the target's size_t.
  llvm::FunctionType *cType(llvm::Module &M) const;
  /// What holds for every call before lowering (docs/intrinsics.md).
  llvm::AttributeList attributes(llvm::Module &M) const;
  /// The declaration in \p M, added if need be.
  llvm::Function *declare(llvm::Module &M) const;

private:
  llvm::AttributeList callAttributes(llvm::Module &M) const;
};

llvm::ArrayRef<IntrinsicInfo> intrinsics();
const IntrinsicInfo &intrinsic(IntrinsicID ID);
const IntrinsicInfo *findIntrinsic(llvm::StringRef Name);
const IntrinsicInfo *findCAlias(llvm::StringRef Name);

/// The intrinsic that \p Call calls, or null. A module that defines the name
/// itself has no intrinsic of that name.
const IntrinsicInfo *calledIntrinsic(const llvm::CallBase &Call);

/// The calls of intrinsics in \p F, in its order.
llvm::SmallVector<llvm::CallInst *> intrinsicCalls(llvm::Function &F);

/// Puts a call of the intrinsic's declaration \p To with \p Args in the place of \p Old, whose
/// result has the same type or is a narrower size, and keeps its name, location, bundles and
/// whether it may be a tail call.
llvm::CallInst *replaceByIntrinsic(llvm::CallInst &Old, llvm::Function &To,
                                   llvm::ArrayRef<llvm::Value *> Args);

/// The IR type of a signature whose `size` is \p Size, and whose `ref` lies in \p RefSpace.
llvm::FunctionType *functionTypeOf(const Signature &S, llvm::LLVMContext &C, llvm::Type *Size,
                                   unsigned RefSpace = 0);

/// Whether \p Name is in the namespace that belongs to intrinsics.
bool isReservedName(llvm::StringRef Name);

} // namespace cairn

#endif // CAIRN_LOWERING_INTRINSICS_H
