# CairnConfig.cmake - find_package(Cairn): the heap, and its inlining, for a target.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   find_package(Cairn REQUIRED)
#   target_link_libraries(program PRIVATE Cairn::cairn)
#   cairn_inline(program)                  # with clang of Cairn's LLVM only
#
# Cairn::cairn is the static library with its headers, Cairn::shared the shared one,
# Cairn::lowering the passes for a compiler that uses LLVM itself.

get_filename_component(CAIRN_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(CAIRN_PLUGIN "${CAIRN_PREFIX}/lib/CairnPlugin.so")

include(CMakeFindDependencyMacro)
find_dependency(Threads)

foreach(library cairn.STATIC.libcairn.a shared.SHARED.libcairn.so lowering.STATIC.libCairnLowering.a)
  string(REGEX MATCH "^([a-z]+)\\.([A-Z]+)\\.(.*)$" library "${library}")
  if(NOT TARGET Cairn::${CMAKE_MATCH_1})
    add_library(Cairn::${CMAKE_MATCH_1} ${CMAKE_MATCH_2} IMPORTED)
    set_target_properties(Cairn::${CMAKE_MATCH_1} PROPERTIES
      IMPORTED_LOCATION "${CAIRN_PREFIX}/lib/${CMAKE_MATCH_3}"
      INTERFACE_INCLUDE_DIRECTORIES "${CAIRN_PREFIX}/include"
      INTERFACE_LINK_LIBRARIES Threads::Threads)
  endif()
endforeach()

# Inlines the fast paths in the target's C and C++ sources.
function(cairn_inline target)
  target_compile_options(${target} PRIVATE
    "$<$<COMPILE_LANG_AND_ID:C,Clang>:-fpass-plugin=${CAIRN_PLUGIN}>"
    "$<$<COMPILE_LANG_AND_ID:CXX,Clang>:-fpass-plugin=${CAIRN_PLUGIN}>")
  # With IPO the lowering happens at the link.
  get_target_property(ipo ${target} INTERPROCEDURAL_OPTIMIZATION)
  if(ipo)
    target_link_options(${target} PRIVATE -fuse-ld=lld "LINKER:--load-pass-plugin=${CAIRN_PLUGIN}")
  endif()
endfunction()
