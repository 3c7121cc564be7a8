# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""JIT code and Python on one heap."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from conftest import live
from jit_code import OBJECTS, SUM

import cairn
from cairn import HeapError, IRError, MemoryManager


def test_sum() -> None:
    mem = MemoryManager()
    with mem.jit() as jit:
        jit.add(SUM, name="sum")
        f = jit.function("sum", "i64(ptr, i64)")
        ptr = mem.alloc(40000)
        mem.write_array(ptr, np.arange(10000, dtype=np.int32))
        assert f(ptr, 10000) == 49995000
        assert "i64(ptr, i64)" in repr(f)
        with pytest.raises(BufferError):
            mem.close()
    mem.close()


def test_objects_both_ways() -> None:
    mem = MemoryManager()
    jit = mem.jit()
    jit.add(OBJECTS)
    ptr = jit.function("make", "ptr(i64)")(64)
    assert live(mem) == {ptr: (64, 1, "bytes")}
    assert mem.read_i64(ptr) == 42
    mem.decref(ptr)
    ptr = mem.alloc(64)
    jit.function("change", "void(ptr, i32)")(ptr, -5)
    assert mem.read_i32(ptr) == -5
    jit.function("drop", "void(ptr)")(ptr)
    assert live(mem) == {}


@pytest.mark.parametrize("ir, python", [("i8", 127), ("i16", -32768), ("i32", 1 << 30),
                                        ("i64", -(1 << 63)), ("i1", True), ("float", 0.25),
                                        ("double", 1e300)])
def test_types(ir: str, python: float) -> None:
    mem = MemoryManager()
    jit = mem.jit()
    jit.add(f"define {ir} @same({ir} %x) {{ ret {ir} %x }}")
    assert jit.function("same", f"{ir}({ir})")(python) == python


def test_twelve_parameters_and_odd_names() -> None:
    mem = MemoryManager()
    jit = mem.jit()
    params = ", ".join(f"i64 %a{i}" for i in range(12))
    jit.add(f'define i64 @"a name \\22"({params}) {{ ret i64 %a11 }}')
    f = jit.function('a name "', "i64(" + ", ".join(["i64"] * 12) + ")")
    assert f(*range(12)) == 11


def test_bad_calls() -> None:
    mem = MemoryManager()
    jit = mem.jit()
    jit.add(SUM + "define i32 @narrow(i32 %x) { ret i32 %x }")
    f = jit.function("sum", "i64(ptr, i64)")
    dead = mem.alloc(64)
    mem.free(dead)
    with pytest.raises(HeapError):
        f(dead, 1)
    with pytest.raises(HeapError):
        f(1 << 60, 1)
    for args in ((), (1,), (0, 1, 2), (0, 1.5), ("x", 1)):
        with pytest.raises(TypeError):
            f(*args)
    with pytest.raises(TypeError):
        f(0, n=1)
    with pytest.raises(OverflowError):
        f(0, 1 << 63)
    with pytest.raises(OverflowError):
        jit.function("narrow", "i32(i32)")(1 << 31)
    with pytest.raises(TypeError, match=r"is i64\(ptr, i64\)"):
        jit.function("sum", "i64(i64, i64)")
    for text in ("", "i64", "i64(", "what(i64)", "i64(void)", "i64(i64,)"):
        with pytest.raises(ValueError):
            jit.function("sum", text)
    with pytest.raises(IRError):
        jit.function("none", "void()")


def test_bad_ir() -> None:
    mem = MemoryManager()
    jit = mem.jit()
    with pytest.raises(IRError) as caught:
        jit.add("define void @f() {\n  %x = add i32 1, nothing\n  ret void\n}", name="bad")
    assert (caught.value.line, caught.value.column) == (2, 19)
    assert "bad" in str(caught.value)
    with pytest.raises(IRError, match="no intrinsic"):
        jit.add("declare void @cairn.nothing()\ndefine void @f() { call void @cairn.nothing()\n ret void }")
    with pytest.raises(IRError):
        jit.add(b"BC\xc0\xde1234")
    with pytest.raises(TypeError):
        jit.add(5)  # type: ignore[arg-type]
    jit.add("define void @ok() { ret void }", name="a")
    with pytest.raises(IRError):
        jit.add("define void @ok2() { ret void }", name="a")
    jit.add("declare void @missing()\ndefine void @calls() { call void @missing()\n ret void }")
    with pytest.raises(IRError, match="missing"):
        jit.function("calls", "void()")


