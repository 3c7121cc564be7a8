//===- origin.cpp - Where a block was made and released -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/origin.h"

namespace cairn {

bool anyChecked, notesCallers;
SiteEntry *siteEntries;
uint32_t siteBuckets[1u << kSiteBucketBits];
uint64_t lateSites[1u << kLateSiteBits];

namespace {

constexpr unsigned kSites = 1u << kSiteBits;
uint32_t used;
platform::Mutex lock; ///< Inside of every other but that of metadata.

ThreadInfo threads[kThreadNumbers];
unsigned threadsMade;

unsigned find(uint32_t first, uintptr_t where, const cairn_type *type) {
  for (uint32_t i = first; i; i = siteEntries[i].next)
    if (siteEntries[i].where == where && siteEntries[i].type == type)
      return i;
  return 0;
}

} // namespace

unsigned numberOther(uintptr_t where, const cairn_type *type) {
  uint32_t &bucket = siteBucketOf(where, type);
  if (unsigned n = find(__atomic_load_n(&bucket, __ATOMIC_ACQUIRE), where, type))
    return n;
  platform::Guard guard(lock);
  if (unsigned n = find(bucket, where, type))
    return n;
  if (!siteEntries) {
    void *all = platform::reserve(kSites * sizeof(SiteEntry), platform::kPage);
    __atomic_store_n(&siteEntries, static_cast<SiteEntry *>(all), __ATOMIC_RELAXED);
  }
  if (!siteEntries || used + 1 == kSites)
    return 0;
  unsigned n = ++used;
  siteEntries[n] = {where, type, bucket};
  __atomic_store_n(&bucket, n, __ATOMIC_RELEASE);
  return n;
}

unsigned numberRecord(CheckSite *site, const cairn_type *type) {
  uintptr_t where = reinterpret_cast<uintptr_t>(site) | kIsSite;
  if (type != site->type)
    return numberOf(where, type);
  uint32_t n = __atomic_load_n(&site->number, __ATOMIC_RELAXED);
  if (!n) {
    n = numberOf(where, type);
    __atomic_store_n(&site->number, n, __ATOMIC_RELAXED);
  }
  return n;
}

unsigned findLateSite(Note &note) {
  unsigned n = note.number = findSite(note);
  auto returns = reinterpret_cast<uintptr_t>(note.returns);
  if (n && returns && !note.type)
    __atomic_store_n(&lateSites[returns % (1u << kLateSiteBits)],
                     uint64_t(returns >> kLateSiteBits) << kSiteBits | n, __ATOMIC_RELAXED);
  return n;
}

CAIRN_COLD void setCaller(const void *returns) {
  Thread *thread = currentThread();
  if (thread && !thread->note.held)
    thread->note = {nullptr, returns, nullptr, nullptr, 0, false};
}

void setType(const cairn_type *type) {
  Thread *thread = currentThread();
  if (thread && thread->note.type != type)
    thread->note.type = type, thread->note.number = 0;
}

SiteInfo noted() {
  Thread *thread = knownThread();
  return thread ? SiteInfo{thread->note.site, thread->note.returns, thread->note.type} : SiteInfo();
}

const void *notedHolder() {
  Thread *thread = knownThread();
  return thread ? thread->note.holder : nullptr;
}

SiteInfo siteInfo(unsigned number) {
  if (!number || !siteEntries)
    return SiteInfo();
  const SiteEntry &entry = siteEntries[number];
  if (entry.where & kIsSite)
    return {reinterpret_cast<const CheckSite *>(entry.where & ~kIsSite), nullptr, entry.type};
  return {nullptr, reinterpret_cast<const void *>(entry.where), entry.type};
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

} // namespace cairn
