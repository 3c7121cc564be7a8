#!/usr/bin/env python3
# ===- run.py - What comes of mutants that the certifier does not find ---------=== #
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------=== #
"""python3 test/mutations/run.py BUILD [FILE...]

For each C or C++ program with managed references (default: all of test/programs/managed): inserts
counts, and mutates them at once and after LLVM's -O2. Each mutant that the certifier does not find,
and that cairn-mutate has no proof for, is built and run over a checked heap. Prints how many of them report nothing, leave the heap empty and print what the
program prints (right); which print something else and are right otherwise (another reference was
stored: each count is still given back); which a later pass refuses; and each that is wrong. Fails
if there is one.
"""

import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Of programs of two files, the other one.
OTHERS = {"ownership": "ownership-callee", "ownership-callee": "ownership"}
BEFORE = "cairn-import,function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg),cairn-insert"
AT_END = """#include <cairn.h>
#include <stdio.h>
__attribute__((destructor)) static void at_end(void) {
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  fprintf(stderr, "left %d, sound %d\\n", (int)stats.live_objects, cairn_heap_check(NULL));
}
"""


def run(command, **options):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True, **options).stdout


def compiler(build, source):
    return build / "llvm" / ("clang++" if source.suffix == ".cpp" else "clang")


def standard(source):
    return "-std=c++20" if source.suffix == ".cpp" else "-std=c11"


def mutants(build, source, out):
    """The bitcode of the mutants that are not found and not proved harmless."""
    clang, opt, plugin = compiler(build, source), build / "llvm/opt", build / "lib/CairnPlugin.so"
    plain, counted, optimised = (out / f"{source.stem}.{n}.bc" for n in ("plain", "counted", "O2"))
    run([clang, standard(source), f"-I{ROOT}/runtime/include", "-O1", "-Xclang", "-disable-llvm-passes", "-g",
         "-emit-llvm", "-c", source, "-o", plain])  # fmt: skip
    run([opt, f"-load-pass-plugin={plugin}", f"-passes={BEFORE}", plain, "-o", counted])
    run([opt, "-passes=default<O2>", counted, "-o", optimised])
    for file in (counted, optimised):
        subprocess.run([build / "bin/cairn-mutate", "mutate", f"--write={file.with_suffix('')}-", file],
                       capture_output=True)  # fmt: skip
    return sorted(out.glob(f"{source.stem}.counted-*.bc")) + sorted(out.glob(f"{source.stem}.O2-*.bc"))


def execute(build, source, code, at_end, out):
    """What the program prints, and what is reported and left."""
    others = [source.parent / f"{OTHERS[source.stem]}.c"] if source.stem in OTHERS else []
    program = out / "program"
    run([compiler(build, source), "-O1", "-w", f"-I{ROOT}/runtime/include", f"-fpass-plugin={build}/lib/CairnPlugin.so",
         *([standard(source)] if code.suffix in (".c", ".cpp") else []), code, at_end, *others,
         build / "lib/libcairn.a", "-pthread", "-ldl", "-lm", "-o", program])  # fmt: skip
    done = subprocess.run([program], capture_output=True, text=True, timeout=60, env={"CAIRN_CHECK": "1"})
    return done.stdout, f"status {done.returncode}, {done.stderr.strip()}"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    sources = [pathlib.Path(a) for a in sys.argv[2:]]
    sources = sources or sorted(p for p in (ROOT / "test/programs/managed").iterdir() if p.suffix in (".c", ".cpp"))
    right = other = refused = 0
    wrong = []
    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory)
        (out / "at-end.c").write_text(AT_END)
        at_end = out / "at-end.o"
        run([build / "llvm/clang", "-O1", f"-I{ROOT}/runtime/include", "-c", out / "at-end.c", "-o", at_end])
        for source in sources:
            printed, ended = execute(build, source, source, at_end, out)
            for mutant in mutants(build, source, out):
                try:
                    text, end = execute(build, source, mutant, at_end, out)
                except subprocess.CalledProcessError as error:
                    if "calls through a pointer or an alias cannot know that" not in error.stderr:
                        raise
                    refused += 1
                    continue
                if end != ended:
                    wrong.append(f"{mutant.name}: {end}, and the program as it was: {ended}")
                elif text == printed:
                    right += 1
                else:
                    other += 1
                    print(f"{mutant.name} prints something else, and every count is given back")
    print(f"{right + other + refused + len(wrong)} mutants: {right} right, {other} that store something else, "
          f"{refused} refused when they are built, {len(wrong)} wrong")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
