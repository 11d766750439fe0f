#include "base/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/error.h"

namespace sockerless {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

const unsigned char* data_of(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

}  // namespace

Sha256Digest sha256(std::string_view bytes) {
  Sha256Digest digest;
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    throw Error(ErrorKind::internal, "OpenSSL cannot compute SHA-256");
  }
  return digest;
}

std::string sha256_hex(std::string_view bytes) { return to_hex(as_text(sha256(bytes))); }

Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256Digest digest;
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data_of(bytes), bytes.size(), digest.data(),
           &length) == nullptr) {
    throw Error(ErrorKind::internal, "OpenSSL cannot compute HMAC-SHA-256");
  }
  return digest;
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace sockerless
