# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A real program on libcairn-malloc.so does as it does on the C library's malloc.

    programs_test.py --library LIBRARY --llvm BIN --built DIRECTORY NAME

Runs the workload NAME on the C library's malloc, preloaded, preloaded with every heap checked,
and preloaded with little address space. The outputs, and the files that it makes, are equal, and
nothing is written to standard error.
"""

import argparse
import pathlib
import resource
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools" / "malloc"))
import workloads  # noqa: E402  (beside the library)

SECONDS = 100
# node's own code range takes more.
LITTLE = {"node": None}


def maps_of(library: str) -> str:
    """What a preloaded process has mapped."""
    return subprocess.run(["cat", "/proc/self/maps"], env={"LD_PRELOAD": library}, capture_output=True,
                          text=True, check=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", required=True)
    parser.add_argument("--llvm", type=pathlib.Path, required=True, help="where clang is")
    parser.add_argument("--built", type=pathlib.Path, required=True, help="has the programs of tools/malloc")
    parser.add_argument("name")
    args = parser.parse_args()
    if args.library not in maps_of(args.library):
        print("the library is not preloaded at all")
        return 1
    known = {w.name: w for w in (*workloads.programs(args.llvm), workloads.threads(args.built),
                                 *workloads.patterns(args.built))}
    workload = known[args.name]
    outputs: dict[str, bytes] = {}

    def run(form: str, preload: str | None, **how) -> None:
        with tempfile.TemporaryDirectory() as directory:
            outputs[form] = workload.output_of(3, pathlib.Path(directory), preload, SECONDS, **how)

    run("C library", None)
    run("preloaded", args.library)
    run("checked", args.library, environment={"CAIRN_CHECK": "1"})
    limit = LITTLE.get(args.name, 4 << 30)
    if limit:
        run("4 GiB of address space", args.library,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
    expected = outputs["C library"]
    if not expected:
        print("no output to compare")
        return 1
    failed = 0
    for form, output in outputs.items():
        if output != expected:
            failed = 1
            print(f"{args.name}, {form}: the output differs\n--- C library\n{expected[-2000:]!r}\n"
                  f"--- {form}\n{output[-2000:]!r}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
