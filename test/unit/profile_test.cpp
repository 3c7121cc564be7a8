//===- profile_test.cpp - The sampled heap profile ----------------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is allocated by the called forms is told apart by the size that a place allocates, and by
// the address of the call; so that no name is needed.
//
//===----------------------------------------------------------------------===//

#include "heap/profile.h"
#include "heap/samples.h"
#include "heap/sampling.h"
#include "heap/walk.h"
#include "objects.h"
#include "report/profile.h"
#include "support.h"

#include <atomic>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <map>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern "C" void *cairn_fast_malloc(cairn::Bins *bins, uintptr_t bin, void *heap);
extern "C" void cairn_fast_free(void *p);
extern "C" void cairn_fast_free_own(cairn::Bins *bins, uintptr_t bin, void *p);
extern "C" cairn::Bins *cairn_fast_bins_of(void *heap);

using namespace cairn;

namespace {

struct Estimate {
  double made = 0, live = 0;
  uint64_t seen = 0;
};

/// Of the sites from `first` on: by the innermost call and the size of the blocks.
std::map<std::pair<uintptr_t, uint64_t>, Estimate> estimates(uint32_t first) {
  std::map<std::pair<uintptr_t, uint64_t>, Estimate> all;
  for (uint32_t i = first; i <= profileSites(); ++i) {
    const ProfileSite &site = profileSite(i);
    double weight = 1 / chance(double(site.size) / double(site.rate));
    Estimate &of = all[{site.count ? site.frames[0] : 0, site.size}];
    of.made += weight * double(site.made);
    of.live += weight * double(site.made - site.gone);
    of.seen += site.made;
  }
  return all;
}

class Profile : public testing::Test {
protected:
  void SetUp() override {
    if (test::checkedRun())
      GTEST_SKIP() << "a checked heap is not sampled";
    First = profileSites() + 1;
  }
  void TearDown() override { cairn_profile_stop(); }

