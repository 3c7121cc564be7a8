/*===- types_c.h - What types_c.c offers the C++ tests -------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_TEST_UNIT_TYPES_C_H
#define CAIRN_TEST_UNIT_TYPES_C_H

#include <cairn.h>

#ifdef __cplusplus
extern "C" {
#endif

/** leaf, pair, wide, late, closed, closed leaf */
cairn_type *cairn_test_c_type(int which);
/** How often the finaliser of the last two ran. */
int cairn_test_c_closed(void);
/** 0 if all is well. */
int cairn_test_c_program(void);

#ifdef __cplusplus
}
#endif

#endif
