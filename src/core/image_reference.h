#pragma once

#include <string>
#include <string_view>

namespace sockerless::core {

// A normalised image reference, as Docker's distribution/reference makes it: "busybox" is
// docker.io/library/busybox. Neither tag nor digest need be present.
class ImageReference {
 public:
  // Throws Error(invalid_argument) with Docker's sentence.
  static ImageReference parse(std::string_view text);

  const std::string& domain() const { return domain_; }  // "docker.io", "localhost:5000"
  const std::string& path() const { return path_; }      // "library/busybox"
  const std::string& tag() const { return tag_; }        // "" if none
  const std::string& digest() const { return digest_; }  // "sha256:…", "" if none

  // Both throw Error(invalid_argument) with Docker's sentence for a malformed one.
  ImageReference with_tag(std::string_view tag) const;
  ImageReference with_digest(std::string_view digest) const;
  // Adds "latest" where there is neither tag nor digest.
  ImageReference with_default_tag() const;
  ImageReference without_tag_and_digest() const;

  // As users write it: "busybox", "user/image", "ghcr.io/a/b".
  std::string familiar_name() const;
  // The familiar name with tag and digest: "busybox:latest".
  std::string familiar() const;
  // "docker.io/library/busybox:latest".
  std::string canonical() const;

  friend bool operator==(const ImageReference&, const ImageReference&) = default;

 private:
  std::string suffix() const;

  std::string domain_;
  std::string path_;
  std::string tag_;
  std::string digest_;
};

}  // namespace sockerless::core
