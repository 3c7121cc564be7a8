# counts.py - Counted objects beside std::shared_ptr.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rounds of Cairn's counts and of std::shared_ptr's in turn."""

from statistics import median

from common import heading, progress, row
from workers import compile_shared_ptr

# The workload, and the ratio that is wanted.
ROWS = {
    "new+drop": None,  # std::make_shared, and the end of it
    "incref+decref": 0.10,  # a copy, and the end of it
    "incref+decref, shared": 0.65,
    "shared, both threads": None,
}


def shared_ptr_table(workers, build, out, rounds, wanted):
    """Prints the table; the figures by row."""
    names = [name for name in ROWS if wanted(name)]
    if not names:
        return {}
    ours = [w for w in workers if w.name in ("cairn", "calls")]
    peer = compile_shared_ptr(build, out)
    heading("Beside std::shared_ptr, while a second thread is alive, ns",
            [w.name for w in ours] + [peer.name, "of std::shared_ptr", "wanted"])
    results = {}
    for name in names:
        figures = {w.name: [] for w in [*ours, peer]}
        for at in range(rounds):
            progress(f"{name}: round {at + 1} of {rounds}")
            for worker in [*ours, peer]:
                figures[worker.name].append(worker.figure(name))
        ratio = median(a / b for a, b in zip(figures["cairn"], figures[peer.name]))
        goal = ROWS[name]
        row(name, [f"{median(f):.2f}" for f in figures.values()] +
            [f"{ratio:.2f}", f"{goal:.2f}" if goal else "–"])
        results[name] = {n: median(f) for n, f in figures.items()}
        results[name].update({"ratio": ratio, "wanted": goal})
    peer.stop()
    return results
