# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Headers and references that are written over through a view, and every call after it.

    CAIRN_FUZZ_ROUNDS=100000 /usr/bin/python3 -m pytest test/python/test_scribbled.py -k any_word

A call ends, in time, with a result or with one of the documented exceptions.
"""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hostile import EXPECTED, IR, Objects, attributes, calls, outcome

import cairn
from cairn import HeapError

ROUNDS = int(os.environ.get("CAIRN_FUZZ_ROUNDS", "150"))
TYPED, REGISTERED, ARRAY = 1 << 31, 1 << 30, 1 << 29


def put(mem: cairn.MemoryManager, at: int, value: int, size: int = 4) -> None:
    mem.memory[at : at + size] = list((value % (1 << size * 8)).to_bytes(size, "little"))


def table_of(mem: cairn.MemoryManager, container: int) -> int:
    base = address(mem)
    found = struct.unpack("<Q", mem.memory[container : container + 8].tobytes())[0]
    return int(found - base)


def address(mem: cairn.MemoryManager) -> int:
    return int(mem.memory.__array_interface__["data"][0])


# What is written where (an offset from the object, a value) and the calls that must say so.
Case = tuple[str, int, int, list[Callable[[Objects], Any]]]
CASES: list[Case] = [
    ("string", -4, 1000, [lambda o: o.mem.read_string(o.string)]),
    ("string", -4, TYPED | REGISTERED | 0x1FFFFF, [
        lambda o: o.mem.read_string(o.string), lambda o: o.mem.write_i32(o.string, 1),
        lambda o: o.mem.list_append_ptr(o.refs, o.string),
        lambda o: o.mem.list_set(o.refs, 0, o.string),
        lambda o: o.mem.dict_set(o.dict, "key", o.string)]),
    ("block", -4, TYPED | 0xFFFF, [
        lambda o: o.mem.write_i32(o.block, 1), lambda o: o.mem.list_append_ptr(o.refs, o.block),
        lambda o: o.mem.decref(o.block)]),
    ("block", -4, TYPED | ARRAY | 11 << 12 | 1 << 11, [lambda o: o.mem.write_i64(o.block, 1)]),
    ("array", -8, 0xFFFFFFFF, [
        lambda o: o.mem.array_length(o.array), lambda o: o.mem.array_get_i32(o.array, 100),
        lambda o: o.mem.array_set_f64(o.array, 0, 0.5), lambda o: o.mem.write_i32(o.array, 1)]),
    ("array", -8, 11, [lambda o: o.mem.array_length(o.array)]),
    ("ints", -4, 5, [lambda o: o.mem.list_append(o.ints, 1), lambda o: o.mem.list_length(o.ints)]),
    ("ints", -4, TYPED | 0xFFFF, [lambda o: o.mem.list_get(o.ints, 0)]),
    ("ints", 8, 0, [lambda o: o.mem.list_length(o.ints)]),
    ("ints", 12, 0x0803, [lambda o: o.mem.list_append(o.ints, 1)]),
    ("ints", 12, 0x0301, [lambda o: o.mem.list_append(o.ints, 1)]),
    ("ints", 12, 0x084D, [lambda o: o.mem.list_get(o.ints, 0)]),
    ("ints", 16, 1 << 30, [lambda o: o.mem.list_length(o.ints), lambda o: o.mem.list_get(o.ints, 9)]),
    ("ints", 20, 0xFFFFFFFF, [lambda o: o.mem.list_append(o.ints, 1)]),
    ("ints", 0, 0x41414141, [lambda o: o.mem.list_get(o.ints, 0)]),
    ("refs", 20, 1 << 20, [lambda o: o.mem.list_get_ptr(o.refs, 0)]),
    ("dict", 12, 0xFFFFFFFF, [lambda o: o.mem.dict_length(o.dict)]),
    ("dict", 16, 64, [lambda o: o.mem.dict_get(o.dict, "ref")]),
    ("dict", 16, 3, [lambda o: o.mem.dict_set_int(o.dict, "k", 1)]),
    ("dict", 4, 0x7FFF, [lambda o: o.mem.dict_contains(o.dict, "ref"),
                         lambda o: o.mem.dict_cleanup(o.dict)]),
]


@pytest.mark.parametrize("number", range(len(CASES)))
@pytest.mark.parametrize("kind", ["plain", "checked", "large"])
def test_is_a_heap_error(number: int, kind: str) -> None:
    what, at, value, then = CASES[number]

    def run(call: Callable[[Objects], Any]) -> None:
        o = Objects(64 << 20 if kind == "large" else 1 << 20, kind == "checked")
        put(o.mem, getattr(o, what) + at, value)
        with pytest.raises(HeapError):
            call(o)
        o.mem.stats(), o.mem.live_objects(), str(o.mem)

    for call in then:
        assert outcome(lambda: run(call)) == ""


def test_what_looks_like_an_array_in_a_small_slot() -> None:
    """The word that marks an array, as the header of an object that has no room for one."""

    def run(kind: str) -> None:
        o = Objects(64 << 20 if kind == "large" else 1 << 20, kind == "checked")
        small = [o.mem.alloc(8) for _ in range(600)]
        for ptr in small:
            put(o.mem, ptr - 4, 0xFFFFFFFF)
            for call in (lambda: o.mem.write_f64(ptr, 0.5), lambda: o.mem.read_string(ptr),
                         lambda: o.mem.list_append_ptr(o.refs, ptr)):
                # A checked heap's slot is wider, and has room for an array of no elements.
                with pytest.raises((HeapError, IndexError) if kind == "checked" else HeapError):
                    call()
        o.mem.live_objects(), o.mem.stats()

    for kind in ("plain", "checked", "large"):
        assert outcome(lambda: run(kind)) == "", kind


@pytest.mark.parametrize("container", ["list", "dict"])
def test_what_a_shared_container_takes(container: str) -> None:
    """It is published with all that it reaches: nothing of that may be believed."""

    def run(spoil: Callable[[cairn.MemoryManager, int], None]) -> None:
        mem = cairn.MemoryManager(1 << 20)
        shared = mem.alloc_list() if container == "list" else mem.alloc_dict()
        inner = mem.alloc_list()
        mem.list_append_ptr(inner, mem.alloc(16))
        put(mem, shared - 8, -5)
        spoil(mem, inner)
        with pytest.raises(HeapError):
            if container == "list":
                mem.list_append_ptr(shared, inner)
            else:
                mem.dict_set(shared, "key", inner)
        mem.live_objects()

    def reference(mem: cairn.MemoryManager, inner: int) -> None:
        put(mem, table_of(mem, inner), address(mem) + 4096 + 2, 8)

    def below(mem: cairn.MemoryManager, inner: int) -> None:
        put(mem, table_of(mem, inner), 0x4242424242424242, 8)

    def header(mem: cairn.MemoryManager, inner: int) -> None:
        put(mem, inner - 4, TYPED | REGISTERED | 0x1FFFFF)

    def length(mem: cairn.MemoryManager, inner: int) -> None:
        put(mem, table_of(mem, inner) - 16, 0xFFFFFFFF)

    for spoil in (reference, below, header, length):
        assert outcome(lambda: run(spoil)) == "", spoil.__name__


def test_an_object_that_is_referred_to_once_too_often() -> None:
    """References copied over others: the drop takes each object once, and says so."""

    def run() -> None:
        mem = cairn.MemoryManager(1 << 20)
        outer = mem.alloc_list()
        for _ in range(6):
            inner = mem.alloc_list()
            mem.list_append_ptr(inner, 0)
            mem.list_append_ptr(outer, inner)
            mem.decref(inner)
        table = table_of(mem, outer)
        for to, of in ((1, 0), (3, 2), (4, 2), (5, 2)):
            mem.memory[table + 8 * to : table + 8 * to + 8] = mem.memory[
                table + 8 * of : table + 8 * of + 8]
        with pytest.raises(HeapError):
            mem.decref(outer)
        made = [mem.alloc_list() for _ in range(200)]
        assert len(set(made)) == 200
        for one in made:
            mem.list_append_ptr(one, 0)
            mem.decref(one)

    assert outcome(run) == ""


def test_an_object_that_refers_to_itself() -> None:
    def run() -> None:
        mem = cairn.MemoryManager(1 << 20)
        outer, inner = mem.alloc_list(), mem.alloc_list()
        mem.list_append_ptr(inner, 0)
        mem.list_append_ptr(outer, inner)
        mem.decref(inner)
        put(mem, table_of(mem, inner), address(mem) + inner, 8)
        with pytest.raises(HeapError):
            mem.decref(outer)

    assert outcome(run) == ""


def test_jit_code_shares_and_drops() -> None:
    """Objects of a JIT module's types, whose headers were written over, shared there too."""

    def run(at: int, value: int) -> None:
        mem = cairn.MemoryManager(1 << 20)
        jit = mem.jit(0)
        jit.add(IR)
        share = jit.function("share", "void(ptr)")
        store = jit.function("put", "void(ptr, ptr)")
        for make in ("make_pair", "make_watched"):
            outer = jit.function(make, "ptr()")()
            inner = jit.function(make, "ptr()")()
            store(outer, inner)
            put(mem, inner + at, value)
            for call in (lambda: share(outer), lambda: mem.decref(outer)):
                try:
                    call()
                except HeapError:
                    pass
            mem.live_objects()

    for at, value in ((-4, TYPED | REGISTERED | 0x3F), (-4, TYPED | 0xFFFF), (0, 0x41), (-8, 0),
                      (-4, TYPED | ARRAY | 0x1001), (-4, 0xFFFFFFFF)):
        assert outcome(lambda: run(at, value)) == "", (at, value)


