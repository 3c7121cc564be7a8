#===- header_test.py - The public header by itself ------------------------===//
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===----------------------------------------------------------------------===//
"""cairn.h in every mode and compiler; the names it and the libraries bring."""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

STD = "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n"
OURS = re.compile(r"(cairn_|CAIRN_)")
# Only what the platform and a freestanding compiler's code need from outside. A program in C may have
# functions of its own with any name that the C standard does not reserve, and then the runtime would call
# those. So nothing is called by a name that a program may well give to something else, as `read`, `unlink`
# or `syscall`: runtime/platform/system_call.h says what is called instead.
PLATFORM = re.compile(
    r"(pthread_\w+|sem_\w+|sigfillset|nanosleep|__errno_location|prctl|dl(addr|sym|error)|_dl_find_object|mmap|munmap|mprotect|madvise|getrlimit(64)?|getauxval|abort|atexit|getenv|__environ|mem(cpy|set|move|cmp)|strn?(len|cmp)|bcmp"
    r"|_IO_list_(lock|unlock|resetlock)|__(hwa|a|t|m)san_init"
    r"|_GLOBAL_OFFSET_TABLE_|__register_atfork|__dso_handle|__cxa_finalize|__cxa_atexit|__tls_get_addr"
    r"|__libc_single_threaded"
    # Messages and leaks: names of addresses, the process's mappings, fault signals.
    r"|(__isoc(99|23)_)?sscanf|snprintf|fflush|strchr(nul)?|_exit"
    r"|posix_spawn(_file_actions_(init|destroy|adddup2|addopen))?|waitpid|getpid|sigaction|dl_iterate_phdr"
    # Dumps, which a copy of the process writes.
    r"|fork|signal|rename|strerror|time|(__isoc23_)?strtol"
    # Guarded blocks and the heap profile: the calls that a thread is in. All weak.
    r"|_Unwind_(Backtrace|GetIP|Find_FDE)"
    # Weak: there if the program has the sanitizer (runtime/platform/outside.h).
    r"|__asan_((un)?poison_memory_region|set_error_report_callback|get_report_address)|__tsan_(acquire|release)"
    r"|__msan_(allocated_memory|unpoison(_param)?|scoped_(dis|en)able_interceptor_checks)"
    r"|__lsan_(un)?register_root_region"
    r"|__gmon_start__|_ITM_\w+)(@.*)?$")

failures = []


def check(ok, message):
    if not ok:
        failures.append(message)
        print("FAIL: " + message)


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, **more)


def compile_modes(args, tmp):
    source = pathlib.Path(args.source)
    for c in args.c:
        if not shutil.which(c):
            print("not here: " + c)
            continue
        for std in ("c11", "c17", "gnu11"):
            managed = [tmp / "managed.c"] if "clang" in c else []
            for f in (tmp / "alone.c", tmp / "static.c", source, *managed):
                got = run([c, "-std=" + std, "-pedantic-errors", "-Wall", "-Wextra", "-Werror",
                           "-I", args.include, "-c", f, "-o", tmp / "out.o"])
                check(got.returncode == 0, f"{c} -std={std} {f.name}:\n{got.stderr}")
    for cxx in args.cxx:
        if not shutil.which(cxx):
            print("not here: " + cxx)
            continue
        for std in ("c++11", "c++17", "c++20", "gnu++20"):
            managed = [tmp / "managed.cpp"] if "clang" in cxx else []
            for f in (tmp / "alone.cpp", tmp / "types.cpp", tmp / "ref.cpp", tmp / "static.cpp", *managed):
                got = run([cxx, "-std=" + std, "-pedantic-errors", "-Wall", "-Wextra", "-Werror",
                           "-I", args.include, "-c", f, "-o", tmp / "out.o"])
                check(got.returncode == 0, f"{cxx} -std={std} {f.name}:\n{got.stderr}")


def fields(args, tmp):
    """A name in CAIRN_TYPE that is more, or less, than one reference does not compile."""
    for name in ("kids", "kids[0].x", "small", "at"):
        text = ("#include <cairn.h>\nstruct P { void *x, *y; };\n"
                "struct T { void *kids[4]; int small; struct P at; };\n"
                f"CAIRN_TYPE(t, struct T, {name});\n")
        for language, compilers in (("c", args.c), ("c++", args.cxx)):
            for c in compilers:
                if not shutil.which(c):
                    continue
                got = run([c, "-I", args.include, "-fsyntax-only", "-x", language, "-"], input=text)
                check(got.returncode != 0 and ("the elements of an array" in got.stderr or "." in name),
                      f"{c}: field {name} is taken, or has no message:\n{got.stderr}")


