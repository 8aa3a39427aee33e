"""Fixtures of the console's tests: a real PostgreSQL, a console of its own for each test module, and a small client.

Nothing sleeps to wait for something: `until` asks again until the answer is there, and its bound only ends a run that
hangs. Roles are shared by all databases of a server, so every desk gives its reviewers names of its own.
"""

import contextlib
import http.client
import itertools
import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import time
import urllib.parse

import psycopg
import psycopg.types.json
import pytest
from browsing import PASSWORD, ann_window, chromium, windows  # noqa: F401  (fixtures)

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lib"))
from ports import free_port  # noqa: E402

VAR = pathlib.Path(os.environ.get("TRIAGED_VAR", ROOT / "var"))
TEST_VAR = VAR / "test"
TRIAGED = pathlib.Path(os.environ.get("TRIAGED_BIN", ROOT / "build-dev" / "triaged"))
SAMPLE = ROOT / "deploy" / "sample"

POSTGRES_PORT = 15532
HANG_SECONDS = 60
CONSOLE_ROLE = "triaged_console_tests"
TEMPLATE = f"console_template_{os.getpid()}"  # of the fixtures' desks
sharing = []


def until(question, what, seconds=HANG_SECONDS):
    """Asks until the answer is true and returns it. Not a measurement: the bound is for hangs only."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds} s in vain: {what}")
        time.sleep(0.05)
    return answer


def postgres_script(verb, *arguments):
    done = subprocess.run(
        [ROOT / "deploy" / "lib" / "postgres.sh", verb, "--dir", str(TEST_VAR / "postgres"), *arguments],
        capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def postgres():
    """The connection string of the superuser, without a database."""
    postgres_script("start", "--port", str(POSTGRES_PORT))
    sharing.append(TEMPLATE)
    try:
        yield f"host=127.0.0.1 port={POSTGRES_PORT} user=postgres"
    finally:
        sharing.clear()
        with psycopg.connect(f"host=127.0.0.1 port={POSTGRES_PORT} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(f"drop database if exists {TEMPLATE}")
        postgres_script("stop")


# ---- what a ticket and a review request look like ----


def request_of(number, **more):
    """A review request (review.v1) as the worker makes it. Members of `ticket` and `decision` are merged."""
    key = more.pop("key", f"acme/zendesk/eu/{number}")
    ticket = {
        "schema_version": 1, "tenant": "acme", "source": {"system": "zendesk", "instance": "eu"},
        "ticket_id": str(number), "revision": 1, "event": "created", "subject": f"Where is my parcel {number}?",
        "body_text": f"Hello,\nmy order {number} has not come.\nWhere is it?\n\nAnna", "channel": "email",
        "language": "en", "requester": {"id": f"r{number}", "name": "Anna Lind", "email": "anna@example.org"},
    } | more.pop("ticket", {})
    decision = {
        "label": "order_status", "confidence": 0.61,
        "alternatives": [{"label": "order_status", "confidence": 0.61}, {"label": "refund", "confidence": 0.3}],
        "reasons": ["low_confidence", "risk_medium"], "rule_id": None, "language": "en",
        "draft": {"text": "Your parcel left today.", "citations": ["tracking"], "macro_id": None,
                  "unsupported": [{"text": "today", "kind": "date", "start": 17, "end": 22}]},
        "promise": None, "provenance": {"policy": "abc"},
    } | more.pop("decision", {})
    return {
        "type": "request", "review_id": f"{key}@{more.get('revision', 1)}", "key": key, "revision": 1, "tenant": "acme",
        "ticket_id": str(number), "profile": "support", "review_group": "support", "risk": "medium", "sla_minutes": 60,
        "reasons": [{"code": "low_confidence", "text": "unused"}], "ticket": ticket, "decision": decision,
    } | more


# ---- one desk: a database, its accounts, and a console ----


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The error's code; None when it is none."""
        if not self.headers.get("Content-Type", "").startswith("application/json"):
            return None
        document = self.json()
        return document.get("error", {}).get("code") if isinstance(document, dict) else None


