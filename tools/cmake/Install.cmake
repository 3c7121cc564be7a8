# Install.cmake - What an installed tree has beside the libraries, and the build directory's
# own CairnConfig.cmake.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

include(CMakePackageConfigHelpers)
set(CAIRN_CONFIG_DEFINITIONS ${LLVM_DEFINITIONS})
separate_arguments(CAIRN_CONFIG_DEFINITIONS)
list(TRANSFORM CAIRN_CONFIG_DEFINITIONS REPLACE "^-D" "")
set(CAIRN_CONFIG_PC_DEFINITIONS)
foreach(definition IN LISTS CAIRN_CONFIG_DEFINITIONS)
  string(APPEND CAIRN_CONFIG_PC_DEFINITIONS " -D${definition}")
endforeach()

set(here ${PROJECT_BINARY_DIR}/lib/cmake/Cairn)
set(CAIRN_CONFIG_INCLUDES ${PROJECT_SOURCE_DIR}/runtime/include
    ${PROJECT_SOURCE_DIR}/lowering/include ${PROJECT_SOURCE_DIR}/jit/include)
configure_file(cmake/CairnConfig.cmake.in ${here}/CairnConfig.cmake @ONLY)
configure_file(cmake/CairnLLVM.cmake.in ${here}/CairnLLVM-${CAIRN_LLVM_MAJOR}.cmake @ONLY)
set(CAIRN_CONFIG_INCLUDES "\${_cairn_prefix}/include")
configure_file(cmake/CairnConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/CairnConfig.cmake @ONLY)
write_basic_package_version_file(${here}/CairnConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/CairnConfig.cmake ${here}/CairnConfigVersion.cmake
        ${here}/CairnLLVM-${CAIRN_LLVM_MAJOR}.cmake DESTINATION lib/cmake/Cairn)

configure_file(cmake/cairn.pc.in cairn.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cairn.pc DESTINATION lib/pkgconfig)
foreach(name cairn-lowering cairn-jit)
  configure_file(cmake/${name}.pc.in ${name}-${CAIRN_LLVM_MAJOR}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}-${CAIRN_LLVM_MAJOR}.pc DESTINATION lib/pkgconfig)
endforeach()

configure_file(driver/cairn.1.in cairn.1 @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cairn.1 DESTINATION share/man/man1)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md
              ${PROJECT_SOURCE_DIR}/CONTRIBUTING.md
        DESTINATION share/doc/cairn)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION share/doc/cairn)
# For `source PREFIX/share/cairn/debugger/cairn_gdb.py`, and LLDB's `command script import`.
install(FILES debugger/cairn_gdb.py debugger/cairn_heaps.py debugger/cairn_lldb.py
        DESTINATION share/cairn/debugger)
# @cairn/wasm, as npm would pack it: `npm install PREFIX/share/cairn/npm`.
install(DIRECTORY npm/ DESTINATION share/cairn/npm FILES_MATCHING PATTERN "*.js" PATTERN "*.d.ts"
        PATTERN README.md PATTERN package.json PATTERN node_modules EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/cairn/npm)

include(cmake/DefaultNames.cmake)
cairn_default_names(${PROJECT_BINARY_DIR} ${CAIRN_LLVM_MAJOR})
install(SCRIPT cmake/DefaultNames.cmake)
