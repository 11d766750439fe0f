#include "drivers/ps_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/error.h"

namespace sockerless::drivers {
namespace {

// A title other than the column's own, as the formats of ps's options have them.
struct FormatColumn {
  std::string_view name;
  std::string_view title = {};
};

using Format = std::vector<FormatColumn>;

class PsArguments {
 public:
  explicit PsArguments(std::string_view text) {
    std::istringstream in{std::string(text)};
    for (std::string word; in >> word;) words_.push_back(std::move(word));
    if (words_.empty()) words_ = {"-ef"};
  }

  std::vector<PsTitledColumn> parse() {
    for (at_ = 0; at_ < words_.size(); ++at_) {
      const std::string& word = words_[at_];
      if (word.starts_with("--")) {
        take_long(word);
      } else if (word.starts_with("-") && word.size() > 1 && !is_bsd_in_disguise(word)) {
        take_unix(std::string_view(word).substr(1));
      } else {
        take_bsd(std::string_view(word).substr(word.starts_with("-") ? 1 : 0));
      }
    }
    if (columns_.empty()) add(format());
    const bool has_pid = std::any_of(columns_.begin(), columns_.end(), [](const PsTitledColumn& column) {
      return column.column->name == "pid" && column.title == "PID";
    });
    if (!has_pid) throw Error(ErrorKind::invalid_argument, "Couldn't find PID field in ps output");
    return std::move(columns_);
  }

 private:
  // ps takes "-aux" for "aux".
  static bool is_bsd_in_disguise(std::string_view word) { return word.starts_with("-aux") || word.starts_with("-axu"); }

  [[noreturn]] static void refuse(std::string_view what) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("ps: error: {}: containers have options -e -A -a -d -x -f -F -l -y -j -w and a x u l j w "
                            "of ps, and -o with columns that /proc tells",
                            what));
  }

  void take_long(const std::string& word) {
    constexpr std::string_view kFormat = "--format";
    if (!word.starts_with(kFormat)) refuse("unknown gnu long option " + word);
    const std::string_view rest = std::string_view(word).substr(kFormat.size());
    if (rest.empty()) {
      add_list(next_word("--format"));
    } else if (rest[0] == '=') {
      add_list(rest.substr(1));
    } else {
      refuse("unknown gnu long option " + word);
    }
  }

  void take_unix(std::string_view letters) {
    for (std::size_t i = 0; i < letters.size(); ++i) {
      switch (letters[i]) {
        case 'e':
        case 'A':
        case 'a':
        case 'd':
        case 'x':
        case 'w': break;
        case 'f': is_full_ = true; break;
        case 'F': is_full_ = is_extra_full_ = true; break;
        case 'l': is_long_ = true; break;
        case 'y': is_without_flags_ = true; break;
        case 'j': is_jobs_ = true; break;
        case 'o': take_list(letters.substr(i + 1)); return;
        default: refuse(fmt::format("unsupported SysV option -{}", letters[i]));
      }
    }
  }

  void take_bsd(std::string_view letters) {
    is_bsd_ = true;
    for (std::size_t i = 0; i < letters.size(); ++i) {
      switch (letters[i]) {
        case 'a':
        case 'x':
        case 'w': break;
        case 'u': bsd_format_ = 'u'; break;
        case 'l': bsd_format_ = 'l'; break;
        case 'j': bsd_format_ = 'j'; break;
        case 'o': take_list(letters.substr(i + 1)); return;
        default: refuse(fmt::format("unsupported option {}", letters[i]));
      }
    }
  }

  std::string next_word(std::string_view option) {
    if (++at_ == words_.size()) refuse(fmt::format("list of columns must follow {}", option));
    return words_[at_];
  }

  void take_list(std::string_view rest) { add_list(rest.empty() ? next_word("-o") : std::string(rest)); }