def statics(args, tmp):
    """A static object of a type that needs more than its header word does not compile."""
    text = ("#include <cairn/static.h>\nstruct T { void *x; };\nstruct W { void *x[17]; };\n"
            "static void end(void *o) { (void)o; }\nCAIRN_TYPE_FINAL(final_type, struct T, end, x);\n"
            "CAIRN_TYPE(wide_type, struct W, x[16]);\nCAIRN_TYPE(good_type, struct T, x);\n")
    for name in ("final_type", "wide_type", "good_type"):
        made = f"static CAIRN_STATIC_OBJECT(object, {name}, 0, {{}});\nvoid *p = CAIRN_STATIC(object);\n"
        for language, compilers in (("c", args.c), ("c++", args.cxx)):
            for c in filter(shutil.which, compilers):
                got = run([c, "-I", args.include, "-fsyntax-only", "-x", language, "-"],
                          input=text + made)
                said = "no finaliser and no field past word 15" in got.stderr
                check(said == (name != "good_type") and said == (got.returncode != 0),
                      f"{c}: a static object of {name}:\n{got.stderr}")


def includes(args):
    for header in pathlib.Path(args.include).rglob("*.h"):
        if header.name == "abi.h":  # for compilers in C++, not for programs
            continue
        for name in re.findall(r"#\s*include\s*[<\"]([^>\"]*)", header.read_text()):
            check(name in ("stddef.h", "stdint.h", "stdbool.h", "cairn/type_macros.h", "cairn/abi_version.h",
                           "cairn.h", "cairn/containers.h", "cairn/host.h"),
                  f"{header.name} includes {name}")


def macros(args, tmp):
    def defined(text):
        got = run([args.c[0], "-std=c11", "-I", args.include, "-dM", "-E", "-x", "c", "-"],
                  input=text)
        return set(re.findall(r"#define (\w+)", got.stdout))
    new = defined("#include <cairn.h>\n") - defined(STD)
    check("CAIRN_TYPE" in new, "CAIRN_TYPE is a macro")
    for name in new:
        check(OURS.match(name), f"macro {name}")


def declarations(args, tmp):
    """File-scope names and enumerators."""
    def declared(text):
        got = run([args.c[0], "-std=c11", "-I", args.include, "-fsyntax-only", "-Xclang",
                   "-ast-dump=json", "-x", "c", "-"], input=text)
        names = set()
        for node in json.loads(got.stdout)["inner"]:
            names.add(node.get("name"))
            if node["kind"] == "EnumDecl":
                names.update(e.get("name") for e in node.get("inner", []))
        return names - {None}
    new = declared("#include <cairn.h>\n") - declared(STD)
    check({"cairn_malloc", "cairn_heap", "CAIRN_ERROR_DEAD"} <= new, "the header declares things")
    for name in new:
        check(OURS.match(name), f"declaration of {name}")
    return {n for n in new if n.startswith("cairn_")}


def symbols(args, declared):
    def names(*flags):
        got = run([args.nm, "-j", *flags])
        check(got.returncode == 0, got.stderr)
        return set(got.stdout.split()) - {""}
    exported = names("-D", "--defined-only", args.shared)
    for name in exported:
        check(re.match(r"cairn(_|\.)\w", name), f"libcairn.so exports {name}")
    # Hidden names of the archive still meet a static link: they are in namespace cairn.
    inside = names("-g", "--defined-only", args.archive)
    for name in inside:
        check(re.match(r"cairn(_|\.)\w|_ZT?[A-Z]*N?K?5cairn|.*\.o:$", name),
              f"libcairn.a defines {name}")
    for name in exported:
        check(name in inside, f"{name} is in libcairn.so only")
    functions = set(re.findall(r"\b(cairn_\w+)\(",
                               re.sub(r"/\*.*?\*/", "",
                                      (pathlib.Path(args.include) / "cairn.h").read_text(),
                                      flags=re.S)))
    for name in functions & declared:
        check(name in exported, f"{name} is declared, not exported")
    intrinsics = {n for n in exported if n.startswith("cairn.")}
    check({"cairn.alloc", "cairn.incref", "cairn.decref", "cairn.malloc", "cairn.free"}
          <= intrinsics, f"intrinsics: {sorted(intrinsics)}")
    for what, wanted in (("libcairn.a", names("-g", "--undefined-only", args.archive)),
                         ("libcairn.so", names("-D", "--undefined-only", args.shared))):
        for name in wanted:
            if name.endswith(":") or name in inside:
                continue
            if what == "libcairn.so" and re.match(r"_?environ@", name):
                continue  # other names of __environ, which the linker adds
            check(PLATFORM.match(name), f"{what} needs {name}")