@pytest.mark.parametrize("release_gil", [False, True])
def test_exhaustion(release_gil: bool) -> None:
    mem = MemoryManager(size=1 << 20)
    jit = mem.jit()
    jit.add(OBJECTS)
    fill = jit.function("fill", "void()", release_gil=release_gil)
    for _ in range(3):
        with pytest.raises(MemoryError, match="Heap exhausted.*request.*used"):
            fill()
    mem.decref_many([one.ptr for one in mem.live_objects()])
    mem.free(mem.alloc(1000))


def test_misuse_in_jit_code_raises() -> None:
    mem = MemoryManager()
    jit = mem.jit()
    jit.add("declare void @cairn_decref(ptr)\n"
            "define void @twice(ptr %p) {\n  call void @cairn.decref(ptr %p)\n"
            "  call void @cairn.decref(ptr %p)\n  ret void\n}\ndeclare void @cairn.decref(ptr)")
    with pytest.raises(HeapError):
        jit.function("twice", "void(ptr)")(mem.alloc(8))


def test_remove() -> None:
    mem = MemoryManager()
    jit = mem.jit()
    jit.add("define i64 @one() { ret i64 1 }", name="one")
    jit.add("declare i64 @one()\ndefine i64 @two() {\n  %a = call i64 @one()\n"
            "  %b = add i64 %a, 1\n  ret i64 %b\n}", name="two")
    one, two = jit.function("one", "i64()"), jit.function("two", "i64()")
    assert (one(), two(), jit.modules()) == (1, 2, ["one", "two"])
    with pytest.raises(IRError, match="uses 'one'"):
        jit.remove("one")
    jit.remove("two")
    jit.remove("one")
    for f in (one, two):
        with pytest.raises(IRError, match="removed"):
            f()
    with pytest.raises(IRError):
        jit.remove("one")
    jit.add("define i64 @one() { ret i64 3 }", name="one")
    assert jit.function("one", "i64()")() == 3
    jit.close()
    jit.close()
    with pytest.raises(IRError):
        jit.add(SUM)


def test_functions_keep_the_session() -> None:
    f = (lambda j: (j.add(SUM), j.function("sum", "i64(ptr, i64)"))[1])(MemoryManager().jit())
    assert f(0, 0) == 0


def test_containers_from_jit_code() -> None:
    mem = MemoryManager()
    jit = mem.jit()
    jit.add("""
      @cairn_session_heap = external global i8
      @key = private constant [5 x i8] c"count"
      declare ptr @cairn_heap_alloc_dict(ptr, i32)
      declare void @cairn_dict_set_int(ptr, ptr, i64, i64)
      declare void @cairn_list_append(ptr, i64)
      define ptr @make(i64 %x) {
        %d = call ptr @cairn_heap_alloc_dict(ptr @cairn_session_heap, i32 4)
        call void @cairn_dict_set_int(ptr %d, ptr @key, i64 5, i64 %x)
        ret ptr %d
      }
      define void @append(ptr %l, i64 %n) {
      entry:
        br label %loop
      loop:
        %i = phi i64 [0, %entry], [%j, %loop]
        call void @cairn_list_append(ptr %l, i64 %i)
        %j = add i64 %i, 1
        %c = icmp ult i64 %j, %n
        br i1 %c, label %loop, label %done
      done:
        ret void
      }
    """)
    d = jit.function("make", "ptr(i64)")(7)
    assert mem.dict_get_int(d, "count") == 7
    mem.decref_dict(d)
    numbers = mem.alloc_list()
    jit.function("append", "void(ptr, i64)")(numbers, 1000)
    assert mem.list_length(numbers) == 1000
    assert mem.list_get(numbers, 999) == 999
    mem.decref(numbers)
    assert mem.stats()["live_objects"] == 0


