//===- error.cpp - Misuse and exhaustion -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Without a handler of the program's own the platform is told: the host throws an
// exception, or there is a message on standard error. Nothing of the heap has changed
// by then, so it may be used after the exception.
//
//===----------------------------------------------------------------------===//

#include "platform/host.h"
#include "platform/text.h"
#include "wasm/heap.h"
#include "wasm/validate.h"

namespace cairn {

namespace {
cairn_error_handler errorHandler;
void *errorContext;
} // namespace

void fail(cairn_error_kind kind, const void *p, const char *what) {
  if (errorHandler) {
    Text message;
    message << "cairn: " << p << ": " << platform::textOf(kind, what);
    errorHandler(kind, p, message.text(), errorContext);
    return;
  }
  platform::failed(kind, p, what);
}

bool (*callHandler)(Heap *heap, size_t request);

bool outOfMemory(Heap *heap, uint64_t request) {
  size_t bytes = request > SIZE_MAX ? SIZE_MAX : size_t(request);
  if (callHandler && callHandler(heap, bytes))
    return true;
  platform::exhausted(heap->name ? heap->name : "unnamed", bytes, heap->used, heap->limit());
}

} // namespace cairn

using namespace cairn;

extern "C" CAIRN_API void cairn_set_error_handler(cairn_error_handler handler, void *context) {
  errorHandler = handler;
  noteErrorHandler(handler);
  errorContext = context;
}
