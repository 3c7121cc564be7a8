"""cairn_gdb.py - What lies in Cairn's heaps, for GDB: on a stopped process or a core.

Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

    (gdb) source cairn_gdb.py
    (gdb) cairn heap                 every heap: what is live, by type
    (gdb) cairn find EXPRESSION      what an address is: an object with type, tag, count and
                                     fields, a block, a free slot, a free run, or nothing of ours
    (gdb) cairn holders EXPRESSION   which live objects, blocks and variables hold an object

The process is only read: nothing is called in it. The runtime must have its debug information,
from which the layout of its records is taken. A heap whose thread was stopped in the middle of
a change may show a slot as live that is on its way.
"""

import bisect
import struct

import gdb

WORD = 8


def number(expression):
    return int(gdb.parse_and_eval(expression))


class Memory:
    """The process's memory, in parts that were read once."""

    PART = 1 << 16

    def __init__(self):
        self.parts = {}

    def bytes(self, at, n):
        found = b""
        while n > 0:
            first = at // self.PART * self.PART
            part = self.parts.get(first)
            if part is None:
                try:
                    part = bytes(gdb.selected_inferior().read_memory(first, self.PART))
                except gdb.MemoryError:
                    part = b""
                self.parts[first] = part
            if not part:  # its neighbours are not readable, or it is not
                return found + bytes(gdb.selected_inferior().read_memory(at, n))
            piece = part[at - first:at - first + n]
            found, at, n = found + piece, at + len(piece), n - len(piece)
        return found

    def word(self, at):
        return struct.unpack("<Q", self.bytes(at, WORD))[0]

    def u32(self, at):
        return struct.unpack("<I", self.bytes(at, 4))[0]

    def i32(self, at):
        return struct.unpack("<i", self.bytes(at, 4))[0]


class Layout:
    """Offsets and widths of a structure's members, from the debug information."""

    def __init__(self, name):
        kind = gdb.lookup_type(name)
        self.size = kind.sizeof
        self.members = {f.name: (f.bitpos, f.bitsize or f.type.sizeof * 8)
                        for f in kind.fields() if hasattr(f, "bitpos")}

    def get(self, record, name):
        at, width = self.members[name]
        return int.from_bytes(record, "little") >> at & ((1 << width) - 1)

    def offset(self, name):
        return self.members[name][0] // 8


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
    def __init__(self):
        self.memory = Memory()
        try:
            self.slab, self.shared = Layout("cairn::Slab"), Layout("cairn::Shared")
            self.node, self.run = Layout("cairn::Space::Node"), Layout("cairn::Run")
            self.stack = Layout("cairn::SlotStack")
            self.table = number("cairn_rt_table")
            global RAW, OBJECT, BYTES, HEADER, PREFIX, BYTE_ARRAY_REF, ARRAY_MARK
            RAW, OBJECT, BYTES = (number(f"(int)cairn::{name}")
                                  for name in ("kRaw", "kObject", "kByteArray"))
            HEADER, PREFIX = number("cairn::kHeaderSize"), number("cairn::kArrayPrefix")
            BYTE_ARRAY_REF = number("cairn::kByteArrayRef")
            ARRAY_MARK = number("cairn::kArrayMark")
            self.constant = {name: number(f"cairn::{name}") for name in (
                "kSlabShift", "kClasses", "kGranuleShift", "kMetaTyped", "kMetaRegistered",
                "kMetaArray", "kMetaTagShift", "kMetaShapeMask", "kMetaElemShift", "kStickyBand",
                "kImmortal", "kMetaElemWords")}
        except (gdb.error, RuntimeError) as error:
            raise gdb.GdbError(f"no Cairn with debug information in this process: {error}")
        self.types = {}
        self.heaps = []
        scope = "cairn::(anonymous namespace)::"
        made = number(f"'{scope}heapsMade'")
        for i in range(made):
            heap = gdb.parse_and_eval(f"'{scope}heaps'[{i}]")
            if int(heap):
                self.heaps.append(Heap(self, heap.dereference()))

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
                    entry = gdb.parse_and_eval(
                        f"'cairn::(anonymous namespace)::entries'[{index}].type").dereference()
                    name = entry["name"]
                    self.types[index] = (name.string() if int(name) else f"type {index}", entry)
                except (gdb.error, UnicodeDecodeError):
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
            stride = int(entry["size"])
            offsets = [int(entry["fields"][i]) for i in range(int(entry["field_count"]))]
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
        self.base, self.size = int(value["base"]), int(value["size"])
        self.coarse = bool(value["coarse"])
        name = value["name"]
        self.name = name.string() if int(name) else "unnamed"
        get = process.constant
        space, node = value["space"], process.node
        made = int(space["NodesMade"])
        raw = process.memory.bytes(int(space["Nodes"]), made * node.size)
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
            cache = self.value["caches"]
            while int(cache):
                stacks = cache["bins"]["stacks"]
                first, last = stacks.type.range()
                raw = self.process.memory.bytes(int(stacks.address),
                                                stacks.type.sizeof)
                for i in range(first, last + 1):
                    record = raw[i * self.process.stack.size:]
                    top = self.process.stack.get(record[:self.process.stack.size], "top")
                    while word := self.process.memory.word(top):
                        self.stacked.add(word)
                        top -= WORD
                cache = cache["nextInHeap"]
        return self.stacked

    def run_at(self, at):
        granule = (at - self.base) >> self.shift
        return self.runs[bisect.bisect_right(self.firsts, granule) - 1]

    def slab_at(self, at):
        """The record of the slab that the address lies in."""
        process = self.process
        if self.coarse:
            record = int(self.value["pages"]) + (at - self.base) // 4096 * process.slab.size
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


