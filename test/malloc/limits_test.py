#!/usr/bin/env python3
# ===- limits_test.py - What is reserved is not counted, locked or dumped -----===#
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""Runs tools/malloc/limits.c on libcairn-malloc.so under limits of every kind.

Every run has a limit on its address space: if the heap's reserve were locked or dumped as
a whole, the machine would have no memory left.
"""

import argparse
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

MIB = 1 << 20
# More than the reserve, less than would hurt if a part of it had memory.
FAR = 8 << 40
options = None


def run(*command, address_space=None, data=None, locked=None, core=0, cwd=None, user=None,
        program=None, library=None):
    """Runs the program, or another one, on the library."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (core, core))
        if locked is not None:
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (locked, locked))
        if user is not None:
            os.setuid(user)
        if data is not None:
            resource.setrlimit(resource.RLIMIT_DATA, (data, data))
        if address_space is not None:
            resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))

    return subprocess.run(
        [*(program or [options.program]), *map(str, command)], capture_output=True, text=True,
        timeout=100, cwd=cwd, env={**os.environ, "LD_PRELOAD": library or options.library},
        preexec_fn=limit, check=False)


def numbers(done):
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    return [int(word) for word in done.stdout.split()]


class Limits(unittest.TestCase):
    def test_most_of_the_address_space_can_be_allocated(self):
        for limit in (500, 1000, 4000, 7000):
            # Small blocks have memory; seconds go by until 7 GB have it. Blocks of which one is a
            # large part of the limit leave up to one unused.
            small = {500: (16, 96, 1000, 3000), 1000: (16, 96, 1000, 3000), 7000: (1000,)}
            for step in (*small.get(limit, ()), 65536, MIB, 10 * MIB):
                with self.subTest(limit=limit, step=step):
                    (total,) = numbers(run("fill", step, address_space=limit * MIB))
                    self.assertGreaterEqual(total, 0.9 * limit * MIB)
                    self.assertLess(total, limit * MIB)

    def test_most_of_the_data_can_be_allocated(self):
        for limit in (100, 1000):
            for step in (16, 1000, 65536, MIB):
                with self.subTest(limit=limit, step=step):
                    (total,) = numbers(run("fill", step, data=limit * MIB))
                    self.assertGreaterEqual(total, 0.9 * limit * MIB)

    def test_aligned_blocks(self):
        (total,) = numbers(run("fill", MIB, "aligned", address_space=1000 * MIB))
        self.assertGreaterEqual(total, 900 * MIB)

    def test_a_limit_that_the_process_sets_itself(self):
        for kind in ("as", "prlimit", "data"):
            for step in (1000, 100000, MIB):
                with self.subTest(kind=kind, step=step):
                    (total,) = numbers(run("fill-after", kind, 1000 * MIB, step))
                    self.assertGreaterEqual(total, 900 * MIB)
                    self.assertLess(total, 1000 * MIB)

    def test_threads_and_mappings_under_it(self):
        # Sixteen stacks of 8 MiB, and then mappings, each of at least 1 MiB, to the limit.
        for kind in ("as", "prlimit", "data"):
            with self.subTest(kind=kind):
                threads, mapped = numbers(run("threads", kind, 400 * MIB))
                self.assertEqual(threads, 16)
                self.assertGreaterEqual(mapped, 200 * MIB)

    def test_python_starts_in_little(self):
        done = run("-c", "print(sum(len(str(i)) for i in range(10000)))",
                   address_space=40000 << 10, program=[sys.executable])
        self.assertEqual((done.returncode, done.stdout), (0, "38890\n"), done.stderr)


class Locked(unittest.TestCase):
    def test_little_is_locked(self):
        for how in ((), ("future",)):
            for limit in (3000 * MIB, FAR):
                with self.subTest(how=how, limit=limit):
                    before, locked, after = numbers(run("lock", *how, address_space=limit))
                    # All that is locked is what a start has touched.
                    self.assertLess(locked - before, 4096)
                    self.assertLess(after - before, 8192)

    def test_locked_memory_that_was_freed_is_zero_again(self):
        self.assertEqual(numbers(run("zero", address_space=3000 * MIB)), [0])

    @unittest.skipUnless(os.geteuid() == 0 and resource.getrlimit(resource.RLIMIT_MEMLOCK)[1] >=
                         8 * MIB, "wants another user's rights, and a limit to choose")
    def test_under_a_limit_on_locked_memory(self):
        # Another user may not be let into the directories above the build.
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o755)
            program = shutil.copy(options.program, directory)
            library = shutil.copy(options.library, directory)
            numbers(run("lock", locked=8 * MIB, user=65534, program=[program], library=library))


class Dumped(unittest.TestCase):
    def test_a_core_dump_is_small(self):
        with open("/proc/sys/kernel/core_pattern", encoding="ascii") as f:
            if f.read().strip() not in ("core", "core.%p"):
                self.skipTest("the system keeps core dumps elsewhere")
        for how, most in (((), 16), (("used",), 100)):
            with self.subTest(how=how), tempfile.TemporaryDirectory() as directory:
                os.chmod(directory, 0o777)
                done = run("dump", *how, address_space=FAR, core=resource.RLIM_INFINITY,
                           cwd=directory)
                self.assertEqual(done.returncode, -signal.SIGABRT)
                sizes = [entry.stat().st_size for entry in os.scandir(directory)]
                if not sizes:
                    self.skipTest("this process may not dump core")
                self.assertEqual(len(sizes), 1)
                self.assertLess(sizes[0], most * MIB)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", required=True)
    parser.add_argument("--program", required=True)
    options, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
