# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each operation, its bounds, and what it does with bad input."""

from __future__ import annotations

import ctypes
import gc
import pathlib
import re
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable

import numpy as np
import pytest
from conftest import live

import cairn
from cairn import HeapError, MemoryManager


def test_double_free(mem: MemoryManager) -> None:
    ptr = mem.alloc(64)
    mem.free(ptr)
    for call in (mem.free, mem.decref, mem.incref, mem.read_i32, mem.read_string, mem.refcount):
        with pytest.raises(HeapError, match="freed already") as caught:
            call(ptr)
        assert caught.value.address == ptr
        assert f"0x{ptr:08x}" in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("size", [3000, 1 << 20])
def test_large_blocks(mem: MemoryManager, size: int) -> None:
    ptr = mem.alloc(size)
    mem.write_i64(ptr + size - 8, 5)
    assert mem.read_i64(ptr + size - 8) == 5
    with pytest.raises(IndexError):
        mem.read_i64(ptr + size - 7)
    mem.free(ptr, size)
    with pytest.raises(HeapError, match="freed already"):
        mem.free(ptr)


def test_never_given_out(mem: MemoryManager) -> None:
    for ptr in (0, 1, 12, mem.size - 8, mem.size, 1 << 40, 1 << 70, -1, -(1 << 70)):
        for call in (mem.free, mem.decref, mem.incref):
            with pytest.raises(HeapError, match="never given out"):
                call(ptr)


def test_wrong_size(mem: MemoryManager) -> None:
    ptr = mem.alloc(64)
    for size in (63, 65, 0, 1 << 30):
        with pytest.raises(HeapError, match="wrong size"):
            mem.free(ptr, size)
    with pytest.raises(ValueError):
        mem.free(ptr, -1)
    mem.free(ptr, size=64)


def test_free_with_more_owners(mem: MemoryManager) -> None:
    ptr = mem.alloc(8)
    mem.incref(ptr)
    with pytest.raises(HeapError, match="count is 2"):
        mem.free(ptr)
    mem.decref(ptr)
    mem.free(ptr)


def test_interior_pointers(mem: MemoryManager) -> None:
    ptr = mem.alloc(64)
    mem.incref(ptr + 17)
    assert mem.refcount(ptr) == 2
    mem.decref(ptr + 63)
    mem.decref(ptr - 8)
    assert live(mem) == {}


def test_bounds(mem: MemoryManager) -> None:
    ptr = mem.alloc(10)
    for read, width in ((mem.read_i32, 4), (mem.read_i64, 8), (mem.read_f32, 4), (mem.read_f64, 8)):
        read(ptr + 10 - width)
        with pytest.raises(IndexError, match=rf"0x{ptr + 11 - width:08x}.*10 bytes"):
            read(ptr + 11 - width)
    for at in (ptr - 8, ptr - 4, ptr - 1, ptr + 7):
        with pytest.raises(IndexError):
            mem.write_i32(at, 1)
    for at in (-1, mem.size - 3, mem.size, 1 << 62, 1 << 90):
        with pytest.raises(IndexError, match="outside the heap"):
            mem.read_i32(at)


def test_sizes(mem: MemoryManager) -> None:
    for size in (-1, 1 << 31, 1 << 64, 1 << 100):
        for call in (mem.alloc, mem.alloc_refcounted, mem.alloc_array):
            with pytest.raises(ValueError):
                call(size)
    ptr = mem.alloc(0)
    with pytest.raises(IndexError):
        mem.read_i32(ptr)
    mem.free(ptr, 0)
    for size in (0, -1, 1 << 41):
        with pytest.raises(ValueError):
            MemoryManager(size=size)


def test_types(mem: MemoryManager) -> None:
    ptr = mem.alloc(8)
    for bad in (1.5, "1", None, b"1", []):
        for call in (mem.alloc, mem.free, mem.incref, mem.read_i32, mem.alloc_array):
            with pytest.raises(TypeError):
                call(bad)  # type: ignore[operator]
        with pytest.raises(TypeError):
            mem.write_i32(ptr, bad)  # type: ignore[arg-type]
    for bad in (1, b"s", None):
        with pytest.raises(TypeError):
            mem.alloc_string(bad)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        mem.alloc()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        mem.alloc(1, 2)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        mem.alloc(size=1, other=2)  # type: ignore[call-arg]
    with pytest.raises(OverflowError):
        mem.write_i32(ptr, 1 << 31)
    with pytest.raises(OverflowError):
        mem.write_f32(ptr, 1e300)
    mem.free(np.int64(ptr))


