/* --heap=static binds every allocation to a heap that the linker knows.
 *
 * RUN: %cairn build --heap=static --emit=llvm %s -o - | FileCheck %s --check-prefix=STATIC
 * RUN: %cairn build --heap=thread --emit=llvm %s -o - | FileCheck %s --check-prefix=THREAD
 * RUN: %cairn build --heap=static -O0 --emit=llvm %s -o - | FileCheck %s --check-prefix=STATIC
 * RUN: not %cairn build --heap=nowhere %s -o %t 2>&1 | FileCheck %s --check-prefix=BAD
 *
 * STATIC: @cairn_default_heap_object
 * THREAD-NOT: @cairn_default_heap_object
 * BAD: --heap
 */
#include <cairn.h>

void *block(void) { return cairn_malloc(48); }
