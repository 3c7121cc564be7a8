//===- thread_local_test.cpp - Thread-local variables of modules -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "support.h"

#include <atomic>
#include <functional>
#include <future>
#include <thread>

using namespace cairn;
using namespace cairn::jit;
using namespace cairn::test;

extern "C" {
__attribute__((visibility("default"))) thread_local int cairn_test_local = 17;
}

namespace {

const char *Locals = R"(
@n = thread_local global i32 5
@wide = internal thread_local global [3 x i64] zeroinitializer, align 256
@text = internal thread_local(initialexec) global [4 x i8] c"abc\00"
@own = linkonce_odr thread_local(localdynamic) global i32 9
declare ptr @llvm.threadlocal.address.p0(ptr)
define ptr @at_n() {
  %p = call ptr @llvm.threadlocal.address.p0(ptr @n)
  ret ptr %p
}
define ptr @at_wide() {
  %p = call ptr @llvm.threadlocal.address.p0(ptr @wide)
  ret ptr %p
}
define ptr @at_text() {
  ret ptr @text
}
define ptr @at_own() {
  ret ptr @own
}
)";

void onThread(const std::function<void()> &F) { std::thread(F).join(); }

class ThreadLocalLevels : public testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(O, ThreadLocalLevels, testing::Values(0, 1, 2, 3));

TEST_P(ThreadLocalLevels, EachThreadHasItsOwnWithTheInitialValue) {
  auto S = session({.OptLevel = GetParam()});
  ASSERT_EQ(text(S->add("m", Locals)), "");
  auto *N = function<int *()>(*S, "at_n");
  auto *Wide = function<int64_t *()>(*S, "at_wide");
  auto *Text = function<char *()>(*S, "at_text");
  auto *Own = function<int *()>(*S, "at_own");
  auto Check = [&] {
    EXPECT_EQ(*N(), 5);
    EXPECT_STREQ(Text(), "abc");
    EXPECT_EQ(Wide()[0] + Wide()[2], 0);
    EXPECT_EQ(uintptr_t(Wide()) % 256, 0u);
    EXPECT_EQ(*Own(), 9);
    EXPECT_EQ(llvm::cantFail(S->lookup("n")), N()) << "the calling thread's";
    *N() = 6;
    *Own() = 10;
    Text()[0] = 'x';
    EXPECT_EQ(*N() + *Own(), 16);
  };
  Check();
  onThread(Check);
  EXPECT_EQ(*N(), 6);
}

TEST(ThreadLocal, IsSharedByTheModulesThatNameIt) {
  auto S = session();
  ASSERT_EQ(text(S->add("m", Locals)), "");
  ASSERT_EQ(text(S->add("user", "@n = external thread_local global i32\n"
                                "@own = linkonce_odr thread_local global i32 9\n"
                                "define ptr @other_n() {\n  ret ptr @n\n}\n"
                                "define ptr @other_own() {\n  ret ptr @own\n}\n")),
            "");
  EXPECT_EQ(function<int *()>(*S, "other_n")(), function<int *()>(*S, "at_n")());
  auto *Own = function<int *()>(*S, "other_own");
  EXPECT_EQ(Own(), function<int *()>(*S, "at_own")());
  EXPECT_NE(text(S->remove("m")).find("module 'user' uses '"), std::string::npos);
  EXPECT_EQ(text(S->add("again", "@n = thread_local global i32 1")),
            "module 'again': 'n' is defined by module 'm' already");
}

TEST(ThreadLocal, OfTheProcessIsTheProcesssOwn) {
  auto S = session();
  ASSERT_EQ(text(S->add("m", "@cairn_test_local = external thread_local global i32\n"
                             "define ptr @at() {\n  ret ptr @cairn_test_local\n}\n")),
            "");
  auto *At = function<int *()>(*S, "at");
  EXPECT_EQ(At(), &cairn_test_local);
  onThread([&] {
    EXPECT_EQ(At(), &cairn_test_local);
    EXPECT_EQ(*At(), 17);
  });
  ASSERT_EQ(text(S->add("none", "@nowhere_local = external thread_local global i32\n"
                                "define ptr @none() {\n  ret ptr @nowhere_local\n}\n")),
            "");
  EXPECT_NE(text(S->lookup("none").takeError()).find("nowhere_local"), std::string::npos);
  // An ordinary variable is no thread-local one.
  ASSERT_EQ(text(S->add("environ", "@environ = external thread_local global ptr\n"
                                   "define ptr @wrong() {\n  ret ptr @environ\n}\n")),
            "");
  EXPECT_NE(text(S->lookup("wrong").takeError()), "");
}

std::atomic<int> Destroyed;
const char *Destroying = R"(
@object = thread_local global i32 3
@__dso_handle = external hidden global i8
declare i32 @__cxa_thread_atexit(ptr, ptr, ptr)
declare void @note(i32)
define internal void @destroy(ptr %p) {
  %v = load i32, ptr %p
  call void @note(i32 %v)
  ret void
}
define void @touch(i32 %v) {
  store i32 %v, ptr @object
  %r = call i32 @__cxa_thread_atexit(ptr @destroy, ptr @object, ptr @__dso_handle)
  ret void
})";

TEST(ThreadLocal, DestructorsRunAtTheThreadsEndOrTheModules) {
  auto S = session();
  Destroyed = 0;
  ASSERT_EQ(text(S->define("note", reinterpret_cast<void *>(+[](int N) { Destroyed += N; }))), "");
  ASSERT_EQ(text(S->add("m", Destroying)), "");
  auto *Touch = function<void(int)>(*S, "touch");
  onThread([&] { Touch(1); });
  EXPECT_EQ(Destroyed, 1);
  std::promise<void> Touched, Removed;
  std::thread Living([&] {
    Touch(10);
    Touched.set_value();
    Removed.get_future().wait();
  });
  Touched.get_future().wait();
  ASSERT_EQ(text(S->remove("m")), "");
  EXPECT_EQ(Destroyed, 11);
  Removed.set_value();
  Living.join();
  EXPECT_EQ(Destroyed, 11) << "once";
}

TEST(ThreadLocal, ModulesComeAndGoWhileThreadsLive) {
  auto S = session({.OptLevel = 1});
  std::atomic<bool> Stop{false};
  std::atomic<int> Turn{0}, Done{0};
  std::atomic<int *(*)()> At{nullptr};
  std::vector<std::thread> Threads;
  for (int T = 0; T < 3; ++T)
    Threads.emplace_back([&] {
      for (int Seen = 0; !Stop; std::this_thread::yield())
        if (Turn != Seen) {
          Seen = Turn;
          EXPECT_EQ(*At.load()(), 5);
          *At.load()() = Seen;
          ++Done;
        }
    });
  for (int I = 1; I <= 30; ++I) {
    ASSERT_EQ(text(S->add("m", Locals)), "");
    At = function<int *()>(*S, "at_n");
    Turn = I;
    while (Done != 3 * I)
      std::this_thread::yield();
    ASSERT_EQ(text(S->remove("m")), "");
  }
  Stop = true;
  for (std::thread &T : Threads)
    T.join();
}

} // namespace