  /// A rate of its own gives each test sites of its own.
  void start(uint64_t usual) {
    static uint64_t tests;
    Rate = usual + tests++;
    ASSERT_TRUE(cairn_profile_start(Rate));
  }
  Estimate ofSize(uint64_t size) {
    Estimate all;
    for (auto &[place, one] : estimates(First))
      if (place.second == size) {
        all.made += one.made;
        all.live += one.live;
        all.seen += one.seen;
      }
    return all;
  }
  /// The estimate is unbiased, and its standard deviation is sqrt(n (1 - p) / p).
  void expectAbout(double estimate, double n, uint64_t size, const char *what) {
    double p = chance(double(size) / double(Rate));
    EXPECT_NEAR(estimate, n, 5 * std::sqrt(n * (1 - p) / p) + 1) << what;
  }
  test::Heap heap{256 << 20};
  uint32_t First = 0;
  uint64_t Rate = 0;
};

TEST(ProfileChance, FunctionsAreTheLibrarys) {
  for (double x : {1e-9, 1e-5, 0.01, 0.125, 0.5, 1.0, 3.0, 17.0, 39.0, 41.0, 1e6})
    EXPECT_NEAR(chance(x) / -std::expm1(-x), 1, 1e-12) << x;
  EXPECT_EQ(chance(0), 0);
  for (uint64_t n : {uint64_t(0), uint64_t(1), uint64_t(12345), uint64_t(1) << 40, UINT64_MAX / 3,
                     UINT64_MAX - 1})
    EXPECT_NEAR(negativeLog(n), -std::log((double(n) + 1) / 0x1p64), 1e-9) << n;
  EXPECT_EQ(negativeLog(UINT64_MAX), 0);
}

TEST(ProfileChance, DistancesHaveTheMeanAndTheVarianceOfAnExponential) {
  uint64_t state = 1;
  double sum = 0, squares = 0;
  constexpr int kDraws = 200000;
  for (int i = 0; i < kDraws; ++i) {
    double x = drawBytes(state, 1000);
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 1000, 5 * 1000 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws / 2e6, 1, 0.05);
}

/// The calls are not inlined, so that each is a place of its own.
__attribute__((noinline)) void *keep(cairn_heap *h, size_t n) {
  void *p = cairn_heap_malloc(h, n);
  asm volatile("" : "+r"(p));
  return p;
}
__attribute__((noinline)) void *drop(cairn_heap *h, size_t n) {
  void *p = cairn_heap_malloc(h, n);
  asm volatile("" : "+r"(p));
  return p;
}

/// Two places allocate in turn from one bin. One keeps its blocks; the other frees each at once,
/// and so would take the slot back that it freed, and meet every empty stack.
TEST_F(Profile, APlaceThatTakesTheFastPathIsSeenAsOftenAsOneThatDoesNot) {
  start(1 << 14);
  const int kept = int(test::times(40000)), each = 20;
  std::vector<void *> all;
  for (int i = 0; i < kept; ++i) {
    for (int k = 0; k < each; ++k)
      cairn_free(drop(heap, 48));
    all.push_back(keep(heap, 48));
  }
  cairn_profile_stop();
  // By what is left of them.
  double live = 0, freed = 0;
  for (auto &[place, of] : estimates(First)) {
    ASSERT_EQ(place.second, 48u);
    ASSERT_TRUE(of.live == 0 || of.live == of.made);
    (of.live > 0 ? live : freed) += of.made;
  }
  expectAbout(live, kept, 48, "kept");
  expectAbout(freed, kept * each, 48, "freed at once");
  for (void *p : all)
    cairn_free(p);
  EXPECT_EQ(ofSize(48).live, 0);
}

TEST_F(Profile, PlacesOfDifferentSizesAndCountsAreSeenInProportion) {
  start(1 << 15);
  const int n = int(test::times(60000));
  std::map<size_t, int> counts = {{16, n},        {104, n / 2},   {512, n / 8},
                                  {2048, n / 20}, {5000, n / 40}, {200000, n / 500}};
  std::vector<void *> all;
  for (int i = 0; i < n; ++i)
    for (auto [size, count] : counts)
      if (i % (n / count) == 0)
        all.push_back(keep(heap, size));
  cairn_profile_stop();
  for (auto [size, count] : counts) {
    int made = (n + n / count - 1) / (n / count);
    expectAbout(ofSize(size).made, made, size, "made");
    EXPECT_EQ(ofSize(size).live, ofSize(size).made) << size;
  }
  for (void *p : all)
    cairn_free(p);
  for (auto [size, count] : counts)
    EXPECT_EQ(ofSize(size).live, 0) << size;
}

/// Inlined code puts a block that its function allocated back onto the stack of its bin, unseen. A
/// place whose blocks go elsewhere is seen as often as it should be nevertheless, and so is the
/// function's.
TEST_F(Profile, OwnFreesDoNotHideAnotherPlace) {
  start(1 << 14);
  const int kept = int(test::times(40000)), each = 4;
  constexpr unsigned kBin = binOf(kRaw, classOf(64));
  std::vector<void *> all;
  for (int i = 0; i < kept; ++i) {
    for (int k = 0; k < each; ++k) {
      Bins *bins = cairn_fast_bins_of(heap);
      void *p = cairn_fast_malloc(bins, kBin, heap);
      asm volatile("" : "+r"(p));
      cairn_fast_free_own(bins, kBin, p);
    }
    all.push_back(keep(heap, 64));
  }
  cairn_profile_stop();
  double live = 0, freed = 0;
  for (auto &[place, of] : estimates(First))
    (of.live > 0 ? live : freed) += of.made;
  expectAbout(live, kept, 64, "kept");
  // These come in rows of random length: the deviation is larger than that of single blocks. It
  // falls with the root of the number of samples, of which a sanitizer's run has few.
  double samples = double(kept) * each * 64 / (1 << 14);
  EXPECT_NEAR(freed / (double(kept) * each), 1, 6.25 / std::sqrt(samples));
  for (void *p : all)
    cairn_free(p);
}

/// Each way in which a block can be freed ends its sample.
TEST_F(Profile, EveryFreeIsSeen) {
  start(1); // every block
  std::vector<std::pair<const char *, std::function<void()>>> ways = {
      {"the called free", [&] { cairn_free(keep(heap, 40)); }},
      {"a sized free", [&] { cairn_free_sized(keep(heap, 40), 40); }},
      {"an inlined free", [&] { cairn_fast_free(keep(heap, 40)); }},
      {"another thread",
       [&] {
         void *p = keep(heap, 40);
         std::thread([p] { cairn_free(p); }).join();
       }},
      {"realloc to another class", [&] { cairn_free(cairn_realloc(keep(heap, 40), 400)); }},
      {"realloc to a large block", [&] { cairn_free(cairn_realloc(keep(heap, 40), 40000)); }},
      {"a large block", [&] { cairn_free(keep(heap, 40000)); }},
      {"a large block that grows where it is",
       [&] { cairn_free(cairn_realloc(cairn_realloc(keep(heap, 40000), 50000), 45000)); }},
      {"an object", [&] { cairn_decref(cairn_heap_alloc_bytes(heap, 50)); }},
      {"a large object", [&] { cairn_decref(cairn_heap_alloc_bytes(heap, 50000)); }},
      {"a shared object",
       [&] {
         void *object = cairn_heap_alloc_bytes(heap, 50);
         cairn_share(object);
         std::thread([object] { cairn_decref(object); }).join();
       }},
      {"an object with fields",
       [&] {
         void *object = cairn_heap_alloc(heap, &test::pairType);
         cairn_decref(object);
       }},
  };
  for (auto &[name, way] : ways) {
    uint64_t made = 0, gone = 0, before = 0, beforeGone = 0;
    auto count = [&](uint64_t &all, uint64_t &ended) {
      all = ended = 0;
      for (uint32_t i = First; i <= profileSites(); ++i)
        all += profileSite(i).made, ended += profileSite(i).gone;
    };
    count(before, beforeGone);
    for (int i = 0; i < 50; ++i)
      way();
    count(made, gone);
    EXPECT_GT(made, before) << name;
    EXPECT_EQ(made - before, gone - beforeGone) << name;
  }
}

TEST_F(Profile, AHeapThatIsDestroyedLeavesNothingLive) {
  start(64);
  cairn_heap_options options = {64 << 20, "gone", false};
  cairn_heap *other = cairn_heap_create(&options);
  for (int i = 0; i < 500; ++i) {
    keep(other, 144);
    keep(other, 10000);
  }
  EXPECT_GT(ofSize(144).live, 0);
  cairn_heap_destroy(other);
  EXPECT_GT(ofSize(144).made, 0);
  EXPECT_EQ(ofSize(144).live, 0);
  EXPECT_EQ(ofSize(10000).live, 0);
}

TEST_F(Profile, AfterTheStopNothingIsSeenButFrees) {
  start(256);
  std::vector<void *> all;
  for (int i = 0; i < 2000; ++i)
    all.push_back(keep(heap, 160));
  cairn_profile_stop();
  double made = ofSize(160).made;
  EXPECT_GT(made, 0);
  for (int i = 0; i < 20000; ++i)
    cairn_free(keep(heap, 160));
  EXPECT_EQ(ofSize(160).made, made);
  for (void *p : all)
    cairn_free(p);
  EXPECT_EQ(ofSize(160).live, 0);
  // The program runs as before: what is freed is what the next allocation takes.
  void *p = keep(heap, 160);
  cairn_free(p);
  EXPECT_EQ(keep(heap, 160), p);
  cairn_free(p);
  EXPECT_TRUE(cairn_heap_check(heap));
}

/// The heap is whole at each change, with blocks of every state.
TEST_F(Profile, StartsAndStopsKeepTheHeapWhole) {
  std::vector<void *> all;
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    if (round % 2)
      start(1 << (random() % 16));
    else
      cairn_profile_stop();
    for (int i = 0; i < int(test::times(5000)); ++i) {
      if (random() % 5 < 3 || all.empty()) {
        all.push_back(keep(heap, random() % 3000));
      } else {
        std::swap(all[random() % all.size()], all.back());
        cairn_free(all.back());
        all.pop_back();
      }
    }
    ASSERT_TRUE(cairn_heap_check(heap));
    EXPECT_EQ(test::statsOf(heap).live_blocks, all.size());
  }
  cairn_profile_stop();
  for (void *p : all)
    cairn_free(p);
  EXPECT_EQ(test::statsOf(heap).live_blocks, 0u);
}

