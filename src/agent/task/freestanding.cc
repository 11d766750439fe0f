// What the agent needs of a C++ run time beside templates, for the build on musl: Debian has no libstdc++ for
// musl, and of glibc's only objects that ask nothing of the C library can be linked. The agent throws
// nothing; where the library would, it ends the process.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <new>

namespace {

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "sockerless-agent: %s\n", what);
  std::abort();
}

void* allocate(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) die("out of memory");
  return memory;
}

}  // namespace

// What libstdc++ was told about threads by glibc: there is one.
extern "C" {
extern char __libc_single_threaded;
char __libc_single_threaded = 1;
void __cxa_pure_virtual() { die("a pure virtual function was called"); }
void* __dso_handle = nullptr;
}

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace std {

const nothrow_t nothrow{};

void __throw_bad_alloc() { die("out of memory"); }
void __throw_bad_array_new_length() { die("out of memory"); }
void __throw_bad_function_call() { die("an empty function was called"); }
void __throw_invalid_argument(const char* what) { die(what); }
void __throw_length_error(const char* what) { die(what); }
void __throw_logic_error(const char* what) { die(what); }
void __throw_out_of_range(const char* what) { die(what); }
void __throw_out_of_range_fmt(const char* what, ...) { die(what); }
void __throw_bad_variant_access(const char* what) { die(what); }

chrono::steady_clock::time_point chrono::steady_clock::now() noexcept {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time_point(seconds(time.tv_sec) + nanoseconds(time.tv_nsec));
}

// Only run-time types, which the agent is built without, would have equal ones.
bool _Sp_make_shared_tag::_S_eq(const type_info&) noexcept { return false; }

}  // namespace std
