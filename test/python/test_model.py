# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random programs against a model: every result, every count, every live object."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from conftest import live
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import cairn

MISUSE = (ValueError, IndexError, TypeError, OverflowError, MemoryError)
ANY_INT = st.one_of(
    st.integers(-(2**70), 2**70), st.integers(-16, 4096), st.sampled_from([2**31, 2**32, 2**63])
)
KEYS = st.text(max_size=6)


class Thing:
    """What the model knows of one object."""

    def __init__(self, kind: str, size: int) -> None:
        self.kind, self.size, self.owned, self.inner = kind, size, 1, 0
        self.items: list[Any] = []
        self.keys: dict[str, tuple[str, Any]] = {}
        self.data = bytearray(size)

    def references(self) -> list[int]:
        if self.kind == "list":
            return [p[0] for p in self.items if isinstance(p, tuple)]
        return [v for k, v in self.keys.values() if k == "ref" and v]


class Program(RuleBasedStateMachine):
    checked = False
    handle = 24  # a container's own bytes, to the end of its slot
    size = 16 << 20

    def __init__(self) -> None:
        super().__init__()
        self.mem = cairn.MemoryManager(size=self.size, checked=self.checked)
        self.things: dict[int, Thing] = {}
        self.dead: set[int] = set()

    def add(self, ptr: int, thing: Thing) -> None:
        assert ptr not in self.things
        self.dead.discard(ptr)
        self.things[ptr] = thing

    def pick(self, data: st.DataObject, *kinds: str) -> int | None:
        choices = sorted(p for p, t in self.things.items() if not kinds or t.kind in kinds)
        return data.draw(st.sampled_from(choices)) if choices else None

    def owned(self, data: st.DataObject) -> int | None:
        choices = sorted(p for p, t in self.things.items() if t.owned)
        return data.draw(st.sampled_from(choices)) if choices else None

    def release(self, ptr: int, inner: bool) -> None:
        work = [(ptr, inner)]
        while work:
            ptr, inner = work.pop()
            thing = self.things[ptr]
            if inner:
                thing.inner -= 1
            else:
                thing.owned -= 1
            if thing.owned + thing.inner == 0:
                del self.things[ptr]
                self.dead.add(ptr)
                work += [(child, True) for child in thing.references()]

    def reaches(self, start: int, goal: int) -> bool:
        seen, work = set(), [start]
        while work:
            at = work.pop()
            if at == goal:
                return True
            if at not in seen:
                seen.add(at)
                work += self.things[at].references()
        return False

    @rule(size=st.integers(0, 5000), counted=st.booleans())
    def alloc(self, size: int, counted: bool) -> None:
        ptr = self.mem.alloc_refcounted(size) if counted else self.mem.alloc(size)
        self.mem.write_array(ptr, np.zeros(size, np.uint8))
        self.add(ptr, Thing("bytes", size))

    @rule(text=st.text(max_size=40))
    def string(self, text: str) -> None:
        ptr = self.mem.alloc_string(text)
        assert self.mem.read_string(ptr) == text
        thing = Thing("bytes", len(text.encode()))
        thing.data[:] = text.encode()
        self.add(ptr, thing)

    @rule(length=st.integers(0, 300), elem=st.integers(1, 16))
    def array(self, length: int, elem: int) -> None:
        ptr = self.mem.alloc_array(length, elem)
        assert self.mem.array_length(ptr) == length
        self.add(ptr, Thing("array", length * elem))

    @rule(capacity=st.integers(0, 50))
    def list_(self, capacity: int) -> None:
        self.add(self.mem.alloc_list(capacity), Thing("list", self.handle))

    @rule(capacity=st.integers(0, 50))
    def dict_(self, capacity: int) -> None:
        self.add(self.mem.alloc_dict(capacity), Thing("dict", self.handle))

    @rule(n=st.integers(0, 40), size=st.integers(0, 100))
    def many(self, n: int, size: int) -> None:
        for ptr in self.mem.alloc_many(n, size):
            self.mem.write_array(ptr, np.zeros(size, np.uint8))
            self.add(int(ptr), Thing("bytes", size))

    @rule(data=st.data(), many=st.booleans())
    def retain(self, data: st.DataObject, many: bool) -> None:
        if (ptr := self.pick(data)) is not None:
            inside = ptr + data.draw(st.integers(0, max(0, self.things[ptr].size - 1)))
            if many:
                self.mem.incref_many([inside])
            else:
                self.mem.incref(inside)
            self.things[ptr].owned += 1

    @rule(data=st.data(), how=st.sampled_from(["decref", "many", "special", "free"]))
    def drop(self, data: st.DataObject, how: str) -> None:
        if (ptr := self.owned(data)) is None:
            return
        thing = self.things[ptr]
        if how == "free":
            if thing.owned + thing.inner > 1:
                with pytest.raises(cairn.HeapError):
                    self.mem.free(ptr)
                return
            self.mem.free(ptr, *data.draw(st.sampled_from([(), (thing.size,)])))
        elif how == "special" and thing.kind == "list":
            self.mem.decref_list_of_ptrs(ptr)
        elif how == "special" and thing.kind == "dict":
            self.mem.decref_dict(ptr)
        elif how == "many":
            self.mem.decref_many(np.array([ptr]))
        else:
            self.mem.decref(ptr)
        self.release(ptr, False)

    @rule(data=st.data(), value=st.integers(-(2**31), 2**31 - 1))
    def write(self, data: st.DataObject, value: int) -> None:
        if (ptr := self.pick(data, "bytes", "array")) is None:
            return
        thing = self.things[ptr]
        at = data.draw(st.integers(-12, thing.size + 8))
        if 0 <= at <= thing.size - 4:
            self.mem.write_i32(ptr + at, value)
            thing.data[at : at + 4] = value.to_bytes(4, "little", signed=True)
            assert self.mem.read_i32_safe(ptr + at) == value
        elif at > -4 - (4 if thing.kind == "array" else 0):
            # Past its end may be another block; in its own header or slack it is refused.
            if at < 0 or at < thing.size:
                with pytest.raises(IndexError):
                    self.mem.write_i32(ptr + at, value)

    @rule(data=st.data(), value=st.integers(-(2**63), 2**63 - 1))
    def append(self, data: st.DataObject, value: int) -> None:
        if (ptr := self.pick(data, "list")) is None:
            return
        items = self.things[ptr].items
        if items and isinstance(items[0], tuple):
            with pytest.raises(TypeError):
                self.mem.list_append(ptr, value)
            return
        self.mem.list_append(ptr, value)
        items.append(value)

    @rule(data=st.data(), set_=st.booleans())
    def append_ptr(self, data: st.DataObject, set_: bool) -> None:
        ptr, child = self.pick(data, "list"), self.pick(data)
        if ptr is None or child is None or self.reaches(child, ptr):
            return
        items = self.things[ptr].items
        if items and not isinstance(items[0], tuple):
            with pytest.raises(TypeError):
                self.mem.list_append_ptr(ptr, child)
            return
        self.things[child].inner += 1
        if set_ and items:
            index = data.draw(st.integers(0, len(items) - 1))
            old = items[index][0]
            self.mem.list_set(ptr, index, child)
            items[index] = (child,)
            self.release(old, True)
        else:
            self.mem.list_append_ptr(ptr, child)
            items.append((child,))

    @rule(data=st.data())
    def list_read(self, data: st.DataObject) -> None:
        if (ptr := self.pick(data, "list")) is None:
            return
        items = self.things[ptr].items
        index = data.draw(st.integers(-1, len(items)))
        assert self.mem.list_length(ptr) == len(items)
        if not 0 <= index < len(items):
            with pytest.raises(IndexError):
                self.mem.list_get(ptr, index)
        elif isinstance(items[index], tuple):
            assert self.mem.list_get_ptr(ptr, index) == items[index][0]
        else:
            assert self.mem.list_get(ptr, index) == items[index]

    @rule(data=st.data(), key=KEYS, value=st.one_of(
        st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.none()))
    def dict_set(self, data: st.DataObject, key: str, value: int | float | None) -> None:
        ptr = self.pick(data, "dict")
        if ptr is None:
            return
        keys = self.things[ptr].keys
        new: tuple[str, Any]
        if value is None:
            child = self.pick(data)
            if child is None or self.reaches(child, ptr):
                return
            self.mem.dict_set(ptr, key, child)
            self.things[child].inner += 1
            new = ("ref", child)
        elif isinstance(value, int):
            self.mem.dict_set_int(ptr, key, value)
            new = ("int", value)
        else:
            self.mem.dict_set_float(ptr, key, value)
            new = ("float", value)
        kind, old = keys.get(key, ("", 0))
        keys[key] = new
        if kind == "ref":
            self.release(old, True)

    @rule(data=st.data(), key=KEYS)
    def dict_read(self, data: st.DataObject, key: str) -> None:
        if (ptr := self.pick(data, "dict")) is None:
            return
        keys = self.things[ptr].keys
        assert self.mem.dict_length(ptr) == len(keys)
        if keys and data.draw(st.booleans()):
            key = data.draw(st.sampled_from(sorted(keys)))
        assert self.mem.dict_contains(ptr, key) == (key in keys)
        kind, value = keys.get(key, ("", 0))
        for name, get in (("ref", self.mem.dict_get), ("int", self.mem.dict_get_int),
                          ("float", self.mem.dict_get_float)):
            if kind in ("", name):
                assert get(ptr, key) == value
            else:
                with pytest.raises(TypeError):
                    get(ptr, key)

    @rule(data=st.data(), key=KEYS, all_=st.booleans())
    def dict_delete(self, data: st.DataObject, key: str, all_: bool) -> None:
        if (ptr := self.pick(data, "dict")) is None:
            return
        thing = self.things[ptr]
        if all_:
            children = thing.references()
            self.mem.dict_cleanup(ptr)
            thing.keys = {}
        else:
            assert self.mem.dict_delete(ptr, key) == (key in thing.keys)
            kind, value = thing.keys.pop(key, ("", 0))
            children = [value] if kind == "ref" else []
        for child in children:
            self.release(child, True)

    @precondition(lambda self: self.dead)
    @rule(data=st.data())
    def misuse_dead(self, data: st.DataObject) -> None:
        ptr = data.draw(st.sampled_from(sorted(self.dead)))
        if any(p - 24 <= ptr < p + t.size + 24 for p, t in self.things.items()):
            return  # its memory may have another use
        if any(one.ptr - 24 <= ptr < one.ptr + one.size + 64 for one in self.mem.live_objects()):
            return
        for call in (self.mem.free, self.mem.decref, self.mem.incref, self.mem.read_i32,
                     self.mem.read_string, self.mem.list_length, self.mem.dict_cleanup):
            with pytest.raises(cairn.HeapError):
                call(ptr)

    @rule(data=st.data(), a=ANY_INT, b=ANY_INT)
    def nonsense(self, data: st.DataObject, a: int, b: int) -> None:
        """Arguments of every kind to calls that change nothing when they are wrong."""
        m = self.mem
        arg = data.draw(st.sampled_from([a, float(b), None, "x", b"x", [a], True]))
        if isinstance(arg, (int, bool)) and any(
            one.ptr - 24 <= arg < one.ptr + one.size + 64 for one in m.live_objects()
        ):
            return
        calls = [m.free, m.decref, m.incref, m.read_i32, m.read_i64, m.read_f32, m.read_f64,
                 m.read_string, m.list_length, m.dict_length, m.array_length, m.decref_dict,
                 m.decref_list_of_ptrs, m.dict_cleanup, m.refcount]
        call = data.draw(st.sampled_from(calls))
        with pytest.raises(MISUSE):
            call(arg)
        two = [m.write_i32, m.write_i64, m.write_f64, m.list_append, m.list_append_ptr,
               m.list_get, m.dict_get, m.dict_delete, m.array_get_i32, m.free]
        with pytest.raises(MISUSE):
            data.draw(st.sampled_from(two))(arg, b)

    @invariant()
    def account(self) -> None:
        assert live(self.mem) == {
            p: (t.size, t.owned + t.inner, t.kind) for p, t in self.things.items()
        }
        for ptr, thing in self.things.items():
            if thing.kind in ("bytes", "array"):
                assert self.mem.read_array(ptr, np.uint8, thing.size).tobytes() == thing.data

    def teardown(self) -> None:
        while self.things:
            ptr = next(p for p, t in self.things.items() if t.owned)
            self.mem.decref(ptr)
            self.release(ptr, False)
        assert self.mem.stats()["live_objects"] == 0
        self.mem.close()


class CheckedProgram(Program):
    checked = True
    handle = 32  # of a wider slot, which ends with a red zone


class SmallProgram(Program):
    """In a heap whose slabs are pages."""

    size = 8 << 20


SETTINGS = settings(max_examples=150, stateful_step_count=40, deadline=None, derandomize=True,
                    database=None, suppress_health_check=list(HealthCheck))
TestPlain = Program.TestCase
TestPlain.settings = SETTINGS
TestChecked = CheckedProgram.TestCase
TestChecked.settings = SETTINGS
TestSmall = SmallProgram.TestCase
TestSmall.settings = SETTINGS
