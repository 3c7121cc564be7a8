# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Texts, tables and JSON documents: what a script spends its memory on.

    texts.py ROUNDS

Prints a digest of what it computed, the same in every run.
"""

import hashlib
import json
import random
import re
import sys


def words(generator: random.Random, count: int) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ["".join(generator.choices(letters, k=generator.randint(2, 12))) for _ in range(count)]


def document(generator: random.Random, vocabulary: list[str], depth: int) -> object:
    if depth == 0:
        return generator.choice([generator.random(), " ".join(generator.choices(vocabulary, k=40)), None])
    if generator.random() < 0.5:
        return [document(generator, vocabulary, depth - 1) for _ in range(8)]
    return {word: document(generator, vocabulary, depth - 1) for word in generator.sample(vocabulary, 8)}


def one_round(seed: int) -> str:
    generator = random.Random(seed)
    vocabulary = words(generator, 20000)
    text = " ".join(generator.choices(vocabulary, k=150000))
    counts: dict[str, int] = {}
    for match in re.finditer(r"\b([a-m]\w*)\s+(\w+)", text):
        key = match.group(1) + match.group(2)
        counts[key] = counts.get(key, 0) + 1
    text = re.sub(r"(\w)(\w+)", r"\2\1", text)
    tree = [document(generator, vocabulary, 4) for _ in range(6)]
    dumped = json.dumps({"tree": tree, "counts": counts}, sort_keys=True, indent=1)
    assert json.loads(dumped)["counts"] == counts
    lines = sorted(dumped.splitlines(), key=lambda line: (len(line), line))
    return hashlib.sha256((text + "\n".join(lines)).encode()).hexdigest()


for number in range(int(sys.argv[1])):
    print(number, one_round(number))
