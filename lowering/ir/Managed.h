//===- Managed.h - Managed references and who owns them -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A managed reference, a `ref` for short, is a pointer in the space of references: address
// space 77 unless the module flag `cairn-reference-space` names another. It refers to an
// object's payload, or is null. A frontend writes no counts for it: passes insert them.
//
// A count that a function has to give back, move on or store is a "unit". Whoever has a unit
// owns the reference; who has none, while somebody else's unit keeps the object alive, borrows
// it. This file says what a call does with units: the table of managed intrinsics
// (Managed.def) for those, and for other functions the string attributes `cairn-owned` and
// `cairn-borrowed` on a parameter or the result. Without one, a parameter is borrowed and a
// result is owned.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_MANAGED_H
#define CAIRN_LOWERING_MANAGED_H

#include "cairn/abi_version.h"
#include "ir/Intrinsics.h"

#include <optional>
#include <string_view>

namespace llvm {
class CallBase;
class Function;
class Module;
class Type;
} // namespace llvm

namespace cairn {

/// The space of references, where no module flag says otherwise. No target that LLVM 19 to 22
/// know gives it a meaning.
constexpr unsigned kReferenceSpace = CAIRN_REFERENCE_SPACE;
/// An i32 module flag (behaviour: error) that names another space.
inline constexpr llvm::StringLiteral kSpaceFlag = "cairn-reference-space";
/// An i32 module flag; not 0: odd words in references are the frontend's own integers.
inline constexpr llvm::StringLiteral kImmediatesFlag = "cairn-immediates";
/// An i32 module flag (behaviour: max), and a string attribute of functions: all counts are
/// there. The insertion sets the flag, and marks every function that it has seen.
inline constexpr llvm::StringLiteral kCountsInserted = "cairn-counts-inserted";
/// A string attribute of functions: an error was told of it, and it has no counts.
inline constexpr llvm::StringLiteral kRefused = "cairn-refused";
/// A string attribute of declarations: code without managed references defines the function,
/// and its name says nothing of its convention (pipeline/Conventions.h).
inline constexpr llvm::StringLiteral kForeign = "cairn-foreign";
/// String attributes of parameters and results.
inline constexpr llvm::StringLiteral kOwned = "cairn-owned";
inline constexpr llvm::StringLiteral kBorrowed = "cairn-borrowed";
/// A string attribute of an owned parameter: it is a cell. The value is the cell's header word, in
/// decimal digits. The passes write it (insert/CellVariants.h).
inline constexpr llvm::StringLiteral kCellParameter = "cairn-cell";
/// A string attribute of calls that read a tag: the object is known to have one. The passes write
/// it (analysis/OwnTypes.h).
inline constexpr llvm::StringLiteral kTypedOnly = "cairn-typed";

/// The space of references of \p M.
unsigned referenceSpace(const llvm::Module &M);
/// Whether every count of \p M is there.
bool hasCounts(const llvm::Module &M);
/// Whether odd words in references may be immediates.
bool mayBeImmediates(const llvm::Module &M);

/// What the passes ask of types, for one module.
class References {
public:
  explicit References(const llvm::Module &M) : Space(referenceSpace(M)) {}
  unsigned space() const { return Space; }
  /// Whether \p T is the type of a reference.
  bool is(const llvm::Type *T) const;
  bool is(const llvm::Value *V) const;
  /// Whether a value of \p T has a reference in it: itself, in a vector, or in a field or
  /// element at any depth.
  bool in(llvm::Type *T) const;
  /// Whether anything in \p F, its signature included, has a reference in it.
  bool in(const llvm::Function &F) const;

private:
  unsigned Space;
};

enum class ManagedID : unsigned {
#define CAIRN_MANAGED(ID, NAME, C_NAME, SIGNATURE, OWNERSHIP, PLAIN) ID,
#define CAIRN_MANAGED_WITHOUT_C(ID, NAME, SIGNATURE, OWNERSHIP, PLAIN) ID,
#define CAIRN_CONVERSION(ID, NAME, C_NAME, SIGNATURE, OWNERSHIP) ID,
#include "ir/Managed.def"
};

/// What a call does with the unit of a reference.
enum class Ownership : unsigned char {
  None,     ///< No reference.
  Borrowed, ///< Nothing: the caller (of an argument) or a lender (of a result) keeps it.
  Owned,    ///< It moves: into the callee, or to the caller.
};

struct ManagedInfo {
  ManagedID ID;
  llvm::StringLiteral Name;
  llvm::StringLiteral CName; ///< Empty if C has none.
  Signature Types;
  Ownership Params[Signature::kMostParams];
  Ownership Result;
  std::optional<IntrinsicID> Plain; ///< None: a conversion.

