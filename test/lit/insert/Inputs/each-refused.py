"""Usage: each-refused.py DIRECTORY OPT...: runs cairn-slots on each file, which has to be refused
with one error, the one that its CHECK line gives."""

import pathlib
import re
import subprocess
import sys


def expected(text):
    """The CHECK line as a regular expression."""
    line = re.search(r"^; CHECK: (.*)$", text, re.M).group(1)
    return "".join(part if n % 2 else re.escape(part)
                   for n, part in enumerate(re.split(r"\{\{(.*?)\}\}", line)))


def main():
    directory, *opt = sys.argv[1:]
    failures = 0
    files = sorted(pathlib.Path(directory).glob("*.ll"))
    for file in files:
        want = expected(file.read_text())
        run = subprocess.run([*opt, "-passes=cairn-slots", "-disable-output", file],
                             capture_output=True, text=True)
        errors = [line for line in run.stderr.splitlines() if "cairn: " in line]
        if run.returncode == 0 or len(errors) != 1 or not re.search(want, errors[0]):
            print(f"{file.name}: expected {want!r}, got status {run.returncode}:\n{run.stderr}")
            failures += 1
    print(f"{len(files)} forms, {failures} not refused as they should be")
    return failures != 0 or not files


if __name__ == "__main__":
    sys.exit(main())
