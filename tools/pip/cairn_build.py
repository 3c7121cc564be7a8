#===- cairn_build.py - What pip asks for the Python package ---------------===//
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===----------------------------------------------------------------------===//
"""A build backend (PEP 517, PEP 660): wheels of `cairn` and `pyexec`, built by CMake.

The build directory is build/pip-TAG of the source tree, so that a second build is short,
or that of `--config-settings build-dir=DIR`. `--config-settings cmake-args=...` and the
variable CMAKE_ARGS hold further arguments for CMake, -DCAIRN_LLVM_MAJOR=19 among them.
Wheels are the same byte for byte when what is in them is the same.
"""

import base64
import gzip
import hashlib
import io
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ("cairn", "pyexec")
EPOCH = (1980, 1, 1, 0, 0, 0)


def _cmake(pattern):
    """What CMakeLists.txt says."""
    return re.search(pattern, (ROOT / "CMakeLists.txt").read_text()).group(1)


def _version():
    return _cmake(r"project\(Cairn VERSION ([0-9.]+)")


def _field(name):
    """A string of pyproject.toml's [project]; Python has a parser for it from 3.11 only."""
    text = (ROOT / "pyproject.toml").read_text()
    return re.search(rf'^{name} = (?:\{{ text = )?"([^"]*)"', text, re.M).group(1)


def _list(name):
    text = (ROOT / "pyproject.toml").read_text()
    return re.findall(r'"([^"]*)"', re.search(rf"^{name} = \[(.*?)\]", text, re.M | re.S).group(1))


def _metadata():
    lines = ["Metadata-Version: 2.1", f"Name: {_field('name')}", f"Version: {_version()}",
             f"Summary: {_field('description')}", f"License: {_field('license')}",
             f"Requires-Python: {_field('requires-python')}"]
    lines += [f"Classifier: {one}" for one in _list("classifiers")]
    for one in _list("numpy"):
        lines += ["Provides-Extra: numpy", f'Requires-Dist: {one}; extra == "numpy"']
    lines += ["License-File: LICENSE", "Description-Content-Type: text/markdown", "",
              (ROOT / _field("readme")).read_text()]
    return "\n".join(lines)


def _tag():
    """cp311-cp311-linux_x86_64: of the Python that runs this."""
    python = "cp%d%d" % sys.version_info[:2]
    abi = python + getattr(sys, "abiflags", "")
    platform = re.sub("[-.]", "_", sysconfig.get_platform())
    return f"{python}-{abi}-{platform}"


def _fail(message):
    sys.stderr.write(f"cairn: error: {message}\n")
    sys.exit(1)


def _major(arguments, build):
    """The LLVM that CMake will take: the last argument that says it, else the cache's, else the
    one that CMakeLists.txt takes."""
    said = [re.fullmatch(r"-DCAIRN_LLVM_MAJOR(?::\w+)?=(.*)", one) for one in arguments]
    said = [one.group(1) for one in said if one]
    return (said[-1] if said else _cached(build, "CAIRN_LLVM_MAJOR")
            or _cmake(r"set\(CAIRN_LLVM_DEFAULT (\d+)"))


def _check_tools(llvm):
    if sys.implementation.name != "cpython" or not sys.platform.startswith("linux"):
        _fail(f"the module is for CPython on Linux, this is {sys.implementation.name} on "
              f"{sys.platform}")
    include = sysconfig.get_path("include")
    if not os.path.exists(os.path.join(include, "Python.h")):
        _fail(f"{include}/Python.h is not there: install the headers of this Python "
              "(Debian: python3-dev)")
    tools = "cmake", "ninja", f"clang-{llvm}", f"clang++-{llvm}"
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        _fail(f"{', '.join(missing)} not found; the Debian packages that a build needs are in "
              "tools/packages.txt, [build] and [bitcode]" + _others(llvm))


def _others(llvm):
    """Of other LLVMs that Cairn is for, and that are here."""
    first, last = (int(_cmake(rf"set\(CAIRN_LLVM_{end} (\d+)")) for end in ("OLDEST", "NEWEST"))
    here = [str(n) for n in range(last, first - 1, -1)
            if str(n) != llvm and shutil.which(f"clang-{n}")]
    return f"; LLVM {' and '.join(here)} is here: CMAKE_ARGS=-DCAIRN_LLVM_MAJOR={here[0]}" if here else ""


def _cached(build, name):
    cache = build / "CMakeCache.txt"
    found = re.search(rf"^{name}:\w+=(.*)$", cache.read_text(), re.M) if cache.exists() else None
    return found.group(1) if found else None


def _python():
    """The interpreter, by the name that outlives a virtual environment."""
    return getattr(sys, "_base_executable", None) or sys.executable


