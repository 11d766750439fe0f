#pragma once

#include <clocale>
#include <cstdarg>
#include <cstdio>

#define _GLIBCXX_NUM_CATEGORIES 0

namespace std {

typedef int* __c_locale;

// How libstdc++ prints numbers in a given locale; here there is only C's.
inline int __convert_from_v(const __c_locale&, char* out, const int size, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int count = vsnprintf(out, size, format, arguments);
  va_end(arguments);
  return count;
}

}  // namespace std
