#pragma once

#include <memory>
#include <string>

#include "http/connection.h"

namespace sockerless::http {

// PEM files, as dockerd's --tlscert, --tlskey and --tlscacert name them.
struct TlsFiles {
  std::string certificate;  // of the server, with what leads to its authority
  std::string key;
  std::string client_authorities;  // not empty: clients must show a certificate of one of these
};

// The server's side of TLS, 1.2 and newer. Connections keep the files' contents as they were when
// they were accepted.
class TlsServer {
 public:
  // Throws Error(invalid_argument) that names the file and what is wrong with it.
  explicit TlsServer(TlsFiles files);
  ~TlsServer();

  // Reads the files again. Throws as the constructor does; the old contents stay in force then.
  void reload();

  // The handshake happens within the first read or write; whoever fails it gets TLS's own alert.
  std::unique_ptr<Connection> wrap(std::unique_ptr<Connection> below) const;

 private:
  class Context;

  TlsFiles files_;
  std::shared_ptr<Context> context_;
};

}  // namespace sockerless::http