def test_full_heap() -> None:
    for checked in (False, True):
        mem = MemoryManager(size=1 << 20, checked=checked)
        for size in (16, 100, 2000, 5000):
            ptrs = []
            with pytest.raises(MemoryError, match=r"Heap exhausted: request \d+ bytes, used \d+, size"):
                while True:
                    ptrs.append(mem.alloc(size))
            mem.decref_many(np.array(ptrs))
            assert live(mem) == {}
        with pytest.raises(MemoryError, match="Heap exhausted"):
            mem.alloc(1 << 30)
        assert len(mem.alloc_many(100, 16)) == 100


def test_strings(mem: MemoryManager) -> None:
    for text in ("", "a", "naïve café", "\0", "日本", "x" * 5000):
        ptr = mem.alloc_string(text)
        assert mem.read_string(ptr) == text
        assert mem.read_i32(ptr - 4) == len(text.encode())
        mem.decref(ptr)
    with pytest.raises(UnicodeEncodeError):
        mem.alloc_string("\ud800")
    ptr = mem.alloc(4)
    mem.write_i32(ptr, -1)
    with pytest.raises(UnicodeDecodeError):
        mem.read_string(ptr)
    mem.decref(ptr)
    with pytest.raises(TypeError):
        mem.read_string(mem.alloc_dict())


def test_arrays(mem: MemoryManager) -> None:
    a = mem.alloc_array(5, elem_size=4)
    mem.array_set_i32(a, 4, -7)
    assert [mem.array_get_i32(a, i) for i in range(5)] == [0, 0, 0, 0, -7]
    assert mem.array_length(a) == 5
    for index in (-1, 5, 1 << 80):
        with pytest.raises(IndexError):
            mem.array_get_i32(a, index)
    with pytest.raises(TypeError):
        mem.array_get_f64(a, 0)
    with pytest.raises(TypeError):
        mem.array_length(mem.alloc(8))
    with pytest.raises(IndexError):
        mem.write_i32(a + 20, 1)
    mem.free(a, 20)
    b = mem.alloc_array(1000)
    mem.array_set_f64(b, 999, 0.5)
    assert mem.array_get_f64(b, 999) == 0.5
    assert b % 16 == 0
    mem.decref(b + 100)


def test_lists(mem: MemoryManager) -> None:
    numbers = mem.alloc_list(0)
    for i in range(1000):
        mem.list_append(numbers, i - 500)
    mem.list_set(numbers, 3, 1 << 40)
    assert mem.list_length(numbers) == 1000
    assert mem.list_get(numbers, 3) == 1 << 40
    assert mem.list_get(numbers, 999) == 499
    floats = mem.alloc_list(elem_size=4)
    mem.list_append(floats, 0.25)
    assert mem.list_get(floats, 0) == 0.25
    pointers = mem.alloc_list()
    s, a = mem.alloc_string("s"), mem.alloc_array(2)
    mem.list_append_ptr(pointers, s)
    mem.list_append_ptr(pointers, a + 8)
    assert (mem.refcount(s), mem.refcount(a)) == (2, 2)
    assert [mem.list_get_ptr(pointers, i) for i in (0, 1)] == [s, a]
    mem.list_set(pointers, 0, a)
    assert (mem.refcount(s), mem.refcount(a)) == (1, 3)
    for call in (
        lambda: mem.list_append(pointers, 1),
        lambda: mem.list_append_ptr(numbers, s),
        lambda: mem.list_get_ptr(numbers, 0),
        lambda: mem.list_get(pointers, 0),
        lambda: mem.list_append(numbers, 1.5),
        lambda: mem.list_append(s, 1),
        lambda: mem.alloc_list("x"),  # type: ignore[arg-type]
    ):
        with pytest.raises(TypeError):
            call()
    for index in (-1, 1000, 1 << 70):
        with pytest.raises(IndexError):
            mem.list_get(numbers, index)
    with pytest.raises(OverflowError):
        mem.list_append(numbers, 1 << 63)
    with pytest.raises(ValueError):
        mem.alloc_list(elem_size=3)
    with pytest.raises(HeapError):
        mem.write_i32(pointers + 8, 0)
    mem.decref_list_of_ptrs(pointers)
    mem.decref_list_of_ptrs(numbers)
    mem.decref(floats)
    mem.decref(s)
    assert live(mem) == {a: (16, 1, "array")}


