//===- removal_test.cpp - What a module's removal leaves to others -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "support.h"

#include <atomic>
#include <execinfo.h>
#include <fstream>
#include <thread>

using namespace cairn;
using namespace cairn::jit;
using namespace cairn::test;

namespace {

/// A module that brings the weak function helper and the weak variable state, as every
/// C++ module does with inline functions, and the strong function of this name.
std::string bringing(const std::string &Linkage, const std::string &Name) {
  return "@state = " + Linkage +
         " global i64 1\n"
         "define " +
         Linkage +
         " i64 @helper(i64 %x) noinline {\n"
         "  %old = load volatile i64, ptr @state\n"
         "  %new = add i64 %old, %x\n"
         "  store volatile i64 %new, ptr @state\n"
         "  ret i64 %new\n"
         "}\n"
         "define i64 @" +
         Name +
         "(i64 %v) {\n"
         "  %z = call i64 @helper(i64 %v)\n"
         "  ret i64 %z\n"
         "}\n";
}

using Function = int64_t(int64_t);

class WeakLinkage : public testing::TestWithParam<const char *> {};
INSTANTIATE_TEST_SUITE_P(Each, WeakLinkage,
                         testing::Values("weak", "weak_odr", "linkonce", "linkonce_odr"));

TEST_P(WeakLinkage, ACopyThatIsInUseOutlivesItsModule) {
  for (unsigned Level : {0u, 2u}) {
    auto S = session({.OptLevel = Level});
    ASSERT_EQ(text(S->add("a", bringing(GetParam(), "fa"))), "");
    ASSERT_EQ(text(S->add("b", bringing(GetParam(), "fb"))), "");
    auto *A = function<Function>(*S, "fa"), *B = function<Function>(*S, "fb");
    EXPECT_EQ(A(1), 2);
    EXPECT_EQ(B(1), 3);
    ASSERT_EQ(text(S->remove("a")), "");
    EXPECT_EQ(B(1), 4);
    // The name is free, and the copy in use is taken.
    ASSERT_EQ(text(S->add("a", bringing(GetParam(), "fa"))), "");
    EXPECT_EQ(function<Function>(*S, "fa")(1), 5);
    ASSERT_EQ(text(S->remove("b")), "");
    EXPECT_EQ(function<Function>(*S, "fa")(1), 6);
    ASSERT_EQ(text(S->remove("a")), "");
    EXPECT_EQ(text(S->lookup("helper").takeError()), "no module defines 'helper'");
    ASSERT_EQ(text(S->add("c", bringing(GetParam(), "fc"))), "");
    EXPECT_EQ(function<Function>(*S, "fc")(1), 2) << "a copy of its own";
  }
}

TEST_P(WeakLinkage, ModulesThatAreNotLinkedYetAreUsers) {
  for (bool Link : {false, true}) {
    auto S = session();
    ASSERT_EQ(text(S->add("a", bringing(GetParam(), "fa"))), "");
    ASSERT_EQ(text(S->add("b", bringing(GetParam(), "fb"))), "");
    ASSERT_EQ(text(S->add("c", bringing(GetParam(), "fc"))), "");
    if (Link) {
      EXPECT_EQ(function<Function>(*S, "fa")(1), 2);
    }
    ASSERT_EQ(text(S->remove("a")), "");
    int Seen = Link ? 2 : 1; // the copy that there was, or a new one
    EXPECT_EQ(function<Function>(*S, "helper")(1), ++Seen);
    EXPECT_EQ(function<Function>(*S, "fc")(1), ++Seen);
    EXPECT_EQ(function<Function>(*S, "fb")(1), ++Seen);
    ASSERT_EQ(text(S->remove("b")), "");
    EXPECT_EQ(function<Function>(*S, "fc")(1), ++Seen);
    ASSERT_EQ(text(S->remove("c")), "");
    EXPECT_EQ(text(S->lookup("helper").takeError()), "no module defines 'helper'");
  }
}

TEST_P(WeakLinkage, AnOwnerThatCannotBeLinkedIsNoOwner) {
  auto S = session();
  ASSERT_EQ(text(S->add("bad", "declare void @nowhere()\n" + bringing(GetParam(), "fa") +
                                   "define void @need() {\n  call void @nowhere()\n  ret void\n}")),
            "");
  ASSERT_EQ(text(S->add("early", bringing(GetParam(), "fb"))), "");
  EXPECT_NE(text(S->lookup("need").takeError()).find("nowhere"), std::string::npos);
  ASSERT_EQ(text(S->add("late", bringing(GetParam(), "fc"))), "");
  EXPECT_EQ(function<Function>(*S, "fc")(1), 2);
  EXPECT_EQ(function<Function>(*S, "fb")(1), 3);
  EXPECT_NE(text(S->lookup("need").takeError()).find("module 'bad'"), std::string::npos);
  EXPECT_EQ(text(S->remove("bad")), "");
  EXPECT_EQ(function<Function>(*S, "fb")(1), 4);
}

TEST(Weak, ACommonVariableOutlivesItsModule) {
  auto S = session();
  auto Code = [](const std::string &Name) {
    return "@shared = common global i64 0\n"
           "define i64 @" +
           Name +
           "(i64 %v) {\n"
           "  %old = atomicrmw add ptr @shared, i64 %v seq_cst\n"
           "  ret i64 %old\n}\n";
  };
  ASSERT_EQ(text(S->add("a", Code("fa"))), "");
  ASSERT_EQ(text(S->add("b", Code("fb"))), "");
  auto *B = function<Function>(*S, "fb");
  EXPECT_EQ(function<Function>(*S, "fa")(7), 0);
  ASSERT_EQ(text(S->remove("a")), "");
  EXPECT_EQ(B(1), 7);
}

TEST(Weak, AStrongDefinitionComesFirstUnlessTheWeakOneIsInUse) {
  auto S = session();
  const char *Strong = "define i64 @helper(i64 %x) {\n  ret i64 100\n}\n";
  ASSERT_EQ(text(S->add("weak", bringing("weak", "fa"))), "");
  ASSERT_EQ(text(S->add("strong", Strong)), "");
  EXPECT_EQ(function<Function>(*S, "fa")(1), 100);
  EXPECT_EQ(text(S->remove("strong")),
            "module 'strong': it cannot be removed: module 'weak' uses 'helper'");
  ASSERT_EQ(text(S->remove({"strong", "weak"})), "");
  ASSERT_EQ(text(S->add("weak", bringing("weak", "fa"))), "");
  EXPECT_EQ(function<Function>(*S, "fa")(1), 2);
  EXPECT_EQ(text(S->add("strong", Strong)), "module 'strong': 'helper' is defined by module 'weak' "
                                            "already: weakly, but that is in use");
}

const char *Types = R"(
%cairn.type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
declare ptr @cairn.alloc(ptr)
@dead = linkonce_odr global i32 0
@t = linkonce_odr global %cairn.type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr @fin, ptr null }
define linkonce_odr void @fin(ptr %p) {
  %n = load i32, ptr @dead
  %m = add i32 %n, 1
  store i32 %m, ptr @dead
  ret void
}
)";
std::string making(const std::string &Name) {
  return Types + ("define ptr @" + Name + "() {\n  %p = call ptr @cairn.alloc(ptr @t)\n" +
                  "  ret ptr %p\n}\n");
}

