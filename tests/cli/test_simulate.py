#!/usr/bin/env python3
"""triaged replay and simulate on files made up for them, without Kafka. Usage: test_simulate.py TRIAGED"""
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

TRIAGED = sys.argv.pop(1) if len(sys.argv) > 1 else ""

POLICY = """version: 1
profile: p
owner: A, lead
exception_owner: B, director
review_group: g
review_cadence: monthly
success_measure: {metric: m, target: t}
data_source: d
languages: [en]
promise: {max_error: 0.05, confidence: 0.9}
business_hours: {zone: Europe/Amsterdam, days: [mon, tue, wed, thu, fri], from: '08:00', to: '18:00'}
classes:
  - {label: order, description: d, risk: low, mode: suggest, threshold: 0.5}
  - {label: refund, description: d, risk: medium, mode: suggest, threshold: 0.5}
  - {label: spam, description: d, risk: low, mode: auto, action: ignore, threshold: 0.5}
"""
WORDS = {
    "order": "where parcel order arrived tracking still delivery late carrier dispatch shipped courier address expected".split(),
    "refund": "sent back wait money refund returned credit account bank paid receipt valve weeks amount".split(),
    "spam": "win crypto prize cheap followers casino bonus lottery click offer pills loans investment millions".split(),
}
N = 90


def text(label, number):
    """Mostly words of the class, so that a model is sure and never certain."""
    draw = random.Random(f"{label}{number}")
    words = [word for several in WORDS.values() for word in several]
    return " ".join(draw.choice(WORDS[label] if draw.random() < 0.7 else words) for _ in range(9))


def ticket(number, label):
    return {"schema_version": 1, "tenant": "acme", "source": {"system": "zendesk", "instance": "eu"},
            "ticket_id": str(number), "revision": 1, "event": "created", "subject": "<b>Hello</b>",
            "body_text": text(label, number), "language": "en",
            "created_at": f"2026-10-{5 + number % 5:02d}T{6 + number % 14:02d}:10:00Z"}


def result(one, status, label, reasons):
    return {"schema_version": 1, "id": f"acme/zendesk/eu/{one['ticket_id']}@1:{status}", "key": f"acme/zendesk/eu/{one['ticket_id']}",
            "ticket_id": one["ticket_id"], "revision": 1, "status": status, "label": label or None,
            "reasons": reasons.split(), "provenance": {"policy": "x"}, "timings": {"screen_us": 300, "classify_us": 700},
            "input": {"topic": "t", "partition": 0, "offset": int(one["ticket_id"])}, "decided_at": "2026-10-10T00:00:00Z"}


