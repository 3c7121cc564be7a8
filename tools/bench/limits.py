#!/usr/bin/python3
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What libcairn-malloc.so leaves usable under limits, and what core dumps and mlockall cost.

    limits.py [--build BUILD] [--only limits,self,locked,core]

Prints four tables, each beside glibc's malloc and mimalloc:

    limits   ulimit -v and -d before the start: the share that can be allocated, by block size
    self     limits that the process sets for itself, with half of it in use
    locked   mlockall: resident KiB before and after
    core     abort: bytes of the core dump, apparent and on disk, and seconds until it is
             written; also after 256 MiB were in use and are free again

Every run has a limit on its address space: an allocator whose reserve is locked or dumped as
a whole would take the machine's memory. The program is tools/malloc/limits.c.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import resource
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
MIB = 1 << 20
CAP = 3000 * MIB  # on runs that lock or dump


def run(program, library, *command, address_space=None, data=None, core=0, cwd=None):
    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (core, core))
        if data:
            resource.setrlimit(resource.RLIMIT_DATA, (data, data))
        if address_space:
            resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))

    environment = {**os.environ, "LD_PRELOAD": library or ""}
    return subprocess.run([program, *map(str, command)], capture_output=True, text=True, cwd=cwd,
                          env=environment, preexec_fn=limit, timeout=300, check=False)


def share(done, limit):
    return f"{int(done.stdout) / limit:.1%}" if done.returncode == 0 else "fails"


def heading(title, names):
    print(f"\n{title}\n\n| | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1))


def row(label, cells):
    print(f"| {label} | " + " | ".join(cells) + " |", flush=True)


def limits(program, allocators):
    heading("Share of a limit set before the start that can be allocated", allocators)
    for option, kind in (("-v", "address_space"), ("-d", "data")):
        for mib in (500, 1000, 2000, 4000, 7000):
            for step in (16, 1000, 65536, MIB):
                row(f"ulimit {option} {mib} MiB, blocks of {step}",
                    [share(run(program, library, "fill", step, **{kind: mib * MIB}), mib * MIB)
                     for library in allocators.values()])


def own(program, allocators):
    heading("Share of a limit that the process sets for itself", allocators)
    for kind in ("as", "data"):
        for step in (1000, MIB):
            row(f"{kind}, 1000 MiB, blocks of {step}",
                [share(run(program, library, "fill-after", kind, 1000 * MIB, step), 1000 * MIB)
                 for library in allocators.values()])
    for kind in ("as", "data"):
        row(f"{kind}, 400 MiB: threads that start, of 16; MiB of mappings then",
            [" · ".join(f"{int(n) // unit}" for n, unit in
                        zip(run(program, library, "threads", kind, 400 * MIB).stdout.split(),
                            (1, MIB)))
             for library in allocators.values()])


def locked(program, allocators):
    heading(f"mlockall under ulimit -v {CAP // MIB} MiB: resident KiB before, after, after some use",
            allocators)
    for label, command in (("MCL_CURRENT and MCL_FUTURE", ("lock",)),
                           ("MCL_FUTURE", ("lock", "future")),
                           ("the first, 256 MiB freed before", ("lock", "all", "used"))):
        row(label, [" · ".join(run(program, library, *command, address_space=CAP).stdout.split())
                    for library in allocators.values()])


def core(program, allocators):
    heading("Core dump of an abort: KiB apparent · KiB on disk · seconds", allocators)
    for label, command in (("1,000 blocks of 1,000 bytes", ("dump",)),
                           ("256 MiB freed before", ("dump", "used"))):
        cells = []
        for library in allocators.values():
            with tempfile.TemporaryDirectory() as directory:
                begin = time.monotonic()
                run(program, library, *command, address_space=8 << 40,
                    core=resource.RLIM_INFINITY, cwd=directory)
                seconds = time.monotonic() - begin
                files = [entry.stat() for entry in os.scandir(directory)]
                cells.append(f"{files[0].st_size >> 10} · {files[0].st_blocks // 2} · {seconds:.2f}"
                             if files else "none")
        row(label, cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--only", default="limits,self,locked,core")
    options = parser.parse_args()
    build = options.build.resolve()
    allocators = {"cairn": str(build / "lib" / "libcairn-malloc.so"), "glibc": None,
                  "mimalloc": f"{LIBRARIES}/libmimalloc.so.2.0"}
    allocators = {name: path for name, path in allocators.items()
                  if path is None or os.path.exists(path)}
    tables = {"limits": limits, "self": own, "locked": locked, "core": core}
    for name in options.only.split(","):
        tables[name](str(build / "bin" / "cairn-malloc-limits"), allocators)


if __name__ == "__main__":
    main()
