"""Postgres goes and comes, the proxy signs people in, pages get news, the console stops."""

import json
import socket

import pytest
from conftest import PASSWORD, POSTGRES_PORT, open_desk, postgres_script, until

SECRET = "a secret of the proxy and us"


# ---- Postgres ----


def test_postgres_restarted_under_it(desk, ann, postgres):
    """Nothing has to be done by hand, and nobody is signed out."""
    desk.fresh()
    assert ann.get("/api/queue").status == 200
    postgres_script("stop")
    try:
        away = until(lambda: (a := ann.get("/api/queue")).status == 503 and a, "requests are refused")
        assert away.code == "unavailable" and int(away.headers["Retry-After"]) >= 1
        until(lambda: desk.readiness() == 503, "readiness is red")
        assert ann.get("/livez").status == 200 and ann.get("/").status == 200
        assert ann.post("/api/session", {"name": "x", "password": "y"}).status == 503
    finally:
        postgres_script("start", "--port", str(POSTGRES_PORT))
    until(lambda: ann.get("/api/queue").status == 200, "it works again")
    until(lambda: desk.readiness() == 200, "readiness is green")
    for _ in range(12):
        assert ann.get("/api/queue").status == 200, "every connection works again"
    assert ann.claim()


def test_a_connection_that_was_cut_is_replaced(desk, ann):
    assert ann.get("/api/queue").status == 200
    desk.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'triaged-console'")
    assert [ann.get("/api/queue").status for _ in range(12)] == [200] * 12


def test_a_call_that_takes_too_long_is_given_up(desk, ann):
    number = desk.fresh()
    ann.claim()
    with desk.connect() as other:
        other.execute("begin")
        other.execute("select from triage.item where item_id = %s for update", (number,))
        answer = ann.post(f"/api/items/{number}/release", {"claim_no": 1})
        assert answer.code == "unavailable"
        other.execute("rollback")
    assert ann.post(f"/api/items/{number}/release", {"claim_no": 1}).status == 204


# ---- the trusted proxy ----


@pytest.fixture(scope="module")
def behind_proxy(tmp_path_factory, postgres):
    folder = tmp_path_factory.mktemp("proxied")
    (folder / "proxy.secret").write_text(SECRET + "\n")
    with open_desk(folder, postgres, accounts=0, proxy_user_header="X-Remote-User", proxy_secret_file=str(folder / "proxy.secret"),
                   hosts="desk.example", address_header="X-Forwarded-For") as made:
        made.account("ann", "--no-password")
        made.account("bob", "--no-password")
        yield made


def proxied(desk, name, secret=SECRET, **more):
    client = desk.client()
    headers = {"Host": "desk.example", "X-Remote-User": name, "X-Triaged-Proxy-Secret": secret}

    def send(method, path, body=None, **own):
        origin = {"Origin": "https://desk.example"} if method != "GET" else {}
        return client.send(method, path, body, headers | origin | more | own)

    return send


def test_the_proxy_signs_in_whom_it_names(behind_proxy):
    ann = proxied(behind_proxy, behind_proxy.roles[0])
    session = ann("GET", "/api/session").json()
    assert session["reviewer"] == behind_proxy.roles[0] and session["via"] == "proxy"
    number = behind_proxy.fresh()
    item = ann("POST", "/api/claim", {}, **{"X-CSRF-Token": session["csrf"]}).json()["item"]
    assert item["item_id"] == number and item["claimed_by"] == behind_proxy.roles[0]
    assert ann("POST", "/api/claim", {}).code == "csrf"
    bob = proxied(behind_proxy, behind_proxy.roles[1])
    assert bob("POST", "/api/claim", {}, **{"X-CSRF-Token": session["csrf"]}).code == "csrf", "the token is for one name"


def test_without_the_secret_the_name_is_nothing(behind_proxy):
    name = behind_proxy.roles[0]
    for secret in (None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper()):
        assert proxied(behind_proxy, name, secret)("GET", "/api/session").code == "signed_out"
    assert proxied(behind_proxy, "")("GET", "/api/session").code == "signed_out"
    assert proxied(behind_proxy, "x" * 64)("GET", "/api/session").code == "signed_out"


def test_the_proxy_can_name_only_who_has_an_account(behind_proxy):
    for name in ("nobody", "postgres", "triage_owner", "none", "triaged_console_tests", "a'b\"c"):
        assert proxied(behind_proxy, name)("GET", "/api/session").code == "forbidden", name
    name = behind_proxy.roles[1]
    behind_proxy.run("console", "account", "lock", name)
    assert proxied(behind_proxy, name)("GET", "/api/session").code == "forbidden"
    behind_proxy.run("console", "account", "unlock", name)


