/*===- lowering-c.h - Cairn's lowering for frontends in other languages --------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The C door of the lowering, in the manner of llvm-c. Diagnostics that would
 * have gone to the context become the returned error.
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_LOWERING_C_H
#define CAIRN_LOWERING_C_H

#include "cairn/llvm_version.h"

#include <llvm-c/Error.h>
#include <llvm-c/Types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Imports, elides and expands every Cairn intrinsic in the module, and cleans up
 *  after it as opt_level (0 to 3) asks. It does not run LLVM's own pipeline: run that
 *  before, with the intrinsics still in place. NULL on success; otherwise the module
 *  is valid IR in which the calls that the error names are left as they were. */
LLVMErrorRef CairnLowerModule(LLVMModuleRef module, unsigned opt_level);

/** The LLVM that this library was built with, as "major.minor.patch". */
const char *CairnLoweringLLVMVersion(void);

#ifdef __cplusplus
}
#endif

#endif /* CAIRN_LOWERING_C_H */
