# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is said: offsets, numbers of things, open views, and reports at the end."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hostile import IR

import cairn
from cairn import HeapError, MemoryManager


def test_a_tuple_is_one_argument() -> None:
    mem = MemoryManager(1 << 20)
    a, b = mem.alloc(16), mem.alloc(16)
    for ptrs in ([a, b], (a, b), np.array([a, b]), ((a, b),)):
        mem.incref_many(ptrs)
    assert (mem.refcount(a), mem.refcount(b)) == (5, 5)
    mem.decref_many((a, b))
    mem.decref_many((a,))
    mem.decref_many(())
    assert (mem.refcount(a), mem.refcount(b)) == (3, 4)
    for wrong in ((a, "i8"), (a, None), (a, 0.5)):
        with pytest.raises(TypeError, match="integers is wanted"):
            mem.incref_many(wrong)  # type: ignore[arg-type]
    assert mem.refcount(a) == 3
    mem.write_array(a, (1, 2))
    assert (mem.read_i64(a), mem.read_i64(a + 8)) == (1, 2)
    pairs = mem.read_array(a, ("i4", (2,)), 2)
    assert pairs.tolist() == [[1, 0], [2, 0]]
    assert mem.read_array(a, np.dtype([("x", "i4"), ("y", "i4")]), 2)["x"].tolist() == [1, 2]


def test_what_may_be_written_is_asked_of_the_dtype() -> None:
    mem = MemoryManager(1 << 20)
    a = mem.alloc(16)
    mem.write_array(a, np.array([(7, 8)], dtype=[("Own", "i4"), ("O", "i4")]))
    assert (mem.read_i32(a), mem.read_i32(a + 4)) == (7, 8)
    mem.write_array(a, np.array([5], dtype="M8[s]"))
    assert mem.read_i64(a) == 5
    for wrong in (np.array([None]), np.zeros(1, dtype=[("x", "O")]), (None,)):
        with pytest.raises(TypeError, match="Python objects"):
            mem.write_array(a, wrong)


def test_negative_offsets() -> None:
    mem = MemoryManager(1 << 20)
    for call in (mem.free, mem.decref, mem.incref, mem.read_string, mem.refcount,
                 mem.list_length, mem.dict_length, mem.array_length):
        with pytest.raises(HeapError, match=r": -5$") as error:
            call(-5)
        assert error.value.address == -5
        for wide in (1 << 70, -(1 << 70)):
            with pytest.raises(HeapError, match="an integer past every offset") as error:
                call(wide)
            assert error.value.address is None
    with pytest.raises(IndexError, match=r"offset -16: 4 bytes are outside the heap"):
        mem.read_i32(-16)
    with pytest.raises(IndexError, match=r"offset -8: 8 bytes are outside the heap"):
        mem.write_i64(-8, 1)
    jit = mem.jit(0)
    jit.add(IR)
    with pytest.raises(HeapError, match=r": -5$"):
        jit.function("share", "void(ptr)")(-5)


def test_no_address_is_no_address() -> None:
    mem = MemoryManager(1 << 20)
    jit = mem.jit(0)
    jit.add("declare ptr @cairn.alloc.list(i32, i32)\ndefine ptr @make() {\n"
            "  %l = call ptr @cairn.alloc.list(i32 1, i32 3)\n  ret ptr %l\n}")
    with pytest.raises(HeapError, match=r"a list's elements have 1, 2, 4 or 8 bytes(\n  now at .*)?$") as error:
        jit.function("make", "ptr()")()
    assert "nil" not in str(error.value)


