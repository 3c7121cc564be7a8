# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The type stubs: they say what the module has, and a program is checked by them."""

from __future__ import annotations

import inspect
import os
import pathlib
import re
import subprocess
import sys

import pytest

import cairn

PACKAGE = pathlib.Path(cairn.__file__).parent
PROGRAM = """
import numpy as np
from pyexec.memory import MemoryManager, align_up

with MemoryManager(size=1 << 20, checked=True) as mem:
    ptr: int = mem.alloc(align_up(13, 8))
    mem.free(ptr, 16)
    mem.write_array(ptr, np.arange(4, dtype=np.int32))
    total: int = sum(one.size for one in mem.live_objects())
    with mem.jit() as jit:
        jit.add("define void @f() { ret void }", name="m")
        jit.function("f", "void()", release_gil=True)()
"""


def mypy(*arguments: str, cwd: pathlib.Path) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("mypy", reason="package python3-mypy is not installed")
    root = str(PACKAGE.parent)
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": root, "MYPYPATH": root, "MYPY_CACHE_DIR": os.devnull},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_stubs_say_what_the_module_has(tmp_path: pathlib.Path) -> None:
    """Names, parameters, defaults and properties of both, compared by mypy."""
    result = mypy("mypy.stubtest", "cairn", "pyexec", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_program_is_checked(tmp_path: pathlib.Path) -> None:
    (tmp_path / "good.py").write_text(PROGRAM)
    (tmp_path / "bad.py").write_text(PROGRAM + 'mem.alloc("64")\nmem.read_i31(ptr)\n')
    good = mypy("mypy", "--strict", "good.py", cwd=tmp_path)
    assert good.returncode == 0, good.stdout
    bad = mypy("mypy", "--strict", "bad.py", cwd=tmp_path)
    found = re.findall(r"\[([a-z-]+)\]$", bad.stdout, re.MULTILINE)
    assert found == ["arg-type", "attr-defined"], bad.stdout


def test_help_reads_well() -> None:
    """Without mypy too: every public method has a signature and a sentence."""
    assert sorted(cairn.__all__) == sorted(
        name for name in dir(cairn) if name == "__version__" or not name.startswith("_")
    )
    for owner in (cairn.MemoryManager, cairn.Jit):
        for name, member in vars(owner).items():
            if name.startswith("_") or not callable(member):
                continue
            assert inspect.signature(member).parameters["self"], name
            assert member.__doc__ and re.match(r"[A-Za-z].*\.", member.__doc__, re.DOTALL), name
