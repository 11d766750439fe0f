// Exits with 0 if a co_await inside a condition yields the right value.
#include <coroutine>
#include <exception>

struct Task {
  struct promise_type {
    std::coroutine_handle<> continuation;
    int value = 0;

    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        if (self.promise().continuation) return self.promise().continuation;
        return std::noop_coroutine();
      }
      void await_resume() noexcept {}
    };

    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    Final final_suspend() noexcept { return {}; }
    void return_value(int result) { value = result; }
    void unhandled_exception() { std::terminate(); }
  };

  std::coroutine_handle<promise_type> self;

  bool await_ready() { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
    self.promise().continuation = caller;
    return self;
  }
  int await_resume() { return self.promise().value; }
};

Task yes() { co_return 1; }

Task returns_from_condition() {
  if (co_await yes()) co_return 1;
  co_return 0;
}

Task assigns_in_condition() {
  int result = 0;
  if (co_await yes()) result = 1;
  co_return result;
}

int main() {
  Task assigns = assigns_in_condition();
  assigns.self.resume();
  Task returns = returns_from_condition();
  returns.self.resume();
  return assigns.self.promise().value == 1 && returns.self.promise().value == 1 ? 0 : 1;
}
