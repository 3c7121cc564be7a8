//===- error.cpp - Messages for misuse and exhaustion -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/origin.h"
#include "heap/validate.h"
#include "object/object.h"
#include "platform/text.h"
#include "report/describe.h"
#include "report/dump.h"

namespace cairn {

namespace {
cairn_error_handler errorHandler;
void *errorContext;
} // namespace

void fail(cairn_error_kind kind, const void *p, const char *what) { failWith(kind, p, what, ""); }

void failWith(cairn_error_kind kind, const void *p, const char *what, const char *more) {
  Text message;
  message.ends = message.streams = !errorHandler;
  message << "cairn: " << p << ": " << what;
  Heap *heap = heapCount() ? heapOf(p) : nullptr;
  if (heap) {
    message << " (heap " << (heap->name ? heap->name : "unnamed") << ", offset "
            << uint64_t(reinterpret_cast<uintptr_t>(p) - heap->base);
    if (Slab *slab = locate(p).slab)
      message << ", slot size " << slab->slotSize;
    message << ")";
    describe(message, heap, p);
  }
  describeCall(message, p);
  message << more;
  if (errorHandler) {
    const char *text = message.text();
    platform::callsProgram(4, text, __builtin_strlen(text) + 1);
    InHandler handler;
    errorHandler(kind, p, text, errorContext);
    return;
  }
  message << "\n";
  message.flush();
  platform::abort();
}

bool outOfMemory(Heap *heap, uint64_t request) {
  cairn_oom oom = {reinterpret_cast<cairn_heap *>(heap),
                   heap && heap->name ? heap->name : "unnamed",
                   request > SIZE_MAX ? SIZE_MAX : size_t(request), 0, heap ? heap->size : 0};
  if (heap) {
    platform::Guard guard(heap->lock);
    oom.used = heap->space.used() << kGranuleShift;
  }
  if (heap && heap->oom) {
    // The handler may leave by longjmp, and out of a finaliser too, whose drop then never
    // goes on; and what the handler drops must be free when it returns. Either way the
    // calling thread is in no drop for as long.
    uintptr_t frame = leaveFinalizer(0);
    platform::callsProgram(2, &oom, sizeof oom);
    bool again;
    {
      InHandler handler;
      again = heap->oom(&oom, heap->oomContext);
    }
    leaveFinalizer(frame);
    if (again)
      return true;
  }
  dumpFull();
  Text message;
  message << "cairn: heap exhausted: heap " << oom.heap_name << ", request "
          << uint64_t(oom.request) << " bytes, used " << uint64_t(oom.used) << ", limit "
          << uint64_t(oom.limit) << "\n";
  message.flush();
  platform::abort();
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API void cairn_set_error_handler(cairn_error_handler handler, void *context) {
  errorHandler = handler;
  noteErrorHandler(handler);
  errorContext = context;
}

CAIRN_API void cairn_set_oom_handler(cairn_heap *h, cairn_oom_handler handler, void *context) {
  if (Heap *heap = orDefault(h)) {
    heap->oom = handler;
    heap->oomContext = context;
  }
}

CAIRN_API cairn_oom_handler cairn_get_oom_handler(cairn_heap *h, void **context) {
  Heap *heap = orDefault(h);
  if (context)
    *context = heap ? heap->oomContext : nullptr, platform::written(context, sizeof *context);
  return heap ? heap->oom : nullptr;
}

} // extern "C"