class CairnCommand(gdb.Command):
    """What lies in Cairn's heaps."""

    def __init__(self):
        super().__init__("cairn", gdb.COMMAND_DATA, prefix=True)


class HeapCommand(gdb.Command):
    """cairn heap: what is live in every heap, by type, the most bytes first."""

    def __init__(self):
        super().__init__("cairn heap", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        process = Process()
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


class FindCommand(gdb.Command):
    """cairn find EXPRESSION: what an address is; of an object, its fields as well."""

    def __init__(self):
        super().__init__("cairn find", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        if not argument:
            raise gdb.GdbError("cairn find EXPRESSION")
        at = int(gdb.parse_and_eval(argument)) & (1 << 64) - 1
        process = Process()
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


class HoldersCommand(gdb.Command):
    """cairn holders EXPRESSION: which objects, blocks and variables hold an object."""

    def __init__(self):
        super().__init__("cairn holders", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        if not argument:
            raise gdb.GdbError("cairn holders EXPRESSION")
        at = int(gdb.parse_and_eval(argument)) & (1 << 64) - 1
        process = Process()
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
        for name, address in self.variables(process, block.at):
            found += 1
            print(f"  {name} at {address:#x}")
        counted = f"; its count is {abs(block.count)}" if block.kind != RAW else ""
        print(f"{found} found{counted}")

    def variables(self, process, wanted):
        """Global variables, and the local ones of the selected thread's frames."""
        seen = set()
        for symtab in self.symtabs():
            for block in (symtab.global_block(), symtab.static_block()):
                for symbol in block:
                    yield from self.holds(symbol, None, wanted, seen, "variable")
        frame = gdb.newest_frame()
        while frame:
            try:
                block = frame.block()
            except RuntimeError:
                block = None
            while block and not block.is_global and not block.is_static:
                for symbol in block:
                    yield from self.holds(symbol, frame, wanted, seen,
                                          f"in {frame.name()}: variable")
                block = block.superblock
            frame = frame.older()

    @staticmethod
    def symtabs():
        found = []
        frame = gdb.newest_frame()
        while frame:
            symtab = frame.find_sal().symtab
            if symtab and symtab not in found:
                found.append(symtab)
            frame = frame.older()
        return found

    @staticmethod
    def holds(symbol, frame, wanted, seen, what):
        if not symbol.is_variable and not symbol.is_argument:
            return
        try:
            value = symbol.value(frame) if frame else symbol.value()
            if value.type.strip_typedefs().code != gdb.TYPE_CODE_PTR or int(value) != wanted:
                return
            address = int(value.address) if value.address else 0
        except (gdb.error, RuntimeError):
            return
        if (symbol.name, address) not in seen:
            seen.add((symbol.name, address))
            yield f"{what} {symbol.name}", address


CairnCommand()
HeapCommand()
FindCommand()
HoldersCommand()
