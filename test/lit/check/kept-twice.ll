; What is read from a field on each pass of a loop, and also put into a new object, is kept alive by two things. It
; lives as long as one of them does, whichever goes first.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
@type = external global i8
declare ptr addrspace(77) @cairn.ref.alloc.tagged(ptr, i8)
declare i8 @cairn.ref.tag(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

; The list of new objects goes, and what was read last is still in the structure that begins with %first.
define i8 @good(ptr addrspace(77) "cairn-owned" %first) {
entry:
  br label %head
head:
  %i = phi i64 [ 0, %entry ], [ %i1, %body ]
  %made = phi ptr addrspace(77) [ null, %entry ], [ %new, %body ]
  %at = phi ptr addrspace(77) [ %first, %entry ], [ %next, %body ]
  %more = icmp slt i64 %i, 9
  br i1 %more, label %test, label %end
test:
  %is = icmp ne ptr addrspace(77) %at, null
  br i1 %is, label %body, label %end
body:
  %field = getelementptr inbounds nuw i8, ptr addrspace(77) %at, i64 8
  %next = load ptr addrspace(77), ptr addrspace(77) %field, align 8
  %new = call nonnull ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @type, i8 3)
  %n8 = getelementptr inbounds nuw i8, ptr addrspace(77) %new, i64 8
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  store ptr addrspace(77) %next, ptr addrspace(77) %n8, align 8
  %n16 = getelementptr inbounds nuw i8, ptr addrspace(77) %new, i64 16
  store ptr addrspace(77) %made, ptr addrspace(77) %n16, align 8
  %i1 = add i64 %i, 1
  br label %head
end:
  call void @cairn.ref.decref(ptr addrspace(77) %made)
  %some = icmp ne ptr addrspace(77) %at, null
  br i1 %some, label %tag, label %out
tag:
  %t = call i8 @cairn.ref.tag(ptr addrspace(77) %at)
  br label %out
out:
  %r = phi i8 [ %t, %tag ], [ 0, %end ]
  call void @cairn.ref.decref(ptr addrspace(77) %first)
  ret i8 %r
}

; Negative: both have gone.
; CHECK: bad: used after its unit went: nothing keeps %at alive here
define i8 @bad(ptr addrspace(77) "cairn-owned" %first) {
entry:
  br label %head
head:
  %i = phi i64 [ 0, %entry ], [ %i1, %body ]
  %made = phi ptr addrspace(77) [ null, %entry ], [ %new, %body ]
  %at = phi ptr addrspace(77) [ %first, %entry ], [ %next, %body ]
  %more = icmp slt i64 %i, 9
  br i1 %more, label %test, label %end
test:
  %is = icmp ne ptr addrspace(77) %at, null
  br i1 %is, label %body, label %end
body:
  %field = getelementptr inbounds nuw i8, ptr addrspace(77) %at, i64 8
  %next = load ptr addrspace(77), ptr addrspace(77) %field, align 8
  %new = call nonnull ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @type, i8 3)
  %n8 = getelementptr inbounds nuw i8, ptr addrspace(77) %new, i64 8
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  store ptr addrspace(77) %next, ptr addrspace(77) %n8, align 8
  %n16 = getelementptr inbounds nuw i8, ptr addrspace(77) %new, i64 16
  store ptr addrspace(77) %made, ptr addrspace(77) %n16, align 8
  %i1 = add i64 %i, 1
  br label %head
end:
  call void @cairn.ref.decref(ptr addrspace(77) %made)
  call void @cairn.ref.decref(ptr addrspace(77) %first)
  %some = icmp ne ptr addrspace(77) %at, null
  br i1 %some, label %tag, label %out
tag:
  %t = call i8 @cairn.ref.tag(ptr addrspace(77) %at)
  br label %out
out:
  %r = phi i8 [ %t, %tag ], [ 0, %end ]
  ret i8 %r
}
