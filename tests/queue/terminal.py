#!/usr/bin/env python3
"""triaged queue as a person uses it, on a database of its own. Prints TAP.

usage: tests/queue/terminal.py CONNINFO TRIAGED
"""

import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SERVER, TRIAGED = sys.argv[1], os.path.abspath(sys.argv[2])
DATABASE = f"triage_terminal_{os.getpid()}"
CONNINFO = f"{SERVER} dbname={DATABASE}"
ESCAPE = "\033["
PATIENCE_S = 60
INTERRUPTIONS = 20
FOLDER = tempfile.TemporaryDirectory()
lines = []


def say(name, good, detail=""):
    lines.append(bool(good))
    print(f"{'ok' if good else 'not ok'} {len(lines)} - terminal: {name}", flush=True)
    if not good:
        print("# " + str(detail).replace("\n", "\n# "), flush=True)


def psql(sql, conninfo=CONNINFO):
    return subprocess.run(["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", conninfo, "-c", sql], check=True,
                          capture_output=True, text=True).stdout.strip()


def environment(user, **more):
    clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "VISUAL", "EDITOR", "COLUMNS")}
    return clean | {"TRIAGED_CONFIG": f"{FOLDER.name}/{user}.yaml", "TERM": "xterm"} | more


def queue(*arguments, user="terminal_ann", stdin="", **more):
    return subprocess.run([TRIAGED, "queue", *map(str, arguments)], env=environment(user, **more), input=stdin, capture_output=True,
                          text=True, check=False, timeout=PATIENCE_S)


def answer(*arguments, **more):
    done = queue(*arguments, "--json", **more)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def item(key):
    return int(psql(f"select item_id from triage.item where key = '{key}'"))


def state(key):
    return psql(f"select concat_ws('/', state, claimed_by) from triage.item where key = '{key}'")


