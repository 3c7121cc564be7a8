# mutate.sh CLANG OPT CERTIFY MUTATE DIRECTORY PASSES FILE... - Counts references of C and C++ programs by PASSES,
# certifies them at once and after LLVM's -O2, and mutates them.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
set -e
clang=$1 opt=$2 certify=$3 mutate=$4 directory=$5 passes=$6
shift 6
mkdir -p "$directory"
files=()
for source; do
  name=$directory/$(basename "$source" | sed 's/[.].*//')
  case $source in *.cpp) language='-x c++ -std=c++20' ;; *) language= ;; esac
  $clang $language -O1 -Xclang -disable-llvm-passes -g -emit-llvm -c "$source" -o "$name.bc"
  $opt -passes="$passes" "$name.bc" -o "$name.counted.bc"
  opt -passes='default<O2>' "$name.counted.bc" -o "$name.O2.bc"
  files+=("$name.counted.bc" "$name.O2.bc")
done
$certify "${files[@]}"
# The exit code says only that not all were found.
$mutate --table "${files[@]}" > "$directory/table" || true
grep '^|' "$directory/table"
awk -F'|' '$2 == " all " { print "found in a hundred: " int(100 * $4 / ($3 - $5)) }' "$directory/table"
