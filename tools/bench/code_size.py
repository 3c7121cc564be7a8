# code_size.py - Bytes of a call site.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles functions with 1 and with 9 sites, with the plugin; the difference is 8 sites'."""

import re

from common import heading, progress, row, run

FEW, MANY = 1, 9
LEVELS = {"-O2": "", "-Os": "optsize", "-Oz": "minsize optsize"}
HEADER = """\
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@node = constant %cairn_type { i32 40, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
declare ptr @cairn.malloc(i64)
declare void @cairn.free(ptr)
declare void @cairn.free.sized(ptr, i64)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare noalias ptr @malloc(i64)
declare void @free(ptr)
!llvm.module.flags = !{!0, !1}
!0 = !{i32 8, !"PIC Level", i32 2}
!1 = !{i32 7, !"PIE Level", i32 2}
!2 = !{}
"""
# What gives a pointer is stored, what takes one loads it; "gives" and "takes" do only that.
GIVE = {
    "gives": "%p{i} = call ptr asm \"\", \"=r\"()",
    "cairn.alloc": "%p{i} = call ptr @cairn.alloc(ptr @node)",
    "cairn.malloc": "%p{i} = call ptr @cairn.malloc(i64 48)",
    "malloc, a call": "%p{i} = call ptr @malloc(i64 48)",
}
TAKE = {
    "takes": "call void asm sideeffect \"\", \"r\"(ptr %p{i})",
    "cairn.free": "call void @cairn.free(ptr %p{i})",
    "cairn.free.sized": "call void @cairn.free.sized(ptr %p{i}, i64 48)",
    "cairn.incref": "call void @cairn.incref(ptr %p{i})",
    "cairn.decref": "call void @cairn.decref(ptr %p{i})",
    "free, a call": "call void @free(ptr %p{i})",
}


def function(name, kind, sites, attributes):
    lines = [f"define void @{name}(ptr %at) {attributes} {{"]
    for i in range(sites):
        lines.append(f"  %a{i} = getelementptr i8, ptr %at, i64 {8 * i}")
        if kind in GIVE:
            lines += ["  " + GIVE[kind].format(i=i), f"  store volatile ptr %p{i}, ptr %a{i}"]
        else:
            lines += [f"  %p{i} = load volatile ptr, ptr %a{i}, !nonnull !2",
                      "  " + TAKE[kind].format(i=i)]
    # So that the last call is no jump.
    lines.append('  call void asm sideeffect "nop", ""()')
    return "\n".join(lines + ["  ret void", "}", ""])


def bytes_of(build, path):
    """Of each function, those up to the first return, and those after it."""
    text = run([f"{build}/llvm/llvm-objdump", "-d", "--no-show-raw-insn", path])
    sizes = {}
    for name, body in re.findall(r"^[0-9a-f]+ <(f\w+)>:\n((?:.+\n)+)", text, re.M):
        lines = [(int(a, 16), i) for a, i in re.findall(r"^\s*([0-9a-f]+):\s+(\S+)", body, re.M)]
        symbol = run([f"{build}/llvm/llvm-nm", "-S", path])
        size = int(re.search(rf"^\S+ (\S+) \S {name}$", symbol, re.M)[1], 16)
        end = next((lines[k + 1][0] if k + 1 < len(lines) else lines[0][0] + size)
                   for k, (_, i) in enumerate(lines) if i.startswith("ret"))
        hot = min(end - lines[0][0], size)
        sizes[name] = (hot, size - hot)
    return sizes


def site_table(build, out, wanted):
    """Prints the table; bytes a site on the common way and off it, by row and level."""
    kinds = [k for k in [*GIVE, *TAKE] if k not in ("gives", "takes")]
    if not any(wanted(k) for k in kinds):
        return {}
    results = {k: {} for k in kinds}
    for level, attributes in LEVELS.items():
        progress(f"code size at {level}")
        names = {k: f"f{n}" for n, k in enumerate([*GIVE, *TAKE])}
        path = f"{out}/sites.ll"
        with open(path, "w") as file:
            file.write(HEADER + "".join(
                function(f"{n}_{sites}", k, sites, attributes)
                for k, n in names.items() for sites in (FEW, MANY)))
        run([f"{build}/llvm/clang", level, "-c", path, "-o", f"{out}/sites.o", "-Wno-override-module",
             f"-fpass-plugin={build}/lib/CairnPlugin.so"])
        sizes = bytes_of(build, f"{out}/sites.o")

        def site(kind):
            few, many = (sizes[f"{names[kind]}_{n}"] for n in (FEW, MANY))
            return [(m - f) / (MANY - FEW) for f, m in zip(few, many)]

        for kind in kinds:
            own = site("gives" if kind in GIVE else "takes")
            hot, cold = (a - b for a, b in zip(site(kind), own))
            results[kind][level] = {"common": hot, "rare": cold}
    heading("Bytes of a call site, the common way + what lies behind the return", list(LEVELS))
    for kind in kinds:
        row(kind, [f"{s['common']:.0f} + {s['rare']:.0f}" for s in results[kind].values()])
    return results
