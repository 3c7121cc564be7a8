/*===- type_macros.h - CAIRN_TYPE, field by field ------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Included by cairn.h only. Works out offsets and the header word as constant
 * expressions, so that a descriptor is a link-time constant.
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_TYPE_MACROS_H
#define CAIRN_TYPE_MACROS_H

#include <cairn/abi_version.h>

/* A field's bit in the header word. A field past word 15, or off a word boundary, has none. */
#define CAIRN_FIELD_FITS_(T, f)                                                                    \
  (offsetof(T, f) / sizeof(void *) < 16 && offsetof(T, f) % sizeof(void *) == 0)
#define CAIRN_FIELD_BIT_(T, f)                                                                     \
  (CAIRN_FIELD_FITS_(T, f) ? 1u << (offsetof(T, f) / sizeof(void *) % 16) : 0u)

/* A field's offset. A name that is not one reference does not compile: the elements of an array
 * of references, and those in a nested struct, are named one by one: kids[0], kids[1], at.next. */
#define CAIRN_IS_REFERENCE_(T, f) (sizeof(((T *)0)->f) == sizeof(void *))
#define CAIRN_ONE_REFERENCE_                                                                       \
  "a managed field is one reference; name the elements of an array one by one"
#ifdef __cplusplus
extern "C++" {
template <bool is_reference> struct cairn_field_ {
  static_assert(is_reference, CAIRN_ONE_REFERENCE_);
  static constexpr uint32_t none = 0;
};
}
#define CAIRN_OFFSET_(T, f)                                                                        \
  ((uint32_t)offsetof(T, f) + cairn_field_<CAIRN_IS_REFERENCE_(T, f)>::none)
#else
#define CAIRN_OFFSET_(T, f)                                                                        \
  ((uint32_t)offsetof(T, f) + 0 * (uint32_t)sizeof(struct {                                        \
     _Static_assert(CAIRN_IS_REFERENCE_(T, f), CAIRN_ONE_REFERENCE_);                              \
     char none;                                                                                    \
   }))
#endif

/* The header word, if it can describe the type; 0 if the type needs a number in the runtime's
 * registry, because of a finaliser or a field without a bit. */
#define CAIRN_META_(T, bits, fits, has_final)                                                      \
  ((fits) && !(has_final) ? 0x80000000u | CAIRN_CLASS_(CAIRN_SLOT_(T)) | (bits) : 0u)
/* The bytes of an object's slot, and their class where the header word has it. */
#define CAIRN_SLOT_(T)                                                                             \
  (CAIRN_ALIGNOF_(T) > 8 ? (sizeof(T) + 8 + 15) / 16 * 16 : sizeof(T) + 8)
#define CAIRN_CLASS_(n)                                                                            \
  (((n) <= 16 ? 1u : (n) <= 128 ? (uint32_t)(((n) + 7) / 8) - 1 : 0u) << 24)

#ifdef __cplusplus
#define CAIRN_ALIGNOF_(T) alignof(T)
#define CAIRN_STATIC_ASSERT_ static_assert
#else
#define CAIRN_ALIGNOF_(T) _Alignof(T)
#define CAIRN_STATIC_ASSERT_ _Static_assert
#endif
#define CAIRN_UNUSED_ __attribute__((unused))

/* A pointer that keeps an object file from linking with a library of another ABI version. It
 * is not constant: in a program that is not position-independent, the linker would copy the
 * symbol of a constant from the shared library. */
#if defined(__ELF__)
extern const char CAIRN_ABI_SYMBOL;
#if __has_attribute(retain)
#define CAIRN_RETAIN_ __attribute__((used, retain))
#else
#define CAIRN_RETAIN_ __attribute__((used))
#endif
#define CAIRN_NEEDS_ABI_(name)                                                                     \
  ;                                                                                                \
  CAIRN_RETAIN_ static const char *name##_needs_abi_ = &CAIRN_ABI_SYMBOL
#else
#define CAIRN_NEEDS_ABI_(name)
#endif

/* What a static object of the type needs (cairn/static.h): the payload's type, and the header
 * word, from parts that are constant expressions and fit into int. */
