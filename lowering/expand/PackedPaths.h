//===- PackedPaths.h - The fast paths in a form that is read fast --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's bitcode has tables for a whole module, which are read before its first function: of the
// instructions that compile one small module, reading them is a sixth. In the packed form
// (PackPaths.cpp writes it when Cairn is built) everything is read when it is asked for, so that
// a module pays for the two or three fast paths that it uses.
//
// The file. Numbers are LEB128 unless said otherwise, texts are a number of bytes and the bytes:
//
//   u32 number of items, u32 number of globals    little endian
//   u32 place of each item in the file            likewise; the globals come first
//   text triple, text data layout
//   the items: globals, types, attribute lists, profiles
//
// An item names another one by its number. What an item consists of is what `PackedPaths` reads.
// The file belongs to the LLVM that it was written with: it has LLVM's own numbers of opcodes,
// attributes, linkages and conventions.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PACKEDPATHS_H
#define CAIRN_LOWERING_PACKEDPATHS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/IR/Attributes.h"
#include "llvm/IR/GVMaterializer.h"

#include <memory>

namespace llvm {
class Function;
class GlobalVariable;
class Instruction;
class LLVMContext;
class MDNode;
class Module;
class Type;
class Value;
} // namespace llvm

namespace cairn {

namespace packed {

enum class Global { DeclaredFunction, Function, DeclaredVariable, Variable };
enum class Type { Void, Integer, Pointer, Array, Struct, Function };
/// An operand. A local value is an argument, or an instruction by its number behind these.
enum class Value { Local, Integer, Zero, Poison, Global, Parts, Assembly };

/// Flags of an instruction, of whichever kind it is.
enum : unsigned {
  kNoUnsignedWrap = 1,
  kNoSignedWrap = 2,
  kExact = 4,
  kDisjoint = 8,
  kNonNegative = 16,
  kSameSign = 32,
  kVolatile = 64,
};

/// Numbers between a function's name and its body.
inline constexpr unsigned kFunctionFields = 8;

} // namespace packed

/// Makes what it is asked for in a module, from the packed form.
class PackedPaths final : public llvm::GVMaterializer {
public:
  /// A module with nothing in it yet, which owns what fills it: \p Paths. \p Bytes outlive it.
  static std::unique_ptr<llvm::Module> open(llvm::ArrayRef<unsigned char> Bytes,
                                            llvm::StringRef Name, llvm::LLVMContext &C,
                                            PackedPaths *&Paths);
  ~PackedPaths() override;

  bool has(llvm::StringRef Name) const;
  /// Of this name, in the module; null if there is none. A function's body is there when it was
  /// materialised.
  llvm::GlobalValue *find(llvm::StringRef Name);
  /// All names of what is declared, or of what is defined.
  llvm::SmallVector<llvm::StringRef> names(bool Declared) const;

  llvm::Error materialize(llvm::GlobalValue *GV) override;
  llvm::Error materializeModule() override;
  llvm::Error materializeMetadata() override;
  void setStripDebugInfo() override {}
  std::vector<llvm::StructType *> getIdentifiedStructTypes() const override { return Structs; }

private:
  class Cursor;
  class Body;

  PackedPaths(llvm::ArrayRef<unsigned char> Bytes, llvm::Module &M);

  uint32_t word(unsigned N) const;
  Cursor at(unsigned Item) const;
  unsigned itemOf(llvm::StringRef Name) const;

  llvm::GlobalValue *global(unsigned Item);
  llvm::Type *type(unsigned Item);
  llvm::AttributeList attributes(unsigned Item);
  llvm::MDNode *profile(unsigned Item);
  llvm::Value *constant(packed::Value Kind, Cursor &C);

  const llvm::ArrayRef<unsigned char> Bytes;
  llvm::Module &M;
  unsigned Items, Globals;
  /// What was made of the items; null: nothing yet.
  std::vector<void *> Made;
  std::vector<llvm::StructType *> Structs;
};

} // namespace cairn

#endif // CAIRN_LOWERING_PACKEDPATHS_H
