# Some compilers (g++ 12.2 among them) silently miscompile ordinary coroutines: a co_await in the
# condition of an if yields a wrong value. The program below answers which kind this one is; a
# compiler that fails it is refused whatever its version says.
if(NOT DEFINED SOCKERLESS_COROUTINES_WORK)
  try_run(coroutine_run coroutine_compiles
    ${CMAKE_BINARY_DIR}/coroutine_check
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/coroutine_check.cc
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON
    COMPILE_OUTPUT_VARIABLE coroutine_output)
  if(coroutine_compiles AND coroutine_run EQUAL 0)
    set(SOCKERLESS_COROUTINES_WORK TRUE CACHE INTERNAL "the compiler passed the coroutine check")
  else()
    message(FATAL_ERROR
      "${CMAKE_CXX_COMPILER} miscompiles C++20 coroutines (cmake/coroutine_check.cc fails). "
      "Use clang 14 or newer: cmake -DCMAKE_CXX_COMPILER=clang++ or one of the presets.\n"
      "${coroutine_output}")
  endif()
endif()
