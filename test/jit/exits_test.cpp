//===- exits_test.cpp - What modules register for their end -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "support.h"

#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

using namespace cairn;
using namespace cairn::jit;
using namespace cairn::test;

namespace {

std::string Noted;
void note(char C) { Noted += C; }

/// A module that registers, in this order: a destructor of an object, c; a function
/// with atexit, b; one in its list of destructors, z; a destructor without an object, a.
std::string registering(const std::string &Name = "m") {
  return R"(
@object = internal global i8 99
@__dso_handle = external hidden global i8
@llvm.global_ctors = appending global [1 x { i32, ptr, ptr }] [{ i32, ptr, ptr } { i32 65535, ptr @init, ptr null }]
@llvm.global_dtors = appending global [1 x { i32, ptr, ptr }] [{ i32, ptr, ptr } { i32 65535, ptr @last, ptr null }]
declare i32 @__cxa_atexit(ptr, ptr, ptr)
declare i32 @atexit(ptr)
declare void @note(i8)
define internal void @destroy(ptr %p) {
  %c = load i8, ptr %p
  call void @note(i8 %c)
  store i8 33, ptr %p
  ret void
}
define internal void @plain() {
  call void @note(i8 98)
  ret void
}
define internal void @alone(ptr %p) {
  call void @note(i8 97)
  ret void
}
define internal void @last() {
  call void @note(i8 122)
  ret void
}
define internal void @init() {
  %1 = call i32 @__cxa_atexit(ptr @destroy, ptr @object, ptr @__dso_handle)
  %2 = call i32 @atexit(ptr @plain)
  %3 = call i32 @__cxa_atexit(ptr @alone, ptr null, ptr null)
  ret void
}
define void @)" +
         Name + "() {\n  ret void\n}\n";
}

std::unique_ptr<Session> noting(unsigned Level = 2) {
  auto S = session({.OptLevel = Level});
  EXPECT_EQ(text(S->define("note", reinterpret_cast<void *>(note))), "");
  Noted.clear();
  return S;
}

TEST(Exits, RunInReverseOrderWhenTheModuleGoes) {
  for (unsigned Level : {0u, 2u}) {
    auto S = noting(Level);
    ASSERT_EQ(text(S->add("m", registering())), "");
    EXPECT_EQ(Noted, "");
    ASSERT_EQ(text(S->remove("m")), "");
    EXPECT_EQ(Noted, "abcz");
    ASSERT_EQ(text(S->add("m", registering())), "");
    ASSERT_EQ(text(S->remove("m")), "");
    EXPECT_EQ(Noted, "abczabcz");
    S.reset();
    EXPECT_EQ(Noted, "abczabcz") << "once only";
  }
}

TEST(Exits, RunWhenTheSessionEnds) {
  auto S = noting();
  ASSERT_EQ(text(S->add("m", registering("m"))), "");
  ASSERT_EQ(text(S->add("n", registering("n"))), "");
  S.reset();
  EXPECT_EQ(Noted, "abczabcz");
}

TEST(Exits, ARefusedRemovalRunsNothing) {
  auto S = noting();
  ASSERT_EQ(text(S->add("m", registering())), "");
  ASSERT_EQ(
      text(S->add("n", "declare void @m()\ndefine void @n() {\n call void @m()\n ret void\n}")),
      "");
  function<void()>(*S, "n")();
  EXPECT_NE(text(S->remove("m")), "");
  EXPECT_EQ(Noted, "");
}

TEST(Exits, OfAnObjectThatOthersUseRunWithItsLastUser) {
  auto S = noting();
  // An inline function's static object: the first call registers its destructor.
  auto Code = [](const std::string &Name) {
    return R"(
@inline = linkonce_odr global i8 105
@done = linkonce_odr global i8 0
@__dso_handle = external hidden global i8
declare i32 @__cxa_atexit(ptr, ptr, ptr)
declare void @note(i8)
define linkonce_odr void @destroy(ptr %p) {
  %c = load i8, ptr %p
  call void @note(i8 %c)
  ret void
}
define linkonce_odr ptr @get() noinline {
  %d = load i8, ptr @done
  %is = icmp ne i8 %d, 0
  br i1 %is, label %end, label %first
first:
  store i8 1, ptr @done
  %1 = call i32 @__cxa_atexit(ptr @destroy, ptr @inline, ptr @__dso_handle)
  br label %end
end:
  ret ptr @inline
}
define ptr @)" +
           Name + "() {\n  %p = call ptr @get()\n  ret ptr %p\n}\n";
  };
  ASSERT_EQ(text(S->add("a", Code("fa"))), "");
  ASSERT_EQ(text(S->add("b", Code("fb"))), "");
  char *P = static_cast<char *>(function<void *()>(*S, "fa")());
  auto *B = function<void *()>(*S, "fb");
  ASSERT_EQ(text(S->remove("a")), "");
  EXPECT_EQ(Noted, "");
  EXPECT_EQ(B(), P);
  *P = 'j';
  ASSERT_EQ(text(S->remove("b")), "");
  EXPECT_EQ(Noted, "j");
}

TEST(Exits, RunAtExitWhileTheSessionIsThere) {
  auto Leave = [](bool FromCode) {
    auto S = session();
    llvm::cantFail(
        S->define("note", reinterpret_cast<void *>(+[](char C) { (void)!write(2, &C, 1); })));
    llvm::cantFail(S->add("m", registering()));
    llvm::cantFail(S->add("n", "declare void @exit(i32)\ndefine void @leave() {\n"
                               "  call void @exit(i32 7)\n  unreachable\n}"));
    auto *Code = function<void()>(*S, "leave");
    S.release();
    if (FromCode)
      Code();
    exit(7);
  };
  EXPECT_EXIT(Leave(false), testing::ExitedWithCode(7), "^abcz$");
  EXPECT_EXIT(Leave(true), testing::ExitedWithCode(7), "^abcz$");
}

TEST(Exits, ForkHandlersGoWithTheirModule) {
  auto S = noting();
  ASSERT_EQ(text(S->add("m", R"(
declare i32 @pthread_atfork(ptr, ptr, ptr)
declare i32 @at_quick_exit(ptr)
declare void @note(i8)
define internal void @before() {
  call void @note(i8 102)
  ret void
}
define void @start() {
  %1 = call i32 @pthread_atfork(ptr @before, ptr null, ptr null)
  %2 = call i32 @at_quick_exit(ptr @before)
  ret void
})")),
            "");
  function<void()>(*S, "start")();
  auto Fork = [] {
    if (pid_t Child = fork())
      return waitpid(Child, nullptr, 0) == Child;
    _exit(0);
  };
  EXPECT_TRUE(Fork());
  EXPECT_EQ(Noted, "f");
  ASSERT_EQ(text(S->remove("m")), "");
  EXPECT_TRUE(Fork());
  EXPECT_EQ(Noted, "f");
  EXPECT_EXIT(quick_exit(3), testing::ExitedWithCode(3), "");
}

} // namespace
