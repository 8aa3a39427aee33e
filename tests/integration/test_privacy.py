"""Personal data of a ticket: in no prompt and no log line, and back again in what the worker produces."""

import contextlib
import http.server
import json
import re
import threading

from conftest import HANG_SECONDS, SAMPLE, until

TICKETS = 60
PROMPTS_LEAST = 8
PLACEHOLDER = re.compile(r"\[([A-Z]+(?:_[A-Z]+)*_\d+)\]")
PEOPLE = ("Rosalind Quennell", "Matthias Überschär", "Siobhan Mac Giolla", "Jo Pemberton-Hale")
PHONES = ("+44 20 7946 0{:03d}", "+353 1 496 0{:03d}", "+49 30 901820-{:03d}", "07700 900{:03d}")
IBANS = ("DE89370400440532013000", "GB29NWBK60161331926819", "IE29AIBK93115212345678")
CARDS = ("4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005")


class Listener(http.server.ThreadingHTTPServer):
    """A model server that keeps every prompt and answers with the placeholders that it was shown."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.prompts = []


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def send(self, document):
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send({"status": "ok", "data": [{"id": "listener"}]})

    def do_POST(self):
        request = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.prompts.append(request)
        shown = sorted(set(PLACEHOLDER.findall(json.loads(request)["messages"][-1]["content"])))
        answer = "Thank you. We have noted " + ", ".join(f"[{name}]" for name in shown) + "."
        schema = json.loads(request)["response_format"]["json_schema"]["schema"]
        citation = schema["properties"]["citations"]["items"]["enum"][0]
        content = json.dumps({"citations": [citation], "answer": answer})
        self.send({"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
                   "usage": {"prompt_tokens": 1, "completion_tokens": 1}})


@contextlib.contextmanager
def listening():
    with Listener() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def planted(ticket, number):
    """The ticket with personal data in it, and the secrets: what no prompt may hold."""
    name = PEOPLE[number % len(PEOPLE)]
    mail = f"{name.split()[0].lower()}.{number}@mail-{number}.example"
    phone, iban, card = (PHONES[number % len(PHONES)].format(number), IBANS[number % len(IBANS)], CARDS[number % len(CARDS)])
    ticket = dict(ticket, requester={"id": f"planted-{number}", "name": name, "email": mail})
    ticket["body_text"] = (f"{ticket['body_text']}\n\nYou can reach me at {phone} or {mail}. My IBAN is {iban}, "
                           f"the card was {card}.\n\nRegards\n{name}")
    return ticket, [name, mail, phone, iban, card]


def plain(text):
    return re.sub(r"[^\w@.+]", "", text).lower()


def found_in(text, secrets):
    flat = plain(text)
    return [secret for secret in secrets if plain(secret) in flat]


def test_personal_data_stay_inside_the_worker(world):
    rows = [json.loads(line) for line in (SAMPLE / "tickets.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row.get("body_text") and row["revision"] == 1][:TICKETS]
    pairs = [planted(row, number) for number, row in enumerate(rows)]
    secrets = [secret for _, each in pairs for secret in each]
    with listening() as server:
        world.set({"model": {"url": f"http://127.0.0.1:{server.server_port}/v1", "name": "listener", "slots": 4}})
        world.send([ticket for ticket, _ in pairs])
        worker = world.start("--set", "log.level=debug").wait_ready()
        world.run("verify", "--wait", HANG_SECONDS, "--expect", len(pairs))
        metrics = worker.get("/metrics")[1]
        until(lambda: world.query("select 1 from triage.queue limit 1"), "an item is in the queue")
        assert worker.stop() == 0
    assert len(server.prompts) >= PROMPTS_LEAST, f"only {len(server.prompts)} prompts"
    for prompt in server.prompts:
        assert not found_in(json.dumps(json.loads(prompt), ensure_ascii=False), secrets), prompt
    assert not found_in(worker.text(), secrets)
    assert not found_in(metrics, secrets)
    restored = [document["draft"]["text"] for topic in ("results", "reviews") for document in world.documents(topic)
                if (document.get("draft") or {}).get("text", "").startswith("Thank you. We have noted")]
    assert restored and not any(PLACEHOLDER.search(text) for text in restored)
    assert any(found_in(text, secrets) for text in restored)
