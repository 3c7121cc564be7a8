#!/usr/bin/env python3
# managed_peers.py - The five programs with managed references, beside other languages.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""managed_peers.py [--build BUILD] [--check] [--rounds N] [--forms F,...] [--json FILE] [PROGRAM...]

Each program of tools/bench/managed (cairn build -O2), beside the same program of tools/bench/peers:
limit     C with counts and reuse written by hand on the same heap (cairn build -O3)
C++       counts in the objects, and a change in place where there is one owner, over mimalloc
OCaml     ocamlopt, whose collector moves objects and has two generations
GHC       ghc -O2, likewise, with strict fields
What is not installed is left out, and the program says how to get it: tools/bench/peers/run
installs all. Debian has no package of Koka or of Lean, so they are not here.

Prints processor time and peak resident memory as multiples of the limit's: the median of the
rounds, in which all forms run in turn; then Cairn's part of each peer's. Each run must print what
tools/bench/managed/expected says. Wanted: at most 1.10 of the limit's time for each program.

--check only runs all forms at the small size, and compares what they print.
"""

import argparse
import glob
import json
import math
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
from statistics import fmean, median

from common import captioned, fail, progress, row, run

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE / "peers"
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
# cfold goes down a chain of a million links, in every form but GHC's by recursion on this stack.
STACK = 4 << 30


def expected():
    """By program: sizes and what they print, the small one first."""
    found = {}
    for line in (HERE / "managed" / "expected").read_text().splitlines():
        name, size, output = line.split(" ", 2)
        found.setdefault(name, []).append((size, output.replace("|", "\n") + "\n"))
    return found


def mimalloc():
    found = sorted(glob.glob("/usr/lib/*/libmimalloc.so.2*"))
    return found[0] if found else ""


class Builder:
    """Makes a program's forms, each once, in a directory."""

    def __init__(self, build, out):
        self.cairn = f"{build}/bin/cairn"
        self.clangxx = f"{os.path.realpath(f'{build}/llvm')}/clang++"
        self.out = pathlib.Path(out)

    def path(self, form, name):
        return str(self.out / form / name)

    def copy(self, form, folder, suffix):
        """The compiler puts what it makes beside the sources: they get a folder of their own."""
        where = self.out / form / "sources"
        if not where.exists():
            shutil.copytree(PEERS / folder, where, ignore=lambda _, all: [f for f in all if not f.endswith(suffix)])
        return where

    def build(self, form, name):
        (self.out / form).mkdir(exist_ok=True)
        target = self.path(form, name)
        if form == "limit":
            run([self.cairn, "build", "-O3", "-std=c11", *WARNINGS, str(PEERS / "limit" / f"{name}.c"), "-o", target])
        elif form == "cairn":
            run([self.cairn, "build", "-O2", "-std=c11", *WARNINGS, str(HERE / "managed" / f"{name}.c"), "-o", target])
        elif form == "C++":
            run([self.clangxx, "-O3", "-std=c++17", *WARNINGS, str(PEERS / "cpp" / f"{name}.cpp"), "-o", target])
        elif form == "OCaml":
            where = self.copy(form, "ocaml", ".ml")
            shared = ["size.ml", *(["redblack.ml"] if name.startswith("rbtree") else [])]
            run(["ocamlopt", "-O3", "-unsafe", "-inline", "200", *shared, f"{name.replace('-', '_')}.ml", "-o", target],
                cwd=where)
        else:
            where = self.copy(form, "haskell", ".hs")
            module = "".join(part.capitalize() for part in name.split("-"))
            run(["ghc", "-v0", "-O2", f"-i{where}", "-outputdir", f"{target}.objects", str(where / f"{module}.hs"), "-o",
                 target])


# What a form needs beside Cairn's build: whether it is there, and Debian's package.
FORMS = {"limit": None, "cairn": None, "C++": (mimalloc, "libmimalloc2.0"),
         "OCaml": (lambda: shutil.which("ocamlopt"), "ocaml-nox"), "GHC": (lambda: shutil.which("ghc"), "ghc")}


def installed(forms):
    there = []
    for form in forms:
        needs = FORMS[form]
        if needs is None or needs[0]():
            there.append(form)
        else:
            print(f"{form} is left out: {needs[1]} is not installed (apt-get install {needs[1]}, or "
                  "tools/bench/peers/run)", file=sys.stderr)
    return there


def allow_stack():
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    size = STACK if hard == resource.RLIM_INFINITY else min(hard, STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (size, hard))


