# shellcheck shell=bash
# Shared by the scripts in deploy/ and tests/: messages, process ids, ports, waiting.
# To be sourced. It must not start, stop or install anything by itself.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Everything that is fetched, built as data or written at run time lives below this one folder.
VAR=${TRIAGED_VAR:-$ROOT/var}
export ROOT VAR

say() { printf '%s\n' "$*"; }

# warn and die say what is wrong first, then what to do about it.
warn() { printf '%s\n' "$*" >&2; }

die() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  shift
  for advice in "$@"; do printf '  %s\n' "$advice" >&2; done
  exit 1
}

# now prints milliseconds; seconds_since MS prints the seconds passed, with one decimal.
now() { printf '%s\n' $((${EPOCHREALTIME/[^0-9]/} / 1000)); }

seconds_since() {
  local ms=$(($(now) - $1))
  printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
}

have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "this step needs root: $*" "Run it as root, or install sudo."
  fi
}

# progress LABEL DONE TOTAL: one line that renews itself on a terminal, a line every tenth step elsewhere.
progress() {
  local label=$1 done=$2 total=$3
  if [[ -t 1 ]]; then
    printf '\r    %s %d of %d ' "$label" "$done" "$total"
    [[ $done -lt $total ]] || printf '\n'
  elif [[ $done -eq $total || $((done % 10)) -eq 0 ]]; then
    printf '    %s %d of %d\n' "$label" "$done" "$total"
  fi
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port that somebody else holds is the user's to free: we never end what we did not start.
require_free_port() {
  local port=$1 what=$2
  port_open "$port" || return 0
  die "port $port on 127.0.0.1 is in use by another program, $what can't start there." \
    "See who it is with: ss -ltnp 'sport = :$port'" "Then stop that program, or choose another port with --port."
}

# running_pid PIDFILE MARK: prints the process id if it is alive and its command line holds MARK. The mark keeps us
# from taking, after a restart of the machine, a stranger with the same number for our own.
running_pid() {
  local pidfile=$1 mark=$2 pid
  [[ -r $pidfile ]] || return 1
  pid=$(head -n 1 "$pidfile")
  [[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$mark" || return 1
  printf '%s\n' "$pid"
}

# A process that has ended but was not collected by its parent counts as gone.
process_alive() {
  local stat
  # Not $(<file): where the file is gone, bash ends the whole script under set -e.
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  [[ ${stat##*) } != Z* ]]
}

# stop_process PIDFILE MARK NAME SECONDS: asks, waits, and only then insists.
stop_process() {
  local pidfile=$1 mark=$2 name=$3 patience=$4 pid began
  if ! pid=$(running_pid "$pidfile" "$mark"); then
    rm -f "$pidfile"
    say "$name is not running."
    return 0
  fi
  began=$(now)
  kill -TERM "$pid" 2>/dev/null || true
  while process_alive "$pid"; do
    if [[ $(($(now) - began)) -gt $((patience * 1000)) ]]; then
      warn "$name did not end within $patience s after being asked; ending it by force."
      kill -KILL "$pid" 2>/dev/null || true
      break
    fi
    sleep 0.1
  done
  rm -f "$pidfile"
  say "$name stopped ($(seconds_since "$began"))."
}

# wait_ready PIDFILE NAME SECONDS LOG TEST...: until TEST succeeds; fails early, with the log's end, when the
# process dies.
wait_ready() {
  local pidfile=$1 name=$2 patience=$3 log=$4 pid began
  shift 4
  pid=$(head -n 1 "$pidfile")
  began=$(now)
  until "$@" >/dev/null 2>&1; do
    if ! process_alive "$pid"; then
      tail -n 8 "$log" >&2 || true
      rm -f "$pidfile"
      die "$name ended while starting." "The lines above are the end of its log: $log"
    fi
    if [[ $(($(now) - began)) -gt $((patience * 1000)) ]]; then
      die "$name is not ready after $patience s." "It may still be starting; its log is $log"
    fi
    sleep 0.1
  done
}

# start_detached PIDFILE LOG COMMAND...: in a session of its own, so that Ctrl-C reaches only the script that asked.
start_detached() {
  local pidfile=$1 log=$2
  shift 2
  setsid "$@" >"$log" 2>&1 </dev/null &
  printf '%s\n' $! >"$pidfile"
}
