//===- session_test.cpp - Modules: added, called, refused, removed -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "support.h"

#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

#include <dirent.h>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace cairn;
using namespace cairn::jit;
using namespace cairn::test;
using llvm::StringRef;

namespace {

const char *Declarations = R"(
%cairn.type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
declare ptr @cairn.alloc(ptr)
declare ptr @cairn.alloc.bytes(i64)
declare ptr @cairn.alloc.array(ptr, i64)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare void @cairn.share(ptr)
declare ptr @cairn.malloc(i64)
declare void @cairn.free(ptr)
)";

std::string ir(StringRef Body) { return Declarations + Body.str(); }

const char *Pair = R"(
@pair.fields = constant [2 x i32] [i32 0, i32 8]
@pair = global %cairn.type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @pair.fields, ptr null, ptr null }
define ptr @cons(ptr %a, ptr %d) {
  %p = call ptr @cairn.alloc(ptr @pair)
  store ptr %a, ptr %p
  %second = getelementptr i8, ptr %p, i64 8
  store ptr %d, ptr %second
  ret ptr %p
}
define void @drop(ptr %p) {
  call void @cairn.decref(ptr %p)
  ret void
}
)";

struct pair {
  void *a, *d;
};
CAIRN_TYPE(host_pair, struct pair, a, d);

class Levels : public testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(O, Levels, testing::Values(0, 1, 2, 3));

TEST_P(Levels, HostAndCodeShareObjectsOfTheDefaultHeap) {
  auto S = session({.OptLevel = GetParam()});
  ASSERT_EQ(text(S->add("pairs", ir(Pair))), "");
  auto *Cons = function<void *(void *, void *)>(*S, "cons");
  auto *Drop = function<void(void *)>(*S, "drop");
  cairn_stats Before, After;
  cairn_stats_get(nullptr, &Before);
  // Made there, read and dropped here; made here, dropped there.
  pair *P = static_cast<pair *>(Cons(cairn_alloc_bytes(5), nullptr));
  EXPECT_EQ(cairn_length(P->a), 5u);
  EXPECT_EQ(cairn_refcount(P), 1);
  cairn_incref(P);
  cairn_decref(P);
  cairn_decref(P);
  pair *Q = static_cast<pair *>(cairn_alloc(&host_pair));
  Q->a = Cons(nullptr, nullptr);
  Q->d = Cons(nullptr, cairn_alloc_bytes(100));
  cairn_share(Q);
  Drop(Q);
  cairn_stats_get(nullptr, &After);
  EXPECT_EQ(After.live_objects, Before.live_objects);
}

TEST_P(Levels, ASessionOnAHeapOfItsOwnUsesThatHeap) {
  OwnHeap Heap;
  {
    auto S = session({.Heap = Heap, .OptLevel = GetParam()});
    ASSERT_EQ(text(S->add("pairs", ir(Pair))), "");
    void *P = function<void *(void *, void *)>(*S, "cons")(nullptr, nullptr);
    EXPECT_EQ(cairn_heap_of(P), static_cast<cairn_heap *>(Heap));
    EXPECT_EQ(Heap.live(), 1u);
    function<void(void *)>(*S, "drop")(P);
  }
  EXPECT_EQ(Heap.live(), 0u);
}

TEST(Session, TakesBitcodeAndModules) {
  auto S = session();
  auto Context = std::make_unique<llvm::LLVMContext>();
  auto M = std::make_unique<llvm::Module>("m", *Context);
  auto Make = [&](const char *Name, int Value) {
    llvm::IRBuilder<> B(*Context);
    auto *F = llvm::Function::Create(llvm::FunctionType::get(B.getInt32Ty(), false),
                                     llvm::Function::ExternalLinkage, Name, *M);
    B.SetInsertPoint(llvm::BasicBlock::Create(*Context, "", F));
    B.CreateRet(B.getInt32(Value));
  };
  Make("seven", 7);
  llvm::SmallVector<char, 0> Bitcode;
  {
    llvm::raw_svector_ostream OS(Bitcode);
    llvm::WriteBitcodeToFile(*M, OS);
  }
  ASSERT_EQ(text(S->add("bitcode", llvm::MemoryBufferRef({Bitcode.data(), Bitcode.size()}, "b"))),
            "");
  EXPECT_EQ(function<int()>(*S, "seven")(), 7);
  M->getFunction("seven")->setName("eight");
  ASSERT_EQ(text(S->add("module", llvm::orc::ThreadSafeModule(std::move(M), std::move(Context)))),
            "");
  EXPECT_EQ(function<int()>(*S, "eight")(), 7);
}

