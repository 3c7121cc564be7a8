// Holds the C headers against the lowering's table: every C name is declared with the
// signature of its intrinsic, and the library defines it.
#include "cairn.h"
#include "cairn/containers.h"
#include "ir/Signature.h"

#include <cstdio>
#include <type_traits>

using cairn::Signature;
using cairn::SignatureType;

template <typename T> consteval SignatureType typeOf() {
  if constexpr (std::is_void_v<T>)
    return SignatureType::Void;
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

#define CAIRN_INTRINSIC(ID, NAME, C_NAME, SIGNATURE, TRAITS, HEAP_FORM)                            \
  static_assert(prototypeOf(&C_NAME) == cairn::signatureOf(SIGNATURE), #C_NAME ": " SIGNATURE);
#include "ir/Intrinsics.def"

int main() {
  void *const Defined[] = {
#define CAIRN_INTRINSIC(ID, NAME, C_NAME, SIGNATURE, TRAITS, HEAP_FORM)                            \
  reinterpret_cast<void *>(&C_NAME),
#include "ir/Intrinsics.def"
  };
  std::printf("%zu C names\n", sizeof(Defined) / sizeof(*Defined));
}
