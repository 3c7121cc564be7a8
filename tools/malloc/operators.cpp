//===- operators.cpp - C++'s operators new and delete -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The library is preloaded into C programs too, so it needs no C++ library. Where an
// operator finds no memory, the C++ library's own operator of the same name, next in
// the search order, goes on: it allocates through malloc, which fails again, and then
// calls the new handler, throws, or catches what the handler throws.
//
//===----------------------------------------------------------------------===//

#include "block.h"
#include "heap/checked.h"
#include "platform/text.h"

#include <dlfcn.h>
#include <errno.h>
#include <new>

namespace cairn::process {

namespace {

/// The C++ library's function of this name; null if the process has none.
template <typename F> F *inCxxLibrary(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  // A plugin may have brought one that the global search does not see.
  static constexpr const char *kLibraries[] = {"libstdc++.so.6", "libc++.so.1", "libc++abi.so.1"};
  for (const char *library : kLibraries) {
    if (found)
      break;
    if (void *handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD)) {
      found = dlsym(handle, name);
      dlclose(handle);
    }
  }
  return reinterpret_cast<F *>(found);
}

[[noreturn]] void noMemory(size_t n) {
  Text message;
  message << "cairn: operator new: no memory for " << uint64_t(n)
          << " bytes, and no C++ library to say so by an exception\n";
  message.flush();
  platform::abort();
}

__attribute__((cold, noinline)) void *newSlow(size_t n, unsigned form, const char *name) {
  if (void *p = takeSlow(n, form))
    return p;
  auto *next = inCxxLibrary<void *(size_t)>(name);
  return next ? next(n) : (noMemory(n), nullptr);
}

__attribute__((cold, noinline)) void *newNothrowSlow(size_t n, unsigned form, const char *name) {
  if (void *p = takeSlow(n, form))
    return p;
  auto *next = inCxxLibrary<void *(size_t, const std::nothrow_t &)>(name);
  return next ? next(n, std::nothrow_t()) : nullptr;
}

/// What the C++ library's operator allocated is as what this one does.
void *noteAlign(void *p, size_t align) {
  if (p && defaultHeap()->checked)
    noteCode(p, alignCode(align));
  return p;
}

void *newAligned(size_t n, std::align_val_t align, unsigned form, const char *name) {
  if (void *p = allocateAligned(size_t(align), n, form))
    return p;
  auto *next = inCxxLibrary<void *(size_t, std::align_val_t)>(name);
  return next ? noteAlign(next(n, align), size_t(align)) : (noMemory(n), nullptr);
}

void *newAlignedNothrow(size_t n, std::align_val_t align, unsigned form, const char *name) {
  if (void *p = allocateAligned(size_t(align), n, form))
    return p;
  auto *next = inCxxLibrary<void *(size_t, std::align_val_t, const std::nothrow_t &)>(name);
  return next ? noteAlign(next(n, align, std::nothrow_t()), size_t(align)) : nullptr;
}

} // namespace

} // namespace cairn::process

/// The library's own, whoever else may have one of that name.
extern "C" __attribute__((visibility("hidden"), alias("_ZdlPv"))) void cairn_own_delete(void *);

namespace cairn::process {

/// Whether the program has an operator delete of its own: what it is given, and for which size,
/// is between it and the program's operator new.
static bool isReplaced() {
  auto *used = static_cast<void (*)(void *) noexcept>(::operator delete);
  asm("" : "+r"(used)); // two names of one function, as far as the compiler knows
  return reinterpret_cast<void *>(used) != reinterpret_cast<void *>(cairn_own_delete);
}

void deleteSlow(void *p, Claim claim) {
  if (!p)
    return;
  if (CAIRN_UNLIKELY(isReplaced())) {
    ::operator delete(p);
    return;
  }
  int before = errno;
  // Slots are asked for in multiples of 16.
  if (Place place = locate(p); place.slab && !place.heap->checked && claim.size <= kMaxSmall)
    claim.size = roundUp(claim.size);
  freeWithClaim(p, claim);
  errno = before;
}

} // namespace cairn::process

