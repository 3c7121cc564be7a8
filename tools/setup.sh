# setup.sh - What tools/demo, tools/test and the benchmarks do first: packages, then a build.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Sourced by bash with $root set. The build directory is $build, logs go to
# $build/logs. $llvm is the major version of the LLVM that is built with; take_llvm sets
# both. Nothing is downloaded when every package is there.

# The one that CMakeLists.txt takes unless it is told otherwise.
llvm=$(sed -n 's/^set(CAIRN_LLVM_DEFAULT \([0-9]*\))$/\1/p' "$root/CMakeLists.txt")
default_llvm=$llvm
oldest_llvm=$(sed -n 's/^set(CAIRN_LLVM_OLDEST \([0-9]*\))$/\1/p' "$root/CMakeLists.txt")
: "${build:=$root/build}"
jobs=$(nproc 2>/dev/null || echo 2)

say() { printf '\n== %s\n' "$*"; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# check_llvm OPTION=MAJOR: ends with a message if that is no LLVM that Cairn is for.
check_llvm() {
  case ${1#*=} in
  "" | *[!0-9]*) die "$1: is not a number such as $default_llvm" ;;
  esac
  [ "${1#*=}" -ge "$oldest_llvm" ] || die "$1: Cairn is for LLVM $oldest_llvm and newer"
}

# take_llvm MAJOR: what follows is for that LLVM, in build-MAJOR, or in build for the default.
take_llvm() {
  llvm=$1
  build=$root/build
  [ "$llvm" = "$default_llvm" ] || build=$root/build-$llvm
}

# quietly LOG COMMAND...: runs it with its output in $build/logs/LOG; shows the end
# of that if it fails.
quietly() {
  local log=$build/logs/$1
  shift
  mkdir -p "$build/logs"
  "$@" >"$log" 2>&1 && return
  tail -n 30 "$log" >&2
  die "$1 failed; all of its output is in $log"
}

installed() {
  [ "$(dpkg-query -W -f='${Status}' "$1" 2>/dev/null)" = "install ok installed" ]
}

# install_packages [SECTION]...: those sections of packages.txt, or all of it.
install_packages() {
  local section
  for section in "$@"; do
    grep -qxF "[$section]" "$root/tools/packages.txt" || die "tools/packages.txt has no section $section"
  done
  # shellcheck disable=SC2046 # a name has no spaces
  install_named $(awk -v sections=" $* " -v major="$llvm" '
    { sub(/#.*/, ""); gsub(/MAJOR/, major) }
    /^\[.*\]/ { name = substr($1, 2, length($1) - 2); next }
    NF && (sections == "  " || index(sections, " " name " "))' "$root/tools/packages.txt")
}

# install_named PACKAGE...: Debian packages that are not in packages.txt.
install_named() {
  local package missing=()
  for package in "$@"; do
    installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "Installing ${missing[*]}"
  command -v apt-get >/dev/null ||
    die "these packages are missing, and there is no apt-get here: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      die "these packages are missing; install them as root: ${missing[*]}"
    as_root=(sudo)
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y)
  quietly apt-update.txt "${apt[@]}" update
  for package in "${missing[@]}"; do
    apt-cache show "$package" >/dev/null 2>&1 ||
      die "apt knows no package $package: is there a network, and bookworm-security in its sources? ($build/logs/apt-update.txt)"
  done
  quietly apt-install.txt "${apt[@]}" install --no-install-recommends "${missing[@]}"
}

# configure_cairn [OPTION]...: with what the build directory has already, and these.
configure_cairn() {
  quietly configure.txt cmake -S "$root" -B "$build" -G Ninja "-DCAIRN_LLVM_MAJOR=$llvm" "$@"
}

# build_cairn TARGET...
build_cairn() {
  say "Building in $build"
  # One line that changes on a terminal, a line now and then elsewhere.
  local log=$build/logs/build.txt status
  mkdir -p "$build/logs"
  if [ -t 1 ]; then
    NINJA_STATUS='[%f/%t, %e s] ' ninja -C "$build" "$@"
    status=$?
  else
    NINJA_STATUS='[%f/%t, %e s] ' ninja -C "$build" "$@" 2>&1 | tee "$log" |
      awk '/^\[[0-9]+\// { if (NR % 10 == 0) print; fflush() }'
    status=${PIPESTATUS[0]}
    [ "$status" -eq 0 ] || grep -v '^\[' "$log" | tail -n 40 >&2
  fi
  [ "$status" -eq 0 ] || die "the build failed"
}