def test_dicts(mem: MemoryManager) -> None:
    d = mem.alloc_dict()
    s = mem.alloc_string("value")
    mem.dict_set(d, "s", s)
    mem.dict_set_int(d, "i", -(1 << 63))
    mem.dict_set_float(d, "ключ", 0.5)
    assert mem.dict_get(d, "s") == s
    assert mem.dict_get_int(d, "i") == -(1 << 63)
    assert mem.dict_get_float(d, "ключ") == 0.5
    assert (mem.dict_get(d, "x"), mem.dict_get_int(d, "x"), mem.dict_get_int(d, "x", 5)) == (0, 0, 5)
    assert (mem.dict_length(d), mem.dict_contains(d, "i"), mem.dict_contains(d, "")) == (3, True, False)
    with pytest.raises(TypeError):
        mem.dict_get(d, "i")
    with pytest.raises(TypeError):
        mem.dict_set(d, 1, s)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        mem.dict_length(s)
    with pytest.raises(OverflowError):
        mem.dict_set_int(d, "i", 1 << 63)
    assert mem.dict_delete(d, "s") is True
    assert mem.dict_delete(d, "s") is False
    assert mem.refcount(s) == 1
    for i in range(1000):
        mem.dict_set(d, f"key {i}", s)
    assert mem.refcount(s) == 1001
    mem.dict_cleanup(d)
    assert (mem.refcount(s), mem.dict_length(d)) == (1, 0)
    mem.dict_set(d, "again", s)
    mem.decref(s)
    mem.decref_dict(d)
    assert mem.stats()["live_objects"] == 0
    with pytest.raises(HeapError):
        mem.dict_length(d)


def test_bulk(mem: MemoryManager) -> None:
    ptrs = mem.alloc_many(1000, 24)
    assert ptrs.dtype == np.int64 and len(set(ptrs)) == 1000
    mem.incref_many(ptrs)
    mem.decref_many(ptrs.astype(np.uint32)[::-1])
    mem.decref_many(list(ptrs[:10]))
    with pytest.raises(HeapError, match="element 0"):
        mem.decref_many(ptrs)
    mem.decref_many(ptrs[10:])
    mem.decref_many([])
    assert live(mem) == {}
    with pytest.raises(TypeError):
        mem.decref_many(np.array([1.5]))
    for n in (-1, 1 << 50):
        with pytest.raises(ValueError):
            mem.alloc_many(n, 8)
    with pytest.raises(MemoryError):
        mem.alloc_many(1 << 30, 64)
    ptr = mem.alloc(800)
    values = np.arange(100, dtype=np.float64)
    mem.write_array(ptr, values)
    got = mem.read_array(ptr, np.float64, 100)
    assert (got == values).all()
    got[0] = 7
    assert mem.read_f64(ptr) == 0
    mem.write_array(ptr, values.reshape(10, 10).T)
    assert mem.read_f64(ptr + 8) == 10
    with pytest.raises(IndexError):
        mem.read_array(ptr, "i4", 201)
    with pytest.raises(IndexError):
        mem.write_array(ptr + 8, values)
    for dtype in (object, "V0", "no such"):
        with pytest.raises(TypeError):
            mem.read_array(ptr, dtype, 1)
    with pytest.raises(TypeError):
        mem.write_array(ptr, np.array([None]))
    assert mem.read_array(ptr, "M8[s]", 2).dtype == np.dtype("M8[s]")


def test_none_is_a_default(mem: MemoryManager) -> None:
    mem.free(mem.alloc(8), None)
    with mem.jit() as jit:
        assert jit.add("define void @f() { ret void }", None) == "module1"


def request_that_fills(mem: MemoryManager, grow: Callable[[int], None]) -> int:
    """Grows until the heap is full; what was asked for last, as the message has it."""
    with pytest.raises(MemoryError) as full:
        for i in range(1 << 22):
            grow(i)
    message = r"Heap exhausted: request (\d+) bytes, used (\d+), size (\d+)"
    found = re.fullmatch(message, str(full.value))
    assert found and int(found[3]) == mem.size and int(found[2]) <= mem.size
    return int(found[1])


