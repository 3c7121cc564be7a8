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
    if (siteEntries[i].where == where && siteEntries[i].type == type && isSame(siteEntries[i]))
      return i;
  return 0;
}

size_t lengthWithEnd(const char *text) { return text ? __builtin_strlen(text) + 1 : 0; }

/// Copies a text to `at`, which moves behind it.
const char *copyTo(char *&at, const char *text) {
  size_t bytes = lengthWithEnd(text);
  if (!bytes)
    return nullptr;
  char *copy = static_cast<char *>(__builtin_memcpy(at, text, bytes));
  at += bytes;
  return copy;
}

/// What messages say of a site: a library may be unloaded before they do, or a module of a JIT
/// session removed. False if there is no memory.
bool copyInto(SiteEntry &entry) {
  auto *site =
      entry.where & kIsSite ? reinterpret_cast<const CheckSite *>(entry.where & ~kIsSite) : nullptr;
  size_t texts = (site ? lengthWithEnd(site->function) + lengthWithEnd(site->file) : 0) +
                 (entry.type ? lengthWithEnd(entry.type->name) : 0);
  if (!site && !entry.type)
    return true;
  struct Copies {
    cairn_type type;
    CheckSite site;
  };
  auto *copies = static_cast<Copies *>(metadata(sizeof(Copies) + texts));
  if (!copies)
    return false;
  char *at = reinterpret_cast<char *>(copies + 1);
  if (entry.type) {
    copies->type = {};
    copies->type.size = entry.type->size;
    copies->type.name = copyTo(at, entry.type->name);
    entry.typeCopy = &copies->type;
  }
  if (site) {
    copies->site = *site;
    copies->site.function = copyTo(at, site->function);
    copies->site.file = copyTo(at, site->file);
    entry.copy = &copies->site;
  }
  return true;
}

/// A new number of a site; 0 if there is no memory. Under the lock.
unsigned numberNew(uintptr_t where, const cairn_type *type) {
  uint32_t &bucket = siteBucketOf(where, type);
  if (!siteEntries) {
    void *all = platform::reserve(kSites * sizeof(SiteEntry), platform::kPage);
    __atomic_store_n(&siteEntries, static_cast<SiteEntry *>(all), __ATOMIC_RELAXED);
  }
  SiteEntry entry = {where, type, nullptr, nullptr, bucket};
  if (!siteEntries || used + 1 == kSites || !copyInto(entry))
    return 0;
  unsigned n = ++used;
  siteEntries[n] = entry;
  __atomic_store_n(&bucket, n, __ATOMIC_RELEASE);
  return n;
}

} // namespace

bool isSameRecord(const SiteEntry &entry) {
  auto *site = reinterpret_cast<const CheckSite *>(entry.where & ~kIsSite);
  return site->line == entry.copy->line && site->column == entry.copy->column &&
         isSameText(site->function, entry.copy->function) &&
         isSameText(site->file, entry.copy->file);
}

unsigned numberOther(uintptr_t where, const cairn_type *type) {
  uint32_t &bucket = siteBucketOf(where, type);
  if (unsigned n = find(__atomic_load_n(&bucket, __ATOMIC_ACQUIRE), where, type))
    return n;
  platform::Guard guard(lock);
  if (unsigned n = find(bucket, where, type))
    return n;
  return numberNew(where, type);
}

unsigned numberRecord(CheckSite *site, const cairn_type *type) {
  uintptr_t where = reinterpret_cast<uintptr_t>(site) | kIsSite;
  if (type != site->type)
    return numberOf(where, type);
  uint32_t n = __atomic_load_n(&site->number, __ATOMIC_RELAXED);
  if (!n) {
    // Another record may have been here, of a module that is gone: its number is not this one's.
    platform::Guard guard(lock);
    n = site->number;
    if (!n)
      __atomic_store_n(&site->number, n = numberNew(where, type), __ATOMIC_RELAXED);
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
  if (entry.copy)
    return {entry.copy, nullptr, entry.typeCopy};
  return {nullptr, reinterpret_cast<const void *>(entry.where), entry.typeCopy};
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
