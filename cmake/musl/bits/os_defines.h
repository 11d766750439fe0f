// What libstdc++ asks of the system: musl in the place of glibc. The headers of this folder stand before
// those of libstdc++, which Debian has for glibc only.
#pragma once

#include <features.h>

#define __NO_CTYPE 1
#define _GLIBCXX_NO_OBSOLETE_ISINF_ISNAN_DYNAMIC 0
