/*===- host.h - For what loads and unloads code around the heap -----------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_HOST_H
#define CAIRN_HOST_H

#include <cairn.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cairn_host_range {
  const void *from, *to; /**< [from, to) */
} cairn_host_range;

/** Code and data in these ranges are about to go. If objects live, in any heap, whose
 *  finaliser lies in them, returns how many, and nothing changes. Else returns 0: objects
 *  whose descriptor lies there go on with a copy of it, and other descriptors there
 *  are forgotten. No thread may be making or dropping objects of such types. */
uint64_t cairn_host_retire(const cairn_host_range *ranges, size_t count);

#ifdef __cplusplus
}
#endif

#endif /* CAIRN_HOST_H */
