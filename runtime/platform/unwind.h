//===- unwind.h - Where exceptions do not pass -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Generated code calls the runtime as functions that do not unwind: it has no landing pads
// there, and destructors and handlers of its callers may be gone with them. An exception that
// a program's handler throws must not get that far. The runtime is compiled without
// exceptions, but its functions have unwind tables; an entry of generated code names in them
// a function of its own, which the unwinder asks before anything is unwound.
//
// The called forms have no such mark: an exception passes through them.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PLATFORM_UNWIND_H
#define CAIRN_PLATFORM_UNWIND_H

/// At the start of a function that generated code calls and that may call a handler of the
/// program's: an exception that reaches the function ends the process with a message. The
/// function must not be inlined, and its frame must still be there when it calls.
/// WebAssembly's engines unwind by themselves, and ask nobody.
#if defined(__wasm__)
#define CAIRN_NO_EXCEPTION ((void)0)
#define CAIRN_NO_INLINE
#else
// 0x1b: the distance to the function, in four bytes.
#define CAIRN_NO_EXCEPTION __asm__ volatile(".cfi_personality 0x1b, cairn_rt_no_exception")
#define CAIRN_NO_INLINE __attribute__((noinline))
#endif

namespace cairn {

/// What the function returns: the call that gave it is no jump.
inline void *keepingFrame(void *result) {
#if !defined(__wasm__)
  __asm__ volatile("" : "+r"(result));
#endif
  return result;
}

} // namespace cairn

#endif // CAIRN_PLATFORM_UNWIND_H
