#pragma once

#include <string>
#include <string_view>

namespace sockerless::cloud {

// The name of an image, as Docker reads it: "busybox" is docker.io/library/busybox:latest.
struct Reference {
  std::string host;        // "docker.io", "127.0.0.1:5000"
  std::string repository;  // "library/busybox"
  std::string tag;         // empty if only a digest is given
  std::string digest;      // "sha256:…" or empty

  // The whole name, nothing left out.
  std::string text() const;

  // What a registry is asked for: the digest, which wins over a tag, or the tag.
  const std::string& version() const { return digest.empty() ? tag : digest; }
};

// Throws Error(invalid_argument) with Docker's text.
Reference parse_reference(std::string_view text);

// True for "sha256:" and 64 hexadecimal digits: such a text is safe as the name of a file.
bool is_digest(std::string_view text);

}  // namespace sockerless::cloud
