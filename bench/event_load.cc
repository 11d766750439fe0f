// Listens to the daemon's events on several connections of a unix socket while it makes events at a rate: on each of a
// few others it gives an image ten tags, again and again, one request at a time. Prints how many events a second were
// made, how many the worst listener got, and whether every listener got those of each maker in the order in which they
// were made.
//
// usage: event_load SOCKET IMAGE LISTENERS EVENTS RATE

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unix_socket.h"

namespace {

using sockerless::bench::connect_to;
using sockerless::bench::fail;

using Clock = std::chrono::steady_clock;

constexpr int kMakers = 4;
constexpr int kTags = 10;
constexpr std::string_view kName = "\"name\":\"bench/events:v";  // before the maker's digit and the tag's
constexpr int kLongestPause = 100;                               // ms between two looks at what is due
constexpr std::chrono::seconds kLongestWait{30};                 // for what is under way

void send_all(int fd, const std::string& text) {
  if (::send(fd, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) fail("send");
}

// What one connection has read and not yet taken.
class Input {
 public:
  explicit Input(int fd) : fd_(fd) {}

  int fd() const { return fd_; }

  void read() {
    static std::vector<char> part(256 * 1024);
    const ssize_t count = ::recv(fd_, part.data(), part.size(), 0);
    if (count <= 0) fail("recv");
    text_.append(part.data(), static_cast<std::size_t>(count));
  }

  // Everything up to and with the mark. False if it has not come yet.
  bool take(std::string_view mark, std::string& taken) {
    const auto at = text_.find(mark);
    if (at == std::string::npos) return false;
    taken = text_.substr(0, at + mark.size());
    text_.erase(0, at + mark.size());
    return true;
  }

 private:
  int fd_;
  std::string text_;
};

struct Listener {
  Input input;
  int events = 0;
  std::array<int, kMakers> events_of{};
  bool is_in_order = true;

  void take_events() {
    std::string line;
    while (input.take("\n", line)) {
      const auto at = line.find(kName);
      if (at == std::string::npos) continue;  // a chunk's length
      int& before = events_of.at(static_cast<std::size_t>(line[at + kName.size()] - '0'));
      is_in_order = is_in_order && line[at + kName.size() + 1] == '0' + before % kTags;
      ++before;
      ++events;
    }
  }
};

Listener listen_to(const char* socket) {
  Listener listener{Input(connect_to(socket))};
  send_all(listener.input.fd(), "GET /events?filters=%7B%22event%22%3A%5B%22tag%22%5D%7D HTTP/1.1\r\nHost: d\r\n\r\n");
  std::string head;
  while (!listener.input.take("\r\n\r\n", head)) listener.input.read();
  return listener;
}

// Makes the events on a connection of its own, one request at a time, and never ahead of the rate.
class Maker {
 public:
  Maker(const char* socket, std::string tag_path, int events, double rate)
      : input_(connect_to(socket)), tag_path_(std::move(tag_path)), wanted_(events), pause_(1 / rate) {}

  int fd() const { return input_.fd(); }
  bool is_done() const { return made_ == wanted_; }
  Clock::time_point end() const { return end_; }

  void read() {
    input_.read();
    std::string head;
    if (!input_.take("\r\n\r\n", head)) return;
    if (!head.starts_with("HTTP/1.1 201")) fail(head.c_str());
    is_waiting_ = false;
    end_ = Clock::now();
    ++made_;
  }

  // Sends the next request if it is due; returns the milliseconds until then.
  int step() {
    if (is_waiting_ || is_done()) return kLongestPause;
    const auto left = begin_ + std::chrono::duration_cast<Clock::duration>(made_ * pause_) - Clock::now();
    if (left > left.zero())
      return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(left).count());
    send_all(fd(),
             "POST " + tag_path_ + std::to_string(made_ % kTags) + " HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n");
    is_waiting_ = true;
    return kLongestPause;
  }

 private:
  Input input_;
  std::string tag_path_;
  int wanted_;
  std::chrono::duration<double> pause_;
  int made_ = 0;
  bool is_waiting_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point end_ = begin_;
};

// Until the makers are done and every listener has all of their events, or nothing comes any more.
void run(std::vector<Maker>& makers, std::vector<Listener>& listeners, int events) {
  const int poll = ::epoll_create1(0);
  for (std::size_t i = 0; i < listeners.size() + makers.size(); ++i) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    const int fd = i < listeners.size() ? listeners[i].input.fd() : makers[i - listeners.size()].fd();
    ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
  }
  const auto has_all = [&](const Listener& listener) { return listener.events >= events; };
  const auto is_done = [](const Maker& maker) { return maker.is_done(); };
  auto deadline = Clock::now() + kLongestWait;
  while (Clock::now() < deadline) {
    if (std::all_of(listeners.begin(), listeners.end(), has_all) &&
        std::all_of(makers.begin(), makers.end(), is_done)) {
      return;
    }
    int pause = kLongestPause;
    for (Maker& maker : makers) pause = std::min(pause, maker.step());
    epoll_event ready[64];
    const int count = ::epoll_wait(poll, ready, 64, pause);
    if (count > 0) deadline = Clock::now() + kLongestWait;
    for (int i = 0; i < count; ++i) {
      const std::size_t which = ready[i].data.u64;
      if (which >= listeners.size()) {
        makers[which - listeners.size()].read();
      } else {
        listeners[which].input.read();
        listeners[which].take_events();
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: event_load SOCKET IMAGE LISTENERS EVENTS RATE\n");
    return 2;
  }
  const int each = std::atoi(argv[4]) / kMakers;
  const int listener_count = std::atoi(argv[3]);
  std::vector<Listener> listeners;
  listeners.reserve(listener_count);
  for (int i = 0; i < listener_count; ++i) listeners.push_back(listen_to(argv[1]));
  const auto begin = Clock::now();
  std::vector<Maker> makers;
  makers.reserve(kMakers);
  for (int i = 0; i < kMakers; ++i) {
    const std::string path = std::string("/images/") + argv[2] + "/tag?repo=bench/events&tag=v" + std::to_string(i);
    makers.emplace_back(argv[1], path, each, std::strtod(argv[5], nullptr) / kMakers);
  }
  run(makers, listeners, each * kMakers);
  int fewest = each * kMakers;
  bool is_in_order = true;
  for (const Listener& listener : listeners) {
    fewest = std::min(fewest, listener.events);
    is_in_order = is_in_order && listener.is_in_order;
  }
  auto end = begin;
  for (const Maker& maker : makers) end = std::max(end, maker.end());
  std::printf("%.1f %d %s\n", each * kMakers / std::chrono::duration<double>(end - begin).count(), fewest,
              is_in_order ? "in-order" : "out-of-order");
  return 0;
}
