//===- Shapes.h - The plain types that a module makes objects of --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A shape is a plain type as far as its header word tells it, without the tag: which words are
// references, and the class of its slots. Only types whose class the header word names are
// among them, so that two objects with the same word, in any module, have slots of one size.
// A type with a finaliser is none.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_SHAPES_H
#define CAIRN_LOWERING_SHAPES_H

#include "ir/Descriptor.h"
#include "llvm/ADT/ArrayRef.h"

#include <bitset>
#include <map>

namespace llvm {
class CallBase;
class CallInst;
class Function;
class IRBuilderBase;
class Instruction;
class Module;
class Type;
class Value;
} // namespace llvm

namespace cairn {

class References;

class Shapes {
public:
  explicit Shapes(const llvm::Module &M);
  /// Of what is added: each function of the module, then the end.
  Shapes() = default;
  void add(const llvm::Function &F);
  void end(const llvm::DataLayout &DL);

  bool empty() const { return Known.empty(); }
  auto begin() const { return Known.begin(); }
  auto end() const { return Known.end(); }

  /// The header word, without the tag, of the objects that \p Call allocates; 0 if it is none of
  /// a shape.
  static uint32_t wordOf(const llvm::CallBase &Call);
  const Descriptor &of(uint32_t Word) const { return Known.at(Word); }
  /// Whether the module makes objects of this header word with \p Tag.
  bool mayHave(uint32_t Word, uint8_t Tag) const { return Retagged || Tags.at(Word)[Tag]; }
  /// The tag that all objects of this header word have that the module makes, if it is one.
  std::optional<uint8_t> onlyTag(uint32_t Word) const;

private:
  std::map<uint32_t, Descriptor> Known;
  std::map<uint32_t, std::bitset<256>> Tags;
  bool Retagged = false; ///< Some object gets another tag.
  Descriptors Types;
  llvm::SmallVector<const llvm::CallBase *> Reused; ///< Until the end.
};

/// Whether \p Call makes an object of a shape, or ends the program: its object may lie in the
/// memory of another of the same heap.
bool isReusable(const llvm::CallInst &Call);
/// The header word of such an object, without the tag; 0 if it is none.
uint32_t reusableWord(const llvm::CallInst &Call, Descriptors *Types = nullptr);
/// The heap that the object of such a call lies on, a constant or a parameter; null for the
/// default one.
llvm::Value *heapOfNew(const llvm::CallInst &Call);

/// The header word of the object that \p Allocation, which is reusable, makes: with its tag, which
/// may be computed.
llvm::Value *headerWord(llvm::IRBuilderBase &B, const llvm::CallInst &Allocation);

/// Where a load or store of \p Pointer lies in the payload of \p Object; none if it does not, or
/// not always there.
std::optional<uint64_t> offsetIn(const llvm::Value *Object, const llvm::Value *Pointer,
                                 const llvm::DataLayout &DL);

/// Whether a value of type \p T can be at \p Offset in an object of the shape: a reference is a
/// field, and anything else touches none and ends within the object.
bool fits(const Descriptor &D, uint64_t Offset, llvm::Type *T, const References &R,
          const llvm::DataLayout &DL);

/// Whether \p I gives the object another name than its address and addresses computed from it,
/// by which it may be written or read: stores it, passes it to a call, casts it.
bool letsOthersWrite(const llvm::Instruction &I, const llvm::Value &Object);

} // namespace cairn

#endif // CAIRN_LOWERING_SHAPES_H
