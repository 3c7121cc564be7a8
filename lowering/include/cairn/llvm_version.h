/*===- llvm_version.h - Libraries and LLVM headers that belong together --------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * libCairnLowering.a is of one LLVM, and takes and returns that LLVM's objects. It defines a
 * symbol that is named after the LLVM. Each program that includes the libraries' headers refers
 * to the symbol of the LLVM whose headers it includes, so that it does not link with the
 * libraries of another one:
 *
 *   undefined symbol: cairn_libraries_for_llvm_22
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_LLVM_VERSION_H
#define CAIRN_LLVM_VERSION_H

#include <llvm/Config/llvm-config.h>

#define CAIRN_LLVM_JOIN_(prefix, major) prefix##major
#define CAIRN_LLVM_NAME_(prefix, major) CAIRN_LLVM_JOIN_(prefix, major)
/** cairn_libraries_for_llvm_22 */
#define CAIRN_LLVM_SYMBOL CAIRN_LLVM_NAME_(cairn_libraries_for_llvm_, LLVM_VERSION_MAJOR)

#ifdef __cplusplus
extern "C" {
#endif
extern const char CAIRN_LLVM_SYMBOL;
/** One in a program or shared library, however many of its objects have it. */
__attribute__((weak, visibility("hidden"))) const char *cairn_needs_llvm = &CAIRN_LLVM_SYMBOL;
#ifdef __cplusplus
}
#endif

#endif /* CAIRN_LLVM_VERSION_H */
