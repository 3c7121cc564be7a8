"""cairn_lldb.py - LLDB's commands for Cairn's heaps.

Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

    (lldb) command script import cairn_lldb.py
    (lldb) cairn heap                every heap: what is live, by type
    (lldb) cairn find EXPRESSION     what an address is: an object with type, tag, count and
                                     fields, a block, a free slot, a free run, or nothing of ours
    (lldb) cairn holders EXPRESSION  which live objects, blocks and variables hold an object

cairn_heaps.py, which lies beside this file, says what they do.
"""

import contextlib
import os
import sys

import lldb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cairn_heaps  # noqa: E402


class Debugger:
    """What cairn_heaps asks for."""

    def __init__(self, context):
        self.target, self.process = context.GetTarget(), context.GetProcess()
        self.thread, self.frame = context.GetThread(), context.GetFrame()
        if not self.process.IsValid():
            raise cairn_heaps.Error("there is no process")

    def read(self, at, n):
        error = lldb.SBError()
        found = self.process.ReadMemory(at, n, error)
        if not error.Success():  # a core leaves out what is in the program's file
            error.Clear()
            found = self.target.ReadMemory(self.target.ResolveLoadAddress(at), n, error)
        if not error.Success() or found is None or len(found) != n:
            raise cairn_heaps.Unreadable(f"no memory at {at:#x}")
        return bytes(found)

    def value(self, expression):
        options = lldb.SBExpressionOptions()
        options.SetAllowJIT(False)  # nothing is called in the process
        found = (self.frame if self.frame.IsValid() else self.target).EvaluateExpression(
            expression, options)
        if found.GetError().Fail():
            raise cairn_heaps.Error(found.GetError().GetCString())
        if found.GetType().IsArrayType():
            return found.GetLoadAddress()
        return found.GetValueAsUnsigned()

    def variable(self, name):
        found = self.target.FindFirstGlobalVariable(name)
        if not found.IsValid():
            # Names of unnamed namespaces are looked up without them.
            last = name.split("::")[-1]
            found = next((one for one in self.target.FindGlobalVariables(last, 100)
                          if one.GetName() in (name, "::" + name)), None)
        if not found:
            raise cairn_heaps.Error(f"no variable {name}")
        return found

    def constant(self, name):
        found = self.variable(name)
        error = lldb.SBError()
        signed = found.GetType().GetTypeFlags() & lldb.eTypeIsSigned
        number = found.GetValueAsSigned(error) if signed else found.GetValueAsUnsigned(error)
        if error.Fail():
            raise cairn_heaps.Error(f"{name}: {error.GetCString()}")
        return number

    def address(self, variable):
        found = self.variable(variable).GetLoadAddress()
        if found == lldb.LLDB_INVALID_ADDRESS:
            raise cairn_heaps.Error(f"{variable} has no address")
        return found

    def type(self, name):
        if name.startswith("*"):
            return self.variable(name[1:]).GetType().GetPointeeType().GetCanonicalType()
        found = self.target.FindFirstType(name)
        if not found.IsValid():
            last = name.split("::")[-1]
            found = next((one for one in self.target.FindTypes(last) if one.GetName() == name), None)
        if not found:
            raise cairn_heaps.Error(f"no type {name}")
        return found.GetCanonicalType()

    def enumerators(self, name):
        return {one.GetName(): one.GetValueAsUnsigned() for one in self.type(name).GetEnumMembers()}

    def layout(self, name):
        kind = self.type(name)
        fields = [kind.GetFieldAtIndex(i) for i in range(kind.GetNumberOfFields())]
        return kind.GetByteSize(), {
            field.GetName(): (field.GetOffsetInBits(),
                              field.GetBitfieldSizeInBits() if field.IsBitfield()
                              else field.GetType().GetByteSize() * 8) for field in fields}

    def variables(self, wanted):
        """Global variables, and the local ones of the selected thread's frames."""
        seen = set()

        def holds(values, what):
            for value in values:
                if not value.GetType().GetCanonicalType().IsPointerType():
                    continue
                if value.GetError().Fail() or value.GetValueAsUnsigned() != wanted:
                    continue
                address = value.GetLoadAddress()
                address = 0 if address == lldb.LLDB_INVALID_ADDRESS else address
                name = value.GetName().removeprefix("::")
                if (name, address) not in seen:
                    seen.add((name, address))
                    yield f"{what} {name}", address

        frames = list(self.thread) if self.thread.IsValid() else []
        for frame in frames:
            yield from holds(frame.GetVariables(False, False, True, False), "variable")
        for frame in frames:
            yield from holds(frame.GetVariables(True, True, False, True),
                             f"in {frame.GetFunctionName()}: variable")


def run(show, context, result, *arguments):
    """The result is printed by LLDB, which knows where to."""
    class Printer:
        def write(self, text):
            result.PutCString(text.rstrip("\n")) if text.strip("\n") else None

        def flush(self):
            pass

    try:
        with contextlib.redirect_stdout(Printer()):
            show(Debugger(context), *arguments)
    except (cairn_heaps.Error, cairn_heaps.Unreadable) as error:
        result.SetError(str(error))


def heap(debugger, command, context, result, state):
    """What is live in every heap, by type, the most bytes first."""
    run(cairn_heaps.show_heaps, context, result)


def find(debugger, command, context, result, state):
    """What an address is; of an object, its fields as well."""
    run(cairn_heaps.show_address, context, result, command)


def holders(debugger, command, context, result, state):
    """Which objects, blocks and variables hold an object."""
    run(cairn_heaps.show_holders, context, result, command)


def __lldb_init_module(debugger, state):
    debugger.HandleCommand("command container add --help \"What lies in Cairn's heaps.\" cairn")
    for name in ("heap", "find", "holders"):
        debugger.HandleCommand(f"command script add -f cairn_lldb.{name} cairn {name}")
