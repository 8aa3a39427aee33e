#!/usr/bin/env python3
"""triaged policy check, diff and explain, as a user would run them. Usage: test_policy.py TRIAGED"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "deploy" / "sample"
TRIAGED = sys.argv.pop(1) if len(sys.argv) > 1 else ""
ROWS = [("order_status", "Where is my parcel, the tracking stands still?"), ("spam", "Buy cheap crypto coins now, win big")]


def triaged(*arguments):
    return subprocess.run([TRIAGED, *map(str, arguments)], capture_output=True, text=True, check=False)


class Policy(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.text = (SAMPLE / "policy.yaml").read_text(encoding="utf-8")

    def policy(self, *changes):
        text = self.text
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        path = self.folder / "policy.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def test_the_sample_is_good_and_a_missing_macro_is_noted(self):
        done = triaged("policy", "check", "--floor", SAMPLE / "floor.yaml", SAMPLE / "policy.yaml")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("note:", done.stdout)
        done = triaged("policy", "check", self.policy((", de: macro-product-question-de", "")))
        self.assertIn("note: classes.product_question: no macro in de", done.stdout)

    def test_each_key_without_which_nobody_answers_for_it_is_named(self):
        for key in ("owner", "exception_owner", "review_cadence", "data_source", "review_group"):
            done = triaged("policy", "check", self.policy((f"\n{key}:", f"\n# {key}:")))
            self.assertEqual(done.returncode, 78)
            self.assertIn(f"add the key '{key}'", done.stderr)

    def test_what_is_below_the_floor_is_refused_with_both_files_and_lines(self):
        policy = self.policy(("risk: high\n    mode: \"off\"", "risk: high\n    mode: suggest"))
        done = triaged("policy", "check", "--floor", SAMPLE / "floor.yaml", policy)
        self.assertEqual(done.returncode, 78)
        self.assertRegex(done.stderr, r"policy\.yaml:\d+: classes\.complaint\.mode: give off or less: suggest is looser")
        self.assertRegex(done.stderr, r"off at .*floor\.yaml:\d+")

    def test_diff_tells_tighter_from_looser(self):
        policy = self.policy(("max_error: 0.05", "max_error: 0.02"), ("threshold: 0.85", "threshold: 0.9"))
        done = triaged("policy", "diff", "--json", SAMPLE / "policy.yaml", policy)
        self.assertEqual(done.returncode, 0, done.stderr)
        changes = {row["key"]: row["change"] for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(changes, {"promise.max_error": "tighter", "classes.order_status.threshold": "tighter"})
        done = triaged("policy", "diff", policy, SAMPLE / "policy.yaml")
        self.assertEqual(done.returncode, 1)
        self.assertIn("0 tighter, 2 looser, 0 changed", done.stdout)

    def test_diff_sees_rules_and_classes_come_and_go(self):
        policy = self.policy(("id: vip_customer", "id: vip"), ("label: spam", "label: junk"))
        done = triaged("policy", "diff", "--json", SAMPLE / "policy.yaml", policy)
        changes = {row["key"]: row["change"] for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(changes, {"rules.vip": "tighter", "rules.vip_customer": "looser", "classes.junk": "changed",
                                   "classes.spam": "changed"})

    def test_explain_names_rule_and_key_with_their_lines(self):
        rows = self.folder / "rows.jsonl"
        rows.write_text("".join(json.dumps({"id": f"{label}{i}", "subject": "", "body": f"{body} {i}", "label": label})
                                + "\n" for i in range(30) for label, body in ROWS), encoding="utf-8")
        model = self.folder / "toy.model"
        done = triaged("train", "--data", rows, "--out", model, "--no-encoder")
        self.assertEqual(done.returncode, 0, done.stderr)
        ticket = json.loads((SAMPLE / "tickets.jsonl").read_text(encoding="utf-8").splitlines()[0])
        ticket |= {"subject": "", "body_text": "Where is my parcel? My solicitor asks, the tracking stands still.", "tags": []}
        path = self.folder / "ticket.json"
        path.write_text(json.dumps(ticket), encoding="utf-8")
        done = triaged("policy", "explain", "--json", "--policy", SAMPLE / "policy.yaml", "--model", model, path)
        self.assertEqual(done.returncode, 0, done.stderr)
        because = json.loads(done.stdout)["because"]
        self.assertEqual([(one["reason"], one["key"]) for one in because], [("rule", "rules.legal_words")])
        line = self.text.splitlines()[because[0]["line"] - 1]
        self.assertIn("id: legal_words", line)


if __name__ == "__main__":
    unittest.main()
