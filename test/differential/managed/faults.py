# ===- faults.py - Lost and extra counts in random managed programs ------------=== #
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------=== #
"""Takes counts out of what cairn-insert wrote, and puts extra ones in.

A program is run once with a call before each count, which says which of them are executed with
an object. Then some of those are deleted or doubled, one at a time. Each such program must
differ from the model, as it is or with CAIRN_CHECK=1, and the certifier must refuse it.
"""

from __future__ import annotations

import pathlib
import random
import re

import differential

COUNT = re.compile(r"^  (?:tail |musttail |notail )?call void @cairn\.ref\.(incref|decref)\(.*?(%\S+|@\S+)\)", re.M)


def build(harness, text: str, where: pathlib.Path, name: str, exceptions: bool) -> list[str]:
    source, lowered, made = (where / f"{name}{suffix}" for suffix in (".ll", ".bc", ".o"))
    source.write_text(text)
    harness.must([
        harness.tool("opt"), f"-load-pass-plugin={harness.plugin}", "-passes=cairn-lower<O1>", str(source), "-o",
        str(lowered),
    ])  # fmt: skip
    harness.must([
        harness.tool("llc"), "-O1", "--relocation-model=pic", "--filetype=obj", str(lowered), "-o", str(made),
    ])  # fmt: skip
    out = where / name
    harness.clang(
        "program.o", made, *harness.support("PROGRAM", exceptions), harness.library,
        "-pthread", "-ldl", "-lm", "-o", out,
    )  # fmt: skip
    return [str(out)]


def certified(harness, where: pathlib.Path, name: str) -> bool:
    """Whether the certifier is content with a program."""
    run = harness.execute([
        harness.tool("opt"), f"-load-pass-plugin={harness.plugin}", "-passes=cairn-certify", "-disable-output",
        str(where / f"{name}.ll"),
    ])  # fmt: skip
    if "unknown pass name" in run.output:
        raise differential.Failure("this build has no certifier")
    return run.status == 0


def watched(text: str) -> str:
    """The program with a call before each count."""
    found = iter(range(1 << 20))
    text = COUNT.sub(
        lambda m: f"  call void @mg_site(i32 {next(found)}, ptr addrspace(77) {m.group(2)})\n{m.group(0)}", text
    )
    return text + "\ndeclare void @mg_site(i32, ptr addrspace(77))\n"


def mutant(text: str, site: int, kind: str) -> str:
    at = list(COUNT.finditer(text))[site]
    line_end = text.index("\n", at.start())
    line = text[at.start() : line_end + 1]
    return text[: at.start()] + (line * 2 if kind == "extra" else "") + text[line_end + 1 :]


def check(harness, seeds: list[int], mutants: int) -> int:
    """Prints a table, and returns 1 if a fault was not seen."""
    unseen = 0
    table: dict[str, list[int]] = {}
    for seed in seeds:
        rng = random.Random(seed)
        where = harness.directory / f"faults-{seed}"
        where.mkdir()
        exceptions = harness.throws(seed)
        wanted = harness.model(harness.write(seed, exceptions, where), exceptions, where)
        inserted = where / "inserted.ll"
        harness.must([
            harness.tool("opt"), f"-load-pass-plugin={harness.plugin}", "-passes=cairn-import,cairn-insert", "-S",
            str(where / "program.ll"), "-o", str(inserted),
        ])  # fmt: skip
        text = inserted.read_text()
        command = build(harness, watched(text), where, "watched", exceptions)
        run = harness.traced(command, where / "trace.ll", False)
        sites = [int(x) for x in re.findall(r"^site (\d+)$", run.output, re.M)]
        if run.line() != wanted or not sites:
            raise differential.Failure(f"seed {seed} without a fault prints:\n{run.output[:2000]}\nthe model:\n{wanted}")
        counts = [m.group(1) for m in COUNT.finditer(text)]
        for site in rng.sample(sites, min(mutants, len(sites))):
            for kind in ("lost", "extra"):
                row = table.setdefault(f"{kind} {counts[site]}", [0, 0, 0])
                name = f"{kind}-{site}"
                command = build(harness, mutant(text, site, kind), where, name, exceptions)
                seen = any(
                    harness.traced(command, where / "trace.ll", checked).line() != wanted for checked in (False, True)
                )
                row[0] += 1
                row[1] += seen
                row[2] += not certified(harness, where, name)
                if not seen:
                    unseen += 1
                    print(f"seed {seed}: {kind} {counts[site]} at site {site} is not seen", flush=True)
    print("| fault | planted | seen by the run | refused by the certifier |\n|---|---|---|---|")
    for name, row in sorted(table.items()):
        print(f"| {name} | {row[0]} | {row[1]} | {row[2]} |")
        unseen += row[0] != row[2]
    return 1 if unseen or not table else 0
