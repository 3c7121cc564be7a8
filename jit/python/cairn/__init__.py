# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A heap of reference-counted blocks that Python shares with JIT code.

    import cairn

    with cairn.MemoryManager() as mem:
        ptr = mem.alloc(64)
        mem.write_i32(ptr, 42)
        mem.decref(ptr)
"""

from cairn._cairn import (
    HeapError,
    IRError,
    Jit,
    JitFunction,
    LiveObject,
    MemoryManager,
    __version__,
    align_up,
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
]
