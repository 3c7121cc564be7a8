//===- bitcode.cpp - Bitcode through the pipeline -----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A libFuzzer target (docs/testing.md). The input is bitcode, and its corpus the lit tests',
// made when it is built. LLVM's own mutator changes it, so that it stays valid: operations and
// values are inserted, changed and deleted.
//
//===----------------------------------------------------------------------===//

#include "pipeline.h"

#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/FuzzMutate/IRMutator.h"
#include "llvm/FuzzMutate/Operations.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace {

std::unique_ptr<Module> read(const uint8_t *data, size_t size, LLVMContext &context) {
  StringRef bytes(reinterpret_cast<const char *>(data), size);
  Expected<std::unique_ptr<Module>> module =
      parseBitcodeFile(MemoryBufferRef(bytes, "input"), context);
  if (!module) {
    consumeError(module.takeError());
    return nullptr;
  }
  return std::move(*module);
}

IRMutator makeMutator() {
  std::vector<TypeGetter> types = {Type::getInt1Ty, Type::getInt8Ty, Type::getInt32Ty,
                                   Type::getInt64Ty,
                                   [](LLVMContext &c) -> Type * { return PointerType::get(c, 0); }};
  std::vector<std::unique_ptr<IRMutationStrategy>> strategies;
  strategies.push_back(std::make_unique<InjectorIRStrategy>(InjectorIRStrategy::getDefaultOps()));
  strategies.push_back(std::make_unique<InstDeleterIRStrategy>());
  strategies.push_back(std::make_unique<InstModificationIRStrategy>());
  strategies.push_back(std::make_unique<InsertFunctionStrategy>());
  strategies.push_back(std::make_unique<InsertCFGStrategy>());
  strategies.push_back(std::make_unique<InsertPHIStrategy>());
  strategies.push_back(std::make_unique<SinkInstructionStrategy>());
  strategies.push_back(std::make_unique<ShuffleBlockStrategy>());
  return IRMutator(std::move(types), std::move(strategies));
}

} // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  static IRMutator mutator = makeMutator();
  LLVMContext context;
  std::unique_ptr<Module> module = fuzz::parse([&] { return read(data, size, context); });
  if (!module)
    return size;
  mutator.mutateModule(*module, int(seed), most);
  SmallString<0> out;
  raw_svector_ostream os(out);
  WriteBitcodeToFile(*module, os);
  if (out.size() > most)
    return size;
  memcpy(data, out.data(), out.size());
  return out.size();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  LLVMContext context;
  if (auto module = fuzz::parse([&] { return read(data, size, context); }))
    fuzz::runPipeline(std::move(module), data[size / 2] + data[size / 3]);
  return 0;
}
