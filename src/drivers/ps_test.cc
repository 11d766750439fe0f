#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "drivers/ps_arguments.h"

namespace sockerless::drivers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kTicksOfStart = "360000";  // an hour after the machine's start

std::vector<std::string> titles(std::string_view arguments) {
  std::vector<std::string> titles;
  for (const auto& column : parse_ps_arguments(arguments)) titles.push_back(column.title);
  return titles;
}

std::string refusal(std::string_view arguments) {
  try {
    parse_ps_arguments(arguments);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    return error.what();
  }
  return "";
}

agent::ProcessFacts sleeper() {
  return {.stat = std::string("7 (sl) (ee\np) S 1 7 7 34817 7 4194560 100 0 3 0 6100 100 0 0 20 0 2 0 ") +
                  kTicksOfStart + " 2097152 256 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0",
          .status = "Name:\tsleep\nUid:\t1000\t1001\t1001\t1001\nGid:\t100\t101\t101\t101\nVmLck:\t       0 kB\n",
          .arguments = std::string("sleep\0"
                                   "600\0",
                                   10),
          .user = "alongername",
          .real_user = "1000",
          .group = "users",
          .real_group = "100"};
}

std::string value(std::string_view column, const agent::ProcessFacts& facts = sleeper()) {
  const auto process = parse_process(facts);
  if (!process) return "(no process)";
  // Two hours after the machine's start: the process is an hour old.
  const PsMoment moment{{.uptime = 720000, .ticks_per_second = 100, .page_size = 4096, .memory = 100 << 20},
                        Time(std::chrono::seconds(1'700'000'000))};
  return find_ps_column(column)->value(*process, moment);
}

TEST(PsArguments, OfOptionsHaveTheTitlesOfProcps) {
  EXPECT_THAT(titles(""), ElementsAre("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"));
  EXPECT_EQ(titles("-ef"), titles(""));
  EXPECT_EQ(titles("-e -f"), titles(""));
  EXPECT_THAT(titles("aux"),
              ElementsAre("USER", "PID", "%CPU", "%MEM", "VSZ", "RSS", "TTY", "STAT", "START", "TIME", "COMMAND"));
  EXPECT_EQ(titles("-aux"), titles("aux"));
  EXPECT_THAT(titles("-e"), ElementsAre("PID", "TTY", "TIME", "CMD"));
  EXPECT_THAT(titles("ax"), ElementsAre("PID", "TTY", "STAT", "TIME", "COMMAND"));
  EXPECT_THAT(titles("-el"), ElementsAre("F", "S", "UID", "PID", "PPID", "C", "PRI", "NI", "ADDR", "SZ", "WCHAN", "TTY",
                                         "TIME", "CMD"));
  EXPECT_THAT(titles("-ely"),
              ElementsAre("S", "UID", "PID", "PPID", "C", "PRI", "NI", "RSS", "SZ", "WCHAN", "TTY", "TIME", "CMD"));
  EXPECT_THAT(titles("-eF"), ElementsAre("UID", "PID", "PPID", "C", "SZ", "RSS", "PSR", "STIME", "TTY", "TIME", "CMD"));
  EXPECT_THAT(titles("axl"), ElementsAre("F", "UID", "PID", "PPID", "PRI", "NI", "VSZ", "RSS", "WCHAN", "STAT", "TTY",
                                         "TIME", "COMMAND"));
  EXPECT_THAT(titles("axj"),
              ElementsAre("PPID", "PID", "PGID", "SID", "TTY", "TPGID", "STAT", "UID", "TIME", "COMMAND"));
  EXPECT_THAT(titles("-ej"), ElementsAre("PID", "PGID", "SID", "TTY", "TIME", "CMD"));
}

TEST(PsArguments, NameColumnsAndTitles) {
  EXPECT_THAT(titles("-o pid,comm,tty"), ElementsAre("PID", "COMMAND", "TT"));
  EXPECT_THAT(titles("-eo pid,args"), ElementsAre("PID", "COMMAND"));
  EXPECT_THAT(titles("-opid -o cmd"), ElementsAre("PID", "CMD"));
  EXPECT_THAT(titles("axo user,pid"), ElementsAre("USER", "PID"));
  EXPECT_THAT(titles("--format=pid -o comm=NAME"), ElementsAre("PID", "NAME"));
}

TEST(PsArguments, ThatNobodyKnowsAreRefused) {
  EXPECT_THAT(refusal("-Q"), HasSubstr("ps: error: unsupported SysV option -Q"));
  EXPECT_THAT(refusal("-o pid,nosuch"), HasSubstr("unknown user-defined format specifier \"nosuch\""));
  EXPECT_THAT(refusal("--forest"), HasSubstr("unknown gnu long option --forest"));
  EXPECT_THAT(refusal("-o"), HasSubstr("must follow -o"));
  EXPECT_THAT(refusal("-o comm"), HasSubstr("Couldn't find PID field"));
  EXPECT_THAT(refusal("-o pid,comm=PID"), HasSubstr("must not be called PID"));
}

TEST(PsColumns, AreWhatPsPrints) {
  EXPECT_EQ(value("pid"), "7");
  EXPECT_EQ(value("ppid"), "1");
  EXPECT_EQ(value("comm"), "sl) (ee?p");
  EXPECT_EQ(value("args"), "sleep 600");
  EXPECT_EQ(value("user"), "alonger+");
  EXPECT_EQ(value("ruser"), "1000");
  EXPECT_EQ(value("uid"), "1001");
  EXPECT_EQ(value("group"), "users");
  EXPECT_EQ(value("tty"), "pts/1");
  EXPECT_EQ(value("stat"), "Ssl+");
  EXPECT_EQ(value("time"), "00:01:02");
  EXPECT_EQ(value("bsdtime"), "1:02");
  EXPECT_EQ(value("etime"), "01:00:00");
  EXPECT_EQ(value("pcpu"), "1.7");
  EXPECT_EQ(value("c"), "1");
  EXPECT_EQ(value("pmem"), "1.0");
  EXPECT_EQ(value("vsz"), "2048");
  EXPECT_EQ(value("rss"), "1024");
  EXPECT_EQ(value("sz"), "512");
  EXPECT_EQ(value("pri"), "19");
  EXPECT_EQ(value("opri"), "80");
  EXPECT_EQ(value("f"), "4");
  EXPECT_EQ(value("psr"), "1");
  EXPECT_EQ(value("stime"), "21:13");
  EXPECT_EQ(value("lstart"), "Tue Nov 14 21:13:20 2023");
}

TEST(PsColumns, OfAZombieAndAKernelThreadShowTheName) {
  agent::ProcessFacts facts = sleeper();
  facts.arguments.clear();
  EXPECT_EQ(value("args", facts), "[sl) (ee?p]");
  facts.stat.replace(facts.stat.find(") S"), 3, ") Z");
  EXPECT_EQ(value("args", facts), "[sl) (ee?p] <defunct>");
}

TEST(PsColumns, NeverShowBytesThatAreNoText) {
  agent::ProcessFacts facts = sleeper();
  facts.arguments = "a\x1b\xff\xc3\xa4";
  EXPECT_EQ(value("args", facts), "a??\xc3\xa4");
}

TEST(ProcessRecord, OfWhatIsNoProcessIsNothing) {
  for (const char* stat : {"", "7", "7 (x", ") 7 (", "x (y) S 1", "7 (y) S 1 2 3"}) {
    EXPECT_FALSE(parse_process({.stat = stat})) << stat;
  }
}

}  // namespace
}  // namespace sockerless::drivers
