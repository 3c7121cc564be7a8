#!/usr/bin/env python3
# managed_programs.py - Ten programs with managed references, beside counts that somebody wrote.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""python3 tools/bench/managed_programs.py [--check] [--rounds N] [BUILD] [PROGRAM...]

Each program of tools/bench/programs in four forms: managed references (cairn build -O2); the same
with counts where level O0 of the passes puts them, and the rest at -O2 ("naive"); C++ with
std::shared_ptr; and C++ with counts in the objects, moves and borrowed arguments written by hand
("by hand"). The last two run over mimalloc.

Prints increfs, decrefs and allocations that each of the first two executes, in millions, and the
time of the first as a ratio of each other's: the median of the rounds, in which all forms run in
turn. Wanted: at most 1.00 of what is written by hand.

--check runs all forms at the small size, and compares what they print.
"""

import argparse
import glob
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from statistics import median

from common import fail, heading, progress, row, run

SOURCES = pathlib.Path(__file__).resolve().parent / "programs"
# The programs, and a size at which each takes milliseconds.
PROGRAMS = {"avl": 2000, "treap": 50, "interpreter": 15, "normaliser": 8, "parser": 20, "rewriter": 10,
            "sort": 300, "unionfind": 1, "queue": 2000, "editor": 500}
WARNINGS = ["-Wall", "-Wextra", "-Werror"]


class Builder:
    """Makes a program's forms, each once, in a directory."""

    def __init__(self, build, out):
        self.cairn = f"{build}/bin/cairn"
        self.tools = os.path.realpath(f"{build}/llvm")
        self.plugin = f"{build}/lib/CairnPlugin.so"
        self.library = f"{build}/lib/libcairn.a"
        self.include = pathlib.Path(__file__).resolve().parents[2] / "runtime" / "include"
        self.out = out

    def path(self, name, form):
        return f"{self.out}/{name}-{form}"

    def managed(self, name, form="managed", *flags):
        run([self.cairn, "build", "-O2", "-std=c11", *WARNINGS, *flags, str(SOURCES / f"{name}.c"), "-o",
             self.path(name, form)])

    def naive(self, name, form="naive", lower="cairn-lower"):
        """The counts of level O0, then LLVM's -O2 without Cairn's passes, then the lowering."""
        base = self.path(name, form)
        run([f"{self.tools}/clang", "-O2", "-std=c11", "-Xclang", "-disable-llvm-passes", "-emit-llvm", "-c",
             "-isystem", str(self.include), str(SOURCES / f"{name}.c"), "-o", f"{base}.bc"])
        plugin = [f"--load-pass-plugin={self.plugin}"]
        opt = f"{self.tools}/opt"
        if form.endswith("ops"):  # what the plugin's option adds at the start of LLVM's pipeline
            pathlib.Path(f"{base}.flag.ll").write_text(
                '!llvm.module.flags = !{!0}\n!0 = !{i32 7, !"cairn-count-ops", i32 1}\n')
            run([f"{self.tools}/llvm-link", f"{base}.bc", f"{base}.flag.ll", "-o", f"{base}.bc"])
        run([opt, *plugin, "-passes=cairn-import,cairn-managed<O0>", f"{base}.bc", "-o", f"{base}.1.bc"])
        run([opt, "-passes=default<O2>", f"{base}.1.bc", "-o", f"{base}.2.bc"])
        run([opt, *plugin, f"-passes={lower}", f"{base}.2.bc", "-o", f"{base}.3.bc"])
        run([f"{self.tools}/clang", "-O2", "-Xclang", "-disable-llvm-passes", "-fuse-ld=lld", f"{base}.3.bc",
             self.library, "-pthread", "-o", base])

    def handles(self, name, form, kind):
        run([f"{self.tools}/clang++", "-x", "c++", "-std=c++17", "-O2", *WARNINGS, f"-DHANDLES={kind}",
             str(SOURCES / f"{name}.c"), "-o", self.path(name, form)])

    def all(self, name):
        self.managed(name)
        self.naive(name)
        self.handles(name, "shared_ptr", 1)
        self.handles(name, "by hand", 2)


