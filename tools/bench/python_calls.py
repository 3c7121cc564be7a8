# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a call from Python costs, in calls of an empty Python function.

    PYTHONPATH=build/python /usr/bin/python3 tools/bench/python_calls.py

Rounds are interleaved. Each figure is the least of its rounds, beside it the one by
medians; a loop of the same length that does nothing is taken off all of them. The row
of a set is what a call of CPython's own costs: a method with one argument and an
integer to look for where nothing is.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

import cairn

N = 50_000
ROUNDS = 41

SUM = """
define i64 @sum(ptr %p, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [0, %entry], [%j, %loop]
  %s = phi i64 [0, %entry], [%t, %loop]
  %q = getelementptr i32, ptr %p, i64 %i
  %v = load i32, ptr %q
  %w = sext i32 %v to i64
  %t = add i64 %s, %w
  %j = add i64 %i, 1
  %more = icmp ult i64 %j, %n
  br i1 %more, label %loop, label %done
done:
  ret i64 %t
}
define i64 @add(i64 %a, i64 %b) {
  %c = add i64 %a, %b
  ret i64 %c
}
"""


def loop(statement: str, names: dict[str, object]) -> Callable[[], float]:
    """A function that runs the statement N times and returns seconds."""
    source = (
        "def run(it, clock):\n"
        + "".join(f"    {name} = names[{name!r}]\n" for name in names)
        + f"    start = clock()\n    for _ in it:\n        {statement}\n    return clock() - start\n"
    )
    scope: dict[str, object] = {"names": names}
    exec(source, scope)
    run = scope["run"]
    return lambda: run(range(N), time.perf_counter)  # type: ignore[operator]


def least_of(run: Callable[[], float], rounds: int = 7) -> float:
    return min(run() for _ in range(rounds))


def main() -> None:
    mem = cairn.MemoryManager()
    jit = mem.jit()
    jit.add(SUM)
    total = jit.function("sum", "i64(ptr, i64)")
    names: dict[str, object] = {"m": mem, "p": mem.alloc(64), "f": jit.function("add", "i64(i64, i64)")}

    def empty() -> None:
        pass

    names["empty"] = empty
    names["none"] = set()
    rows = {
        "an empty Python call": ("empty()", None),
        "set.discard": ("none.discard(7)", None),
        "set.discard, twice": ("none.discard(none.discard(7))", None),
        "alloc + free": ("m.free(m.alloc(64))", 1.3),
        "alloc_refcounted + decref": ("m.decref(m.alloc_refcounted(64))", 1.3),
        "read_i32": ("m.read_i32(p)", 0.6),
        "write_i32": ("m.write_i32(p, 7)", 1.0),
        "alloc_string + decref, 14 characters": ("m.decref(m.alloc_string('Hello, PyExec!'))", 1.8),
        "a JIT function of 2 ints": ("f(3, 4)", 2.0),
    }
    runs = {row: loop(statement, names) for row, (statement, _) in rows.items()}
    nothing = loop("pass", names)
    times: dict[str, list[float]] = {row: [] for row in rows}
    idle = []
    for _ in range(ROUNDS):
        idle.append(nothing())
        for row, run in runs.items():
            times[row].append(run())
    def per_call(pick: Callable[[list[float]], float]) -> dict[str, float]:
        return {row: (pick(t) - pick(idle)) / N * 1e9 for row, t in times.items()}

    least, middle = per_call(min), per_call(statistics.median)
    call = "an empty Python call"
    print("| what | ns | empty calls | by medians | wanted |\n|---|---|---|---|---|")
    for row, (_, wanted) in rows.items():
        limit = "–" if wanted is None else f"at most {wanted}"
        ratios = f"{least[row] / least[call]:.2f} | {middle[row] / middle[call]:.2f}"
        print(f"| {row} | {least[row]:.1f} | {ratios} | {limit} |")

    ptr = mem.alloc(40000)
    numbers = np.arange(10000, dtype=np.int32)

    def insert() -> float:
        start = time.perf_counter()
        for i in range(10000):
            mem.write_i32(ptr + i * 4, i)
        return time.perf_counter() - start

    def add_up() -> float:
        start = time.perf_counter()
        result = 0
        for i in range(10000):
            result += mem.read_i32(ptr + i * 4)
        assert result == 49995000
        return time.perf_counter() - start

    def insert_at_once() -> float:
        start = time.perf_counter()
        mem.write_array(ptr, numbers)
        return time.perf_counter() - start

    def add_up_in_jit() -> float:
        start = time.perf_counter()
        assert total(ptr, 10000) == 49995000
        return time.perf_counter() - start

    print("\n| 10,000 integers | ms | wanted |\n|---|---|---|")
    for row, run, wanted in (
        ("insert, write_i32", insert, 4.26),
        ("sum, read_i32", add_up, 1.07),
        ("insert, write_array", insert_at_once, 0.0852),
        ("sum, a JIT function", add_up_in_jit, 0.0214),
    ):
        print(f"| {row} | {least_of(run) * 1e3:.4f} | at most {wanted} |")

    million = cairn.MemoryManager(size=256 << 20)

    def release() -> float:
        ptrs = million.alloc_many(1_000_000, 48)
        start = time.perf_counter()
        million.decref_many(ptrs)
        return time.perf_counter() - start

    print(f"\ndecref_many of 1M objects: {least_of(release) * 1e3:.1f} ns each, wanted at most 10")


if __name__ == "__main__":
    main()