using namespace cairn::process;

CAIRN_API void *operator new(size_t n) {
  void *p = take(n);
  return CAIRN_LIKELY(p != nullptr) ? p : newSlow(n, cairn::kFromNew, "_Znwm");
}
CAIRN_API void *operator new[](size_t n) {
  void *p = take(n);
  return CAIRN_LIKELY(p != nullptr) ? p : newSlow(n, cairn::kFromNewArray, "_Znam");
}
CAIRN_API void *operator new(size_t n, const std::nothrow_t &) noexcept {
  void *p = take(n);
  return CAIRN_LIKELY(p != nullptr) ? p : newNothrowSlow(n, cairn::kFromNew, "_ZnwmRKSt9nothrow_t");
}
CAIRN_API void *operator new[](size_t n, const std::nothrow_t &) noexcept {
  void *p = take(n);
  return CAIRN_LIKELY(p != nullptr)
             ? p
             : newNothrowSlow(n, cairn::kFromNewArray, "_ZnamRKSt9nothrow_t");
}
CAIRN_API void *operator new(size_t n, std::align_val_t align) {
  return newAligned(n, align, cairn::kFromNew, "_ZnwmSt11align_val_t");
}
CAIRN_API void *operator new[](size_t n, std::align_val_t align) {
  return newAligned(n, align, cairn::kFromNewArray, "_ZnamSt11align_val_t");
}
CAIRN_API void *operator new(size_t n, std::align_val_t align, const std::nothrow_t &) noexcept {
  return newAlignedNothrow(n, align, cairn::kFromNew, "_ZnwmSt11align_val_tRKSt9nothrow_t");
}
CAIRN_API void *operator new[](size_t n, std::align_val_t align, const std::nothrow_t &) noexcept {
  return newAlignedNothrow(n, align, cairn::kFromNewArray, "_ZnamSt11align_val_tRKSt9nothrow_t");
}

CAIRN_API void operator delete(void *p) noexcept { give(p, {.align = 0, .form = cairn::kFromNew}); }
CAIRN_API void operator delete[](void *p) noexcept {
  give(p, {.align = 0, .form = cairn::kFromNewArray});
}
CAIRN_API void operator delete(void *p, size_t n) noexcept { deleteSized(p, n, cairn::kFromNew); }
CAIRN_API void operator delete[](void *p, size_t n) noexcept {
  deleteSized(p, n, cairn::kFromNewArray);
}
CAIRN_API void operator delete(void *p, const std::nothrow_t &) noexcept {
  give(p, {.align = 0, .form = cairn::kFromNew});
}
CAIRN_API void operator delete[](void *p, const std::nothrow_t &) noexcept {
  give(p, {.align = 0, .form = cairn::kFromNewArray});
}
CAIRN_API void operator delete(void *p, std::align_val_t align) noexcept {
  give(p, {.align = size_t(align), .form = cairn::kFromNew});
}
CAIRN_API void operator delete[](void *p, std::align_val_t align) noexcept {
  give(p, {.align = size_t(align), .form = cairn::kFromNewArray});
}
CAIRN_API void operator delete(void *p, size_t n, std::align_val_t align) noexcept {
  deleteSlow(p, {.size = n, .align = size_t(align), .form = cairn::kFromNew});
}
CAIRN_API void operator delete[](void *p, size_t n, std::align_val_t align) noexcept {
  deleteSlow(p, {.size = n, .align = size_t(align), .form = cairn::kFromNewArray});
}
CAIRN_API void operator delete(void *p, std::align_val_t align, const std::nothrow_t &) noexcept {
  give(p, {.align = size_t(align), .form = cairn::kFromNew});
}
CAIRN_API void operator delete[](void *p, std::align_val_t align, const std::nothrow_t &) noexcept {
  give(p, {.align = size_t(align), .form = cairn::kFromNewArray});
}
