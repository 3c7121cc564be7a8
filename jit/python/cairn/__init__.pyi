# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import os
from contextlib import AbstractContextManager

from cairn._cairn import (
    HeapError as HeapError,
    IRError as IRError,
    Jit as Jit,
    JitFunction as JitFunction,
    LiveObject as LiveObject,
    MemoryManager as MemoryManager,
    __version__ as __version__,
    align_up as align_up,
    profile_start as profile_start,
    profile_stop as profile_stop,
    profile_write as profile_write,
)

def profile(
    path: str | bytes | os.PathLike[str] | os.PathLike[bytes], rate: int = 0
) -> AbstractContextManager[None]: ...
