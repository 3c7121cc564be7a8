; A function that returns a structure of two references has a hole for each. Where the ways part
; behind the call, each way gets a call of its own first.
; RUN: %opt -passes=cairn-tail,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@one = internal constant [1 x i32] zeroinitializer
@node = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @one, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.decref(ptr addrspace(77))

; CHECK-LABEL: define { ptr addrspace(77), ptr addrspace(77) } @partition(
; CHECK: entry:
; CHECK: %[[Y:root.*]] = alloca ptr addrspace(77)
; CHECK: %[[YES:.*]] = addrspacecast ptr %[[Y]]
; CHECK: %[[N:root.*]] = alloca ptr addrspace(77)
; CHECK: %[[NO:.*]] = addrspacecast ptr %[[N]]
; CHECK: %[[H0:hole.*]] = phi ptr addrspace(77) [ %[[YES]], %entry ], [ %next.hole, %odd ], [ %[[H0]], %even ]
; CHECK: %[[H1:hole.*]] = phi ptr addrspace(77) [ %[[NO]], %entry ], [ %[[H1]], %odd ], [ %[[NEXT:.*]], %even ]
; CHECK-NOT: call { ptr
; CHECK: odd:
; CHECK: store ptr addrspace(77) %new, ptr addrspace(77) %[[H0]]
; CHECK: %next.hole = getelementptr inbounds i8, ptr addrspace(77) %new, i64 0
; CHECK-NEXT: br label
; CHECK: even:
; CHECK: store ptr addrspace(77) %other, ptr addrspace(77) %[[H1]]
; CHECK: %[[NEXT]] = getelementptr inbounds i8, ptr addrspace(77) %other, i64 0
; CHECK-NEXT: br label
; CHECK: end:
; CHECK-NEXT: store ptr addrspace(77) null, ptr addrspace(77) %[[H0]]
; CHECK-NEXT: store ptr addrspace(77) null, ptr addrspace(77) %[[H1]]
; CHECK: ret { ptr addrspace(77), ptr addrspace(77) }
; CHECK: {{^}}}
define { ptr addrspace(77), ptr addrspace(77) } @partition(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %less = sub i64 %n, 1
  %rest = call { ptr addrspace(77), ptr addrspace(77) } @partition(i64 %less)
  %yes = extractvalue { ptr addrspace(77), ptr addrspace(77) } %rest, 0
  %no = extractvalue { ptr addrspace(77), ptr addrspace(77) } %rest, 1
  %is = trunc i64 %n to i1
  br i1 %is, label %odd, label %even
odd:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %yes, ptr addrspace(77) %new
  br label %join
even:
  %other = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %no, ptr addrspace(77) %other
  br label %join
join:
  %first = phi ptr addrspace(77) [ %new, %odd ], [ %yes, %even ]
  %second = phi ptr addrspace(77) [ %no, %odd ], [ %other, %even ]
  %half = insertvalue { ptr addrspace(77), ptr addrspace(77) } poison, ptr addrspace(77) %first, 0
  %both = insertvalue { ptr addrspace(77), ptr addrspace(77) } %half, ptr addrspace(77) %second, 1
  ret { ptr addrspace(77), ptr addrspace(77) } %both
end:
  ret { ptr addrspace(77), ptr addrspace(77) } zeroinitializer
}

; The two parts change places in each round, and so do the holes.
; CHECK-LABEL: define { ptr addrspace(77), ptr addrspace(77) } @alternate(
; CHECK: %[[H0:hole.*]] = phi ptr addrspace(77) [ %{{.*}}, %entry ], [ %[[H1:hole.*]], %more ]
; CHECK: %[[H1]] = phi ptr addrspace(77) [ %{{.*}}, %entry ], [ %next.hole, %more ]
; CHECK: store ptr addrspace(77) %new, ptr addrspace(77) %[[H0]]
; CHECK-NOT: call { ptr
; CHECK: {{^}}}
define { ptr addrspace(77), ptr addrspace(77) } @alternate(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %less = sub i64 %n, 1
  %rest = call { ptr addrspace(77), ptr addrspace(77) } @alternate(i64 %less)
  %a = extractvalue { ptr addrspace(77), ptr addrspace(77) } %rest, 0
  %b = extractvalue { ptr addrspace(77), ptr addrspace(77) } %rest, 1
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %b, ptr addrspace(77) %new
  %half = insertvalue { ptr addrspace(77), ptr addrspace(77) } poison, ptr addrspace(77) %new, 0
  %both = insertvalue { ptr addrspace(77), ptr addrspace(77) } %half, ptr addrspace(77) %a, 1
  ret { ptr addrspace(77), ptr addrspace(77) } %both
end:
  ret { ptr addrspace(77), ptr addrspace(77) } zeroinitializer
}

; Negative: which way is taken depends on the result.
; CHECK-LABEL: define { ptr addrspace(77), ptr addrspace(77) } @depends(
; CHECK-NOT: hole
; CHECK: call { ptr addrspace(77), ptr addrspace(77) } @depends(
; CHECK: {{^}}}
define { ptr addrspace(77), ptr addrspace(77) } @depends(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %less = sub i64 %n, 1
  %rest = call { ptr addrspace(77), ptr addrspace(77) } @depends(i64 %less)
  %yes = extractvalue { ptr addrspace(77), ptr addrspace(77) } %rest, 0
  %no = extractvalue { ptr addrspace(77), ptr addrspace(77) } %rest, 1
  %is = icmp eq ptr addrspace(77) %yes, null
  br i1 %is, label %odd, label %even
odd:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %yes, ptr addrspace(77) %new
  br label %join
even:
  %other = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %no, ptr addrspace(77) %other
  br label %join
join:
  %first = phi ptr addrspace(77) [ %new, %odd ], [ %yes, %even ]
  %second = phi ptr addrspace(77) [ %no, %odd ], [ %other, %even ]
  %half = insertvalue { ptr addrspace(77), ptr addrspace(77) } poison, ptr addrspace(77) %first, 0
  %both = insertvalue { ptr addrspace(77), ptr addrspace(77) } %half, ptr addrspace(77) %second, 1
  ret { ptr addrspace(77), ptr addrspace(77) } %both
end:
  ret { ptr addrspace(77), ptr addrspace(77) } zeroinitializer
}

; Negative: one part is given back behind the call.
; CHECK-LABEL: define { ptr addrspace(77), ptr addrspace(77) } @dropped(
; CHECK-NOT: hole
; CHECK: call { ptr addrspace(77), ptr addrspace(77) } @dropped(
; CHECK: {{^}}}
define { ptr addrspace(77), ptr addrspace(77) } @dropped(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %less = sub i64 %n, 1
  %rest = call { ptr addrspace(77), ptr addrspace(77) } @dropped(i64 %less)
  %a = extractvalue { ptr addrspace(77), ptr addrspace(77) } %rest, 0
  %b = extractvalue { ptr addrspace(77), ptr addrspace(77) } %rest, 1
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %a, ptr addrspace(77) %new
  %half = insertvalue { ptr addrspace(77), ptr addrspace(77) } zeroinitializer, ptr addrspace(77) %new, 0
  ret { ptr addrspace(77), ptr addrspace(77) } %half
end:
  ret { ptr addrspace(77), ptr addrspace(77) } zeroinitializer
}
