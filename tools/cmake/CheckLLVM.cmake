# CheckLLVM.cmake - The LLVM and the clang that a build takes, or what is wrong with them.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Reads CAIRN_LLVM_MAJOR, CAIRN_LLVM_OLDEST and CAIRN_LLVM_NEWEST. Each message names what
# was found and what is needed.

if(NOT CAIRN_LLVM_MAJOR MATCHES "^[0-9]+$")
  message(FATAL_ERROR "CAIRN_LLVM_MAJOR is '${CAIRN_LLVM_MAJOR}', not a number such as ${CAIRN_LLVM_DEFAULT}")
elseif(CAIRN_LLVM_MAJOR LESS CAIRN_LLVM_OLDEST)
  message(FATAL_ERROR "CAIRN_LLVM_MAJOR is ${CAIRN_LLVM_MAJOR}; Cairn needs LLVM ${CAIRN_LLVM_OLDEST} to "
                      "${CAIRN_LLVM_NEWEST}")
elseif(CAIRN_LLVM_MAJOR GREATER CAIRN_LLVM_NEWEST)
  message(WARNING "CAIRN_LLVM_MAJOR is ${CAIRN_LLVM_MAJOR}; the newest LLVM that Cairn is known to build with is "
                  "${CAIRN_LLVM_NEWEST}")
endif()

# Which of the LLVMs that Cairn is for have their clang here, for a message.
function(_cairn_clangs_here out)
  set(here)
  foreach(major RANGE ${CAIRN_LLVM_OLDEST} ${CAIRN_LLVM_NEWEST})
    find_program(found clang-${major} NO_CACHE)
    if(found)
      list(APPEND here ${major})
    endif()
    unset(found)
  endforeach()
  list(JOIN here ", " here)
  if(here)
    set(${out} "There is clang of LLVM ${here} here: -DCAIRN_LLVM_MAJOR= takes another one" PARENT_SCOPE)
  else()
    set(${out} "There is none of LLVM ${CAIRN_LLVM_OLDEST} to ${CAIRN_LLVM_NEWEST} here" PARENT_SCOPE)
  endif()
endfunction()

if(NOT CMAKE_C_COMPILER AND NOT DEFINED ENV{CC})
  find_program(_cairn_clang clang-${CAIRN_LLVM_MAJOR} NO_CACHE)
  if(NOT _cairn_clang)
    _cairn_clangs_here(here)
    message(FATAL_ERROR "LLVM ${CAIRN_LLVM_MAJOR} is wanted (CAIRN_LLVM_MAJOR), and there is no program "
                        "clang-${CAIRN_LLVM_MAJOR}. ${here}. Debian's packages are in tools/packages.txt")
  endif()
endif()

# The runtime's bitcode is linked into modules of this LLVM, so no other compiler will do.
function(cairn_check_compiler language)
  if(NOT CMAKE_${language}_COMPILER_ID STREQUAL "Clang" OR
     NOT CMAKE_${language}_COMPILER_VERSION MATCHES "^${CAIRN_LLVM_MAJOR}\\.")
    message(FATAL_ERROR "clang of LLVM ${CAIRN_LLVM_MAJOR} is needed (CAIRN_LLVM_MAJOR), and "
                        "CMAKE_${language}_COMPILER, ${CMAKE_${language}_COMPILER}, is "
                        "${CMAKE_${language}_COMPILER_ID} ${CMAKE_${language}_COMPILER_VERSION}")
  endif()
endfunction()
