# The hash of the shared headers changes with what a header holds and what it is
# called, and with nothing else:
#
#   cmake -DSCRIPT=cmake/backend_hash.cmake -DFOLDER=... -P module_hash_test.cmake
cmake_minimum_required(VERSION 3.25)

# hash_of(VARIABLE ROOT HEADERS)
function(hash_of variable root headers)
  set(output ${FOLDER}/hash.h)
  execute_process(COMMAND ${CMAKE_COMMAND} -DROOT=${root} -DOUTPUT=${output}
    -DHEADERS=${headers} -P ${SCRIPT} COMMAND_ERROR_IS_FATAL ANY)
  file(READ ${output} text)
  if(NOT text MATCHES "\"([0-9a-f]+)\"")
    message(FATAL_ERROR "no hash in: ${text}")
  endif()
  set(${variable} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

function(expect_same one other meaning)
  if(NOT one STREQUAL other)
    message(FATAL_ERROR "${meaning}")
  endif()
endfunction()

function(expect_different one other meaning)
  if(one STREQUAL other)
    message(FATAL_ERROR "${meaning}")
  endif()
endfunction()

file(REMOVE_RECURSE ${FOLDER})
file(WRITE ${FOLDER}/one/a.h "int a;")
file(WRITE ${FOLDER}/one/b.h "int b;")
file(WRITE ${FOLDER}/two/a.h "int a;")
file(WRITE ${FOLDER}/two/b.h "int b;")
hash_of(first ${FOLDER}/one a.h,b.h)
hash_of(elsewhere ${FOLDER}/two b.h,a.h)
hash_of(fewer ${FOLDER}/one a.h)
file(WRITE ${FOLDER}/two/b.h "int c;")
hash_of(changed ${FOLDER}/two a.h,b.h)
file(RENAME ${FOLDER}/one/b.h ${FOLDER}/one/c.h)
hash_of(renamed ${FOLDER}/one a.h,c.h)
expect_same(${first} ${elsewhere} "folder and order do not count")
expect_different(${first} ${fewer} "a header less is another hash")
expect_different(${first} ${changed} "another text is another hash")
expect_different(${first} ${renamed} "another name is another hash")
