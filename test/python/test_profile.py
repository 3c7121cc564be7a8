# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The heap profile from Python: its calls are lines of Python, and functions of the JIT."""

from __future__ import annotations

import math
import pathlib
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import cairn
from cairn import MemoryManager

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "profile"))
import pprof  # noqa: E402

RATE = 16384


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    yield
    cairn.profile_stop()


def keep(mem: MemoryManager) -> int:
    return mem.alloc(100)


def leave(mem: MemoryManager) -> None:
    mem.decref(mem.alloc(100))


def near(estimate: float, n: int, size: int) -> bool:
    p = 1 - math.exp(-size / RATE)
    return abs(estimate - n) <= 5 * math.sqrt(n * (1 - p) / p) + 10


def test_lines_of_python(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "out.pb"
    with MemoryManager(64 << 20) as mem, cairn.profile(path, RATE):
        for _ in range(20000):
            keep(mem)
            leave(mem)
    profile = pprof.read(path)
    kept, left = profile.by("keep"), profile.by("leave")
    sizes = {s.size for s in profile.samples if "keep" in s.functions()}
    assert len(sizes) == 1
    size = sizes.pop()
    assert near(kept["alloc_objects"], 20000, size) and kept["inuse_objects"] == kept["alloc_objects"]
    assert near(left["alloc_objects"], 20000, size) and left["inuse_objects"] == 0
    for sample in profile.samples:
        if "keep" in sample.functions():
            inner, outer = sample.frames[:2]
            assert inner["file"] == __file__ and inner["line"] == keep.__code__.co_firstlineno + 1
            assert outer["function"] == "test_lines_of_python"


def test_from_the_environment_of_another_thread(tmp_path: pathlib.Path) -> None:
    mem = MemoryManager(64 << 20)
    cairn.profile_start(RATE)

    def work() -> None:
        for _ in range(5000):
            keep(mem)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    cairn.profile_stop()
    cairn.profile_write(tmp_path / "out.pb")
    mem.close()
    of = [s for s in pprof.read(tmp_path / "out.pb").samples if any(f and f.endswith("work") for f in s.functions())]
    assert of and all(s.functions()[0] == "keep" for s in of)


IR = """
declare ptr @cairn.malloc(i64)
define ptr @inner(i64 %n) noinline uwtable {
  %p = call ptr @cairn.malloc(i64 %n)
  ret ptr %p
}
define i64 @outer(i64 %n) uwtable {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %j, %loop ]
  %p = call ptr @inner(i64 112)
  store volatile i64 %i, ptr %p
  %j = add i64 %i, 1
  %more = icmp slt i64 %j, %n
  br i1 %more, label %loop, label %done
done:
  ret i64 %j
}
"""


def test_functions_of_the_jit(tmp_path: pathlib.Path) -> None:
    with MemoryManager(64 << 20) as mem, mem.jit() as jit:
        jit.add(IR)
        outer = jit.function("outer", "i64(i64)")
        with cairn.profile(tmp_path / "out.pb", RATE):
            outer(20000)
        profile = pprof.read(tmp_path / "out.pb")
    of = [s for s in profile.samples if "outer" in s.functions()]
    assert near(sum(s.values["alloc_objects"] for s in of), 20000, 112)
    for sample in of:
        assert sample.functions()[:3] == ["inner", "outer", "test_functions_of_the_jit"]


def test_wrong_calls(tmp_path: pathlib.Path) -> None:
    wrong: Any = "x"
    with pytest.raises(TypeError, match="integer"):
        cairn.profile_start(wrong)
    with pytest.raises(ValueError, match="rate"):
        cairn.profile_start((1 << 40) + 1)
    with pytest.raises(ValueError, match="rate"):
        cairn.profile_start(-1)
    with pytest.raises(FileNotFoundError, match="folder"):
        cairn.profile_write("/no/such/folder/out.pb")
    with pytest.raises(TypeError):
        cairn.profile_write(3.5)  # type: ignore[arg-type]


def test_an_exception_still_writes(tmp_path: pathlib.Path) -> None:
    with pytest.raises(KeyError):
        with cairn.profile(tmp_path / "out.pb"):
            raise KeyError
    assert pprof.read(tmp_path / "out.pb").types[0] == "alloc_objects"
