"""cairn_heaps.py - What lies in Cairn's heaps, for a debugger: on a stopped process or a core.

Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

cairn_gdb.py and cairn_lldb.py make commands of what is here. What a debugger is asked for is a
`debugger` with

    read(at, n)          n bytes of the process's memory; raises Unreadable
    constant(name)       the value of a constant of the runtime's, "cairn::kSlabShift"
    enumerators(type)    {name: value}
    layout(type)         (bytes, {member: (bit, bits)}); of *variable, what that points to
    address(variable)    where a global variable of the runtime's lies
    value(expression)    what the user's expression is, as a number
    variables(wanted)    (name, address) of each variable that holds this word

and raises Error, as everything here does. The process is only read: nothing is called in it. The
runtime must have its debug information, from which the layout of its records is taken. A heap
whose thread was stopped in the middle of a change may show a slot as live that is on its way.
"""

import bisect
import struct

WORD = 8


class Error(Exception):
    """What the user is told."""


class Unreadable(Exception):
    """There is no memory at an address."""


class Memory:
    """The process's memory, in parts that were read once."""

    PART = 1 << 16

    def __init__(self, debugger):
        self.read = debugger.read
        self.parts = {}

    def bytes(self, at, n):
        found = b""
        while n > 0:
            first = at // self.PART * self.PART
            part = self.parts.get(first)
            if part is None:
                try:
                    part = self.read(first, self.PART)
                except Unreadable:
                    part = b""
                self.parts[first] = part
            if not part:  # its neighbours are not readable, or it is not
                return found + self.read(at, n)
            piece = part[at - first:at - first + n]
            found, at, n = found + piece, at + len(piece), n - len(piece)
        return found

    def word(self, at):
        return struct.unpack("<Q", self.bytes(at, WORD))[0]

    def u32(self, at):
        return struct.unpack("<I", self.bytes(at, 4))[0]

    def i32(self, at):
        return struct.unpack("<i", self.bytes(at, 4))[0]

    def text(self, at):
        """A string of C's, or None for null."""
        if not at:
            return None
        found = b""
        while b"\0" not in found and len(found) < 1024:
            found += self.bytes(at + len(found), 1)
        return found.rstrip(b"\0").decode("utf-8", "replace")


class Layout:
    """Offsets and widths of a structure's members, from the debug information."""

    def __init__(self, debugger, name):
        self.size, self.members = debugger.layout(name)

    def get(self, record, name):
        at, width = self.members[name]
        return int.from_bytes(record, "little") >> at & ((1 << width) - 1)

    def offset(self, name):
        return self.members[name][0] // 8

    def bytes_of(self, name):
        return self.members[name][1] // 8


class Record:
    """A structure in the process's memory."""

    def __init__(self, memory, layout, at):
        self.layout, self.at = layout, at
        self.raw = memory.bytes(at, layout.size)

    def __getitem__(self, name):
        return self.layout.get(self.raw, name)


class Block:
    """A live object or block, or a free slot: `at` is what a program holds of it."""

    def __init__(self, heap, slot, size, kind, live, memory):
        self.heap, self.slot, self.size, self.kind, self.live = heap, slot, size, kind, live
        self.at, self.meta, self.count = slot, 0, 0
        if kind == RAW:
            return
        self.at = slot + (BYTE_ARRAY_REF if kind == BYTES else HEADER)
        if kind == OBJECT and size >= PREFIX and memory.u32(slot + 4) == ARRAY_MARK:
            self.at = slot + PREFIX
        self.meta = memory.u32(self.at - 4)
        self.count = memory.i32(self.at - 8)
        self.live = live and self.count != 0