CONTAINERS = """
@key = private constant [6 x i8] c"points"
declare ptr @cairn.alloc.dict(i32)
declare ptr @cairn.alloc.list(i32, i32)
declare ptr @cairn.alloc.string(ptr, i64)
declare void @cairn.list.append(ptr, i64)
declare void @cairn.list.append.ref(ptr, ptr)
declare i64 @cairn.list.get(ptr, i32)
declare i32 @cairn.list.length(ptr)
declare void @cairn.dict.set(ptr, ptr, i64, ptr)
declare ptr @cairn.dict.get(ptr, ptr, i64)
declare void @cairn.decref(ptr)

define ptr @make() { ; {"points": [40, 2]}
  %d = call ptr @cairn.alloc.dict(i32 0)
  %l = call ptr @cairn.alloc.list(i32 2, i32 4)
  call void @cairn.list.append(ptr %l, i64 40)
  call void @cairn.list.append(ptr %l, i64 2)
  call void @cairn.dict.set(ptr %d, ptr @key, i64 6, ptr %l)
  call void @cairn.decref(ptr %l)
  ret ptr %d
}
define i64 @total(ptr %d) { ; of the points
entry:
  %l = call ptr @cairn.dict.get(ptr %d, ptr @key, i64 6)
  %none = icmp eq ptr %l, null
  br i1 %none, label %absent, label %loop
absent:
  ret i64 -1
loop:
  %i = phi i32 [0, %entry], [%j, %body]
  %s = phi i64 [0, %entry], [%t, %body]
  %n = call i32 @cairn.list.length(ptr %l)
  %more = icmp ult i32 %i, %n
  br i1 %more, label %body, label %done
body:
  %v = call i64 @cairn.list.get(ptr %l, i32 %i)
  %t = add i64 %s, %v
  %j = add i32 %i, 1
  br label %loop
done:
  ret i64 %s
}
define void @append_text(ptr %list) {
  %s = call ptr @cairn.alloc.string(ptr @key, i64 6)
  call void @cairn.list.append.ref(ptr %list, ptr %s)
  call void @cairn.decref(ptr %s)
  ret void
}
define void @fill(ptr %list) {
  br label %again
again:
  call void @cairn.list.append(ptr %list, i64 1)
  br label %again
}
"""


def test_container_intrinsics_share_with_python() -> None:
    mem = MemoryManager(size=4 << 20)
    for level in (0, 2):
        with mem.jit(opt_level=level) as jit:
            jit.add(CONTAINERS)
            total = jit.function("total", "i64(ptr)")

            # Made in JIT code, in this heap and no other; read and changed in Python.
            made = jit.function("make", "ptr()")()
            points = mem.dict_get(made, "points")
            assert [mem.list_get(points, i) for i in range(2)] == [40, 2]
            mem.list_append(points, 100)
            assert total(made) == 142
            assert mem.dict_delete(made, "points")
            assert total(made) == -1
            mem.decref_dict(made)

            # Made in Python, changed and read in JIT code.
            mine, texts = mem.alloc_dict(), mem.alloc_list()
            numbers = mem.alloc_list(elem_size=2)
            for value in (3, -4, 5):
                mem.list_append(numbers, value)
            mem.dict_set(mine, "points", numbers)
            mem.decref(numbers)
            assert total(mine) == 4
            jit.function("append_text", "void(ptr)")(texts)
            text = mem.list_get_ptr(texts, 0)
            assert mem.read_string(text) == "points"
            assert mem.refcount(text) == 1
            mem.decref_list_of_ptrs(texts)
            mem.decref_dict(mine)

            # Misuse in JIT code is reported, and what it filled is usable.
            with pytest.raises(HeapError, match="not a dict"):
                total(endless := mem.alloc_list())
            with pytest.raises(MemoryError, match=r"Heap exhausted.* request \d{6,}"):
                jit.function("fill", "void(ptr)")(endless)
            assert mem.list_get(endless, mem.list_length(endless) - 1) == 1
            mem.decref(endless)
        assert live(mem) == {}
    with pytest.raises(IRError, match="'cairn.list.length' is declared as i64"):
        mem.jit().add("declare i64 @cairn.list.length(ptr)")


def test_release_gil() -> None:
    mem = MemoryManager()
    jit = mem.jit()
    jit.add("""
      @go = global i32 0
      define void @wait() {
        br label %again
      again:
        %v = load atomic i32, ptr @go seq_cst, align 4
        %c = icmp eq i32 %v, 0
        br i1 %c, label %again, label %done
      done:
        ret void
      }
      define void @start() {
        store atomic i32 1, ptr @go seq_cst, align 4
        ret void
      }
    """, name="wait")
    thread = threading.Thread(target=jit.function("wait", "void()", release_gil=True))
    thread.start()
    while True:
        try:
            jit.remove("nothing")
        except IRError:
            pass
        try:
            jit.close()
        except BufferError:
            break
        assert thread.is_alive()
        break
    jit.function("start", "void()")()
    thread.join(timeout=30)
    assert not thread.is_alive()