FORMS = ["managed", "naive", "shared_ptr", "by hand"]


def mimalloc():
    found = sorted(glob.glob("/usr/lib/*/libmimalloc.so.2*"))
    return found[0] if found else ""


def environment(form):
    over = mimalloc() if form in ("shared_ptr", "by hand") else ""
    return dict(os.environ, LD_PRELOAD=over) if over else dict(os.environ)


def seconds(program, form):
    """The processor's time, as the user's program."""
    with open(os.devnull, "w") as sink:
        child = os.posix_spawn(program, [program], environment(form), file_actions=[(os.POSIX_SPAWN_DUP2, sink.fileno(), 1)])
        _, status, usage = os.wait4(child, 0)
    if status:
        fail(f"{program} ended with {status}")
    return usage.ru_utime + usage.ru_stime


def operations(program):
    """Increfs, decrefs and allocations of objects, in millions."""
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    total = re.search(r"^\s*(\d+)\s+(\d+)\s+\d+\s+(\d+)\s+\(all\)$", done.stderr, re.M)
    if not total:
        fail(f"{program} does not say what it counted")
    return [int(n) / 1e6 for n in total.groups()]


def check(builder, names):
    wrong = 0
    for name in names:
        builder.all(name)
        printed = {form: subprocess.run([builder.path(name, form), str(PROGRAMS[name])], capture_output=True,
                                        text=True) for form in FORMS}
        texts = {(p.stdout, p.returncode) for p in printed.values()}
        if len(texts) != 1 or texts.pop()[1]:
            wrong += 1
            print(f"{name}: the forms differ")
            for form, p in printed.items():
                print(f"  {form}: {p.stdout!r} {p.stderr!r} {p.returncode}")
        else:
            print(f"{name} {PROGRAMS[name]}: {printed['managed'].stdout.strip()}")
    return 1 if wrong else 0


def table(builder, names, rounds):
    if not mimalloc():
        fail("libmimalloc.so.2 is not installed")
    results = {}
    for name in names:
        progress(f"{name}: building")
        builder.all(name)
        builder.managed(name, "managed-ops", "--count-ops")
        builder.naive(name, "naive-ops")
        results[name] = {"ops": operations(builder.path(name, "managed-ops")),
                         "naive ops": operations(builder.path(name, "naive-ops"))}
    heading("Counts left, millions: increfs, decrefs, allocations",
            ["managed", "naive"])
    for name in names:
        row(name, [", ".join(f"{n:.1f}" for n in results[name][key]) for key in ("ops", "naive ops")])
    heading("Time: seconds, and as a ratio", ["managed", "of naive", "of shared_ptr", "of by hand", "wanted"])
    for name in names:
        times = {form: [] for form in FORMS}
        for at in range(rounds):
            progress(f"{name}: round {at + 1} of {rounds}")
            for form in FORMS:
                times[form].append(seconds(builder.path(name, form), form))
        results[name]["seconds"] = {form: median(t) for form, t in times.items()}
        ratios = [median(a / b for a, b in zip(times["managed"], times[form])) for form in FORMS[1:]]
        results[name]["ratios"] = ratios
        row(name, [f"{median(times['managed']):.2f}", *(f"{r:.2f}" for r in ratios), "1.00"])
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json")
    parser.add_argument("build", nargs="?", default="build")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM")
    options = parser.parse_args()
    for name in options.programs:
        if name not in PROGRAMS:
            fail(f"there is no program {name}; there are {', '.join(PROGRAMS)}")
    names = options.programs or list(PROGRAMS)
    with tempfile.TemporaryDirectory(prefix="cairn-programs-") as out:
        builder = Builder(options.build, out)
        if options.check:
            return check(builder, names)
        results = table(builder, names, options.rounds)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