class Simulate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.at = pathlib.Path(cls.folder.name)
        cls.labels = [label for _ in range(N // 3) for label in WORDS]
        rows = [{"subject": "Hello", "body": text(label, 1000 + i), "label": label} for i in range(60) for label in WORDS]
        cls.write("rows.jsonl", rows)
        (cls.at / "policy.yaml").write_text(POLICY, encoding="utf-8")
        subprocess.run([TRIAGED, "train", "--data", cls.at / "rows.jsonl", "--out", cls.at / "m", "--no-encoder"],
                       check=True, capture_output=True)
        (cls.at / "triaged.yaml").write_text(json.dumps({"triage": {
            "instance": "i", "policy_file": str(cls.at / "policy.yaml"), "classifier_file": str(cls.at / "m")}}), encoding="utf-8")
        cls.tickets = [ticket(i, label) for i, label in enumerate(cls.labels)]
        cls.write("tickets.jsonl", cls.tickets)
        # Nothing decided them yet: what would have been is made their history.
        cls.write("results.jsonl", [result(one, "in_review", "", "") for one in cls.tickets])
        flips = cls.told()["flips"]
        cls.now = {flip["id"]: flip["now"] for flip in flips}
        assert len(cls.now) == N
        cls.write("results.jsonl", [result(one, **cls.now[f"acme/zendesk/eu/{one['ticket_id']}@1"]) for one in cls.tickets])

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def write(cls, name, rows):
        (cls.at / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    @classmethod
    def run_it(cls, command, *arguments):
        return subprocess.run([TRIAGED, command, "--config", cls.at / "triaged.yaml", "--tickets", cls.at / "tickets.jsonl",
                               *map(str, arguments)], capture_output=True, text=True, check=False, env={"TZ": "UTC"})

    @classmethod
    def told(cls, *arguments, results="results.jsonl"):
        done = cls.run_it("simulate", "--history", cls.at / results, "--json", *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def test_the_files_that_decided_flip_nothing(self):
        told = self.told()
        self.assertEqual((told["tickets"], told["flipped"], told["relabelled"], told["reasons_only"]), (N, 0, 0, 0))
        self.assertEqual(told["happened"]["status"], told["would"]["status"])
        self.assertGreater(told["happened"]["unseen"], N // 4)

    def test_a_threshold_moves_its_class_and_no_other(self):
        told = self.told("--threshold", "spam=1")
        self.assertEqual(told["matrix"]["ignored"]["in_review"], told["flipped"])
        self.assertEqual(told["would"]["unseen"], 0)
        self.assertEqual({flip["then"]["label"] for flip in told["flips"]}, {"spam"})
        self.assertEqual(self.run_it("simulate", "--history", self.at / "results.jsonl", "--threshold", "none=1").returncode, 64)

    def test_what_was_ignored_by_a_rule_is_covered_and_no_guess(self):
        before = self.told()["happened"]
        past = [result(one, **self.now[f"acme/zendesk/eu/{one['ticket_id']}@1"]) for one in self.tickets]
        at = next(i for i, one in enumerate(past) if one["status"] == "in_review")
        past[at] |= {"status": "ignored", "label": None, "reasons": ["rule"]}
        self.write("ruled.jsonl", past)
        after = self.told(results="ruled.jsonl")["happened"]
        self.assertAlmostEqual(after["coverage"], before["coverage"] + 1 / N)
        self.assertEqual(after["unseen"], before["unseen"])
        self.assertAlmostEqual(before["coverage"], (before["status"]["answered"] + before["status"]["ignored"]) / N)

    def test_labels_give_the_error_among_the_unseen(self):
        self.write("labels.jsonl", [{"ticket_id": one["ticket_id"], "label": "order" if i == 2 else label}
                                    for i, (one, label) in enumerate(zip(self.tickets, self.labels))])
        error = self.told("--labels", self.at / "labels.jsonl")["happened"]["error"]
        unseen = self.told()["happened"]["unseen"]
        self.assertEqual((error["labelled"], error["wrong"], error["covered"]), (unseen, 1, 1))
        self.assertAlmostEqual(error["rate"], 1 / unseen)
        self.assertTrue(error["low"] < error["rate"] < error["high"])

    def test_audits_stand_for_what_they_were_drawn_from(self):
        spam = [one for one in self.tickets if self.now[f"acme/zendesk/eu/{one['ticket_id']}@1"]["status"] == "ignored"]
        looked = [result(one, "reviewed", "spam", "") | {"origin": "audit", "review": {"outcome": "accepted", "final_label": "spam"}}
                  for one in spam[:8]]
        looked[0]["review"] = {"outcome": "relabelled", "final_label": "order"}
        looked[1]["review"] = {"outcome": "relabelled", "final_label": "order"}
        looked.append(looked[0] | {"origin": "second"})  # both against the machine: an error; the other look is open
        self.write("audits.jsonl", looked)
        error = self.told("--audits", self.at / "audits.jsonl", "--audit-percent", 25)["happened"]["error"]
        self.assertEqual((error["labelled"], error["wrong"]), (7, 1))
        self.assertAlmostEqual(error["rate"], 1 / 7)

    def test_what_nobody_was_shown_is_not_estimated(self):
        error = self.told()["would"]["error"]
        self.assertEqual((error["labelled"], error["covered"]), (0, 0))
        self.assertNotIn("rate", error)

    def test_work_that_comes_off_hours_waits(self):
        told = self.told("--threshold", "order=1", "--review-seconds", 14400)
        self.assertGreater(told["would"]["reviewer_seconds"], told["happened"]["reviewer_seconds"])
        self.assertGreater(told["would"]["off_hours"], 0)
        self.assertGreater(told["would"]["backlog_most_seconds"], 14400)
        more = self.told("--threshold", "order=1", "--review-seconds", 14400, "--reviewers", 50)
        self.assertLess(more["would"]["backlog_most_seconds"], told["would"]["backlog_most_seconds"])
        # 06:10 UTC in October is 08:10 in Amsterdam.
        self.assertEqual([hour["hour"] for hour in told["hours"] if hour["would"] > 0][0], 8)

    def test_the_page_needs_nothing_and_escapes_what_a_ticket_says(self):
        page = self.at / "page.html"
        self.told("--threshold", "spam=1", "--html", page, "--show-text")
        shown = page.read_text(encoding="utf-8")
        self.assertTrue("&lt;b&gt;Hello" in shown and "<b>Hello" not in shown)
        self.assertIsNone(re.search(r"<script|https?://|@import|url\(", shown))
        self.told("--threshold", "spam=1", "--html", page)
        self.assertFalse("Hello" in page.read_text(encoding="utf-8"))

    def test_a_result_without_its_ticket_is_counted(self):
        self.write("more.jsonl", [result(one, **self.now[f"acme/zendesk/eu/{one['ticket_id']}@1"]) for one in self.tickets] +
                   [result(ticket(5000, "order"), "in_review", "", "")])
        self.assertEqual(self.told(results="more.jsonl")["without_ticket"], 1)
        self.write("none.jsonl", [result(ticket(5000, "order"), "in_review", "", "")])
        self.assertEqual(self.run_it("simulate", "--history", self.at / "none.jsonl").returncode, 65)

    def test_replay_says_when_it_proves_nothing(self):
        done = self.run_it("replay", "--results", self.at / "results.jsonl", "--json")
        self.assertEqual(done.returncode, 65)
        self.assertEqual(json.loads(done.stdout)["other_files"]["results"], N)
        self.assertIn("decided_at", json.loads(done.stdout)["not_compared"])


if __name__ == "__main__":
    unittest.main()