TEST(Weak, ADescriptorAndItsFinaliserOutliveTheirModule) {
  OwnHeap Heap;
  auto S = session({.Heap = Heap});
  ASSERT_EQ(text(S->add("a", making("make_a"))), "");
  ASSERT_EQ(text(S->add("b", making("make_b"))), "");
  auto *A = function<void *()>(*S, "make_a"), *B = function<void *()>(*S, "make_b");
  void *First = A(), *Second = B();
  ASSERT_EQ(text(S->remove("a")), "");
  void *Third = B();
  cairn_decref(First);
  cairn_decref(Third);
  EXPECT_EQ(*static_cast<int *>(llvm::cantFail(S->lookup("dead"))), 2);
  // The last user may go, the finaliser is still to be called.
  std::string Said = text(S->remove("b"));
  EXPECT_EQ(Said, "");
  cairn_decref(Second);
  EXPECT_EQ(Heap.live(), 0u);
  ASSERT_EQ(text(S->add("c", making("make_c"))), "");
  cairn_decref(function<void *()>(*S, "make_c")());
  EXPECT_EQ(text(S->remove("c")), "");
}

//===----------------------------------------------------------------------===//
// Strong symbols
//===----------------------------------------------------------------------===//

const char *One = "define i64 @one() {\n  ret i64 1\n}\n";
const char *Two = "declare i64 @one()\ndefine i64 @two() {\n  %a = call i64 @one()\n"
                  "  %b = add i64 %a, 1\n  ret i64 %b\n}\n";