  bool isConversion() const { return !Plain; }
  /// The plain form's traits; none of a conversion.
  unsigned traits() const { return Plain ? intrinsic(*Plain).Traits : 0; }
  /// Makes a new object, or null where it may fail.
  bool allocates() const { return traits() & (kAllocates | kCreates); }

  llvm::FunctionType *type(llvm::Module &M) const;
  /// As the C header declares it: sizes are the target's size_t.
  llvm::FunctionType *cType(llvm::Module &M) const;
  /// What holds for every call before counts are inserted, and after.
  llvm::AttributeList attributes(llvm::Module &M) const;
  /// The declaration in \p M, added if need be.
  llvm::Function *declare(llvm::Module &M) const;
};

llvm::ArrayRef<ManagedInfo> managedIntrinsics();
const ManagedInfo &managedIntrinsic(ManagedID ID);
const ManagedInfo *findManaged(llvm::StringRef Name);
const ManagedInfo *findManagedCAlias(llvm::StringRef Name);
/// The managed intrinsic that \p Call calls, or null.
const ManagedInfo *calledManaged(const llvm::CallBase &Call);
/// The intrinsic that \p Call calls; of a managed one, that which means the same on plain
/// pointers. Null for the conversions, and where no intrinsic is called.
const IntrinsicInfo *calledPlainForm(const llvm::CallBase &Call);
/// The managed intrinsic whose plain form is \p Plain, which has one.
const ManagedInfo &managedFormOf(IntrinsicID Plain);
/// Whether \p V is a call of the managed intrinsic \p ID.
bool isManaged(const llvm::Value *V, ManagedID ID);
/// Whether \p M uses a managed intrinsic: a pass that looks for its calls need not look without.
bool isCalled(const llvm::Module &M, ManagedID ID);
/// Whether \p V makes a cell of an object that may have other owners, with the tag that the object
/// has, or with one that is known; on the default heap, or on one that is said.
bool isOwnCell(const llvm::Value *V);
bool isOwnTaggedCell(const llvm::Value *V);
/// The heap that such a cell has to lie on; null for the default one, for which nothing is tested.
llvm::Value *heapOfCell(const llvm::Value &Cell);
/// Whether \p V is the memory of an object that was taken over; null is none.
bool isCell(const llvm::Value *V);
/// The header word of a cell, or of what \p Call takes for its argument \p Arg if that is one; 0 if
/// it is none, or if the word is not known.
uint32_t cellWord(const llvm::Value &Cell);
uint32_t cellWordOfArgument(const llvm::CallBase &Call, unsigned Arg);

/// What \p Call does with its argument \p Arg, or with its result. A parameter or result whose
/// type is an aggregate or a vector is Owned or Borrowed as a whole if it has a reference in
/// it. An indirect call has the convention of its call site's attributes, which are to be the
/// default.
Ownership argumentOwnership(const llvm::CallBase &Call, unsigned Arg, const References &R);
Ownership resultOwnership(const llvm::CallBase &Call, const References &R);
/// The same of a function's own parameters and result.
Ownership parameterOwnership(const llvm::Function &F, unsigned Param, const References &R);
Ownership resultOwnership(const llvm::Function &F, const References &R);

} // namespace cairn

#endif // CAIRN_LOWERING_MANAGED_H
