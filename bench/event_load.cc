// Listens to the daemon's events on several connections of a unix socket while it makes events at a rate: it gives an
// image ten tags, again and again. Prints how many events a second were made, how many the worst listener got, and
// whether every listener got them in the order in which they were made.
//
// usage: event_load SOCKET IMAGE LISTENERS EVENTS RATE

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTags = 10;
constexpr std::string_view kName = "\"name\":\"bench/events:v";  // before the tag's number
constexpr std::chrono::seconds kLongestWait{30};                 // for what is under way

[[noreturn]] void fail(const char* doing) {
  std::perror(doing);
  std::exit(1);
}

int connect_to(const char* path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
  return fd;
}

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
  bool is_in_order = true;

  void take_events() {
    std::string line;
    while (input.take("\n", line)) {
      const auto at = line.find(kName);
      if (at == std::string::npos) continue;  // a chunk's length
      is_in_order = is_in_order && line[at + kName.size()] == '0' + events % kTags;
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
  Maker(const char* socket, const char* image, int events, double rate)
      : input_(connect_to(socket)), image_(image), wanted_(events), pause_(1 / rate) {}

  int fd() const { return input_.fd(); }
  int made() const { return made_; }
  bool is_done() const { return made_ == wanted_; }
  double rate() const { return made_ / std::chrono::duration<double>(last_ - begin_).count(); }

  void read() {
    input_.read();
    std::string head;
    if (!input_.take("\r\n\r\n", head)) return;
    if (!head.starts_with("HTTP/1.1 201")) fail(head.c_str());
    is_waiting_ = false;
    last_ = Clock::now();
    ++made_;
  }

  // Sends the next request if it is due; returns the milliseconds until then.
  int step() {
    if (is_waiting_ || is_done()) return 100;
    const auto left = begin_ + std::chrono::duration_cast<Clock::duration>(made_ * pause_) - Clock::now();
    if (left > left.zero())
      return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(left).count());
    send_all(fd(), "POST /images/" + image_ + "/tag?repo=bench/events&tag=v" + std::to_string(made_ % kTags) +
                       " HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n");
    is_waiting_ = true;
    return 100;
  }

 private:
  Input input_;
  std::string image_;
  int wanted_;
  std::chrono::duration<double> pause_;
  int made_ = 0;
  bool is_waiting_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;
};

void run(Maker& maker, std::vector<Listener>& listeners, int events) {
  const int poll = ::epoll_create1(0);
  for (std::size_t i = 0; i <= listeners.size(); ++i) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, i < listeners.size() ? listeners[i].input.fd() : maker.fd(), &event);
  }
  const auto has_all = [&](const Listener& listener) { return listener.events >= events; };
  auto deadline = Clock::now() + kLongestWait;
  while (!std::all_of(listeners.begin(), listeners.end(), has_all) && Clock::now() < deadline) {
    epoll_event ready[64];
    const int count = ::epoll_wait(poll, ready, 64, maker.step());
    for (int i = 0; i < count; ++i) {
      const std::size_t which = ready[i].data.u64;
      if (which == listeners.size()) {
        maker.read();
        deadline = Clock::now() + kLongestWait;
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
  const int events = std::atoi(argv[4]);
  std::vector<Listener> listeners;
  for (int i = 0; i < std::atoi(argv[3]); ++i) listeners.push_back(listen_to(argv[1]));
  Maker maker(argv[1], argv[2], events, std::strtod(argv[5], nullptr));
  run(maker, listeners, events);
  int fewest = events;
  bool is_in_order = true;
  for (const Listener& listener : listeners) {
    fewest = std::min(fewest, listener.events);
    is_in_order = is_in_order && listener.is_in_order;
  }
  std::printf("%.1f %d %s\n", maker.rate(), fewest, is_in_order ? "in-order" : "out-of-order");
  return 0;
}
