#!/usr/bin/env python3
"""evaluate, explain and labels as a user runs them, on tickets made up here. Usage: test_insight.py TRIAGED [TEST...]"""

import html.parser
import itertools
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

TRIAGED = None
USAGE, DATA, NO_INPUT, CANNOT_CREATE = 64, 65, 66, 73
SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "sample"

OPENINGS = ("hello", "good morning", "dear team", "hi there", "please help", "urgent")
SAYINGS = {
    "order_status": ("where is my parcel", "when does my order ship", "no tracking for the parcel", "order still not here"),
    "return_request": ("send the valve back", "need a return label", "how do i return it", "give the valve back"),
    "account_login": ("password does not work", "cannot log in", "reset my password", "login code never comes"),
}
FOREIGN = ("what rhymes with orange", "tell me a joke about cats", "who won the cup in 1974", "the capital of peru")


def rows_of(sayings, ends=("today", "since monday", "thanks", "again")):
    rows = []
    for label, texts in sayings.items():
        for opening, text, ending in itertools.product(OPENINGS, texts, ends):
            rows.append({"id": f"{label}-{len(rows)}", "subject": "", "body": f"{opening} {text} {ending}", "label": label})
    return rows


class Page(html.parser.HTMLParser):
    """Counts elements and remembers what is open, so that a page that does not nest is noticed."""

    EMPTY = {"meta", "br", "line", "circle", "path", "rect"}

    def __init__(self):
        super().__init__()
        self.open, self.count, self.faults, self.links = [], {}, [], []

    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        self.links += [value for name, value in attrs if name in ("href", "src")]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1

    def handle_endtag(self, tag):
        if tag not in self.EMPTY and (not self.open or self.open.pop() != tag):
            self.faults.append(f"</{tag}> does not fit")