TEST(Strong, RefusedWhileAnotherModuleUsesIt) {
  for (bool Link : {false, true}) {
    auto S = session();
    ASSERT_EQ(text(S->add("one", One)), "");
    ASSERT_EQ(text(S->add("two", Two)), "");
    if (Link)
      EXPECT_EQ(function<int64_t()>(*S, "two")(), 2);
    EXPECT_EQ(text(S->remove("one")),
              "module 'one': it cannot be removed: module 'two' uses 'one'");
    EXPECT_EQ(function<int64_t()>(*S, "two")(), 2) << "nothing has changed";
    EXPECT_EQ(text(S->remove("two")), "");
    EXPECT_EQ(text(S->remove("one")), "");
  }
}

TEST(Strong, ModulesThatUseEachOtherGoTogether) {
  auto S = session();
  auto Code = [](const char *Own, const char *Other) {
    return "declare i64 @" + std::string(Other) + "(i64)\ndefine i64 @" + Own +
           "(i64 %n) {\n  %done = icmp eq i64 %n, 0\n  br i1 %done, label %end, label %more\n"
           "more:\n  %m = sub i64 %n, 1\n  %r = call i64 @" +
           Other + "(i64 %m)\n  %s = add i64 %r, 1\n  ret i64 %s\nend:\n  ret i64 0\n}\n";
  };
  ASSERT_EQ(text(S->add("ping", Code("ping", "pong"))), "");
  ASSERT_EQ(text(S->add("pong", Code("pong", "ping"))), "");
  EXPECT_EQ(function<Function>(*S, "ping")(9), 9);
  EXPECT_NE(text(S->remove("ping")), "");
  EXPECT_NE(text(S->remove("pong")), "");
  EXPECT_EQ(text(S->remove({"ping", "none"})), "module 'none': there is no module of this name");
  EXPECT_EQ(function<Function>(*S, "pong")(8), 8);
  EXPECT_EQ(text(S->remove({"ping", "pong"})), "");
  EXPECT_EQ(text(S->add("ping", Code("ping", "pong"))), "");
}

TEST(Strong, WhatAKeptCopyCallsIsInUse) {
  auto S = session();
  ASSERT_EQ(text(S->add("base", "define i64 @base() {\n  ret i64 40\n}")), "");
  auto Code = [](const std::string &Name) {
    return "declare i64 @base()\n"
           "define linkonce_odr i64 @middle() noinline {\n  %x = call i64 @base()\n"
           "  %y = add i64 %x, 2\n  ret i64 %y\n}\n"
           "define i64 @" +
           Name + "() {\n  %x = call i64 @middle()\n  ret i64 %x\n}\n";
  };
  ASSERT_EQ(text(S->add("a", Code("fa"))), "");
  ASSERT_EQ(text(S->add("b", Code("fb"))), "");
  auto *B = function<int64_t()>(*S, "fb");
  EXPECT_NE(text(S->remove({"a", "base"})), "") << "b would call freed code through middle";
  EXPECT_EQ(B(), 42);
  ASSERT_EQ(text(S->remove("a")), "");
  EXPECT_NE(text(S->remove("base")).find("uses 'base'"), std::string::npos);
  EXPECT_EQ(B(), 42);
  EXPECT_EQ(text(S->remove("b")), "");
  EXPECT_EQ(text(S->remove("base")), "");
}

//===----------------------------------------------------------------------===//
// Memory, frames, threads
//===----------------------------------------------------------------------===//

size_t mappings() {
  std::ifstream Maps("/proc/self/maps");
  return size_t(std::count(std::istreambuf_iterator<char>(Maps), {}, '\n'));
}

TEST(Kept, GoesWithItsLastUser) {
  auto S = session({.OptLevel = 1});
  // Each module uses a copy that the one before it brought: none is needed for long.
  auto Code = [](int I) {
    auto Helper = [](int N) {
      std::string Name = "helper" + std::to_string(N);
      return "$" + Name + " = comdat any\ndefine linkonce_odr i64 @" + Name +
             "() noinline comdat {\n  ret i64 " + std::to_string(N) + "\n}\n";
    };
    std::string N = std::to_string(I), Next = std::to_string(I + 1);
    return Helper(I) + Helper(I + 1) + "define i64 @f" + N + "() {\n  %a = call i64 @helper" + N +
           "()\n  %b = call i64 @helper" + Next + "()\n  %c = add i64 %a, %b\n  ret i64 %c\n}\n";
  };
  size_t Warm = 0;
  for (int I = 0; I < 150; ++I) {
    ASSERT_EQ(text(S->add("m" + std::to_string(I), Code(I))), "");
    EXPECT_EQ(function<int64_t()>(*S, "f" + std::to_string(I))(), 2 * I + 1);
    if (I)
      ASSERT_EQ(text(S->remove("m" + std::to_string(I - 1))), "");
    if (I == 20)
      Warm = mappings();
  }
  EXPECT_LT(mappings(), Warm + 10);
}

