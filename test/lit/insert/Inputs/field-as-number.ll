; A field that its structure declares to be a reference is read as a number.
target triple = "x86_64-unknown-linux-gnu"
%pair = type { ptr addrspace(77), ptr addrspace(77) }
define i64 @reads(ptr addrspace(77) "cairn-borrowed" %x) {
  %b = getelementptr inbounds %pair, ptr addrspace(77) %x, i64 0, i32 1
  %v = load i64, ptr addrspace(77) %b
  ret i64 %v
}
