#!/usr/bin/env python3
"""debugger_test.py - Debuggers' commands for Cairn's heaps, on a stopped process and on its core.

Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

    debugger_test.py gdb|lldb DIRECTORY PROGRAM

DIRECTORY has cairn_gdb.py and the others. Both debuggers must print the same. Exits with 77
where there is no such debugger (CTest: skipped).
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile

COMMANDS = ("cairn heap", "cairn find a", "cairn find r", "cairn find array", "cairn find large + 70000",
            "cairn find gone", "cairn find bytes", "cairn find &cache", "cairn find (char *)a + 17",
            "cairn holders b", "cairn holders a")
NODE = r"object with references in words 0,1"
EXPECTED = (
    rf"heap default at 0x\w+: \d+ bytes in use",
    r" 2 +100200 bytes  block",
    rf" 2 +64 bytes  {NODE}",
    r" 1 +24 bytes  resource_type",
    r"heap second at",
    r" 1 +\d+ bytes  bytes\n",
    rf"0x\w+: {NODE}, tag 5, count 2 \(heap default\)\n  \+ 0: 0x\w+: {NODE}, tag 0, count 3, shared"
    rf"\n  \+ 8: null",
    rf"0x\w+: resource_type, tag 0, count 1 \(heap default\)\n  \+ 0: 0x\w+: {NODE}, tag 5, count 2",
    rf"0x\w+: object array with references in words 0, 3 long, tag 0, count 1 .*\n  \+ 0: null"
    rf"\n  \+ 8: 0x\w+: {NODE}, tag 0, count 3, shared\n  \+ 16: null",
    r"0x\w+ \+ 70000: block of 100096 bytes",
    r"0x\w+: a free slot of 104 bytes",
    r"0x\w+: bytes, 10 long, tag \d+, count 1 \(heap second\)",
    r"0x\w+ is in no Cairn heap",
    rf"0x\w+ \+ 17: {NODE}, tag 5",
    # holders b, then holders a
    rf"  0x\w+ \+ 0: {NODE}, tag 5, count 2\n  0x\w+ \+ 8: object array .*\n"
    r"  in main: variable b at 0x\w+\n3 found; its count is 3",
    r"  0x\w+ \+ 16: block of 104 bytes \(any word of it\)",
    r"  0x\w+ \+ 0: resource_type, tag 0, count 1",
    r"  in main: variable a at 0x\w+",
)


def words_of(debugger, program, directory, core):
    """The command line that shows all, of the process that it starts or of the core."""
    if os.path.basename(debugger) == "gdb":
        steps = [f"source {directory}/cairn_gdb.py", *([] if core else ["run"]),
                 "frame function main", *COMMANDS]
        return [debugger, "-nx", "-batch", *(word for step in steps for word in ("-ex", step)),
                program, *([core] if core else [])]
    # LLDB has no command that selects a function's frame.
    steps = [f"command script import {directory}/cairn_lldb.py", *([] if core else ["process launch"]),
             "script t = lldb.debugger.GetSelectedTarget().GetProcess().GetSelectedThread();"
             " t.SetSelectedFrame(next(f.idx for f in t if f.GetFunctionName() == 'main'))",
             *COMMANDS]
    # What comes after a process that stopped by a signal is given apart.
    return [debugger, "--no-lldbinit", "--batch", *(["-c", core] if core else []),
            *(word for step in steps for word in (("-o", step) if core or step == steps[0] or
                                                  step == "process launch" else ("-k", step))), program]


def main():
    kind, directory, program = sys.argv[1], *(os.path.abspath(path) for path in sys.argv[2:4])
    debugger = next(filter(None, map(shutil.which, [kind] if kind == "gdb" else [
        f"lldb-{n}" for n in range(22, 18, -1)] + ["lldb"])), None)
    if not debugger:
        print(f"{kind} is not installed")
        return 77
    failed = 0
    with tempfile.TemporaryDirectory() as place:
        def look(name):
            got = subprocess.run(words_of(debugger, program, directory, "core" if name == "core" else ""),
                                 cwd=place, text=True, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, timeout=300).stdout
            missing = [text for text in EXPECTED if not re.search(text, got)]
            if missing:
                print(f"{name}: not found: {missing} in\n{got}")
            return len(missing)

        failed += look("process")
        # What is reserved is in no core; what there is fits.
        most = 1 << 30
        subprocess.run([program], cwd=place, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_CORE, (most, most)), stderr=subprocess.DEVNULL)
        cores = [name for name in os.listdir(place) if name.startswith("core")]
        if cores:
            os.rename(os.path.join(place, cores[0]), os.path.join(place, "core"))
            failed += look("core")
        else:
            print("this system writes no core to the working directory: not looked at")
    print(f"{failed} missing")
    return 1 if failed else 0


sys.exit(main())
