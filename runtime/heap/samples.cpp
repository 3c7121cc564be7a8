//===- samples.cpp - The blocks that the heap profile has seen -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All tables lie in address space of their own that is touched as it is used. That of records is
// open addressing without gaps: where one goes, those behind it move up.
//
//===----------------------------------------------------------------------===//

#include "heap/samples.h"

namespace cairn {

namespace {

constexpr uint32_t kMostSites = 1u << 17, kMostNames = 1u << 17, kBucketBits = 14;
constexpr size_t kFrameWords = size_t(1) << 22, kTextBytes = size_t(1) << 24;
constexpr unsigned kFirstRecords = 1u << 10, kMostRecords = 1u << 24;

struct Record {
  uintptr_t block; ///< Inverted: a look for leaks takes it for no root. 0: none.
  uint32_t site;
};

platform::Mutex lock; ///< Inside of every other.

struct Tables {
  ProfileSite *sites;
  FrameName *names;
  uintptr_t *frames;
  char *texts;
  uint32_t *siteBuckets, *nameBuckets;
  uint32_t siteCount, nameCount;
  size_t framesUsed, textsUsed;
  Record *records;
  uint32_t recordRoom, recordCount; ///< The room is a power of two.
  uint64_t lost;
} tables;

uint64_t mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
  return hash ^ hash >> 29;
}

template <typename T> bool make(T *&table, size_t count) {
  if (!table)
    table = static_cast<T *>(platform::reserve(
        (count * sizeof(T) + platform::kPage - 1) & ~(platform::kPage - 1), platform::kPage));
  return table != nullptr;
}

/// Under the lock, as all that follow.
bool makeTables() {
  return make(tables.sites, kMostSites) && make(tables.names, kMostNames) &&
         make(tables.frames, kFrameWords) && make(tables.texts, kTextBytes) &&
         make(tables.siteBuckets, size_t(1) << kBucketBits) &&
         make(tables.nameBuckets, size_t(1) << kBucketBits);
}

uint32_t siteOf(uint64_t size, uint64_t rate, const uintptr_t *frames, size_t count) {
  uint64_t hash = mix(mix(count, size), rate);
  for (size_t i = 0; i < count; ++i)
    hash = mix(hash, frames[i]);
  uint32_t &bucket = tables.siteBuckets[hash >> (64 - kBucketBits)];
  for (uint32_t i = bucket; i; i = tables.sites[i].next)
    if (const ProfileSite &site = tables.sites[i];
        site.hash == hash && site.size == size && site.rate == rate && site.count == count &&
        !__builtin_memcmp(site.frames, frames, count * sizeof(*frames)))
      return i;
  if (tables.siteCount + 1 == kMostSites || tables.framesUsed + count > kFrameWords)
    return 0;
  uintptr_t *to = tables.frames + tables.framesUsed;
  __builtin_memcpy(to, frames, count * sizeof(*frames));
  tables.framesUsed += count;
  uint32_t number = tables.siteCount + 1;
  tables.sites[number] = {hash, size, rate, 0, 0, to, uint32_t(count), bucket};
  bucket = number;
  __atomic_store_n(&tables.siteCount, number, __ATOMIC_RELEASE);
  return number;
}

uint32_t placeOf(uintptr_t block, const Record *records, uint32_t room) {
  auto i = uint32_t(mix(0, block) >> 32) & (room - 1);
  while (records[i].block && records[i].block != block)
    i = (i + 1) & (room - 1);
  return i;
}

bool growRecords() {
  uint32_t room = tables.records ? tables.recordRoom * 2 : kFirstRecords;
  Record *records = nullptr;
  if (room > kMostRecords || !make(records, room))
    return false;
  for (uint32_t i = 0; i < tables.recordRoom; ++i)
    if (const Record &old = tables.records[i]; old.block)
      records[placeOf(old.block, records, room)] = old;
  if (tables.records)
    platform::release(tables.records, tables.recordRoom * sizeof(Record));
  tables.records = records;
  tables.recordRoom = room;
  return true;
}

void end(uint32_t i) {
  ProfileSite &site = tables.sites[tables.records[i].site];
  __atomic_store_n(&site.gone, site.gone + 1, __ATOMIC_RELAXED);
  --tables.recordCount;
  uint32_t mask = tables.recordRoom - 1;
  for (uint32_t gap = i;;) {
    tables.records[gap].block = 0;
    uint32_t next = gap;
    do {
      next = (next + 1) & mask;
      if (!tables.records[next].block)
        return;
      // One that lies where it is looked for first, between the gap and itself, stays.
    } while (((uint32_t(mix(0, tables.records[next].block) >> 32) - gap - 1) & mask) <
             ((next - gap) & mask));
    tables.records[gap] = tables.records[next];
    gap = next;
  }
}

const char *keepText(const char *text) {
  size_t n = __builtin_strlen(text) + 1;
  if (tables.textsUsed + n > kTextBytes)
    return nullptr;
  char *to = tables.texts + tables.textsUsed;
  __builtin_memcpy(to, text, n);
  tables.textsUsed += n;
  return to;
}

} // namespace

