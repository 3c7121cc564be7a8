# ===- pipelines.py - Passes in random orders over random managed programs -------=== #
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------=== #
"""Runs random programs through random pipelines of the passes that have names.

A pipeline takes a random subset of the passes, in a random order that docs/passes.md allows (STAGES
below is the same rule), with passes of LLVM between them. Where the certifier has rules, it looks at
what a pass has made. The program is then lowered and run, and must print the model's line.
"""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
import random
import re
import shutil
import time

import differential

FUNCTION_PASSES = {
    "cairn-keep", "cairn-header-first", "cairn-assertions", "cairn-pairs", "cairn-registers",
    "cairn-elide",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Stage:
    """Passes that may run in any order, any number of times, once the stage before is over."""

    passes: tuple[str, ...]
    certified: bool = False
    first: tuple[str, ...] = ()  # with these it begins
    llvm: tuple[str, ...] = ()


SIMPLE = (
    "function(mem2reg)", "function(sroa)", "function(early-cse)", "function(early-cse<memssa>)",
    "function(simplifycfg)", "function(instcombine<no-verify-fixpoint>)", "function(tailcallelim)", "cgscc(inline)",
)  # fmt: skip
# Once counts are there, LLVM may do what it likes, but put references back into variables (reg2mem).
ANY = SIMPLE + (
    "function(gvn)", "function(dse)", "function(loop-mssa(licm))", "function(loop-simplify,lcssa,loop-rotate)",
    "function(jump-threading)", "function(mldst-motion)", "function(correlated-propagation)", "function(reassociate)",
    "function(adce)", "function(simplifycfg<hoist-common-insts;sink-common-insts>)", "function(slp-vectorizer)",
    "cgscc(function-attrs)", "cgscc(argpromotion)", "ipsccp", "globalopt", "deadargelim", "function(gvn-hoist)",
    "function(gvn-sink)", "function(memcpyopt)", "function(break-crit-edges)", "function(newgvn)", "globaldce",
    "function(aggressive-instcombine)", "function(simple-loop-unswitch<nontrivial>)", "function(loop-unroll)",
    "mergefunc", "function(lower-switch)", "function(sink)",
)  # fmt: skip

SCALAR = ("cairn-pairs", "cairn-registers", "cairn-elide", "cairn-assertions")
STAGES = (
    Stage(("cairn-copies",), first=("cairn-import",)),
    Stage(("cairn-assertions", "cairn-registers", "cairn-elide"), first=("cairn-copies",), llvm=SIMPLE),
    Stage(("cairn-slots", "cairn-statics")),
    Stage(("cairn-slots", "cairn-modes", "cairn-statics", "cairn-cells,cairn-modes", "cairn-variants"),
          first=("cairn-slots", "cairn-modes")),
    Stage(("cairn-keep", "cairn-sink-retains", "cairn-specialise", *SCALAR), certified=True,
          first=("cairn-insert<O{n}>",), llvm=ANY),
    Stage(("cairn-tail", "cairn-tokens", "cairn-spill", "cairn-rest", "cairn-managed<O{n}>", *SCALAR), llvm=ANY),
    Stage(("cairn-header-first", *SCALAR), llvm=ANY),
    Stage(("cairn-in-place", "cairn-left", "cairn-managed<O{n}>"), first=("cairn-plain",)),
)  # fmt: skip
# What a stage begins with may be left out where the next one does it too.
OPTIONAL = {"cairn-copies", "cairn-slots", "cairn-modes", "cairn-plain"}


def wrapped(name: str) -> str:
    return f"function({name})" if name in FUNCTION_PASSES else name


def numbered(rng: random.Random, name: str) -> str:
    return name.format(n=rng.randrange(4))


def random_pipeline(rng: random.Random) -> list[str]:
    made: list[str] = []
    density = rng.choice([0, 1, 2, 4])
    llvm = rng.choice([0, 0, 0.3, 1])
    for stage in STAGES:
        copied = "cairn-copies" in made
        begins = [x for x in stage.first if x not in OPTIONAL or rng.random() < 0.7]
        if stage.llvm is SIMPLE and llvm and not copied and "cairn-copies" not in begins:
            begins.append("cairn-copies")
        made += [numbered(rng, x) for x in begins]
        if "cairn-slots" in stage.first and "cairn-slots" not in begins:
            continue  # the others need its form
        if stage.certified:
            made.append("cairn-certify")
        for _ in range(rng.randrange(density * 2 + 1) if stage.passes else 0):
            made.append(numbered(rng, rng.choice(stage.passes)))
            if stage.certified and rng.random() < 0.5:
                made.append("cairn-certify")
            if stage.llvm and rng.random() < llvm:
                made.append(rng.choice(stage.llvm))
        if stage.certified and made[-1] != "cairn-certify":
            made.append("cairn-certify")
    return [wrapped(x) for x in [*made, numbered(rng, "cairn-lower<O{n}>")]]


def alone() -> dict[str, list[str]]:
    """Each pass with what it needs, and no other."""
    found = {}
    for number, stage in enumerate(STAGES):
        for name in dict.fromkeys((*stage.first, *stage.passes)):
            name = name.replace("{n}", "1")
            if stage.certified or number > 4:
                # Cells are what the insertion at O1 makes; keep, tail and the others are about them.
                before = ["cairn-import", "cairn-insert<O1>"]
                line = [*before, name, *(["cairn-certify"] if stage.certified else [])]
                if name.startswith("cairn-insert"):
                    line = [*before, "cairn-certify"]
            else:
                needs = ["cairn-slots", "cairn-modes"] if number == 3 else []
                line = ["cairn-import", *(x for x in needs if x != name), name, "cairn-insert<O0>", "cairn-certify"]
            found[name] = [wrapped(x) for x in [*line, "cairn-lower<O1>"]]
    for level in range(4):
        found[f"cairn-managed<O{level}>"] = ["cairn-import", f"cairn-managed<O{level}>", f"cairn-lower<O{level}>"]
    return found


def to_ir(harness, where: pathlib.Path, level: str) -> pathlib.Path:
    """What clang makes of the C program, before any pass."""
    out = where / f"c{level}.ll"
    if not out.exists():
        no_passes = ["-Xclang", "-disable-O0-optnone"] if level == "0" else ["-Xclang", "-disable-llvm-passes"]
        harness.clang("program.c", f"-O{level}", *no_passes, "-S", "-emit-llvm", where / "program.c", "-o", out)
    return out


def build(harness, source: pathlib.Path, pipeline: list[str], where: pathlib.Path, exceptions: bool) -> list[str]:
    lowered, made, out = where / "lowered.bc", where / "lowered.o", where / "out"
    harness.must([
        harness.tool("opt"), f"-load-pass-plugin={harness.plugin}", f"-passes={','.join(pipeline)}", str(source),
        "-o", str(lowered),
    ])  # fmt: skip
    harness.must([
        harness.tool("llc"), "-O1", "--relocation-model=pic", "--filetype=obj", str(lowered), "-o", str(made),
    ])  # fmt: skip
    harness.clang(
        "program.o", made, *harness.support("PROGRAM", exceptions), harness.library, "-pthread", "-ldl", "-lm",
        "-o", out,
    )  # fmt: skip
    return [str(out)]


class Pipelines:
    def __init__(self, harness, options: argparse.Namespace) -> None:
        self.harness, self.options = harness, options
        self.failed = self.built = 0
        self.ran: dict[str, list[int]] = {}

    def run(self, seed: int, source: pathlib.Path, pipeline: list[str], wanted: str, where: pathlib.Path,
            checked: bool) -> None:  # fmt: skip
        harness = self.harness
        command = build(harness, source, pipeline, where, harness.throws(seed))
        self.built += 1
        statements = int(re.search(r"operations (\d+)", wanted).group(1))
        for check in (False, True) if checked else (False,):
            harness.runs += 1
            harness.statements += statements
            line = (run := harness.traced(command, where / "trace.ll", check)).line()
            # A structure by value may be a slot, which lives longer.
            if source.name != "program.ll" and harness.by_value:
                line = re.sub(r"over \d+", "over 0", line)
            if line != wanted:
                raise differential.Failure(
                    f"prints{' with CAIRN_CHECK=1' if check else ''} (status {run.status}):\n"
                    f"  {run.output.strip()[:1000]}\nthe model:\n  {wanted}"
                )

    def program(self, seed: int) -> None:
        harness, options = self.harness, self.options
        where = harness.directory / str(seed)
        where.mkdir(exist_ok=True)
        rng = random.Random(seed)
        exceptions = harness.throws(seed)
        wanted = harness.model(harness.write(seed, exceptions, where, recursions=True), exceptions, where)
        sources = [where / "program.ll"]
        if not exceptions:
            sources += [to_ir(harness, where, "0"), to_ir(harness, where, "1")]
        lines = list(alone().items()) if options.alone else []
        lines += [("", random_pipeline(rng)) for _ in range(options.pipelines)]
        kept = False
        for name, line in lines:
            source = rng.choice(sources)
            try:
                self.run(seed, source, line, wanted, where, rng.random() < 0.5)
            except differential.Failure as failure:
                self.failed += 1
                kept = True
                print(f"FAILED: seed {seed}, {source.name}, -passes='{','.join(line)}':\n{failure}", flush=True)
                if not options.go_on:
                    options.keep = True
                    raise differential.Failure(f"the program is in {where}") from None
            for element in re.findall(r"cairn-[a-z-]+", ",".join(line)):
                self.ran.setdefault(element, [0])[0] += 1
        if not options.keep and not kept:
            shutil.rmtree(where)


def check(harness, options: argparse.Namespace) -> int:
    pipelines = Pipelines(harness, options)
    start = time.monotonic()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    done = 0
    while done == 0 or time.monotonic() - start < options.seconds:
        if options.count and done == options.count:
            break
        pipelines.program(seed + done)
        if options.verbose:
            print(f"seed {seed + done}", flush=True)
        done += 1
    ran = ", ".join(f"{name[6:]} {n}" for name, [n] in sorted(pipelines.ran.items()))
    print(f"runs of each pass: {ran}")
    print(
        f"{done} programs from seed {seed}, {pipelines.built} pipelines, {harness.runs} runs, {harness.statements} "
        f"operations, {time.monotonic() - start:.0f} s: {pipelines.failed or 'none'} differ"
    )
    return 1 if pipelines.failed else 0
