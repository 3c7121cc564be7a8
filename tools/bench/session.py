# session.py - A JIT session's start, beside one without Cairn.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints what cairn-bench-jit --start measured."""

import json

from common import heading, progress, row, run

WANTED = 1.25


def session_table(build, wanted):
    """Prints the table; the figures by level."""
    if not wanted("session"):
        return {}
    progress("JIT sessions")
    lines = run([f"{build}/bin/cairn-bench-jit", "--start"]).splitlines()
    heading("A JIT session from nothing to the first call, ms of the processor",
            ["cairn", "LLJIT without Cairn", "ratio", "wanted"])
    results = {}
    for line in lines:
        figures = json.loads(line)
        level = f"-O{figures.pop('level')}"
        row(f"session {level}", [f"{figures['cairn']:.2f}", f"{figures['without']:.2f}",
                                 f"{figures['ratio']:.2f}", f"{WANTED:.2f}"])
        results[level] = {**figures, "wanted": WANTED}
    return results
