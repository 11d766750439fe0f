#pragma once

#include <memory>
#include <string>

#include "core/driver.h"
#include "docker/api.h"
#include "http/connection.h"

namespace sockerless::docker {

// How a hijacked connection carries a process's streams.
struct ClientStream {
  bool is_multiplexed = true;  // stdout and stderr apart, in stdcopy frames
  bool tty = false;            // the detach keys are looked for
  bool with_input = false;
  // The end of the client's input is the end of the process's; otherwise the client's own end.
  bool ends_input = true;
  std::string detach_keys;  // as parse_detach_keys returns them
};

enum class ClientEnd { output_ended, client_left, detached };

// Carries both directions until the output ends, the client is gone, or it presses the detach keys. The
// client can read to the end of what was sent. A session that is cut off says so to the client.
Awaitable<ClientEnd> serve_client(Clock& clock, std::unique_ptr<http::Connection> connection,
                                  std::unique_ptr<core::AttachSession> session, ClientStream stream);

// Output that does not come from the process, as a piece of its stdout or stderr.
Awaitable<void> write_output(http::Connection& connection, bool is_multiplexed, int number, std::string_view text);

// The head that hands a connection over to a process: 101 for clients that ask for the upgrade, otherwise
// 200. `more` is lines of headers.
std::string upgrade_head(const http::Exchange& exchange, bool is_multiplexed, std::string_view more = {});

}  // namespace sockerless::docker
