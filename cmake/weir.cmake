# What every target of ours has in common, and the ways to declare one.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(WEIR_SANITIZE "" CACHE STRING "address,undefined or thread; empty for none")
set(WEIR_TEST_LAUNCHER "" CACHE STRING "A command that every test runs under")
option(WEIR_BENCH "Build the benchmarks in tests/bench" OFF)
option(WEIR_GPU "Build the programs of tests/gpu" OFF)
option(WEIR_RPC "Build what needs gRPC and protobuf" ON)

include(fast_build)

add_library(weir_options INTERFACE)
target_include_directories(weir_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(weir_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wold-style-cast
  -Werror)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(weir_options INTERFACE -Wthread-safety)
endif()
if(WEIR_SANITIZE)
  target_compile_options(weir_options INTERFACE
    -fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(weir_options INTERFACE -fsanitize=${WEIR_SANITIZE})
endif()

# weir_library(NAME SOURCES...): a static library of one folder.
function(weir_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC weir_options)
endfunction()

# weir_test(NAME SOURCES... [LABEL unit] [TIMEOUT SECONDS] [SERIAL] [NO_ASAN]
# [NO_TSAN]): a GoogleTest suite that ctest runs as NAME; tests/suites.txt must
# list it. LABEL is unit, which `make check` runs, unless it says stress or fuzz.
# SERIAL is for a suite that measures time: it runs alone. NO_ASAN and NO_TSAN
# leave it out there; the list says why.
function(weir_test name)
  cmake_parse_arguments(PARSE_ARGV 1 suite
    "SERIAL;NO_ASAN;NO_TSAN" "LABEL;TIMEOUT" "")
  add_executable(${name} ${suite_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE weir_options GTest::gmock_main)
  if(WEIR_PRECOMPILE)
    target_precompile_headers(${name} REUSE_FROM weir_test_headers)
  endif()
  if((suite_NO_ASAN AND WEIR_SANITIZE MATCHES address) OR
     (suite_NO_TSAN AND WEIR_SANITIZE MATCHES thread))
    return()
  endif()
  add_test(NAME ${name} COMMAND ${WEIR_TEST_LAUNCHER} $<TARGET_FILE:${name}>
    --gtest_output=xml:${PROJECT_BINARY_DIR}/results/${name}.xml)
  _weir_register(${name})
endfunction()

# weir_python_test(NAME FILES... [LABEL unit] [TIMEOUT SECONDS] [VENV] [ASAN]): the
# same for files of unittest cases. They run in dev alone: nothing in them to
# instrument. VENV runs them by the Python that has tools/python_packages.txt. ASAN
# is for those whose subject is how the built program begins and ends: they run
# with the instrumented one too.
function(weir_python_test name)
  cmake_parse_arguments(PARSE_ARGV 1 suite "VENV;ASAN" "LABEL;TIMEOUT" "")
  if(WEIR_SANITIZE AND NOT (suite_ASAN AND WEIR_SANITIZE MATCHES address))
    return()
  endif()
  set(python ${Python3_EXECUTABLE})
  if(suite_VENV)
    set(python ${PROJECT_SOURCE_DIR}/.venv/bin/python)
  endif()
  list(TRANSFORM suite_UNPARSED_ARGUMENTS PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  add_test(NAME ${name} COMMAND ${python} -B
    ${PROJECT_SOURCE_DIR}/tools/run_python_tests.py
    ${PROJECT_BINARY_DIR}/results/${name}.xml ${suite_UNPARSED_ARGUMENTS})
  _weir_register(${name})
endfunction()

# weir_generated(NAME FILE COMMAND...): FILE lies in the tree and is what
# COMMAND prints. A ctest suite NAME fails where they differ; the target
# `regenerate` writes it anew. In dev alone.
function(weir_generated name file)
  if(WEIR_SANITIZE)
    return()
  endif()
  set(check ${Python3_EXECUTABLE} -B
    ${PROJECT_SOURCE_DIR}/tools/check_generated.py)
  add_test(NAME ${name} COMMAND ${check}
    --results ${PROJECT_BINARY_DIR}/results/${name}.xml
    ${PROJECT_SOURCE_DIR}/${file} -- ${ARGN})
  _weir_register(${name})
  if(NOT TARGET regenerate)
    add_custom_target(regenerate)
  endif()
  add_custom_target(regenerate_${name} COMMAND ${check} --write
    ${PROJECT_SOURCE_DIR}/${file} -- ${ARGN} VERBATIM)
  add_dependencies(regenerate regenerate_${name})
endfunction()

macro(_weir_register name)
  if(NOT suite_LABEL)
    set(suite_LABEL unit)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS ${suite_LABEL})
  if(suite_TIMEOUT)
    set_tests_properties(${name} PROPERTIES TIMEOUT ${suite_TIMEOUT})
  endif()
  if(suite_SERIAL)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
endmacro()

# The headers that nearly every test includes, parsed once per build folder.
function(weir_precompile_test_headers)
  if(NOT WEIR_PRECOMPILE)
    return()
  endif()
  set(empty ${PROJECT_BINARY_DIR}/weir_test_headers.cc)
  file(CONFIGURE OUTPUT ${empty} CONTENT "// Carries the precompiled header.\n")
  # An executable, for the compiler refuses a header made with other options.
  add_executable(weir_test_headers ${empty})
  target_link_libraries(weir_test_headers PRIVATE weir_options GTest::gmock_main)
  target_precompile_headers(weir_test_headers PRIVATE
    <gmock/gmock.h> <gtest/gtest.h> <absl/status/statusor.h>)
  # Makes a compiler cache possible: it hashes what the header was made of.
  target_compile_options(weir_options INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
    $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)
endfunction()

# weir_backend_module(NAME SOURCES... ): libNAME.so, a backend that the daemon
# opens (backend/module.h). It shows its entry and nothing else, leaves nothing
# undefined but what it links, and stays in the process once loaded.
function(weir_backend_module name)
  add_library(${name} MODULE ${ARGN})
  # Where the program looks for it, as seen from its own folder.
  set_target_properties(${name} PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
  set_target_properties(${name} PROPERTIES
    SUFFIX .so
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  target_link_libraries(${name} PRIVATE weir_options weir_module_abi)
  if(APPLE)
    target_link_options(${name} PRIVATE LINKER:-undefined,error)
  else()
    target_link_options(${name} PRIVATE
      LINKER:--as-needed LINKER:-z,nodelete)
    # clang leaves its sanitizers' symbols to the program.
    if(NOT (WEIR_SANITIZE AND CMAKE_CXX_COMPILER_ID MATCHES Clang))
      target_link_options(${name} PRIVATE LINKER:-z,defs)
    endif()
  endif()
endfunction()
