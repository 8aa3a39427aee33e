#!/bin/bash
# A large queue under a steady load while somebody holds a transaction open: what a claim reads must not grow.
#   load.sh 'host=127.0.0.1 port=5432 user=postgres dbname=postgres' [ITEMS] [SECONDS] [PER_SECOND]
# Fifteen hundred reviewers: at fifty a second each has half a minute for an item. Prints the buffers a claim reads and its
# times in the first and the last minute, whether the alarm on the open transaction was raised, and how long after its end
# a claim reads as little as before. Exit code 0: every call has the plan that it has with a thousand items, the last minute
# reads at most twice the first, the alarm came and went, and claims recovered by themselves. Times are printed, never judged.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
[ $# -ge 1 ] || { echo "usage: load.sh CONNINFO [ITEMS] [SECONDS] [PER_SECOND]" >&2; exit 64; }
conninfo=$1
items=${2:-1000000}
seconds=${3:-600}
rate=${4:-50}
window=$((seconds / 4 < 60 ? seconds / 4 : 60))
recovery=300 # seconds after which a claim that has not recovered never will
db=triage_load_$$
work=$(mktemp -d)
psql=(psql -X -q -At -v ON_ERROR_STOP=1)
pids=()
failed=0

in_db() { "${psql[@]}" -d "$conninfo dbname=$db" "$@"; }
finish() {
    [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
    wait 2>/dev/null
    "${psql[@]}" -d "$conninfo" -c "drop database if exists $db with (force)" >/dev/null 2>&1
    rm -rf "$work"
}
trap finish EXIT
check() { # NAME CONDITION-IN-SQL
    if [ "$(in_db -c "select coalesce(($2), false)")" = t ]; then echo "ok - $1"; else echo "not ok - $1"; failed=1; fi
}

fill() { # FROM TO, by eight sessions at once
    local step=25000 from fills=()
    for ((from = $1; from <= $2; from += step)); do
        in_db -c "call t.fill_open($from, $((from + step - 1 < $2 ? from + step - 1 : $2)))" &
        fills+=($!)
        [ ${#fills[@]} -lt 8 ] || { wait "${fills[0]}" || return 1; fills=("${fills[@]:1}"); }
    done
    wait "${fills[@]}" && in_db -c "vacuum (analyze)"
}

# Each way in which a call of the queue reads the tables that grow, as PostgreSQL planned it. Once each: how often a call looks into an
# index depends on the clock (the next slot of five minutes is looked at where the first has nothing to give).
plans() {
    in_db -f "$here/plans.sql" 2>&1 >/dev/null | grep -E 'ERROR|Scan[^:]*\(cost' | sed -E 's/ +\(cost.*//; s/^ *(-> +)?//' |
        grep -E 'ERROR|\<(item|item_body|item_mark|resolution|history|outbox|key_seen)\>' | sort -u
}

prepare() {
    "${psql[@]}" -d "$conninfo" -c "create database $db" || return 1
    for f in "$root"/schemas/postgres/[0-9]*.sql; do
        in_db -1 -f "$f" >/dev/null 2>&1 || { echo "$f does not apply"; return 1; }
    done
    in_db -f "$here/helpers.sql" -f "$here/stress.sql" -f "$here/load.sql" >/dev/null || return 1
    in_db -c "update triage.setting set hold_window = '2 seconds', claims_most = 10000,
              alarm_transaction = $window * interval '0.5 second'" &&
        fill 1 1000 && plans >"$work/plans-small" && fill 1001 "$items" && plans >"$work/plans"
}

# Somebody's session that read and wrote once, and is idle in its transaction ever since.
hold_transaction() {
    mkfifo "$work/idle"
    in_db <"$work/idle" >/dev/null 2>&1 &
    pids+=($!)
    exec 9>"$work/idle"
    echo "begin isolation level repeatable read; select count(*) from triage.setting; create temp table mine as select txid_current();" >&9
}
release_transaction() { echo "rollback;" >&9; exec 9>&-; }

cat >"$work/claim.sql" <<'SQL'
\set who random(1, 187)
select item_id, claim_no from t.measured_claim('r' || :client_id || '.' || :who) \gset
select from triage.resolve(:item_id, :claim_no, 'k:claim_no', 'accepted');
SQL
run_load() { # SECONDS
    pgbench -n -f "$work/claim.sql" -c 8 -j 1 -R "$rate" -T "$1" "$conninfo dbname=$db" >"$work/pgbench" 2>&1 &
    pids+=($!)
    in_db -c "call t.relay($1)" & pids+=($!)
}

began=$SECONDS
prepare || exit 2
echo "# $items open items after $((SECONDS - began)) s; $rate claims and answers a second for $seconds s"
diff "$work/plans-small" "$work/plans" | sed -n 's/^[<>]/# &/p'
check "the plans of all calls are those of 1000 items ($(wc -l <"$work/plans") scans)" "$(cmp -s "$work/plans-small" "$work/plans" && ! grep -q ERROR "$work/plans" && echo true || echo false)"
run_load 3 && wait && pids=() && in_db -c "truncate t.sample"
hold_transaction
start=$(in_db -c "select clock_timestamp()")
run_load "$seconds"
sleep $((window + 1))
check "the alarm on the open transaction is raised" "exists (select from triage.alarms where name = 'old_transaction')"
wait "${pids[@]:1}" 2>/dev/null
first="'$start', timestamptz '$start' + $window * interval '1 second'"
last="timestamptz '$start' + $((seconds - window)) * interval '1 second', timestamptz '$start' + $seconds * interval '1 second'"
echo "# first $window s: $(in_db -c "select t.window_figures($first)")"
echo "# last $window s: $(in_db -c "select t.window_figures($last)")"
echo "# whole: $(grep -E 'latency average|transactions actually|failed' "$work/pgbench" | tr '\n' ' ')"
echo "# figures for the exporter: $(in_db -c "explain (analyze, timing off) select * from triage.metrics" | grep Execution)"
echo "# dead rows kept: $(in_db -c "select n_dead_tup from pg_stat_user_tables where relid = 'triage.item'::regclass")"
check "the last $window s read at most twice what the first did" "t.mean_buffers($last) <= 2 * t.mean_buffers($first)"
check "every claim under load got an item" "(select count(*) from t.sample) > 0.5 * $rate * $seconds"

release_transaction
released=$SECONDS
back="select coalesce((select avg(buffers) from (select buffers from t.sample order by at desc limit 50) s)
      <= 1.25 * t.mean_buffers($first), false)"
run_load 5 && wait && pids=()
until [ "$(in_db -c "$back")" = t ] || [ $((SECONDS - released)) -gt $recovery ]; do run_load 5 && wait && pids=(); done
echo "# $((SECONDS - released)) s after its end: $(in_db -c "select t.window_figures(clock_timestamp() - interval '5 seconds', clock_timestamp())")"
check "claims are back to normal by themselves" "$back"
check "the alarm is gone" "not exists (select from triage.alarms where name = 'old_transaction')"
check "no item was answered twice" "not exists (select from triage.resolution where state in ('held', 'released') group by item_id having count(*) > 1)"
exit $failed
