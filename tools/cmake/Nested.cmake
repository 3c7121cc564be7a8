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
_cairn_step(lowering heap "CairnLowering;CairnPlugin" "libCairnLowering.a;CairnPlugin.so"
            "lowering;plugin")
_cairn_step(jit lowering CairnJIT libCairnJIT.a jit)
