# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Heaps for the tests, in each kind: as they are, checked, and small, of pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import cairn

USER_KINDS = {"bytes", "array", "list", "dict", "object", "block"}


@pytest.fixture(params=["plain", "checked", "small"])
def mem(request: pytest.FixtureRequest) -> Iterator[cairn.MemoryManager]:
    size = 8 << 20 if request.param == "small" else 32 << 20
    yield cairn.MemoryManager(size=size, checked=request.param == "checked")


def live(mem: cairn.MemoryManager) -> dict[int, tuple[int, int, str]]:
    """What a program holds: containers' own parts left out."""
    return {
        one.ptr: (one.size, one.refcount, one.kind)
        for one in mem.live_objects()
        if one.kind in USER_KINDS
    }
