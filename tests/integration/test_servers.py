"""What triaged needs of a model server, asked of the real llama.cpp server and of the answers that Ollama and vLLM give:
the model is found, an answer is read with its tokens, a refusal is told apart from a fault, and the request keeps to what
all three take."""

import contextlib
import http.server
import json
import pathlib
import subprocess
import threading

import pytest
from conftest import ROOT, SAMPLE, TRIAGED

RECORDED = ROOT / "tests/stub/recorded"
SERVERS = ("ollama", "vllm")
TICKET = {"subject": "Where is my refund?",
          "body": "Where is my refund? I returned my order three weeks ago, the courier confirms that it arrived, and the money "
                  "is still not on my card. When will I be refunded?"}
# Of the chat API: what llama.cpp, Ollama and vLLM all take.
PORTABLE = {"model", "messages", "temperature", "max_tokens", "stream", "response_format"}

# The answer of the server, and what the user of `triaged draft` reads. None: the draft was made.
OUTCOMES = {
    "answer": None, "fenced": None, "cut": None,
    "no_model": "check model.url and model.name", "busy": "503", "plain_error": "500", "refused": "400",
    "no_key": "check model.api_key_file",
}


@contextlib.contextmanager
def server_that_answers(recorded, name):
    """Gives the recorded answer `name` to every chat, and keeps the requests."""
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, recorded_answer):
            body = json.dumps(recorded_answer["body"]).encode()
            self.send_response(recorded_answer["status"])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            assert self.path == "/v1/models"
            self.answer(recorded["models"])

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append((self.path, self.headers, body))
            self.answer(recorded[name])

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", requests
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """Without an encoder, which takes long to load for a command that asks once."""
    out = tmp_path_factory.mktemp("plain") / "sample.model"
    subprocess.run([TRIAGED, "train", "--data", SAMPLE / "train", "--out", out, "--no-encoder"], check=True, capture_output=True)
    return out


def triaged(folder, classifier, model, *arguments):
    config = folder / "triaged.yaml"
    config.write_text(json.dumps({
        "triage": {"policy_file": str(SAMPLE / "policy.yaml"), "knowledge_dir": str(SAMPLE / "knowledge"),
                   "classifier_file": str(classifier)},
        "model": {"slots": 1, "retries": 0, "deadline_ms": 300000, "call_timeout_ms": 300000} | model,
    }), encoding="utf-8")
    ticket = folder / "ticket.json"
    ticket.write_text(json.dumps(TICKET), encoding="utf-8")
    return subprocess.run([TRIAGED, *arguments, "--config", config], capture_output=True, text=True, check=False, timeout=600,
                          cwd=folder)


def draft(folder, classifier, model):
    done = triaged(folder, classifier, model, "draft", "--ticket", folder / "ticket.json", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check_of_the_server(folder, classifier, model):
    lines = triaged(folder, classifier, model, "check").stdout.splitlines()
    return next(line for line in lines if "model server" in line)


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize("server", SERVERS)
def test_an_answer_of_another_server_is_read(tmp_path, classifier, server, name):
    recorded = json.loads((RECORDED / f"{server}.json").read_text(encoding="utf-8"))
    with server_that_answers(recorded, name) as (url, requests):
        answer = draft(tmp_path, classifier, {"url": url, "name": recorded["model"]})
    assert [path for path, _, _ in requests] == ["/v1/chat/completions"]
    assert set(requests[0][2]) <= PORTABLE
    if OUTCOMES[name]:
        assert "draft" not in answer
        assert OUTCOMES[name] in answer["outcome"]
        return
    usage = recorded[name]["body"]["usage"]
    assert answer["call"]["tokens_in"] == usage["prompt_tokens"]
    assert answer["call"]["tokens_out"] == usage["completion_tokens"]
    assert answer["draft"]["citations"] == ["refund-timing"]
    assert "within 5 working days after the check." in answer["draft"]["text"]
    # A sentence that the length cut is left out.
    assert ("Returns." in answer["draft"]["text"]) == (name != "cut")


@pytest.mark.parametrize("server", SERVERS)
def test_the_model_of_another_server_is_found(tmp_path, classifier, server):
    recorded = json.loads((RECORDED / f"{server}.json").read_text(encoding="utf-8"))
    with server_that_answers(recorded, "answer") as (url, _):
        assert f"{recorded['model']} answers at" in check_of_the_server(tmp_path, classifier, {"url": url, "name": recorded["model"]})
        assert "has no model another" in check_of_the_server(tmp_path, classifier, {"url": url, "name": "another"})


def test_the_real_server_keeps_to_the_same(tmp_path, classifier, model):
    real = model | {"max_tokens": 160}
    assert "answers at" in check_of_the_server(tmp_path, classifier, real)
    answer = draft(tmp_path, classifier, real)
    assert "tokens_in" in answer["call"], answer["outcome"]
    assert answer["call"]["tokens_in"] > 0
    assert 0 < answer["call"]["tokens_out"] <= 160
    wrong_key = tmp_path / "wrong.key"
    pathlib.Path(wrong_key).write_text("wrong\n", encoding="utf-8")
    wrong_key.chmod(0o600)
    assert "refuses the key" in check_of_the_server(tmp_path, classifier, real | {"api_key_file": str(wrong_key)})
    assert "check model.api_key_file" in draft(tmp_path, classifier, real | {"api_key_file": str(wrong_key)})["outcome"]
