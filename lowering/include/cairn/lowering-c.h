/*===- lowering-c.h - Cairn's lowering for frontends in other languages --------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The lowering for callers in C, in the manner of llvm-c. An error that the C++ interface
 * would report to the LLVM context is returned instead.
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

/** Inserts the counts of managed references (docs/passes.md, cairn-managed), at opt_level (0 to
 *  3). A frontend that has such references runs it before LLVM's own pipeline, which must not
 *  see code without counts, and CairnLowerModule afterwards. Renames functions that take over
 *  counts or lend their results, and that other modules can see. Returns NULL on success. After
 *  an error, the module is valid IR, and functions that the error names have no counts. A
 *  module without managed references stays as it is. */
LLVMErrorRef CairnCountReferences(LLVMModuleRef module, unsigned opt_level);

/** Expands every Cairn intrinsic in the module: runs cairn-import, cairn-elide and
 *  cairn-lower (docs/passes.md), and cleans up afterwards as opt_level (0 to 3) asks. It does
 *  not run LLVM's own pipeline. Run that before, with the intrinsics still in place. Where
 *  counts of managed references are missing, it inserts them first, which is right and may make
 *  more of them. Returns NULL on success. After an error, the module is valid IR, and the
 *  calls that the error names are left as they were. */
LLVMErrorRef CairnLowerModule(LLVMModuleRef module, unsigned opt_level);

/** The module is lowered as the C++ interface's option Checked says (cairn/lowering.h), for
 *  programs that look for mistakes: to be called before CairnLowerModule. */
void CairnUseCheckedHeap(LLVMModuleRef module);

/** Shows that the counts in every function of the module are balanced (cairn/certify.h), and
 *  changes nothing. Not 0 for own_counts: they are the frontend's own, on plain pointers; 0:
 *  those of managed references, after cairn-insert. Returns NULL if nothing is wrong, and
 *  otherwise all findings, one a line, each with its function. */
LLVMErrorRef CairnCertifyModule(LLVMModuleRef module, int own_counts);

/** The LLVM that this library was built with, as "major.minor.patch". */
const char *CairnLoweringLLVMVersion(void);

#ifdef __cplusplus
}
#endif

#endif /* CAIRN_LOWERING_C_H */
