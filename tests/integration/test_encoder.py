"""The encoder against its references: token ids by the tokenizers package, and what a model with it does."""

import json
import subprocess
import sys

import pytest

from conftest import ROOT, SAMPLE, TRIAGED, VAR

ENCODER = VAR / "encoder"
pytestmark = pytest.mark.skipif(not (ENCODER / "model.onnx").exists(), reason="deploy/lib/encoder.sh has none for this processor")


def embed(rows, *options):
    text = "".join(json.dumps(row) + "\n" for row in rows)
    done = subprocess.run([TRIAGED, "embed", "--encoder", ENCODER, *options], input=text, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_token_ids_are_those_of_the_reference():
    done = subprocess.run([sys.executable, ROOT / "tests" / "encoder" / "reference.py", TRIAGED, ENCODER],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_like_texts_are_near_and_the_same_text_gives_the_same_bytes():
    near, other, again = embed([{"id": "1", "body": "Where is my parcel?"}, {"id": "2", "body": "Please cancel my contract"},
                                {"id": "3", "body": "Where is my parcel?"}])
    (alike,) = embed([{"id": "4", "body": "My package has not arrived yet"}])
    assert near["vector"] == again["vector"]

    def likeness(one, two):
        return sum(a * b for a, b in zip(one["vector"], two["vector"]))

    assert abs(likeness(near, near) - 1) < 1e-5
    assert likeness(near, alike) > likeness(near, other)


def test_a_hostile_text_costs_no_more_than_its_cap():
    rows = [{"id": str(i), "body": text} for i, text in
            enumerate(["\ufdfa" * 300, "a" * 900000, "\u0301" * 100000, "\U0001f468\u200d" * 20000, "## " * 100000, ""])]
    answered = embed(rows, "--bench")
    assert [row["id"] for row in answered] == [row["id"] for row in rows]
    assert max(row["tokens"] for row in answered) <= 256


def test_a_model_asks_the_encoder_and_says_when_there_is_none(tmp_path):
    model = tmp_path / "m.model"
    subprocess.run([TRIAGED, "train", "--data", SAMPLE / "train", "--encoder", ENCODER, "--out", model], check=True,
                   capture_output=True)
    row = '{"id": "1", "subject": "", "body": "where is my order, it was due last week"}\n'
    command = [TRIAGED, "classify", "--model", model]
    both = subprocess.run([*command, "--encoder", ENCODER], input=row, capture_output=True, text=True, check=True).stdout
    alone = subprocess.run([*command, "--no-encoder"], input=row, capture_output=True, text=True, check=True).stdout
    assert both != alone
    assert both == subprocess.run([*command, "--encoder", ENCODER], input=row, capture_output=True, text=True, check=True).stdout
    missing = subprocess.run([*command, "--encoder", tmp_path], input=row, capture_output=True, text=True, check=False)
    assert missing.returncode == 66 and "encoder.sh" in missing.stderr
    german = '{"id": "1", "subject": "", "body": "Wo ist meine Bestellung? Ich warte seit einer Woche und brauche sie."}\n'
    assert (subprocess.run([*command, "--encoder", ENCODER], input=german, capture_output=True, text=True, check=True).stdout
            == subprocess.run([*command, "--no-encoder"], input=german, capture_output=True, text=True, check=True).stdout)
