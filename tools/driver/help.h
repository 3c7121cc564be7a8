//===- help.h - What cairn --help prints ---------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// cairn.1.in says the same at length; test/lit/driver/manual.test compares the options.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TOOLS_DRIVER_HELP_H
#define CAIRN_TOOLS_DRIVER_HELP_H

namespace cairn {

inline constexpr char kHelp[] =
    R"(OVERVIEW: Builds and runs programs that use the Cairn heap, with its fast paths
inlined in their code

USAGE: cairn SUBCOMMAND [options]

SUBCOMMANDS:
  build - Compile and link C, C++ and LLVM IR that use the Cairn heap
  run   - Compile C, C++ and LLVM IR, and run main in this process
  lower - Expand the Cairn intrinsics of one IR file, and print it
  heap  - Show what is in a dump of a process's heaps

  cairn SUBCOMMAND --help lists its options.
  --version  Print the version, and LLVM's
  --help     Print this
)";

inline constexpr char kBuildHelp[] =
    R"(OVERVIEW: Compile and link C, C++ and LLVM IR that use the Cairn heap

USAGE: cairn build [options] FILE.c|.cpp|.ll|.bc|.o|.a...

Every other option is handed to clang as it is, so that "cairn build" can be a
Makefile's CC: -c, -S, -E, -x, -M..., -I, -L, -l, -W..., -f..., -m..., @FILE.

OPTIONS:
  -o <file>             Write to a file (- for stdout)
  -O <level>            Optimise: 0, 1, 2, 3, s or z (default 2); fast paths are
                        inlined at each
  --emit=<value>        What to write:
    =exe                  a program (default)
    =obj                  an object file, as -c
    =asm                  assembly, as -S
    =llvm                 LLVM IR as text, lowered and optimised
    =bc                   the same as bitcode
  --target=<triple>     x86_64-linux-gnu, aarch64-linux-gnu, wasm32 or wasm32-wasi
                        (default: that of the first IR input, or this machine)
  --heap=<value>        How generated code finds its heap:
    =thread               the thread's cache of the default heap (default)
    =static               a heap known when the program is linked
    =checked              every call looks for mistakes, which are reported with places
  --fibers              Functions may go on in another thread after a call
  --certify             Show that the counts of managed references are balanced
  --count-at-link       With -flto: insert the counts of managed references in the link,
                        for all files as one
  --count-ops           The program prints at exit which counts each function did
  --report=<file>       Write a page (HTML): the sources, with the counts and allocations
                        that are left, and why; if <file> ends in .yaml, the same as YAML
  -v                    Print the commands that are run
  --help                Print this

WebAssembly:
  --export=<name>,...   Export functions or variables
  --max-memory=<n>      Bytes that memory may grow to, with K, M or G (default 1G)
  --js[=containers]     Export what JavaScript needs to work with objects, or also with
                        lists, dicts and byte arrays
)";

inline constexpr char kRunHelp[] =
    R"(OVERVIEW: Compile C, C++ and LLVM IR, and run main in this process

USAGE: cairn run [options] FILE.c|.cpp|.ll|.bc... [-- ARGUMENT...]

Every other option is handed to clang as it is; -L and -l load shared libraries.
The program's arguments follow --.

OPTIONS:
  -O <level>            Optimise: 0, 1, 2 or 3 (default 2)
  -g                    Lines and variables for GDB
  --heap=checked        Let every call look for mistakes, as for cairn build
  --stats[=json]        Print the heap at exit, as CAIRN_STATS does
  --profile=<file>      Write a heap profile, in pprof's format; <file>:<rate> samples
                        one block in so many bytes (default 524288)
  --fibers              Functions may go on in another thread after a call
  --certify             Show that the counts of managed references are balanced
  --perf                Write a jitdump for perf in $JITDUMPDIR or $HOME
  --help                Print this
)";

inline constexpr char kLowerHelp[] =
    R"(OVERVIEW: Expand the Cairn intrinsics of one IR file, and print it

USAGE: cairn lower [options] FILE.ll

OPTIONS:
  -o <file>             Write to a file (default - for stdout)
  --heap=<value>        thread (default), static or checked, as for cairn build
  --fibers              Functions may go on in another thread after a call
  --help                Print this
)";

inline constexpr char kHeapHelp[] =
    R"(OVERVIEW: Show what is in a dump of a process's heaps

USAGE: cairn heap [options] DUMP

cairn_heap_dump, CAIRN_DUMP=FILE and CAIRN_DUMP_SIGNAL=USR2 write a dump. Shown are types,
places where blocks were made, what retains most, long chains and cycles.

OPTIONS:
  --since=<dump>        Show what changed since an older dump of the process
  --object=<address>    Show one object: what it holds, and what leads to it
  --page=<file>         Write one page for a browser in place of text
  --top=<n>             Rows of each table (default 20)
  --help                Print this
)";

} // namespace cairn

#endif // CAIRN_TOOLS_DRIVER_HELP_H
