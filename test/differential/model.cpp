//===- model.cpp - The heap as it should be ---------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Objects are numbered and never reuse memory that another could see; a count is a
// number. Threads run one after the other: where the main thread waits for a message,
// the others do their round.
//
//===----------------------------------------------------------------------===//
#include "interpret.h"

#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <utility>

using namespace differential;

namespace {

struct TooBig {};

class Model {
public:
  using Ref = uint32_t; ///< Index of an object; 0 is null.
  using Raw = uint32_t;

  explicit Model(const Program &p) : p(p), objects(1), raws(1) { hits.resize(p.sites + 1); }

  Ref allocate(int type, uint64_t y, unsigned flags) {
    const Type &t = p.types[type];
    Ref ref = make(type, (t.isArray() ? y : 1) * t.size, t.isArray() ? y : 0);
    if (t.shape == Shape::Plain && flags & kTagged)
      objects[ref].tag = uint8_t(y);
    return ref;
  }
  Ref allocateBytes(uint64_t n, uint8_t fill) { return makeBytes(Shape::Bytes, n, fill); }
  Ref allocateByteArray(uint64_t n, uint8_t fill) { return makeBytes(Shape::ByteArray, n, fill); }

  void incref(Ref ref) {
    if (!ref)
      return;
    ++operations;
    if (!objects[ref].count)
      sound = false;
    ++objects[ref].count;
  }
  void decref(Ref ref) {
    if (!ref)
      return;
    ++operations;
    Object &o = objects[ref];
    if (!o.count) {
      sound = false;
      return;
    }
    if (--o.count)
      return;
    dying.push_back(ref);
    if (isDropping)
      return;
    isDropping = true;
    while (!dying.empty()) {
      Ref next = dying.back();
      dying.pop_back();
      drop(next);
    }
    isDropping = false;
  }

  uint64_t read(Ref ref, uint64_t at, uint32_t size) {
    uint64_t v = 0;
    memcpy(&v, bytesAt(ref, at, size), size);
    return v;
  }
  void write(Ref ref, uint64_t at, uint32_t size, uint64_t v) {
    ++operations;
    memcpy(bytesAt(ref, at, size), &v, size);
  }
  Ref readRef(Ref ref, uint64_t at) { return Ref(read(ref, at, 8)); }
  void writeRef(Ref ref, uint64_t at, Ref child) { write(ref, at, 8, child); }
  uint64_t length(Ref ref) { return objects[ref].length; }
  uint8_t tag(Ref ref) { return objects[ref].tag; }
  void setTag(Ref ref, uint8_t tag) {
    ++operations;
    if (p.types[objects[ref].type].shape != Shape::Bytes)
      objects[ref].tag = tag;
  }
  uint64_t count(Ref ref) { return objects[ref].count; }
  bool isUnique(Ref ref) { return objects[ref].count == 1; }
  bool resolves(Ref, uint64_t) { return true; }
  bool isShared(Ref ref) { return objects[ref].shared; }
  void share(Ref root) {
    ++operations;
    std::vector<Ref> todo = {root};
    while (!todo.empty()) {
      Ref ref = todo.back();
      todo.pop_back();
      if (!ref || objects[ref].shared)
        continue;
      objects[ref].shared = true;
      const Type &type = p.types[objects[ref].type];
      const uint64_t elements = type.isArray() ? objects[ref].length : 1;
      for (uint64_t e = 0; e < elements && !type.refs.empty(); ++e)
        for (const Field &r : type.refs)
          todo.push_back(readRef(ref, e * type.size + r.offset));
    }
  }

  Raw allocateRaw(RawKind kind, uint64_t n, unsigned) {
    ++operations;
    ++liveRaws;
    raws.emplace_back(n, kind == RawKind::Calloc ? 0 : 0xcc);
    grow(int64_t(n));
    return Raw(raws.size() - 1);
  }
  Raw resizeRaw(Raw raw, uint64_t, uint64_t n) {
    if (!raw)
      return allocateRaw(RawKind::Malloc, n, 3);
    ++operations;
    grow(int64_t(n) - int64_t(raws[raw].size()));
    raws[raw].resize(n, 0xcc);
    return raw;
  }
  void free(Raw raw, uint64_t n, bool, bool) {
    if (!raw)
      return;
    ++operations;
    --liveRaws;
    grow(-int64_t(n));
    std::vector<uint8_t>().swap(raws[raw]);
  }
  uint8_t readRaw(Raw raw, uint64_t at) { return raws[raw].at(at); }
  void writeRaw(Raw raw, uint64_t at, uint8_t v) { raws[raw].at(at) = v; }
  bool isWellPlaced(Raw, uint64_t) { return true; }

  void send(int channel, Ref ref) { queues[channel].push_back({ref, 0}); }
  void sendRaw(int channel, Raw raw, uint64_t n) { queues[channel].push_back({raw, n}); }
  Ref receive(int channel) { return take(channel).first; }
  Raw receiveRaw(int channel, uint64_t &n) {
    auto message = take(channel);
    n = message.second;
    return message.first;
  }

  void finalised(uint64_t value) {
    finalSum += diff_mix(value, 0x5bd1e995);
    ++finalCount;
  }
  uint64_t finalisers() { return diff_mix(finalSum, finalCount); }
  void meet() {}
  uint64_t live() { return diff_mix(liveObjects, liveRaws); }
  bool fault() { return !std::exchange(faultDone, true); }
  void hit(unsigned site) { ++hits[site]; }

