#pragma once

namespace std {

// Character classes of the C locale; nothing in the agent uses locales, but <string> declares them.
struct ctype_base {
  typedef const int* __to_type;
  typedef unsigned short mask;
  static const mask upper = 1;
  static const mask lower = 2;
  static const mask alpha = 4;
  static const mask digit = 8;
  static const mask xdigit = 16;
  static const mask space = 32;
  static const mask print = 64;
  static const mask graph = 4 | 8 | 512;
  static const mask cntrl = 256;
  static const mask punct = 512;
  static const mask alnum = 4 | 8;
  static const mask blank = 1024;
};

}  // namespace std
