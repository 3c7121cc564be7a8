// Holds cairn/managed.h against the table of managed intrinsics: every C name is declared with
// the signature of its intrinsic, in which a pointer is a reference or is none.
#include "cairn/managed.h"

#include "../../Inputs/prototype_of.h" // which knows references from it

#define CAIRN_MANAGED(ID, NAME, C_NAME, SIGNATURE, OWNERSHIP, PLAIN)                               \
  static_assert(prototypeOf(&C_NAME) == cairn::signatureOf(SIGNATURE), #C_NAME ": " SIGNATURE);
#define CAIRN_CONVERSION(ID, NAME, C_NAME, SIGNATURE, OWNERSHIP)                                   \
  static_assert(prototypeOf(&C_NAME) == cairn::signatureOf(SIGNATURE), #C_NAME ": " SIGNATURE);
#include "ir/Managed.def"
