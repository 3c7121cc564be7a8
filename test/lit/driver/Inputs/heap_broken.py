"""heap_broken.py CAIRN DUMP: dumps that are damaged; cairn heap has to refuse or to show them."""

import json
import os
import random
import re
import subprocess
import sys
import tempfile

cairn, dump = sys.argv[1:]
whole = open(dump).read()
place = tempfile.mkdtemp()


def show(text, *options):
    path = os.path.join(place, "broken")
    with open(path, "w") as file:
        file.write(text)
    return subprocess.run([cairn, "heap", "--top=2", *options, path], capture_output=True, text=True, timeout=60)


def damaged(text, names, times, seed):
    """Changes a number in one of the arrays."""
    random.seed(seed)
    crashed = 0
    for _ in range(times):
        broken = json.loads(text)
        array = broken[random.choice(names)]
        array[random.randrange(len(array))] = random.choice(
            (0, 1, 7, 12, 1 << 16, (1 << 32) - 1, 1 << 40, 1 << 53, random.randrange(5000)))
        crashed += show(json.dumps(broken)).returncode not in (0, 1)
    return crashed


cuts = [show(whole[:len(whole) * i // 12]) for i in range(12)]
print(f"cut: {sum(c.returncode == 1 for c in cuts)} refused, {sum(c.returncode not in (0, 1) for c in cuts)} crashed")
print("empty:", show("").stderr)
print("other:", show(whole.replace('"cairn":', '"other":', 1)).stderr)
print("format:", show(whole.replace('"format":1', '"format":2', 1)).stderr)
print("nodes:", show(re.sub(r'"nodes":\[9,0', '"nodes":[9,999999', whole, count=1)).stderr)
# A dump of few blocks, so that most changes are of something that matters.
small = json.loads(whole)
first = next(i for i in range(0, len(small["nodes"]), 12) if small["nodes"][i] != 9)
keep = first + 12 * 6
small["nodes"] = small["nodes"][:keep]
edges = []
for i in range(0, keep, 12):
    start = sum(whole_count for whole_count in json.loads(whole)["nodes"][4:i:12]) if i else 0
    own = json.loads(whole)["edges"][3 * start:3 * (start + small["nodes"][i + 4])]
    own = [own[k:k + 3] for k in range(0, len(own), 3) if own[k + 2] < keep]
    small["nodes"][i + 4] = len(own)
    edges += sum(own, [])
small["edges"] = edges
text = json.dumps(small)
assert show(text).returncode == 0, show(text).stderr
print(f"numbers: 60 changed, {damaged(text, ('nodes', 'edges', 'trace_function_infos'), 60, 1)} crashed")
