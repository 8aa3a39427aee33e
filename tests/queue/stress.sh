#!/bin/bash
# Many clients on one queue: they claim, answer, undo, skip, die and answer late, while a feeder supersedes and a relay
# publishes. Then the whole history is checked.
#   stress.sh 'host=127.0.0.1 port=5432 user=postgres dbname=postgres' [CLIENTS] [SECONDS] [SEED]
# A client's death is real: its psql is killed with -9 and started again. Prints the counts it checked; exit code 0 when
# every invariant holds and every kind of event was reached.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
[ $# -ge 1 ] || { echo "usage: stress.sh CONNINFO [CLIENTS] [SECONDS] [SEED]" >&2; exit 64; }
conninfo=$1
clients=${2:-20}
seconds=${3:-30}
seed=${4:-$RANDOM}
RANDOM=$seed
db=triage_stress_$$
psql=(psql -X -q -At -v ON_ERROR_STOP=1)
pids=()

in_db() { "${psql[@]}" -d "$conninfo dbname=$db" "$@"; }
finish() {
    [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
    wait 2>/dev/null
    "${psql[@]}" -d "$conninfo" -c "drop database if exists $db with (force)" >/dev/null 2>&1
}
trap finish EXIT

echo "# seed $seed, $clients clients, $seconds s"
"${psql[@]}" -d "$conninfo" -c "create database $db" || exit 2
for f in "$root"/schemas/postgres/[0-9]*.sql; do
    in_db -1 -f "$f" >/dev/null 2>&1 || { echo "$f does not apply"; exit 2; }
done
in_db -f "$here/helpers.sql" -f "$here/stress.sql" >/dev/null || exit 2
in_db -c "call t.fill(3000)" || exit 2

# A backend looks for its client every 50 ms, so that it dies with it, in whatever it is doing.
export PGOPTIONS='-c client_connection_check_interval=50'
start() { "${psql[@]}" -d "$conninfo dbname=$db" -c "$2" >/dev/null 2>>"/tmp/$db.err" & pids[$1]=$!; }
for c in $(seq 1 "$clients"); do start "$c" "call t.reviewer('r$c', $seconds)"; done
start $((clients + 1)) "call t.feeder($seconds)"
start $((clients + 2)) "call t.relay($seconds)"

kills=0
end=$((SECONDS + seconds - 2))
while [ $SECONDS -lt $end ]; do
    sleep 0.3
    victim=$((RANDOM % clients + 1))
    kill -9 "${pids[victim]}" 2>/dev/null && kills=$((kills + 1))
    wait "${pids[victim]}" 2>/dev/null
    start "$victim" "call t.reviewer('r$victim', $((end - SECONDS)))"
done
for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null; done
pids=()
[ ! -s "/tmp/$db.err" ] || { sort "/tmp/$db.err" | uniq -c | sort -rn | head -5; }
rm -f "/tmp/$db.err"
echo "# kills $kills"
start 1 "call t.relay(10)"
in_db -c "call t.latecomer()" || exit 2
wait "${pids[1]}"
in_db -c "call t.drain()" && in_db -F ' ' -c "select * from t.verdict()" |
    awk '{ print } $1 == "not" { bad = 1 } END { exit bad || NR == 0 }'