WORDS = [0, 1, 2, -1, -2, -5, 3, 8, 24, 63, 64, 0x7FFFFFFF, -0x80000000, -0x40000000, -0x60000000,
         0x7473696C, 0x74636964, 0x804C0001, 0x80440001, TYPED, TYPED | 0xFFFF, TYPED | 3,
         TYPED | REGISTERED, TYPED | REGISTERED | 1, TYPED | REGISTERED | 0x3F00FFFF,
         TYPED | ARRAY | 0x1001, TYPED | ARRAY | 0x4003, TYPED | ARRAY | 0x0FFF,
         TYPED | ARRAY | 0xB800, TYPED | ARRAY | REGISTERED]
SKIPPED = {"close", "reset", "jit"}


class Round:
    """A heap of nested objects, random words over them, and random calls."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        size = self.random.choice([1 << 18, 1 << 20, 64 << 20])
        self.mem = cairn.MemoryManager(size, checked=seed % 4 == 3)
        self.made: list[int] = []
        self.functions: list[Any] = []
        if seed % 16 == 0:
            jit = self.mem.jit(0)
            jit.add(IR)
            self.make = [jit.function(n, "ptr()") for n in ("make_pair", "make_watched")]
            self.pairs = jit.function("make_pairs", "ptr(i64)")
            self.functions = [jit.function("share", "void(ptr)")]
            self.store = jit.function("put", "void(ptr, ptr)")
        for _ in range(self.random.randrange(10, 40)):
            self.build()

    def pick(self) -> int:
        return self.random.choice(self.made) if self.made else 0

    def build(self) -> None:
        mem, r = self.mem, self.random
        kind = r.randrange(8)
        if kind == 0:
            new = mem.alloc(r.choice([0, 8, 16, 64, 700, 5000, 70000]))
        elif kind == 1:
            new = mem.alloc_string("s" * r.randrange(40))
        elif kind == 2:
            new = mem.alloc_array(r.randrange(20), r.choice([1, 4, 8, 16]))
        elif kind in (3, 4):
            new = mem.alloc_list(r.randrange(6))
            for _ in range(r.randrange(8)):
                mem.list_append_ptr(new, self.pick()) if kind == 3 else mem.list_append(new, 7)
        elif kind == 5 or not self.functions:
            new = mem.alloc_dict(r.randrange(6))
            for i in range(r.randrange(8)):
                mem.dict_set(new, str(i), self.pick()) if i % 2 else mem.dict_set_int(new, str(i), i)
        elif kind == 6:
            new = r.choice(self.make)()
        else:
            new = self.pairs(r.randrange(1, 20))
        self.made.append(new)

    def scribble(self) -> None:
        mem, r = self.mem, self.random
        parts = [one.ptr for one in mem.live_objects()]
        if not parts:
            return
        at = (r.choice(parts) + 4 * r.randrange(-6, 10)) & ~3
        if r.randrange(3):
            put(mem, max(at, 0), r.choice([*WORDS, r.getrandbits(32)]))
        else:
            to = address(mem) + r.choice([*parts, r.randrange(mem.size)])
            put(mem, max(at, 0) & ~7, r.choice([to, to, to + 1, to - 8, r.getrandbits(64)]), 8)

    def argument(self, parameter: str) -> Any:
        r = self.random
        if parameter in ("index", "n", "elem_size", "capacity", "length", "size", "value", "default"):
            return r.choice([0, 1, 2, 7, r.randrange(100), r.randrange(-3, 1 << 20), self.pick()])
        if parameter in ("key", "s"):
            return str(r.randrange(10))
        if parameter == "dtype":
            return r.choice(["u1", "i4", "f8"])
        if parameter == "ptrs" or (parameter == "array" and r.randrange(2)):
            return [self.pick() for _ in range(3)]
        return self.pick() + r.choice([0] * 8 + [4, -4, -8])

    def call(self) -> None:
        name = self.random.choice(NAMES)
        try:
            if self.functions and not self.random.randrange(10):
                self.random.choice(self.functions)(self.pick())
            elif name in ATTRIBUTES:
                getattr(self.mem, name)
            else:
                result = getattr(self.mem, name)(*map(self.argument, PARAMETERS[name]))
                if name.startswith("alloc") and isinstance(result, int):
                    self.made.append(result)
        except EXPECTED:
            pass

    def run(self) -> None:
        for step in range(80):
            if step % 4 == 0:
                self.scribble()
            self.call()
        str(self.mem), self.mem.stats(), self.mem.live_objects()


PARAMETERS = {name: p for name, p in calls(cairn.MemoryManager).items() if name not in SKIPPED}
ATTRIBUTES = attributes(cairn.MemoryManager)
NAMES = [*PARAMETERS, *ATTRIBUTES]


def test_any_word() -> None:
    batch = 25
    for first in range(0, ROUNDS, batch):
        def run(first: int = first) -> None:
            for seed in range(first, min(first + batch, ROUNDS)):
                os.write(2, f"round {seed}\n".encode())
                try:
                    Round(seed).run()
                except EXPECTED:  # from building on what is spoilt
                    pass

        assert outcome(run, 300) == "", "the last round is the one"
