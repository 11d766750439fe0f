#include "drivers/process_record.h"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <vector>

namespace sockerless::drivers {
namespace {

// Field N of proc(5)'s list, of which the third is the first behind the name.
class StatFields {
 public:
  explicit StatFields(const std::string& text) {
    std::istringstream in(text);
    for (std::string word; in >> word;) words_.push_back(std::move(word));
  }

  bool are_enough() const { return words_.size() > 36; }  // up to the processor, the 39th

  const std::string& word(std::size_t number) const { return words_[number - 3]; }

  template <typename T>
  void read(std::size_t number, T& out) const {
    const std::string& text = word(number);
    std::from_chars(text.data(), text.data() + text.size(), out);
  }

 private:
  std::vector<std::string> words_;
};

// The words of a line of /proc/PID/status, without its key.
std::vector<std::string> status_words(const std::string& status, const std::string& key) {
  std::vector<std::string> words;
  const auto at = status.find("\n" + key + ":");
  if (at == std::string::npos) return words;
  const auto begin = at + key.size() + 2;
  std::istringstream in(status.substr(begin, status.find('\n', begin) - begin));
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

std::string word_or(const std::vector<std::string>& words, std::size_t index) {
  return index < words.size() ? words[index] : "?";
}

// How many bytes the UTF-8 character at `at` has; 0 if there is none.
std::size_t character_size(const std::string& text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t size = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  if (size == 0 || at + size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[at + i]) >> 6) != 2) return 0;
  }
  return size;
}

// As ps shows it: a question mark for what no terminal should get.
std::string printable(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character_size(text, at);
    const bool is_control = size == 1 && (static_cast<unsigned char>(text[at]) < 0x20 || text[at] == 0x7f);
    if (size == 0 || is_control) {
      out += '?';
      ++at;
    } else {
      out.append(text, at, size);
      at += size;
    }
  }
  return out;
}

}  // namespace

std::optional<ProcessRecord> parse_process(const agent::ProcessFacts& facts) {
  const auto name_begin = facts.stat.find('(');
  const auto name_end = facts.stat.rfind(')');
  if (name_begin == std::string::npos || name_end == std::string::npos || name_end < name_begin) return std::nullopt;
  const StatFields fields(facts.stat.substr(name_end + 1));
  ProcessRecord process;
  std::from_chars(facts.stat.data(), facts.stat.data() + name_begin, process.pid);
  if (process.pid <= 0 || !fields.are_enough()) return std::nullopt;
  process.name = printable(facts.stat.substr(name_begin + 1, name_end - name_begin - 1));
  process.state = fields.word(3)[0];
  fields.read(4, process.parent);
  fields.read(5, process.group);
  fields.read(6, process.session);
  fields.read(7, process.terminal);
  fields.read(8, process.foreground_group);
  fields.read(9, process.flags);
  fields.read(10, process.minor_faults);
  fields.read(12, process.major_faults);
  std::uint64_t system_ticks = 0;
  fields.read(14, process.cpu_ticks);
  fields.read(15, system_ticks);
  process.cpu_ticks += system_ticks;
  fields.read(18, process.priority);
  fields.read(19, process.nice);
  fields.read(20, process.threads);
  fields.read(22, process.start_ticks);
  fields.read(23, process.size);
  fields.read(24, process.resident_pages);
  fields.read(39, process.processor);

  const auto user_ids = status_words(facts.status, "Uid");
  const auto group_ids = status_words(facts.status, "Gid");
  process.real_user_id = word_or(user_ids, 0);
  process.user_id = word_or(user_ids, 1);
  process.real_group_id = word_or(group_ids, 0);
  process.group_id = word_or(group_ids, 1);
  const std::string locked = word_or(status_words(facts.status, "VmLck"), 0);
  std::from_chars(locked.data(), locked.data() + locked.size(), process.locked_kib);
  process.user = printable(facts.user);
  process.real_user = printable(facts.real_user);
  process.group_name = printable(facts.group);
  process.real_group_name = printable(facts.real_group);

  std::string arguments = facts.arguments;
  while (!arguments.empty() && arguments.back() == '\0') arguments.pop_back();
  std::replace(arguments.begin(), arguments.end(), '\0', ' ');
  process.arguments = printable(arguments);
  return process;
}

}  // namespace sockerless::drivers
