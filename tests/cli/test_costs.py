#!/usr/bin/env python3
"""triaged costs and plan on results made up for them. Usage: test_costs.py TRIAGED"""
import json
import math
import random
import subprocess
import sys
import unittest

TRIAGED = sys.argv.pop(1) if len(sys.argv) > 1 else ""


def result(status, label, draft_s=0.0, review=None, **more):
    timings = {"screen_us": 400, "classify_us": 600, "draft_us": int(draft_s * 1e6), "total_us": 0,
               "model_tokens_in": 900 if draft_s else 0, "model_tokens_out": 100 if draft_s else 0}
    return {"status": status, "label": label, "timings": timings, "review": review, "promise": None} | more


def reviewed(label, final, seconds, outcome="accepted"):
    return result("reviewed", label, 4.0, {"outcome": outcome, "final_label": final, "seconds": seconds})


def triaged(results, *arguments):
    lines = "".join(json.dumps(one) + "\n" for one in results)
    return subprocess.run([TRIAGED, *map(str, arguments)], input=lines, capture_output=True, text=True, check=False)


def rows(done, key):
    return {row[key]: row for row in map(json.loads, done.stdout.splitlines())}


def late_by_simulation(servers, per_hour, service_s, wait_s, n=200000):
    """Share of arrivals that wait longer, first come first served."""
    draw = random.Random(7)
    free, now, late = [0.0] * servers, 0.0, 0
    for _ in range(n):
        now += draw.expovariate(per_hour / 3600)
        first = min(range(servers), key=free.__getitem__)
        begins = max(now, free[first])
        late += begins - now > wait_s
        free[first] = begins + draw.expovariate(1 / service_s)
    return late / n


class Costs(unittest.TestCase):
    MIX = [result("answered", "order", promise={"max_error": 0.05}), result("suggested", "order", 2.0),
           reviewed("order", "refund", 120), reviewed("refund", "refund", 60), reviewed("refund", "refund", 60, "escalated"),
           result("in_review", "order"), result("duplicate", "order")]

    def test_each_ticket_counts_once_and_by_the_label_that_the_person_chose(self):
        done = triaged(self.MIX, "costs", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        got = rows(done, "label")
        self.assertEqual({label: row["tickets"] for label, row in got.items()}, {"all": 5, "order": 2, "refund": 3})
        self.assertEqual(got["refund"]["reviewer_seconds"], 240)
        self.assertAlmostEqual(got["all"]["model_seconds"], 14)
        self.assertAlmostEqual(got["all"]["tokens_out"], 400)

    def test_a_right_resolution_bears_what_went_wrong_too(self):
        got = rows(triaged(self.MIX, "costs", "--json", "--reviewer-rate", 36, "--model-rate", 3.6, "--cpu-rate", 3.6), "label")
        self.assertAlmostEqual(got["refund"]["cost"], 240 * 0.01 + 12 * 0.001 + 3 * 0.001 * 0.001)
        self.assertAlmostEqual(got["refund"]["cost_per_correct"], got["refund"]["cost"] / 2)
        self.assertAlmostEqual(got["order"]["correct"], 0.95)
        self.assertAlmostEqual(got["order"]["cost_per_correct"], 2 * 0.001 * 0.001 / 0.95)

    def test_without_results_it_says_what_to_give(self):
        done = triaged([], "costs")
        self.assertEqual(done.returncode, 65)
        self.assertIn("give results", done.stderr)


class Plan(unittest.TestCase):
    RESULTS = [reviewed("order", "order", 180) for _ in range(30)] + [result("answered", "order") for _ in range(70)]

    def needs(self, *more):
        done = triaged(self.RESULTS, "plan", "--json", *more)
        return done.returncode, rows(done, "what")

    def test_needs_follow_the_mix_of_the_results(self):
        code, needs = self.needs("--tickets", 600, "--model-wait", 5, "--sla-minutes", 2)
        self.assertEqual(code, 0)
        self.assertAlmostEqual(needs["reviewers"]["per_hour"], 180)
        self.assertAlmostEqual(needs["reviewers"]["busy"], 9)
        self.assertEqual(needs["cores"]["needed"], 1)
        self.assertAlmostEqual(needs["model slots"]["seconds_each"], 4)
        self.assertGreater(needs["reviewers"]["needed"], 9)

    def test_the_share_that_is_late_is_that_of_a_simulated_queue(self):
        for people in (10, 11):
            _, needs = self.needs("--tickets", 600, "--sla-minutes", 2, "--reviewers", people)
            seen = late_by_simulation(people, 180, 180, 120)
            self.assertLess(math.fabs(needs["reviewers"]["late_share"] - seen), 0.05)

    def test_one_fewer_than_needed_is_told_by_the_exit_code(self):
        _, needs = self.needs("--tickets", 600, "--sla-minutes", 2)
        needed = needs["reviewers"]["needed"]
        self.assertEqual(self.needs("--tickets", 600, "--sla-minutes", 2, "--reviewers", needed)[0], 0)
        code, needs = self.needs("--tickets", 600, "--sla-minutes", 2, "--reviewers", needed - 1)
        self.assertEqual(code, 1)
        self.assertGreater(needs["reviewers"]["late_share"], 0.05)


if __name__ == "__main__":
    unittest.main()