TEST_F(Profile, ThreadsAreSeenAndMayEnd) {
  start(1 << 12);
  const int n = int(test::times(20000));
  std::vector<std::vector<void *>> all(4);
  std::vector<std::thread> threads;
  for (auto &mine : all)
    threads.emplace_back([&] {
      for (int i = 0; i < n; ++i) {
        mine.push_back(keep(heap, 176));
        cairn_free(drop(heap, 176));
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  expectAbout(ofSize(176).made, 8.0 * n, 176, "made");
  expectAbout(ofSize(176).live, 4.0 * n, 176, "live");
  for (auto &mine : all)
    for (void *p : mine)
      cairn_free(p);
  EXPECT_EQ(ofSize(176).live, 0);
  EXPECT_TRUE(cairn_heap_check(heap));
}

TEST_F(Profile, AChildOfAForkGoesOn) {
  start(1 << 10);
  std::vector<void *> all;
  for (int i = 0; i < 1000; ++i)
    all.push_back(keep(heap, 192));
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i)
      cairn_free(drop(heap, 192));
  });
  pid_t child = fork();
  if (!child) {
    for (void *p : all)
      cairn_free(p);
    bool none = true;
    for (auto &[place, of] : estimates(First))
      none &= place.second != 192 || of.live < of.made;
    for (int i = 0; i < 5000; ++i)
      keep(heap, 192);
    _exit(none && ofSize(192).seen > 10 ? 0 : 1);
  }
  other.join();
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  for (void *p : all)
    cairn_free(p);
}

