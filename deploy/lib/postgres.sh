#!/usr/bin/env bash
# A private PostgreSQL cluster on the loopback address and a Unix socket, apart from any the system runs.
# For the sample and the tests only: whoever is on this machine may connect. It knows nothing of triaged's schema.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

READY_SECONDS=60
SOCKET_PATH_MAX=90
ELSEWHERE=/var/tmp
SUPERUSER=postgres
DATABASE=triage

usage() {
  cat <<USAGE
usage: postgres.sh start|stop|status|wipe [--port PORT] [--dir DIR]

  --port PORT   where the server listens on 127.0.0.1 (default 15432)
  --dir DIR     data, socket and log (default $VAR/postgres)

start creates the cluster and the database "$DATABASE" if they are not there; wipe stops it and removes its data.
USAGE
}

# The newest server on the machine; Debian keeps its programs off the PATH.
find_programs() {
  local dir
  dir=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  [[ -x $dir/initdb ]] || dir=$(dirname "$(command -v initdb || true)")
  [[ -x $dir/initdb ]] || die "PostgreSQL's server programs are not installed." "Run: deploy/lib/install.sh run"
  printf '%s\n' "$dir"
}

# PostgreSQL refuses to run as root. Where the system's own postgres user can reach the folder it runs as that user;
# elsewhere (a checkout below /root) as root under another name, in a user namespace; and where that is forbidden too
# (most containers), the data moves below $ELSEWHERE and a link stands in its place. The choice is made once: the data
# folder's owner tells it later.
choose_user() {
  local by_name=(runuser -u "$SUPERUSER" --) in_namespace=(unshare --user "--map-user=$SUPERUSER")
  AS=()
  [[ $EUID -eq 0 ]] || return 0
  id "$SUPERUSER" >/dev/null 2>&1 || die "there is no user $SUPERUSER." "Run: deploy/lib/install.sh run"
  if [[ -d $DIR/data ]]; then
    AS=("${by_name[@]}")
    [[ $(stat -c %U "$DIR/data") != root ]] || AS=("${in_namespace[@]}")
    return 0
  fi
  mkdir -p "$DIR"
  chown "$SUPERUSER" "$DIR"
  AS=("${by_name[@]}")
  ! "${AS[@]}" test -w "$DIR" 2>/dev/null || return 0
  chown root "$DIR"
  AS=("${in_namespace[@]}")
  ! "${AS[@]}" true 2>/dev/null || return 0
  move_elsewhere
  AS=("${by_name[@]}")
}

move_elsewhere() {
  local link=$DIR
  rmdir "$link" 2>/dev/null || die "the user $SUPERUSER can't reach $link, and it is not empty." \
    "Empty it, or put the data elsewhere: export TRIAGED_VAR=$ELSEWHERE/triaged"
  DIR=$(mktemp -d "$ELSEWHERE/triaged-postgres.XXXXXX")
  chown "$SUPERUSER" "$DIR"
  ln -s "$DIR" "$link"
  say "The user $SUPERUSER can't reach $link, so its data is in $DIR."
}

# Everything runs from / because the other user may not be able to stay in the caller's folder.
pg() {
  local program=$1
  shift
  (cd / && "${AS[@]}" "$BIN/$program" "$@")
}

is_running() { [[ -d $DIR/data ]] && pg pg_ctl -D "$DIR/data" status >/dev/null 2>&1; }

port_in_use_by_us() { [[ $(sed -n 4p "$DIR/data/postmaster.pid" 2>/dev/null) == "$PORT" ]]; }

create_cluster() {
  [[ ! -e $DIR/data/PG_VERSION ]] || return 0
  mkdir -p "$DIR"
  pg initdb -D "$DIR/data" -U "$SUPERUSER" --auth=trust --encoding=UTF8 --locale=C.UTF-8 >"$DIR/initdb.log" 2>&1 ||
    die "PostgreSQL could not create its data folder." "$(tail -n 1 "$DIR/initdb.log")" "Log: $DIR/initdb.log"
}

# A socket's path may hold about a hundred bytes; in a deeper folder there is only the port.
socket_setting() {
  if [[ ${#DIR} -le $SOCKET_PATH_MAX ]]; then printf '%s\n' "$DIR"; fi
}

create_database() {
  local sql="SELECT 1 FROM pg_database WHERE datname = '$DATABASE'"
  [[ -z $(PGOPTIONS='' "$BIN/psql" "$(conninfo postgres)" -XAtqc "$sql") ]] || return 0
  "$BIN/psql" "$(conninfo postgres)" -XAtqc "CREATE DATABASE $DATABASE"
}

conninfo() { printf 'host=127.0.0.1 port=%s dbname=%s user=%s\n' "$PORT" "$1" "$SUPERUSER"; }

start() {
  local began
  if is_running; then
    port_in_use_by_us || die "this cluster already runs on port $(sed -n 4p "$DIR/data/postmaster.pid")." \
      "Stop it first, or ask for that port."
    create_database
    say "PostgreSQL is already running on 127.0.0.1:$PORT."
    say "  $(conninfo "$DATABASE")"
    return 0
  fi
  require_free_port "$PORT" PostgreSQL
  began=$(now)
  create_cluster
  pg pg_ctl -D "$DIR/data" -l "$DIR/postgres.log" -w -t $READY_SECONDS -s \
    -o "-p $PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories='$(socket_setting)' -c timezone=UTC" start \
    >/dev/null 2>&1 ||
    die "PostgreSQL did not start." "$(tail -n 2 "$DIR/postgres.log" 2>/dev/null)" "Log: $DIR/postgres.log"
  create_database
  say "PostgreSQL $(<"$DIR/data/PG_VERSION") is ready on 127.0.0.1:$PORT ($(seconds_since "$began"))."
  say "  $(conninfo "$DATABASE")"
}

stop() {
  local began
  if ! is_running; then
    say "PostgreSQL is not running."
    return 0
  fi
  began=$(now)
  pg pg_ctl -D "$DIR/data" -m fast -w -t $READY_SECONDS -s stop || die "PostgreSQL did not stop." "Log: $DIR/postgres.log"
  say "PostgreSQL stopped ($(seconds_since "$began"))."
}

status() {
  if ! is_running; then
    say "PostgreSQL is not running."
    return 3
  fi
  PORT=$(sed -n 4p "$DIR/data/postmaster.pid")
  say "PostgreSQL is running on 127.0.0.1:$PORT (process $(head -n 1 "$DIR/data/postmaster.pid"), log $DIR/postgres.log)."
  say "  $(conninfo "$DATABASE")"
}

wipe() {
  stop
  rm -rf "${DIR:?}"
  [[ ! -L $GIVEN_DIR ]] || rm -f "$GIVEN_DIR"
}

main() {
  local verb=${1:-}
  [[ $# -eq 0 ]] || shift
  PORT=15432
  DIR=$VAR/postgres
  while [[ $# -gt 0 ]]; do
    case $1 in
      --port) PORT=${2:?--port needs a number} && shift 2 ;;
      --dir) DIR=${2:?--dir needs a folder} && shift 2 ;;
      *) usage >&2 && exit 64 ;;
    esac
  done
  GIVEN_DIR=$DIR
  DIR=$(realpath -m "$DIR")
  case $verb in
    start | stop | status | wipe)
      BIN=$(find_programs)
      [[ $verb != start && ! -d $DIR/data ]] || choose_user
      "$verb"
      ;;
    -h | --help | help) usage ;;
    *) usage >&2 && exit 64 ;;
  esac
}

main "$@"
