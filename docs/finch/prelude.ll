; What every program of Finch begins with (finch.py).
%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
declare ptr addrspace(77) @cairn.ref.alloc.tagged(ptr, i8)
declare ptr addrspace(77) @cairn.ref.alloc.string(ptr, i64)
declare i8 @cairn.ref.tag(ptr addrspace(77))
declare i64 @cairn.ref.length(ptr addrspace(77))
declare ptr @cairn.ref.borrow(ptr addrspace(77))
declare i32 @printf(ptr, ...)
@format.Int = internal constant [6 x i8] c"%lld\0A\00"
@format.Str = internal constant [6 x i8] c"%.*s\0A\00"

define internal void @print.Int(i64 %n) {
  call i32 (ptr, ...) @printf(ptr @format.Int, i64 %n)
  ret void
}
define internal void @print.Str(ptr addrspace(77) %s) {
  %bytes = call ptr @cairn.ref.borrow(ptr addrspace(77) %s)
  %length = call i64 @cairn.ref.length(ptr addrspace(77) %s)
  %n = trunc i64 %length to i32
  call i32 (ptr, ...) @printf(ptr @format.Str, i32 %n, ptr %bytes)
  ret void
}
define i32 @main() {
  %status = call i64 @finch.main()
  %n = trunc i64 %status to i32
  ret i32 %n
}
