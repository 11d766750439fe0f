#include "http/client.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <mutex>
#include <system_error>

#include "base/error.h"
#include "base/event.h"
#include "base/rollback.h"
#include "base/turns.h"

namespace sockerless::http {
namespace {

void initialise_curl_once() {
  static std::once_flag done;
  std::call_once(done, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

struct Transfer {
  ClientRequest request;
  ClientResponse response;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  char error_text[CURL_ERROR_SIZE] = {};
  CURLcode result = CURLE_OK;
  int times_sent = 0;
  std::exception_ptr thrown;
  Event done;

  ~Transfer() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
  }
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) transfer.response.headers.clear();
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return size * count;
  std::string name(line.substr(0, colon));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::string_view value = line.substr(colon + 1);
  const auto begin = value.find_first_not_of(" \t");
  const auto end = value.find_last_not_of(" \t\r\n");
  value = begin == std::string_view::npos ? "" : value.substr(begin, end - begin + 1);
  transfer.response.headers.emplace_back(std::move(name), value);
  return size * count;
}

int on_request(void* user, char*, char*, int, int) {
  ++static_cast<Transfer*>(user)->times_sent;
  return CURL_PREREQFUNC_OK;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view bytes(data, size * count);
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  try {
    if (transfer.request.sink && status / 100 == 2) {
      transfer.request.sink(bytes);
      return bytes.size();
    }
    if (transfer.response.body.size() + bytes.size() > transfer.request.response_limit) {
      throw Error(ErrorKind::unavailable, fmt::format("the answer from {} is larger than {} bytes",
                                                      transfer.request.url, transfer.request.response_limit));
    }
    transfer.response.body.append(bytes);
    return bytes.size();
  } catch (...) {
    transfer.thrown = std::current_exception();  // through C code only by this way
    return 0;
  }
}

long to_milliseconds(Clock::Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

std::string_view ClientResponse::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

// libcurl's multi interface driven by Asio: curl says which sockets to watch and when to be called
// again, Asio tells it what happened.
class Client::Multi {
 public:
  Multi(Executor executor, ClientSettings settings)
      : executor_(executor), settings_(std::move(settings)), timer_(executor) {
    initialise_curl_once();
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Multi::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Multi::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, settings_.connections_per_host);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, settings_.connections_per_host * 4);
  }

  ~Multi() {
    *alive_ = false;
    curl_multi_cleanup(multi_);
  }

  Awaitable<ClientResponse> send(ClientRequest request) {
    auto transfer = std::make_shared<Transfer>();
    transfer->request = std::move(request);
    prepare(*transfer);
    // Not left to curl, whose time limits run while a transfer waits for a connection.
    const Turns::Turn turn = co_await turns_at(transfer->request.url).take();
    curl_multi_add_handle(multi_, transfer->easy);
    const Rollback remove([&] { curl_multi_remove_handle(multi_, transfer->easy); });
    co_await transfer->done.wait();
    if (transfer->thrown) std::rethrow_exception(transfer->thrown);
    if (transfer->result != CURLE_OK) throw failure(*transfer);
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    transfer->response.status = static_cast<int>(status);
    transfer->response.was_sent_again = transfer->times_sent > 1;
    co_return std::move(transfer->response);
  }

 private:
  struct Watch {
    explicit Watch(Executor executor, int fd) : descriptor(executor, fd) {}
    asio::posix::stream_descriptor descriptor;
    int wanted = 0;
    bool reading = false;
    bool writing = false;
    bool dropped = false;
  };

  // Of the requests to the host that the URL names.
  Turns& turns_at(const std::string& url) {
    const auto host = url.substr(0, url.find('/', url.find("://") + 3));
    return turns_.try_emplace(host, settings_.connections_per_host).first->second;
  }

  static NoAnswer failure(const Transfer& transfer) {
    std::string why = transfer.error_text[0] != '\0' ? transfer.error_text : curl_easy_strerror(transfer.result);
    // Of a failed connect curl's own text does not say what the system answered.
    long system_error = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_OS_ERRNO, &system_error);
    if (transfer.result == CURLE_COULDNT_CONNECT && system_error != 0) {
      why += fmt::format(": {}", std::generic_category().message(static_cast<int>(system_error)));
    }
    long sent_bytes = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
    return {fmt::format("{} {}: {}", transfer.request.method, transfer.request.url, why), sent_bytes > 0};
  }

