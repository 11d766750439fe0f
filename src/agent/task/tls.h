#pragma once

#include <memory>
#include <string>

#include "agent/task/transport.h"

namespace sockerless::agent {

// Whose certificates a TLS connection is verified with, and the name that the peer must have.
struct TlsSettings {
  std::string certificate_authorities;  // a PEM file or PEM text; empty is the image's own store
  std::string server_name;
};

// TLS 1.2 as a client over a connected socket. The peer's certificate is always verified.
std::unique_ptr<Transport> make_tls_transport(FileDescriptor socket, const TlsSettings& settings);

}  // namespace sockerless::agent
