# Compiler flags, the precompiled header and the two functions that every folder uses:
#   sockerless_library(NAME SOURCES a.cc b.cc DEPS other)   one library per folder of src/
#   sockerless_test(NAME SOURCES a_test.cc DEPS other)      one test program per folder
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(LibArchive REQUIRED)
find_package(ZLIB REQUIRED)
find_package(BZip2 REQUIRED)
find_package(LibLZMA REQUIRED)
find_library(SOCKERLESS_ZSTD zstd REQUIRED)
add_library(sockerless_zstd INTERFACE)
target_link_libraries(sockerless_zstd INTERFACE ${SOCKERLESS_ZSTD})
find_package(fmt REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(GTest REQUIRED)

add_compile_options(-Wall -Wextra -Werror -Wswitch -Wno-missing-field-initializers
                    -fvisibility=hidden -fno-omit-frame-pointer)
if(SOCKERLESS_SANITIZE)
  # clang 14 cannot combine coroutines with the function sanitizer.
  add_compile_options(-fsanitize=${SOCKERLESS_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SOCKERLESS_SANITIZE})
  # Asio hands freed blocks to the next operation, behind the sanitizer's back.
  add_compile_definitions(BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
  if(SOCKERLESS_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=function,vptr)
  endif()
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

# Boost's implementation is compiled once, here; everything else sees declarations only.
add_library(sockerless_boost STATIC ${CMAKE_SOURCE_DIR}/cmake/boost_asio.cc
                                    ${CMAKE_SOURCE_DIR}/cmake/boost_beast.cc)
target_compile_definitions(sockerless_boost PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_include_directories(sockerless_boost PUBLIC ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(sockerless_boost PUBLIC Boost::boost Boost::json OpenSSL::SSL fmt::fmt
                                              Threads::Threads)

# One precompiled header for all; never a header of the project in it.
target_precompile_headers(sockerless_boost PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch.h)
target_compile_options(sockerless_boost PRIVATE $<$<CXX_COMPILER_ID:Clang>:-Xclang -fno-pch-timestamp>)

function(sockerless_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC sockerless_boost ${arg_DEPS})
  target_precompile_headers(${name} REUSE_FROM sockerless_boost)
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:Clang>:-Xclang -fno-pch-timestamp>)
endfunction()

# Sources that call crash_point(): in the build of the tests they may die there, in the shipped one never.
option(SOCKERLESS_CRASH_POINTS "Compile the crash points of the tests" OFF)
function(sockerless_crash_points)
  if(SOCKERLESS_CRASH_POINTS)
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_DEFINITIONS SOCKERLESS_CRASH_POINTS)
  endif()
endfunction()

function(sockerless_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE sockerless_boost ${arg_DEPS})
  target_precompile_headers(${name} REUSE_FROM sockerless_boost)
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:Clang>:-Xclang -fno-pch-timestamp>)
endfunction()

include(GoogleTest)
function(sockerless_test name)
  sockerless_program(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_property(GLOBAL APPEND PROPERTY SOCKERLESS_TESTS ${name})
endfunction()
