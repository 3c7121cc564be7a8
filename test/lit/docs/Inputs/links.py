# links.py - Links and paths of documents that lead nowhere, and documents that nothing leads to.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   links.py ROOT

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
documents = [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]
broken = []


def anchors(document):
    """The names that GitHub gives to the headings."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", h)).strip().lower()
            .replace(" ", "-") for h in headings}


for document in documents:
    name = document.relative_to(root)
    for link, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?[^)]*\)", document.read_text()):
        if "://" in link:
            continue
        target = document.parent / link if link else document
        if not target.exists():
            broken.append(f"{name}: {link} does not exist")
        elif anchor and anchor not in anchors(target):
            broken.append(f'{name}: no heading "{anchor}" in {target.resolve().relative_to(root.resolve())}')
# Comments name documents by their paths from the root.
SOURCES = {".c", ".cpp", ".def", ".h", ".hpp", ".inc", ".js", ".mjs", ".py", ".txt", ".cmake"}
for tree in ("runtime", "lowering", "jit", "tools", "test"):
    for source in sorted((root / tree).rglob("*")):
        if source.suffix in SOURCES and "node_modules" not in source.parts:
            for path in re.findall(r"\bdocs/[\w/-]+\.md\b", source.read_text(errors="replace")):
                if not (root / path).exists():
                    broken.append(f"{source.relative_to(root)}: {path} does not exist")
index = (root / "docs" / "README.md").read_text()
for document in documents:
    path = document.relative_to(root)
    if path.parts[0] == "docs" and path != pathlib.Path("docs/README.md"):
        within = path.relative_to("docs")
        if f"({within})" not in index:
            broken.append(f"docs/README.md: {within} is not in the index")
sys.exit("\n".join(broken) or None)
