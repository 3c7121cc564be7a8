# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Programs that use the module as docs/python.md describes it, and what they print."""

from __future__ import annotations

import pathlib
import re
import time

import numpy as np
import pytest
from conftest import live
from pyexec.memory import MemoryManager, align_up

import cairn


def test_heap_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    assert MemoryManager().size == 64 << 20
    mem = MemoryManager(size=10 * 1024 * 1024)
    print(f"{mem.size} {mem.heap_size} {mem.heap_top[0]}")
    assert capsys.readouterr().out == "10485760 10485760 0\n"
    for size in (256 * 1024, 1024 * 1024):
        assert MemoryManager(size=size).size == size


def test_alloc_write_read_free() -> None:
    mem = MemoryManager()
    ptr = mem.alloc(64)
    assert f"0x{ptr:08x}".startswith("0x000")
    mem.write_i32(ptr, 42)
    assert mem.read_i32(ptr) == 42
    mem.free(ptr, 64)
    ptr = mem.alloc_refcounted(64)
    mem.write_i32(ptr, 100)
    mem.decref(ptr)
    assert live(mem) == {}


def test_number_types(capsys: pytest.CaptureFixture[str]) -> None:
    mem = MemoryManager()
    ptr = mem.alloc(64)
    mem.write_i32(ptr, 12345)
    print(f"i32: {mem.read_i32(ptr)}")
    mem.write_f32(ptr, 3.14159)
    print(f"f32: {mem.read_f32(ptr):.5f}")
    mem.write_f64(ptr, 2.71828182845)
    print(f"f64: {mem.read_f64(ptr):.11f}")
    mem.write_i32_safe(ptr, 999)
    print(mem.read_i32_safe(ptr))
    mem.write_i64(ptr, -(2**63))
    print(mem.read_i64(ptr))
    mem.free(ptr, 64)
    assert capsys.readouterr().out == (
        "i32: 12345\nf32: 3.14159\nf64: 2.71828182845\n999\n-9223372036854775808\n"
    )


def test_align_up() -> None:
    assert (align_up(13, 8), align_up(25, 16), align_up(16, 16), align_up(0, 8)) == (16, 32, 16, 0)


def test_ten_of_a_size() -> None:
    mem = MemoryManager()
    pointers = []
    for i in range(10):
        ptr = mem.alloc(64)
        mem.write_i32(ptr, i * 100)
        pointers.append(ptr)
    assert [mem.read_i32(p) for p in pointers] == [i * 100 for i in range(10)]
    for ptr in pointers:
        mem.free(ptr)
    assert live(mem) == {}


def test_counts() -> None:
    mem = MemoryManager()
    ptr = mem.alloc(64)
    mem.incref(ptr)
    mem.incref(ptr)
    assert mem.refcount(ptr) == 3
    mem.decref(ptr)
    mem.decref(ptr)
    mem.free(ptr)
    assert live(mem) == {}


class SharedArray:
    """Keeps one count too many (docs/python.md, "Blocks and counts"): its block is a leak."""

    def __init__(self, mem: MemoryManager, size: int) -> None:
        self.mem = mem
        self.ptr = mem.alloc(size * 4)
        mem.incref(self.ptr)

    def set(self, index: int, value: int) -> None:
        self.mem.write_i32(self.ptr + index * 4, value)

    def get(self, index: int) -> int:
        return self.mem.read_i32(self.ptr + index * 4)

    def __del__(self) -> None:
        self.mem.decref(self.ptr)


def test_shared_array_leaks_and_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    with MemoryManager() as mem:
        array = SharedArray(mem, 10)
        array.set(0, 100)
        array.set(1, 200)
        assert (array.get(0), array.get(1)) == (100, 200)
        ptr = array.ptr
        del array
        assert live(mem) == {ptr: (40, 1, "bytes")}
    report = capsys.readouterr().err
    assert "1 object left alive, 40 bytes" in report
    assert f"0x{ptr:08x}" in report


