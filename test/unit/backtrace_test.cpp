//===- backtrace_test.cpp - The calls that a thread is in ---------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the compiler's unwinder finds is taken for right.
//
//===----------------------------------------------------------------------===//

#include "platform/platform.h"
#include "support.h"

#include <algorithm>
#include <alloca.h>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <thread>
#include <unwind.h>

extern "C" void __register_frame(void *);
extern "C" void __deregister_frame(void *);

namespace {

constexpr size_t kMost = 200;

struct Calls {
  const void *at[kMost];
  size_t count = 0;
  /// Without what comes before the call that returns to `first`.
  std::vector<const void *> from(const void *first) const {
    const void *const *end = at + count, *const *begin = std::find(at, end, first);
    return std::vector<const void *>(begin, end);
  }
};

unsigned compared, longest;

/// Looks at the stack in both ways, which must agree from the caller outwards.
__attribute__((noinline)) void compare() {
  Calls own, right;
  own.count = cairn::platform::captureStack(own.at, kMost);
  _Unwind_Backtrace(
      [](_Unwind_Context *context, void *data) {
        auto *to = static_cast<Calls *>(data);
        if (auto at = _Unwind_GetIP(context); at && to->count < kMost)
          to->at[to->count++] = reinterpret_cast<const void *>(at);
        return _URC_NO_REASON;
      },
      &right);
  const void *caller = __builtin_return_address(0);
  auto a = own.from(caller), b = right.from(caller);
  size_t n = std::min(a.size(), b.size()); // the one begins further in, and both may be cut
  ASSERT_GT(n, 2u);
  EXPECT_TRUE(n + 8 > kMost || a.size() == b.size()) << a.size() << " and " << b.size();
  a.resize(n);
  b.resize(n);
  EXPECT_EQ(a, b);
  ++compared;
  longest = std::max(longest, unsigned(n));
}

__attribute__((noinline)) void deep(int n) {
  if (n)
    deep(n - 1);
  else
    compare();
  asm volatile("");
}

/// The stack pointer is not at a known distance.
__attribute__((noinline)) void withRoom(int n) {
  char *room = static_cast<char *>(alloca(size_t(n) * 40 + 1));
  memset(room, n, size_t(n) * 40 + 1);
  asm volatile("" : : "r"(room) : "memory");
  if (n)
    withRoom(n - 1);
  else
    compare();
  asm volatile("" : : "r"(room) : "memory");
}

/// The stack is aligned anew.
__attribute__((noinline)) void withAlignment(int n) {
  alignas(128) char room[128];
  asm volatile("" : : "r"(room) : "memory");
  if (n % 2)
    withAlignment(n - 1);
  else if (n)
    withRoom(n - 1);
  else
    compare();
  asm volatile("" : : "r"(room) : "memory");
}

class Backtrace : public testing::Test {
protected:
  void SetUp() override {
#if !defined(__x86_64__)
    GTEST_SKIP() << "the compiler's unwinder is asked";
#endif
    compared = longest = 0;
    cairn::platform::prepareStacks();
  }
};

TEST_F(Backtrace, FramesOfAllKindsAreFollowed) {
  for (int again = 0; again < 2; ++again) { // what was met before is remembered
    compare();
    deep(40);
    withRoom(9);
    withAlignment(5);
    withAlignment(4);
  }
  std::thread([] { deep(3); }).join();
  EXPECT_EQ(compared, 11u);
  EXPECT_GT(longest, 40u);
}

TEST_F(Backtrace, CallsOfTheCLibraryAreFollowed) {
  int numbers[] = {3, 1, 2};
  qsort(numbers, 3, sizeof(int), [](const void *a, const void *b) {
    compare();
    return *static_cast<const int *>(a) - *static_cast<const int *>(b);
  });
  EXPECT_GT(compared, 1u);
}

void inHandler(int) { deep(2); }

TEST_F(Backtrace, AHandlerOfASignalIsFollowed) {
  if (CAIRN_TEST_ASAN || CAIRN_TEST_TSAN)
    GTEST_SKIP() << "the sanitizer calls handlers itself";
  struct sigaction handler = {}, before;
  handler.sa_handler = inHandler;
  for (int flags : {0, int(SA_ONSTACK)}) {
    static char stack[1 << 16];
    stack_t other = {stack, 0, sizeof stack}, old;
    ASSERT_EQ(sigaltstack(&other, &old), 0);
    handler.sa_flags = flags;
    ASSERT_EQ(sigaction(SIGUSR1, &handler, &before), 0);
    raise(SIGUSR1);
    sigaction(SIGUSR1, &before, nullptr);
    sigaltstack(&old, nullptr);
  }
  EXPECT_EQ(compared, 2u);
}

/// Code that is made at run time, with its entry, in the place of other code.
TEST_F(Backtrace, RegisteredCodeIsFollowedAsItIsNow) {
#if defined(__x86_64__)
  void *page =
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED)
    GTEST_SKIP() << "no code can be made here";
  // A sanitizer reads what is before a function that is called by its address.
  char *code = static_cast<char *>(page) + 64;
  struct __attribute__((packed)) Table {
    uint32_t length = 16, id = 0;
    uint8_t version = 1, augmentation = 0, codeFactor = 1, dataFactor = 0x78, returns = 16;
    uint8_t common[7] = {0x0c, 7, 8, 0x90, 1};
    uint32_t itsLength = 28, toCommon = 24;
    uint64_t begin = 0, size = 32;
    uint8_t rules[8] = {};
    uint32_t end = 0;
  };
  static const struct {
    uint8_t code[16], rules[8];
  } all[] = {
      // push %rbp; mov %rsp, %rbp; call *%rdi; pop %rbp; ret
      {{0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3}, {0x0c, 6, 16, 0x86, 2}},
      // sub $24, %rsp; call *%rdi; add $24, %rsp; ret
      {{0x48, 0x83, 0xec, 24, 0xff, 0xd7, 0x48, 0x83, 0xc4, 24, 0xc3}, {0x0c, 7, 32}},
      // sub $40, %rsp; call *%rdi; add $40, %rsp; ret
      {{0x48, 0x83, 0xec, 40, 0xff, 0xd7, 0x48, 0x83, 0xc4, 40, 0xc3}, {0x0c, 7, 48}},
  };
  for (const auto &one : all) {
    memcpy(code, one.code, sizeof one.code);
    Table table;
    table.begin = reinterpret_cast<uintptr_t>(code);
    memcpy(table.rules, one.rules, sizeof one.rules);
    __register_frame(&table);
    reinterpret_cast<void (*)(void (*)())>(code)([] { deep(2); });
    reinterpret_cast<void (*)(void (*)())>(code)([] { compare(); });
    __deregister_frame(&table);
  }
  EXPECT_EQ(compared, 6u);
  munmap(page, 4096);
#endif
}

} // namespace
