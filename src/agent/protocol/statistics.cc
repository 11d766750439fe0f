#include "agent/protocol/statistics.h"

#include "agent/protocol/bytes.h"

namespace sockerless::agent {

std::string encode(const MachineFacts& facts) {
  std::string out;
  ByteWriter writer(out);
  writer.u64(facts.uptime);
  writer.u32(facts.ticks_per_second);
  writer.u32(facts.page_size);
  writer.u64(facts.memory);
  return out;
}

std::optional<MachineFacts> decode_machine_facts(std::string_view answer) {
  ByteReader reader(answer);
  MachineFacts facts;
  facts.uptime = reader.u64();
  facts.ticks_per_second = reader.u32();
  facts.page_size = reader.u32();
  facts.memory = reader.u64();
  if (!reader.ok() || facts.ticks_per_second == 0 || facts.page_size == 0) return std::nullopt;
  return facts;
}

void append(std::string& out, const ProcessFacts& process) {
  ByteWriter writer(out);
  for (const std::string* text : {&process.stat, &process.status, &process.arguments, &process.user, &process.real_user,
                                  &process.group, &process.real_group}) {
    writer.text(*text);
  }
}

std::optional<std::vector<ProcessFacts>> decode_processes(std::string_view output) {
  ByteReader reader(output);
  std::vector<ProcessFacts> processes;
  while (reader.left() > 0) {
    ProcessFacts process;
    for (std::string* text : {&process.stat, &process.status, &process.arguments, &process.user, &process.real_user,
                              &process.group, &process.real_group}) {
      *text = reader.text();
    }
    if (!reader.ok()) return std::nullopt;
    processes.push_back(std::move(process));
  }
  return processes;
}

std::string encode(const std::vector<FileText>& files) {
  std::string out;
  ByteWriter writer(out);
  for (const FileText& file : files) {
    writer.text(file.path);
    writer.text(file.text);
  }
  return out;
}

std::optional<std::vector<FileText>> decode_files(std::string_view answer) {
  ByteReader reader(answer);
  std::vector<FileText> files;
  while (reader.left() > 0) {
    FileText file;
    file.path = reader.text();
    file.text = reader.text();
    if (!reader.ok()) return std::nullopt;
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace sockerless::agent
