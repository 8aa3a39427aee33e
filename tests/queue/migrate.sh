#!/bin/bash
# A database of an older version is migrated while reviewers, feeder and relay of that version work on it.
#   migrate.sh 'host=127.0.0.1 port=5432 user=postgres dbname=postgres' TRIAGED [FROM] [SECONDS]
# FROM is the last migration that the old version has. Two migrators run at once, beside somebody who reads a table in a long
# transaction. Prints TAP; the exit code is 0 when nobody saw an error and no answer was lost or doubled.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
[ $# -ge 2 ] || { echo "usage: migrate.sh CONNINFO TRIAGED [FROM] [SECONDS]" >&2; exit 64; }
conninfo=$1
triaged=$2
from=${3:-12}
seconds=${4:-15}
db=triage_migrate_$$
work=$(mktemp -d)
psql=(psql -X -q -At -v ON_ERROR_STOP=1)
pids=()
n=0
failed=0

in_db() { "${psql[@]}" -d "$conninfo dbname=$db" "$@"; }
finish() {
    [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
    wait 2>/dev/null
    "${psql[@]}" -d "$conninfo" -c "drop database if exists $db with (force)" >/dev/null 2>&1
    rm -rf "$work"
}
trap finish EXIT
tell() { # NAME CODE
    n=$((n + 1))
    if [ "$2" -eq 0 ]; then echo "ok $n - migrate: $1"; else echo "not ok $n - migrate: $1" && failed=1; fi
}
holds() { [ "$(in_db -c "select $1")" = t ]; }

# As the migrator of the old version did: each file, and a row that says so.
install_old() {
    local f number name
    for f in "$root"/schemas/postgres/[0-9]*.sql; do
        number=$((10#$(basename "$f" | cut -c1-3)))
        name=$(basename "$f" .sql | cut -c5-)
        [ "$number" -le "$from" ] || break
        in_db -1 -f "$f" >/dev/null 2>&1 &&
            in_db -c "insert into triage.migration (number, name, sha256) values ($number, '$name', '$(sha256sum <"$f" | cut -c1-64)')" || return 1
    done
}
client() { in_db -c "$1" >/dev/null 2>>"$work/errors" & pids+=($!); }
migrator() { "$triaged" db migrate --config "$work/triaged.yaml" >"$work/migrator-$1" 2>&1; }

"${psql[@]}" -d "$conninfo" -c "create database $db" && install_old || { echo "Bail out! no database to test in"; exit 2; }
in_db -f "$here/helpers.sql" -f "$here/stress.sql" >/dev/null && in_db -c "call t.fill(3000)" || { echo "Bail out! no items"; exit 2; }
cat >"$work/triaged.yaml" <<YAML
kafka: {bootstrap_servers: "127.0.0.1:1", group: migrate}
postgres: {conninfo: "$conninfo dbname=$db"}
YAML
for c in 1 2 3 4 5 6; do client "call t.reviewer('r$c', $seconds)"; done
client "call t.feeder($seconds)"
client "call t.relay($seconds)"
# somebody counts the queue and takes their time: an ALTER TABLE has to wait for them, and must not hold up the others
in_db -c "begin; select count(*) from triage.item; select pg_sleep(3); commit" >/dev/null 2>>"$work/errors" &
pids+=($!)
until holds "(select count(*) > 50 from t.attempt)"; do sleep 0.1; done
before=$(in_db -c "select count(*) from t.attempt")
migrator 1 & first=$!
migrator 2 & second=$!
wait $first
tell "one migrator ends well" $?
wait $second
tell "so does another at the same time" $?
grep -hE 'failed|cannot|error' "$work"/migrator-* | sed 's/^/# /'
holds "(select count(*) - $before > 0 from t.attempt)"
tell "clients were answered meanwhile" $?
holds "(select count(*) = $(find "$root"/schemas/postgres -name '[0-9]*.sql' | wc -l) from triage.migration)"
tell "each step was done once" $?
for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null; done
pids=()
sort "$work/errors" | uniq -c | sort -rn | head -5 | sed 's/^/# /'
[ ! -s "$work/errors" ]
tell "nobody who was connected before saw an error" $?
"$triaged" db maintain --config "$work/triaged.yaml" >/dev/null
tell "what the new version needs of old items is made up" $?
holds "not exists (select from triage.item_body b where not exists (select from triage.item_mark m where m.item_id = b.item_id)
   or not exists (select from triage.item_bag g where g.item_id = b.item_id))"
tell "for every one of them" $?
in_db -c "call t.drain()"
while read -r verdict count what; do
    case $what in # a short run need not reach everything
    "answers accepted" | "items released") ;;
    answers\ refused* | repeats* | undone | undo\ too* | stale\ feeds\ refused | claims\ expired | answers\ overtaken* | items\ overtaken) continue ;;
    esac
    [ "$verdict" = ok ]
    tell "$what: $count" $?
done < <(in_db -F ' ' -c "select replace(ok, ' ', '_'), n, what from t.verdict()")
echo "1..$n"
exit $failed
