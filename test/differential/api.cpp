//===- api.cpp - The program through the C API ------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "interpret.h"

#include <array>
#include <cairn.h>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

using namespace differential;

namespace {

constexpr size_t kMaxTypes = 24;

const Program *theProgram;

struct Descriptors {
  std::vector<cairn_type> types;
  std::vector<std::vector<uint32_t>> offsets;
} descriptors;

class Api {
public:
  using Ref = void *;
  using Raw = unsigned char *;

  Ref allocate(int type, uint64_t y, unsigned flags) {
    const Type &t = theProgram->types[type];
    if (t.shape == Shape::RefArray)
      return flags & kTry ? cairn_try_alloc_array(&cairn_type_ref, y)
                          : cairn_alloc_array(&cairn_type_ref, y);
    const cairn_type *d = &descriptors.types[type];
    if (t.isArray())
      return flags & kTry ? cairn_try_alloc_array(d, y) : cairn_alloc_array(d, y);
    return flags & kTagged ? cairn_alloc_tagged(d, uint8_t(y))
           : flags & kTry  ? cairn_try_alloc(d)
                           : cairn_alloc(d);
  }
  Ref allocateBytes(uint64_t n, uint8_t fill) { return memset(cairn_alloc_bytes(n), fill, n); }
  Ref allocateByteArray(uint64_t n, uint8_t fill) {
    return memset(cairn_alloc_array(&cairn_type_byte, n), fill, n);
  }
  void incref(Ref ref) { cairn_incref(ref); }
  void decref(Ref ref) { cairn_decref(ref); }
  uint64_t read(Ref ref, uint64_t at, uint32_t size) {
    uint64_t v = 0;
    memcpy(&v, static_cast<char *>(ref) + at, size);
    return v;
  }
  void write(Ref ref, uint64_t at, uint32_t size, uint64_t v) {
    memcpy(static_cast<char *>(ref) + at, &v, size);
  }
  Ref readRef(Ref ref, uint64_t at) {
    Ref child;
    memcpy(&child, static_cast<char *>(ref) + at, sizeof child);
    return child;
  }
  void writeRef(Ref ref, uint64_t at, Ref child) {
    memcpy(static_cast<char *>(ref) + at, &child, sizeof child);
  }
  uint64_t length(Ref ref) { return cairn_length(ref); }
  uint8_t tag(Ref ref) { return cairn_tag(ref); }
  void setTag(Ref ref, uint8_t tag) { cairn_set_tag(ref, tag); }
  uint64_t count(Ref ref) { return uint64_t(cairn_refcount(ref)); }
  bool isUnique(Ref ref) { return cairn_is_unique(ref); }
  bool resolves(Ref ref, uint64_t x) {
    uint64_t n = cairn_length(ref);
    return cairn_resolve(static_cast<char *>(ref) + (n ? x % n : 0)) == ref;
  }
  bool isShared(Ref ref) { return diff_is_shared(ref); }
  void share(Ref ref) { cairn_share(ref); }

  Raw allocateRaw(RawKind kind, uint64_t n, unsigned shift) {
    return static_cast<Raw>(kind == RawKind::Malloc   ? cairn_malloc(n)
                            : kind == RawKind::Calloc ? cairn_calloc(1, n)
                                                      : aligned(size_t(1) << shift, n));
  }
  Raw resizeRaw(Raw raw, uint64_t, uint64_t n) { return static_cast<Raw>(cairn_realloc(raw, n)); }
  void free(Raw raw, uint64_t n, bool sized, bool wrong) {
    if (sized)
      cairn_free_sized(raw, wrong ? n * 2 + 64 : n);
    else
      cairn_free(raw);
  }
  uint8_t readRaw(Raw raw, uint64_t at) { return raw[at]; }
  void writeRaw(Raw raw, uint64_t at, uint8_t v) { raw[at] = v; }
  bool isWellPlaced(Raw raw, uint64_t n) {
    return reinterpret_cast<uintptr_t>(raw) % (n && n % 16 == 0 ? 16 : 8) == 0 &&
           cairn_usable_size(raw) >= n;
  }

  void send(int channel, Ref ref) { diff_send(uint64_t(channel), ref, diff_object); }
  void sendRaw(int channel, Raw raw, uint64_t n) { diff_send(uint64_t(channel), raw, n); }
  Ref receive(int channel) {
    uint64_t n;
    return diff_receive(uint64_t(channel), &n);
  }
  Raw receiveRaw(int channel, uint64_t &n) {
    return static_cast<Raw>(diff_receive(uint64_t(channel), &n));
  }
  void finalised(uint64_t value) { diff_finalised(value); }
  uint64_t finalisers() { return diff_finalisers(); }
  void meet() { diff_meet(theProgram->workers + 1); }
  uint64_t live() { return diff_live(); }
  bool fault() { return diff_fault(); }
  void hit(unsigned) {}

private:
  static void *aligned(size_t align, uint64_t n) {
    void *p = cairn_aligned_alloc(align, n);
    if (reinterpret_cast<uintptr_t>(p) % align)
      abort();
    return p;
  }
};

template <int Index> void finaliseType(void *object) {
  Api api;
  finalise(api, *theProgram, Index, object, 0);
}
template <int... I>
constexpr std::array<void (*)(void *), sizeof...(I)>
makeFinalisers(std::integer_sequence<int, I...>) {
  return {finaliseType<I>...};
}
constexpr auto finalisers = makeFinalisers(std::make_integer_sequence<int, kMaxTypes>());

std::vector<std::unique_ptr<Interpreter<Api>::Frame>> frames;

void runRound(diff_context *context) {
  Api api;
  Interpreter<Api>(*theProgram, api, *context).round(*frames[context->thread]);
}

} // namespace

int differential::interpretApi(const Program &program) {
  theProgram = &program;
  if (program.types.size() > kMaxTypes)
    abort();
  descriptors.offsets.resize(program.types.size());
  for (size_t i = 0; i < program.types.size(); ++i) {
    const Type &t = program.types[i];
    for (const Field &r : t.refs)
      descriptors.offsets[i].push_back(r.offset);
    cairn_type d = {};
    d.size = t.size;
    d.align = uint16_t(t.align);
    d.field_count = uint16_t(t.refs.size());
    d.fields = descriptors.offsets[i].data();
    d.finalize = t.final != Final::None ? finalisers[i] : nullptr;
    d.name = "random";
    descriptors.types.push_back(d);
  }
  for (int f : program.rounds)
    frames.push_back(std::make_unique<Interpreter<Api>::Frame>(program.functions[unsigned(f)]));
  const diff_round rounds[diff_max_threads] = {runRound, runRound, runRound, runRound};
  const diff_program run = {program.workers, program.roundCount, program.segment, rounds};
  return diff_run(&run);
}