void noteSample(const void *block, uint64_t size, uint64_t rate, const uintptr_t *frames,
                size_t count) {
  platform::Guard guard(lock);
  uint32_t number = makeTables() ? siteOf(size, rate, frames, count) : 0;
  if (!number) {
    __atomic_store_n(&tables.lost, tables.lost + 1, __ATOMIC_RELAXED);
    return;
  }
  ProfileSite &site = tables.sites[number];
  __atomic_store_n(&site.made, site.made + 1, __ATOMIC_RELAXED);
  uintptr_t at = ~reinterpret_cast<uintptr_t>(block);
  if (tables.recordCount >= tables.recordRoom / 2 && !growRecords() &&
      tables.recordCount + 1 >= tables.recordRoom) {
    __atomic_store_n(&site.gone, site.gone + 1, __ATOMIC_RELAXED); // its end will not be seen
    __atomic_store_n(&tables.lost, tables.lost + 1, __ATOMIC_RELAXED);
    return;
  }
  uint32_t i = placeOf(at, tables.records, tables.recordRoom);
  if (tables.records[i].block) { // its end was not seen
    end(i);
    i = placeOf(at, tables.records, tables.recordRoom);
  }
  tables.records[i] = {at, number};
  ++tables.recordCount;
}

void endSample(const void *block) {
  platform::Guard guard(lock);
  if (!tables.recordCount)
    return;
  uint32_t i = placeOf(~reinterpret_cast<uintptr_t>(block), tables.records, tables.recordRoom);
  if (tables.records[i].block)
    end(i);
}

void endSamples(uintptr_t from, uintptr_t to) {
  platform::Guard guard(lock);
  for (uint32_t i = 0; i < tables.recordRoom && tables.recordCount;)
    if (tables.records[i].block && ~tables.records[i].block - from < to - from)
      end(i); // another may have moved here
    else
      ++i;
}

uintptr_t nameFrame(const char *function, const char *file, uint32_t line) {
  uint64_t hash = line;
  for (const char *text = function; *text; ++text)
    hash = mix(hash, uint8_t(*text));
  for (const char *text = file; *text; ++text)
    hash = mix(hash, uint8_t(*text));
  platform::Guard guard(lock);
  if (!makeTables())
    return 0;
  uint32_t &bucket = tables.nameBuckets[mix(0, hash) >> (64 - kBucketBits)];
  const char *known = nullptr;
  for (uint32_t i = bucket; i; i = tables.names[i].next)
    if (const FrameName &name = tables.names[i];
        name.line == line && isSameText(name.function, function) && isSameText(name.file, file))
      return kIsName | i;
  // Names come in the order of their lines: most often the file is that of the one before.
  if (tables.nameCount && isSameText(tables.names[tables.nameCount].file, file))
    known = tables.names[tables.nameCount].file;
  const char *keptFunction = keepText(function), *keptFile = known ? known : keepText(file);
  if (!keptFunction || !keptFile || tables.nameCount + 1 == kMostNames)
    return 0;
  uint32_t number = ++tables.nameCount;
  tables.names[number] = {keptFunction, keptFile, line, bucket};
  bucket = number;
  return kIsName | number;
}

uint32_t profileSites() { return __atomic_load_n(&tables.siteCount, __ATOMIC_ACQUIRE); }
const ProfileSite &profileSite(uint32_t number) { return tables.sites[number]; }
const FrameName &frameName(uintptr_t frame) { return tables.names[frame & ~kIsName]; }
uint64_t lostSamples() { return __atomic_load_n(&tables.lost, __ATOMIC_RELAXED); }

void lockSamples() { lock.lock(); }
void unlockSamples() { lock.unlock(); }

} // namespace cairn
