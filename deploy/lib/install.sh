#!/usr/bin/env bash
# Installs the Debian packages that are missing, and only those: apt-get is not run when nothing is.
# A newer Java, Maven, Python or PostgreSQL that is already there is used instead of Debian's.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<USAGE
usage: install.sh run|tests|lint|list

  run    what building triaged and running the sample needs
  tests  that, and what the tests need
  lint   run's, and what tests/run --full needs besides
  list   prints the packages of all sets
USAGE
}

# set | package | what else satisfies it (a function below), "-" if only the package does
table() {
  cat <<TABLE
run   cmake                     command cmake
run   ninja-build               command ninja
run   gcc                       command gcc
run   libc6-dev                 -
run   pkg-config                command pkg-config
run   git                       command git
run   ca-certificates           -
run   curl                      command curl
run   librdkafka-dev            -
run   libpq-dev                 -
run   libcjson-dev              -
run   libcurl4-openssl-dev      -
run   libyaml-dev               -
run   libsqlite3-dev            -
run   liblinear-dev             -
run   libpcre2-dev              -
run   libutf8proc-dev           -
run   libexttextcat-dev         -
run   libmicrohttpd-dev         -
run   libsodium-dev             -
run   libxxhash-dev             -
run   libsystemd-dev            -
run   postgresql                postgres_server
run   postgresql-client         command psql
run   kcat                      command kcat
run   jq                        command jq
run   openjdk-17-jre-headless   java_17
run   maven                     fetched_or_maven
run   golang-go                 encoder_or_go
run   python3                   python_310
run   python3-venv              python_venv
tests libcmocka-dev             -
tests zlib1g-dev                -
tests patch                     command patch
tests procps                    command pgrep
tests postgresql-15-pgtap       pgtap
tests prometheus                command promtool
tests chromium                  command chromium
tests fonts-liberation          -
lint  clang-tidy                command clang-tidy
TABLE
}

command_there() { have "$1"; }

postgres_server() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

java_17() {
  local major
  have java || return 1
  major=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
  [[ ${major:-0} -ge 17 ]]
}

# Maven only fetches Kafka and the encoder's model, and Go only a header: with them here, neither is needed.
encoder_there() { [[ -e $VAR/encoder/include/onnxruntime_c_api.h || $(uname -m) != x86_64 ]]; }
fetched_or_maven() { have mvn || { [[ -e $VAR/kafka-lib/.complete ]] && encoder_there; }; }
encoder_or_go() { have go || encoder_there; }

python_310() { have python3 && python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))'; }

python_venv() { have python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; }

# Needed for the server that is really there, which may be a newer one.
pgtap() { compgen -G '/usr/share/postgresql/*/extension/pgtap.control' >/dev/null; }

package_there() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# missing SET: prints the packages of the set that nothing stands in for.
missing() {
  local wanted=$1 set package stand_in argument
  while read -r set package stand_in argument; do
    [[ $set == run || $set == "$wanted" ]] || continue
    package_there "$package" && continue
    case $stand_in in
      -) ;;
      command) command_there "$argument" && continue ;;
      *) "$stand_in" && continue ;;
    esac
    printf '%s\n' "$package"
  done < <(table)
}

# Debian's postgresql package makes and starts a cluster of its own when it is installed; the sample has its own, so
# we ask it not to, for this one time.
NO_CLUSTER=/etc/postgresql-common/createcluster.d/triaged-setup.conf

forbid_cluster() {
  as_root mkdir -p "$(dirname "$NO_CLUSTER")"
  printf '# Removed again when the set-up of triaged is through.\ncreate_main_cluster = false\n' |
    as_root tee "$NO_CLUSTER" >/dev/null
}

allow_cluster() { as_root rm -f "$NO_CLUSTER"; }

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@"; }

install_packages() {
  local log=$VAR/log/install.log began
  began=$(now)
  have apt-get || die "this machine has no apt-get; these packages are missing: $*" \
    "Install their like with your system's own package manager. Debian 12 is what this was tried on."
  say "Installing $# packages with apt-get: $*"
  mkdir -p "$(dirname "$log")"
  apt update >"$log" 2>&1 || die "apt-get update failed." "$(tail -n 1 "$log")" "Log: $log"
  say "  download: $(apt install --no-install-recommends --print-uris "$@" 2>/dev/null |
    awk '/^\x27/ { sum += $3 } END { printf "%d MB", sum / 1000000 }')"
  forbid_cluster
  trap allow_cluster EXIT
  apt install --no-install-recommends "$@" >>"$log" 2>&1 ||
    die "apt-get install failed." "$(grep -m 3 '^E:' "$log" || tail -n 1 "$log")" "Log: $log"
  allow_cluster
  trap - EXIT
  say "Packages installed ($(seconds_since "$began"))."
}

main() {
  local packages
  case ${1:-} in
    run | tests | lint) ;;
    list) table | awk '{ print $1, $2 }' && exit 0 ;;
    -h | --help | help) usage && exit 0 ;;
    *) usage >&2 && exit 64 ;;
  esac
  mapfile -t packages < <(missing "$1")
  if [[ ${#packages[@]} -eq 0 ]]; then
    say "All packages are there."
  else
    install_packages "${packages[@]}"
  fi
}

main "$@"