TEST(Frames, ExceptionsAndBacktracesPassThroughBothModules) {
  auto S = session();
  static int Depth;
  ASSERT_EQ(text(S->define("look", reinterpret_cast<void *>(+[](int64_t N) {
                             void *Frames[64];
                             Depth = backtrace(Frames, 64);
                             if (N)
                               throw N;
                           }))),
            "");
  // The weak functions differ in size, so that what is left out leaves gaps of all sizes.
  auto Code = [](const std::string &Name, const std::string &Callee) {
    std::string Text = "declare void @look(i64)\n";
    for (int I = 0; I < 4; ++I) {
      std::string N = std::to_string(I);
      Text += "$w" + N + " = comdat any\ndefine linkonce_odr void @w" + N +
              "() noinline uwtable comdat {\n" +
              (I % 2 ? "  %x = alloca [" + std::to_string(I * 100) +
                           " x i8]\n  store volatile i8 0, ptr %x\n"
                     : "") +
              "  ret void\n}\ndefine void @" + Name + N + "(i64 %n) uwtable {\n  call void @w" + N +
              "()\n  call void @" + (Callee.empty() ? "look" : Callee + N) +
              "(i64 %n)\n  call void @w" + N + "()\n  ret void\n}\n";
      if (!Callee.empty())
        Text += "declare void @" + Callee + N + "(i64)\n";
    }
    return Text;
  };
  for (bool Reverse : {false, true})
    for (int Round = 0; Round < 3; ++Round) {
      std::string Inner = Code("inner", ""), Outer = Code("outer", "inner");
      ASSERT_EQ(text(S->add("first", Reverse ? Outer : Inner)), "");
      ASSERT_EQ(text(S->add("second", Reverse ? Inner : Outer)), "");
      for (const char *N : {"0", "1", "2", "3"}) {
        auto *F = function<void(int64_t)>(*S, std::string("outer") + N);
        auto *G = function<void(int64_t)>(*S, std::string("inner") + N);
        G(0);
        int Short = Depth;
        F(0);
        EXPECT_EQ(Depth, Short + 1) << N;
        try {
          F(5);
          ADD_FAILURE() << "nothing was thrown";
        } catch (int64_t Thrown) {
          EXPECT_EQ(Thrown, 5);
        }
      }
      ASSERT_EQ(text(S->remove({"first", "second"})), "");
    }
}

TEST(Threads, AddAndRemoveModulesWithACommonHelper) {
  for (const char *Linkage : {"weak", "linkonce_odr"}) {
    auto S = session({.OptLevel = 1});
    std::atomic<int> Failures{0};
    std::vector<std::thread> All;
    for (int T = 0; T < 4; ++T)
      All.emplace_back([&, T] {
        for (int I = 0; I < 40; ++I) {
          std::string N = std::to_string(T * 1000 + I);
          std::string Code = "define " + std::string(Linkage) +
                             " i64 @common(i64 %x) noinline {\n  %y = add i64 %x, 1\n"
                             "  ret i64 %y\n}\ndefine i64 @f" +
                             N + "(i64 %v) {\n  %z = call i64 @common(i64 %v)\n  ret i64 %z\n}\n";
          Failures += !text(S->add("m" + N, Code)).empty();
          auto F = S->function<Function>("f" + N);
          if (!F) {
            ADD_FAILURE() << text(F.takeError());
            continue;
          }
          for (int K = 0; K < 100; ++K)
            Failures += (*F)(K) != K + 1;
          Failures += !text(S->remove("m" + N)).empty();
        }
      });
    for (std::thread &T : All)
      T.join();
    EXPECT_EQ(Failures, 0);
    EXPECT_EQ(text(S->lookup("common").takeError()), "no module defines 'common'");
  }
}

} // namespace
