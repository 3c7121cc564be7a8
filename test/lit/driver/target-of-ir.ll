; An IR file's own triple is the target unless another is given; the two may not
; differ in architecture.
;
; RUN: %cairn build --emit=asm %s -o - | FileCheck %s
; RUN: not %cairn build --target=x86_64-linux-gnu --emit=asm %s -o - 2>&1 | FileCheck %s --check-prefix=OTHER
;
; CHECK: ret
; OTHER: cairn: error: {{.*}}target-of-ir.ll: is for aarch64-unknown-linux-gnu, and the target is x86_64-linux-gnu

target triple = "aarch64-unknown-linux-gnu"

declare void @cairn.decref(ptr)

define void @drop(ptr %object) {
  call void @cairn.decref(ptr %object)
  ret void
}