  void runWorkers() {
    for (uint64_t t = 1; t <= p.workers; ++t)
      runRound(t);
  }
  void runRound(uint64_t thread);

  const Program &p;
  diff_context contexts[diff_max_threads] = {};
  std::vector<std::unique_ptr<Interpreter<Model>::Frame>> frames;
  uint64_t operations = 0;
  uint64_t liveObjects = 0, liveRaws = 0;
  size_t bytes = 0, peak = 0;
  bool sound = true;
  std::vector<uint64_t> hits;

private:
  struct Object {
    int type = 0;
    uint64_t count = 1;
    uint64_t length = 0;
    uint8_t tag = 0;
    bool shared = false;
    std::vector<uint8_t> payload;
  };

  void grow(int64_t by) {
    bytes += size_t(by);
    peak = std::max(peak, bytes);
    if (peak > (size_t(256) << 20))
      throw TooBig();
  }
  Ref make(int type, uint64_t size, uint64_t length) {
    ++operations;
    ++liveObjects;
    Ref ref;
    if (spare.empty()) {
      ref = Ref(objects.size());
      objects.emplace_back();
    } else {
      ref = spare.back();
      spare.pop_back();
      objects[ref] = Object();
    }
    Object &o = objects[ref];
    o.type = type;
    o.length = length;
    o.payload.assign(size, 0);
    grow(int64_t(size));
    return ref;
  }
  Ref makeBytes(Shape shape, uint64_t n, uint8_t fill) {
    int type = 0;
    while (p.types[type].shape != shape)
      ++type;
    Ref ref = make(type, n, n);
    objects[ref].payload.assign(n, fill);
    return ref;
  }
  uint8_t *bytesAt(Ref ref, uint64_t at, uint32_t size) {
    Object &o = objects[ref];
    if (!ref || at + size > o.payload.size()) {
      fprintf(stderr, "the model has no object or byte there\n");
      abort();
    }
    return o.payload.data() + at;
  }
  void drop(Ref ref) {
    const Type &type = p.types[objects[ref].type];
    const uint64_t elements = type.isArray() ? objects[ref].length : 1;
    if (type.final != Final::None)
      for (uint64_t e = 0; e < elements; ++e)
        finalise(*this, p, objects[ref].type, ref, e * type.size);
    for (uint64_t e = 0; e < elements && !type.refs.empty(); ++e)
      for (const Field &r : type.refs)
        decref(readRef(ref, e * type.size + r.offset));
    --liveObjects;
    grow(-int64_t(objects[ref].payload.size()));
    std::vector<uint8_t>().swap(objects[ref].payload);
    // A fault that counts a dead object is to be seen, so its number is not used again.
    if (p.fault == Fault::None)
      spare.push_back(ref);
  }
  std::pair<uint32_t, uint64_t> take(int channel) {
    if (queues[channel].empty() && channel % 4 == 0)
      runWorkers();
    if (queues[channel].empty()) {
      fprintf(stderr, "nothing was sent\n");
      abort();
    }
    auto message = queues[channel].front();
    queues[channel].pop_front();
    return message;
  }

  std::vector<Object> objects;
  std::vector<Ref> spare;
  std::vector<std::vector<uint8_t>> raws;
  std::deque<std::pair<uint32_t, uint64_t>> queues[diff_max_threads * diff_max_threads];
  std::vector<Ref> dying;
  bool isDropping = false;
  uint64_t finalSum = 0, finalCount = 0;
  bool faultDone = false;
};

void Model::runRound(uint64_t thread) {
  diff_context &context = contexts[thread];
  const uint64_t r = context.round = contexts[0].round;
  context.final = contexts[0].final;
  context.last = context.final || (thread && (r + 1) % p.segment == 0);
  Interpreter<Model>(p, *this, context).round(*frames[thread]);
}

} // namespace

Outcome differential::interpretModel(const Program &program, uint64_t operations) {
  Model model(program);
  for (uint64_t t = 0; t < diff_max_threads; ++t)
    model.contexts[t].acc = model.contexts[t].birth = model.contexts[t].thread = t;
  for (int f : program.rounds)
    model.frames.push_back(
        std::make_unique<Interpreter<Model>::Frame>(program.functions[unsigned(f)]));
  Outcome outcome;
  try {
    for (uint64_t r = 0;; ++r) {
      model.contexts[0].round = r;
      model.contexts[0].final =
          operations ? model.operations >= operations : r + 1 == program.roundCount;
      model.runRound(0);
      ++outcome.rounds;
      if (model.contexts[0].final)
        break;
    }
  } catch (TooBig) {
    outcome.sound = false;
  }
  uint64_t sum = model.finalisers();
  for (uint64_t t = 0; t <= program.workers; ++t)
    sum = diff_mix(sum, model.contexts[t].acc);
  char line[128];
  snprintf(line, sizeof line, "checksum %016llx objects %llu blocks %llu heap sound",
           static_cast<unsigned long long>(sum), static_cast<unsigned long long>(model.liveObjects),
           static_cast<unsigned long long>(model.liveRaws));
  outcome.line = line;
  outcome.operations = model.operations;
  outcome.peakBytes = model.peak;
  outcome.sound = outcome.sound && model.sound && !model.liveObjects && !model.liveRaws;
  outcome.hits = std::move(model.hits);
  return outcome;
}
