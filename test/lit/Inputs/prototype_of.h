// The signature of a C function, in the words of the lowering's tables. A managed reference is
// told from a plain pointer where cairn/managed.h is included before.
#include "ir/Signature.h"

#include <type_traits>

using cairn::Signature;
using cairn::SignatureType;

template <typename T> consteval SignatureType typeOf() {
  if constexpr (std::is_void_v<T>)
    return SignatureType::Void;
#ifdef cairn_managed
  else if constexpr (std::is_same_v<T, void cairn_managed *> ||
                     std::is_same_v<T, const void cairn_managed *>)
    return SignatureType::Ref;
#endif
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
