# workers.py - The programs that the tables of allocators measure.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles the workloads of tools/bench/alloc for each allocator, and runs them."""

import os
import subprocess

from common import fail, run

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "alloc")
INCLUDE = os.path.join(HERE, "../../runtime/include")
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
PEERS = {
    "mimalloc": "libmimalloc.so.2",
    "jemalloc": "libjemalloc.so.2",
    "tcmalloc": "libtcmalloc_minimal.so.4",
}


class Worker:
    """A way to run the workloads."""

    def __init__(self, name, command, preload=None):
        self.name, self.command = name, command
        self.environment = dict(os.environ)
        if preload:
            self.environment["LD_PRELOAD"] = preload
        self.process = None

    def figure(self, workload):
        """The workload's figure, from the process that is kept."""
        if not self.process:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                env=self.environment)
        self.process.stdin.write(workload + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        try:
            return float(line)
        except ValueError:
            fail(f"{self.name} gave no figure for '{workload}': {line!r}")

    def alone(self, workload):
        """The figure and the peak resident MiB of a process that does nothing else."""
        process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True, env=self.environment)
        process.stdin.write(workload + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        # wait4 would count what this program had resident when it forked.
        with open(f"/proc/{process.pid}/status") as status:
            peak = next(int(l.split()[1]) for l in status if l.startswith("VmHWM"))
        process.stdin.close()
        if process.wait():
            fail(f"{self.name} ended with status {process.returncode} in '{workload}'")
        return float(line), peak / 1024

    def stop(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process = None


def compile_allocators(build, out):
    """A worker for each allocator. The JIT's compiles its program at its start."""
    files = sorted(os.path.join(SOURCE, f) for f in os.listdir(SOURCE) if f.endswith(".c"))
    driver = f"{build}/bin/cairn"
    if not os.path.exists(driver):
        fail(f"{driver} is not there; build Cairn first (tools/demo does)")
    compiler = [f"{build}/llvm/clang", "-O2", "-pthread", "-I", INCLUDE]
    run([driver, "build", "-O2", "-DBENCH_CAIRN", *files, "-o", f"{out}/inlined", "-lpthread"])
    run([*compiler, "-DBENCH_CAIRN", *files, f"{build}/lib/libcairn.a", "-o", f"{out}/calls"])
    run([*compiler, "-DBENCH_MALLOC", *files, "-o", f"{out}/malloc"])
    run([*compiler, "-DBENCH_FLT", *files, "-o", f"{out}/flt"])
    workers = [
        Worker("cairn", [f"{out}/inlined"]),
        Worker("jit", [driver, "run", "-O2", "-DBENCH_CAIRN", *files]),
        Worker("calls", [f"{out}/calls"]),
        Worker("flt", [f"{out}/flt"]),
        Worker("glibc", [f"{out}/malloc"]),
    ]
    for name, library in PEERS.items():
        path = os.path.join(LIBRARIES, library)
        if os.path.exists(path):
            workers.append(Worker(name, [f"{out}/malloc"], path))
        else:
            print(f"(no {library} here: {name} is left out)")
    return workers


def compile_shared_ptr(build, out):
    """The worker of std::shared_ptr."""
    run([f"{build}/llvm/clang++", "-O2", "-std=c++20", "-pthread", os.path.join(SOURCE, "shared_ptr.cpp"),
         "-o", f"{out}/shared_ptr"])
    return Worker("std::shared_ptr", [f"{out}/shared_ptr"])
