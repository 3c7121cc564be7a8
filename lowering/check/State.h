//===- State.h - The units of each object on one path ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Units belong to objects, not to names: a state partitions the names of references into
// classes, and names of one class are one object. A class has a number of units, and what else
// keeps its object alive: the caller (`ForCall`), or lenders, which are fields, slots or other
// classes. Plain memory that holds references has a class as well, which is always alive.
//
// What memory holds is a list of contents. The unit of a content belongs to the memory, until a
// store over it hands it back. Memory that only this function can reach (`Private`) keeps its
// contents over calls and stores elsewhere; what it does not list is null, not yet written, or
// unknown. The contents of all other memory are listed in the state and are forgotten when
// something may have written to them. No other class is the object of private memory, but those of
// selects that are not decided.
//
// Invariants: no class has less than no units. A class that is null or always there (`Always`)
// has none. Ids are valid within one state; `rep` follows classes that turned out to be one.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CHECK_STATE_H
#define CAIRN_LOWERING_CHECK_STATE_H

#include "check/Conditions.h"
#include "check/Roots.h"

namespace llvm {
class Instruction;
} // namespace llvm

namespace cairn::check {

using ClassId = unsigned;
constexpr ClassId kNull = 0;   ///< Null.
constexpr ClassId kAlways = 1; ///< Static objects, undef and poison, null or not.

/// A name's object, and where in it the name points.
struct Ref {
  ClassId Class = kAlways;
  Offset At;
  bool operator==(const Ref &) const = default;
};

/// Something that keeps an object alive while all of `Holders` live: the field of the first at
/// `At`, as long as that is what it holds; or, without a place, anything that they reach, as
/// long as nothing has been written since; or that the object is one of them (`Same`).
struct Lender {
  llvm::SmallVector<ClassId, 1> Holders;
  bool HasPlace = false;
  Offset At = {};
  bool Same = false;
  unsigned Since = 0;
};

struct Content {
  ClassId Holder;
  Offset At;
  ClassId Is;
  /// The unit was released while the memory still holds the reference.
  bool Hollow = false;
  unsigned Since = 0;
  const llvm::Instruction *By = nullptr;
};

/// What memory holds that its contents do not list.
enum class Unlisted : unsigned char { Null, Unset, Unknown };

/// What plain memory a class is.
enum class Memory : unsigned char { None, Other, Global, Stack };

struct Class {
  int Units = 0;
  bool Null = false;
  bool Always = false;
  bool Mixed = false; ///< On some path its names may be different objects, as those are static.
  bool NonNull = false;
  bool ForCall = false;
  bool Private = false;
  bool Cell = false; ///< The memory of an object that is no more (Cells.cpp).
  /// The header word, tag aside, of a cell, or of an object of which this function is known to
  /// have the last reference. 0: not known.
  uint32_t Shape = 0;
  const llvm::Value *Asked = nullptr; ///< The `is.last` that asked, and nothing has changed since.
  bool Several = false;               ///< It had more than one unit then: the answer is no.
  Unlisted Rest = Unlisted::Unknown;
  Memory Kind = Memory::None;
  ClassId Same = ~0u; ///< The class that this one turned out to be.
  /// A select that is not decided: the object is that of one of its arms.
  const llvm::Value *Select = nullptr;
  ClassId IfTrue = kAlways, IfFalse = kAlways;
  llvm::SmallVector<Lender, 1> Lenders;
  llvm::SmallVector<Content, 0> Fields; ///< By offset; of private memory, and of the stack.
  const llvm::Value *Origin = nullptr;
  const llvm::Instruction *Released = nullptr;

  bool needsNoUnit() const { return Null || Always; }
};

class State {
public:
  State();

