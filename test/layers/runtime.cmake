# No room of the runtime includes or calls a higher one (runtime.layers).
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(runtime_build ${PROJECT_BINARY_DIR}/runtime)
add_test(NAME layers-runtime-calls
  COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/runtime_calls.py
          ${CMAKE_CURRENT_LIST_DIR}/runtime.layers ${CAIRN_LLVM_BIN}/llvm-nm
          ${runtime_build}/CMakeFiles/cairn-objects.dir ${runtime_build}/wasm32
          ${runtime_build}/wasm32-wasi)
if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/check_layers.py)
  add_test(NAME layers-runtime
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/check_layers.py
            ${CMAKE_CURRENT_LIST_DIR}/runtime.layers)
endif()
