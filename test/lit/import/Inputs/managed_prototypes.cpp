// Holds cairn/managed.h against the table of managed intrinsics: every C name is declared with
// the signature of its intrinsic, in which a pointer is a reference or is none.
#include "cairn/managed.h"
#include "ir/Signature.h"

#include <type_traits>

using cairn::Signature;
using cairn::SignatureType;

template <typename T> consteval SignatureType typeOf() {
  if constexpr (std::is_void_v<T>)
    return SignatureType::Void;
  else if constexpr (std::is_same_v<T, void cairn_managed *> ||
                     std::is_same_v<T, const void cairn_managed *>)
    return SignatureType::Ref;
  else if constexpr (std::is_pointer_v<T>)
    return SignatureType::Ptr;
  else if constexpr (std::is_same_v<T, bool>)
    return SignatureType::I1;
  else if constexpr (std::is_same_v<T, double>)
    return SignatureType::Double;
  else if constexpr (std::is_same_v<T, size_t>)
    return SignatureType::Size;
  else
    return sizeof(T) == 1   ? SignatureType::I8
           : sizeof(T) == 4 ? SignatureType::I32
                            : SignatureType::I64;
}

template <typename R, typename... P> consteval Signature prototypeOf(R (*)(P...)) {
  static_assert(sizeof...(P) <= Signature::kMostParams);
  Signature S{typeOf<R>(), {}, sizeof...(P)};
  SignatureType *To = S.Params;
  ((*To++ = typeOf<P>()), ...);
  return S;
}

#define CAIRN_MANAGED(ID, NAME, C_NAME, SIGNATURE, OWNERSHIP, PLAIN)                               \
  static_assert(prototypeOf(&C_NAME) == cairn::signatureOf(SIGNATURE), #C_NAME ": " SIGNATURE);
#define CAIRN_CONVERSION(ID, NAME, C_NAME, SIGNATURE, OWNERSHIP)                                   \
  static_assert(prototypeOf(&C_NAME) == cairn::signatureOf(SIGNATURE), #C_NAME ": " SIGNATURE);
#include "ir/Managed.def"
