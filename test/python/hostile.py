# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the tests of misuse share: calls by introspection, and children that may die."""

from __future__ import annotations

import inspect
import os
import signal
import traceback
from collections.abc import Callable
from typing import Any

import cairn

EXPECTED = (ValueError, IndexError, TypeError, OverflowError, MemoryError, BufferError)
"""What a call may raise: HeapError, IRError and the Unicode errors are ValueErrors."""


def outcome(run: Callable[[], None], seconds: int = 60) -> str:
    """Runs in a child process; "" if that ends well, else the signal or the exception."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(writing, 2)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(seconds)
        try:
            run()
            os._exit(0)
        except BaseException:
            os.write(writing, traceback.format_exc()[-2000:].encode())
            os._exit(1)
    os.close(writing)
    said = b""
    while part := os.read(reading, 1 << 16):
        said += part
    os.close(reading)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    name = signal.Signals(-code).name if code < 0 else f"status {code}"
    return "" if code == 0 else f"{name} {said.decode(errors='replace')}"


def calls(owner: type) -> dict[str, list[str]]:
    """Every method that takes part in calls from Python, and its parameters' names."""
    found = {}
    for name in dir(owner):
        method = inspect.getattr_static(owner, name)
        if name.startswith("_") or not callable(method):
            continue
        found[name] = list(inspect.signature(method).parameters)[1:]
    return found


def attributes(owner: type) -> list[str]:
    return [name for name in dir(owner) if inspect.isdatadescriptor(getattr(owner, name))
            and not name.startswith("__")]


IR = """
%pair = type { ptr, ptr }
@fields = private constant [2 x i32] [i32 0, i32 8]
@pair = constant { i32, i16, i16, i32, i32, ptr, ptr, ptr } { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @fields, ptr null, ptr null }
@ended = global i64 0
define void @end(ptr %p) {
  %n = load i64, ptr @ended
  %m = add i64 %n, 1
  store i64 %m, ptr @ended
  ret void
}
@watched = global { i32, i16, i16, i32, i32, ptr, ptr, ptr } { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @fields, ptr @end, ptr null }
declare ptr @cairn.alloc(ptr)
declare ptr @cairn.alloc.array(ptr, i64)
declare void @cairn.share(ptr)
define ptr @make_pair() {
  %p = call ptr @cairn.alloc(ptr @pair)
  ret ptr %p
}
define ptr @make_watched() {
  %p = call ptr @cairn.alloc(ptr @watched)
  ret ptr %p
}
define ptr @make_pairs(i64 %n) {
  %p = call ptr @cairn.alloc.array(ptr @pair, i64 %n)
  ret ptr %p
}
define void @share(ptr %p) {
  call void @cairn.share(ptr %p)
  ret void
}
define void @put(ptr %p, ptr %child) {
  store ptr %child, ptr %p
  ret void
}
define i64 @mixed(i64 %i, ptr %p, double %d, i1 %b, ptr %q, i32 %k) {
  %x = load i64, ptr %p
  %y = load i64, ptr %q
  %z = add i64 %x, %y
  ret i64 %z
}
"""


class Objects:
    """A heap with one object of each kind."""

    def __init__(self, size: int = 1 << 20, checked: bool = False) -> None:
        mem = self.mem = cairn.MemoryManager(size, checked=checked)
        self.block, self.string = mem.alloc(64), mem.alloc_string("text")
        self.array = mem.alloc_array(10, 8)
        self.ints, self.floats, self.refs = mem.alloc_list(), mem.alloc_list(), mem.alloc_list()
        self.dict = mem.alloc_dict()
        for i in range(3):
            mem.list_append(self.ints, i)
            mem.list_append(self.floats, 0.5)
            mem.list_append_ptr(self.refs, self.string)
        mem.dict_set(self.dict, "ref", self.string)
        mem.dict_set_int(self.dict, "int", 1)
        mem.dict_set_float(self.dict, "float", 0.5)

    def pointers(self) -> list[int]:
        return [self.block, self.string, self.array, self.ints, self.floats, self.refs, self.dict]
