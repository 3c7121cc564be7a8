/* --emit chooses what is written.
 *
 * RUN: %cairn build %s -o %t.exe && %t.exe
 * RUN: %cairn build --emit=exe %s -o %t.exe2 && %t.exe2
 * RUN: %cairn build --emit=obj %s -o %t.o && llvm-readelf -h %t.o | FileCheck %s --check-prefix=OBJ
 * RUN: %cairn build -c %s -o %t2.o && cmp %t.o %t2.o
 * RUN: %cairn build --emit=asm %s -o - | FileCheck %s --check-prefix=ASM
 * RUN: %cairn build -S %s -o - | FileCheck %s --check-prefix=ASM
 * RUN: %cairn build --emit=llvm %s -o - | FileCheck %s --check-prefix=IR
 * RUN: %cairn build --emit=bc %s -o %t.bc && llvm-dis %t.bc -o - | FileCheck %s --check-prefix=IR
 *
 * OBJ: Type: REL
 * ASM: main:
 * ASM-NOT: cairn_alloc_tagged
 * IR: define {{.*}} @main
 * IR-NOT: @cairn.
 */
#include <cairn.h>

struct point {
  double x, y;
};
CAIRN_TYPE(point_type, struct point);

int main(void) {
  struct point *point = cairn_alloc(&point_type);
  point->x = 1;
  int status = point->x != 1;
  cairn_decref(point);
  return status;
}
