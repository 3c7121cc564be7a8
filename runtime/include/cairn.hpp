//===- cairn.hpp - References for C++11 ----------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// cairn::ref<T> owns one count of an object whose payload is a T, or is null. It has the size
// of a pointer. Copies retain, and the destructor releases; the passes remove such pairs like
// any others.
//
//   struct node {
//     node(int key, cairn::ref<node> next) : next(std::move(next)), key(key) {}
//     cairn::ref<node> next;
//     int key;
//   };
//   CAIRN_TYPE(node_type, node, next);
//
//   cairn::ref<node> list = cairn::make<node>(node_type, 1, nullptr);
//
// A member that is a ref is a managed field: the descriptor names it, and Cairn releases it when
// it drops the object. With CAIRN_TYPE that is all that happens then, and T's destructor does
// not run. CAIRN_CLASS is for a T whose destructor has more to do than to release refs: it runs
// as the object's finaliser.
//
// Refs that are released one after the other, as at the end of a block, are released at one point:
// a finaliser that one release runs may find what the others give back given back already.
//
// A ref is used by one thread at a time, and so is the count of its object, until share() is
// called for it; then other threads may have refs of their own.
//
// On a full heap make calls the heap's handler, like cairn_alloc; try_make returns null.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HPP
#define CAIRN_HPP

#include <cairn.h>

#include <cassert>
#include <cstddef>
#include <functional>
#include <new>
#include <type_traits>
#include <utility>

// What makes and counts objects has no lines of its own: the places that reports, remarks and
// debuggers name are those of the callers.
#ifdef __clang__
#define CAIRN_CALLERS_LINE __attribute__((always_inline, nodebug))
#else
#define CAIRN_CALLERS_LINE
#endif