def _build(settings):
    """Builds the package; the directory that holds `cairn` and `pyexec`."""
    settings = settings or {}
    default = ROOT / "build" / f"pip-{_tag()}"
    build = pathlib.Path(settings.get("build-dir") or default).resolve()
    arguments = shlex.split(os.environ.get("CMAKE_ARGS", ""))
    more = settings.get("cmake-args") or []
    arguments += shlex.split(more) if isinstance(more, str) else more
    _check_tools(_major(arguments, build))
    had = _cached(build, "CAIRN_PYTHON")
    if not (build / "build.ninja").exists():
        arguments += ["-DCAIRN_TESTS=OFF", "-DCAIRN_WERROR=OFF"]
    if had is None or not os.path.exists(had) or not os.path.samefile(had, _python()):
        arguments.append(f"-DCAIRN_PYTHON={_python()}")
    try:
        subprocess.run(["cmake", "-S", ROOT, "-B", build, "-G", "Ninja", *arguments], check=True)
        subprocess.run(["cmake", "--build", build, "--target", "cairn-python"], check=True)
    except subprocess.CalledProcessError as error:
        _fail(f"'{shlex.join(map(str, error.cmd))}' failed; its output is above")
    return build / "python"


class _Wheel:
    """Writes a wheel, and its RECORD at the end."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.record = []

    def add(self, name, data, mode=0o644):
        if isinstance(data, str):
            data = data.encode()
        info = zipfile.ZipInfo(name, EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = (0o100000 | mode) << 16
        self.zip.writestr(info, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        self.record.append(f"{name},sha256={digest},{len(data)}")

    def finish(self, directory):
        self.record.append(f"{directory}/RECORD,,")
        self.add(f"{directory}/RECORD", "\n".join(self.record) + "\n")
        self.zip.close()


def _write_wheel(directory, files):
    dist = f"cairn-{_version()}.dist-info"
    name = f"cairn-{_version()}-{_tag()}.whl"
    wheel = _Wheel(pathlib.Path(directory) / name)
    for path, data, mode in files:
        wheel.add(path, data, mode)
    for path, data in _dist_info():
        wheel.add(f"{dist}/{path}", data)
    wheel.finish(dist)
    return name


def _dist_info():
    return [("METADATA", _metadata()),
            ("WHEEL", f"Wheel-Version: 1.0\nGenerator: cairn_build\nRoot-Is-Purelib: false\n"
                      f"Tag: {_tag()}\n"),
            ("LICENSE", (ROOT / "LICENSE").read_text()),
            ("top_level.txt", "\n".join(PACKAGES) + "\n")]


def _module(package):
    """The compiled module's file of this Python; a build directory may have others too."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    return package / "cairn" / ("_cairn" + suffix)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    package = _build(config_settings)
    files = []
    for name in PACKAGES:
        for path in sorted((ROOT / "jit" / "python" / name).rglob("*")):
            if path.suffix in (".py", ".pyi") or path.name == "py.typed":
                files.append((path.relative_to(ROOT / "jit" / "python").as_posix(),
                              path.read_bytes(), 0o644))
    module = _module(package)
    files.append((f"cairn/{module.name}", _stripped(module), 0o755))
    return _write_wheel(wheel_directory, files)


def _stripped(module):
    """Without debug information, which is most of it."""
    build = module.parents[2]
    strip = shutil.which("llvm-strip", path=build / "llvm") or shutil.which("strip")
    if not strip:
        return module.read_bytes()
    out = module.with_suffix(".stripped")
    subprocess.run([strip, "--strip-debug", "-o", out, module], check=True)
    data = out.read_bytes()
    out.unlink()
    return data


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """The build directory on the path: Python files change when they are built again."""
    package = _build(config_settings)
    return _write_wheel(wheel_directory, [("cairn-editable.pth", f"{package}\n", 0o644)])


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    dist = pathlib.Path(metadata_directory) / f"cairn-{_version()}.dist-info"
    dist.mkdir()
    for path, data in _dist_info():
        (dist / path).write_text(data)
    return dist.name


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def _tracked():
    """The source tree's files: git's, or all but what builds leave."""
    got = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True)
    if got.returncode == 0 and got.stdout:
        return [name for name in got.stdout.decode().split("\0") if (ROOT / name).is_file()]
    skip = re.compile(r"(build[^/]*/|\.git/|.*__pycache__/|.*node_modules/|.*\.pyc$)")
    files = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file())
    return sorted(name for name in files if not skip.match(name))


def build_sdist(sdist_directory, config_settings=None):
    base = f"cairn-{_version()}"
    name = base + ".tar.gz"

    def plain(info):
        info.uid = info.gid = info.mtime = 0
        info.uname = info.gname = ""
        return info

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in _tracked():
            tar.add(ROOT / path, f"{base}/{path}", filter=plain)
        metadata = _metadata().encode()
        info = plain(tarfile.TarInfo(f"{base}/PKG-INFO"))
        info.size = len(metadata)
        tar.addfile(info, io.BytesIO(metadata))
    with open(pathlib.Path(sdist_directory) / name, "wb") as out, \
            gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as packed:
        packed.write(buffer.getvalue())
    return name
