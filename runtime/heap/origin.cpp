//===- origin.cpp - Where a block was made and released -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/origin.h"

namespace cairn {

bool anyChecked;

namespace {

struct Entry {
  uintptr_t where; ///< A CheckSite's address + 1, or what the call returns to.
  const cairn_type *type;
  uint32_t next; ///< In its bucket.
};
constexpr unsigned kSites = 1u << 20, kBuckets = 1u << 12;
Entry *entries; ///< Address space for all; number 0 is none.
uint32_t buckets[kBuckets];
uint32_t used;
platform::Mutex lock; ///< Inside of every other but that of metadata.

ThreadInfo threads[kThreadNumbers];
unsigned threadsMade;

constexpr uintptr_t kIsSite = 1; ///< CheckSites are aligned; code may be anywhere.
constexpr uintptr_t kIsCode = uintptr_t(1) << 63;

uint32_t &bucketOf(uintptr_t where, const cairn_type *type) {
  uint64_t hash = (where ^ reinterpret_cast<uintptr_t>(type) * 3) * 0x9e3779b97f4a7c15u;
  return buckets[hash >> 52];
}

unsigned find(uint32_t first, uintptr_t where, const cairn_type *type) {
  for (uint32_t i = first; i; i = entries[i].next)
    if (entries[i].where == where && entries[i].type == type)
      return i;
  return 0;
}

/// The number of a site; a new one where it has none. 0 if there is no memory.
unsigned numberOf(uintptr_t where, const cairn_type *type) {
  uint32_t &bucket = bucketOf(where, type);
  if (unsigned n = find(__atomic_load_n(&bucket, __ATOMIC_ACQUIRE), where, type))
    return n;
  platform::Guard guard(lock);
  if (unsigned n = find(bucket, where, type))
    return n;
  if (!entries) {
    void *all = platform::reserve(kSites * sizeof(Entry), platform::kPage);
    __atomic_store_n(&entries, static_cast<Entry *>(all), __ATOMIC_RELAXED);
  }
  if (!entries || used + 1 == kSites)
    return 0;
  unsigned n = ++used;
  entries[n] = {where, type, bucket};
  __atomic_store_n(&bucket, n, __ATOMIC_RELEASE);
  return n;
}

} // namespace

void setCaller(const void *returns) {
  Thread *thread = currentThread();
  if (thread && !thread->note.held)
    thread->note = {nullptr, returns, nullptr, false, nullptr};
}

void noteType(const cairn_type *type) {
  if (Thread *thread = CAIRN_UNLIKELY(anyChecked) ? currentThread() : nullptr)
    thread->note.type = type;
}

SiteInfo noted() {
  Thread *thread = knownThread();
  return thread ? SiteInfo{thread->note.site, thread->note.returns, thread->note.type} : SiteInfo();
}

const void *notedHolder() {
  Thread *thread = knownThread();
  return thread ? thread->note.holder : nullptr;
}

unsigned callerSite() {
  Thread *thread = knownThread();
  if (!thread)
    return 0;
  Note &note = thread->note;
  if (CheckSite *site = note.site) {
    if (note.type != site->type)
      return numberOf(reinterpret_cast<uintptr_t>(site) | kIsSite, note.type);
    uint32_t n = __atomic_load_n(&site->number, __ATOMIC_RELAXED);
    if (CAIRN_UNLIKELY(!n)) {
      n = numberOf(reinterpret_cast<uintptr_t>(site) | kIsSite, note.type);
      __atomic_store_n(&site->number, n, __ATOMIC_RELAXED);
    }
    return n;
  }
  if (!note.returns)
    return 0;
  return numberOf(reinterpret_cast<uintptr_t>(note.returns) | kIsCode, note.type);
}

SiteInfo siteInfo(unsigned number) {
  if (!number || !entries)
    return SiteInfo();
  const Entry &entry = entries[number];
  if (entry.where & kIsCode)
    return {nullptr, reinterpret_cast<const void *>(entry.where & ~kIsCode), entry.type};
  return {reinterpret_cast<const CheckSite *>(entry.where & ~kIsSite), nullptr, entry.type};
}

unsigned threadNumber() {
  Thread *thread = knownThread();
  return thread ? thread->number : 0;
}

unsigned numberThread() {
  unsigned n = 1 + threadsMade++ % (kThreadNumbers - 1);
  platform::ThreadId id = platform::threadId();
  threads[n] = {id.number, id.isMain, false};
  return n;
}

void lockSites() { lock.lock(); }
void unlockSites() { lock.unlock(); }

void threadEnds(unsigned number) { threads[number].ended = true; }

ThreadInfo threadInfo(unsigned number) { return threads[number]; }

CheckedCall::CheckedCall(CheckSite *site) : T(currentThread()) {
  if (!T)
    return;
  Before = T->note;
  T->note = {site, nullptr, site ? site->type : nullptr, true, nullptr};
}
CheckedCall::CheckedCall(const void *returns) : T(currentThread()) {
  if (!T)
    return;
  Before = T->note;
  T->note = {nullptr, returns, nullptr, true, nullptr};
}
CheckedCall::~CheckedCall() {
  if (T)
    T->note = Before;
}

} // namespace cairn