def test_strings() -> None:
    mem = MemoryManager()
    ptr = mem.alloc_string("Hello, PyExec!")
    assert mem.read_string(ptr) == "Hello, PyExec!"
    assert (mem.read_i32(ptr - 8), mem.read_i32(ptr - 4)) == (1, 14)
    mem.incref(ptr)
    assert mem.read_i32(ptr - 8) == 2
    mem.decref(ptr)
    mem.decref(ptr)
    assert live(mem) == {}


def test_arrays() -> None:
    mem = MemoryManager()
    ptr = mem.alloc_array(10, 8)
    for i in range(10):
        mem.write_f64(ptr + i * 8, float(i * 10))
    assert [mem.read_f64(ptr + i * 8) for i in range(10)] == [i * 10.0 for i in range(10)]
    assert [mem.read_i32(ptr - at) for at in (12, 8, 4)] == [1, 10, 10]
    mem.decref(ptr - 12)
    assert live(mem) == {}


def test_view() -> None:
    mem = MemoryManager()
    ptr = mem.alloc(1024)
    view = mem.memory[ptr : ptr + 1024]
    view[:100] = np.arange(100, dtype=np.uint8)
    assert f"{view[:10]}" == "[0 1 2 3 4 5 6 7 8 9]"
    assert mem.read_i32(ptr) == 0x03020100
    mem.free(ptr)


def test_copy() -> None:
    mem = MemoryManager()
    src, dst = mem.alloc(64), mem.alloc(64)
    for i in range(16):
        mem.write_i32(src + i * 4, i)
    mem.memory[dst : dst + 64] = mem.memory[src : src + 64]
    assert [mem.read_i32(dst + i * 4) for i in range(16)] == list(range(16))
    mem.free(src)
    mem.free(dst)


def test_sum_of_a_hundred() -> None:
    mem = MemoryManager()
    ptr = mem.alloc(100 * 4)
    for i in range(100):
        mem.write_i32(ptr + i * 4, i * 10)
    assert sum(mem.read_i32(ptr + i * 4) for i in range(100)) == 49500
    mem.free(ptr)


def test_pool() -> None:
    mem = MemoryManager()
    pool = [mem.alloc(128) for _ in range(10)]
    taken = [pool.pop() for _ in range(5)]
    for i, ptr in enumerate(taken):
        mem.write_i32(ptr, i * 100)
    pool += taken
    for ptr in pool:
        mem.free(ptr)
    assert live(mem) == {}


def test_odd_size_holds_an_i64() -> None:
    mem = MemoryManager()
    ptr = mem.alloc(13)
    mem.write_i64(ptr, 123456)
    assert mem.read_i64(ptr) == 123456
    with pytest.raises(IndexError):
        mem.write_i64(ptr + 8, 1)


def test_use_after_free_raises() -> None:
    mem = MemoryManager()
    ptr = mem.alloc(64)
    mem.write_i32(ptr, 42)
    mem.free(ptr)
    with pytest.raises(cairn.HeapError, match="freed already"):
        mem.read_i32(ptr)


def test_loops_end() -> None:
    mem = MemoryManager()
    start = time.perf_counter()
    for _ in range(20000):
        mem.free(mem.alloc(64))
    ptrs = [mem.alloc(64) for _ in range(10000)]
    for ptr in ptrs:
        mem.free(ptr)
    assert time.perf_counter() - start < 10
    assert live(mem) == {}


def test_ten_thousand_integers() -> None:
    mem = MemoryManager()
    ptr = mem.alloc(40000)
    for i in range(10000):
        mem.write_i32(ptr + i * 4, i)
    assert sum(mem.read_i32(ptr + i * 4) for i in range(10000)) == 49995000


def test_examples_of_the_documentation(capsys: pytest.CaptureFixture[str]) -> None:
    """Each runs, and prints what the comments behind its prints say."""
    text = (pathlib.Path(__file__).parents[2] / "docs" / "python.md").read_text()
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        exec(example, {})
        wanted = re.findall(r"print\(.*\)  # (.*)", example) or ["42"]
        assert capsys.readouterr().out.splitlines() == wanted
