# shellcheck shell=bash disable=SC2034  # what is set here is used by those that source it
# Sourced by the other scripts: progress lines, the folders, and the Python that the distribution's packages belong to.

REPOSITORY=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PYTHON=${PYTHON:-/usr/bin/python3}
export PATH="$PATH:/usr/sbin:/sbin"

say() { printf '%s\n' "==> $*"; }

fail() {
  printf '%s\n' "error: $*" >&2
  exit 1
}

# Configures (once) and builds a preset; the rest of the arguments are targets, all of them when none is given.
build_preset() {
  local preset=$1
  shift
  if [ ! -f "$REPOSITORY/build/$preset/build.ninja" ]; then
    say "configuring build/$preset"
    (cd "$REPOSITORY" && cmake --preset "$preset")
  fi
  say "building build/$preset ${*:-}"
  if [ $# -gt 0 ]; then set -- --target "$@"; fi
  cmake --build "$REPOSITORY/build/$preset" "$@"
}

# Whether process $1 lives and runs a program named $2.
runs() {
  [ -n "${1:-}" ] && [ "$(basename "$(readlink "/proc/$1/exe" 2>/dev/null)" 2>/dev/null)" = "$2" ]
}

# Waits up to $1 seconds until the rest of the arguments, a command, succeeds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

# Where `scripts/run` keeps everything that it starts.
DEMO_DIR=${SOCKERLESS_DEMO_DIR:-/var/lib/sockerless-demo}
DEMO_SOCKET=$DEMO_DIR/docker.sock
