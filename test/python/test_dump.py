# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Dumps of a manager's heap, as snapshots of V8's form (docs/heap-dumps.md)."""

from __future__ import annotations

import json
import os
import pathlib
import threading
from typing import Any

import pytest

from cairn import HeapError, MemoryManager


class Dump:
    def __init__(self, path: pathlib.Path) -> None:
        snapshot = json.loads(path.read_text())
        self.head = snapshot["snapshot"]["cairn"]
        fields = snapshot["snapshot"]["meta"]["node_fields"]
        numbers, edges, strings = snapshot["nodes"], snapshot["edges"], snapshot["strings"]
        width = len(fields)
        self.nodes: list[dict[str, Any]] = []
        at = 0
        for i in range(0, len(numbers), width):
            node = dict(zip(fields, numbers[i : i + width], strict=True))
            node["name"] = strings[node["name"]]
            node["offset"] = node["page"] << 16 | node["in_page"]
            node["to"] = [edges[k + 2] // width for k in range(at, at + 3 * node["edge_count"], 3)]
            at += 3 * node["edge_count"]
            self.nodes.append(node)
        assert at == len(edges)

    def of(self, mem: MemoryManager, ptr: int) -> dict[str, Any]:
        base = int(mem.memory.__array_interface__["data"][0])
        heap = next(i for i, h in enumerate(self.head["heaps"]) if h and int(h["base"], 16) == base)
        return next(n for n in self.nodes[1:] if n["heap"] == heap and n["offset"] == ptr)


def test_containers(mem: MemoryManager, tmp_path: pathlib.Path) -> None:
    text = mem.alloc_string("hello")
    items, names = mem.alloc_list(), mem.alloc_dict()
    mem.list_append_ptr(items, text)
    mem.dict_set(names, "key", items)
    mem.dump(tmp_path / "a.heapsnapshot")
    dump = Dump(tmp_path / "a.heapsnapshot")
    found = dump.of(mem, items)
    assert found["name"] == "list" and found["count"] == 2
    (table,) = (dump.nodes[i] for i in found["to"])
    assert dump.of(mem, text) in [dump.nodes[i] for i in table["to"]]
    assert dump.of(mem, text)["count"] == 2 and dump.of(mem, names)["name"] == "dict"
    assert os.listdir(tmp_path) == ["a.heapsnapshot"]


def test_what_was_written_over(tmp_path: pathlib.Path) -> None:
    """Any word in a header: the dump is written, and is one."""
    mem = MemoryManager(checked=False)
    for meta in (0xFFFFFFFF, 0xE0000000, 0xC0000001, 0xA00FFFFF, 0x8000FFFF, 0x7FFFFFFF):
        ptr = mem.alloc(48)
        mem.memory[ptr - 4 : ptr] = list(meta.to_bytes(4, "little"))
        mem.memory[ptr - 16 : ptr - 8] = [255] * 8
        mem.dump(tmp_path / "over")
        Dump(tmp_path / "over")


def test_errors(tmp_path: pathlib.Path) -> None:
    mem = MemoryManager()
    kept = tmp_path / "kept"
    kept.write_text("old")
    with pytest.raises(IsADirectoryError) as error:
        mem.dump(tmp_path)
    assert error.value.filename == tmp_path
    with pytest.raises(FileNotFoundError):
        mem.dump(str(tmp_path / "none" / "file"))
    with pytest.raises(OSError, match="too long"):
        mem.dump("x" * 5000)
    for wrong in (None, 1.5, [], b"a\0b", "a\0b"):
        with pytest.raises((TypeError, ValueError)):
            mem.dump(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        mem.dump()  # type: ignore[call-arg]
    assert kept.read_text() == "old" and os.listdir(tmp_path) == ["kept"]
    mem.close()
    with pytest.raises(HeapError, match="closed"):
        mem.dump(kept)


def test_while_others_allocate(mem: MemoryManager, tmp_path: pathlib.Path) -> None:
    stop = threading.Event()

    def work() -> None:
        other = MemoryManager()
        while not stop.is_set():
            other.decref(other.alloc(40))
        other.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    ptr = mem.alloc(8)
    for _ in range(5):
        mem.dump(tmp_path / "live")
        assert Dump(tmp_path / "live").of(mem, ptr)["count"] == 1
    stop.set()
    for thread in threads:
        thread.join()
    mem.decref(ptr)
