; Vectors of references become vectors of plain pointers, and intrinsics that have such a type in
; their name get the other name. LLVM 22's gather has other operands than those before it.
; REQUIRES: text-places
; RUN: %opt -passes='cairn-plain,verify' -S %s | FileCheck %s

; CHECK-NOT: addrspace(77)
; CHECK-LABEL: define <2 x ptr> @vectors(
define <2 x ptr addrspace(77)> @vectors(<2 x ptr> %p, <2 x i1> %m) {
; CHECK-NEXT: %v = call <2 x ptr> @llvm.masked.gather.v2p0.v2p0(
  %v = call <2 x ptr addrspace(77)> @llvm.masked.gather.v2p77.v2p0(<2 x ptr> align 8 %p, <2 x i1> %m, <2 x ptr addrspace(77)> zeroinitializer)
  %c = addrspacecast <2 x ptr> %p to <2 x ptr addrspace(77)>
; CHECK-NEXT: %s = select <2 x i1> %m, <2 x ptr> %v, <2 x ptr> %p
  %s = select <2 x i1> %m, <2 x ptr addrspace(77)> %v, <2 x ptr addrspace(77)> %c
  ret <2 x ptr addrspace(77)> %s
}

declare <2 x ptr addrspace(77)> @llvm.masked.gather.v2p77.v2p0(<2 x ptr>, <2 x i1>, <2 x ptr addrspace(77)>)
