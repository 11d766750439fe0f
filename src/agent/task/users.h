#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace sockerless::agent {

// Whom a process runs as.
struct Identity {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;  // supplementary
  std::string home = "/";
};

struct IdentityLookup {
  Identity identity;
  std::string error;  // in Docker's words; empty if all is well
};

// Finds NAME|UID[:GROUP|GID] as a container runtime does. The texts are those of /etc/passwd and
// /etc/group, and may be empty: numbers need no entry.
IdentityLookup find_identity(std::string_view user, std::string_view passwd, std::string_view group);

// The same with the image's own files. No name service is asked: there is none in most images.
IdentityLookup find_identity(std::string_view user);

// The home folder of a user by /etc/passwd, "/" without an entry.
std::string home_of(uid_t user);

}  // namespace sockerless::agent