TEST(Session, ModulesCallEachOtherTheHostAndLibc) {
  auto S = session();
  static int Seen;
  Seen = 0;
  ASSERT_EQ(text(S->define("host_note", reinterpret_cast<void *>(+[](int N) { Seen += N; }))), "");
  ASSERT_EQ(text(S->add("a", "declare void @host_note(i32)\n"
                             "define void @a() {\n call void @host_note(i32 2)\n ret void\n}")),
            "");
  ASSERT_EQ(text(S->add("b", "declare void @a()\ndeclare i64 @strlen(ptr)\n"
                             "@s = constant [4 x i8] c\"abc\\00\"\n"
                             "define i64 @b() {\n call void @a()\n"
                             " %n = call i64 @strlen(ptr @s)\n ret i64 %n\n}")),
            "");
  EXPECT_EQ(function<long()>(*S, "b")(), 3);
  EXPECT_EQ(Seen, 2);
  EXPECT_EQ(text(S->define("host_note", nullptr)), "'host_note' is defined already");
}

// The runtime's own symbols are found when they are looked up, and are there before.
TEST(Session, TheRuntimesSymbolsAreDefinedAlready) {
  auto S = session({.ProcessSymbols = false});
  EXPECT_EQ(text(S->define("cairn_free", nullptr)), "'cairn_free' is defined already");
  ASSERT_EQ(text(S->lookup("cairn_free").takeError()), "");
  EXPECT_EQ(text(S->define("cairn_free", nullptr)), "'cairn_free' is defined already");
  // Negative: no function of the runtime, though its names begin so.
  EXPECT_EQ(text(S->define("cairn_fre", nullptr)), "");
}

TEST(Session, EveryFunctionOfTheHeaderIsThereByName) {
  auto S = session({.ProcessSymbols = false});
  // The header is the list.
  std::ifstream Header(CAIRN_HEADER);
  std::string All((std::istreambuf_iterator<char>(Header)), {});
  unsigned Found = 0;
  for (size_t At = 0; (At = All.find("cairn_", At)) != std::string::npos; ++At) {
    size_t End = All.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", At);
    std::string Name = All.substr(At, End - At);
    char Before = At ? All[At - 1] : ' ';
    bool Declares = All[End] == '(' && (Before == ' ' || Before == '*') &&
                    All.rfind('\n', At) + 40 > At && Name.back() != '_';
    bool Comment = All.substr(All.rfind('\n', At) + 1, 2) == " *" ||
                   All.substr(All.rfind('\n', At) + 1, 1) == "/";
    if (!Declares || Comment)
      continue;
    ++Found;
    EXPECT_EQ(text(S->lookup(Name).takeError()), "") << Name;
  }
  EXPECT_GE(Found, 50u);
}