  // "pid,comm" or "pid,comm=NAME", where the title goes on to the end.
  void add_list(std::string_view list) {
    if (list.empty()) refuse("the list of columns is empty");
    while (!list.empty()) {
      const std::size_t end = std::min(list.find_first_of(",="), list.size());
      const std::string_view name = list.substr(0, end);
      const PsColumn* column = find_ps_column(name);
      if (column == nullptr) refuse(fmt::format("unknown user-defined format specifier \"{}\"", name));
      const bool has_title = end < list.size() && list[end] == '=';
      std::string title(has_title ? list.substr(end + 1) : column->title);
      if (title.empty()) refuse(fmt::format("column \"{}\" has an empty title", name));
      if (has_title && title == "PID" && name != "pid")
        refuse(fmt::format("column \"{}\" must not be called PID", name));
      columns_.push_back({column, std::move(title)});
      list.remove_prefix(has_title ? list.size() : std::min(end + 1, list.size()));
    }
  }

  void add(const Format& format) {
    for (const FormatColumn& part : format) {
      const PsColumn* column = find_ps_column(part.name);
      columns_.push_back({column, std::string(part.title.empty() ? column->title : part.title)});
    }
  }

  Format format() const {
    if (is_bsd_) return bsd_format();
    if (is_long_) return long_format();
    if (is_extra_full_) {
      return {{"user", "UID"}, {"pid"},   {"ppid"},  {"c"},    {"sz"}, {"rss"},
              {"psr"},         {"stime"}, {"tname"}, {"time"}, {"cmd"}};
    }
    if (is_full_ && is_jobs_) {
      return {{"user", "UID"}, {"pid"}, {"ppid"}, {"pgid"}, {"sid"}, {"c"}, {"stime"}, {"tname"}, {"time"}, {"cmd"}};
    }
    if (is_full_) return {{"user", "UID"}, {"pid"}, {"ppid"}, {"c"}, {"stime"}, {"tname"}, {"time"}, {"cmd"}};
    if (is_jobs_) return {{"pid"}, {"pgid"}, {"sid"}, {"tname"}, {"time"}, {"ucmd"}};
    return {{"pid"}, {"tname"}, {"time"}, {"ucmd"}};
  }

  Format long_format() const {
    Format format;
    if (!is_without_flags_) format.push_back({"f"});
    const FormatColumn user{is_full_ ? "user" : "uid", "UID"};
    for (const FormatColumn& column : {FormatColumn{"s"}, user, FormatColumn{"pid"}, FormatColumn{"ppid"}}) {
      format.push_back(column);
    }
    if (is_jobs_) format.insert(format.end(), {{"pgid"}, {"sid"}});
    format.insert(format.end(), {{"c"}, {"opri"}, {"ni"}, {is_without_flags_ ? "rss" : "addr"}, {"sz"}, {"wchan"}});
    if (is_full_) format.push_back({"stime"});
    format.insert(format.end(), {{"tname"}, {"time"}, {is_full_ ? "cmd" : "ucmd"}});
    return format;
  }

  Format bsd_format() const {
    switch (bsd_format_) {
      case 'u':
        return {{"user"},  {"pid"},  {"pcpu"},     {"pmem"},    {"vsz"}, {"rss"},
                {"tname"}, {"stat"}, {"bsdstart"}, {"bsdtime"}, {"args"}};
      case 'l':
        return {{"f"},   {"uid"},   {"pid"},  {"ppid"},  {"priority"}, {"ni"},  {"vsz"},
                {"rss"}, {"wchan"}, {"stat"}, {"tname"}, {"bsdtime"},  {"args"}};
      case 'j':
        return {{"ppid"}, {"pid"}, {"pgid"}, {"sid"}, {"tname"}, {"tpgid"}, {"stat"}, {"uid"}, {"bsdtime"}, {"args"}};
      default: return {{"pid"}, {"tname"}, {"stat"}, {"bsdtime"}, {"args"}};
    }
  }

  std::vector<std::string> words_;
  std::size_t at_ = 0;
  std::vector<PsTitledColumn> columns_;  // those that were named
  bool is_full_ = false, is_extra_full_ = false, is_long_ = false, is_without_flags_ = false, is_jobs_ = false;
  bool is_bsd_ = false;
  char bsd_format_ = ' ';
};

}  // namespace

std::vector<PsTitledColumn> parse_ps_arguments(std::string_view arguments) { return PsArguments(arguments).parse(); }

}  // namespace sockerless::drivers
