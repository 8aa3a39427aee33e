#!/usr/bin/env python3
"""triaged model measure against the scripted server. Usage: test_measure.py TRIAGED MODEL_STUB"""
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from ports import free_port  # noqa: E402

STUB = sys.argv.pop(2) if len(sys.argv) > 2 else ""
TRIAGED = sys.argv.pop(1) if len(sys.argv) > 1 else ""
HANG_SECONDS = 60


def wait_for(port):
    for _ in range(HANG_SECONDS * 1000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError("the server does not listen")


class Measure(unittest.TestCase):
    def setUp(self):
        self.port = free_port()
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.config = folder / "triaged.yaml"
        self.config.write_text(f'{{"model": {{"url": "http://127.0.0.1:{self.port}"}}}}', encoding="utf-8")
        self.server = subprocess.Popen([STUB, "--port", str(self.port), "--delay-ms", "20"], stderr=subprocess.DEVNULL)
        self.addCleanup(self.server.wait, HANG_SECONDS)
        self.addCleanup(self.server.terminate)
        wait_for(self.port)

    def measure(self, *arguments):
        return subprocess.run([TRIAGED, "model", "measure", "--config", self.config, *arguments], capture_output=True,
                              text=True, check=False, timeout=HANG_SECONDS)

    def test_each_number_of_calls_is_measured_with_both_prompts(self):
        done = self.measure("--most", "4", "--json", "--pid", str(self.server.pid))
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([row["at_once"] for row in rows], [1, 2, 4, 1, 2, 4])
        self.assertGreater(rows[3]["prompt_tokens"], rows[0]["prompt_tokens"] * 3)
        for row in rows:
            self.assertGreater(row["tokens_per_second"], 0)
            self.assertGreaterEqual(row["seconds_each"], 0.02)
            self.assertGreater(row["server_mib"], 0)

    def test_a_server_that_is_away_is_said(self):
        self.config.write_text(f'{{"model": {{"url": "http://127.0.0.1:{free_port()}"}}}}', encoding="utf-8")
        done = self.measure("--most", "1")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("model measure:", done.stderr)


if __name__ == "__main__":
    unittest.main()
