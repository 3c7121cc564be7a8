//===- layout.cpp - What cairn.h says again of cairn/abi.h ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// C programs cannot include cairn/abi.h, so cairn.h and cairn/type_macros.h write some of
// its numbers again. Each is compared here, for every target that the runtime is built for.
// There is no code.
//
//===----------------------------------------------------------------------===//

#include "cairn.h"
#include "cairn/abi.h"
#include "cairn/containers.h"
#include "object/container.h"

namespace cairn {

//===- cairn.h --------------------------------------------------------------===//

constexpr TypeLayout layout(sizeof(void *));
static_assert(offsetof(cairn_type, size) == layout.size && sizeof(cairn_type::size) == 4);
static_assert(offsetof(cairn_type, align) == layout.align && sizeof(cairn_type::align) == 2);
static_assert(offsetof(cairn_type, field_count) == layout.fieldCount &&
              sizeof(cairn_type::field_count) == 2);
static_assert(offsetof(cairn_type, meta) == layout.meta && sizeof(cairn_type::meta) == 4);
static_assert(offsetof(cairn_type, reserved) == layout.reserved &&
              sizeof(cairn_type::reserved) == 4);
static_assert(offsetof(cairn_type, fields) == layout.fields);
static_assert(offsetof(cairn_type, finalize) == layout.finalize);
static_assert(offsetof(cairn_type, name) == layout.name);
static_assert(sizeof(cairn_type) == layout.bytes);
static_assert(TypeLayout(4).bytes == 28 && TypeLayout(8).bytes == 40);

static_assert(CAIRN_CLASSES == kClasses);

//===- cairn/type_macros.h ----------------------------------------------------===//

namespace {
struct Words {
  void *word[kMetaBitmapWords + 1];
  char byte;
};
} // namespace
static_assert(CAIRN_META_(Words, 0x8001u, 1, 0) ==
              (kMetaTyped | classBits(kHeaderSize + sizeof(Words)) | 0x8001u));
static_assert(CAIRN_META_(char, 0u, 1, 0) == (kMetaTyped | classBits(kHeaderSize + 1)));
static_assert(CAIRN_META_(Words, 0x8001u, 0, 0) == 0 && CAIRN_META_(Words, 0x8001u, 1, 1) == 0);
constexpr bool classesAgree() {
  for (size_t n = kHeaderSize; n <= 4 * kMaxSmall; ++n)
    if (CAIRN_CLASS_(n) != classBits(n))
      return false;
  return true;
}
static_assert(classesAgree());
template <unsigned align, size_t size> struct alignas(align) Aligned {
  char bytes[size];
};
template <typename T> constexpr bool slotAgrees = CAIRN_SLOT_(T) == objectBytes(sizeof(T), alignof(T));
static_assert(slotAgrees<Aligned<16, 16>> && slotAgrees<Aligned<16, 48>> &&
              slotAgrees<Aligned<8, 24>> && slotAgrees<Aligned<1, 13>>);
static_assert(CAIRN_FIELD_FITS_(Words, word[kMetaBitmapWords - 1]));
static_assert(!CAIRN_FIELD_FITS_(Words, word[kMetaBitmapWords]));
static_assert(CAIRN_FIELD_BIT_(Words, word[0]) == 1);
static_assert(CAIRN_FIELD_BIT_(Words, word[kMetaBitmapWords - 1]) == 1u << (kMetaBitmapWords - 1));
static_assert(CAIRN_FIELD_BIT_(Words, word[kMetaBitmapWords]) == 0);

//===- cairn/containers.h -------------------------------------------------------===//

// "Data is 16-byte aligned, and 4 bytes behind the reference."
static_assert(kByteArrayData - kByteArrayRef == 4);
static_assert((slotPhase(kByteArray) + kByteArrayData) % 16 == 0);
// Every reference of an object but a byte array's is 0 modulo 16.
static_assert((slotPhase(kObject) + kHeaderSize) % 16 == 0);
static_assert((slotPhase(kObject) + kArrayPrefix) % 16 == 0);

} // namespace cairn
