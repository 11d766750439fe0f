#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "core/file_driver.h"

namespace sockerless::test {

// A text as a source, in pieces.
class TextSource final : public core::ByteSource {
 public:
  explicit TextSource(std::string text, std::size_t piece = 1000) : text_(std::move(text)), piece_(piece) {}

  Awaitable<std::optional<std::string>> read() override {
    if (at_ >= text_.size()) co_return std::nullopt;
    std::string next = text_.substr(at_, piece_);
    at_ += next.size();
    co_return next;
  }

 private:
  std::string text_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

// Everything that is left of a source.
inline Awaitable<std::string> read_all(core::ByteSource& source) {
  std::string all;
  while (const auto piece = co_await source.read()) all += *piece;
  co_return all;
}

// The files of every container with an agent: those that the test puts in. Remembers what is put.
class FakeFiles final : public core::FileDriver {
 public:
  struct Put {
    std::string container_id;
    core::ArchivePut request;
    std::string tar;
  };

  bool serves(const core::Container& container) const override {
    return container.agent != core::AgentPresence::absent;
  }
  Awaitable<core::PathStat> stat(core::Container, std::string path) override {
    const auto found = stats.find(path);
    if (found == stats.end()) throw Error(ErrorKind::not_found, "lstat " + path + ": No such file or directory");
    co_return found->second;
  }
  Awaitable<core::ArchiveStream> get(core::Container container, std::string path) override {
    core::ArchiveStream stream{.stat = co_await stat(std::move(container), std::move(path))};
    stream.tar = std::make_unique<TextSource>(tar);
    co_return stream;
  }
  Awaitable<void> put(core::Container container, core::ArchivePut request, core::ByteSource& source) override {
    if (failure) throw Error(*failure);
    puts.push_back({container.id, std::move(request), co_await read_all(source)});
    if (on_put) on_put();
  }
  Awaitable<std::vector<core::FileChange>> changes(core::Container) override { co_return changed; }
  Awaitable<std::int64_t> changed_size(core::Container container) override {
    const auto found = sizes.find(container.name);
    if (found == sizes.end()) co_await never.wait();
    co_return found->second;
  }
  Awaitable<std::unique_ptr<core::ByteSource>> export_root(core::Container) override {
    co_return std::make_unique<TextSource>(tar);
  }

  std::map<std::string, core::PathStat> stats;
  std::string tar = "a tar";
  std::vector<core::FileChange> changed;
  std::map<std::string, std::int64_t> sizes;  // by container name; others never answer
  Event never;
  std::vector<Put> puts;
  std::optional<Error> failure;  // of put
  std::function<void()> on_put;
};

}  // namespace sockerless::test
