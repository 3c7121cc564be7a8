/*===- EmbeddedPaths.c - The fast paths, one array a target ----------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * C23, for #embed. The build passes the directory with --embed-dir.
 *
 *===------------------------------------------------------------------------===*/
#include "expand/EmbeddedPaths.h"

static const unsigned char x86_64[] = {
#embed <cairn-fast-x86_64.paths>
};
static const unsigned char aarch64[] = {
#embed <cairn-fast-aarch64.paths>
};
static const unsigned char checkedX86_64[] = {
#embed <cairn-checked-x86_64.paths>
};
static const unsigned char checkedAArch64[] = {
#embed <cairn-checked-aarch64.paths>
};
static const unsigned char wasm32[] = {
#embed <cairn-fast-wasm32.paths>
};

const struct CairnPaths cairnPathsX86_64 = {x86_64, sizeof(x86_64), "cairn-fast-x86_64.bc"};
const struct CairnPaths cairnPathsAArch64 = {aarch64, sizeof(aarch64), "cairn-fast-aarch64.bc"};
const struct CairnPaths cairnCheckedX86_64 = {checkedX86_64, sizeof(checkedX86_64),
                                              "cairn-checked-x86_64.bc"};
const struct CairnPaths cairnCheckedAArch64 = {checkedAArch64, sizeof(checkedAArch64),
                                               "cairn-checked-aarch64.bc"};
const struct CairnPaths cairnPathsWasm32 = {wasm32, sizeof(wasm32), "cairn-fast-wasm32.bc"};
