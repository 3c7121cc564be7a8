# Writes a line SYMBOL(name) for each symbol that libcairn.a exports, so that the
# JIT's list is complete by construction. The thread-local is not one: JIT code
# has its offset as a constant.
#   cmake -DNM=llvm-nm -DLIBRARY=libcairn.a -DOUT=file -P list-symbols.cmake
cmake_policy(VERSION 3.25)
execute_process(COMMAND ${NM} --defined-only --extern-only --format=just-symbols ${LIBRARY}
                OUTPUT_VARIABLE names ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" names "${names}")
list(FILTER names INCLUDE REGEX "^cairn[_.].*[^:]$") # not the name of the archive's member
list(REMOVE_ITEM names cairn_rt_tls)
list(SORT names)
set(text "")
set(i 0)
foreach(name IN LISTS names)
  string(APPEND text "SYMBOL(${i}, \"${name}\")\n")
  math(EXPR i "${i}+1")
endforeach()
file(WRITE ${OUT} "${text}")