def test_one_and_more(capsys: pytest.CaptureFixture[str]) -> None:
    mem = MemoryManager(1 << 20)
    one = mem.alloc(1)
    with pytest.raises(IndexError, match="outside the block of 1 byte at"):
        mem.read_i64(one)
    with pytest.raises(HeapError, match="it has 1 byte: "):
        mem.free(one, 2)
    numbers, array = mem.alloc_list(), mem.alloc_array(1, 1)
    mem.list_append(numbers, 1)
    with pytest.raises(IndexError, match="outside a list of 1 element$"):
        mem.list_get(numbers, 1)
    mem.list_append(numbers, 1)
    with pytest.raises(IndexError, match="outside a list of 2 elements$"):
        mem.list_get(numbers, 2)
    with pytest.raises(TypeError, match="elements have 1 byte, not 4"):
        mem.array_get_i32(array, 0)
    with pytest.raises(TypeError, match=r"at most 1 argument \(2 given\)"):
        mem.alloc(1, 2)  # type: ignore[call-arg]
    view = mem.memory
    with pytest.raises(BufferError, match=r"1 view of this heap is open: drop it \(del\)"):
        mem.close()
    top = mem.heap_top
    with pytest.raises(BufferError, match="2 views of this heap are open: drop them"):
        mem.reset()
    del view, top
    jit = mem.jit(0)
    with pytest.raises(BufferError, match="1 JIT session is open"):
        mem.close()
    jit.add("define i64 @f(i64 %x) {\n  ret i64 %x\n}\ndefine void @g(i1 %x) {\n  ret void\n}")
    with pytest.raises(TypeError, match=r"1 positional argument \(0 given\)"):
        jit.function("f", "i64(i64)")()
    with pytest.raises(OverflowError, match="fit in 1 bit$"):
        jit.function("g", "void(i1)")(2)
    assert "3 objects and 0 raw blocks" not in str(mem)
    del jit
    for ptr in (numbers, array):
        mem.decref(ptr)
    assert "1 object and 0 raw blocks" in str(mem)
    mem.__exit__(None, None, None)
    assert "cairn: 1 object left alive, 1 byte\n" in capsys.readouterr().err


def test_a_view_at_the_end_of_a_with_block(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BufferError, match=r"drop it \(del\), .* and then call close\(\)"):
        with MemoryManager(1 << 20) as mem:
            view = mem.memory[:10]
    assert not mem.closed
    del view
    mem.close()
    assert mem.closed

    with pytest.raises(ZeroDivisionError):
        with MemoryManager(1 << 20) as mem:
            view = mem.memory
            1 // 0
    assert not mem.closed
    said = capsys.readouterr().err
    assert "cairn: the heap stays open: close: 1 view of this heap is open" in said
    assert "call close()" in said
    del view
    mem.close()

    with pytest.raises(ZeroDivisionError):
        with MemoryManager(1 << 20) as mem:
            jit = mem.jit(0)
            1 // 0
    assert "the heap stays open: close: 1 JIT session is open on this heap: close() it" in (
        capsys.readouterr().err)
    jit.close()
    mem.close()


def stats(program: str, wish: str = "json") -> tuple[list[dict[str, object]], str]:
    run = subprocess.run(
        [sys.executable, "-c", "import cairn\n" + program], capture_output=True, text=True,
        check=True, timeout=60, env={**os.environ, "CAIRN_STATS": wish},
    )
    return [json.loads(line) for line in run.stderr.splitlines() if line[:1] == "{"], run.stderr


def test_stats_are_of_the_managers_heaps() -> None:
    heaps, _ = stats("m = cairn.MemoryManager(1 << 20)\nm.alloc(100)")
    assert [(h["heap"], h["region_size"], h["live_objects"]) for h in heaps] == [
        ("python", 1 << 20, 1)]
    heaps, _ = stats("a = cairn.MemoryManager(1 << 20)\na.alloc(1)\na.close()\n"
                     "b = cairn.MemoryManager(2 << 20)\nb.alloc_many(5, 8)")
    assert [(h["region_size"], h["live_objects"]) for h in heaps] == [(1 << 20, 1), (2 << 20, 5)]
    # One that nothing ever gives back is shown when the process ends.
    heaps, _ = stats("import ctypes\nm = cairn.MemoryManager(1 << 20)\nm.alloc(1)\n"
                     "ctypes.pythonapi.Py_IncRef(ctypes.py_object(m))")
    assert [h["live_objects"] for h in heaps] == [1]
    assert stats("pass")[1] == ""
    assert "cairn heap python: 1 object and 0 raw blocks live, " in stats(
        "m = cairn.MemoryManager(1 << 20)\nm.alloc(100)", "1")[1]


def test_what_a_heap_finds_at_its_end_is_no_error_of_another() -> None:
    seen: list[str] = []
    hook, sys.unraisablehook = sys.unraisablehook, lambda found: seen.append(str(found.exc_value))
    try:
        mem = cairn.MemoryManager(size=1 << 20, checked=True)
        ptr = mem.alloc(64)
        at = ptr + 32
        mem.decref(ptr)
        mem.memory[at] = 1
        del mem
        gc.collect()
        other = cairn.MemoryManager(size=1 << 20)
        other.decref(other.alloc(16))
    finally:
        sys.unraisablehook = hook
    assert len(seen) == 1 and seen[0].startswith("written after it was freed")