class Process:
    def __init__(self, debugger):
        self.debugger = debugger
        self.memory = Memory(debugger)
        layout = lambda name: Layout(debugger, name)
        constant = lambda name: debugger.constant("cairn::" + name)
        inside = "cairn::(anonymous namespace)::"
        try:
            self.slab, self.shared = layout("cairn::Slab"), layout("cairn::Shared")
            self.node, self.run = layout("cairn::Space::Node"), layout("cairn::Run")
            self.stack, self.heap = layout("cairn::SlotStack"), layout("cairn::Heap")
            self.space, self.cache = layout("cairn::Space"), layout("cairn::Cache")
            self.sampler = layout("cairn::SampledCache")
            self.bins, self.type = layout("cairn::Bins"), layout("cairn_type")
            self.entry = layout(f"*{inside}registry")
            self.table = self.memory.word(debugger.address("cairn_rt_table"))
            global RAW, OBJECT, BYTES, HEADER, PREFIX, BYTE_ARRAY_REF, ARRAY_MARK
            kinds = debugger.enumerators("cairn::Kind")
            RAW, OBJECT, BYTES = (kinds[name] for name in ("kRaw", "kObject", "kByteArray"))
            HEADER, PREFIX = constant("kHeaderSize"), constant("kArrayPrefix")
            BYTE_ARRAY_REF, ARRAY_MARK = constant("kByteArrayRef"), constant("kArrayMark")
            self.constant = {name: constant(name) for name in (
                "kSlabShift", "kClasses", "kGranuleShift", "kMetaTyped", "kMetaRegistered",
                "kMetaArray", "kMetaTagShift", "kMetaShapeMask", "kMetaElemShift", "kStickyBand",
                "kImmortal", "kMetaElemWords")}
            made = self.memory.u32(debugger.address(inside + "heapsMade"))
            heaps = self.memory.word(debugger.address(inside + "heaps"))
            self.entries = self.memory.word(debugger.address(inside + "registry"))
        except (Error, Unreadable, KeyError) as error:
            raise Error(f"no Cairn with debug information in this process: {error}")
        self.types = {}
        self.heaps = []
        for i in range(made):
            at = self.memory.word(heaps + i * WORD)
            if at:
                self.heaps.append(Heap(self, Record(self.memory, self.heap, at)))

    def heap_of(self, at):
        return next((h for h in self.heaps if h.base <= at < h.base + h.size), None)

    def kind_of_meta(self, meta):
        """(what the type is called, its cairn_type or None)"""
        get = self.constant
        if not meta & get["kMetaTyped"]:
            return "bytes", None
        array = " array" if meta & get["kMetaArray"] else ""
        if meta & get["kMetaRegistered"]:
            index = (meta & 0xffff) | (meta >> 24 & 0x1f) << 16
            if index not in self.types:
                try:
                    entry = Record(self.memory, self.entry, self.entries + index * self.entry.size)
                    found = Record(self.memory, self.type, entry["type"])
                    name = self.memory.text(found["name"]) or f"type {index}"
                    self.types[index] = (name, found)
                except Unreadable:
                    self.types[index] = (f"type {index}", None)
            name, entry = self.types[index]
            return name + array, entry
        bits = meta & get["kMetaShapeMask"]
        if array:
            bits &= (1 << get["kMetaElemWords"]) - 1
        words = ",".join(str(i) for i in range(16) if bits >> i & 1)
        return (f"object{array} with references in words {words}" if words
                else f"object{array} without references"), None

    def tag(self, meta):
        return meta >> self.constant["kMetaTagShift"] & 0xff

    def length(self, block):
        """Of an array: elements."""
        return self.memory.u32(block.at - 16)

    def fields(self, block):
        """(offset from the reference, word) of each managed word."""
        get, meta = self.constant, block.meta
        if block.kind == RAW or not meta & get["kMetaTyped"]:
            return
        array = bool(meta & get["kMetaArray"])
        elements = self.length(block) if array else 1
        if meta & get["kMetaRegistered"]:
            _, entry = self.kind_of_meta(meta)
            if entry is None:
                return
            stride = entry["size"]
            offsets = [self.memory.u32(entry["fields"] + 4 * i)
                       for i in range(entry["field_count"])]
        elif array:
            stride = (meta & get["kMetaShapeMask"]) >> get["kMetaElemShift"]
            offsets = [i * WORD for i in range(get["kMetaElemWords"]) if meta >> i & 1]
            stride *= WORD
        else:
            stride = 0
            offsets = [i * WORD for i in range(16) if meta >> i & 1]
        room = block.slot + block.size - block.at
        for element in range(elements if offsets else 0):
            for offset in offsets:
                at = element * stride + offset
                if at + WORD > room:
                    return
                yield at, self.memory.word(block.at + at)

    def count(self, n):
        if n >= 0:
            return f"count {n}"
        if n > self.constant["kStickyBand"]:
            return f"count {-n}, shared"
        return "immortal" if n == self.constant["kImmortal"] else "sticky"

    def describe(self, block):
        if block.kind == RAW:
            return f"block of {block.size} bytes"
        name, _ = self.kind_of_meta(block.meta)
        get = self.constant
        if not block.meta & get["kMetaTyped"]:
            name = f"bytes, {block.meta} long"
        elif block.meta & get["kMetaArray"]:
            name += f", {self.length(block)} long"
        return f"{name}, tag {self.tag(block.meta)}, {self.count(block.count)}"