namespace cairn {

template <typename T> class ref {
  template <typename U>
  using if_converts = typename std::enable_if<std::is_convertible<U *, T *>::value>::type;

public:
  using element_type = T;

  constexpr ref() noexcept : object_(nullptr) {}
  constexpr ref(std::nullptr_t) noexcept : object_(nullptr) {}
  CAIRN_CALLERS_LINE ref(const ref &other) noexcept : object_(other.object_) { retain(); }
  ref(ref &&other) noexcept : object_(other.release()) {}
  /// To a base class, or to const. A base class has to lie at the object's start: a reference
  /// to another one, a second base class say, ends the process.
  template <typename U, typename = if_converts<U>>
  CAIRN_CALLERS_LINE ref(const ref<U> &other) noexcept : object_(at_start<T>(other.get())) {
    retain();
  }
  template <typename U, typename = if_converts<U>>
  ref(ref<U> &&other) noexcept : object_(at_start<T>(other.get())) {
    other.release();
  }
  CAIRN_CALLERS_LINE ~ref() { cairn_decref(address(object_)); }

  CAIRN_CALLERS_LINE ref &operator=(const ref &other) noexcept {
    ref(other).swap(*this);
    return *this;
  }
  CAIRN_CALLERS_LINE ref &operator=(ref &&other) noexcept {
    ref(std::move(other)).swap(*this);
    return *this;
  }
  CAIRN_CALLERS_LINE ref &operator=(std::nullptr_t) noexcept {
    reset();
    return *this;
  }

  /// Takes over a count that the caller owns. Null is null.
  static ref adopt(T *object) noexcept {
    ref r;
    r.object_ = object;
    return r;
  }
  /// Adds a count to an object that the caller borrows or keeps. Null is null.
  CAIRN_CALLERS_LINE static ref retain(T *object) noexcept {
    ref r = adopt(object);
    r.retain();
    return r;
  }
  /// The pointer with its count, which the caller gives back by cairn_decref; null is left.
  T *release() noexcept {
    T *object = object_;
    object_ = nullptr;
    return object;
  }
  /// Releases the object; null is left, before anything else happens.
  CAIRN_CALLERS_LINE void reset() noexcept { cairn_decref(address(release())); }
  void swap(ref &other) noexcept { std::swap(object_, other.object_); }

  /// Borrowed: valid as long as some count keeps the object.
  T *get() const noexcept { return object_; }
  T *operator->() const noexcept { return object_; }
  typename std::add_lvalue_reference<T>::type operator*() const noexcept { return *object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }

  /// Whether this is the only count; false for null.
  bool unique() const noexcept { return object_ && cairn_is_unique(address(object_)); }
  /// Where heaps are checked: reports who else has a count of it. Null is nobody's.
  CAIRN_CALLERS_LINE void assert_unique() const noexcept { cairn_assert_unique(address(object_)); }
  /// Makes counts atomic in the object and all it reaches. To be called before another thread
  /// can see it. What is stored in a shared object later is shared by the program, before.
  CAIRN_CALLERS_LINE void share() const noexcept { cairn_share(address(object_)); }

  /// A pointer to another class, at the same address.
  template <typename To, typename From> static To *at_start(From *from) noexcept {
    To *to = from;
    if (static_cast<const volatile void *>(to) != static_cast<const volatile void *>(from))
      __builtin_trap();
    return to;
  }

private:
  static void *address(T *object) noexcept {
    return const_cast<void *>(static_cast<const volatile void *>(object));
  }
  CAIRN_CALLERS_LINE void retain() const noexcept { cairn_incref(address(object_)); }

  T *object_;
};

static_assert(sizeof(ref<int>) == sizeof(void *), "a field that is a ref is one word");

namespace detail {

/// Frees an object whose constructor throws. Its members were destroyed, or never made: it is
/// freed as one of a type without fields and finaliser, which its header word says then.
class under_construction {
public:
  explicit under_construction(void *object) noexcept : object_(object) {}
  under_construction(const under_construction &) = delete;
  under_construction &operator=(const under_construction &) = delete;
  ~under_construction() {
    if (object_) {
      static_cast<uint32_t *>(object_)[-1] = 0x80000000u;
      cairn_decref(object_);
    }
  }
  void done() noexcept { object_ = nullptr; }

private:
  void *object_;
};

template <typename T, typename... Args>
ref<T> construct(const cairn_type &type, void *memory, Args &&...args) {
  static_assert(alignof(T) <= 16, "an object's alignment is at most 16");
  assert(type.size >= sizeof(T) && type.align >= alignof(T) && "another class's descriptor");
  (void)type;
  if (!memory)
    return nullptr;
  under_construction guard(memory);
  T *object = ::new (memory) T(std::forward<Args>(args)...);
  guard.done();
  return ref<T>::adopt(object);
}

/// Runs T's destructor as a finaliser. Cairn releases the fields afterwards, and the destructor
/// of each releases it too, or whatever else is in it by then: so each is kept meanwhile, and is
/// null when Cairn looks.
template <typename T> void destroy(T *object, const cairn_type &type) {
  constexpr unsigned most = 16; // as CAIRN_TYPE takes
  void *kept[most] = {};
  assert(type.field_count <= most);
  auto field = [&](unsigned i) {
    return reinterpret_cast<void **>(reinterpret_cast<char *>(object) + type.fields[i]);
  };
  for (unsigned i = 0; i < type.field_count; ++i)
    cairn_incref(kept[i] = *field(i));
  object->~T();
  for (unsigned i = 0; i < type.field_count; ++i) {
    *field(i) = nullptr;
    cairn_decref(kept[i]);
  }
}

} // namespace detail

/// A new object of class T, with the descriptor of its class. If the constructor throws, its
/// memory is free again. Null if the descriptor is malformed and the error handler returns.
template <typename T, typename... Args>
CAIRN_CALLERS_LINE ref<T> make(const cairn_type &type, Args &&...args) {
  return detail::construct<T>(type, cairn_alloc(&type), std::forward<Args>(args)...);
}
/// Null if the heap is full.
template <typename T, typename... Args>
CAIRN_CALLERS_LINE ref<T> try_make(const cairn_type &type, Args &&...args) {
  return detail::construct<T>(type, cairn_try_alloc(&type), std::forward<Args>(args)...);
}
/// In a heap of the program's own.
template <typename T, typename... Args>
CAIRN_CALLERS_LINE ref<T> make_in(cairn_heap *heap, const cairn_type &type, Args &&...args) {
  return detail::construct<T>(type, cairn_heap_alloc(heap, &type), std::forward<Args>(args)...);
}

/// CAIRN_CLASS(name, T, member...) at file scope defines `static cairn_type name` for class T.
/// The named members are those that are refs, or hold references otherwise. When Cairn drops an
/// object, T's destructor runs.
#define CAIRN_CLASS(...)                                                                           \
  CAIRN_CLASS_PICK_(__VA_ARGS__, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, \
                    MORE, MORE, MORE, MORE, MORE, NONE, ~)                                         \
  (__VA_ARGS__)
#define CAIRN_CLASS_PICK_(n, T, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15,  \
                          f16, form, ...)                                                          \
  CAIRN_CLASS_##form##_
