//===- program.h - Random programs ------------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The language of the random programs. Variables of a function are integers, slots
// that own a reference of one type or nothing, and raw blocks with their size. Every
// statement is defined for every state: it does nothing where a reference it needs
// is null or an array is empty. What keeps the result independent of the scheduler and
// the heap free of cycles:
//
//  - A field refers to a type that comes later, or to an object of its own type that
//    was born earlier (a data member holds the birth).
//  - A slot or field is local or shared. Shared objects are made by builders, which
//    take no references, so nothing local reaches them; from then on only their counts
//    change. Their counts are looked at when no other thread runs.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_DIFFERENTIAL_PROGRAM_H
#define CAIRN_DIFFERENTIAL_PROGRAM_H

#include <cstdint>
#include <string>
#include <vector>

namespace differential {

/// What a type's objects are.
enum class Shape : uint8_t {
  Plain,
  StructArray,
  RefArray,
  Bytes,     ///< cairn_alloc_bytes
  ByteArray, ///< cairn_alloc_array of cairn_type_byte
  Leaf       ///< Any type without references: of slots and fields only.
};

struct Field {
  uint32_t offset = 0;
  uint32_t size = 8;
  int type = -1; ///< Of a reference.
  bool shared = false;
};

/// What a finaliser does beside reporting its object's first datum.
enum class Final : uint8_t { None, Report, Child, Allocate, Release };

struct Type {
  Shape shape = Shape::Plain;
  uint32_t size = 8; ///< Of the payload or an element.
  uint32_t align = 8;
  std::vector<Field> refs;
  std::vector<Field> data;
  int birth = -1; ///< Index into data.
  Final final = Final::None;
  bool runtimeMeta = false; ///< The descriptor's header word is left to the runtime.
  bool isArray() const { return shape != Shape::Plain && shape != Shape::Leaf; }
  bool isBytes() const { return shape == Shape::Bytes || shape == Shape::ByteArray; }
  bool hasDescriptor() const { return shape == Shape::Plain || shape == Shape::StructArray; }
};

/// ints[var] * mul + add, modulo mod; mod 0 means none, var -1 none.
struct Expr {
  int var = -1;
  uint64_t mul = 1, add = 0, mod = 0;
};

enum class Op : uint8_t {
  Set,         ///< ints[a] = x
  Mix,         ///< checksum with x
  Alloc,       ///< slots[a] = new object, x its data, y its length or tag; args: fields
  Copy,        ///< slots[a] = slots[b]
  Move,        ///< and slots[b] is null
  Drop,        ///< slots[a] = null
  Load,        ///< slots[a] = slots[b].refs[m] of element x
  Store,       ///< slots[b].refs[m] = slots[a]
  Clear,       ///< slots[b].refs[m] = null
  Swap,        ///< exchange them, without counting
  SetData,     ///< slots[a].data[m] of element x = y
  GetData,     ///< ints[b] = slots[a].data[m] of element x
  GetChild,    ///< ints[b] = slots[a].refs[m].data[0], borrowed
  SetTag,      ///< tag of slots[a] = x
  GetTag,      ///< ints[b] = tag of slots[a]
  Length,      ///< ints[b] = length of slots[a]
  Count,       ///< checksum with the count of slots[a]
  Unique,      ///< ints[b] = whether slots[a] has one owner
  Shared,      ///< checksum with whether slots[a] is shared
  Resolve,     ///< checksum with whether a pointer into slots[a] resolves to it
  Cow,         ///< slots[a] = a copy unless it is the only owner; data[0] = x
  Retain,      ///< body, with one count of slots[a]'s object held
  Call,        ///< slots[a] or ints[a] = fn(x, y, args)
  Loop,        ///< body for ints[a] = 0 .. x
  If,          ///< x ? body : els
  RawAlloc,    ///< raws[a] = new block of y bytes, x its first and last byte
  RawResize,   ///< realloc
  RawFree,     ///
  RawRead,     ///< checksum with its first and last byte
  RawTemp,     ///< a block of m bytes, x its first and last byte: checksum with them, free it
  Send,        ///< slots[a] to the channel m
  Receive,     ///< slots[a] from it
  SendRaw,     ///
  ReceiveRaw,  ///
  Build,       ///< slots[a] = fn(x, y), shared
  ShareLocal,  ///< share slots[a], which stays this thread's
  Touch,       ///< if slots[a] has one owner, change it, though shared
  Finalisers,  ///< checksum with the finalisers' sum
  Live,        ///< checksum with the number of live objects and blocks
  Meet,        ///< wait for the other threads
  ContextFlag, ///< ints[a] = last (m = 0) or final (m = 1)
};

enum Flag : unsigned {
  kMove = 1,      ///< Store, Send: the slot gives its count away.
  kTagged = 2,    ///< Alloc: with cairn_alloc_tagged.
  kOpaque = 4,    ///< Alloc: the descriptor is not a constant.
  kTry = 8,       ///< Alloc: with a cairn_try_ form.
  kSized = 16,    ///< RawAlloc, RawFree, RawTemp: blocks go with free_sized.
  kUnguarded = 32 ///< Drop: no test for null in the program.
};

enum class RawKind : uint8_t { Malloc, Calloc, Aligned };

struct Argument {
  int slot = 0;
  int member = 0; ///< Alloc: the field it goes to.
  bool move = false;
};

struct Stmt {
  Op op = Op::Set;
  int a = 0, b = 0, m = 0, fn = -1;
  int alt = -1; ///< Store: the slot that the planted fault takes.
  unsigned flags = 0;
  unsigned site = 0; ///< Numbers statements, for coverage and faults.
  Expr x, y;
  std::vector<Argument> args;
  std::vector<Stmt> body, els;
};

struct Slot {
  int type = 0;
  bool shared = false;
  bool borrowed = false; ///< A parameter whose count is the caller's.
  bool ownedParam = false;
};

struct Function {
  std::vector<Slot> slots; ///< Parameters first.
  int params = 0;
  int ints = 4; ///< 0 and 1 are parameters; of a round: its number and the checksum.
  int raws = 0;
  int result = -1; ///< Slot that is returned, owned; else ints[2] is.
  bool isRound = false;
  bool noInline = false;
  std::vector<Stmt> body;
};

enum class Fault : uint8_t { None, LostDecref, DoubleDecref, WrongChild, MissedShare, WrongSize };

struct Program {
  uint64_t seed = 0;
  std::vector<Type> types; ///< Leaf is the last.
  std::vector<Function> functions;
  std::vector<int> rounds; ///< Function of each thread.
  uint64_t workers = 0;
  uint64_t segment = 1;
  uint64_t roundCount = 1;
  unsigned sites = 0;
  Fault fault = Fault::None;
  unsigned faultSite = 0;

