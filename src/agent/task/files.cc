#include "agent/task/files.h"

#include <cerrno>

#include "agent/protocol/archive.h"
#include "agent/task/error_text.h"
#include "agent/task/file_session.h"
#include "agent/task/file_work.h"

namespace sockerless::agent {

bool Files::open(const Open& frame, SessionPort& port, std::unique_ptr<TaskSession>& session) {
  if (frame.kind == SessionKind::changes) {
    session = begin_comparison(port, work_changes);
    return true;
  }
  if (frame.kind == SessionKind::changed_size) {
    session = begin_comparison(port, work_changed_size);
    return true;
  }
  if (frame.kind == SessionKind::export_root) {
    session = begin(
        port, [](WorkPipes& pipes, int) { work_export(pipes); }, false);
    return true;
  }
  if (frame.kind == SessionKind::archive_put) {
    const auto parameters = decode_archive_put(frame.parameters);
    if (parameters)
      session = begin(
          port, [&](WorkPipes& pipes, int) { work_put(pipes, *parameters); }, true);
    return parameters.has_value();
  }
  const auto path = decode_path(frame.parameters);
  if (path) {
    const auto work = frame.kind == SessionKind::archive_get ? work_get : work_stat;
    session = begin(
        port, [&](WorkPipes& pipes, int) { work(pipes, *path); }, false);
  }
  return path.has_value();
}

std::unique_ptr<TaskSession> Files::begin(SessionPort& port, const FileWorker::Work& work, bool takes_input,
                                          int extra) {
  FileWorker worker = FileWorker::start(work, takes_input, extra);
  if (worker.error_number != 0) {
    port.fail(worker.error_number, std::string("work on files cannot begin: ") + error_text(worker.error_number));
    return nullptr;
  }
  return std::make_unique<FileSession>(loop_, port, std::move(worker), takes_input);
}

std::unique_ptr<TaskSession> Files::begin_comparison(SessionPort& port, const FileWorker::Work& work) {
  if (baseline_.fd() < 0) {
    port.fail(EBUSY, baseline_.is_pending() ? "the files of the image are still being recorded" : baseline_.failure());
    return nullptr;
  }
  return begin(port, work, false, baseline_.fd());
}

}  // namespace sockerless::agent
