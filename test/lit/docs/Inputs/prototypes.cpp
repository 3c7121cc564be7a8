// Holds the C headers against the lowering's table: every C name is declared with the
// signature of its intrinsic, and the library defines it.
#include "../../Inputs/prototype_of.h"
#include "cairn.h"
#include "cairn/containers.h"

#include <cstdio>

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