def test_there_are_no_passwords_where_the_proxy_signs_in(behind_proxy):
    send = proxied(behind_proxy, "", None)
    assert send("POST", "/api/session", {"name": "x", "password": PASSWORD}).code == "forbidden"


def test_headers_of_the_proxy_mean_nothing_where_none_is_set(desk, reviewers):
    answer = desk.client().send("GET", "/api/session", headers={"X-Remote-User": reviewers[0], "X-Triaged-Proxy-Secret": SECRET})
    assert answer.code == "signed_out"


# ---- news ----


class Stream:
    """Server-sent events, read one by one."""

    def __init__(self, desk, client):
        self.link = socket.create_connection(("127.0.0.1", desk.port), timeout=60)
        self.link.sendall(f"GET /api/events HTTP/1.1\r\nHost: {desk.listen}\r\nCookie: {client.cookie}\r\n\r\n".encode())
        self.file = self.link.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        while (line := self.file.readline().strip()):
            name, value = line.decode().split(": ", 1)
            self.headers[name] = value
        self.left = b""

    def line(self):
        while b"\n" not in self.left:
            size = int(self.file.readline(), 16)
            if size == 0:
                return None
            self.left += self.file.read(size)
            self.file.readline()
        line, self.left = self.left.split(b"\n", 1)
        return line.decode()

    def next(self, wanted):
        """The data of the next event of this name; others are passed over. None at the end."""
        event = None
        while (line := self.line()) is not None:
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: ") and event == wanted:
                return json.loads(line[6:])
        return None

    def close(self):
        self.file.close()
        self.link.close()


def test_open_pages_hear_what_changes(desk, ann, bob):
    stream = Stream(desk, ann)
    assert stream.status == 200 and stream.headers["Content-Type"] == "text/event-stream"
    assert stream.next("queue")["counts"]["open"] == 0
    desk.fresh()
    while (counts := stream.next("queue")["counts"])["open"] == 0:
        pass
    assert counts["open"] == 1 and counts["mine"] == 0
    ann.claim()
    while (counts := stream.next("queue")["counts"])["claimed"] == 0:
        pass
    assert counts["mine"] == 1 and counts["open"] == 0
    other = Stream(desk, bob)
    assert other.next("queue")["counts"] | {"claimed": 1, "mine": 0} == other_counts(other, desk)
    other.close()
    stream.close()


def other_counts(stream, desk):
    desk.fresh()
    return stream.next("queue")["counts"] | {"open": 0}


def test_a_stream_needs_a_session_and_ends_with_it(desk, reviewers):
    client = desk.signed_in(reviewers[0])
    stream = Stream(desk, client)
    assert client.delete("/api/session").status == 204
    assert stream.next("signed_out") == {}
    assert stream.next("queue") is None, "it is at its end"
    stream.close()
    assert Stream(desk, client).status == 401


def test_a_reviewer_has_so_many_streams_and_no_more(desk, ann):
    streams = [Stream(desk, ann) for _ in range(8)]
    refused = Stream(desk, ann)
    assert refused.status == 429
    for stream in [*streams, refused]:
        stream.close()


# ---- starting and stopping ----


def test_it_stops_with_streams_open_and_nothing_else_happens(tmp_path, postgres):
    with open_desk(tmp_path, postgres) as made:
        name = made.account("ann")
        streams = [Stream(made, made.signed_in(name)) for _ in range(3)]
        assert made.stop() == 0
        for stream in streams:
            stream.next("never")
            stream.close()
        assert "event=console.ended" in made.log.read_text()


@pytest.mark.parametrize(("setting", "says"), [
    ("console.listen=nowhere", "console.listen"), ("console.accounts=0", "nobody could sign in"),
    ("console.proxy_user_header=X-User", "console.proxy_secret_file"), ("console.conninfo=password=x", "console.password_file"),
])
def test_a_wrong_setting_is_named(desk, setting, says):
    done = desk.run("console", "--set", setting, check=False)
    assert done.returncode == 78 and says in done.stderr


def test_an_address_in_use_is_named(desk):
    done = desk.run("console", check=False)
    assert done.returncode == 69 and "another process" in done.stderr


def test_accounts_are_checked(desk):
    for arguments, text in ((["add", "x y"], PASSWORD), (["add", "short"], "short"), (["add", "postgres"], PASSWORD),
                            (["add", "triage_owner"], PASSWORD), (["lock", "nobody"], ""), (["frobnicate"], "")):
        assert desk.run("console", "account", *arguments, text_in=text + "\n", check=False).returncode != 0
    assert desk.query("select count(*) from pg_roles where rolname in ('x y', 'short')") == [(0,)]


