# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""IR and bitcode that frontends bring, and what is refused."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest
from jit_code import OBJECTS, SUM

import cairn
from cairn import IRError, MemoryManager

BITCODE = """
define i64 @f(i64 %n) {
entry:
  %none = icmp eq i64 %n, 0
  br i1 %none, label %one, label %two
one:
  ret i64 1
two:
  %p = alloca i64
  store i64 %n, ptr %p
  %v = load i64, ptr %p
  %s = add i64 %v, %n
  ret i64 %s
}
"""

# In a process of its own: what this is about is that it lives.
EACH_BIT = """
import sys, cairn
code = open(sys.argv[1], "rb").read()
mem = cairn.MemoryManager(size=1 << 20)
read = refused = 0
with mem.jit() as jit:
    for at in range(len(code) // 2, len(code)):
        for bit in range(8):
            changed = bytearray(code)
            changed[at] ^= 1 << bit
            try:
                jit.remove(jit.add(changed))
                read += 1
            except cairn.IRError:
                refused += 1
    jit.add(code)
    assert jit.function("f", "i64(i64)")(21) == 42
assert read and refused, (read, refused)
"""


@pytest.fixture(scope="module")
def bitcode(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("bitcode") / "f.bc"
    # The bitcode is that of the LLVM that the module was built with: the build directory's.
    tools = pathlib.Path(cairn.__file__).parents[2] / "llvm"
    subprocess.run([tools / "llvm-as", "-", "-o", path], input=BITCODE.encode(), check=True, timeout=60)
    return path


def test_bitcode(bitcode: pathlib.Path) -> None:
    with MemoryManager().jit() as jit:
        jit.add(bitcode.read_bytes())
        assert jit.function("f", "i64(i64)")(0) == 1
        with pytest.raises(IRError, match="bitcode cannot be read"):
            jit.add(bitcode.read_bytes()[:-400])
        assert jit.function("f", "i64(i64)")(4) == 8


def test_spoilt_bitcode_ends_no_process(bitcode: pathlib.Path) -> None:
    """Some of these make LLVM's reader crash."""
    command = [sys.executable, "-c", EACH_BIT, str(bitcode)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr


HEADERS = [
    ("unknown-unknown-unknown", ""),
    ("", "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-f80:128-n8:16:32:64-S128"),
    ("unknown-unknown-unknown", "e-m:e-i64:64-f80:128-n8:16:32:64-S128"),
    ("unknown-unknown-unknown", "e-i64:64"),
]


@pytest.mark.parametrize("triple, layout", HEADERS)
def test_headers_that_frontends_write_are_taken(triple: str, layout: str) -> None:
    """What names no machine, or lacks what does not matter, is this process's."""
    mem = MemoryManager()
    jit = mem.jit()
    header = f'target triple = "{triple}"\n' if triple else ""
    header += f'target datalayout = "{layout}"\n' if layout else ""
    jit.add(header + OBJECTS)
    p = jit.function("make", "ptr(i64)")(8)
    assert mem.read_i64(p) == 42
    mem.decref(p)


@pytest.mark.parametrize("layout", ["E-m:e-i64:64", "e-m:e-p:32:32-i64:64", "e-m:o-i64:64"])
def test_a_layout_that_differs_in_what_matters_is_refused(layout: str) -> None:
    with pytest.raises(IRError, match="its data layout is"):
        MemoryManager().jit().add(f'target datalayout = "{layout}"\n' + SUM)
