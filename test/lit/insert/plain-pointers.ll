; A plain pointer that was borrowed from a reference keeps the object alive as long as it is used, with
; what is computed from it: addresses, what a call may return of it, and what was joined from it.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

declare ptr @cairn.ref.borrow(ptr addrspace(77))
declare void @print(ptr)
declare ptr @strchr(ptr, i32)
declare ptr @strdup(ptr)
declare i64 @strlen(ptr)

; CHECK-LABEL: @address(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %m)
; CHECK-NEXT: %q = getelementptr i8, ptr %p, i64 3
; CHECK-NEXT: %c = load i8, ptr %q
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret i8 %c
define i8 @address() {
  %m = call ptr addrspace(77) @make()
  %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %m)
  %q = getelementptr i8, ptr %p, i64 3
  %c = load i8, ptr %q
  ret i8 %c
}

; CHECK-LABEL: @cast(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %p = addrspacecast ptr addrspace(77) %m to ptr
; CHECK-NEXT: %c = load i8, ptr %p
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret i8 %c
define i8 @cast() {
  %m = call ptr addrspace(77) @make()
  %p = addrspacecast ptr addrspace(77) %m to ptr
  %c = load i8, ptr %p
  ret i8 %c
}

; The end of the string is found by a loop.
; CHECK-LABEL: @loop(
; CHECK: entry:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %m)
; CHECK-NEXT: br label %loop
; CHECK: loop:
; CHECK-NEXT: %q = phi ptr [ %p, %entry ], [ %next, %loop ]
; CHECK-NEXT: %next = getelementptr i8, ptr %q, i64 1
; CHECK-NEXT: %c = load i8, ptr %q
; CHECK-NEXT: %end = icmp eq i8 %c, 0
; CHECK-NEXT: br i1 %end, label %done, label %loop
; CHECK: done:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @loop() {
entry:
  %m = call ptr addrspace(77) @make()
  %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %m)
  br label %loop
loop:
  %q = phi ptr [ %p, %entry ], [ %next, %loop ]
  %next = getelementptr i8, ptr %q, i64 1
  %c = load i8, ptr %q
  %end = icmp eq i8 %c, 0
  br i1 %end, label %done, label %loop
done:
  ret void
}

; One of two objects: a φ of references beside the other one.
; CHECK-LABEL: @either(
; CHECK: entry:
; CHECK-NEXT: br i1 %c, label %left, label %right
; CHECK: left:
; CHECK-NEXT: %a = call ptr addrspace(77) @make()
; CHECK-NEXT: %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %a)
; CHECK-NEXT: br label %join
; CHECK: right:
; CHECK-NEXT: %b = call ptr addrspace(77) @make()
; CHECK-NEXT: %q = call ptr @cairn.ref.borrow(ptr addrspace(77) %b)
; CHECK-NEXT: br label %join
; CHECK: join:
; CHECK-NEXT: %s.keeper = phi ptr addrspace(77) [ %a, %left ], [ %b, %right ]
; CHECK-NEXT: %s = phi ptr [ %p, %left ], [ %q, %right ]
; CHECK-NEXT: call void @print(ptr %s)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %s.keeper)
; CHECK-NEXT: ret void
define void @either(i1 %c) {
entry:
  br i1 %c, label %left, label %right
left:
  %a = call ptr addrspace(77) @make()
  %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %a)
  br label %join
right:
  %b = call ptr addrspace(77) @make()
  %q = call ptr @cairn.ref.borrow(ptr addrspace(77) %b)
  br label %join
join:
  %s = phi ptr [ %p, %left ], [ %q, %right ]
  call void @print(ptr %s)
  ret void
}

; In memory, as at -O0.
; CHECK-LABEL: @variable(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %m)
; CHECK-NEXT: call void @print(ptr %p)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @variable() {
  %v = alloca ptr
  %m = call ptr addrspace(77) @make()
  %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %m)
  store ptr %p, ptr %v
  %q = load ptr, ptr %v
  call void @print(ptr %q)
  ret void
}

; CHECK-LABEL: @returned.inside(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %m)
; CHECK-NEXT: %colon = call ptr @strchr(ptr %p, i32 58)
; CHECK-NEXT: call void @print(ptr %colon)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @returned.inside() {
  %m = call ptr addrspace(77) @make()
  %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %m)
  %colon = call ptr @strchr(ptr %p, i32 58)
  call void @print(ptr %colon)
  ret void
}

; Negative: strdup returns something else.
; CHECK-LABEL: @returned.copy(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %m)
; CHECK-NEXT: %copy = call ptr @strdup(ptr %p)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: call void @print(ptr %copy)
; CHECK-NEXT: ret void
define void @returned.copy() {
  %m = call ptr addrspace(77) @make()
  %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %m)
  %copy = call ptr @strdup(ptr %p)
  call void @print(ptr %copy)
  ret void
}
