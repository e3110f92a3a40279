# libtorch: what pip put into .venv, or any other that CMAKE_PREFIX_PATH names.
# Its headers carry their own google/protobuf and fmt and define CHECK and LOG, so
# weir_libtorch is linked by backend/torch and tests that stand in for it alone.
file(GLOB wheel LIST_DIRECTORIES true
  ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
# Its configuration warns of each part that the wheel leaves out.
set(CMAKE_MESSAGE_LOG_LEVEL ERROR)
find_package(Torch REQUIRED PATHS ${wheel})
unset(CMAKE_MESSAGE_LOG_LEVEL)

add_library(weir_libtorch INTERFACE)
target_include_directories(weir_libtorch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
# libtorch.so itself defines nothing: it names the libraries of the devices, which
# register themselves when they are loaded.
if(APPLE)
  target_link_libraries(weir_libtorch INTERFACE ${TORCH_LIBRARIES})
else()
  cmake_path(GET TORCH_LIBRARY PARENT_PATH torch_folder)
  target_link_directories(weir_libtorch INTERFACE ${torch_folder})
  target_link_options(weir_libtorch INTERFACE
    LINKER:--no-as-needed ${TORCH_LIBRARY} LINKER:--as-needed
    LINKER:-rpath-link,${torch_folder})
  target_link_libraries(weir_libtorch INTERFACE
    ${torch_folder}/libtorch_cpu.so ${torch_folder}/libc10.so)
endif()