  bool isFaulty(Fault kind, const Stmt &s) const { return fault == kind && s.site == faultSite; }
  bool isLeaf(int type) const { return types[type].refs.empty(); }
};

/// What the model says about a run.
struct Outcome {
  std::string line; ///< What diff_run prints.
  uint64_t rounds = 0;
  uint64_t operations = 0;
  size_t peakBytes = 0;
  bool sound = true;          ///< No dead object was counted, nothing is left.
  std::vector<uint64_t> hits; ///< By site: how often it had something to do.
};

Program generate(uint64_t seed, int workers, unsigned statements);
/// Interprets against the model: `program.roundCount` rounds if `operations` is 0,
/// else as many as it takes to execute that many operations.
Outcome interpretModel(const Program &program, uint64_t operations);
/// Interprets with calls of the C API, in threads; prints a line as diff_run does.
int interpretApi(const Program &program);
std::string emitC(const Program &program);
std::string emitIR(const Program &program);

/// How data members start: the k-th, truncated to its size.
inline uint64_t initialDatum(uint64_t x, uint64_t k) { return x + k * 0x9e37u; }

constexpr unsigned channelOf(unsigned from, unsigned to) { return from * 4 + to; }

} // namespace differential

#endif // CAIRN_DIFFERENTIAL_PROGRAM_H
