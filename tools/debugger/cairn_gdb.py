"""cairn_gdb.py - GDB's commands for Cairn's heaps.

Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

    (gdb) source cairn_gdb.py
    (gdb) cairn heap                 every heap: what is live, by type
    (gdb) cairn find EXPRESSION      what an address is: an object with type, tag, count and
                                     fields, a block, a free slot, a free run, or nothing of ours
    (gdb) cairn holders EXPRESSION   which live objects, blocks and variables hold an object

cairn_heaps.py, which lies beside this file, says what they do.
"""

import os
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cairn_heaps  # noqa: E402


class Debugger:
    """What cairn_heaps asks for."""

    def read(self, at, n):
        try:
            return bytes(gdb.selected_inferior().read_memory(at, n))
        except gdb.MemoryError as error:
            raise cairn_heaps.Unreadable(str(error))

    def value(self, expression):
        try:
            return int(gdb.parse_and_eval(expression))
        except gdb.error as error:
            raise cairn_heaps.Error(str(error))

    constant = value

    def address(self, variable):
        try:
            return int(gdb.parse_and_eval(f"&'{variable}'"))
        except gdb.error as error:
            raise cairn_heaps.Error(str(error))

    @staticmethod
    def type(name):
        try:
            if name.startswith("*"):
                return gdb.parse_and_eval(f"'{name[1:]}'").type.target().strip_typedefs()
            return gdb.lookup_type(name).strip_typedefs()
        except gdb.error as error:
            raise cairn_heaps.Error(str(error))

    def enumerators(self, name):
        return {f.name.split("::")[-1]: f.enumval for f in self.type(name).fields()}

    def layout(self, name):
        kind = self.type(name)
        return kind.sizeof, {f.name: (f.bitpos, f.bitsize or f.type.sizeof * 8)
                             for f in kind.fields() if hasattr(f, "bitpos")}

    def variables(self, wanted):
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


class CairnCommand(gdb.Command):
    """What lies in Cairn's heaps."""

    def __init__(self):
        super().__init__("cairn", gdb.COMMAND_DATA, prefix=True)


class Command(gdb.Command):
    def __init__(self, name, show, takes):
        self.__doc__ = f"cairn {name}: {show.__doc__}"
        super().__init__(f"cairn {name}", gdb.COMMAND_DATA,
                         gdb.COMPLETE_EXPRESSION if takes else gdb.COMPLETE_NONE)
        self.show, self.takes = show, takes

    def invoke(self, argument, from_tty):
        try:
            self.show(Debugger(), *([argument] if self.takes else []))
        except (cairn_heaps.Error, cairn_heaps.Unreadable) as error:
            raise gdb.GdbError(str(error))


CairnCommand()
Command("heap", cairn_heaps.show_heaps, False)
Command("find", cairn_heaps.show_address, True)
Command("holders", cairn_heaps.show_holders, True)
