# gRPC and protobuf, of the system's packages or any that CMAKE_PREFIX_PATH names.
# A newer protobuf brings a configuration of its own; Debian's has none, and
# cmake knows how to find it. Before libtorch, whose configuration defines an empty
# protobuf::libprotobuf where there is none.
find_package(Protobuf REQUIRED)
# Debian's gRPC looks for libraries that have no configuration there, and warns of
# each.
set(CMAKE_MESSAGE_LOG_LEVEL ERROR)
find_package(gRPC CONFIG REQUIRED)
unset(CMAKE_MESSAGE_LOG_LEVEL)
# By way of re2, which gRPC uses and its users do not, each of them would be compiled
# with -pthread, and a precompiled header made without it be refused.
if(TARGET re2::re2)
  set_property(TARGET re2::re2 PROPERTY INTERFACE_COMPILE_OPTIONS)
endif()