class Insight(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name)
        rows = rows_of(SAYINGS)
        cls.train, cls.test, cls.oos = cls.path / "train.jsonl", cls.path / "test.jsonl", cls.path / "oos.jsonl"
        cls.model, cls.promise = cls.path / "model", cls.path / "promise.json"
        cls.write(cls.train, rows[::2])
        cls.write(cls.test, rows[1::2])
        cls.write(cls.oos, [{"id": f"o{i}", "body": text, "label": "oos"} for i, text in enumerate(FOREIGN)])
        subprocess.run([TRIAGED, "train", "--data", cls.train, "--out", cls.model, "--no-encoder"], check=True,
                       capture_output=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @staticmethod
    def write(path, rows):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def run_it(self, *arguments, code=0):
        done = subprocess.run([TRIAGED, *map(str, arguments)], capture_output=True, text=True)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stderr}")
        return done

    def json_of(self, *arguments, code=0):
        return json.loads(self.run_it(*arguments, "--json", code=code).stdout)

    # ---- evaluate ----

    def test_evaluate_counts_what_classify_says(self):
        figures = self.json_of("evaluate", "--model", self.model, "--data", self.test)
        rows = [json.loads(line) for line in self.test.read_text().splitlines()]
        answers = subprocess.run([TRIAGED, "classify", "--model", self.model], input=self.test.read_text(), text=True,
                                 capture_output=True, check=True).stdout.splitlines()
        right = sum(json.loads(answer)["label"] == row["label"] for answer, row in zip(answers, rows))
        self.assertEqual(figures["n"], len(rows))
        self.assertAlmostEqual(figures["accuracy"], right / len(rows))
        self.assertLessEqual(figures["accuracy_low"], figures["accuracy"])
        self.assertGreaterEqual(figures["accuracy_high"], figures["accuracy"])
        self.assertEqual(sum(bin["n"] for bin in figures["reliability"]), len(rows))
        self.assertGreater(figures["cpu_us_per_text"], 0)
        self.assertLessEqual(figures["cpu_us_p50"], figures["cpu_us_p99"])

    def test_calibration_error_is_that_of_its_table(self):
        figures = self.json_of("evaluate", "--model", self.model, "--data", self.test)
        ece = sum(bin["n"] * abs(bin["accuracy"] - bin["confidence"]) for bin in figures["reliability"]) / figures["n"]
        self.assertAlmostEqual(figures["ece"], ece, places=9)
        self.assertEqual(len(figures["reliability"]), 15)

    def test_macro_f1_is_the_mean_over_classes_of_the_data(self):
        part = self.path / "part.jsonl"
        self.write(part, [row for row in rows_of(SAYINGS) if row["label"] != "account_login"])
        figures = self.json_of("evaluate", "--model", self.model, "--data", part)
        mean = [item["f1"] for item in figures["classes"] if item["n"] > 0]
        self.assertEqual(figures["macro_f1_classes"], 2)
        self.assertAlmostEqual(figures["macro_f1"], sum(mean) / 2)

    def test_everything_is_covered_at_the_last_point_of_the_curve(self):
        figures = self.json_of("evaluate", "--model", self.model, "--data", self.test)
        last = figures["at_coverage"][-1]
        self.assertEqual(last["n"], figures["n"])
        self.assertAlmostEqual(1 - last["error_rate"], figures["accuracy"])
        self.assertGreaterEqual(figures["risk_coverage_area"] + 1e-12, figures["risk_coverage_area_best"])

    def test_out_of_scope_rows_are_told_apart(self):
        figures = self.json_of("evaluate", "--model", self.model, "--data", self.test, "--oos", self.oos)
        self.assertEqual(figures["n_oos"], len(FOREIGN))
        self.assertGreater(figures["oos_auroc"], 0.9)

    def test_promise_is_counted_on_the_rows(self):
        self.run_it("calibrate", "--model", self.model, "--data", self.test, "--max-error", "0.2", "--confidence", "0.8",
                    "--out", self.promise)
        promise = self.json_of("evaluate", "--model", self.model, "--data", self.test, "--promise",
                               self.promise)["promise"]
        made = json.loads(self.promise.read_text())
        self.assertTrue(promise["certified"])
        self.assertEqual(promise["accepted"], made["accepted"])
        self.assertEqual(promise["errors"], made["errors"])
        self.assertAlmostEqual(promise["error_rate_upper"], made["bound"])

    def test_labels_the_model_does_not_know_are_said_and_count_as_wrong(self):
        strange = self.path / "strange.jsonl"
        self.write(strange, [{"id": "1", "body": "where is my parcel", "label": "order_status"},
                             {"id": "2", "body": "where is my parcel", "label": "gardening"}])
        done = self.run_it("evaluate", "--model", self.model, "--data", strange, "--json")
        self.assertEqual(json.loads(done.stdout)["unknown_label_rows"], 1)
        self.assertIn("1 rows have a label that the model does not know", done.stderr)

    def test_report_is_one_well_formed_page_without_script_or_links(self):
        out = self.path / "report.html"
        self.run_it("evaluate", "--model", self.model, "--data", self.test, "--oos", self.oos, "--html", out)
        text = out.read_text()
        page = Page()
        page.feed(text)
        self.assertEqual((page.faults, page.open, page.links), ([], [], []))
        self.assertEqual(page.count["svg"], 3)
        self.assertNotIn("script", page.count)
        self.assertNotRegex(text, r"https?://|nan|inf\b")
        self.assertGreaterEqual(page.count["table"], 5)
        self.assertLess(text.index("into the right class"), text.index("<svg"))

    def test_report_escapes_what_comes_from_the_data(self):
        evil, out = self.path / "evil.jsonl", self.path / "evil.html"
        self.write(evil, [{"id": "1", "body": "where is my parcel", "label": "<script>alert('x')</script>"}])
        self.run_it("evaluate", "--model", self.model, "--data", evil, "--html", out)
        self.assertNotIn("<script", out.read_text())
        self.assertIn("&lt;script&gt;", out.read_text())

    def test_one_row_makes_a_report(self):
        one, out = self.path / "one.jsonl", self.path / "one.html"
        self.write(one, [{"id": "1", "body": "where is my parcel", "label": "order_status"}])
        self.run_it("evaluate", "--model", self.model, "--data", one, "--oos", one, "--html", out)
        self.assertNotRegex(out.read_text(), r"nan|inf\b")

    def test_errors_of_evaluate_have_their_codes_and_say_what_to_do(self):
        empty, bad = self.path / "empty.jsonl", self.path / "bad.jsonl"
        empty.write_text("")
        bad.write_text('{"id": "1", "body": "where is my parcel", "label": "order_status"}\n{"body": 7}\n{"body": "x"}\n')
        for arguments, code, words in (
                (("--data", self.test), USAGE, "--model and --data are needed"),
                (("--model", self.model, "--data", self.test, "--htm", "x"), USAGE, "unknown option"),
                (("--model", self.model, "--data"), USAGE, "needs a value"),
                (("--model", self.path / "none", "--data", self.test), NO_INPUT, "triaged train"),
                (("--model", self.model, "--data", self.path / "none"), NO_INPUT, "cannot read the data"),
                (("--model", self.model, "--data", empty), DATA, "no labelled row"),
                (("--model", self.test, "--data", self.test), DATA, "triaged train"),
                (("--model", self.model, "--data", bad), DATA, "2 lines were passed over"),
                (("--model", self.model, "--data", self.test, "--html", self.path / "no" / "x"), CANNOT_CREATE,
                 "cannot write the report")):
            with self.subTest(arguments=arguments):
                self.assertIn(words, self.run_it("evaluate", *arguments, code=code).stderr)

    # ---- explain ----

    def test_contributions_and_bias_sum_to_the_scores(self):
        why = self.json_of("explain", "--model", self.model, "--text", "where is my parcel, give it back", "--subject", "Re: order")
        for place, name in ((0, "best"), (1, "next")):
            total = why["labels"][place]["bias"] + sum(item[name] for item in why["contributions"])
            self.assertAlmostEqual(total, why["labels"][place]["score"], places=4)
        self.assertAlmostEqual(why["margin"], why["labels"][0]["score"] - why["labels"][1]["score"], places=6)

    def test_words_that_flip_do_flip(self):
        text = "hello i want to send the parcel back"
        why = self.json_of("explain", "--model", self.model, "--text", text)
        self.assertTrue(why["flip_words"]["words"])
        for word in why["flip_words"]["words"]:
            text = re.sub(rf"(?<!\S){re.escape(word)}(?!\S)", " " * len(word), text, flags=re.I)
        then = self.json_of("explain", "--model", self.model, "--text", text)
        self.assertEqual(then["labels"][0]["label"], why["flip_words"]["label"])
        self.assertNotEqual(then["labels"][0]["label"], why["labels"][0]["label"])

    def test_a_row_is_explained_by_its_neighbours_and_not_by_itself(self):
        row = json.loads(self.train.read_text().splitlines()[0])
        why = self.json_of("explain", "--model", self.model, "--data", self.train, "--id", row["id"])
        self.assertEqual(why["labels"][0]["label"], row["label"])
        self.assertEqual(len(why["nearest"]), 5)
        self.assertNotIn(row["id"], [item["id"] for item in why["nearest"]])
        cosines = [item["cosine"] for item in why["nearest"]]
        self.assertEqual(cosines, sorted(cosines, reverse=True))

    def test_rule_and_outcome_are_named_with_a_policy(self):
        why = self.json_of("explain", "--model", self.model, "--policy", SAMPLE / "policy.yaml", "--text",
                           "there is a smell of gas since the parcel came")
        self.assertEqual((why["outcome"], why["rule"]), ("in_review", "gas_smoke_shock"))
        self.assertIn("rule", why["reasons"])
        calm = self.json_of("explain", "--model", self.model, "--policy", SAMPLE / "policy.yaml", "--text",
                            "hello where is my parcel thanks")
        self.assertIsNone(calm["rule"])

    def test_errors_of_explain_have_their_codes(self):
        for arguments, code, words in (
                (("--model", self.model), USAGE, "--text (or --id)"),
                (("--model", self.model, "--id", "x"), USAGE, "give --data"),
                (("--model", self.model, "--data", self.train, "--id", "x"), DATA, "no row with id x"),
                (("--model", self.model, "--text", "x", "--promise", "p"), USAGE, "give --policy too"),
                (("--model", self.path / "none", "--text", "x"), NO_INPUT, "triaged train")):
            with self.subTest(arguments=arguments):
                self.assertIn(words, self.run_it("explain", *arguments, code=code).stderr)

    # ---- labels ----

    def test_clean_labels_give_no_finding(self):
        found = self.json_of("labels", "--data", self.train)
        self.assertTrue(found["out_of_fold"])
        for kind in ("overlapping", "thin", "missing", "conflicting", "duplicates", "likely_wrong"):
            self.assertEqual(found[kind], [], kind)

    def test_planted_faults_are_found(self):
        rows = rows_of(SAYINGS)
        spoiled = {rows[i]["id"] for i in (3, 50, 120, 200)}
        for row in rows:
            if row["id"] in spoiled:
                row["label"] = "return_request" if row["label"] != "return_request" else "order_status"
        rows += [{"id": "twin-a", "body": "Is it on its way?", "label": "order_status"},
                 {"id": "twin-b", "body": "is it on its way", "label": "return_request"},
                 {"id": "rare", "body": "do you sell blue paint", "label": "paint"}]
        self.write(self.path / "spoiled.jsonl", rows)
        found = self.json_of("labels", "--data", self.path / "spoiled.jsonl", "--policy", SAMPLE / "policy.yaml")
        self.assertLessEqual(spoiled, {item["id"] for item in found["likely_wrong"]})
        self.assertEqual([sorted(row["id"] for row in item["rows"]) for item in found["conflicting"]],
                         [["twin-a", "twin-b"]])
        self.assertEqual(found["thin"], [{"label": "paint", "n": 1}])
        self.assertEqual(found["unknown_to_policy"], ["paint"])
        self.assertIn("refund_status", found["dead"])

    def test_two_names_for_one_thing_overlap(self):
        rows, coin = rows_of(SAYINGS), random.Random(7)
        for row in rows:
            if row["label"] == "order_status":
                row["label"] = coin.choice(("order_status", "delivery"))
        self.write(self.path / "split.jsonl", rows)
        found = self.json_of("labels", "--data", self.path / "split.jsonl")
        self.assertEqual(found["overlapping"][0]["labels"], ["delivery", "order_status"])
        self.assertTrue(found["overlapping"][0]["examples"])

    def test_a_given_model_is_used_instead_of_training(self):
        found = self.json_of("labels", "--data", self.test, "--model", self.model)
        self.assertFalse(found["out_of_fold"])
        self.assertAlmostEqual(found["accuracy"], self.json_of("evaluate", "--model", self.model, "--data",
                                                               self.test)["accuracy"])

    def test_the_same_rows_give_the_same_findings(self):
        one = self.run_it("labels", "--data", self.test, "--json").stdout
        self.assertEqual(one, self.run_it("labels", "--data", self.test, "--json").stdout)

    def test_errors_of_labels_have_their_codes(self):
        few = self.path / "few.jsonl"
        self.write(few, rows_of(SAYINGS)[::40])
        unlabelled = self.path / "unlabelled.jsonl"
        self.write(unlabelled, [{"id": "1", "body": "x"}])
        for arguments, code, words in (
                ((), USAGE, "--data is needed"),
                (("--data", self.path / "none"), NO_INPUT, "cannot read the data"),
                (("--data", unlabelled), DATA, "no labelled row"),
                (("--data", few), DATA, "too few to learn from")):
            with self.subTest(arguments=arguments):
                self.assertIn(words, self.run_it("labels", *arguments, code=code).stderr)


if __name__ == "__main__":
    TRIAGED = sys.argv.pop(1)
    unittest.main()
