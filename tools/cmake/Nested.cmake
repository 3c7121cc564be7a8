# Nested.cmake - Cairn inside another project, by add_subdirectory or FetchContent.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Cairn is configured here as a build of its own, by clang of its LLVM and without tests,
# whatever compiler, flags and build type the project has. Its targets are those of
# find_package(Cairn), of the same CairnConfig.cmake. A target is built when something
# needs it: first the heap, then what is listed after it.

if(CMAKE_CROSSCOMPILING)
  message(FATAL_ERROR "Cairn: a project that is cross-compiled cannot contain it; install it for "
                      "the target, and use find_package(Cairn)")
endif()

# A build directory that is there already, of several projects perhaps, is used as it is.
set(CAIRN_BUILD_DIR ${PROJECT_BINARY_DIR}/build CACHE PATH "Where Cairn is built")
set(_cairn_build ${CAIRN_BUILD_DIR})

# Its LLVM: CAIRN_LLVM_MAJOR if that is given; else the build directory's, if it is there; else
# the one that the project found, or that of its clang, if Cairn is for it.
file(GLOB _cairn_there ${_cairn_build}/lib/cmake/Cairn/CairnLLVM-*.cmake)
string(REGEX REPLACE ".*CairnLLVM-([0-9]+)\\.cmake$" "\\1" _cairn_there "${_cairn_there}")
if(NOT CAIRN_LLVM_MAJOR)
  set(CAIRN_LLVM_MAJOR ${CAIRN_LLVM_DEFAULT})
  if(_cairn_there)
    set(CAIRN_LLVM_MAJOR ${_cairn_there})
  else()
    foreach(_cairn_version ${LLVM_PACKAGE_VERSION} ${CMAKE_CXX_COMPILER_ID}${CMAKE_CXX_COMPILER_VERSION}
            ${CMAKE_C_COMPILER_ID}${CMAKE_C_COMPILER_VERSION})
      if(_cairn_version MATCHES "^(Clang)?([0-9]+)\\." AND NOT CMAKE_MATCH_2 LESS CAIRN_LLVM_OLDEST AND
         NOT CMAKE_MATCH_2 GREATER CAIRN_LLVM_NEWEST)
        set(CAIRN_LLVM_MAJOR ${CMAKE_MATCH_2})
        break()
      endif()
    endforeach()
  endif()
endif()
if(_cairn_there AND NOT _cairn_there STREQUAL CAIRN_LLVM_MAJOR)
  message(FATAL_ERROR "Cairn: LLVM ${CAIRN_LLVM_MAJOR} is wanted (CAIRN_LLVM_MAJOR), and CAIRN_BUILD_DIR, "
                      "${_cairn_build}, is a build for LLVM ${_cairn_there}")
endif()
find_program(CAIRN_NINJA NAMES ninja ninja-build)
if(CAIRN_NINJA)
  set(_cairn_generator -G Ninja -DCMAKE_MAKE_PROGRAM=${CAIRN_NINJA})
else()
  set(_cairn_generator -G "Unix Makefiles")
endif()
foreach(_cairn_variable CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER)
  if(DEFINED ${_cairn_variable})
    list(APPEND _cairn_generator -D${_cairn_variable}=${${_cairn_variable}})
  endif()
endforeach()
if(NOT EXISTS ${_cairn_build}/lib/cmake/Cairn/CairnConfig.cmake)
  message(STATUS "Cairn: configuring ${_cairn_build}")
  execute_process(
    COMMAND ${CMAKE_COMMAND} -S ${PROJECT_SOURCE_DIR} -B ${_cairn_build} ${_cairn_generator}
            -DCAIRN_LLVM_MAJOR=${CAIRN_LLVM_MAJOR} -DCAIRN_TESTS=OFF -DCAIRN_WERROR=OFF
    OUTPUT_VARIABLE _cairn_output ERROR_VARIABLE _cairn_output RESULT_VARIABLE _cairn_status)
  if(_cairn_status)
    message(FATAL_ERROR "Cairn cannot be configured:\n${_cairn_output}")
  endif()
endif()

# A later find_package(Cairn) of the project finds this one.
set(Cairn_DIR ${_cairn_build}/lib/cmake/Cairn CACHE PATH "The Cairn of this project" FORCE)
find_package(Cairn REQUIRED CONFIG GLOBAL PATHS ${Cairn_DIR} NO_DEFAULT_PATH)

# _cairn_step(NAME AFTER TARGETS FILES IMPORTED): the steps share a build directory, so each
# waits for the one before.
function(_cairn_step name after targets files imported)
  list(TRANSFORM files PREPEND ${_cairn_build}/lib/)
  add_custom_target(cairn-build-${name}
    COMMAND ${CMAKE_COMMAND} --build ${_cairn_build} --target ${targets}
    BYPRODUCTS ${files} USES_TERMINAL VERBATIM COMMENT "Cairn: ${name}")
  if(after)
    add_dependencies(cairn-build-${name} cairn-build-${after})
  endif()
  foreach(target IN LISTS imported)
    add_dependencies(Cairn::${target} cairn-build-${name})
  endforeach()
endfunction()
_cairn_step(heap "" "cairn-static;cairn-shared" "libcairn.a;libcairn.so" "cairn;shared")
set(_cairn_own cairn/${CAIRN_LLVM_MAJOR})
_cairn_step(lowering heap "CairnLowering;CairnPlugin"
            "${_cairn_own}/libCairnLowering.a;${_cairn_own}/CairnPlugin.so"
            "lowering;plugin;plugin-${CAIRN_LLVM_MAJOR}")
_cairn_step(jit lowering CairnJIT ${_cairn_own}/libCairnJIT.a jit)