class Client:
    """Speaks to the console as the page does: cookie, token and origin. Every part can be left out or forged."""

    def __init__(self, desk):
        self.desk, self.cookie, self.csrf = desk, None, None

    def send(self, method, path, body=None, headers=None, connection=None):
        """`headers` are added; one of None is left out."""
        all_headers = {"Host": self.desk.listen}
        if self.cookie:
            all_headers["Cookie"] = self.cookie
        if method in ("POST", "DELETE"):
            all_headers |= {"Origin": f"http://{self.desk.listen}", "Content-Type": "application/json"}
            if self.csrf:
                all_headers["X-CSRF-Token"] = self.csrf
        all_headers = {k: v for k, v in (all_headers | (headers or {})).items() if v is not None}
        payload = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        link = connection or http.client.HTTPConnection("127.0.0.1", self.desk.port, timeout=HANG_SECONDS)
        try:
            link.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            if payload is not None or method == "POST":
                all_headers.setdefault("Content-Length", str(len(payload or b"")))
            for name, value in all_headers.items():
                link.putheader(name, value)
            link.endheaders(payload)
            return Answer(link.getresponse())
        finally:
            if not connection:
                link.close()

    def get(self, path, **query):
        return self.send("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path, body=None, **headers):
        return self.send("POST", path, {} if body is None else body, headers)

    def delete(self, path, body=None):
        return self.send("DELETE", path, body)

    def sign_in(self, name, password=PASSWORD):
        answer = self.post("/api/session", {"name": name, "password": password})
        if answer.status == 200:
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
            self.csrf = answer.json()["csrf"]
        return answer

    def claim(self):
        """The next item, which must be there."""
        answer = self.post("/api/claim", {"groups": None})
        assert answer.status == 200, answer.body
        return answer.json()


class Desk:
    """A database with the queue, accounts, and one console process."""

    def __init__(self, folder, server, settings, triage):
        self.folder, self.server = folder, server
        self.token = secrets.token_hex(4)
        self.database = f"console_{self.token}"
        self.port = free_port()
        self.listen = f"127.0.0.1:{self.port}"
        self.conninfo = f"{server} dbname={self.database}"
        self.process, self.numbers, self.roles = None, itertools.count(1), []
        self.log = folder / "console.log"
        self.settings = {
            "postgres": {"conninfo": self.conninfo},
            "console": {
                "listen": self.listen,
                "conninfo": f"host=127.0.0.1 port={POSTGRES_PORT} dbname={self.database} user={CONSOLE_ROLE}",
                "sign_ins_per_minute": 10000, "requests_per_second": 10000,
            } | settings,
            "triage": {
                "policy_file": str(SAMPLE / "policy.yaml"), "knowledge_dir": str(SAMPLE / "knowledge"),
                "classifier_file": os.environ.get("TRIAGED_TEST_CLASSIFIER", str(folder / "none.model")),
            } | (triage or {}),
            "log": {"level": "debug"},
        }
        self.config = folder / "triaged.yaml"
        self.config.write_text(json.dumps(self.settings), encoding="utf-8")

    # -- the program --

    def run(self, *arguments, text_in=None, check=True):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TRIAGED_")}
        done = subprocess.run(
            [TRIAGED, *arguments], input=text_in, capture_output=True, text=True, check=False, cwd=self.folder,
            env=environment | {"TRIAGED_CONFIG": str(self.config)}, timeout=HANG_SECONDS,
        )
        if check:
            assert done.returncode == 0, f"{arguments} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def start(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TRIAGED_")}
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [TRIAGED, "console", "--config", str(self.config)], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                env=environment, cwd=self.folder,
            )
        until(lambda: self.readiness() == 200, "the console is ready:\n" + self.log.read_text())
        return self

    def stop(self):
        """Asks it to stop; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(HANG_SECONDS)
        self.process = None
        return code

    def readiness(self):
        """0 while nobody listens."""
        assert self.process.poll() is None, "the console ended:\n" + self.log.read_text()[-4000:]
        try:
            return self.client().get("/readyz").status
        except OSError:
            return 0

    # -- people --

    def account(self, name, *options, exact=False):
        """Makes an account; its name is the desk's own, or exactly this where the server has no other desk."""
        full = name if exact else f"{name}_{self.token}"
        self.run("console", "account", "add", full, *options, text_in=PASSWORD + "\n")
        self.roles.append(full)
        return full

    def client(self):
        return Client(self)

    def signed_in(self, name):
        """A client of the account, which must exist."""
        client = self.client()
        answer = client.sign_in(name)
        assert answer.status == 200, answer.body
        return client

    # -- the queue --

    def connect(self):
        return psycopg.connect(self.conninfo, autocommit=True)

    def query(self, sql, *parameters):
        with self.connect() as connection:
            cursor = connection.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def feed(self, *requests):
        """Puts review requests into the queue; the item ids, in order."""
        with self.connect() as connection:
            at = connection.execute("select triage.feeder_next('c', 'reviews', 0)").fetchone()[0]
            connection.execute(
                "select triage.feed('c', 'reviews', 0, %s, %s, %s)",
                (at, (at or 0) + len(requests), psycopg.types.json.Jsonb(list(requests))),
            )
            found = {
                key: item for key, item in connection.execute(
                    "select review_id, item_id from triage.item where review_id = any(%s)",
                    ([request["review_id"] for request in requests],),
                )
            }
        return [found[request["review_id"]] for request in requests]

    def fresh(self, **more):
        """One new item; its id."""
        return self.feed(request_of(next(self.numbers), **more))[0]

    def empty(self):
        """Takes everything unanswered out of the queue."""
        self.query("delete from triage.item where state in ('open', 'claimed', 'held')")

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        with psycopg.connect(f"{self.server} dbname=postgres", autocommit=True) as connection:
            connection.execute(f'drop database if exists "{self.database}" with (force)')
            for role in self.roles:
                connection.execute(f'drop role if exists "{role}"')


def make_database(desk, connection):
    """Migrated by the program once a run; the desks after the first copy what it made."""
    if connection.execute("select 1 from pg_database where datname = %s", (TEMPLATE,)).fetchone():
        connection.execute(f'create database "{desk.database}" template {TEMPLATE}')
        return
    connection.execute(f'create database "{desk.database}"')
    desk.run("db", "migrate")
    if sharing:
        connection.execute(f'create database {TEMPLATE} template "{desk.database}"')


@contextlib.contextmanager
def open_desk(folder, server, triage=None, **settings):
    """A desk whose console is running. Settings are keys of the section console, those in `triage` of that section."""
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as connection:
        desk = Desk(folder, server, settings, triage)
        try:
            make_database(desk, connection)
            if not connection.execute("select 1 from pg_roles where rolname = %s", (CONSOLE_ROLE,)).fetchone():
                connection.execute(f"create role {CONSOLE_ROLE} login in role triage_console")
            yield desk.start()
        finally:
            desk.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory, postgres):
    """The module's desk."""
    with open_desk(tmp_path_factory.mktemp("desk"), postgres) as made:
        yield made


@pytest.fixture(scope="module")
def reviewers(desk):
    """Two reviewers' names."""
    return desk.account("ann"), desk.account("bob")


@pytest.fixture
def ann(desk, reviewers):
    """A signed-in client of the first reviewer, on an empty queue."""
    desk.empty()
    return desk.signed_in(reviewers[0])


@pytest.fixture
def bob(desk, reviewers):
    """The second one."""
    return desk.signed_in(reviewers[1])