#define CAIRN_STATIC_META_(type)                                                                   \
  (0x80000000u | CAIRN_CLASS_(CAIRN_SLOT_(type##_payload_)) | (uint32_t)type##_fields_of_header_)

#define CAIRN_TYPE_EMIT_(name_, T, final, count, list, bits, fits, has_final)                      \
  typedef T name_##_payload_;                                                                      \
  enum { name_##_fields_of_header_ = (fits) && !(has_final) ? (int)(bits) : -1 };                  \
  CAIRN_UNUSED_ static cairn_type name_ = {(uint32_t)sizeof(T),                                    \
                                           (uint16_t)CAIRN_ALIGNOF_(T),                            \
                                           count,                                                  \
                                           CAIRN_META_(T, bits, fits, has_final),                  \
                                           0,                                                      \
                                           list,                                                   \
                                           final,                                                  \
                                           #name_} CAIRN_NEEDS_ABI_(name_)

/* Picks a form by the number of fields. */
#define CAIRN_TYPE_PICK_(n, T, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15,   \
                         f16, count, ...)                                                          \
  CAIRN_TYPE_##count
#define CAIRN_TYPE_PICK_FINAL_(n, T, f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13,    \
                               f14, f15, f16, count, ...)                                          \
  CAIRN_TYPE_FINAL_##count
#define CAIRN_TYPE(...)                                                                            \
  CAIRN_TYPE_PICK_(__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,          \
                   ~)(__VA_ARGS__)
#define CAIRN_TYPE_FINAL(...)                                                                      \
  CAIRN_TYPE_PICK_FINAL_(__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,    \
                         ~)(__VA_ARGS__)

#define CAIRN_TYPE_0(name, T) CAIRN_TYPE_EMIT_(name, T, 0, 0, 0, 0u, 1, 0)
#define CAIRN_TYPE_FINAL_0(name, T, final) CAIRN_TYPE_EMIT_(name, T, final, 0, 0, 0u, 1, 1)
#define CAIRN_TYPE_1(name, T, ...)                                                                 \
  CAIRN_TYPE_FIELDS_(name, T, 0, 1, (CAIRN_OFFSETS_1(T, __VA_ARGS__)),                             \
                     CAIRN_BITS_1(T, __VA_ARGS__), CAIRN_FITS_1(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_1(name, T, final, ...)                                                    \
  CAIRN_TYPE_FIELDS_(name, T, final, 1, (CAIRN_OFFSETS_1(T, __VA_ARGS__)),                         \
                     CAIRN_BITS_1(T, __VA_ARGS__), CAIRN_FITS_1(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_2(name, T, ...)                                                                 \
  CAIRN_TYPE_FIELDS_(name, T, 0, 2, (CAIRN_OFFSETS_2(T, __VA_ARGS__)),                             \
                     CAIRN_BITS_2(T, __VA_ARGS__), CAIRN_FITS_2(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_2(name, T, final, ...)                                                    \
  CAIRN_TYPE_FIELDS_(name, T, final, 2, (CAIRN_OFFSETS_2(T, __VA_ARGS__)),                         \
                     CAIRN_BITS_2(T, __VA_ARGS__), CAIRN_FITS_2(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_3(name, T, ...)                                                                 \
  CAIRN_TYPE_FIELDS_(name, T, 0, 3, (CAIRN_OFFSETS_3(T, __VA_ARGS__)),                             \
                     CAIRN_BITS_3(T, __VA_ARGS__), CAIRN_FITS_3(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_3(name, T, final, ...)                                                    \
  CAIRN_TYPE_FIELDS_(name, T, final, 3, (CAIRN_OFFSETS_3(T, __VA_ARGS__)),                         \
                     CAIRN_BITS_3(T, __VA_ARGS__), CAIRN_FITS_3(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_4(name, T, ...)                                                                 \
  CAIRN_TYPE_FIELDS_(name, T, 0, 4, (CAIRN_OFFSETS_4(T, __VA_ARGS__)),                             \
                     CAIRN_BITS_4(T, __VA_ARGS__), CAIRN_FITS_4(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_4(name, T, final, ...)                                                    \
  CAIRN_TYPE_FIELDS_(name, T, final, 4, (CAIRN_OFFSETS_4(T, __VA_ARGS__)),                         \
                     CAIRN_BITS_4(T, __VA_ARGS__), CAIRN_FITS_4(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_5(name, T, ...)                                                                 \
  CAIRN_TYPE_FIELDS_(name, T, 0, 5, (CAIRN_OFFSETS_5(T, __VA_ARGS__)),                             \
                     CAIRN_BITS_5(T, __VA_ARGS__), CAIRN_FITS_5(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_5(name, T, final, ...)                                                    \
  CAIRN_TYPE_FIELDS_(name, T, final, 5, (CAIRN_OFFSETS_5(T, __VA_ARGS__)),                         \
                     CAIRN_BITS_5(T, __VA_ARGS__), CAIRN_FITS_5(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_6(name, T, ...)                                                                 \
  CAIRN_TYPE_FIELDS_(name, T, 0, 6, (CAIRN_OFFSETS_6(T, __VA_ARGS__)),                             \
                     CAIRN_BITS_6(T, __VA_ARGS__), CAIRN_FITS_6(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_6(name, T, final, ...)                                                    \
  CAIRN_TYPE_FIELDS_(name, T, final, 6, (CAIRN_OFFSETS_6(T, __VA_ARGS__)),                         \
                     CAIRN_BITS_6(T, __VA_ARGS__), CAIRN_FITS_6(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_7(name, T, ...)                                                                 \
  CAIRN_TYPE_FIELDS_(name, T, 0, 7, (CAIRN_OFFSETS_7(T, __VA_ARGS__)),                             \
                     CAIRN_BITS_7(T, __VA_ARGS__), CAIRN_FITS_7(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_7(name, T, final, ...)                                                    \
  CAIRN_TYPE_FIELDS_(name, T, final, 7, (CAIRN_OFFSETS_7(T, __VA_ARGS__)),                         \
                     CAIRN_BITS_7(T, __VA_ARGS__), CAIRN_FITS_7(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_8(name, T, ...)                                                                 \
  CAIRN_TYPE_FIELDS_(name, T, 0, 8, (CAIRN_OFFSETS_8(T, __VA_ARGS__)),                             \
                     CAIRN_BITS_8(T, __VA_ARGS__), CAIRN_FITS_8(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_8(name, T, final, ...)                                                    \
  CAIRN_TYPE_FIELDS_(name, T, final, 8, (CAIRN_OFFSETS_8(T, __VA_ARGS__)),                         \
                     CAIRN_BITS_8(T, __VA_ARGS__), CAIRN_FITS_8(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_9(name, T, ...)                                                                 \
  CAIRN_TYPE_FIELDS_(name, T, 0, 9, (CAIRN_OFFSETS_9(T, __VA_ARGS__)),                             \
                     CAIRN_BITS_9(T, __VA_ARGS__), CAIRN_FITS_9(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_9(name, T, final, ...)                                                    \
  CAIRN_TYPE_FIELDS_(name, T, final, 9, (CAIRN_OFFSETS_9(T, __VA_ARGS__)),                         \
                     CAIRN_BITS_9(T, __VA_ARGS__), CAIRN_FITS_9(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_10(name, T, ...)                                                                \
  CAIRN_TYPE_FIELDS_(name, T, 0, 10, (CAIRN_OFFSETS_10(T, __VA_ARGS__)),                           \
                     CAIRN_BITS_10(T, __VA_ARGS__), CAIRN_FITS_10(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_10(name, T, final, ...)                                                   \
  CAIRN_TYPE_FIELDS_(name, T, final, 10, (CAIRN_OFFSETS_10(T, __VA_ARGS__)),                       \
                     CAIRN_BITS_10(T, __VA_ARGS__), CAIRN_FITS_10(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_11(name, T, ...)                                                                \
  CAIRN_TYPE_FIELDS_(name, T, 0, 11, (CAIRN_OFFSETS_11(T, __VA_ARGS__)),                           \
                     CAIRN_BITS_11(T, __VA_ARGS__), CAIRN_FITS_11(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_11(name, T, final, ...)                                                   \
  CAIRN_TYPE_FIELDS_(name, T, final, 11, (CAIRN_OFFSETS_11(T, __VA_ARGS__)),                       \
                     CAIRN_BITS_11(T, __VA_ARGS__), CAIRN_FITS_11(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_12(name, T, ...)                                                                \
  CAIRN_TYPE_FIELDS_(name, T, 0, 12, (CAIRN_OFFSETS_12(T, __VA_ARGS__)),                           \
                     CAIRN_BITS_12(T, __VA_ARGS__), CAIRN_FITS_12(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_12(name, T, final, ...)                                                   \
  CAIRN_TYPE_FIELDS_(name, T, final, 12, (CAIRN_OFFSETS_12(T, __VA_ARGS__)),                       \
                     CAIRN_BITS_12(T, __VA_ARGS__), CAIRN_FITS_12(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_13(name, T, ...)                                                                \
  CAIRN_TYPE_FIELDS_(name, T, 0, 13, (CAIRN_OFFSETS_13(T, __VA_ARGS__)),                           \
                     CAIRN_BITS_13(T, __VA_ARGS__), CAIRN_FITS_13(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_13(name, T, final, ...)                                                   \
  CAIRN_TYPE_FIELDS_(name, T, final, 13, (CAIRN_OFFSETS_13(T, __VA_ARGS__)),                       \
                     CAIRN_BITS_13(T, __VA_ARGS__), CAIRN_FITS_13(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_14(name, T, ...)                                                                \
  CAIRN_TYPE_FIELDS_(name, T, 0, 14, (CAIRN_OFFSETS_14(T, __VA_ARGS__)),                           \
                     CAIRN_BITS_14(T, __VA_ARGS__), CAIRN_FITS_14(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_14(name, T, final, ...)                                                   \
  CAIRN_TYPE_FIELDS_(name, T, final, 14, (CAIRN_OFFSETS_14(T, __VA_ARGS__)),                       \
                     CAIRN_BITS_14(T, __VA_ARGS__), CAIRN_FITS_14(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_15(name, T, ...)                                                                \
  CAIRN_TYPE_FIELDS_(name, T, 0, 15, (CAIRN_OFFSETS_15(T, __VA_ARGS__)),                           \
                     CAIRN_BITS_15(T, __VA_ARGS__), CAIRN_FITS_15(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_15(name, T, final, ...)                                                   \
  CAIRN_TYPE_FIELDS_(name, T, final, 15, (CAIRN_OFFSETS_15(T, __VA_ARGS__)),                       \
                     CAIRN_BITS_15(T, __VA_ARGS__), CAIRN_FITS_15(T, __VA_ARGS__), 1)
#define CAIRN_TYPE_16(name, T, ...)                                                                \
  CAIRN_TYPE_FIELDS_(name, T, 0, 16, (CAIRN_OFFSETS_16(T, __VA_ARGS__)),                           \
                     CAIRN_BITS_16(T, __VA_ARGS__), CAIRN_FITS_16(T, __VA_ARGS__), 0)
#define CAIRN_TYPE_FINAL_16(name, T, final, ...)                                                   \
  CAIRN_TYPE_FIELDS_(name, T, final, 16, (CAIRN_OFFSETS_16(T, __VA_ARGS__)),                       \
                     CAIRN_BITS_16(T, __VA_ARGS__), CAIRN_FITS_16(T, __VA_ARGS__), 1)

#define CAIRN_OFFSETS_1(T, a) CAIRN_OFFSET_(T, a)
#define CAIRN_OFFSETS_2(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_1(T, __VA_ARGS__)
#define CAIRN_OFFSETS_3(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_2(T, __VA_ARGS__)
#define CAIRN_OFFSETS_4(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_3(T, __VA_ARGS__)
#define CAIRN_OFFSETS_5(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_4(T, __VA_ARGS__)
#define CAIRN_OFFSETS_6(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_5(T, __VA_ARGS__)
#define CAIRN_OFFSETS_7(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_6(T, __VA_ARGS__)
#define CAIRN_OFFSETS_8(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_7(T, __VA_ARGS__)
#define CAIRN_OFFSETS_9(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_8(T, __VA_ARGS__)
#define CAIRN_OFFSETS_10(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_9(T, __VA_ARGS__)
#define CAIRN_OFFSETS_11(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_10(T, __VA_ARGS__)
#define CAIRN_OFFSETS_12(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_11(T, __VA_ARGS__)
#define CAIRN_OFFSETS_13(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_12(T, __VA_ARGS__)
#define CAIRN_OFFSETS_14(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_13(T, __VA_ARGS__)
#define CAIRN_OFFSETS_15(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_14(T, __VA_ARGS__)
#define CAIRN_OFFSETS_16(T, a, ...) CAIRN_OFFSET_(T, a), CAIRN_OFFSETS_15(T, __VA_ARGS__)
#define CAIRN_BITS_1(T, a) CAIRN_FIELD_BIT_(T, a)
#define CAIRN_BITS_2(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_1(T, __VA_ARGS__)
#define CAIRN_BITS_3(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_2(T, __VA_ARGS__)
#define CAIRN_BITS_4(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_3(T, __VA_ARGS__)
#define CAIRN_BITS_5(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_4(T, __VA_ARGS__)
#define CAIRN_BITS_6(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_5(T, __VA_ARGS__)
#define CAIRN_BITS_7(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_6(T, __VA_ARGS__)
#define CAIRN_BITS_8(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_7(T, __VA_ARGS__)
#define CAIRN_BITS_9(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_8(T, __VA_ARGS__)
#define CAIRN_BITS_10(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_9(T, __VA_ARGS__)
#define CAIRN_BITS_11(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_10(T, __VA_ARGS__)
#define CAIRN_BITS_12(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_11(T, __VA_ARGS__)
#define CAIRN_BITS_13(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_12(T, __VA_ARGS__)
#define CAIRN_BITS_14(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_13(T, __VA_ARGS__)
#define CAIRN_BITS_15(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_14(T, __VA_ARGS__)
#define CAIRN_BITS_16(T, a, ...) CAIRN_FIELD_BIT_(T, a) | CAIRN_BITS_15(T, __VA_ARGS__)
#define CAIRN_FITS_1(T, a) CAIRN_FIELD_FITS_(T, a)
#define CAIRN_FITS_2(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_1(T, __VA_ARGS__)
#define CAIRN_FITS_3(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_2(T, __VA_ARGS__)
#define CAIRN_FITS_4(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_3(T, __VA_ARGS__)
#define CAIRN_FITS_5(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_4(T, __VA_ARGS__)
#define CAIRN_FITS_6(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_5(T, __VA_ARGS__)
#define CAIRN_FITS_7(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_6(T, __VA_ARGS__)
#define CAIRN_FITS_8(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_7(T, __VA_ARGS__)
#define CAIRN_FITS_9(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_8(T, __VA_ARGS__)
#define CAIRN_FITS_10(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_9(T, __VA_ARGS__)
#define CAIRN_FITS_11(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_10(T, __VA_ARGS__)
#define CAIRN_FITS_12(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_11(T, __VA_ARGS__)
#define CAIRN_FITS_13(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_12(T, __VA_ARGS__)
#define CAIRN_FITS_14(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_13(T, __VA_ARGS__)
#define CAIRN_FITS_15(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_14(T, __VA_ARGS__)
#define CAIRN_FITS_16(T, a, ...) CAIRN_FIELD_FITS_(T, a) && CAIRN_FITS_15(T, __VA_ARGS__)

#define CAIRN_UNWRAP_(...) __VA_ARGS__
#define CAIRN_TYPE_FIELDS_(name, T, final, count, offsets, bits, fits, has_final)                  \
  static const uint32_t name##_fields_[] = {CAIRN_UNWRAP_ offsets};                                \
  CAIRN_TYPE_EMIT_(name, T, final, count, name##_fields_, bits, fits, has_final)

#endif /* CAIRN_TYPE_MACROS_H */
