; Reading a slot at an index that is not known writes nothing: what the certifier knew of the slots at constant offsets
; it knows behind the load, too. A store at such an index is another thing.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @use(ptr addrspace(77))

; The second slot is null as before, and needs no look at its old value.
define void @good(ptr addrspace(77) %l, i64 %i) {
  %slots = alloca [2 x ptr addrspace(77)]
  store ptr addrspace(77) null, ptr %slots
  %second = getelementptr inbounds i8, ptr %slots, i64 8
  store ptr addrspace(77) null, ptr %second
  call void @cairn.ref.incref(ptr addrspace(77) %l)
  store ptr addrspace(77) %l, ptr %slots
  %at = getelementptr inbounds ptr addrspace(77), ptr %slots, i64 %i
  %x = load ptr addrspace(77), ptr %at
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  call void @use(ptr addrspace(77) %x)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  %old = load ptr addrspace(77), ptr %slots
  store ptr addrspace(77) null, ptr %slots
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  store ptr addrspace(77) null, ptr %second
  ret void
}

; Negative: the first slot holds a unit, which is lost.
; CHECK: lost: lost unit: a unit of %l is lost
define void @lost(ptr addrspace(77) %l, i64 %i) {
  %slots = alloca [2 x ptr addrspace(77)]
  store ptr addrspace(77) null, ptr %slots
  %second = getelementptr inbounds i8, ptr %slots, i64 8
  store ptr addrspace(77) null, ptr %second
  call void @cairn.ref.incref(ptr addrspace(77) %l)
  store ptr addrspace(77) %l, ptr %slots
  %at = getelementptr inbounds ptr addrspace(77), ptr %slots, i64 %i
  %x = load ptr addrspace(77), ptr %at
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  call void @use(ptr addrspace(77) %x)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  store ptr addrspace(77) null, ptr %slots
  store ptr addrspace(77) null, ptr %second
  ret void
}

; Negative: a store at the index may have written the second slot.
; CHECK: written: old value lost: null is stored over a reference that was not read before
define void @written(ptr addrspace(77) %l, i64 %i) {
  %slots = alloca [2 x ptr addrspace(77)]
  store ptr addrspace(77) null, ptr %slots
  %second = getelementptr inbounds i8, ptr %slots, i64 8
  store ptr addrspace(77) null, ptr %second
  %at = getelementptr inbounds ptr addrspace(77), ptr %slots, i64 %i
  %before = load ptr addrspace(77), ptr %at
  call void @cairn.ref.incref(ptr addrspace(77) %l)
  store ptr addrspace(77) %l, ptr %at
  call void @cairn.ref.decref(ptr addrspace(77) %before)
  store ptr addrspace(77) null, ptr %second
  ret void
}

; Negative: what was read at the index may be what the first slot held, and has no unit of its own.
; CHECK: twice: no unit: %x is released, but this function has no unit of it
define void @twice(ptr addrspace(77) %l, i64 %i) {
  %slots = alloca [2 x ptr addrspace(77)]
  store ptr addrspace(77) null, ptr %slots
  %second = getelementptr inbounds i8, ptr %slots, i64 8
  store ptr addrspace(77) null, ptr %second
  call void @cairn.ref.incref(ptr addrspace(77) %l)
  store ptr addrspace(77) %l, ptr %slots
  %at = getelementptr inbounds ptr addrspace(77), ptr %slots, i64 %i
  %x = load ptr addrspace(77), ptr %at
  %old = load ptr addrspace(77), ptr %slots
  store ptr addrspace(77) null, ptr %slots
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  store ptr addrspace(77) null, ptr %second
  ret void
}