TEST(Session, ConstructorsRunWhenAModuleIsAdded) {
  auto S = session();
  ASSERT_EQ(text(S->add("c", R"(
@x = global i32 1
@llvm.global_ctors = appending global [2 x { i32, ptr, ptr }] [
  { i32, ptr, ptr } { i32 200, ptr @second, ptr null },
  { i32, ptr, ptr } { i32 100, ptr @first, ptr null }]
define internal void @first() {
  %v = load i32, ptr @x
  %w = add i32 %v, 4
  store i32 %w, ptr @x
  ret void
}
define internal void @second() {
  %v = load i32, ptr @x
  %w = mul i32 %v, 10
  store i32 %w, ptr @x
  ret void
})")),
            "");
  EXPECT_EQ(*static_cast<int *>(llvm::cantFail(S->lookup("x"))), 50);
}

//===----------------------------------------------------------------------===//
// Failures
//===----------------------------------------------------------------------===//

struct Bad {
  const char *Name, *Code;
  std::vector<const char *> Says;
};

TEST(Failures, AreErrorsThatNameTheModuleAndTheReason) {
  auto S = session();
  ASSERT_EQ(text(S->add("good", "define i32 @f() { ret i32 1 }")), "");
  const Bad Cases[] = {
      {"syntax", "define i32 @g( {", {"module 'syntax'", "line 1", "column"}},
      {"invalid",
       "define i32 @g() {\n br label %x\nx:\n %p = phi i32 [0, %x]\n ret i32 %p\n}",
       {"module 'invalid'", "PHI"}},
      {"good", "define i32 @h() { ret i32 1 }", {"module 'good'", "of this name"}},
      {"again", "define i32 @f() { ret i32 1 }", {"module 'again'", "'f'", "'good'"}},
      {"signature",
       "declare i32 @cairn.malloc(i32)\ndefine i32 @w() {\n"
       " %x = call i32 @cairn.malloc(i32 4)\n ret i32 %x\n}",
       {"module 'signature'", "cairn.malloc", "w"}},
      {"layout",
       "target datalayout = \"e-p:32:32\"\ndefine i32 @w() { ret i32 1 }",
       {"module 'layout'", "data layout"}},
      {"target",
       "target triple = \"wasm32-unknown-unknown\"\ndefine i32 @w() { ret i32 1 }",
       {"module 'target'", "wasm32"}},
      {"bitcode", "BC\xc0\xde\x01\x02", {"module 'bitcode'", "cannot be read"}},
  };
  for (const Bad &Case : Cases) {
    std::string Said = text(S->add(Case.Name, Case.Code));
    for (const char *Part : Case.Says)
      EXPECT_NE(Said.find(Part), std::string::npos) << Case.Name << " said: " << Said;
  }
  // Nothing of it stays: the names are free and the session works.
  EXPECT_EQ(text(S->add("again", "define i32 @w() { ret i32 5 }")), "");
  EXPECT_EQ(function<int()>(*S, "w")(), 5);
}

TEST(Failures, AMissingSymbolNamesWhoNeedsIt) {
  auto S = session();
  ASSERT_EQ(text(S->add("needy", "declare i32 @nowhere()\ndefine i32 @need() {\n"
                                 " %x = call i32 @nowhere()\n ret i32 %x\n}")),
            "");
  std::string Said = text(S->lookup("need").takeError());
  for (const char *Part : {"module 'needy'", "'need'", "nowhere"})
    EXPECT_NE(Said.find(Part), std::string::npos) << Said;
  EXPECT_EQ(text(S->lookup("nothing").takeError()), "no module defines 'nothing'");
  EXPECT_EQ(text(S->remove("needy")), "");
  ASSERT_EQ(text(S->add("needy", "define i32 @need() { ret i32 3 }")), "");
  EXPECT_EQ(function<int()>(*S, "need")(), 3);
}

TEST(Failures, AnOptimisationLevelThatIsNone) {
  EXPECT_NE(text(Session::create({.OptLevel = 4}).takeError()).find("4"), std::string::npos);
}

//===----------------------------------------------------------------------===//
// Removal
//===----------------------------------------------------------------------===//

std::string finalised(int N) {
  std::string Suffix = std::to_string(N);
  return ir(R"(
@count)" + Suffix +
            R"( = global i32 0
@t = internal global %cairn.type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr @fin, ptr null }
define internal void @fin(ptr %p) {
  %n = load i32, ptr @count)" +
            Suffix + R"(
  %m = add i32 %n, 1
  store i32 %m, ptr @count)" +
            Suffix + R"(
  ret void
}
define ptr @make)" +
            Suffix + R"(() {
  %p = call ptr @cairn.alloc(ptr @t)
  ret ptr %p
}
)");
}

