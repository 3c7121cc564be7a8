# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A heap of reference-counted blocks that Python shares with JIT code.

    import cairn

    with cairn.MemoryManager() as mem:
        ptr = mem.alloc(64)
        mem.write_i32(ptr, 42)
        mem.decref(ptr)
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from cairn._cairn import (
    HeapError,
    IRError,
    Jit,
    JitFunction,
    LiveObject,
    MemoryManager,
    __version__,
    align_up,
    profile_start,
    profile_stop,
    profile_write,
)

__all__ = [
    "HeapError",
    "IRError",
    "Jit",
    "JitFunction",
    "LiveObject",
    "MemoryManager",
    "__version__",
    "align_up",
    "profile",
    "profile_start",
    "profile_stop",
    "profile_write",
]


@contextlib.contextmanager
def profile(path: str | bytes | os.PathLike[str] | os.PathLike[bytes], rate: int = 0) -> Iterator[None]:
    """Samples the process's heaps inside of the with statement, and writes a heap profile.

    One block in about `rate` allocated bytes is a sample; 0 is 512 KiB. The file is in pprof's
    format, and is written after an exception as well.
    """
    profile_start(rate)
    try:
        yield
    finally:
        profile_stop()
        profile_write(path)
