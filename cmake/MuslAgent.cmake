# sockerless_musl_agent(NAME SOURCES…): the agent on musl instead of glibc, a tenth of its size, without TLS.
#
# Debian has no C++ library for musl. What the agent uses of libstdc++ is templates, so its headers do, with those of
# cmake/musl in front of them; three of its objects that ask nothing of the C library; and
# src/agent/task/freestanding.cc.
set(musl_architecture ${CMAKE_SYSTEM_PROCESSOR}-linux-musl)
find_path(SOCKERLESS_MUSL_HEADERS features.h PATHS /usr/include/${musl_architecture} NO_DEFAULT_PATH)
find_path(SOCKERLESS_MUSL_LIBRARIES crt1.o PATHS /usr/lib/${musl_architecture} NO_DEFAULT_PATH)

set(has_musl OFF)
if(SOCKERLESS_MUSL_HEADERS AND SOCKERLESS_MUSL_LIBRARIES AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang"
   AND NOT SOCKERLESS_SANITIZE)
  set(has_musl ON)
endif()
option(SOCKERLESS_AGENT_MUSL "Build sockerless-agent-musl, the agent on musl (package musl-dev)" ${has_musl})

function(sockerless_musl_agent name)
  cmake_parse_arguments(arg "" "" "SOURCES" ${ARGN})
  set(folder ${CMAKE_BINARY_DIR}/musl)
  file(MAKE_DIRECTORY ${folder}/kernel)
  foreach(headers linux asm-generic)
    file(CREATE_LINK /usr/include/${headers} ${folder}/kernel/${headers} SYMBOLIC)
  endforeach()
  file(CREATE_LINK /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}/asm ${folder}/kernel/asm SYMBOLIC)

  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libstdc++.a
                  OUTPUT_VARIABLE libstdcxx OUTPUT_STRIP_TRAILING_WHITESPACE)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-libgcc-file-name
                  OUTPUT_VARIABLE libgcc OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(objects tree.o hashtable_c++0x.o hash_bytes.o)
  list(TRANSFORM objects PREPEND ${folder}/ OUTPUT_VARIABLE object_files)
  add_custom_command(OUTPUT ${object_files} COMMAND ${CMAKE_AR} x ${libstdcxx} ${objects} WORKING_DIRECTORY ${folder})

  add_executable(${name} ${arg_SOURCES} ${object_files})
  set_source_files_properties(${object_files} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_compile_definitions(${name} PRIVATE SOCKERLESS_VERSION="${PROJECT_VERSION}" _GLIBCXX_EXTERN_TEMPLATE=0)
  target_compile_options(${name} PRIVATE -Os -fno-exceptions -fno-rtti -fno-threadsafe-statics -ffunction-sections
    -fdata-sections -fomit-frame-pointer -fno-asynchronous-unwind-tables -fno-stack-protector -nostdinc -nostdinc++
    "SHELL:-isystem ${CMAKE_SOURCE_DIR}/cmake/musl")
  set(library_headers ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES})
  list(FILTER library_headers INCLUDE REGEX "/c\\+\\+/")
  set(compiler_headers ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES})
  list(FILTER compiler_headers INCLUDE REGEX "/clang/")
  foreach(headers ${library_headers} ${SOCKERLESS_MUSL_HEADERS} ${folder}/kernel ${compiler_headers})
    target_compile_options(${name} PRIVATE "SHELL:-isystem ${headers}")
  endforeach()

  set(libraries ${SOCKERLESS_MUSL_LIBRARIES})
  target_link_options(${name} PRIVATE -nostdlib -static -Wl,--gc-sections -Wl,-s
    ${libraries}/crt1.o ${libraries}/crti.o)
  target_link_libraries(${name} PRIVATE ${libraries}/libc.a ${libgcc} ${libraries}/crtn.o)
endfunction()