TEST(Removal, IsRefusedWhileAFinaliserIsNeeded) {
  OwnHeap Heap;
  auto S = session({.Heap = Heap});
  ASSERT_EQ(text(S->add("m", finalised(0))), "");
  auto *Make = function<void *()>(*S, "make0");
  void *P = Make(), *Q = Make();
  std::string Said = text(S->remove("m"));
  EXPECT_NE(Said.find("module 'm'"), std::string::npos) << Said;
  EXPECT_NE(Said.find("2 live objects"), std::string::npos) << Said;
  cairn_decref(P);
  cairn_decref(Q);
  EXPECT_EQ(*static_cast<int *>(llvm::cantFail(S->lookup("count0"))), 2);
  EXPECT_EQ(text(S->remove("m")), "");
  EXPECT_EQ(text(S->remove("m")), "module 'm': there is no module of this name");
}

TEST(Removal, OtherObjectsOutliveTheirDescriptor) {
  OwnHeap Heap;
  auto S = session({.Heap = Heap});
  // A field past word 15: the header refers to the registry, and so to the module.
  ASSERT_EQ(text(S->add("m", ir(R"(
@fields = internal constant [1 x i32] [i32 200]
@wide = internal global %cairn.type { i32 208, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr null }
define ptr @make() {
  %p = call ptr @cairn.alloc(ptr @wide)
  %f = getelementptr i8, ptr %p, i64 200
  %b = call ptr @cairn.alloc.bytes(i64 8)
  store ptr %b, ptr %f
  ret ptr %p
})"))),
            "");
  void *P = function<void *()>(*S, "make")();
  EXPECT_EQ(Heap.live(), 2u);
  ASSERT_EQ(text(S->remove("m")), "");
  cairn_decref(P);
  EXPECT_EQ(Heap.live(), 0u);
}

size_t resident() {
  std::ifstream Statm("/proc/self/statm");
  size_t Size, Resident;
  Statm >> Size >> Resident;
  return Resident * size_t(sysconf(_SC_PAGESIZE));
}

TEST(Removal, ThousandsOfModulesLeaveNothingBehind) {
  OwnHeap Heap;
  auto S = session({.Heap = Heap, .OptLevel = 1});
  size_t After = 0;
  const int Modules = 1200, Warm = 400;
  for (int I = 0; I < Modules; ++I) {
    ASSERT_EQ(text(S->add("m", finalised(0))), "");
    cairn_decref(function<void *()>(*S, "make0")());
    ASSERT_EQ(text(S->remove("m")), "");
    if (I == Warm)
      After = resident();
  }
  EXPECT_LT(resident(), After + After / 10);
}

//===----------------------------------------------------------------------===//
// Exhaustion
//===----------------------------------------------------------------------===//

TEST(Guard, EndsACallThatExhaustsTheHeapAndSaysWhatItHeld) {
  OwnHeap Heap(256 << 10);
  auto S = session({.Heap = Heap});
  ASSERT_EQ(text(S->add("greedy", ir(R"(
@kept = global ptr null
define void @greedy() {
  br label %loop
loop:
  %p = call ptr @cairn.alloc.bytes(i64 1000)
  store volatile ptr %p, ptr @kept
  br label %loop
})"))),
            "");
  auto *Greedy = function<void()>(*S, "greedy");
  for (int Round = 0; Round < 3; ++Round) {
    Abandoned Left;
    std::string Said = text(S->guard([&] { Greedy(); }, &Left));
    EXPECT_NE(Said.find("heap exhausted"), std::string::npos) << Said;
    EXPECT_NE(Said.find("heap test"), std::string::npos) << Said;
    EXPECT_GT(Left.Objects, 100u);
    EXPECT_EQ(Left.Objects, Heap.live());
    EXPECT_GE(Left.Bytes, Left.Objects * 1000);
    // The heap is usable: the host finds what was left and drops it.
    std::vector<void *> Objects;
    cairn_heap_walk(
        Heap,
        [](const cairn_block *B, void *Into) {
          static_cast<std::vector<void *> *>(Into)->push_back(B->p);
          return true;
        },
        &Objects);
    for (void *P : Objects)
      cairn_decref(P);
    EXPECT_EQ(Heap.live(), 0u);
  }
  EXPECT_EQ(text(S->guard([] {})), "");
}

TEST(Guard, NestsAndLeavesTheHostsHandlerInPlace) {
  OwnHeap Heap(256 << 10);
  static int Asked;
  Asked = 0;
  cairn_set_oom_handler(
      Heap,
      [](const cairn_oom *, void *) {
        ++Asked;
        return false;
      },
      nullptr);
  auto S = session({.Heap = Heap});
  void *Held = nullptr;
  std::string Inner;
  EXPECT_EQ(text(S->guard([&] {
              Inner = text(S->guard([&] {
                for (;;)
                  Held = cairn_heap_alloc_bytes(Heap, 100000);
              }));
            })),
            "");
  EXPECT_NE(Inner.find("exhausted"), std::string::npos);
  EXPECT_EQ(Asked, 0);
  EXPECT_DEATH(
      {
        for (;;)
          cairn_heap_alloc_bytes(Heap, 100000);
      },
      "heap exhausted");
  cairn_decref(Held);
  cairn_heap_walk(
      Heap,
      [](const cairn_block *B, void *Into) {
        *static_cast<void **>(Into) = B->p;
        return false;
      },
      &Held);
  if (Heap.live())
    cairn_decref(Held);
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

TEST(Threads, AddCallAndRemoveInOneSessionAtOnce) {
  OwnHeap Heap;
  auto S = session({.Heap = Heap, .OptLevel = 1});
  ASSERT_EQ(text(S->add("pairs", ir(Pair))), "");
  auto *Cons = function<void *(void *, void *)>(*S, "cons");
  std::vector<std::thread> All;
  for (int T = 0; T < 4; ++T)
    All.emplace_back([&, T] {
      for (int I = 0; I < 25; ++I) {
        int N = T * 1000 + I;
        std::string Name = "m" + std::to_string(N);
        ASSERT_EQ(text(S->add(Name, finalised(N))), "");
        auto *Make = function<void *()>(*S, "make" + std::to_string(N));
        void *P = nullptr;
        for (int K = 0; K < 100; ++K)
          P = Cons(Make(), P);
        cairn_decref(P);
        EXPECT_EQ(*static_cast<int *>(llvm::cantFail(S->lookup("count" + std::to_string(N)))), 100);
      }
    });
  for (std::thread &T : All)
    T.join();
  EXPECT_EQ(Heap.live(), 0u);
  for (int T = 0; T < 4; ++T)
    for (int I = 0; I < 25; ++I)
      EXPECT_EQ(text(S->remove("m" + std::to_string(T * 1000 + I))), "");
}

TEST(Threads, ManySessionsAndHeaps) {
  std::vector<std::thread> All;
  for (int T = 0; T < 4; ++T)
    All.emplace_back([] {
      for (int I = 0; I < 5; ++I) {
        OwnHeap Heap;
        auto S = session({.Heap = Heap, .OptLevel = unsigned(I % 4)});
        ASSERT_EQ(text(S->add("pairs", ir(Pair))), "");
        auto *Cons = function<void *(void *, void *)>(*S, "cons");
        void *P = nullptr;
        for (int K = 0; K < 1000; ++K)
          P = Cons(nullptr, P);
        EXPECT_EQ(Heap.live(), 1000u);
        cairn_decref(P);
        EXPECT_EQ(Heap.live(), 0u);
      }
    });
  for (std::thread &T : All)
    T.join();
}

} // namespace
