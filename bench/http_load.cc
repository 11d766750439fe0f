// Sends the same GET on several connections of a unix socket for a while, each connection one request at a time, and
// prints how many answers a second came. wrk does the same over TCP; Docker's clients use the unix socket.
//
// usage: http_load SOCKET PATH CONNECTIONS SECONDS

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "unix_socket.h"

namespace {

using sockerless::bench::connect_to;
using sockerless::bench::fail;

// Answers of known length: complete when head and body are there.
bool is_complete(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  const auto length = answer.find("Content-Length: ");
  if (end == std::string::npos || length == std::string::npos) return false;
  return answer.size() >= end + 4 + std::strtoul(answer.c_str() + length + 16, nullptr, 10);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: http_load SOCKET PATH CONNECTIONS SECONDS\n");
    return 2;
  }
  const std::string request = std::string("GET ") + argv[2] + " HTTP/1.1\r\nHost: docker\r\n\r\n";
  const int poll = ::epoll_create1(0);
  std::vector<std::string> answers(std::strtoul(argv[3], nullptr, 10));
  std::vector<int> sockets;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    sockets.push_back(connect_to(argv[1]));
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, sockets[i], &event);
    if (::send(sockets[i], request.data(), request.size(), 0) < 0) fail("send");
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto end = begin + std::chrono::duration<double>(std::strtod(argv[4], nullptr));
  std::vector<char> part(1024 * 1024);
  long answered = 0;
  while (std::chrono::steady_clock::now() < end) {
    epoll_event events[64];
    const int ready = ::epoll_wait(poll, events, 64, 1000);
    for (int i = 0; i < ready; ++i) {
      const std::size_t which = events[i].data.u64;
      const ssize_t count = ::recv(sockets[which], part.data(), part.size(), 0);
      if (count <= 0) fail("recv");
      answers[which].append(part.data(), static_cast<std::size_t>(count));
      if (!is_complete(answers[which])) continue;
      answers[which].clear();
      ++answered;
      if (::send(sockets[which], request.data(), request.size(), 0) < 0) fail("send");
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%.1f\n", static_cast<double>(answered) / took.count());
  return 0;
}