TEST_F(Profile, SmallHeapsAreSampledFrom1MiB) {
  start(1 << 10);
  test::Heap small(4 << 20), tiny(64 << 10);
  std::vector<void *> all;
  for (int i = 0; i < 4000; ++i) {
    cairn_free(drop(small, 200));
    all.push_back(keep(small, 200));
  }
  expectAbout(ofSize(sizeOfClass(classOf(200))).made, 8000, 200, "made");
  expectAbout(ofSize(sizeOfClass(classOf(200))).live, 4000, 200, "live");
  for (void *p : all)
    cairn_free(p);
  EXPECT_EQ(ofSize(sizeOfClass(classOf(200))).live, 0);
  for (int i = 0; i < 4000; ++i)
    cairn_free(keep(tiny, 232));
  EXPECT_EQ(ofSize(240).seen + ofSize(232).seen, 0u);
  EXPECT_TRUE(cairn_heap_check(small));
}

/// A heap that is full serves the program's blocks first.
TEST_F(Profile, AFullHeapIsNoFault) {
  start(1);
  test::Heap full(2 << 20);
  std::vector<void *> all;
  while (void *p = keep(full, 48))
    all.push_back(p);
  EXPECT_GT(all.size() * 48, size_t(1) << 20);
  for (void *p : all)
    cairn_free(p);
  EXPECT_TRUE(cairn_heap_check(full));
  EXPECT_NE(keep(full, 48), nullptr);
}

/// What is no file is written to, and stays what it is.
TEST_F(Profile, ADeviceStaysADevice) {
  start(1);
  void *p = keep(heap, 48);
  EXPECT_TRUE(cairn_profile_write("/dev/null"));
  errno = 0;
  EXPECT_FALSE(cairn_profile_write("/dev/full"));
  EXPECT_EQ(errno, ENOSPC);
  for (const char *name : {"/dev/null", "/dev/full"}) {
    struct stat its = {};
    ASSERT_EQ(stat(name, &its), 0);
    EXPECT_TRUE(S_ISCHR(its.st_mode)) << name;
  }
  cairn_free(p);
}

extern "C" void __register_frame(void *);
extern "C" void __deregister_frame(void *);

/// The unwinder has a lock where code was registered with it, as JITs do. A thread that is sampled
/// during a fork must not leave it to the child, which could throw no exception.
TEST_F(Profile, AForkWaitsForThoseWhoLookAtTheirStacks) {
  static char code[64]; // what an entry is about: never run
  struct __attribute__((packed)) {
    uint32_t length = 12, id = 0;
    uint8_t version = 1, augmentation = 0, codeFactor = 1, dataFactor = 0x78, returns = 16;
    uint8_t none[3] = {};
    uint32_t itsLength = 24, toCommon = 20;
    uint64_t begin = uint64_t(code), size = sizeof code;
    uint8_t nothing[4] = {};
    uint32_t end = 0;
  } static table;
  __register_frame(&table);
  start(16);
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      while (!stop)
        cairn_free(keep(heap, 1000));
    });
  int ended = 0;
  const int rounds = int(test::times(100));
  for (int i = 0; i < rounds; ++i) {
    pid_t child = fork();
    if (!child) {
      alarm(60);
      try {
        throw i;
      } catch (int) {
      }
      cairn_free(keep(heap, 1000));
      _exit(0);
    }
    int status = 1;
    waitpid(child, &status, 0);
    ended += status == 0;
    if (status)
      break;
  }
  stop = true;
  for (std::thread &thread : threads)
    thread.join();
  __deregister_frame(&table);
  EXPECT_EQ(ended, rounds);
}