class Terminal:
    """The program on a pseudo terminal of so many columns."""

    def __init__(self, *arguments, columns=100, lines=30, **more):
        self.seen = ""
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.execvpe(TRIAGED, [TRIAGED, "queue", *arguments], environment("terminal_ann", COLUMNS=str(columns), LINES=str(lines), **more))

    def read(self, until=None):
        """Everything up to a text, or to the end."""
        end = time.monotonic() + PATIENCE_S
        while until is None or not re.search(until, self.seen):
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise TimeoutError(f"{until!r} does not come: {self.seen[-500:]!r}")
            try:
                got = os.read(self.fd, 65536)
            except OSError:
                got = b""
            if not got:
                break
            self.seen += got.decode()
        seen, self.seen = self.seen, ""
        return seen

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def end(self):
        _, status = os.waitpid(self.child, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


def editor(text):
    """A shell script in the place of an editor."""
    path = f"{FOLDER.name}/editor{len(os.listdir(FOLDER.name))}.sh"
    pathlib.Path(path).write_text(f"#!/bin/sh\n{text}\n")
    os.chmod(path, 0o700)
    return path


def prepare():
    psql(f"create database {DATABASE}", SERVER)
    for user in ("owner", "terminal_ann", "terminal_bob", "terminal_eve"):
        login = "" if user == "owner" else f" user={user}"
        pathlib.Path(f"{FOLDER.name}/{user}.yaml").write_text(
            f'kafka:\n  bootstrap_servers: "127.0.0.1:1"\npostgres:\n  conninfo: "{CONNINFO}{login}"\n')
    before = queue("list", user="owner")
    say("an empty database is answered with what to do, exit 78", before.returncode == 78 and "triaged db migrate" in before.stderr, before)
    subprocess.run([TRIAGED, "db", "migrate"], env=environment("owner"), check=True, capture_output=True)
    psql("drop role if exists terminal_ann, terminal_bob, terminal_eve; create role terminal_ann login in role triage_reviewer; "
         "create role terminal_bob login in role triage_reviewer; create role terminal_eve login")
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", CONNINFO, "-f", HERE / "helpers.sql"], check=True)


def feed(*keys, **more):
    for key in keys:
        psql(f"select t.feed(t.request('{key}', 1, '{json.dumps(more)}'))")


def look():
    say("an empty queue says so", queue("list").stdout == "nothing waits\n")
    feed("a", sla_minutes=125, ticket={"subject": "Où est ma commande 漢字漢字 \u001b[2Jfake\r\n\u202eevil", "body_text": "x\u001b]0;title\u0007y"})
    feed("b", sla_minutes=30)
    psql("update triage.item set due_at = clock_timestamp() - interval '3 hours' where key = 'b'")
    listed = queue("list")
    rows = listed.stdout.splitlines()
    say("a list is a table with the most urgent first", len(rows) == 3 and re.search(rf"^ *{item('b')}  3 h late", rows[1]) and "in 2 h" in rows[2], listed)
    say("columns are aligned", len({row.index(word) for row, word in zip(rows[1:], ("3 h late", "in 2 h"))}) == 1, listed.stdout)
    say("into a pipe there are no escapes, and nothing is cut", "\033" not in listed.stdout and "fake" in listed.stdout, listed)
    say("a ticket moves no cursor and turns no text", not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", listed.stdout + queue("show", item("a")).stdout))
    say("filters choose", [len(answer("list", *f)) for f in (("--overdue",), ("--label", "x"), ("--group", "first"), ("--state", "claimed"))] == [1, 0, 2, 0])
    say("json is what the view holds", answer("list")[0]["item_id"] == item("b") and answer("list")[0]["due_in_seconds"] < -10000)
    shown = Terminal("list", columns=60)
    text = shown.read()
    say("on a terminal there are colours", ESCAPE in text and shown.end() == 0, repr(text))
    plain = re.sub("\033\\[[0-9]*m", "", text).splitlines()
    width = lambda row: sum(2 if ord(c) > 0x2E7F else 1 for c in row)  # noqa: E731
    say("no line is wider than it", plain and max(map(width, plain)) <= 60 and any("…" in row for row in plain), plain)
    quiet = Terminal("list", NO_COLOR="1")
    text = quiet.read()
    say("NO_COLOR takes them away", ESCAPE not in text and quiet.end() == 0, repr(text))


def decide():
    say("nothing claimed: it says what to do, exit 75", (done := queue("resolve")).returncode == 75 and "claim an item first" in done.stderr, done)
    card = queue("claim").stdout
    say("a claim shows the item, why it is here and what to type", all(word in card for word in (
        f"Item {item('b')}, due 3 h late", "Your parcel left today.", "low_confidence: ", f"triaged queue resolve {item('b')}")), card)
    done = queue("resolve")
    say("the only claimed item is accepted without a number", done.returncode == 0 and "answered; goes out in" in done.stdout, done)
    say("it is held", state("b") == "held/terminal_ann" and psql("select outcome from triage.resolution") == "accepted")
    say("it can be looked at", str(item("b")) in queue("mine").stdout and answer("mine")["held"][0]["outcome"] == "accepted")
    done = queue("undo", item("b"))
    say("and taken back without its key", done.returncode == 0 and "yours again under claim 2" in done.stdout and state("b") == "claimed/terminal_ann", done)
    edited = answer("resolve", "--edit", EDITOR=editor('sed -i "1s/today/yesterday/" "$1"; cp "$1" ' + FOLDER.name + "/seen"))
    say("the draft is edited", psql("select outcome || ': ' || final_text from triage.resolution where state = 'held'")
        == "edited: Your parcel left yesterday.", edited)
    say("beside the ticket", "Ticket b" in pathlib.Path(f"{FOLDER.name}/seen").read_text())
    say("what is repeated is the same answer", answer("resolve", item("b"), 2, "--text", "Your parcel left yesterday.", "--outcome", "edited")
        ["resolution_id"] == edited["resolution_id"])
    say("another answer to the same claim is refused, exit 64", (done := queue("resolve", item("b"), 2, "--label", "refund")).returncode == 64, done)
    queue("undo", item("b"))
    done = queue("resolve", "--edit", EDITOR=editor(': > "$1"'))
    say("an empty text answers nothing, exit 75", done.returncode == 75 and state("b") == "claimed/terminal_ann", done)
    done = queue("resolve", "--edit", EDITOR="false")
    say("an editor that fails answers nothing and keeps the text", done.returncode == 69 and re.search(r"the text is in (\S+)", done.stderr), done)
    lost = editor('sed -i "1s/.*/Long work./" "$1"; psql -X -q -d "%s" -c "select triage.reassign(%d, null, \'terminal_bob\', \'x\')"' % (CONNINFO, item("b")))
    done = queue("resolve", "--edit", EDITOR=lost)
    kept = re.search(r"your text is kept in (\S+): ", done.stderr)
    say("a claim that was lost meanwhile loses no text, exit 75", done.returncode == 75 and kept and
        pathlib.Path(kept[1]).read_text().startswith("Long work."), done)
    say("who lost it is told", "reassigned" not in queue("mine").stdout and "Claimed\nnothing" in queue("mine").stdout)
    say("who got it is told", "reassigned" in queue("mine", user="terminal_bob").stdout)
    say("much changed is rewritten", answer("resolve", "--text-file", "-", stdin="Something else entirely", user="terminal_bob")["state"] == "held"
        and psql("select outcome from triage.resolution where state = 'held'") == "rewritten")


def hand_on():
    queue("claim")
    number = item("a")
    done = queue("skip")
    say("a skip without a reason is refused, exit 64", done.returncode == 64 and "say why" in done.stderr, done)
    say("another's claim is, exit 77", (done := queue("release", number, 1, user="terminal_bob")).returncode == 77, done)
    say("who has no role is told to ask for it, exit 77", (done := queue("list", user="terminal_eve")).returncode == 77 and "ask for the role" in done.stderr, done)
    say("an item that does not exist, exit 66", queue("show", 999999).returncode == 66)
    say("a claim that is over, exit 75", queue("release", number, 99).returncode == 75)
    say("a word that is no number, exit 64", queue("show", "seventeen").returncode == 64)
    say("a choice that is none, exit 64", (done := queue("stats", "--by", "moon")).returncode == 64 and "age|states" in done.stderr, done)
    say("a time that is none, exit 64", (done := queue("snooze", "--until", "moon")).returncode == 64 and "give a time" in done.stderr, done)
    say("skip with a reason", queue("skip", "--reason", "my Dutch").returncode == 0 and state("a") == "open")
    say("is remembered", "my Dutch" in queue("reasons").stdout)
    psql("update triage.item set skipped_until = null, skipped_by = '{}'")
    queue("claim", "--key", "k1")
    say("a claim with a key is made once", answer("claim", "--key", "k1")[0]["item_id"] == number)
    say("renew keeps it", queue("renew", "--seconds", "2").returncode == 0)
    say("snooze puts it to sleep", queue("snooze", "--for", "2h").returncode == 0 and "nothing to claim" in queue("claim").stdout)
    psql("update triage.item set snoozed_until = null")
    queue("claim")
    say("escalate hands it to a group", queue("escalate", "--group", "legal", "--reason", "sues").returncode == 0
        and psql(f"select review_group from triage.item where item_id = {number}") == "legal")
    psql("update triage.item set skipped_until = null, skipped_by = '{}'")
    queue("claim", "--group", "legal,first")
    say("reassign to a colleague", queue("reassign", "--to", "terminal_bob", "--reason", "law").returncode == 0 and state("a") == "claimed/terminal_bob")
    say("release gives it back", queue("release", user="terminal_bob").returncode == 0 and state("a") == "open")


def together():
    same = {"subject": "Parcel", "body_text": "Where is my parcel?"}
    feed("p1", "p2", "p3", ticket=same, sla_minutes=1)
    queue("claim")
    say("alike items are listed", queue("alike", item("p1")).stdout.count("100 %") == 2, queue("alike", item("p1")))
    say("several claims: name one", (queue("claim"), queue("skip", "--reason", "x"))[1].returncode == 64)
    queue("release", item("p2"))
    psql("update triage.item set claim_no = 1 where key = 'p2'")
    say("no list, no answer", queue("resolve-alike", item("p1")).returncode == 64)
    done = queue("resolve-alike", item("p1"), "--others", "all")
    say("one answer for all", "answered 3 items" in done.stdout, done)
    done = queue("undo", item("p1"))
    say("one undo for all", "2 others are open" in done.stdout and state("p3") == "open", done)
    say("stats sum up", "first" in queue("stats").stdout and queue("stats", "--by", "classes").returncode == 77)
    say("for an owner by class too", "share_accepted" in queue("stats", "--by", "classes", user="owner").stdout)


def budget():
    say("without a plan the budget says when there will be one", "every five minutes" in queue("budget").stdout)
    psql("""select triage.set_staffing('support', '{"zone": "UTC", "shifts": [{"group": "first", "weekdays": [1], "from_minute": 0,
         "to_minute": 1, "people": 1}]}'); select triage.plan_reviews()""")
    shown = queue("budget").stdout
    say("a group that lacks people is named", "first: more is due than people can do in time" in shown, shown)
    say("json has every hour of the week", len(answer("budget")["hours"]) == 168)


def tick():
    psql("select triage.tick(0)")


def watch():
    """Redraws come from the notification: the watch looks by itself once an hour only."""
    screen = Terminal("watch", "--every", "3600")
    screen.read("Ctrl-C ends")
    feed("new one")
    tick()
    say("a watch draws what is new when it is notified", "Ticket new one" in screen.read("Ticket new one"))
    psql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'triaged-queue'")
    say("it says when the connection is lost", screen.read("trying again"))
    say("and draws again by itself", screen.read("Ctrl-C ends"))
    screen.type("\x03")
    screen.read()
    code = screen.end()
    say("Ctrl-C ends it cleanly", code == 0, code)
    codes = []
    for _ in range(INTERRUPTIONS):  # while it draws: what comes just before the wait must end the wait
        screen = Terminal("watch", "--every", "3600")
        screen.read("wait")
        screen.type("\x03")
        screen.read()
        codes.append(screen.end())
    say("also while it draws", codes == [0] * INTERRUPTIONS, codes)
    follower = subprocess.Popen([TRIAGED, "queue", "watch", "--json", "--every", "1"], env=environment("terminal_ann"),
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    first = json.loads(follower.stdout.readline())
    feed("polled")
    second = json.loads(follower.stdout.readline())
    say("without a notification it polls", len(second["queue"]) == len(first["queue"]) + 1, second)
    say("json is a line for each change, with the sums", first["stats"]["ageing"] and "claimed" in first["mine"])
    follower.send_signal(signal.SIGTERM)
    say("SIGTERM ends it cleanly", follower.wait(PATIENCE_S) == 0)


def main():
    try:
        prepare()
        for part in (look, decide, hand_on, together, budget, watch):
            part()
    except (subprocess.SubprocessError, TimeoutError, OSError, KeyError, ValueError, TypeError) as error:
        say("the test runs to its end", False, f"{error!r} {getattr(error, 'stderr', '')}")
    finally:
        psql(f"drop database if exists {DATABASE} with (force)", SERVER)
        psql("drop role if exists terminal_ann, terminal_bob, terminal_eve", SERVER)
        FOLDER.cleanup()
    print(f"1..{len(lines)}")
    return 0 if lines and all(lines) else 1


if __name__ == "__main__":
    sys.exit(main())
