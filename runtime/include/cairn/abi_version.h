/*===- abi_version.h - Which objects and runtimes belong together ---------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The version of the layouts in abi.h. The library defines a symbol that is named after
 * it. Each object that the passes have lowered, and each that has a descriptor of
 * CAIRN_TYPE, holds a pointer to the symbol of the version that it was made for, so that
 * it does not link with, or load beside, a library of another one:
 *
 *   undefined symbol: cairn_abi_2
 *
 * The shared library's name ends in it too (libcairn.so.2).
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_ABI_VERSION_H
#define CAIRN_ABI_VERSION_H

/** Raised when a layout in abi.h changes. CMake reads this line. */
#define CAIRN_ABI_VERSION 2

#define CAIRN_ABI_JOIN_(prefix, version) prefix##version
#define CAIRN_ABI_NAME_(prefix, version) CAIRN_ABI_JOIN_(prefix, version)
/** cairn_abi_2 */
#define CAIRN_ABI_SYMBOL CAIRN_ABI_NAME_(cairn_abi_, CAIRN_ABI_VERSION)

/** The address space of managed references in IR, and of what they point to in C
 *  (cairn/managed.h). No target has a meaning for it, and it is below 256. */
#define CAIRN_REFERENCE_SPACE 77

#endif /* CAIRN_ABI_VERSION_H */
