//===- Lent.h - References that need no count of their own --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reference that is loaded from a field is kept alive by the object that holds it. If that
// object lives as long as the reference is used, and nothing overwrites the field meanwhile
// (analysis/FieldWrites.h), the reference is lent: the function neither retains it nor
// releases it, and only where its count is taken over (stored, returned) one is added.
//
// A value is lent for the whole call if it is a parameter that the function borrows, a static
// object, a load through such a value, or a φ, select or freeze of such values: a walk through
// a structure counts nothing. A load through an object that the function itself owns is lent if
// it is only read, and the object is used afterwards, so that nothing lives longer for it.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_LENT_H
#define CAIRN_LOWERING_LENT_H

#include "analysis/Bases.h"
#include "analysis/FieldWrites.h"

namespace cairn {

/// The values of a function that are lent, with the roots that have to live while they are used.
using LentValues = llvm::DenseMap<llvm::Value *, llvm::SmallVector<llvm::Value *, 1>>;

/// Of a function whose references are scalars and have no counts yet.
LentValues lentValues(llvm::Function &F, const References &R, Bases &B, const FieldWrites &Writes);

} // namespace cairn

#endif // CAIRN_LOWERING_LENT_H
