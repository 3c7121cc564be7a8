#!/usr/bin/env python3
# check_layers_test.py - The checker of layers sees what it is there for.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Writes a small tree with a low and a high room, and faults into it one at a time.

import os
import subprocess
import sys
import tempfile
import unittest

CHECKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check_layers.py")
TABLE = """tree src
search src
room low src/low
room high src/high low
"""
CALLS = 'int high(void);\nint low(void) { return high(); }\n'


class CheckLayers(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.write("table", TABLE)
        self.write("src/low/low.h", "int low(void);\n")
        self.write("src/low/low.c", '#include "low/low.h"\nint low(void) { return 1; }\n')
        self.write("src/high/high.h", "#include <stddef.h>\n")
        self.write("src/high/high.c", '#include "high.h"\n#include "low/low.h"\n'
                                      "int high(void) { return low(); }\n")

    def write(self, path, text):
        path = os.path.join(self.folder.name, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def check(self, *more):
        return subprocess.run([sys.executable, CHECKER, os.path.join(self.folder.name, "table"),
                               "--root", self.folder.name, *more],
                              capture_output=True, text=True, check=False)

    def compile(self):
        objects = os.path.join(self.folder.name, "objects")
        for name in ("low/low.c", "high/high.c"):
            out = os.path.join(objects, name + ".o")
            os.makedirs(os.path.dirname(out), exist_ok=True)
            subprocess.run(["cc", "-I", "src", "-c", "src/" + name, "-o", out], check=True,
                           cwd=self.folder.name)
        return objects

    def test_downwards(self):
        result = self.check("--objects", self.compile())
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))

    def test_include_upwards(self):
        self.write("src/low/other.h", '\n#include "high/high.h"\n')
        result = self.check()
        self.assertEqual(result.returncode, 1)
        self.assertIn("src/low/other.h:2: 'low' includes 'high/high.h' of 'high'", result.stdout)

    def test_include_upwards_by_a_relative_path(self):
        self.write("src/low/other.h", '#include "../high/high.h"\n')
        self.assertIn("src/low/other.h:1: 'low' includes", self.check().stdout)

    def test_call_upwards_without_an_include(self):
        self.write("src/low/low.c", CALLS)
        self.assertEqual(self.check().returncode, 0)
        result = self.check("--objects", self.compile())
        self.assertEqual(result.returncode, 1)
        self.assertIn("src/low/low.c:1: 'low' uses 'high', which src/high/high.c", result.stdout)

    def test_file_in_no_room(self):
        self.write("src/attic/old.c", "")
        self.assertIn("src/attic/old.c:1: in no room", self.check().stdout)

    def test_wrong_table(self):
        self.write("table", TABLE + "room top src/absent\n")
        self.assertIn("there is no 'src/absent'", self.check().stderr)
        self.write("table", TABLE + "room high src/high attic\n")
        self.assertIn("'attic', which is no room", self.check().stderr)

    def test_objects_elsewhere(self):
        result = self.check("--objects", os.path.join(self.folder.name, "src"))
        self.assertIn("no objects", result.stdout)


if __name__ == "__main__":
    unittest.main()