  // Classes.
  ClassId make(const llvm::Value *Origin);
  ClassId rep(ClassId C) const;
  Class &operator[](ClassId C) { return Classes[rep(C)]; }
  const Class &operator[](ClassId C) const { return Classes[rep(C)]; }
  unsigned size() const { return Classes.size(); }
  bool alive(ClassId C) const;
  /// Which classes live, by id. It takes as long as looking at every class once or twice, where
  /// `alive` follows what keeps one class alive: for who asks of many.
  llvm::SmallVector<bool, 0> allAlive() const;
  /// Whether two classes cannot be one object, but may both be null: this function alone knows one
  /// of them, and the other has no name of it.
  bool areApart(ClassId A, ClassId B) const;
  /// Makes two classes one.
  void unify(ClassId A, ClassId B);
  void makeNull(ClassId C);
  /// Decides selects by \p Condition. False: it cannot be that, as a select that is not null would
  /// be null.
  bool decide(const llvm::Value *Condition, bool Is);
  /// A select that is not decided and may be the object of \p C, or is \p C; none: null.
  const llvm::Value *undecided(ClassId C) const;
  /// A select that has to be decided before two classes become one, as that would say something of
  /// its arms; or null.
  const llvm::Value *undecidedIfEqual(ClassId A, ClassId B) const;
  bool hasSelects() const { return Selects; }
  ClassId select(const llvm::Value *Of, const llvm::Value *Condition, ClassId IfTrue,
                 ClassId IfFalse);

  // Names.
  void bind(unsigned Name, Ref R);
  /// Null if the name has not been met.
  const Ref *find(unsigned Name) const;
  ClassId base(const llvm::Value *Root, Memory Kind);
  const ClassId *findBase(const llvm::Value *Root) const;

  // Memory.
  /// What \p Holder has at \p At, or null if that is not known. With \p Now also if what a release
  /// ran may have changed it: a variable, as finalisers store into no object that they did not
  /// make.
  const Content *content(ClassId Holder, Offset At, bool Now) const;
  /// What is there if nothing is listed.
  Unlisted unlisted(ClassId Holder, Offset At) const;
  void setContent(ClassId Holder, Offset At, ClassId Is, const llvm::Instruction *By);
  void hollow(ClassId Holder, Offset At);
  /// Gives a unit of \p C to a piece of memory that holds it without one. False: there is none.
  bool fill(ClassId C);
  /// Whether memory of these two classes may be one.
  bool mayBeOneMemory(ClassId A, ClassId B) const;
  /// Forgets what a store of \p New by \p By to \p Holder at \p At may have written over.
  void overwrite(ClassId Holder, Offset At, ClassId New, const llvm::Instruction *By);
  llvm::SmallVector<ClassId, 4> choices(ClassId Id) const;
  void forget(ClassId Of);
  void forgetAll();
  void released() { LastRelease = ++Clock; }
  void escape(ClassId Of);
  /// Somebody else may have a reference to \p C from now on.
  void shared(ClassId C);
  /// What keeps an object alive when \p C is the memory that it was read from or the argument
  /// that it was borrowed with.
  void lend(ClassId To, Lender L);
  /// Whether \p L still lends \p C.
  bool lends(const Lender &L, ClassId C) const;
  /// The same where \p Alive is what `allAlive` returned.
  bool lends(const Lender &L, ClassId C, llvm::ArrayRef<bool> Alive) const;

  llvm::SmallVector<std::pair<unsigned, Ref>, 8> Names;
  llvm::SmallVector<std::pair<const llvm::Value *, ClassId>, 4> Bases;
  llvm::SmallVector<Content, 4> Contents;
  Facts Conditions;
  /// Memory that others know holds a reference whose unit a store has moved elsewhere. Nothing may
  /// read it before it is written again, in the same block.
  bool Open = false;
  /// The number of such places.
  unsigned openPlaces() const;
  bool SlotsAreNames = false; ///< What a variable holds that nobody else knows is no unit of it.
  bool isName(ClassId C) const {
    return SlotsAreNames && (*this)[C].Kind == Memory::Stack && (*this)[C].Private;
  }
  unsigned Clock = 0;
  unsigned LastRelease = 0, LastCall = 0, LastStore = 0;

private:
  friend class Pairing;
  bool needsNobody(ClassId C) const;
  bool mayLend(const Lender &L, ClassId C) const;
  bool mayLend(const Lender &L, ClassId C, const Content *In) const;
  bool alive(ClassId C, llvm::SmallVectorImpl<ClassId> &Path, unsigned &Steps) const;
  /// What `content` says without \p Now, for any place of any holder.
  class ContentsByPlace;
  llvm::SmallVector<Class, 6> Classes;
  unsigned Selects = 0;
};

} // namespace cairn::check

#endif // CAIRN_LOWERING_CHECK_STATE_H
