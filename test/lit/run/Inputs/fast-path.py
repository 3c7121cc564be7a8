# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the instructions of functions in a program and in a jitdump of it.

fast-path.py PROGRAM JITDUMP FUNCTION...

All mnemonics and the registers and constants of each instruction must be the same, but
for addresses and the offset of the thread's view.
"""

import re
import struct
import subprocess
import sys


def lines(text):
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if line and not line.endswith(":") and not line.startswith("."):
            yield re.sub(r"\s+", " ", line)


def normal(instructions):
    """Without addresses, and without what fills the space between functions."""
    all = []
    for text in instructions:
        mnemonic, _, operands = text.partition(" ")
        if mnemonic.startswith("nop"):
            continue
        if re.match(r"j|call", mnemonic):
            operands = ""
        operands = re.sub(r"-?(0x[0-9a-f]+|\d+)\(%rip\)", "(%rip)", operands)
        operands = re.sub(r"-?0x[0-9a-f]+|-?\b\d+\b", lambda n: str(int(n[0], 0)), operands)
        operands = re.sub(r"^%fs:-\d+, ", "%fs:VIEW, ", operands)
        all.append(f"{mnemonic} {operands}".strip())
    return all


def of_program(program, function):
    text = subprocess.run(
        ["llvm-objdump", "-d", "--no-show-raw-insn", "--no-leading-addr",
         f"--disassemble-symbols={function}", program],
        check=True, capture_output=True, text=True).stdout
    return normal(x for x in lines(text) if "file format" not in x and "Disassembly" not in x)


def of_dump(data, function):
    at = struct.unpack_from("<I", data, 8)[0]
    while at < len(data):
        kind, length, _ = struct.unpack_from("<IIQ", data, at)
        end = data.index(b"\0", at + 56)
        if kind == 0 and data[at + 56 : end].decode() == function:
            size = struct.unpack_from("<Q", data, at + 40)[0]
            code = " ".join(map(hex, data[end + 1 : end + 1 + size]))
            text = subprocess.run(["llvm-mc", "--disassemble", "--triple=x86_64"], check=True,
                                  input=code, capture_output=True, text=True).stdout
            return normal(lines(text))
        at += length
    sys.exit(f"{function} is not in the dump")


program, dump, functions = sys.argv[1], open(sys.argv[2], "rb").read(), sys.argv[3:]
for function in functions:
    ahead, just = of_program(program, function), of_dump(dump, function)
    if ahead != just or not ahead:
        sys.exit(f"{function} differs\n\nprogram:\n" + "\n".join(ahead) + "\n\nJIT:\n" + "\n".join(just))
    print(f"{function}: {len(just)} instructions")
