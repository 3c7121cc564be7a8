/*===- EmbeddedPaths.h - The fast paths, one array a target ----------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The bitcode that runtime/ builds from fast/fast.cpp, in the packed form, inside the
 * plugin, so that the plugin is one file.
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_LOWERING_EMBEDDEDPATHS_H
#define CAIRN_LOWERING_EMBEDDEDPATHS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct CairnPaths {
  const unsigned char *begin;
  size_t size;
  const char *name;
};

extern const struct CairnPaths cairnPathsX86_64, cairnPathsAArch64, cairnPathsWasm32;
/* Of fast/checked.cpp. */
extern const struct CairnPaths cairnCheckedX86_64, cairnCheckedAArch64;

#ifdef __cplusplus
}
#endif

#endif /* CAIRN_LOWERING_EMBEDDEDPATHS_H */
