//===- plan_test.cpp - Wrong plans of a lowering are found -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A debug build compares each plan with its module (lowering/PlanCheck.h). Here the right
// plan of a function is changed in one place at a time.
//
//===----------------------------------------------------------------------===//

#include "cairn/abi.h"
#include "expand/PlanCheck.h"
#include "ir/Intrinsics.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"

#include <gtest/gtest.h>

using namespace cairn;

namespace {

const char *kModule = R"(
target triple = "x86_64-unknown-linux-gnu"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
@fields = constant [1 x i32] [i32 0]
@node = constant { i32, i16, i16, i32, i32, ptr, ptr, ptr }
  { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr null }
@plain = constant { i32, i16, i16, i32, i32, ptr, ptr, ptr }
  { i32 24, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
declare ptr @cairn.malloc(i64)
declare ptr @cairn.heap.malloc(ptr, i64)
declare void @cairn.decref(ptr)
declare void @cairn.free(ptr)

define void @f(ptr %heap, ptr %other) {
  %node = call ptr @cairn.alloc(ptr @node)
  %plain = call ptr @cairn.alloc(ptr @plain)
  %raw = call ptr @cairn.malloc(i64 100)
  %far = call ptr @cairn.heap.malloc(ptr %heap, i64 100)
  call void @cairn.decref(ptr %node)
  call void @cairn.decref(ptr %plain)
  call void @cairn.free(ptr %raw)
  call void @cairn.free(ptr %far)
  call void @cairn.decref(ptr %other)
  call void @cairn.decref(ptr null)
  ret void
}
)";

enum Place {
  kNode,
  kPlain,
  kMalloc,
  kFar,
  kDropNode,
  kDropPlain,
  kFreeRaw,
  kFreeFar,
  kDropOther,
  kDropNull
};

class Plans : public testing::Test {
protected:
  void SetUp() override {
    llvm::SMDiagnostic error;
    M = llvm::parseAssemblyString(kModule, error, Context);
    ASSERT_TRUE(M) << error.getMessage().str();
    for (llvm::Instruction &I : llvm::instructions(*M->getFunction("f")))
      if (auto *call = llvm::dyn_cast<llvm::CallInst>(&I)) {
        PlannedCall planned{call, calledIntrinsic(*call), {}, false, false, {}};
        ASSERT_NE(planned.I, nullptr);
        if (planned.I->is(kTyped))
          planned.Type = descriptorOf(*call).Known;
        Plan.push_back(planned);
      }
    ASSERT_EQ(Plan.size(), 10u);
    Plan[kDropNode].NonNull = Plan[kDropPlain].NonNull = true;
    Plan[kDropPlain].Leaf = true;
    Plan[kDropNode].Own = binOf(kObject, classOf(24));
    Plan[kDropPlain].Own = binOf(kObject, classOf(32));
    Plan[kFreeRaw].Own = binOf(kRaw, classOf(100));
    EXPECT_EQ(wrongPlan(*M, Plan), "");
  }
  void expectWrong(const char *part) {
    std::string wrong = wrongPlan(*M, Plan);
    EXPECT_NE(wrong.find("in function 'f'"), std::string::npos) << wrong;
    EXPECT_NE(wrong.find(part), std::string::npos) << wrong;
  }

  llvm::LLVMContext Context;
  std::unique_ptr<llvm::Module> M;
  std::vector<PlannedCall> Plan;
};

TEST_F(Plans, ABinOfAnotherClass) {
  Plan[kFreeRaw].Own = binOf(kRaw, classOf(120));
  expectWrong("its operand is of another bin");
}

TEST_F(Plans, ABinOfAnotherKind) {
  Plan[kDropPlain].Own = binOf(kRaw, classOf(32));
  expectWrong("its operand is of another bin");
}

TEST_F(Plans, OwnOfAnotherHeap) {
  Plan[kFreeFar].Own = binOf(kRaw, classOf(100));
  expectWrong("may not be the default one");
}

TEST_F(Plans, OwnOfAnArgument) {
  Plan[kDropOther].Own = binOf(kObject, classOf(32));
  expectWrong("no allocation");
}

TEST_F(Plans, OwnWhereTheThreadMayChange) {
  M->getFunction("f")->setPresplitCoroutine();
  expectWrong("in another thread");
}

TEST_F(Plans, ALeafWithFields) {
  Plan[kDropNode].Leaf = true;
  expectWrong("has fields");
}

TEST_F(Plans, ALeafThatIsNotFresh) {
  Plan[kDropOther].Leaf = true;
  expectWrong("not fresh");
}

TEST_F(Plans, NullThatIsNotNull) {
  Plan[kDropNull].NonNull = true;
  expectWrong("its operand is null");
}

TEST_F(Plans, ADescriptorOfAnotherType) {
  std::swap(Plan[kNode].Type, Plan[kPlain].Type);
  expectWrong("its descriptor is another one");
}

TEST_F(Plans, AnotherIntrinsic) {
  Plan[kFreeRaw].I = Plan[kDropPlain].I;
  expectWrong("another intrinsic");
}

TEST_F(Plans, ACallThatIsPlannedTwice) {
  Plan.push_back(Plan[kMalloc]);
  expectWrong("planned twice");
}

TEST_F(Plans, ACallThatIsNotPlanned) {
  Plan.erase(Plan.begin() + kFar);
  expectWrong("not planned");
}

} // namespace
