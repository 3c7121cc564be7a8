# where.py - The directory for the packages under a prefix, relative to it.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   PYTHON where.py PREFIX
"""Run by cmake --install with the Python that the module was built for."""

import os
import site
import sys


def directory(prefix, searched):
    """The first directory on the search path that is in the prefix's lib."""
    prefix = os.path.realpath(prefix)
    for path in searched:
        relative = os.path.relpath(os.path.realpath(path), prefix)
        if relative.split(os.sep)[0] == "lib":
            return relative
    return "lib/python%d.%d/site-packages" % sys.version_info[:2]


if __name__ == "__main__":
    print(directory(sys.argv[1], site.getsitepackages()))
