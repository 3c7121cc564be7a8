//===- statics_test.cpp - Static objects in modules -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "support.h"

#include "cairn.h"
#include "cairn/abi.h"

using namespace cairn;
using namespace cairn::jit;
using namespace cairn::test;

namespace {

/// The static object @object, 8 bytes, and a function for its reference.
std::string object(const std::string &Linkage = "", const std::string &Name = "get") {
  return "@object = " + Linkage + " global { i32, i32, i32, i32, i64 } { i32 " +
         std::to_string(kStaticMark) +
         ", i32 8, i32 -1610612736, i32 8, i64 42 }, section \"cairn_static\", align 16\n"
         "define ptr @" +
         Name + "() { ret ptr getelementptr (i8, ptr @object, i64 16) }\n";
}

using Get = void *();

TEST(Statics, AreKnownWhileTheirModuleIsThere) {
  for (unsigned Level : {0u, 2u}) {
    OwnHeap Heap;
    for (bool Own : {false, true}) {
      SessionOptions Options = {.OptLevel = Level};
      if (Own)
        Options.Heap = Heap;
      auto S = session(Options);
      for (int Round = 0; Round < 3; ++Round) {
        ASSERT_EQ(text(S->add("a", object())), "");
        void *Object = function<Get>(*S, "get")();
        EXPECT_EQ(cairn_resolve(Object), Object);
        cairn_incref(Object);
        cairn_decref(Object);
        cairn_decref(Object);
        EXPECT_EQ(*static_cast<int64_t *>(Object), 42);
        ASSERT_EQ(text(S->remove("a")), "");
        EXPECT_EQ(cairn_resolve(Object), nullptr);
      }
    }
  }
}

TEST(Statics, GoWithTheirSession) {
  auto S = session();
  ASSERT_EQ(text(S->add("a", object())), "");
  void *Object = function<Get>(*S, "get")();
  EXPECT_EQ(cairn_resolve(Object), Object);
  S.reset();
  EXPECT_EQ(cairn_resolve(Object), nullptr);
}

TEST(Statics, StayWithACopyThatIsInUse) {
  auto S = session();
  ASSERT_EQ(text(S->add("a", object("weak", "a"))), "");
  ASSERT_EQ(text(S->add("b", object("weak", "b"))), "");
  void *Object = function<Get>(*S, "a")();
  EXPECT_EQ(function<Get>(*S, "b")(), Object);
  ASSERT_EQ(text(S->remove("a")), "");
  EXPECT_EQ(cairn_resolve(Object), Object);
  ASSERT_EQ(text(S->remove("b")), "");
  EXPECT_EQ(cairn_resolve(Object), nullptr);
}

TEST(Statics, AreForgottenWhereTheLinkFails) {
  auto S = session();
  const std::string Module = object() + "declare ptr @missing()\n"
                                        "define ptr @use() {\n"
                                        "  %p = call ptr @missing()\n"
                                        "  ret ptr %p\n"
                                        "}\n";
  ASSERT_EQ(text(S->add("a", Module)), "");
  EXPECT_NE(text(S->lookup("get").takeError()), "");
  ASSERT_EQ(text(S->remove("a")), "");
  ASSERT_EQ(text(S->add("a", object())), "");
  void *Object = function<Get>(*S, "get")();
  EXPECT_EQ(cairn_resolve(Object), Object);
}

} // namespace
