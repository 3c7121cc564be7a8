/*===- EmbeddedBitcode.c - The fast paths, one array a target --------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * C23, for #embed. The build passes the directory with --embed-dir.
 *
 *===------------------------------------------------------------------------===*/
#include "expand/EmbeddedBitcode.h"

/* The bitcode reader works in 32-bit words. */
static const _Alignas(16) unsigned char x86_64[] = {
#embed <cairn-fast-x86_64.bc>
};
static const _Alignas(16) unsigned char aarch64[] = {
#embed <cairn-fast-aarch64.bc>
};
static const _Alignas(16) unsigned char checkedX86_64[] = {
#embed <cairn-checked-x86_64.bc>
};
static const _Alignas(16) unsigned char checkedAArch64[] = {
#embed <cairn-checked-aarch64.bc>
};
static const _Alignas(16) unsigned char wasm32[] = {
#embed <cairn-fast-wasm32.bc>
};

const struct CairnBitcode cairnBitcodeX86_64 = {x86_64, sizeof(x86_64), "cairn-fast-x86_64.bc"};
const struct CairnBitcode cairnBitcodeAArch64 = {aarch64, sizeof(aarch64), "cairn-fast-aarch64.bc"};
const struct CairnBitcode cairnCheckedX86_64 = {checkedX86_64, sizeof(checkedX86_64),
                                                "cairn-checked-x86_64.bc"};
const struct CairnBitcode cairnCheckedAArch64 = {checkedAArch64, sizeof(checkedAArch64),
                                                 "cairn-checked-aarch64.bc"};
const struct CairnBitcode cairnBitcodeWasm32 = {wasm32, sizeof(wasm32), "cairn-fast-wasm32.bc"};
