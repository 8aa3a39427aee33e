#!/bin/bash
# What reviewers answered becomes a model: export, train, calibrate and evaluate on rows of the queue.
#   export.sh 'host=127.0.0.1 port=5432 user=postgres dbname=postgres' TRIAGED
# Prints TAP; the exit code is 0 when every test passed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 2 ] || { echo "usage: export.sh CONNINFO TRIAGED" >&2; exit 64; }
conninfo=$1
triaged=$2
db=triage_export_$$
work=$(mktemp -d)
psql=(psql -X -q -At -v ON_ERROR_STOP=1)
n=0
failed=0

in_db() { "${psql[@]}" -d "$conninfo dbname=$db" "$@"; }
finish() {
    "${psql[@]}" -d "$conninfo" -c "drop database if exists $db with (force)" >/dev/null 2>&1
    rm -rf "$work"
}
trap finish EXIT
ok() { # NAME COMMAND...
    local name=$1
    shift
    n=$((n + 1))
    if "$@" >"$work/said" 2>&1; then echo "ok $n - export: $name"; else
        echo "not ok $n - export: $name"
        sed 's/^/# /' "$work/said" | tail -n 5
        failed=$((failed + 1))
    fi
}
rows() { wc -l <"$work/$1"; }
equal() { [ "$1" = "$2" ] || { echo "have $1, want $2" && false; }; }
ids() { sed -E 's/.*"id": ?"([^"]*)".*/\1/' "$work/$1" | sort; }
export_to() { "$triaged" export --config "$work/triaged.yaml" --out "$work/$1" "${@:2}"; }
fails() { ! "$@"; }

"${psql[@]}" -d "$conninfo" -c "create database $db" || { echo "Bail out! no database to test in"; exit 2; }
cat >"$work/triaged.yaml" <<YAML
kafka: {bootstrap_servers: "127.0.0.1:1", group: export}
postgres: {conninfo: "$conninfo dbname=$db"}
YAML
ok "the program migrates an empty database" "$triaged" db migrate --config "$work/triaged.yaml"
in_db -f "$here/helpers.sql" -f "$here/export.sql" >/dev/null || { echo "Bail out! no helpers"; exit 2; }
ok "tickets are answered" in_db -c "call t.answered_tickets(1500)"
# Two of three reviews of an audit are alone: those that changed the label wait for a second, and are not sure.
sure=$(in_db -c "select count(*) from triage.sure_answer")
ok "rows to train on" export_to train.jsonl --for train
ok "rows to calibrate on" export_to calibrate.jsonl --for calibrate
ok "every sure answer is in one of them" equal "$(($(rows train.jsonl) + $(rows calibrate.jsonl)))" "$sure"
ok "and in one only" equal "$(comm -12 <(ids train.jsonl) <(ids calibrate.jsonl) | wc -l)" 0
ok "a row of an audit weighs as much as it stands for" grep -q '"origin": "audit".*"weight": 20[,}]' "$work/train.jsonl"
ok "thinned out, they all weigh one" export_to even.jsonl --for train --even
ok "audits are kept whole then" equal "$(grep -c '"origin": "audit"' "$work/even.jsonl")" "$(grep -c '"origin": "audit"' "$work/train.jsonl")"
ok "and the others thinned" test "$(rows even.jsonl)" -lt $(($(rows train.jsonl) / 4))
ok "since tomorrow there is nothing" export_to none.jsonl --for train --since tomorrow
ok "which is an empty file" equal "$(rows none.jsonl)" 0
ok "a time that is none is refused" fails export_to none.jsonl --for train --since whenever
ok "a share that is none is refused" fails export_to none.jsonl --for train --calibration-share 1.5
ok "nothing is left beside the files" equal "$(find "$work" -name '*.new' | wc -l)" 0
ok "a model is trained on the rows" "$triaged" train --no-encoder --data "$work/train.jsonl" --out "$work/export.model"
ok "it is right on the others" sh -c "'$triaged' evaluate --model '$work/export.model' --data '$work/calibrate.jsonl' --json | grep -Eq '\"accuracy\": ?(1|0\.9[5-9])'"
ok "and a promise is certified on them" "$triaged" calibrate --model "$work/export.model" --data "$work/calibrate.jsonl" --out "$work/promise.json"
ok "the housekeeping is done" "$triaged" db maintain --config "$work/triaged.yaml"
ok "a person is erased" sh -c "'$triaged' db erase --config '$work/triaged.yaml' --requester c-1 | grep -q '\"items\": 0'"
echo "1..$n"
exit $((failed > 0))
