# What every target of ours has in common, and the three ways to declare one.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(WEIR_SANITIZE "" CACHE STRING "address,undefined or thread; empty for none")

add_library(weir_options INTERFACE)
target_include_directories(weir_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(weir_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
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

# weir_library(NAME SOURCES... ): a static library of one folder.
function(weir_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC weir_options)
endfunction()

# weir_test(NAME SOURCES... ): a GoogleTest suite that ctest runs as NAME.
function(weir_test name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE weir_options GTest::gmock_main)
  add_test(NAME ${name} COMMAND ${name})
endfunction()

# weir_backend_module(NAME SOURCES... ): libNAME.so, a backend that the daemon
# opens (backend/module.h). It shows its entry and nothing else, leaves nothing
# undefined but what it links, and stays in the process once loaded.
function(weir_backend_module name)
  add_library(${name} MODULE ${ARGN})
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
