#!/bin/bash
# Tests of the queue in a database of their own: run.sh 'host=127.0.0.1 port=5432 user=postgres dbname=postgres' [FILE...]
# The user must be a superuser. Prints TAP; the exit code is 0 when every test passed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
[ $# -ge 1 ] || { echo "usage: run.sh CONNINFO [FILE...]" >&2; exit 64; }
conninfo=$1
shift
db=triage_test_$$
out=$(mktemp)
psql=(psql -X -q -v ON_ERROR_STOP=1)

drop() { "${psql[@]}" -d "$conninfo" -c "drop database if exists $db with (force)" >/dev/null 2>&1; rm -f "$out"; }
trap drop EXIT

prepare() {
    "${psql[@]}" -d "$conninfo" -c "create database $db" || return 1
    for f in "$root"/schemas/postgres/[0-9]*.sql; do
        "${psql[@]}" -1 -d "$conninfo dbname=$db" -f "$f" >/dev/null || return 1
    done
    "${psql[@]}" -d "$conninfo dbname=$db" -c "create extension pgtap" -f "$here/helpers.sql" >/dev/null
}

# Runs one file and turns its lines into ours, numbered through; a plan that was not kept is a failure.
run_file() {
    local file=$1 name status
    name=$(basename "$file" .sql)
    "${psql[@]}" -At -d "$conninfo dbname=$db" -f "$file" >"$out" 2>&1
    status=$?
    awk -v name="$name" -v status=$status -v n=$total '
        /^1\.\.[0-9]+$/ { planned = substr($0, 4) + 0; next }
        /^ok / { n++; seen++; sub(/^ok [0-9]+ (- )?/, ""); print "ok " n " - " name ": " $0; next }
        /^not ok / { n++; seen++; bad++; sub(/^not ok [0-9]+ (- )?/, ""); print "not ok " n " - " name ": " $0; next }
        /^#/ || /ERROR|FATAL|psql:/ { print ($0 ~ /^#/ ? "" : "# ") $0 }
        END {
            if (status != 0 || seen != planned || planned == 0) {
                n++; bad++
                print "not ok " n " - " name ": ran " seen + 0 " of " planned + 0 " tests, psql ended with " status
            }
            print "COUNT " n " " bad + 0
        }' "$out"
}

prepare || { echo "Bail out! no database to test in"; exit 2; }
total=0
failed=0
[ $# -gt 0 ] || set -- "$here"/[0-9]*.sql
for file in "$@"; do
    while IFS= read -r line; do
        case $line in
        "COUNT "*) read -r _ total bad <<<"$line"; failed=$((failed + bad)) ;;
        *) printf '%s\n' "$line" ;;
        esac
    done < <(run_file "$file")
done
echo "1..$total"
echo "# $((total - failed)) passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$total" -gt 0 ]
