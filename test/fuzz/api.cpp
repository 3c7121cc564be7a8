//===- api.cpp - Random calls of cairn.h against a model ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A libFuzzer target (docs/testing.md). The input is a program: an operation a byte, and its
// operands. The model knows what is live: of a block its bytes, of an object its count, its
// fields and whether it is shared. What a call gives is compared with the model at once, and
// all of it at the end, when nothing may be left. A wrong answer, or a report of the error
// handler for a call that was right, is __builtin_trap().
//
// Three heaps: the default one, a small one and a checked one. Some frees, releases and
// allocations are done by another thread, so that slabs become orphans and are adopted. Calls
// that are wrong are made in the checked heap, and must be reported.
//
//===----------------------------------------------------------------------===//

#include "cairn.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

#define EXPECT(condition)                                                                          \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                              \
      __builtin_trap();                                                                            \
    }                                                                                              \
  } while (false)

constexpr unsigned kHandles = 48, kHeaps = 3, kFields = 2;
constexpr size_t kMostBytes = size_t(48) << 20; ///< live at once in the model

struct Node {
  void *first, *second;
  uint64_t value;
};
uint64_t finalised;
struct Final {
  void *first, *second;
  uint64_t value;
};
CAIRN_TYPE(nodeType, struct Node, first, second);
CAIRN_TYPE_FINAL(
    finalType, struct Final, [](void *) { ++finalised; }, first, second);

bool expectsError;
unsigned errors;
void onError(cairn_error_kind, const void *, const char *message, void *) {
  ++errors;
  if (expectsError)
    return;
  fprintf(stderr, "an error where there is none: %s\n", message);
  __builtin_trap();
}
bool onFull(const cairn_oom *, void *) { return false; }

/// The bytes of the input, as numbers; 0 when there are no more.
class Input {
public:
  Input(const uint8_t *data, size_t size) : At(data), End(data + size) {}
  bool more() const { return At < End; }
  uint8_t byte() { return more() ? *At++ : 0; }
  unsigned below(unsigned n) { return byte() % n; }
  /// Small ones mostly: every class, and some large blocks.
  size_t size() {
    uint8_t kind = byte(), n = byte();
    if (kind < 160)
      return n;
    if (kind < 230)
      return n * 17u;
    if (kind < 254)
      return n * size_t(1111);
    return n * size_t(16384);
  }

private:
  const uint8_t *At, *End;
};

enum class Kind { None, Raw, Bytes, Array, Object, Final };

/// One handle: a block, or an object that the program holds, or that others hold.
struct Thing {
  Kind kind = Kind::None;
  uint8_t *p = nullptr;
  size_t size = 0;
  unsigned heap = 0;
  int64_t count = 0; ///< all of it
  int64_t held = 0;  ///< by the program
  bool shared = false, exact = false;
  uint8_t fill = 0;
  std::vector<int> fields; ///< Of objects and arrays: handles, or -1.
};

class Program {
public:
  explicit Program(Input &in) : In(in) {
    cairn_heap_options coarse = {size_t(256) << 10, "small", false};
    cairn_heap_options checked = {size_t(16) << 20, "checked", true};
    Heaps[0] = cairn_heap_default();
    Heaps[1] = cairn_heap_create(&coarse);
    Heaps[2] = cairn_heap_create(&checked);
    EXPECT(Heaps[1] && Heaps[2]);
    for (cairn_heap *h : Heaps)
      cairn_set_oom_handler(h, onFull, nullptr);
    finalised = Finals = 0;
  }

