/* -g keeps lines: instructions of a fast path carry the line of the call.
 *
 * RUN: %cairn build -g -O2 --emit=obj %s -o %t.o
 * RUN: llvm-dwarfdump --debug-line %t.o | FileCheck %s --check-prefix=LINES
 * RUN: %cairn build -O2 --emit=obj %s -o %t2.o
 * RUN: llvm-readelf -S %t2.o | FileCheck %s --check-prefix=NONE
 *
 * LINES: debug-lines.c
 * LINES: {{^0x[0-9a-f]+ +16 }}
 * NONE-NOT: .debug_line
 */
#include <cairn.h>

void *block(void) {
  /* The next line is 16. */
  return cairn_malloc(48);
}
