# DefaultNames.cmake - The names without a number: links to the files of one LLVM.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# An installed tree holds the parts of several LLVMs, each in lib/cairn/MAJOR. The command
# `cairn`, CairnPlugin.so and the libraries and .pc files without a number are the newest
# one's, in whatever order they were installed.

# cairn_default_names(PREFIX MAJOR [pkgconfig])
function(cairn_default_names prefix major)
  file(MAKE_DIRECTORY ${prefix}/bin ${prefix}/lib)
  file(CREATE_LINK cairn-${major} ${prefix}/bin/cairn SYMBOLIC)
  foreach(file CairnPlugin.so libCairnLowering.a libCairnJIT.a)
    file(CREATE_LINK cairn/${major}/${file} ${prefix}/lib/${file} SYMBOLIC)
  endforeach()
  if(ARGC GREATER 2)
    foreach(file cairn-lowering cairn-jit)
      file(CREATE_LINK ${file}-${major}.pc ${prefix}/lib/pkgconfig/${file}.pc SYMBOLIC)
    endforeach()
  endif()
endfunction()

# As an installation's last step.
if(DEFINED CMAKE_INSTALL_PREFIX AND NOT DEFINED PROJECT_SOURCE_DIR)
  set(prefix "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
  set(newest 0)
  file(GLOB plugins ${prefix}/lib/cairn/*/CairnPlugin.so)
  foreach(plugin IN LISTS plugins)
    if(plugin MATCHES "/([0-9]+)/CairnPlugin.so$" AND CMAKE_MATCH_1 GREATER newest)
      set(newest ${CMAKE_MATCH_1})
    endif()
  endforeach()
  cairn_default_names("${prefix}" ${newest} pkgconfig)
  message(STATUS "The names without a number are LLVM ${newest}'s: ${prefix}/bin/cairn and others")
endif()
