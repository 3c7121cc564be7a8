//===- describe.h - What a block is, in words -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_REPORT_DESCRIBE_H
#define CAIRN_REPORT_DESCRIBE_H

#include "heap/heap.h"
#include "platform/text.h"

namespace cairn {

/// Appends lines about the block of a checked heap that p lies in, live or not: what it is, who
/// made it, and who released it last. Nothing where there is none. Under no lock of the heap's.
void describe(Text &text, Heap *heap, const void *p);
/// Appends lines about the call that is going on, in a process that has checked heaps, and about
/// the address p that it was given, if that was read from freed memory.
void describeCall(Text &text, const void *p);
/// Appends "function (file:line:column)" of a site; false, and nothing, if there is none.
struct Where {
  unsigned site;
};
bool describeSite(Text &text, Where where);
/// If the reference was seen in a field that its holder's type does not list, when the holder
/// was released: appends lines about that.
void describeLeftover(Text &text, const void *ref);
/// As fail, with lines that follow all others of the message.
void failWith(cairn_error_kind kind, const void *p, const char *what, const char *more);
/// The number of the block's site of creation, and its type's name where it is known; of any
/// heap.
struct Known {
  unsigned made = 0;
  const char *type = nullptr;
  const char *what = "object"; ///< Or what it is in place of one.
};
Known knownOf(Heap *heap, const void *p, uint32_t meta);

} // namespace cairn

#endif // CAIRN_REPORT_DESCRIBE_H