std::atomic<int> written, failed;
void writeInHandler(int) {
  int before = errno;
  ++(cairn_profile_write("/dev/null") ? written : failed);
  errno = before;
}

/// A handler of a signal interrupts calls that hold locks: of a cache, of the heap, of the samples.
TEST_F(Profile, AHandlerOfASignalMayWriteItAndStopIt) {
  start(256);
  struct sigaction handler = {}, before;
  handler.sa_handler = writeInHandler;
  handler.sa_flags = SA_RESTART;
  ASSERT_EQ(sigaction(SIGALRM, &handler, &before), 0);
  std::vector<void *> blocks(64);
  written = failed = 0;
  for (unsigned i = 0; written < 40 && !failed; ++i) {
    if (i % 4096 == 0) { // once, so that a write may take as long as it wants
      struct itimerval once = {{0, 0}, {0, 300 + i % 700}};
      ASSERT_EQ(setitimer(ITIMER_REAL, &once, nullptr), 0);
    }
    void *&block = blocks[i % blocks.size()];
    cairn_free(block);
    block = cairn_heap_malloc(heap, i % 5 ? i % 1000 : 3000);
  }
  EXPECT_EQ(failed, 0);
  handler.sa_handler = [](int) { cairn_profile_stop(); };
  sigaction(SIGALRM, &handler, nullptr);
  raise(SIGALRM);
  EXPECT_EQ(profileRate, 0u);
  struct itimerval never = {};
  setitimer(ITIMER_REAL, &never, nullptr);
  sigaction(SIGALRM, &before, nullptr);
  for (void *block : blocks)
    cairn_free(block);
}

/// A process that has forbidden itself to ask for its number has a profile of its name; a child of
/// a fork, which was never told, says so.
TEST_F(Profile, ASandboxNeedNotAskForTheNumber) {
  if (CAIRN_TEST_ASAN || CAIRN_TEST_TSAN)
    GTEST_SKIP() << "the sanitizers ask for it";
  char folder[] = "/tmp/cairn-profile-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  std::string said = folder + std::string("/said");
  pid_t child = fork();
  if (!child) {
    int to = open(said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(to, STDERR_FILENO);
    {
      platform::Guard guard(processLock);
      profileProcess((folder + std::string("/%p.pb:64")).c_str(), "");
    }
    sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
      _exit(77);
    cairn_free(keep(heap, 1000));
    pid_t grandchild = fork();
    int status = 0;
    if (grandchild)
      waitpid(grandchild, &status, 0);
    exit(status ? 1 : 0); // both write a profile, or say why not
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  std::string name = folder + std::string("/") + std::to_string(child) + ".pb", text;
  if (WEXITSTATUS(status) == 77)
    GTEST_SKIP() << "there are no filters";
  EXPECT_EQ(status, 0);
  EXPECT_EQ(access(name.c_str(), R_OK), 0) << name;
  std::ifstream in(said);
  std::getline(in, text);
  EXPECT_NE(text.find("refuses the process's number"), std::string::npos) << text;
  std::getline(in, text);
  EXPECT_NE(text.find(name), std::string::npos) << text;
  for (const std::string &each : {name, said})
    unlink(each.c_str());
  EXPECT_EQ(rmdir(folder), 0); // there is no other file
}

TEST_F(Profile, WrongRatesAndNamesAreRefused) {
  errno = 0;
  EXPECT_FALSE(cairn_profile_start((size_t(1) << 40) + 1));
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(profileRate, 0u);
  EXPECT_FALSE(cairn_profile_write(nullptr));
  EXPECT_EQ(errno, EINVAL);
  EXPECT_FALSE(cairn_profile_write("/no/such/folder/profile.pb"));
  EXPECT_EQ(errno, ENOENT);
  EXPECT_FALSE(cairn_profile_write_to(-1));
  EXPECT_EQ(errno, EBADF);
  ASSERT_TRUE(cairn_profile_start(0));
  EXPECT_EQ(profileRate, kUsualProfileRate);
}

TEST(ProfileChecked, ACheckedDefaultHeapIsRefused) {
  if (!test::checkedRun())
    GTEST_SKIP() << "the default heap is none";
  errno = 0;
  EXPECT_FALSE(cairn_profile_start(0));
  EXPECT_EQ(errno, ENOTSUP);
}

} // namespace
