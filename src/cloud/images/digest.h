#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sockerless::cloud {

// The digest of bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view bytes);

  // "sha256:…"; nothing can be added afterwards.
  std::string digest();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string digest_of(std::string_view bytes);

// Blocks. Throws std::system_error.
std::string digest_of_file(const std::string& path);

// The hexadecimal part of a digest.
std::string_view hexadecimal(std::string_view digest);

}  // namespace sockerless::cloud
