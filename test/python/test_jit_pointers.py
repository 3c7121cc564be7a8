# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of JIT code that take and give pointers, and managed references."""

from __future__ import annotations

import pytest
from conftest import live

from cairn import HeapError, IRError, MemoryManager


def test_pointers_anywhere_among_the_parameters() -> None:
    """Each pointer argument is looked up and becomes an address, wherever it stands; numbers stay numbers."""
    mem = MemoryManager()
    jit = mem.jit()
    jit.add("""
define void @second(i64 %x, ptr %p) {
  store i64 %x, ptr %p
  ret void
}
define ptr @both(ptr %p, i64 %x, ptr %q) {
  store i64 %x, ptr %p
  store i64 %x, ptr %q
  ret ptr %q
}
""")
    second, both = jit.function("second", "void(i64, ptr)"), jit.function("both", "ptr(ptr, i64, ptr)")
    p, q = mem.alloc(8), mem.alloc(8)
    second(7, p)
    assert mem.read_i64(p) == 7
    assert both(p, 9, q) == q
    assert (mem.read_i64(p), mem.read_i64(q)) == (9, 9)
    for call in (lambda: second(p, 7), lambda: both(p, 1, 3), lambda: both(3, 1, p)):
        with pytest.raises(HeapError, match="never given out"):
            call()
    mem.decref(p)
    mem.decref(q)


REFERENCES = """
%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@node.fields = internal constant [1 x i32] [i32 0]
@node = internal global %type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @node.fields, ptr null, ptr null }
@kept = internal global ptr addrspace(77) null
declare ptr addrspace(77) @cairn.ref.alloc(ptr)

define ptr addrspace(77) @cons(i64 %value, ptr addrspace(77) %next) {
  %node = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %next, ptr addrspace(77) %node
  %at = getelementptr i8, ptr addrspace(77) %node, i64 8
  store i64 %value, ptr addrspace(77) %at
  ret ptr addrspace(77) %node
}
define i64 @sum(ptr addrspace(77) %list) {
start:
  br label %again
again:
  %at = phi ptr addrspace(77) [ %list, %start ], [ %next, %more ]
  %s = phi i64 [ 0, %start ], [ %t, %more ]
  %none = icmp eq ptr addrspace(77) %at, null
  br i1 %none, label %end, label %more
more:
  %p = getelementptr i8, ptr addrspace(77) %at, i64 8
  %v = load i64, ptr addrspace(77) %p
  %t = add i64 %s, %v
  %next = load ptr addrspace(77), ptr addrspace(77) %at
  br label %again
end:
  ret i64 %s
}
define void @keep(ptr addrspace(77) %list) {
  store ptr addrspace(77) %list, ptr @kept
  ret void
}
define void @take(ptr addrspace(77) "cairn-owned" %list) {
  ret void
}
define "cairn-borrowed" ptr addrspace(77) @lend() {
  %list = load ptr addrspace(77), ptr @kept
  ret ptr addrspace(77) %list
}
"""


def test_managed_references() -> None:
    """A reference is a pointer of Python's: arguments are borrowed, and a result is Python's count."""
    mem = MemoryManager()
    jit = mem.jit()
    jit.add(REFERENCES, name="references")
    cons, total = jit.function("cons", "ptr(i64, ptr)"), jit.function("sum", "i64(ptr)")
    keep = jit.function("keep", "void(ptr)")
    items = 0
    for value in range(5):
        longer = cons(value, items)
        if items:
            mem.decref(items)  # the new node has a count of its own
        items = longer
    assert total(items) == 10
    assert sorted(count for _, count, _ in live(mem).values()) == [1] * 5
    keep(items)
    mem.decref(items)
    assert total(items) == 10 and len(live(mem)) == 5
    keep(0)
    assert live(mem) == {}
    for name in ("take", "lend"):
        with pytest.raises(IRError, match=f"'{name}' takes over a count of an argument, or lends its result"):
            jit.function(name, "void(ptr)")
