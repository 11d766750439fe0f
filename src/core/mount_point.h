#pragma once

#include <string>

#include "base/json.h"

namespace sockerless::core {

// A folder of a container that is not its image's, as it came out of Binds, Mounts, Tmpfs,
// VolumesFrom and the image's VOLUMEs. Decided when the container is created.
struct MountPoint {
  std::string type;         // bind, volume, tmpfs
  std::string name;         // of the volume
  std::string source;       // of a bind: the path on the daemon's host
  std::string destination;  // absolute, without a slash at its end
  std::string driver;       // of the volume
  std::string mode;         // as in Binds, "ro,z"
  bool read_write = true;
  std::string propagation;
  bool anonymous = false;  // the volume was made for this container and goes with `rm -v`
  bool copied = false;     // what the bind names is copied into the task at every start
  bool is_file = false;    // and is a file

  static constexpr auto fields() {
    using M = MountPoint;
    using json::field;
    return std::tuple{field("type", &M::type),
                      field("name", &M::name),
                      field("source", &M::source),
                      field("destination", &M::destination),
                      field("driver", &M::driver),
                      field("mode", &M::mode),
                      field("read_write", &M::read_write),
                      field("propagation", &M::propagation),
                      field("anonymous", &M::anonymous),
                      field("copied", &M::copied),
                      field("is_file", &M::is_file)};
  }
};

}  // namespace sockerless::core