  void prepare(Transfer& transfer) {
    const ClientRequest& request = transfer.request;
    CURL* easy = transfer.easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error_text);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, settings_.user_agent.c_str());
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &on_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, to_milliseconds(request.connect_time));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, to_milliseconds(request.total_time));
    if (!settings_.ca_file.empty()) {
      curl_easy_setopt(easy, CURLOPT_CAINFO, settings_.ca_file.c_str());
    }
    // A machine's own metadata addresses are nobody's to relay.
    const bool is_link_local =
        request.url.starts_with("http://169.254.") || request.url.starts_with("http://[fd00:ec2");
    if (is_link_local) curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    if (request.fresh_connection) curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    if (request.method == "HEAD") curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (request.method != "GET" && request.method != "HEAD") {
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
    // Without these curl adds headers of its own, which would be missing from a signature.
    transfer.headers = curl_slist_append(transfer.headers, "Expect:");
    for (const auto& [name, value] : request.headers) {
      transfer.headers = curl_slist_append(transfer.headers, fmt::format("{}: {}", name, value).c_str());
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
  }

  static int on_socket(CURL*, curl_socket_t fd, int what, void* user, void*) {
    auto& self = *static_cast<Multi*>(user);
    if (what == CURL_POLL_REMOVE) {
      self.drop(fd);
      return 0;
    }
    auto& watch = self.watches_[fd];
    // A descriptor of our own: closing it never closes curl's.
    if (!watch) watch = std::make_shared<Watch>(self.executor_, ::dup(fd));
    watch->wanted = what;
    self.arm(fd, watch);
    return 0;
  }

  void drop(int fd) {
    const auto found = watches_.find(fd);
    if (found == watches_.end()) return;
    found->second->dropped = true;
    boost::system::error_code ignored;
    found->second->descriptor.close(ignored);
    watches_.erase(found);
  }

  void arm(int fd, const std::shared_ptr<Watch>& watch) {
    using Wait = asio::posix::stream_descriptor;
    const auto wait = [&](bool wanted, bool& active, Wait::wait_type type, int event) {
      if (!wanted || active) return;
      active = true;
      watch->descriptor.async_wait(type,
                                   [this, alive = alive_, fd, watch, &active, event](boost::system::error_code error) {
                                     if (!*alive || watch->dropped || error == asio::error::operation_aborted) return;
                                     active = false;
                                     act(fd, event);
                                     if (!watch->dropped) arm(fd, watch);
                                   });
    };
    wait((watch->wanted & CURL_POLL_IN) != 0, watch->reading, Wait::wait_read, CURL_CSELECT_IN);
    wait((watch->wanted & CURL_POLL_OUT) != 0, watch->writing, Wait::wait_write, CURL_CSELECT_OUT);
  }

  static int on_timer(CURLM*, long milliseconds, void* user) {
    auto& self = *static_cast<Multi*>(user);
    if (milliseconds < 0) {
      self.timer_.cancel();
      return 0;
    }
    self.timer_.expires_after(std::chrono::milliseconds(milliseconds));
    self.timer_.async_wait([&self, alive = self.alive_](boost::system::error_code error) {
      if (!error && *alive) self.act(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
  }

  void act(int fd, int event) {
    int running = 0;
    curl_multi_socket_action(multi_, fd, event, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      char* transfer = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      auto& ended = *reinterpret_cast<Transfer*>(transfer);
      ended.result = message->data.result;
      ended.done.set();
    }
  }

  Executor executor_;
  ClientSettings settings_;
  asio::steady_timer timer_;
  CURLM* multi_;
  std::map<int, std::shared_ptr<Watch>> watches_;
  std::map<std::string, Turns> turns_;  // by host
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Client::Client(Executor executor, ClientSettings settings)
    : multi_(std::make_unique<Multi>(std::move(executor), std::move(settings))) {}

Client::~Client() = default;

Awaitable<ClientResponse> Client::send(ClientRequest request) { return multi_->send(std::move(request)); }

}  // namespace sockerless::http
