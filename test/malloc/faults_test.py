# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which misuses of malloc end a program with a message, in which form.

    faults_test.py --library LIBRARY --program FAULTS

Runs each fault of faults.cpp with blocks of several sizes, preloaded and with CAIRN_CHECK=1.
"""

import argparse
import subprocess
import sys

SMALL, LARGE = (1, 16, 24, 100, 512, 1000, 2040), (2048, 5000, 300000)
DEAD, INTERIOR, NEVER = "freed already", "inside a block", "never given out"
SIZE, ALIGN = "size that the block does not have", "alignment"
OVER, AFTER = "written", "written after it was freed"
ARRAY, ONE = "by operator new, deleted by operator delete[]", "by operator new[], deleted by operator delete"
# What the system refuses ends the process by a signal, and is explained.
TRAPS = ("fault at address",)
# Freed blocks from this size on cannot be touched with CAIRN_CHECK=1.
SEALED = 65536


def until_sealed(text):
    return lambda size: TRAPS if size >= SEALED else text


# Of a fault: what is said by default of a small block, of a large one; and with CAIRN_CHECK=1, which
# may depend on the size. None: nothing is.
FAULTS = {
    "none": (None, None, None),
    "twice": (DEAD, DEAD, DEAD),
    "twice, another between": (DEAD, DEAD, DEAD),
    "twice, many between": (DEAD, DEAD, DEAD),
    "twice, in another thread": (DEAD, DEAD, DEAD),
    "twice, each in another thread": (DEAD, DEAD, DEAD),
    # A thread that starts another one takes back what it never touched: the block counts as new.
    "twice, the second in another thread": ((DEAD, NEVER), ..., DEAD),
    "twice, of a thread that ended": (DEAD, DEAD, DEAD),
    "realloc of the freed": (DEAD, DEAD, DEAD),
    "realloc in place of the freed": (DEAD, DEAD, DEAD),
    "usable size of the freed": (DEAD, DEAD, DEAD),
    "delete of the freed": (DEAD, DEAD, DEAD),
    "sized delete of the freed": (DEAD, DEAD, DEAD),
    "misaligned": (INTERIOR, INTERIOR, INTERIOR),
    "inside": (INTERIOR, INTERIOR, INTERIOR),
    "inside, realloc": (INTERIOR, INTERIOR, INTERIOR),
    "inside, sized delete": (INTERIOR, INTERIOR, INTERIOR),
    "inside, of another thread": (INTERIOR, INTERIOR, INTERIOR),
    "never given, next": (NEVER, ("never given out", INTERIOR), "cairn: 0x"),
    "never given, far": (NEVER, "cairn: 0x", "cairn: 0x"),
    "foreign": ("not a block of any heap",) * 3,
    "sized delete, too large": (SIZE, SIZE, SIZE),
    "sized delete, too small": (SIZE, SIZE, SIZE),
    "sized delete, one more": (..., SIZE, SIZE),
    "aligned delete of a plain block": (None, None, ALIGN),
    "plain delete of an aligned block": (None, None, ALIGN),
    "delete of another alignment": (None, None, ALIGN),
    "aligned sized delete, wrong size": (SIZE, SIZE, SIZE),
    "one byte over, freed": (None, None, OVER),
    "one byte over, kept": (None, None, OVER),
    "eight bytes over, realloc": (..., ..., OVER),
    "one byte over, delete": (None, None, OVER),
    "one byte over, aligned": (None, None, OVER),
    "one byte over, calloc": (None, None, OVER),
    "written after free, used again": (..., ..., until_sealed(AFTER)),
    "written after free, at the end": (None, None, lambda size: (AFTER,) + TRAPS if size >= SEALED else AFTER),
    "written after realloc": (..., ..., until_sealed(AFTER)),
    "read after free": (None, None, until_sealed(None)),
    "new, deleted as an array": (None, None, ARRAY),
    "new of an array, deleted as one": (None, None, ONE),
    "new of an array, deleted as one, with its size": (None, None, ONE),
    "new of an aligned array, deleted as one": (None, None, ONE),
    "size 0 read": (None, None, TRAPS),
    "size 0 written, freed": (None, None, TRAPS),
    "size 0 written, kept": (None, None, TRAPS),
}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", required=True)
    parser.add_argument("--program", required=True)
    args = parser.parse_args()
    listed = subprocess.run([args.program], capture_output=True, text=True).stdout.splitlines()
    if set(listed) != set(FAULTS):
        print("not the same faults:", set(listed) ^ set(FAULTS))
        return 1
    failed = 0
    for name, (small, large, checked) in FAULTS.items():
        for size in SMALL + LARGE:
            for check in "01":
                wanted = checked if check == "1" else small if size in SMALL else large
                if callable(wanted):
                    wanted = wanted(size)
                if wanted is ...:
                    continue  # up to chance, or to the size
                run = subprocess.run([args.program, name, str(size)], capture_output=True, text=True, timeout=60,
                                     env={"LD_PRELOAD": args.library, "CAIRN_CHECK": check})
                texts = wanted if isinstance(wanted, tuple) else (wanted,)
                if wanted is None:
                    right = run.returncode == 0 and not run.stderr
                else:
                    said = next((t for t in texts if t in run.stderr), None)
                    right = said and run.returncode == (-11 if said in TRAPS else -6)
                if not right:
                    failed = 1
                    print(f"{name}, {size} bytes, CAIRN_CHECK={check}: wanted {wanted!r}, but status "
                          f"{run.returncode}, {run.stderr!r}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
