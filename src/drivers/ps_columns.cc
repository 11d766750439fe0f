#include "drivers/ps_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>

namespace sockerless::drivers {
namespace {

using Process = ProcessRecord;
using Moment = PsMoment;

constexpr std::size_t kLongestUser = 8;
constexpr std::uint64_t kDay = 24 * 3600;

std::uint64_t ticks_per_second(const Moment& moment) { return moment.machine.ticks_per_second; }

// Seconds since the process began.
std::uint64_t age(const Process& process, const Moment& moment) {
  const std::uint64_t uptime = moment.machine.uptime;
  return uptime > process.start_ticks ? (uptime - process.start_ticks) / ticks_per_second(moment) : 0;
}

std::uint64_t cpu_seconds(const Process& process, const Moment& moment) {
  return process.cpu_ticks / ticks_per_second(moment);
}

// A share of one processor over the whole life, in tenths of a percent.
std::uint64_t cpu_share(const Process& process, const Moment& moment) {
  const std::uint64_t seconds = age(process, moment);
  return seconds == 0 ? 0 : process.cpu_ticks * 1000 / ticks_per_second(moment) / seconds;
}

std::tm calendar(std::time_t time) {
  std::tm parts = {};
  gmtime_r(&time, &parts);
  return parts;
}

std::time_t seconds_of(Time time) { return time.time_since_epoch().count() / 1'000'000'000; }

std::time_t start_of(const Process& process, const Moment& moment) {
  return seconds_of(moment.now) - static_cast<std::time_t>(age(process, moment));
}

std::string format_time(const char* format, std::time_t time) {
  const std::tm parts = calendar(time);
  char text[40];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

std::string start_day(const Process& process, const Moment& moment) {
  const std::tm begin = calendar(start_of(process, moment));
  const std::tm now = calendar(seconds_of(moment.now));
  const char* format = begin.tm_year != now.tm_year ? "%Y" : begin.tm_yday != now.tm_yday ? "%b%d" : "%H:%M";
  return format_time(format, start_of(process, moment));
}

std::string start_bsd(const Process& process, const Moment& moment) {
  return format_time(age(process, moment) > kDay ? "%b%d" : "%H:%M", start_of(process, moment));
}

std::string start_second(const Process& process, const Moment& moment) {
  return format_time(age(process, moment) > kDay ? "%b %d" : "%H:%M:%S", start_of(process, moment));
}

std::string start_full(const Process& process, const Moment& moment) {
  return format_time("%a %b %e %H:%M:%S %Y", start_of(process, moment));
}

std::string days_and_clock(std::uint64_t seconds, bool with_hours) {
  std::string clock = fmt::format("{:02}:{:02}", seconds / 60 % 60, seconds % 60);
  if (seconds >= kDay) return fmt::format("{}-{:02}:{}", seconds / kDay, seconds / 3600 % 24, clock);
  if (seconds >= 3600 || with_hours) return fmt::format("{:02}:{}", seconds / 3600, clock);
  return clock;
}

std::string time_used(const Process& p, const Moment& m) { return days_and_clock(cpu_seconds(p, m), true); }
std::string time_bsd(const Process& p, const Moment& m) {
  return fmt::format("{}:{:02}", cpu_seconds(p, m) / 60, cpu_seconds(p, m) % 60);
}
std::string elapsed(const Process& p, const Moment& m) { return days_and_clock(age(p, m), false); }
std::string elapsed_seconds(const Process& p, const Moment& m) { return std::to_string(age(p, m)); }

std::string terminal(const Process& process, const Moment&) {
  const int major = process.terminal >> 8 & 0xfff;
  const int minor = (process.terminal & 0xff) | (process.terminal >> 12 & 0xfff00);
  if (process.terminal == 0) return "?";
  if (major >= 136 && major <= 143) return fmt::format("pts/{}", minor + (major - 136) * 256);
  if (major == 4) return minor < 64 ? fmt::format("tty{}", minor) : fmt::format("ttyS{}", minor - 64);
  if (major == 5 && minor == 1) return "console";
  return "?";
}

std::string state_and_flags(const Process& process, const Moment&) {
  std::string text(1, process.state);
  if (process.nice < 0) text += '<';
  if (process.nice > 0) text += 'N';
  if (process.locked_kib > 0) text += 'L';
  if (process.session == process.pid) text += 's';
  if (process.threads > 1) text += 'l';
  if (process.foreground_group == process.group) text += '+';
  return text;
}

std::string with_end(const Process& process, std::string text) {
  return process.state == 'Z' ? std::move(text) + " <defunct>" : text;
}

std::string command_line(const Process& process, const Moment&) {
  return process.arguments.empty() ? with_end(process, "[" + process.name + "]") : process.arguments;
}

std::string command_name(const Process& process, const Moment&) { return with_end(process, process.name); }

// A name that would break the column ends in a plus sign, as ps does it.
std::string short_name(const std::string& name) {
  return name.size() > kLongestUser ? name.substr(0, kLongestUser - 1) + "+" : name;
}

std::string share_of_memory(const Process& process, const Moment& moment) {
  const std::uint64_t memory = moment.machine.memory;
  const std::uint64_t share = memory == 0 ? 0 : process.resident_pages * moment.machine.page_size * 1000 / memory;
  return fmt::format("{}.{}", std::min<std::uint64_t>(share, 999) / 10, std::min<std::uint64_t>(share, 999) % 10);
}

std::string share_of_cpu(const Process& p, const Moment& m) {
  return fmt::format("{}.{}", cpu_share(p, m) / 10, cpu_share(p, m) % 10);
}
std::string whole_share_of_cpu(const Process& p, const Moment& m) {
  return std::to_string(std::min<std::uint64_t>(cpu_share(p, m) / 10, 99));
}

std::string size_kib(const Process& p, const Moment&) { return std::to_string(p.size / 1024); }
std::string size_pages(const Process& p, const Moment& m) { return std::to_string(p.size / m.machine.page_size); }
std::string resident_kib(const Process& p, const Moment& m) {
  return std::to_string(p.resident_pages * m.machine.page_size / 1024);
}
std::string flags(const Process& p, const Moment&) { return fmt::format("{:o}", p.flags >> 6 & 7); }
std::string nothing(const Process&, const Moment&) { return "-"; }

template <auto Member>
std::string number(const Process& process, const Moment&) {
  return fmt::format("{}", process.*Member);
}
template <std::string Process::*Member>
std::string text(const Process& process, const Moment&) {
  return process.*Member;
}
template <std::string Process::*Member>
std::string name(const Process& process, const Moment&) {
  return short_name(process.*Member);
}
std::string state(const Process& p, const Moment&) { return {p.state}; }
template <int Base, int Sign>
std::string priority(const Process& p, const Moment&) {
  return std::to_string(Base + Sign * p.priority);
}

using P = Process;
constexpr PsColumn kColumns[] = {
    {"%cpu", "%CPU", share_of_cpu},
    {"%mem", "%MEM", share_of_memory},
    {"addr", "ADDR", nothing},
    {"args", "COMMAND", command_line},
    {"bsdstart", "START", start_bsd},
    {"bsdtime", "TIME", time_bsd},
    {"c", "C", whole_share_of_cpu},
    {"cmd", "CMD", command_line},
    {"comm", "COMMAND", command_name},
    {"command", "COMMAND", command_line},
    {"cputime", "TIME", time_used},
    {"egid", "EGID", text<&P::group_id>},
    {"egroup", "EGROUP", name<&P::group_name>},
    {"etime", "ELAPSED", elapsed},
    {"etimes", "ELAPSED", elapsed_seconds},
    {"euid", "EUID", text<&P::user_id>},
    {"euser", "EUSER", name<&P::user>},
    {"f", "F", flags},
    {"flag", "F", flags},
    {"flags", "F", flags},
    {"gid", "GID", text<&P::group_id>},
    {"group", "GROUP", name<&P::group_name>},
    {"lstart", "STARTED", start_full},
    {"maj_flt", "MAJFL", number<&P::major_faults>},
    {"majflt", "MAJFLT", number<&P::major_faults>},
    {"min_flt", "MINFL", number<&P::minor_faults>},
    {"minflt", "MINFLT", number<&P::minor_faults>},
    {"ni", "NI", number<&P::nice>},
    {"nice", "NI", number<&P::nice>},
    {"nlwp", "NLWP", number<&P::threads>},
    {"opri", "PRI", priority<60, 1>},
    {"pcpu", "%CPU", share_of_cpu},
    {"pgid", "PGID", number<&P::group>},
    {"pgrp", "PGRP", number<&P::group>},
    {"pid", "PID", number<&P::pid>},
    {"pmem", "%MEM", share_of_memory},
    {"ppid", "PPID", number<&P::parent>},
    {"pri", "PRI", priority<39, -1>},
    {"priority", "PRI", priority<0, 1>},
    {"psr", "PSR", number<&P::processor>},
    {"rgid", "RGID", text<&P::real_group_id>},
    {"rgroup", "RGROUP", name<&P::real_group_name>},
    {"rss", "RSS", resident_kib},
    {"rssize", "RSS", resident_kib},
    {"rsz", "RSZ", resident_kib},
    {"ruid", "RUID", text<&P::real_user_id>},
    {"ruser", "RUSER", name<&P::real_user>},
    {"s", "S", state},
    {"sess", "SESS", number<&P::session>},
    {"session", "SESS", number<&P::session>},
    {"sid", "SID", number<&P::session>},
    {"start", "STARTED", start_second},
    {"start_time", "START", start_day},
    {"stat", "STAT", state_and_flags},
    {"state", "S", state},
    {"stime", "STIME", start_day},
    {"sz", "SZ", size_pages},
    {"tgid", "TGID", number<&P::pid>},
    {"thcount", "THCNT", number<&P::threads>},
    {"time", "TIME", time_used},
    {"tname", "TTY", terminal},
    {"tpgid", "TPGID", number<&P::foreground_group>},
    {"tt", "TT", terminal},
    {"tty", "TT", terminal},
    {"ucmd", "CMD", command_name},
    {"ucomm", "COMMAND", command_name},
    {"uid", "UID", text<&P::user_id>},
    {"uname", "USER", name<&P::user>},
    {"user", "USER", name<&P::user>},
    {"vsize", "VSZ", size_kib},
    {"vsz", "VSZ", size_kib},
    {"wchan", "WCHAN", nothing},
};

}  // namespace

const PsColumn* find_ps_column(std::string_view name) {
  const auto* found = std::find_if(std::begin(kColumns), std::end(kColumns),
                                   [name](const PsColumn& column) { return column.name == name; });
  return found == std::end(kColumns) ? nullptr : found;
}

}  // namespace sockerless::drivers
