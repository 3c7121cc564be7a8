//===- faults.cpp - One misuse of malloc for each argument --------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   faults NAME SIZE
//
// Makes the mistake NAME with a block of SIZE bytes, and exits with 0 if nothing ends it.
// faults_test.py says what is to be found.
//
//===----------------------------------------------------------------------===//

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <malloc.h>

namespace {

template <typename T> T hidden(T p) {
  asm volatile("" : "+r"(p) : : "memory");
  return p;
}
char *block(size_t n) { return static_cast<char *>(hidden(malloc(n))); }
void release(void *p) { free(hidden(p)); }

/// Takes and frees enough for what waits to be used again, and for every list to be used.
void churn(size_t n) {
  for (int round = 0; round < 3; ++round) {
    std::vector<char *> blocks(n > 2048 ? 300 : 3000);
    for (char *&p : blocks)
      p = block(n);
    for (char *p : blocks)
      release(p);
  }
}
bool check() {
  const char *set = getenv("CAIRN_CHECK");
  return set && *set == '1';
}
void inThread(const std::function<void()> &f) { std::thread(f).join(); }

/// More blocks of no bytes than may have pages of their own: each its own block, and resized.
void emptyBlocks() {
  std::vector<void *> blocks(6000);
  for (void *&p : blocks)
    if (!(p = malloc(0)) || (check() && malloc_usable_size(p)))
      abort();
  for (size_t i = 1; i < blocks.size(); ++i)
    if (blocks[i] == blocks[i - 1])
      abort();
  char *p = static_cast<char *>(realloc(blocks.back(), 100));
  memset(p, 1, 100);
  blocks.back() = p;
  for (void *q : blocks)
    release(q);
  operator delete(hidden(operator new(0)), size_t(0));
  operator delete[](hidden(operator new[](0, std::align_val_t(64))), std::align_val_t(64));
  release(calloc(0, 5));
  release(aligned_alloc(1 << 16, 0));
}

using Fault = std::function<void(size_t)>;
const std::map<std::string, Fault> kFaults = {
    {"none",
     [](size_t n) {
       churn(n);
       char *p = block(n);
       memset(p, 1, n);
       p = static_cast<char *>(realloc(p, n + 7));
       memset(p, 2, n + 7);
       memset(p, 3, malloc_usable_size(p));
       inThread([p] { release(p); });
       void *q = operator new(n, std::align_val_t(128));
       operator delete(q, n, std::align_val_t(128));
       operator delete(hidden(operator new(n)), n);
       operator delete[](hidden(operator new[](n)));
       operator delete[](hidden(operator new[](n, std::align_val_t(64))), std::align_val_t(64));
       free(hidden(operator new(n)));
       operator delete[](block(n));
       emptyBlocks();
     }},
    {"twice",
     [](size_t n) {
       char *p = block(n);
       release(p), release(p);
     }},
    {"twice, another between",
     [](size_t n) {
       char *p = block(n), *q = block(n);
       release(p), release(q), release(p);
     }},
    {"twice, many between",
     [](size_t n) {
       std::vector<char *> blocks(1000);
       for (char *&p : blocks)
         p = block(n);
       for (char *p : blocks)
         release(p);
       release(blocks[100]);
     }},
    {"twice, in another thread",
     [](size_t n) {
       char *p = block(n), *q = block(n);
       inThread([=] { release(p), release(q), release(p); });
     }},
    {"twice, each in another thread",
     [](size_t n) {
       char *p = block(n), *q = block(n);
       inThread([=] { release(p); });
       inThread([=] { release(q), release(p); });
     }},
    {"twice, the second in another thread",
     [](size_t n) {
       char *p = block(n);
       release(p);
       inThread([=] { release(p); });
     }},
    {"twice, of a thread that ended",
     [](size_t n) {
       char *p = nullptr, *q = nullptr;
       inThread([&] { p = block(n), q = block(n); });
       release(p), release(q), release(p);
     }},
    {"realloc of the freed",
     [](size_t n) {
       char *p = block(n);
       release(p);
       (void)!realloc(hidden(p), n * 3);
     }},
    {"realloc in place of the freed",
     [](size_t n) {
       char *p = block(n);
       release(p);
       (void)!realloc(hidden(p), n);
     }},
    {"usable size of the freed",
     [](size_t n) {
       char *p = block(n);
       release(p);
       malloc_usable_size(hidden(p));
     }},
    {"delete of the freed",
     [](size_t n) {
       void *p = hidden(operator new(n));
       operator delete(p);
       operator delete(hidden(p));
     }},
    {"sized delete of the freed",
     [](size_t n) {
       void *p = hidden(operator new(n));
       operator delete(p, n);
       operator delete(hidden(p), n);
     }},
    {"misaligned", [](size_t n) { release(block(n) + 1); }},
    {"inside", [](size_t n) { release(block(n < 32 ? 32 : n) + 16); }},
    {"inside, realloc", [](size_t n) { (void)!realloc(hidden(block(n < 32 ? 32 : n) + 16), 9); }},
    {"inside, sized delete",
     [](size_t n) {
       n = n < 32 ? 32 : n;
       operator delete(hidden(static_cast<char *>(operator new(n)) + 16), n);
     }},
    {"inside, of another thread",
     [](size_t n) {
       char *p = block(n < 32 ? 32 : n);
       inThread([=] { release(p + 16); });
     }},
    {"never given, next",
     [](size_t n) {
       char *p = block(n);
       release(p + (malloc_usable_size(p) + 15) / 16 * 16);
     }},
    {"never given, far",
     [](size_t n) {
       char *p = block(n);
       release(p + (malloc_usable_size(p) + 15) / 16 * 16 * 20);
     }},
    {"foreign",
     [](size_t n) {
       std::vector<char> bytes(n + 100);
       char local[64];
       release(hidden(local + 16));
     }},
    {"sized delete, too large",
     [](size_t n) { operator delete(hidden(operator new(n)), n * 2 + 20); }},
    {"sized delete, too small",
     [](size_t n) { operator delete(hidden(operator new(n + 300)), n); }},
    {"sized delete, one more", [](size_t n) { operator delete(hidden(operator new(n)), n + 1); }},
    {"aligned delete of a plain block",
     [](size_t n) { operator delete(hidden(operator new(n)), std::align_val_t(64)); }},
    {"plain delete of an aligned block",
     [](size_t n) { operator delete(hidden(operator new(n, std::align_val_t(64)))); }},
    {"delete of another alignment",
     [](size_t n) {
       operator delete(hidden(operator new(n, std::align_val_t(64))), std::align_val_t(32));
     }},
    {"aligned sized delete, wrong size",
     [](size_t n) {
       operator delete(hidden(operator new(n, std::align_val_t(64))), n + 64, std::align_val_t(64));
     }},
    {"one byte over, freed",
     [](size_t n) {
       char *p = block(n);
       p[n] = 1;
       release(p);
     }},
    {"one byte over, kept",
     [](size_t n) {
       char *p = block(n);
       p[n] = 1;
     }},
    {"eight bytes over, realloc",
     [](size_t n) {
       char *p = block(n);
       p[n + 7] = 1;
       (void)!realloc(hidden(p), n * 2);
     }},
    {"one byte over, delete",
     [](size_t n) {
       auto *p = static_cast<char *>(hidden(operator new(n)));
       hidden(p)[n] = 1;
       operator delete(p, n);
     }},
    {"one byte over, aligned",
     [](size_t n) {
       auto *p = static_cast<char *>(hidden(aligned_alloc(64, n)));
       hidden(p)[n] = 1;
       release(p);
     }},
    {"one byte over, calloc",
     [](size_t n) {
       auto *p = static_cast<char *>(hidden(calloc(1, n)));
       hidden(p)[n] = 1;
       release(p);
     }},
    {"written after free, used again",
     [](size_t n) {
       char *p = block(n);
       release(p);
       hidden(p)[n / 2] = 1;
       churn(n);
       churn(n);
     }},
    {"written after free, at the end",
     [](size_t n) {
       char *p = block(n);
       release(p);
       hidden(p)[n - 1] = 1;
     }},
    {"written after realloc",
     [](size_t n) {
       char *p = block(n);
       (void)!hidden(realloc(p, n * 4));
       hidden(p)[n / 2] = 1;
     }},
    {"read after free",
     [](size_t n) {
       char *p = block(n);
       memset(p, 1, n);
       release(p);
       hidden(hidden(p)[n / 2]);
     }},
    {"new, deleted as an array", [](size_t n) { operator delete[](hidden(operator new(n))); }},
    {"new of an array, deleted as one",
     [](size_t n) { operator delete(hidden(operator new[](n))); }},
    {"new of an array, deleted as one, with its size",
     [](size_t n) { operator delete(hidden(operator new[](n)), n); }},
    {"new of an aligned array, deleted as one",
     [](size_t n) {
       operator delete(hidden(operator new[](n, std::align_val_t(64))), std::align_val_t(64));
     }},
    {"size 0 read", [](size_t) { hidden(*hidden(block(0))); }},
    {"size 0 written, freed",
     [](size_t) {
       char *p = block(0);
       *hidden(p) = 1;
       release(p);
     }},
    {"size 0 written, kept",
     [](size_t) {
       char *p = block(0);
       *hidden(p) = 1;
     }},
};

} // namespace

int main(int argc, char **argv) {
  auto found = argc == 3 ? kFaults.find(argv[1]) : kFaults.end();
  if (found == kFaults.end()) {
    for (const auto &[name, fault] : kFaults)
      puts(name.c_str());
    return 2;
  }
  found->second(size_t(atol(argv[2])));
  return 0;
}