  void run() {
    while (In.more())
      step();
    for (int i = 0; i < int(kHandles); ++i)
      while (Things[i].kind != Kind::None && Things[i].held > 0)
        giveBack(i);
    for (Thing &t : Things)
      EXPECT(t.kind == Kind::None);
    EXPECT(finalised == Finals);
    for (cairn_heap *h : Heaps) {
      EXPECT(cairn_heap_check(h));
      cairn_stats stats;
      cairn_stats_get(h, &stats);
      EXPECT(stats.live_blocks == 0 && stats.live_objects == 0);
    }
    cairn_heap_destroy(Heaps[1]);
    cairn_heap_destroy(Heaps[2]);
  }

private:
  int freeHandle() {
    for (unsigned i = 0; i < kHandles; ++i)
      if (Things[i].kind == Kind::None)
        return int(i);
    return -1;
  }
  /// A handle that is in use and held by the program, of one of the kinds if `object`.
  int pick(bool object, bool raw) {
    unsigned from = In.below(kHandles);
    for (unsigned k = 0; k < kHandles; ++k) {
      Thing &t = Things[(from + k) % kHandles];
      bool isRaw = t.kind == Kind::Raw;
      if (t.kind != Kind::None && t.held > 0 && ((isRaw && raw) || (!isRaw && object)))
        return int((from + k) % kHandles);
    }
    return -1;
  }
  static size_t headBytes(const Thing &t) {
    return t.kind == Kind::Object || t.kind == Kind::Final ? 0 : t.kind == Kind::Array ? 0 : t.size;
  }
  static size_t edge(size_t n) { return n < 64 ? n : 64; }
  void write(Thing &t, uint8_t fill) {
    t.fill = fill;
    if (size_t n = headBytes(t)) {
      memset(t.p, fill, edge(n));
      memset(t.p + n - edge(n), fill, edge(n));
    } else if (t.kind == Kind::Object || t.kind == Kind::Final) {
      reinterpret_cast<Node *>(t.p)->value = fill * 0x0101010101010101u;
    }
  }
  void look(const Thing &t) {
    size_t n = headBytes(t);
    for (size_t i = 0; i < edge(n); ++i)
      EXPECT(t.p[i] == t.fill && t.p[n - 1 - i] == t.fill);
    if (t.kind == Kind::Object || t.kind == Kind::Final)
      EXPECT(reinterpret_cast<Node *>(t.p)->value == t.fill * 0x0101010101010101u);
    if (t.kind == Kind::Raw)
      return;
    EXPECT(cairn_refcount(t.p) == t.count);
    EXPECT(cairn_is_unique(t.p) == (t.count == 1));
    for (size_t i = 0; i < t.fields.size(); ++i) {
      void *field = reinterpret_cast<void **>(t.p)[i];
      EXPECT(field == (t.fields[i] < 0 ? nullptr : Things[t.fields[i]].p));
    }
    if (t.kind == Kind::Bytes || t.kind == Kind::Array)
      EXPECT(cairn_length(t.p) == t.size);
  }

  template <typename F> void inThread(bool other, F f) {
    if (other)
      std::thread(f).join();
    else
      f();
  }

  void made(int i, Kind kind, void *p, size_t size, unsigned heap) {
    Thing &t = Things[i];
    if (!p)
      return;
    t = Thing();
    t.kind = kind;
    t.p = static_cast<uint8_t *>(p);
    t.size = size;
    t.heap = heap;
    t.count = t.held = 1;
    Bytes += size;
    EXPECT(cairn_heap_of(p) == Heaps[heap]);
    if (kind == Kind::Raw) {
      EXPECT(cairn_usable_size(p) >= size);
    } else {
      EXPECT(cairn_resolve(p) == p);
      if (size)
        EXPECT(cairn_resolve(t.p + (kind == Kind::Array ? size * sizeof(void *) : size) - 1) == p);
    }
    if (kind == Kind::Object || kind == Kind::Final)
      t.fields.assign(kFields, -1);
    if (kind == Kind::Array)
      t.fields.assign(size, -1);
    write(t, uint8_t(In.byte() | 1));
    look(t);
  }