#define CAIRN_CLASS_NONE_(name, T)                                                                 \
  static void name##_finalize_(void *);                                                            \
  CAIRN_OFFSETS_OF_CLASSES_(CAIRN_TYPE_FINAL(name, T, name##_finalize_);)                          \
  CAIRN_CLASS_END_(name)
#define CAIRN_CLASS_MORE_(name, T, ...)                                                            \
  static void name##_finalize_(void *);                                                            \
  CAIRN_OFFSETS_OF_CLASSES_(CAIRN_TYPE_FINAL(name, T, name##_finalize_, __VA_ARGS__);)             \
  CAIRN_CLASS_END_(name)
/* Compilers know the offsets of any class's members, unless they lie in a virtual base class. */
#define CAIRN_OFFSETS_OF_CLASSES_(...)                                                             \
  _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Winvalid-offsetof\"")          \
  __VA_ARGS__ _Pragma("GCC diagnostic pop")
#define CAIRN_CLASS_END_(name)                                                                     \
  static void name##_finalize_(void *object) {                                                     \
    ::cairn::detail::destroy(static_cast<name##_payload_ *>(object), name);                        \
  }                                                                                                \
  static_assert(true, "")

/// To a derived class, which the caller knows the object to be of.
template <typename To, typename From> ref<To> static_ref_cast(ref<From> from) noexcept {
  return ref<To>::adopt(static_cast<To *>(from.release()));
}
/// Null if the object is of no such class.
template <typename To, typename From> ref<To> dynamic_ref_cast(ref<From> from) noexcept {
  To *to = dynamic_cast<To *>(from.get());
  if (to)
    from.release();
  return ref<To>::adopt(to);
}

template <typename T> void swap(ref<T> &a, ref<T> &b) noexcept { a.swap(b); }

// References are compared by address.
#define CAIRN_COMPARE_(op)                                                                         \
  template <typename T, typename U> bool operator op(const ref<T> &a, const ref<U> &b) noexcept {  \
    return static_cast<const volatile void *>(a.get())                                             \
        op static_cast<const volatile void *>(b.get());                                            \
  }
CAIRN_COMPARE_(==)
CAIRN_COMPARE_(!=)
CAIRN_COMPARE_(<)
CAIRN_COMPARE_(>)
CAIRN_COMPARE_(<=)
CAIRN_COMPARE_(>=)
#undef CAIRN_COMPARE_
template <typename T> bool operator==(const ref<T> &a, std::nullptr_t) noexcept { return !a; }
template <typename T> bool operator!=(const ref<T> &a, std::nullptr_t) noexcept { return bool(a); }
template <typename T> bool operator==(std::nullptr_t, const ref<T> &a) noexcept { return !a; }
template <typename T> bool operator!=(std::nullptr_t, const ref<T> &a) noexcept { return bool(a); }

} // namespace cairn

namespace std {
template <typename T> struct hash<cairn::ref<T>> {
  size_t operator()(const cairn::ref<T> &r) const noexcept { return hash<T *>()(r.get()); }
};
} // namespace std

#endif // CAIRN_HPP