def main():
    parser = argparse.ArgumentParser()
    for one in ("include", "nm", "source", "archive", "shared"):
        parser.add_argument("--" + one, required=True)
    parser.add_argument("--c", action="append")
    parser.add_argument("--cxx", action="append")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as d:
        tmp = pathlib.Path(d)
        (tmp / "alone.c").write_text("#include <cairn.h>\n#include <cairn.h>\nint cairn_x;\n")
        (tmp / "alone.cpp").write_text("#include <cairn.h>\n#include <cairn.h>\n")
        (tmp / "types.cpp").write_text(
            "#include <cairn.h>\nstruct T { long a; void *x, *y; };\n"
            "CAIRN_TYPE(t0, struct T);\nCAIRN_TYPE(t1, T, x);\nCAIRN_TYPE(t2, T, x, y);\n"
            "static void end(void *) {}\nCAIRN_TYPE_FINAL(f0, T, end);\n"
            "CAIRN_TYPE_FINAL(f2, T, end, x, y);\n"
            "static_assert(sizeof(cairn_type) == 40 || sizeof(void *) != 8, \"\");\n"
            "void *make() { return cairn_alloc(&t2); }\n")
        managed = ("#include <cairn/managed.h>\n#include <cairn/managed.h>\n"
                   "struct node;\ntypedef struct node cairn_managed *node_ref;\n"
                   "struct pair { node_ref first, second; };\n"
                   "struct node { long key; node_ref next, kids[3]; struct pair at; };\n"
                   "CAIRN_TYPE(node_type, struct node, next, kids[0], kids[2], at.first, at.second);\n"
                   "cairn_owned(1, 2) cairn_borrowed(0) node_ref link_nodes(node_ref a, node_ref b);\n"
                   "node_ref make(node_ref a);\n"
                   "node_ref make(node_ref a) {\n"
                   "  node_ref n = (node_ref)cairn_ref_new(&node_type);\n"
                   "  n->kids[2] = n->at.first = link_nodes(a, n);\n  return n;\n}\n")
        (tmp / "managed.c").write_text(managed)
        laid_out = ("#include <cairn/static.h>\n#include <cairn/static.h>\n"
                   "struct cell { struct cell *next; long v; };\n"
                   "CAIRN_TYPE(cell_type, struct cell, next);\n"
                   "extern CAIRN_STATIC_DECLARE(elsewhere, cell_type);\n"
                   "static CAIRN_STATIC_OBJECT(last, cell_type, 1, {CAIRN_STATIC(elsewhere), 2});\n"
                   "CAIRN_STATIC_OBJECT(seen, cell_type, 1, {CAIRN_STATIC(last), 2});\n"
                   "static CAIRN_STATIC_STRING(text, \"text\");\n"
                   "char *use(void);\nchar *use(void) { return *CAIRN_STATIC(text); }\n")
        (tmp / "static.c").write_text(laid_out)
        (tmp / "static.cpp").write_text(laid_out)
        (tmp / "ref.cpp").write_text(
            "#include <cairn.hpp>\n#include <cairn.hpp>\n"
            "struct N { cairn::ref<N> next; };\nCAIRN_TYPE(node_type, N, next);\n"
            "struct E {};\nCAIRN_CLASS(class_type, N, next);\nCAIRN_CLASS(empty_type, E);\n"
            "cairn::ref<N> make() { return cairn::make<N>(node_type); }\n"
            "cairn::ref<const void> any(cairn::ref<N> n) { return n == nullptr ? nullptr : n; }\n")
        (tmp / "managed.cpp").write_text(managed)
        compile_modes(args, tmp)
        fields(args, tmp)
        statics(args, tmp)
        includes(args)
        macros(args, tmp)
        declared = declarations(args, tmp)
        symbols(args, declared)
    print(f"{len(failures)} failures")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
