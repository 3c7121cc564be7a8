#===- npm.py - The numbers of @cairn/wasm are those of the runtime ---------===//
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===----------------------------------------------------------------------===//
"""Every export of tools/npm/abi.js is compared with what the runtime's headers say for
wasm32: the compiler is given one static_assert for each. An export that this table does not
know fails as well, and so does a number of a layout in another file of the package."""

import argparse
import json
import pathlib
import re
import subprocess
import sys

LAYOUT = "TypeLayout(4)."
FACTS = {
    "ABI_VERSION": "kAbiVersion",
    "WORD": "sizeof(void *)",
    "TYPED": "kMetaTyped",
    "REGISTERED": "kMetaRegistered",
    "ARRAY": "kMetaArray",
    "TAG_MASK": "kMetaTagMask",
    "TAG_SHIFT": "kMetaTagShift",
    "SHAPE_MASK": "kMetaShapeMask",
    "ELEMENT_WORDS": "kMetaElemWords",
    "ELEMENT_SHIFT": "kMetaElemShift",
    "MAX_BYTES": "kMaxBytes",
    "MAX_ALIGN": "kMaxAlign",
    "MAX_FIELDS": "(1 << 8 * sizeof(cairn_type::field_count)) - 1",
    "BYTE_ARRAY_PHASE": "(slotPhase(kByteArray) + kByteArrayRef) % 16",
    "BYTE_ARRAY_DATA": "kByteArrayData - kByteArrayRef",
    "TYPE_SIZE": LAYOUT + "size",
    "TYPE_ALIGN": LAYOUT + "align",
    "TYPE_FIELD_COUNT": LAYOUT + "fieldCount",
    "TYPE_RESERVED": LAYOUT + "reserved",
    "TYPE_FIELDS": LAYOUT + "fields",
    "TYPE_NAME": LAYOUT + "name",
    "TYPE_BYTES": LAYOUT + "bytes",
    "ENTRY_KEY": "offsetof(cairn_dict_entry, key)",
    "ENTRY_KIND": "offsetof(cairn_dict_entry, kind)",
    "ENTRY_INT": "offsetof(cairn_dict_entry, as_int)",
    "ENTRY_FLOAT": "offsetof(cairn_dict_entry, as_float)",
    "ENTRY_REF": "offsetof(cairn_dict_entry, as_ref)",
    "ENTRY_BYTES": "sizeof(cairn_dict_entry)",
    # Lists of names: the C name of the enumerator that each place stands for.
    "VALUE_KINDS": "CAIRN_VALUE_",
    "ERROR_KINDS": "CAIRN_ERROR_",
}
# The first name of a list that no enumerator has.
NO_ENUMERATOR = {"unknown"}


def asserts(exports):
    for name, value in exports.items():
        what = FACTS.get(name)
        if what is None:
            yield f'static_assert(false, "{name}: no entry of the table in npm.py");'
        elif isinstance(value, list):
            for number, word in enumerate(value):
                if word not in NO_ENUMERATOR:
                    yield f'static_assert({what}{word.upper()} == {number}, "{name}[{number}]");'
            # A name after the last one would have an enumerator here.
            yield f'static_assert(count_{name} == {len(value)}, "{name} has every enumerator");'
        else:
            yield f'static_assert((unsigned long long)({what}) == {value}u, "{name}");'
    for name in FACTS.keys() - exports.keys():
        yield f'static_assert(false, "{name} is in the table of npm.py only");'


def enumerators(header, prefix):
    """One more than the greatest number of an enumerator, by counting them."""
    body = re.search(r"typedef enum cairn_\w+ \{([^}]*" + prefix + r"[^}]*)\}", header).group(1)
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
    names = re.findall(prefix + r"\w+", body)
    first = re.search(prefix + r"\w+ = (\d+)", body)
    return len(names) + (int(first.group(1)) if first else 0)


def main():
    parser = argparse.ArgumentParser()
    for one in ("node", "clang", "runtime", "npm"):
        parser.add_argument("--" + one, required=True)
    args = parser.parse_args()
    npm, runtime = pathlib.Path(args.npm), pathlib.Path(args.runtime)
    program = f"import * as abi from '{(npm / 'abi.js').as_uri()}'; " \
              "console.log(JSON.stringify(abi));"
    exports = json.loads(subprocess.run([args.node, "--input-type=module", "-e", program],
                                        check=True, capture_output=True, text=True).stdout)
    headers = "".join((runtime / "include" / name).read_text()
                      for name in ("cairn.h", "cairn/containers.h"))
    lines = ['#include "cairn.h"', '#include "cairn/containers.h"', '#include "cairn/abi.h"',
             "using namespace cairn;"]
    for name in ("VALUE_KINDS", "ERROR_KINDS"):
        lines.append(f"constexpr int count_{name} = {enumerators(headers, FACTS[name])};")
    lines += asserts(exports)
    got = subprocess.run([args.clang, "--target=wasm32", "-std=c++20", "-ffreestanding",
                          "-nostdlibinc", "-fsyntax-only", "-I", runtime / "include",
                          "-x", "c++", "-"], input="\n".join(lines), capture_output=True, text=True)
    failures = [got.stderr] if got.returncode else []
    # What the header says, the others import. Numbers of other meanings stand here.
    allowed = {"error.js": {"0xffffffff"}}  # the most that an argument of 32 bits can be
    for path in sorted(npm.glob("*.js")):
        if path.name == "abi.js":
            continue
        for number in re.findall(r"\b0x[0-9a-fA-F]+\b", path.read_text()):
            if number not in allowed.get(path.name, ()):
                failures.append(f"{path.name}: {number} belongs into abi.js")
    print("\n".join(failures) or f"{len(exports)} exports agree")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