class Heap:
    def __init__(self, process, value):
        self.process, self.value = process, value
        self.base, self.size = value["base"], value["size"]
        self.coarse = bool(value["coarse"])
        self.name = process.memory.text(value["name"]) or "unnamed"
        get = process.constant
        space = Record(process.memory, process.space, value.at + process.heap.offset("space"))
        node, made = process.node, space["NodesMade"]
        raw = process.memory.bytes(space["Nodes"], made * node.size)
        self.runs = []  # (first granule, granules, used, kind, slab)
        at = 0
        while True:  # node 0 is the first in the region
            record = raw[at * node.size:(at + 1) * node.size]
            run = record[node.offset("run"):][:process.run.size]
            self.runs.append(tuple([node.get(record, "first")] + [
                process.run.get(run, f) for f in ("length", "used", "kind", "slab")]))
            at = node.get(record, "right")
            if not at or len(self.runs) > made:
                break
        self.firsts = [run[0] for run in self.runs]
        self.shift = get["kGranuleShift"]
        self.stacked = None

    def on_stacks(self):
        """Free slots that threads have on their stacks."""
        if self.stacked is None:
            self.stacked = set()
            process, cache = self.process, self.value["caches"]
            while cache:
                bins = process.memory.word(cache + process.cache.offset("bins"))
                raw = process.memory.bytes(bins + process.bins.offset("stacks"), process.bins.bytes_of("stacks"))
                # A thread that is sampled has a second stack for what it frees.
                if sampler := process.memory.word(cache + process.cache.offset("sampler")):
                    raw += process.memory.bytes(sampler + process.sampler.offset("freed"),
                                                process.sampler.bytes_of("freed"))
                size = process.stack.size
                for i in range(len(raw) // size):
                    top = process.stack.get(raw[i * size:(i + 1) * size], "top")
                    while word := self.process.memory.word(top):
                        self.stacked.add(word)
                        top -= WORD
                cache = process.memory.word(cache + process.cache.offset("nextInHeap"))
        return self.stacked

    def run_at(self, at):
        granule = (at - self.base) >> self.shift
        return self.runs[bisect.bisect_right(self.firsts, granule) - 1]

    def slab_at(self, at):
        """The record of the slab that the address lies in."""
        process = self.process
        if self.coarse:
            record = self.value["pages"] + (at - self.base) // 4096 * process.slab.size
        else:
            record = process.table + (at >> process.constant["kSlabShift"]) * process.slab.size
        return process.memory.bytes(record, process.slab.size)

    def slots(self, record):
        """Each slot of a slab that was ever given out, as a Block."""
        process, memory = self.process, self.process.memory
        get = lambda name: process.slab.get(record, name)
        kind, size = get("bin") // process.constant["kClasses"], get("slotSize")
        first = get("base") + get("start")
        link = HEADER if kind == OBJECT else 4 if kind == BYTES else 0
        free = set()

        def follow(at):
            while at and at not in free and first <= at - link < first + get("slots") * size:
                free.add(at)
                at = memory.word(at)

        follow(get("free"))
        shared = memory.bytes(get("shared"), process.shared.size)
        remote = process.shared.get(shared, "remote")
        if remote & 0xffff:
            follow(first + ((remote & 0xffff) - 1) * size + link)
        stacked = self.on_stacks()
        for i in range(get("fresh")):
            slot = first + i * size
            live = slot + link not in free and slot + link not in stacked
            yield Block(self, slot, size, kind, live, memory)

    def blocks(self):
        """Every live object and block."""
        for first, length, used, kind, slab in self.runs:
            if not used or not first:
                continue
            at = self.base + (first << self.shift)
            if slab:
                for block in self.slots(self.slab_at(at)):
                    if block.live:
                        yield block
            elif kind in (RAW, OBJECT, BYTES):
                block = self.large(at, length, kind)
                if block.live:
                    yield block

    def large(self, at, length, kind):
        phase = 8 if kind == OBJECT else 4 if kind == BYTES else 0
        block = Block(self, at + phase, (length << self.shift) - phase, kind, True,
                      self.process.memory)
        block.live = kind == RAW or block.count != 0
        return block

    def block_at(self, at):
        """(the block that the address lies in or None, what is there else)"""
        first, length, used, kind, slab = self.run_at(at)
        if not used:
            return None, "free memory of the region"
        if not first:
            return None, "before the heap's first block"
        start = self.base + (first << self.shift)
        if not slab:
            return self.large(start, length, kind), None
        for block in self.slots(self.slab_at(start)):
            if block.slot <= at < block.slot + block.size:
                return block, None
        return None, "a slot that was never given out, or a slab's edge"


def find(process, at):
    """The block at an address, or None; says what it found."""
    heap = process.heap_of(at)
    if not heap:
        print(f"{at:#x} is in no Cairn heap")
        return None
    block, what = heap.block_at(at)
    if not block:
        print(f"{at:#x} is {what} (heap {heap.name})")
        return None
    where = f" + {at - block.at}" if at != block.at else ""
    if not block.live:
        print(f"{block.at:#x}{where}: a free slot of {block.size} bytes (heap {heap.name})")
        return None
    print(f"{block.at:#x}{where}: {process.describe(block)} (heap {heap.name})")
    return block


def show_heaps(debugger):
    """What is live in every heap, by type, the most bytes first."""
    process = Process(debugger)
    for heap in process.heaps:
        used = sum(run[1] for run in heap.runs if run[2] and run[0]) << heap.shift
        print(f"heap {heap.name} at {heap.base:#x}: {used} bytes in use, "
              f"{heap.size} in its region")
        rows = {}
        for block in heap.blocks():
            name = "block" if block.kind == RAW else process.kind_of_meta(block.meta)[0]
            row = rows.setdefault(name, [0, 0])
            row[0] += 1
            row[1] += block.size
        for name, (n, size) in sorted(rows.items(), key=lambda row: (-row[1][1], row[0])):
            print(f"  {n:9} {size:12} bytes  {name}")


def show_address(debugger, expression):
    """What an address is; of an object, its fields as well."""
    if not expression:
        raise Error("cairn find EXPRESSION")
    at = debugger.value(expression) & (1 << 64) - 1
    process = Process(debugger)
    block = find(process, at)
    for offset, word in process.fields(block) if block else ():
        if word & 1:
            what = f"immediate {word >> 1}"
        elif not word:
            what = "null"
        else:
            heap = process.heap_of(word)
            held = heap.block_at(word)[0] if heap else None
            what = f"{word:#x}: " + (process.describe(held) if held and held.live else
                                     "NO LIVE OBJECT")
        print(f"  + {offset}: {what}")


def show_holders(debugger, expression):
    """Which objects, blocks and variables hold an object."""
    if not expression:
        raise Error("cairn holders EXPRESSION")
    at = debugger.value(expression) & (1 << 64) - 1
    process = Process(debugger)
    block = find(process, at)
    if not block:
        return
    found = 0
    for heap in process.heaps:
        for holder in heap.blocks():
            if holder.kind != RAW:
                for offset, word in process.fields(holder):
                    if word == block.at:
                        found += 1
                        print(f"  {holder.at:#x} + {offset}: {process.describe(holder)}")
                continue
            words = process.memory.bytes(holder.at, holder.size // WORD * WORD)
            for i, (word,) in enumerate(struct.iter_unpack("<Q", words)):
                if word == block.at:
                    found += 1
                    print(f"  {holder.at:#x} + {i * WORD}: {process.describe(holder)} "
                          "(any word of it)")
    for name, address in debugger.variables(block.at):
        found += 1
        print(f"  {name} at {address:#x}")
    counted = f"; its count is {abs(block.count)}" if block.kind != RAW else ""
    print(f"{found} found{counted}")
