//===- RefFields.h - Where the references in a type lie -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The references of a type in memory, and what is known of the memory that a pointer points
// into. Offsets are in bytes. A type is "opaque" if it only reserves room: bytes and arrays of
// bytes. Whatever a program stores in such memory is in it.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_REF_FIELDS_H
#define CAIRN_LOWERING_REF_FIELDS_H

#include "ir/Managed.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/IR/IRBuilder.h"

#include <optional>

namespace cairn {

/// Arrays with more references than this are walked by a loop.
constexpr unsigned kMostUnrolled = 16;
/// The most references that one copy of unknown structure is expanded to.
constexpr unsigned kMostInACopy = 1024;

using Offsets = llvm::SmallVector<uint64_t, 8>;

/// Whether anything in \p F has to do with references: what References::in finds, and
/// variables with references that are only copied or passed.
bool touchesReferences(const llvm::Function &F, const References &R);
/// Whether \p F has a body with references whose counts are not there yet.
bool needsCounts(const llvm::Function &F, const References &R);
/// The offsets, ascending, of the references in a value of \p T of which any byte is in
/// [\p From, \p To). No more than kMostInACopy + 1.
Offsets refsIn(llvm::Type *T, const References &R, const llvm::DataLayout &DL, uint64_t From,
               uint64_t To);
/// How many references a value of \p T has.
uint64_t numRefsIn(llvm::Type *T, const References &R);
bool isOpaque(llvm::Type *T);
/// Whether a value of \p T is made of references only.
bool isUniform(llvm::Type *T, const References &R);

/// Writes code before \p Before that does \p Emit for each reference in a \p T that starts at
/// \p Start. `Emit` gets the reference's offset and may only add to its block. Long arrays
/// become loops, which split the block.
void forEachRef(llvm::Instruction *Before, llvm::Type *T, const References &R, llvm::Value *Start,
                llvm::function_ref<void(llvm::IRBuilderBase &, llvm::Value *Offset)> Emit);
/// The same for \p Count periods of \p Stride bytes with a reference at each of \p Refs. With
/// \p Down the last comes first.
void forEachPeriod(llvm::Instruction *Before, llvm::Value *Count, uint64_t Stride,
                   llvm::function_ref<void(llvm::IRBuilderBase &, llvm::Value *Offset)> Emit,
                   llvm::Value *Down = nullptr);

/// What is known of the memory at a pointer.
struct Region {
  enum KindTy {
    Unknown, ///< Plain memory of no known type.
    Slots,   ///< A variable (stack, global, thread-local, passed by value) of a type T.
    Object,  ///< The payload of a managed object.
  } Kind = Unknown;
  llvm::Value *Base = nullptr; ///< The variable's address, or a reference.
  llvm::Type *T = nullptr;     ///< Of a variable.
  /// None: it varies. Where it varies by whole elements of an array, T is the array and this is
  /// the offset in the element.
  std::optional<uint64_t> Offset;
  /// The fields of an object that was allocated in this function, if its type is known.
  std::optional<Offsets> Fields;

  /// Whether it is known which words are references, and that others are not.
  bool isTyped() const { return Kind == Slots ? !isOpaque(T) : Fields.has_value(); }
  /// The references in the next \p N bytes, from the pointer on, if the offset is known.
  Offsets refs(const References &R, const llvm::DataLayout &DL, uint64_t N) const;
};

/// With \p Descriptors, reads those of objects that are allocated in this function.
Region regionOf(llvm::Value *Pointer, const References &R, const llvm::DataLayout &DL,
                bool Descriptors = true);

/// Whether the structure through which \p Pointer is computed says that there is a reference in
/// the next \p N bytes. Optimisers forget such types; and they use one computation for two fields
/// of different structures at one offset, of which it then has the type of either: no evidence is
/// what is accessed as a reference too.
bool isFieldOfRef(llvm::Value *Pointer, uint64_t N, const References &R,
                  const llvm::DataLayout &DL);

/// Makes offsets in bytes of the fields for which isFieldOfRef may be true, before a pass runs that
/// would use one computation for two fields. Whether anything changed.
bool forgetFieldTypes(llvm::Function &F, const References &R);

} // namespace cairn

#endif // CAIRN_LOWERING_REF_FIELDS_H
