#!/usr/bin/env bash
# A private single-node Kafka (broker and controller in one process) on the loopback address.
# For the sample and the tests only: one copy of everything, no access control. It knows nothing of triaged's topics.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

KAFKA_VERSION=4.4.0
LOG4J_VERSION=2.25.5
LIB_MB=43
READY_SECONDS=120
STOP_SECONDS=60
MARK=kafka.Kafka
LIB=$VAR/kafka-lib
SUMS=$ROOT/deploy/lib/kafka-jars.sha256

usage() {
  cat <<USAGE
usage: kafka.sh start|stop|status|wipe [--port PORT] [--dir DIR]

  --port PORT   where the broker listens on 127.0.0.1; the controller takes the next one (default 19092)
  --dir DIR     data, configuration, log and process id (default $VAR/kafka)

wipe stops it and removes its data.
USAGE
}

write_pom() {
  cat >"$1" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>triaged.sample</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>$KAFKA_VERSION</version>
    </dependency>
    <!-- Without a binding Kafka writes no log at all. -->
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>$LOG4J_VERSION</version>
    </dependency>
  </dependencies>
</project>
POM
}

# Reads Maven's own output and shows how many jars have come.
show_fetching() {
  local line count=0
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$1"
    [[ $line == *Downloaded*.jar* ]] || continue
    count=$((count + 1))
    if [[ -t 1 ]]; then
      printf '\r    %d jars fetched ' "$count"
    elif [[ $((count % 20)) -eq 0 ]]; then
      printf '    %d jars fetched\n' "$count"
    fi
  done
  printf '\n'
}

fetch_jars() {
  [[ ! -e $LIB/.complete ]] || return 0
  have mvn || die "Maven (mvn) is needed once, to fetch Kafka." "Run: deploy/lib/install.sh run"
  local began work=$VAR/kafka-fetch
  began=$(now)
  say "Fetching Kafka $KAFKA_VERSION from Maven Central, $LIB_MB MB and Maven's own parts. This happens once."
  rm -rf "$work" "$LIB"
  mkdir -p "$work"
  write_pom "$work/pom.xml"
  mvn -B -f "$work/pom.xml" -Dmaven.repo.local="$VAR/kafka-m2" -DincludeScope=runtime -DoutputDirectory="$work/lib" \
    dependency:copy-dependencies 2>&1 | show_fetching "$work/maven.log" ||
    die "fetching Kafka failed." "$(grep -m 1 ERROR "$work/maven.log" || tail -n 1 "$work/maven.log")" \
      "Check the network (or the mirror in Maven's settings.xml), then start again." "Maven's log: $work/maven.log"
  (cd "$work/lib" && sha256sum --quiet --strict -c "$SUMS") ||
    die "a fetched jar is not the one this project was tried with." "Remove $VAR/kafka-m2 and start again."
  mv "$work/lib" "$LIB"
  touch "$LIB/.complete"
  rm -rf "$work" "$VAR/kafka-m2"
  say "Kafka fetched and checked ($(seconds_since "$began"))."
}

write_config() {
  local controller=$((PORT + 1))
  cat >"$DIR/log4j2.properties" <<LOG
status = error
appender.c.type = Console
appender.c.name = c
appender.c.layout.type = PatternLayout
appender.c.layout.pattern = %d{ISO8601} %p %c - %m%n
rootLogger.level = INFO
rootLogger.appenderRef.c.ref = c
LOG
  cat >"$DIR/server.properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$PORT,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$PORT,CONTROLLER://127.0.0.1:$controller
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$DIR/data
num.network.threads=2
num.io.threads=2
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
CONF
}

# An explicit list in a fixed order: the class archive is only valid for the class path it was made with.
class_path() { printf '%s\n' "$LIB"/*.jar | paste -s -d :; }

java_options() {
  printf '%s\n' -Xms128m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Xlog:disable \
    -Djava.awt.headless=true "-Dlog4j2.configurationFile=$DIR/log4j2.properties"
}

# The first broker leaves an archive of its loaded classes when it stops; later ones start in half the time with it.
archive_option() {
  if [[ -e $LIB/classes.jsa ]]; then
    printf '%s\n' "-XX:SharedArchiveFile=$LIB/classes.jsa"
  else
    printf '%s\n' "-XX:ArchiveClassesAtExit=$DIR/classes.jsa"
  fi
}

keep_archive() {
  [[ -s $DIR/classes.jsa ]] || return 0
  mv -f "$DIR/classes.jsa" "$LIB/classes.jsa"
}

format_data() {
  [[ ! -e $DIR/data/meta.properties ]] || return 0
  local id
  # 16 random bytes in URL-safe base64; the tool would take a leading dash for an option.
  id=T$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c 2-22)
  java "${OPTIONS[@]}" -cp "$CLASS_PATH" kafka.tools.StorageTool format --standalone -t "$id" \
    -c "$DIR/server.properties" >"$DIR/format.log" 2>&1 ||
    die "Kafka could not prepare its data folder $DIR/data." "$(tail -n 1 "$DIR/format.log")" "Log: $DIR/format.log"
}

is_ready() { grep -q 'Kafka Server started' "$DIR/kafka.log" && port_open "$PORT"; }

start() {
  local pid began
  if pid=$(running_pid "$DIR/kafka.pid" "$MARK"); then
    is_ready || wait_ready "$DIR/kafka.pid" Kafka $READY_SECONDS "$DIR/kafka.log" is_ready
    say "Kafka is already running on 127.0.0.1:$PORT (process $pid)."
    return 0
  fi
  have java || die "Java 17 or newer is needed to run Kafka." "Run: deploy/lib/install.sh run"
  require_free_port "$PORT" Kafka
  require_free_port $((PORT + 1)) "Kafka's controller"
  fetch_jars
  began=$(now)
  mkdir -p "$DIR"
  write_config
  CLASS_PATH=$(class_path)
  mapfile -t OPTIONS < <(java_options)
  format_data
  start_detached "$DIR/kafka.pid" "$DIR/kafka.log" \
    java "${OPTIONS[@]}" "$(archive_option)" -cp "$CLASS_PATH" kafka.Kafka "$DIR/server.properties"
  wait_ready "$DIR/kafka.pid" Kafka $READY_SECONDS "$DIR/kafka.log" is_ready
  say "Kafka $KAFKA_VERSION is ready on 127.0.0.1:$PORT ($(seconds_since "$began"))."
}

stop() {
  stop_process "$DIR/kafka.pid" "$MARK" Kafka $STOP_SECONDS
  keep_archive
}

status() {
  local pid
  if pid=$(running_pid "$DIR/kafka.pid" "$MARK"); then
    say "Kafka is running on 127.0.0.1:$PORT (process $pid, log $DIR/kafka.log)."
  else
    say "Kafka is not running."
    return 3
  fi
}

wipe() {
  stop
  rm -rf "${DIR:?}"
}

main() {
  local verb=${1:-}
  [[ $# -eq 0 ]] || shift
  PORT=19092
  DIR=$VAR/kafka
  while [[ $# -gt 0 ]]; do
    case $1 in
      --port) PORT=${2:?--port needs a number} && shift 2 ;;
      --dir) DIR=$(realpath -m "${2:?--dir needs a folder}") && shift 2 ;;
      *) usage >&2 && exit 64 ;;
    esac
  done
  case $verb in
    start | stop | status | wipe) "$verb" ;;
    -h | --help | help) usage ;;
    *) usage >&2 && exit 64 ;;
  esac
}

main "$@"