  void makeRaw(unsigned how, bool other) {
    int i = freeHandle();
    unsigned heap = In.below(kHeaps);
    size_t n = In.size();
    if (i < 0 || Bytes + n > kMostBytes)
      return;
    void *p = nullptr;
    size_t align = size_t(8) << In.below(10);
    inThread(other, [&] {
      if (how == 0)
        p = heap ? cairn_heap_malloc(Heaps[heap], n) : cairn_malloc(n);
      else if (how == 1)
        p = heap ? cairn_heap_calloc(Heaps[heap], 1, n) : cairn_calloc(n, 1);
      else
        p = heap ? cairn_heap_aligned_alloc(Heaps[heap], align, n) : cairn_aligned_alloc(align, n);
    });
    EXPECT(p || heap == 1 || heap == 2);
    if (p && how == 1)
      for (size_t k = 0; k < n; ++k)
        EXPECT(!static_cast<uint8_t *>(p)[k]);
    if (p && how == 2)
      EXPECT(uintptr_t(p) % align == 0);
    made(i, Kind::Raw, p, n, heap);
    if (p)
      Things[i].exact = how != 2;
  }

  void makeObject(unsigned how, bool other) {
    int i = freeHandle();
    unsigned heap = In.below(kHeaps);
    size_t n = how == 2 ? In.size() : how == 3 ? In.below(64) : sizeof(Node);
    if (i < 0 || Bytes + n > kMostBytes)
      return;
    void *p = nullptr;
    inThread(other, [&] {
      cairn_heap *h = Heaps[heap];
      p = how == 0   ? cairn_heap_try_alloc(h, &nodeType)
          : how == 1 ? cairn_heap_try_alloc(h, &finalType)
          : how == 2 ? cairn_heap_try_alloc_bytes(h, n)
                     : cairn_heap_try_alloc_array(h, &cairn_type_ref, n);
    });
    EXPECT(p || heap);
    constexpr Kind kinds[] = {Kind::Object, Kind::Final, Kind::Bytes, Kind::Array};
    made(i, kinds[how], p, n, heap);
  }

  void ends(int i) {
    Thing &t = Things[i];
    Finals += t.kind == Kind::Final;
    Bytes -= t.size;
    std::vector<int> fields = std::move(t.fields);
    t = Thing();
    for (int f : fields)
      if (f >= 0 && --Things[f].count == 0)
        ends(f);
  }
  void giveBack(int i) {
    Thing &t = Things[i];
    look(t);
    if (t.kind == Kind::Raw) {
      t.exact &&t.fill % 3 == 0 ? cairn_free_sized(t.p, t.size) : cairn_free(t.p);
      --t.held;
      ends(i);
      return;
    }
    cairn_decref(t.p);
    --t.held;
    if (--t.count == 0)
      ends(i);
  }

  void share(int i) {
    Thing &t = Things[i];
    if (t.shared)
      return;
    t.shared = true;
    for (int f : t.fields)
      if (f >= 0)
        share(f);
  }

  bool reaches(int from, int to) {
    if (from == to)
      return true;
    for (int f : Things[from].fields)
      if (f >= 0 && reaches(f, to))
        return true;
    return false;
  }

  /// Gives back a reference, or an unshared object's, in another thread only where it may.
  void release(bool other) {
    int i = pick(true, true);
    if (i < 0)
      return;
    bool may = Things[i].kind == Kind::Raw || Things[i].shared;
    inThread(other && may, [&] { giveBack(i); });
  }

  void store() {
    int i = pick(true, false), j = pick(true, false);
    if (i < 0 || Things[i].fields.empty())
      return;
    size_t at = In.byte() % Things[i].fields.size();
    if (j >= 0 && (reaches(j, i) || In.below(5) == 0))
      j = -1;
    Thing &holder = Things[i];
    if (j >= 0) {
      Thing &value = Things[j];
      if (holder.shared) {
        cairn_share(value.p);
        share(j);
      }
      cairn_incref(value.p);
      ++value.count;
    }
    void **field = reinterpret_cast<void **>(holder.p) + at;
    void *old = *field;
    int oldThing = holder.fields[at];
    *field = j < 0 ? nullptr : Things[j].p;
    holder.fields[at] = j;
    cairn_decref(old);
    if (oldThing >= 0 && --Things[oldThing].count == 0)
      ends(oldThing);
  }

