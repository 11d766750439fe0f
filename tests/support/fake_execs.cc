#include "tests/support/fake_execs.h"

#include <deque>

namespace sockerless::test {
namespace {

constexpr int kPid = 42;

class FakeExecSession final : public core::ExecSession {
 public:
  explicit FakeExecSession(FakeExecs& driver) : driver_(driver), parts_(driver.output.begin(), driver.output.end()) {}

  Awaitable<std::optional<core::OutputPart>> read() override {
    if (!parts_.empty()) {
      core::OutputPart part = parts_.front();
      parts_.pop_front();
      co_return part;
    }
    co_await driver_.may_end.wait();
    if (driver_.cut_off) throw Error(*driver_.cut_off);
    co_return std::nullopt;
  }
  Awaitable<void> write(std::string bytes) override {
    driver_.input += bytes;
    co_return;
  }
  void close_stdin() override { ++driver_.inputs_closed; }
  int pid() const override { return kPid; }
  int exit_code() const override { return driver_.exit_code; }
  Awaitable<void> resize(core::TerminalSize size) override {
    driver_.sizes.push_back(size);
    co_return;
  }
  Awaitable<void> signal(int) override { co_return; }

 private:
  FakeExecs& driver_;
  std::deque<core::OutputPart> parts_;
};

}  // namespace

Awaitable<std::unique_ptr<core::ExecSession>> FakeExecs::exec(core::Container, core::ExecCommand command) {
  if (refusal) throw Error(*refusal);
  commands.push_back(std::move(command));
  co_return std::make_unique<FakeExecSession>(*this);
}

Awaitable<void> FakeExecs::check_user(core::Container, std::string) {
  if (no_such_user) throw Error(*no_such_user);
  co_return;
}

}  // namespace sockerless::test
