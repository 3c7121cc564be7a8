# lit.cfg.py - How lit runs the tests in test/lit.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The build writes test/lit/lit.site.cfg.py, which says where it is and loads this:
# `lit build/test/lit` runs everything. Of the source tree alone, `lit test/lit`
# takes the build in build/, or the one given with -Dbuild=DIR.

import os
import platform
import re
import shutil
import subprocess

import lit.formats

root = os.path.dirname(os.path.abspath(__file__))
build = os.path.abspath(
    getattr(config, "cairn_build", None) or lit_config.params.get("build", os.path.join(root, "build"))
)
llvm_bin = getattr(config, "llvm_bin", None) or os.path.realpath(os.path.join(build, "llvm"))
lib = os.path.join(build, "lib")

config.name = "Cairn"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".ll", ".c", ".cpp", ".test", ".md"]
config.excludes = ["Inputs", "CMakeLists.txt"]
if getattr(config, "cairn_build", None):
    config.test_source_root = os.path.join(root, "test", "lit")
else:
    config.test_source_root = root
config.test_exec_root = os.path.join(build, "test", "lit")

config.environment["PATH"] = os.pathsep.join([llvm_bin, config.environment.get("PATH", os.environ["PATH"])])
config.environment["LC_ALL"] = "C"


def llvm_config(*flags):
    return subprocess.run([os.path.join(llvm_bin, "llvm-config"), *flags], check=True,
                          capture_output=True, text=True).stdout.replace("\n", " ").strip()


plugin = os.path.join(lib, "CairnPlugin.so")
llvm_major = int(llvm_config("--version").split(".")[0])
# How LLVM's versions write the same thing as text: a variable of FileCheck for each, and
# %ir, which prints a file with the newest LLVM's IR in this one's words. The table of all
# differences is in docs/llvm-versions.md, and the code for them in lowering/ir/Compat.h.
no_capture = "captures(none)" if llvm_major >= 21 else "nocapture"
inbounds = "inbounds nuw" if llvm_major >= 20 else "inbounds"
read_no_capture = "readonly captures(none)" if llvm_major >= 21 else "nocapture readonly"
filecheck = "FileCheck -DLLVM=%d '-DNOCAPTURE=%s' '-DREADNOCAPTURE=%s' '-DINBOUNDS=%s'" % (
    llvm_major, no_capture, read_no_capture, inbounds)
# Another LLVM's tools, the newest that is whole: for tests of what is said of a mixture.
other_llvm = None
for major in (22, 21, 20, 19):
    tools = "/usr/lib/llvm-%d/bin" % major
    if major != llvm_major and all(os.path.exists(os.path.join(tools, tool))
                                   for tool in ("clang", "opt", "ld.lld", "wasm-ld", "llvm-config")):
        other_llvm = tools
        break
ir = "sed -e 's/captures(none)/%s/g'" % no_capture

for name, value in [
    ("%ir", ir),
    # The lowering, at -O2's cleanup unless the test says otherwise.
    ("%opt", "opt -load-pass-plugin=" + plugin),
    # C by clang, with and without the plugin.
    ("%clang_cairn", "clang -fpass-plugin=%s -I%s" % (plugin, os.path.join(root, "runtime", "include"))),
    ("%clang++", "clang++"),
    ("%clang", "clang -I" + os.path.join(root, "runtime", "include")),
    ("%cc", shutil.which("cc") or "cc"),
    ("%cairn", os.path.join(build, "bin", "cairn")),
    ("%plugin", plugin),
    ("%libcairn", os.path.join(lib, "libcairn.a")),
    ("%lowering", os.path.join(lib, "libCairnLowering.a")),
    ("%llvm-cflags", llvm_config("--cflags")),
    ("%llvm-libs", llvm_config("--ldflags", "--libs", "--link-shared") + " -Wl,-rpath," + llvm_config("--libdir")),
    ("%lib", lib),
    ("%other-llvm", other_llvm or "/nowhere"),
    ("%llvm-major", str(llvm_major)),
    ("%own", os.path.join(lib, "cairn", str(llvm_major))),
    ("%include", os.path.join(root, "runtime", "include")),
    ("%root", root),
    ("%docs", os.path.join(root, "docs")),
    ("%programs", os.path.join(root, "test", "programs")),
    ("%python", getattr(config, "python", "/usr/bin/python3")),
    ("%run-program", "bash %s %s" % (os.path.join(root, "test", "lit", "driver", "Inputs", "run-program"),
                                     os.path.join(build, "bin", "cairn"))),
    # Every finding of the certifier in a file, where opt ends with the first; mutations.
    ("%certify", os.path.join(build, "bin", "cairn-mutate") + " certify"),
    ("%mutate", os.path.join(build, "bin", "cairn-mutate") + " mutate"),
    # Counts the instructions of a function in assembly: see the file.
    ("%count", "%s %s" % (getattr(config, "python", "/usr/bin/python3"),
                          os.path.join(root, "test", "lit", "Inputs", "count.py"))),
]:
    config.substitutions.append((re.escape(name) + r"(?![\w+-])", value))
config.substitutions.append((r"(?<![\w/-])FileCheck(?![\w.])", filecheck))
if llvm_major >= 22:
    config.available_features.add("text-places")  # errors in IR text have a line

if llvm_major >= 21:
    config.available_features.add("captures")  # calls say what they keep of a pointer: address, or more
config.available_features.add(platform.machine().replace("_", "-"))
for feature, path in [
    ("runtime", os.path.join(lib, "libcairn.a")),
    ("shared-runtime", os.path.join(lib, "libcairn.so")),
    ("driver", os.path.join(build, "bin", "cairn")),
]:
    if os.path.exists(path):
        config.available_features.add(feature)
if other_llvm:
    config.available_features.add("other-llvm")
if shutil.which("node"):
    config.available_features.add("node")
if os.path.isdir(os.path.join(build, "python", "cairn")):
    config.available_features.add("python-module")
if os.path.exists("/usr/lib/wasm32-wasi/libc.a"):
    config.available_features.add("wasi-libc")
if shutil.which("clang-14") and shutil.which("opt-14"):
    config.available_features.add("llvm-14")
