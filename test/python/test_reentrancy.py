# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arguments, collections and weak references that change the heap in the middle of a call.

Every method of a manager, of a JIT session and of a JIT function, every argument, every
way to change what the call is about: the list of methods is asked of the types, so a new
one is covered or fails for want of an entry in ARGUMENTS.
"""

from __future__ import annotations

import gc
import io
import os
import sys
import tempfile
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hostile import EXPECTED, Objects, attributes, calls, outcome

import cairn

IR = """
define i64 @mixed(i64 %i, ptr %p, double %d, i1 %b, ptr %q, i32 %k) {
  %x = load i64, ptr %p
  %y = load i64, ptr %q
  %z = add i64 %x, %y
  ret i64 %z
}
"""

DIRECTORY = tempfile.TemporaryDirectory(prefix="cairn-")  # goes at the end

# A right value for each parameter of each method, by the parameter's name.
ARGUMENTS: dict[str, Callable[[Objects, str], Any]] = {
    "ptr": lambda o, name: o.string if "string" in name or "list" in name else o.block,
    "offset": lambda o, name: o.block,
    "value_ptr": lambda o, name: o.string,
    "ptrs": lambda o, name: [o.block, o.string],
    "list": lambda o, name: o.refs if "ptr" in name else o.ints,
    "dict": lambda o, name: o.dict,
    "dict_ptr": lambda o, name: o.dict,
    "array": lambda o, name: [1, 2] if name == "write_array" else o.array,
    "index": lambda o, name: 1,
    "value": lambda o, name: 0.5 if "float" in name or "_f" in name else 7,
    "default": lambda o, name: 7,
    "key": lambda o, name: "int" if "int" in name else "float" if "float" in name else "ref",
    "size": lambda o, name: 64 if name == "free" else 24,
    "elem_size": lambda o, name: 8,
    "capacity": lambda o, name: 8,
    "length": lambda o, name: 8,
    "n": lambda o, name: 2,
    "dtype": lambda o, name: "i4",
    "s": lambda o, name: "text",
    "opt_level": lambda o, name: 0,
    "ir": lambda o, name: "define void @more() { ret void }",
    "name": lambda o, name: {"add": "more", "remove": "one", "function": "mixed"}[name],
    "signature": lambda o, name: "i64(i64, ptr, double, i1, ptr, i32)",
    "release_gil": lambda o, name: True,
    "path": lambda o, name: os.path.join(DIRECTORY.name, "dump"),
}
# The same methods about other kinds of object.
VARIANTS: dict[str, list[dict[str, Callable[[Objects], Any]]]] = {
    "list_append": [{"list": lambda o: o.floats}, {"list": lambda o: o.refs}],
    "list_set": [{"list": lambda o: o.floats},
                 {"list": lambda o: o.refs, "value": lambda o: o.string}],
    "list_get": [{"list": lambda o: o.floats}],
    "write_i32": [{"offset": lambda o: o.array}],
}


class Hostile:
    """Does something whenever it is asked for a value, once."""

    def __init__(self, value: Any, act: Callable[[], None]) -> None:
        self.value, self.once = value, act

    def act(self) -> None:
        once, self.once = self.once, lambda: None
        once()

    def __index__(self) -> int:
        self.act()
        return int(self.value)

    def __int__(self) -> int:
        self.act()
        return int(self.value)

    def __float__(self) -> float:
        self.act()
        return float(self.value)

    def __bool__(self) -> bool:
        self.act()
        return bool(self.value)

    def __str__(self) -> str:
        self.act()
        return str(self.value)

    __repr__ = __str__

    def __fspath__(self) -> str:
        self.act()
        return str(self.value)

    def __hash__(self) -> int:
        self.act()
        return hash(self.value)

    def __eq__(self, other: object) -> bool:
        self.act()
        return bool(self.value == other)

    def __len__(self) -> int:
        self.act()
        return len(self.value)

    def __getitem__(self, i: int) -> Any:
        self.act()
        return self.value[i]

    def __iter__(self) -> Any:
        self.act()
        return iter(self.value)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        self.act()
        return np.array(self.value)

    @property
    def dtype(self) -> Any:
        self.act()
        return np.dtype(self.value)


class HostileText(str):
    act: Callable[[], None] = staticmethod(lambda: None)

    def __str__(self) -> str:
        self.act()
        return "text"

    def __len__(self) -> int:
        self.act()
        return 4

    def __hash__(self) -> int:
        self.act()
        return 0


class HostileNumber(int):
    act: Callable[[], None] = staticmethod(lambda: None)

    def __index__(self) -> int:
        self.act()
        return int.__add__(self, 0)

    def __str__(self) -> str:
        self.act()
        return "number"


class HostileFloat(float):
    act: Callable[[], None] = staticmethod(lambda: None)

    def __float__(self) -> float:
        self.act()
        return 0.5


def disguises(value: Any, act: Callable[[], None]) -> list[Any]:
    """Objects that mean the value, in each way that it can be asked for."""
    found: list[Any] = [Hostile(value, act)]
    if isinstance(value, list):
        found += [[Hostile(value[0], act), *value[1:]], tuple(Hostile(v, act) for v in value)]
    for kind, own in ((str, HostileText), (int, HostileNumber), (float, HostileFloat)):
        if isinstance(value, kind) and not isinstance(value, bool):
            made = own(value)
            made.act = act  # type: ignore[attr-defined]
            found.append(made)
    return found


def quiet(*steps: Callable[[], Any]) -> Callable[[], None]:
    def act() -> None:
        for step in steps:
            try:
                step()
            except EXPECTED:
                pass

    return act


def release_all(o: Objects) -> None:
    for ptr in o.pointers():
        for _ in range(6):
            quiet(lambda ptr=ptr: o.mem.decref(ptr))()  # type: ignore[misc]


def fill(o: Objects) -> None:
    """Other objects where those were."""
    for size in (16, 24, 48, 80):
        o.mem.alloc_many(50, size)
    o.mem.alloc_string("A" * 16)


ACTIONS: dict[str, Callable[[Objects], None]] = {
    "close": lambda o: o.mem.close(),
    "reset and fill": lambda o: (o.mem.reset(), fill(o)),  # type: ignore[dict-item, return-value]
    "free and reuse": lambda o: (release_all(o), fill(o)),  # type: ignore[dict-item, return-value]
    "grow": lambda o: [o.mem.list_append_ptr(o.refs, o.string) or o.mem.list_append(o.ints, i)
                       or o.mem.list_append(o.floats, 0.5) for i in range(500)],  # type: ignore[dict-item, return-value]
    "clear": lambda o: o.mem.dict_cleanup(o.dict),
    "look": lambda o: (o.mem.memory, o.mem.heap_top),  # type: ignore[dict-item, return-value]
    "begin again": lambda o: (o.mem.close(), o.mem.__init__(1 << 20)),  # type: ignore[dict-item, return-value, misc]
}


def still_sound(mem: cairn.MemoryManager) -> None:
    if mem.closed:
        return
    str(mem), repr(mem), mem.stats(), mem.live_objects(), mem.free_lists
    for _ in range(3):
        mem.decref(mem.alloc_many(3, 40)[0])


def attack(owner: type, name: str, wanted: str) -> None:
    """One method, each argument in each disguise, one action."""
    for variant in [{}, *VARIANTS.get(name, [])]:
        parameters = calls(owner)[name]
        for place, parameter in enumerate(parameters):
            for number in range(4):
                o = Objects()
                values = [variant[p](o) if p in variant else ARGUMENTS[p](o, name)
                          for p in parameters]
                act = quiet(lambda o=o: ACTIONS[wanted](o))  # type: ignore[misc]
                target: Any = o.mem
                if owner is cairn.Jit:
                    target = o.mem.jit(0)
                    target.add(IR, "one")
                    act = quiet(lambda t=target: t.remove("one"), target.close, act)  # type: ignore[misc]
                choices = disguises(values[place], act)
                if number >= len(choices):
                    break
                values[place] = choices[number]
                quiet(lambda: getattr(target, name)(*values))()
                still_sound(o.mem)


METHODS = [(owner, name) for owner in (cairn.MemoryManager, cairn.Jit)
           for name, parameters in calls(owner).items() if parameters and name != "__exit__"]


@pytest.mark.parametrize("owner, name", METHODS, ids=lambda x: getattr(x, "__name__", x))
def test_arguments(owner: type, name: str) -> None:
    # A session keeps its heap open: there only what it does to itself is to be tried.
    for wanted in ACTIONS if owner is cairn.MemoryManager else ["free and reuse"]:
        assert outcome(lambda: attack(owner, name, wanted)) == "", wanted


def test_arguments_of_a_jit_function() -> None:
    def run(wanted: str, place: int, own: int) -> None:
        o = Objects()
        jit = o.mem.jit(0)
        jit.add(IR, "one")
        mixed = jit.function("mixed", "i64(i64, ptr, double, i1, ptr, i32)")
        act = quiet(lambda: ACTIONS[wanted](o))
        if own:
            act = quiet(lambda: jit.remove("one"), jit.close, act)
        values: list[Any] = [1, o.block, 0.5, 1, o.array, 3]
        values[place] = Hostile(values[place], act)
        quiet(lambda: mixed(*values))()
        still_sound(o.mem)

    for wanted in ("free and reuse",):
        for place in (0, 1, 2, 5):
            for own in (0, 1):
                assert outcome(lambda: run(wanted, place, own)) == "", (wanted, place, own)


def test_init() -> None:
    def run(keyword: str) -> None:
        mem = cairn.MemoryManager.__new__(cairn.MemoryManager)
        arguments = {"size": 1 << 20, "checked": True}
        arguments[keyword] = Hostile(arguments[keyword], quiet(lambda: mem.__init__(1 << 20)))  # type: ignore[misc, assignment]
        with pytest.raises(RuntimeError):
            mem.__init__(**arguments)  # type: ignore[misc]
        still_sound(mem)

    for keyword in ("size", "checked"):
        assert outcome(lambda: run(keyword)) == ""


class Loop:
    """Garbage that only a collection finds, and that does something then."""

    def __init__(self, act: Callable[[], None]) -> None:
        self.me, self.act = self, act

    def __del__(self) -> None:
        self.act()


def collected(run: Callable[[Objects, Any], Any], wanted: str, jit: bool = False) -> None:
    """Runs it with a collection at each of the first allocations that the collector sees."""
    for k in range(1, 4 if jit else 11):
        gc.disable()
        o = Objects()
        session: Any = None
        act = quiet(lambda o=o: ACTIONS[wanted](o))  # type: ignore[misc]
        if jit:
            session = o.mem.jit(0)
            session.add(IR, "one")
            act = quiet(lambda s=session: s.remove("one"), session.close, act)  # type: ignore[misc]
        gc.collect()
        Loop(act)
        gc.set_threshold(k)
        gc.enable()
        try:
            run(o, session)
        except EXPECTED:
            pass
        gc.disable()
        gc.set_threshold(700)
        gc.collect()
        still_sound(o.mem)


@pytest.mark.parametrize("owner, name", METHODS + [
    (cairn.MemoryManager, name) for name, given in calls(cairn.MemoryManager).items() if not given
] + [(cairn.Jit, "modules"), (cairn.Jit, "close")], ids=lambda x: getattr(x, "__name__", x))
def test_collections(owner: type, name: str) -> None:
    parameters = calls(owner)[name]
    right = lambda o: [ARGUMENTS[p](o, name) for p in parameters]  # noqa: E731
    wrong = lambda o: [-5 if isinstance(v, int) else v for v in right(o)]  # noqa: E731
    wishes = ["close", "free and reuse"]
    for wanted in wishes if owner is cairn.MemoryManager else wishes[:1]:
        for values in (right, wrong) if owner is cairn.MemoryManager else (right,):
            assert outcome(lambda: collected(
                lambda o, jit: getattr(o.mem if jit is None else jit, name)(*values(o)),
                wanted, owner is cairn.Jit)) == "", (wanted, values is wrong)


def test_collections_in_attributes_and_the_rest() -> None:
    def leave(o: Objects) -> None:
        with o.mem:
            pass

    steps: list[Callable[[Objects], Any]] = [
        *((lambda o, name=name: getattr(o.mem, name)) for name in attributes(cairn.MemoryManager)),
        lambda o: str(o.mem), lambda o: repr(o.mem), leave,
        lambda o: o.mem.alloc_many(1 << 14, 64),
        lambda o: o.mem.alloc_string("x" * (1 << 21)),
        lambda o: o.mem.read_string(o.block),
    ]
    for step in steps:
        for wanted in ("close", "reset and fill", "look"):
            assert outcome(lambda: collected(lambda o, _: step(o), wanted)) == ""


def test_weak_references_to_views() -> None:
    """A view that the manager drops tells who watches it, in the middle of a close."""

    def run(how: Callable[[cairn.MemoryManager], Any], name: str, wanted: str) -> None:
        o = Objects()
        watch = weakref.ref(getattr(o.mem, name), lambda _: quiet(lambda: ACTIONS[wanted](o))())
        quiet(lambda: how(o.mem))()
        assert watch is not None
        still_sound(o.mem)

    for how in (lambda m: m.close(), lambda m: m.reset(), lambda m: m.__exit__(None, None, None)):
        for name in ("memory", "heap_top"):
            for wanted in ACTIONS:
                assert outcome(lambda: run(how, name, wanted)) == "", (name, wanted)


def test_a_report_is_written_by_python() -> None:
    class Writer(io.StringIO):
        act: Callable[[], None] = staticmethod(lambda: None)

        def write(self, text: str) -> int:
            self.act()
            return len(text)

    def run(wanted: str) -> None:
        o = Objects()
        writer = Writer()
        writer.act = quiet(lambda: ACTIONS[wanted](o))
        sys.stderr, own = writer, sys.stderr
        try:
            quiet(lambda: o.mem.__exit__(None, None, None))()
        finally:
            sys.stderr = own
        still_sound(o.mem)

    for wanted in ACTIONS:
        assert outcome(lambda: run(wanted)) == "", wanted


def test_what_is_converted_first_decides() -> None:
    """An argument may change the object, and the call is then about what is there."""
    mem = cairn.MemoryManager(1 << 20)
    numbers = mem.alloc_list()

    def to_floats() -> None:
        mem.list_append(numbers, 0.5)

    with pytest.raises(TypeError, match="a list of floats, not of integers"):
        mem.list_append(numbers, Hostile(1, to_floats))  # type: ignore[arg-type]
    assert mem.list_length(numbers) == 1

    grown = mem.alloc_list()
    mem.list_append(grown, 1)
    mem.list_set(grown, Hostile(1, lambda: mem.list_append(grown, 2)), 3)
    assert [mem.list_get(grown, i) for i in range(2)] == [1, 3]

    block = mem.alloc(16)
    twice = Hostile(block, lambda: mem.incref(block))
    mem.decref(twice)
    assert mem.refcount(block) == 1
    with pytest.raises(cairn.HeapError, match="closed"):
        mem.list_get(grown, Hostile(0, mem.close))