def test_a_growing_container_says_what_it_asked_for() -> None:
    mem = MemoryManager(size=1 << 20)
    numbers = mem.alloc_list()
    request = request_that_fills(mem, lambda i: mem.list_append(numbers, i))
    held = mem.list_length(numbers)
    assert request == 8 + 2 * 8 * held  # twice the table, and its header
    assert [mem.list_get(numbers, i) for i in (0, held - 1)] == [0, held - 1]
    mem.decref(numbers)

    refs = mem.alloc_list(0)
    request = request_that_fills(mem, lambda _: mem.list_append_ptr(refs, 0))
    assert request == 24 + 2 * 8 * mem.list_length(refs)
    mem.decref(refs)

    table = mem.alloc_dict(0)
    request = request_that_fills(mem, lambda i: mem.dict_set_int(table, str(i), i))
    assert request > 32 * mem.dict_length(table)  # a table of entries
    assert mem.dict_get_int(table, "7") == 7
    long = "k" * (1 << 20)
    mem.dict_cleanup(table)
    with pytest.raises(MemoryError, match=f"request {len(long) + 8} bytes"):
        mem.dict_set_int(table, long, 1)
    mem.decref(table)
    assert live(mem) == {}


def test_views_keep_the_heap_alive() -> None:
    mem = MemoryManager()
    view = mem.memory
    ptr = mem.alloc(8)
    mem.write_i32(ptr, 77)
    with pytest.raises(BufferError):
        mem.close()
    with pytest.raises(BufferError):
        mem.reset()
    assert not mem.closed
    del mem
    gc.collect()
    assert view[ptr] == 77
    view[:] = 1


def test_heap_top_is_live() -> None:
    mem = MemoryManager()
    top = mem.heap_top
    assert top[0] == 0 == mem.get_usage()
    ptr = mem.alloc(1 << 20)
    assert top[0] >= 1 << 20
    assert top[0] == mem.get_usage() == mem.stats()["used"]
    mem.free(ptr)
    assert top[0] == 0
    with pytest.raises(ValueError):
        top[0] = 5


def test_free_lists() -> None:
    mem = MemoryManager()
    assert list(mem.free_lists) == [0] * 8
    mem.alloc(64)
    head = mem.free_lists[2]
    assert head == mem.alloc(64)


def test_closing() -> None:
    mem = MemoryManager()
    ptr = mem.alloc(8)
    mem.close()
    mem.close()
    assert mem.closed
    for call in (
        lambda: mem.alloc(8),
        lambda: mem.free(ptr),
        lambda: mem.read_i32(ptr),
        lambda: mem.alloc_string("x"),
        lambda: mem.alloc_dict(),
        lambda: mem.alloc_list(),
        lambda: mem.alloc_array(1),
        lambda: mem.memory,
        lambda: mem.heap_top,
        lambda: mem.size,
        lambda: mem.stats(),
        lambda: mem.live_objects(),
        lambda: mem.jit(),
        lambda: mem.reset(),
        lambda: mem.alloc_many(1, 1),
        lambda: mem.decref_many([1]),
    ):
        with pytest.raises(HeapError, match="closed"):
            call()
    assert "closed" in repr(mem)


def test_reset(mem: MemoryManager) -> None:
    ptr = mem.alloc(100)
    mem.reset()
    assert live(mem) == {}
    with pytest.raises(HeapError):
        mem.free(ptr)
    mem.free(mem.alloc(100))


def test_with(capsys: pytest.CaptureFixture[str]) -> None:
    with MemoryManager() as mem:
        mem.free(mem.alloc(8))
    assert mem.closed
    assert capsys.readouterr().err == ""
    with pytest.raises(ZeroDivisionError):
        with MemoryManager() as mem:
            view = mem.memory
            1 // 0
    del view


def test_ctypes_pointer() -> None:
    mem = MemoryManager()
    ptr = mem.alloc(8)
    base = mem.get_ctypes_pointer()
    base[ptr] = 9
    assert mem.read_i32(ptr) & 0xFF == 9
    assert isinstance(base, ctypes.POINTER(ctypes.c_uint8))
    with pytest.raises(BufferError):
        mem.close()


def test_checked_holds_back() -> None:
    mem = MemoryManager(checked=True)
    ptr = mem.alloc(64)
    mem.free(ptr)
    assert all(mem.alloc(64) != ptr for _ in range(100))
    with pytest.raises(HeapError):
        mem.read_i32(ptr)