  void resize() {
    int i = pick(false, true);
    size_t n = In.size();
    if (i < 0 || Bytes + n > kMostBytes || n == 0)
      return;
    Thing &t = Things[i];
    look(t);
    void *p = cairn_realloc(t.p, n);
    EXPECT(p || t.heap);
    if (!p) {
      look(t);
      return;
    }
    size_t kept = n < t.size ? n : t.size;
    for (size_t k = 0; k < edge(kept) && k < edge(t.size); ++k)
      EXPECT(static_cast<uint8_t *>(p)[k] == t.fill);
    Bytes += n - t.size;
    t.p = static_cast<uint8_t *>(p);
    t.size = n;
    t.exact = true;
    EXPECT(cairn_usable_size(p) >= n);
    write(t, uint8_t(In.byte() | 1));
  }

  /// Calls that are wrong, or ask for too much. Nothing may change.
  void misuse() {
    expectsError = true;
    errors = 0;
    bool reported = false;
    switch (In.below(8)) {
    case 0: // freed twice, in the checked heap
      if (void *p = cairn_heap_malloc(Heaps[2], In.byte())) {
        cairn_free(p);
        cairn_free(p);
        reported = true;
      }
      break;
    case 1: // the start of no block
      if (int i = pick(false, true); i >= 0 && Things[i].heap == 2 && Things[i].size > 1) {
        cairn_free(Things[i].p + 1 + In.byte() % (Things[i].size - 1));
        reported = true;
      }
      break;
    case 2: // an object as a block
      if (int i = pick(true, false); i >= 0 && Things[i].heap == 2) {
        cairn_free(Things[i].p);
        reported = true;
      }
      break;
    case 3: // foreign
      cairn_free(this);
      reported = true;
      break;
    case 4:
      EXPECT(!cairn_malloc(SIZE_MAX - In.byte()));
      break;
    case 5:
      EXPECT(!cairn_calloc(SIZE_MAX / 2, 3 + In.byte()));
      break;
    case 6:
      if (int i = pick(false, true); i >= 0)
        EXPECT(!cairn_realloc(Things[i].p, SIZE_MAX - 4096 * In.byte()));
      break;
    case 7: // a wrong size
      if (int i = pick(false, true); i >= 0 && Things[i].heap == 2 && Things[i].exact) {
        cairn_free_sized(Things[i].p, Things[i].size + 1 + In.byte());
        reported = true;
      }
      break;
    }
    EXPECT(errors == unsigned(reported) || !reported);
    expectsError = false;
  }

  void step() {
    uint8_t op = In.byte();
    bool other = op >= 248; // a thread is dear
    switch (op % 31) {
    case 0 ... 4:
      makeRaw(0, other);
      break;
    case 5:
      makeRaw(1, other);
      break;
    case 6:
      makeRaw(2, other);
      break;
    case 7 ... 9:
      makeObject(0, other);
      break;
    case 10 ... 11:
      makeObject(1, other);
      break;
    case 12:
      makeObject(2, other);
      break;
    case 13:
      makeObject(3, other);
      break;
    case 14 ... 19:
      release(other);
      break;
    case 20 ... 22:
      store();
      break;
    case 23:
      resize();
      break;
    case 24 ... 25:
      if (int i = pick(true, false); i >= 0) {
        cairn_incref(Things[i].p);
        ++Things[i].count;
        ++Things[i].held;
      }
      break;
    case 26:
      if (int i = pick(true, false); i >= 0) {
        cairn_share(Things[i].p);
        share(i);
      }
      break;
    case 27:
      misuse();
      break;
    case 28:
      if (int i = pick(true, true); i >= 0)
        look(Things[i]);
      break;
    case 29:
      if (In.below(8) == 0)
        EXPECT(cairn_heap_check(Heaps[In.below(kHeaps)]));
      break;
    case 30:
      if (In.below(8) == 0)
        cairn_heap_trim(Heaps[In.below(kHeaps)]);
      break;
    }
  }

  Input &In;
  cairn_heap *Heaps[kHeaps];
  Thing Things[kHandles];
  size_t Bytes = 0;
  uint64_t Finals = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  cairn_set_error_handler(onError, nullptr);
  Input in(data, size);
  Program(in).run();
  return 0;
}
