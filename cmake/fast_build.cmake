# What makes a build faster and changes nothing in what is built: a compiler
# cache, a fast linker, and one precompiled header for the test suites.
option(WEIR_PRECOMPILE "Precompile the headers that every test includes" ON)

# ccache needs to be told that a precompiled header is fine, and that two clones
# of one tree in different folders are the same source.
find_program(WEIR_CCACHE ccache)
if(WEIR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    ${WEIR_CCACHE})
endif()

include(CheckLinkerFlag)
foreach(linker mold lld)
  check_linker_flag(CXX -fuse-ld=${linker} WEIR_HAS_${linker})
  if(WEIR_HAS_${linker})
    add_link_options(-fuse-ld=${linker})
    break()
  endif()
endforeach()
