# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Real programs and what they are given to do, for tests and benchmarks of malloc.

A workload runs in an empty directory, prints the same on every run, and leaves the
same files. `scale` is about a tenth of a second of work for each unit.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent / "workloads"
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2001-01-01T00:00:00Z",
}


@dataclass(frozen=True)
class Workload:
    name: str
    command: Callable[[int, pathlib.Path], list[str]]
    prepare: Callable[[int, pathlib.Path], None] = lambda scale, directory: None
    stdin: str = ""  # a file of the directory, or nothing
    produces: str = ""  # a file whose bytes count as output

    def start(self, scale: int, directory: pathlib.Path, preload: str | None, wrapper: tuple[str, ...] = (),
              environment: dict[str, str] | None = None, **more) -> subprocess.Popen:
        """Runs it in `directory`, which `prepare` has filled; `wrapper` is a command that runs a command."""
        environment = {**ENVIRONMENT, "HOME": str(directory), **(environment or {})}
        if preload:
            environment["LD_PRELOAD"] = preload
        with open(directory / self.stdin if self.stdin else os.devnull, "rb") as stdin:
            return subprocess.Popen([*wrapper, *self.command(scale, directory)], cwd=directory,
                                    env=environment, stdin=stdin, **more)

    def output_of(self, scale: int, directory: pathlib.Path, preload: str | None, timeout: float,
                  **more) -> bytes:
        """Its output and a digest of the file it makes; raises if it fails."""
        self.prepare(scale, directory)
        process = self.start(scale, directory, preload, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             **more)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        if process.returncode or err:
            raise RuntimeError(f"{self.name}: status {process.returncode}, stderr: {err.decode(errors='replace')}")
        if self.produces:
            out += hashlib.sha256((directory / self.produces).read_bytes()).hexdigest().encode()
        return out


def _python(scale: int, directory: pathlib.Path) -> list[str]:
    return ["/usr/bin/python3", "-I", str(HERE / "texts.py"), str(max(1, scale // 8))]


def _clang_source(scale: int, directory: pathlib.Path) -> None:
    shutil.copy(HERE / "containers.cpp", directory / "containers.cpp")


def _clang(llvm: pathlib.Path, scale: int) -> list[str]:
    level = "-O0" if scale < 10 else "-O2"
    return [str(llvm / "clang++"), "-std=c++20", level, "-c", "containers.cpp", "-o", "containers.o"]


def _git_files(scale: int, directory: pathlib.Path) -> None:
    for i in range(scale * 25):
        folder = directory / "tree" / f"d{i % 17}"
        folder.mkdir(parents=True, exist_ok=True)
        lines = (f"{(i * 7919 + j * j * 31) % 100003} line {j} of file {i}\n" for j in range(40 + i % 100))
        (folder / f"f{i}.txt").write_text("".join(lines))
    (directory / "run.sh").write_text("""set -e
git init -q repository
cp -r tree/. repository
cd repository
git config pack.threads 1
git config gc.auto 0
git add .
git commit -q -m first
for d in d*; do
  for f in $d/*; do echo "changed in $d" >>$f; done
  git add $d
  git commit -q -m "change $d"
done
git log --stat -p | git hash-object --stdin
git repack -adfq --depth=20 --window=10
git gc -q
git fsck --full
git rev-list --objects --all | sort | git hash-object --stdin
git rev-parse HEAD
git blame -w d1/f1.txt | git hash-object --stdin
""")


def _sqlite_script(scale: int, directory: pathlib.Path) -> None:
    script = (HERE / "tables.sql").read_text().replace("@rows", str(scale * 6000))
    (directory / "script.sql").write_text(script)


def _sqlite(scale: int, directory: pathlib.Path) -> list[str]:
    return ["sqlite3", "-batch", "tables.db"]


def _node(scale: int, directory: pathlib.Path) -> list[str]:
    return ["node", str(HERE / "buffers.js"), str(max(1, scale))]


def programs(llvm: pathlib.Path) -> tuple[Workload, ...]:
    """Debian's programs; `llvm` is where the build's clang is."""
    return (
        Workload("python3", _python),
        Workload("clang", lambda scale, directory: _clang(llvm, scale), _clang_source,
                 produces="containers.o"),
        Workload("git", lambda scale, directory: ["sh", "run.sh"], _git_files),
        Workload("sqlite3", _sqlite, _sqlite_script, stdin="script.sql", produces="tables.db"),
        Workload("node", _node),
    )


# Each in the way that a known benchmark of allocators uses a heap, and what it is told for
# a unit of scale: tools/malloc/workloads/NAME.cpp says more.
PATTERNS = {
    "sessions": 5,  # larson
    "exchange": 20,  # mstress
    "batches": 400,  # xmalloc-test
    "sizes": 2_000_000,  # glibc's bench-malloc-thread
    "bignums": 3_000,  # cfrac
    "covers": 4,  # espresso
}


def _built(directory: pathlib.Path, name: str, program: str, units: int) -> Workload:
    path = str(directory / f"cairn-malloc-{program}")
    return Workload(name, lambda scale, where: [path, str(max(1, scale) * units)])


def threads(directory: pathlib.Path) -> Workload:
    """The threaded program, workloads/handover.cpp; `directory` has the programs that were built."""
    return _built(directory, "threads", "handover", 1)


def patterns(directory: pathlib.Path) -> tuple[Workload, ...]:
    """Programs that do little but allocate, in the same directory."""
    return tuple(_built(directory, name, name, units) for name, units in PATTERNS.items())