def measure(builder, build, form, name, size, wanted):
    """Seconds of the processor, MiB at the peak."""
    figures = builder.out / "figures"
    command = [f"{build}/bin/cairn-malloc-measure", str(figures), mimalloc() if form == "C++" else "",
               builder.path(form, name), size]
    done = subprocess.run(command, capture_output=True, text=True)
    compare(form, name, size, done, wanted)
    processor, _, peak = figures.read_text().split()
    return float(processor), float(peak) / 1024


def compare(form, name, size, done, wanted):
    if done.returncode or done.stdout != wanted:
        fail(f"{name} {size}, {form}: status {done.returncode}, prints\n{done.stdout}{done.stderr}instead of\n{wanted}")


def check(builder, forms, programs):
    for name, sizes in programs.items():
        size, wanted = sizes[0]
        for form in forms:
            builder.build(form, name)
            done = subprocess.run([builder.path(form, name), size], capture_output=True, text=True)
            compare(form, name, size, done, wanted)
        print(f"{name} {size}: {', '.join(forms)}")


def mean(values):
    return math.exp(fmean(map(math.log, values)))


def multiples(title, what, results, forms, index):
    """A row for each program: the limit's figure, and the others as multiples of it."""
    digits = 2 if index == 0 else 1
    captioned(title, [f"limit, {what}", *forms[1:]])
    ratios = {form: [] for form in forms[1:]}
    for name, samples in results.items():
        of = [sample[index] for sample in samples["limit"]]
        for form in ratios:
            ratios[form].append(median(s[index] / o for s, o in zip(samples[form], of)))
        row(name, [f"{median(of):.{digits}f}", *(f"{ratios[form][-1]:.2f}" for form in ratios)])
    row("geometric mean", ["", *(f"{mean(ratios[form]):.2f}" for form in ratios)])


def parts(results, peers):
    """Cairn's time, and its peak, as a part of each peer's."""
    captioned("Cairn's part of each peer's time · peak:", peers)
    ratios = {peer: ([], []) for peer in peers}
    for name, samples in results.items():
        for peer in peers:
            for index in (0, 1):
                ratios[peer][index].append(median(c[index] / p[index]
                                                  for c, p in zip(samples["cairn"], samples[peer])))
        row(name, [f"{ratios[peer][0][-1]:.2f} · {ratios[peer][1][-1]:.2f}" for peer in peers])
    row("geometric mean", [f"{mean(ratios[peer][0]):.2f} · {mean(ratios[peer][1]):.2f}" for peer in peers])


def table(builder, build, forms, programs, rounds):
    results = {}
    for name, sizes in programs.items():
        size, wanted = sizes[-1]
        for form in forms:
            progress(f"{name}: building for {form}")
            builder.build(form, name)
        samples = {form: [] for form in forms}
        for at in range(rounds):
            for form in forms:
                progress(f"{name}: round {at + 1} of {rounds}, {form}")
                samples[form].append(measure(builder, build, form, name, size, wanted))
        results[f"{name} {size}"] = samples
    multiples("Processor time, as multiples of the limit's:", "s", results, forms, 0)
    multiples("Peak resident memory, as multiples of the limit's:", "MiB", results, forms, 1)
    if forms[2:]:
        parts(results, forms[2:])
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--forms", default=",".join(FORMS), help="some of the peers, separated by commas")
    parser.add_argument("--json")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM")
    options = parser.parse_args()
    if options.rounds < 1:
        fail(f"--rounds {options.rounds}: wanted 1 or more")
    known, forms = expected(), options.forms.split(",")
    for what, name, names in [*(("form", f, FORMS) for f in forms), *(("program", p, known) for p in options.programs)]:
        if name not in names:
            fail(f"there is no {what} {name}; there are {', '.join(names)}")
    for program in ("cairn", *([] if options.check else ["cairn-malloc-measure"])):
        if not os.path.exists(f"{options.build}/bin/{program}"):
            fail(f"--build {options.build}: there is no bin/{program} in it")
    programs = {name: known[name] for name in options.programs or known}
    allow_stack()
    # The limit and Cairn are what the others are compared with.
    forms = installed([form for form in FORMS if form in ("limit", "cairn") or form in forms])
    with tempfile.TemporaryDirectory(prefix="cairn-peers-") as out:
        builder = Builder(options.build, out)
        if options.check:
            check(builder, forms, programs)
            return 0
        results = table(builder, options.build, forms, programs, options.rounds)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
