; A module whose counts are not there: for ../again.ll.
target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()

define void @later() {
  %m = call ptr addrspace(77) @make()
  ret void
}