def test_stats_and_print(mem: MemoryManager) -> None:
    ptr = mem.alloc(100)
    stats = mem.stats()
    assert stats["live_objects"] == 1 and stats["live_bytes"] >= 108
    assert stats["classes"][0]["objects"] == 1
    assert "1 object " in str(mem) and "MemoryManager" in repr(mem)
    assert 3 <= len(str(mem).splitlines()) <= 6
    assert mem.live_objects() == [(ptr, 100, 1, "bytes")]


def test_written_over_free_list() -> None:
    mem = MemoryManager()
    ptrs = [mem.alloc(64) for _ in range(10)]
    for ptr in ptrs:
        mem.free(ptr)
    mem.memory[:] = 0x41
    with pytest.raises(HeapError):
        for _ in range(1000):
            mem.alloc(64)
    for _ in range(1000):
        try:
            mem.alloc(64)
        except HeapError:
            pass


@pytest.mark.parametrize("seed", range(30))
def test_any_byte_written_over(seed: int) -> None:
    """Whatever a program writes through a view, calls end, or raise."""
    random = np.random.default_rng(seed)
    mem = MemoryManager(size=1 << (18 + seed % 8), checked=bool(seed & 8))
    for round_ in range(5):
        made = []
        d, items = 0, 0
        steps = [
            lambda: made.append(mem.alloc(int(random.integers(3000)))),
            lambda: made.append(mem.alloc_array(int(random.integers(100)))),
            lambda: made.append(mem.alloc_dict(4)),
            lambda: made.append(mem.alloc_list(4)),
            lambda: mem.dict_set(made[d], str(items), made[items]),
            lambda: mem.dict_delete(made[d], str(items)),
            lambda: mem.dict_get(made[d], str(items)),
            lambda: mem.dict_cleanup(made[d]),
            lambda: mem.list_append_ptr(made[d], made[items]),
            lambda: mem.list_get_ptr(made[d], 0),
            lambda: mem.list_set(made[d], 0, made[items]),
            lambda: mem.decref(made[d]),
            lambda: mem.free(made[d]),
            lambda: mem.read_i32(made[d]),
            lambda: mem.write_i64(made[d], items),
            lambda: mem.read_string(made[d]),
            lambda: mem.live_objects(),
            lambda: mem.stats(),
        ]
        for step in range(2000):
            if made:
                d, items = (int(random.integers(len(made))) for _ in range(2))
            try:
                steps[int(random.integers(len(steps) if step % 50 == 0 else len(steps) - 2))]()
            except (ValueError, IndexError, TypeError, MemoryError):
                pass
            if round_ and step % 20 == 0:
                used = int(random.integers(1, mem.size))
                at = int(random.integers(used))
                n = int(random.choice([1, 4, 8, 64, 1 << 14]))
                mem.memory[at : at + n] = random.integers(256)
                if made:
                    mem.memory[made[d] - 8 : made[d] + 16] = random.integers(256, size=24)


def test_threads(mem: MemoryManager) -> None:
    made: list[int] = []

    def work() -> None:
        for i in range(2000):
            made.append(mem.alloc(i % 200))
            if i % 3 == 0:
                mem.decref(made.pop(0))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for ptr in made:
        mem.decref(ptr)
    assert live(mem) == {}


def test_subclass_and_attributes() -> None:
    class Mine(MemoryManager):
        def __init__(self) -> None:
            super().__init__(size=1 << 20)
            self.name = "mine"

    mem = Mine()
    gone = weakref.ref(mem)
    mem.free(mem.alloc(8))
    del mem
    gc.collect()
    assert gone() is None
    raw = MemoryManager.__new__(MemoryManager)
    with pytest.raises(HeapError):
        raw.alloc(1)


def test_help_and_stubs() -> None:
    for name in dir(MemoryManager):
        if not name.startswith("_"):
            assert getattr(MemoryManager, name).__doc__, name
    where = pathlib.Path(cairn.__file__).parent
    stub = (where / "_cairn.pyi").read_text()
    assert (where / "py.typed").exists()
    for owner in (MemoryManager, cairn.Jit):
        for name in dir(owner):
            if not name.startswith("_"):
                assert re.search(rf"def {name}\(", stub), name
    text = subprocess.run(
        [sys.executable, "-c", "import cairn; help(cairn.MemoryManager)"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout
    assert "alloc(self, /, size)" in text
