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

/** To be called before code and data in these ranges are unloaded. If objects are alive, in
 *  any heap, whose finaliser lies in a range, returns their number, and nothing has changed:
 *  the code must stay. Otherwise returns 0. Live objects whose type descriptor lies in a range
 *  then use a copy of it, and the runtime forgets all other descriptors there. Meanwhile no
 *  thread may make or drop objects of such types. */
uint64_t cairn_host_retire(const cairn_host_range *ranges, size_t count);

/** Static objects (cairn/static.h) may lie in [from, to) from now on, memory that stays readable.
 *  Several calls for one range need as many of cairn_static_remove; an empty range is nothing.
 *  False if there is no memory. */
bool cairn_static_add(const void *from, const void *to);
/** Before the memory goes. Nobody may refer to the objects any more. */
void cairn_static_remove(const void *from, const void *to);

/** Where code lies that is in no file which the system loaded. The texts are the callee's, and stay
 *  until its next call on the same thread. */
typedef struct cairn_host_name {
  const char *function;
  const char *file; /**< "" where it is not known, and `line` is 0 then. */
  uint32_t line;
} cairn_host_name;

/** Whether there is such code of the host's at an address, and what it is. Called with the address
 *  of a call, under no lock of the runtime's, on a thread that allocates. */
typedef bool (*cairn_host_namer)(const void *address, cairn_host_name *name);
/** The heap profile (cairn_profile_start) asks this one for the names of the calls it sees. A
 *  process has one; null is none. Not for WebAssembly. */
void cairn_host_name_code(cairn_host_namer namer);

#ifdef __cplusplus
}
#endif

#endif /* CAIRN_HOST_H */
