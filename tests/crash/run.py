#!/usr/bin/env python3
"""Fault runs against a real Kafka, a real PostgreSQL and the scripted model stub.

usage: tests/crash/run.py [SCENARIO…] [--quick | --full] [--seed N] [--tickets N] [--markdown FILE] [--list]

Each scenario injects a fault, waits until everything has settled, lets `triaged verify` judge, and makes one row. The
lines "ok" and "not ok" can be counted; the last line is N passed, N failed, and the exit code is 1 when one failed.
Needs the build (build/triaged and build/tests, or $TRIAGED_BUILD) and the Python packages of the integration tests.
"""

import argparse
import json
import os
import pathlib
import platform
import secrets
import shutil
import signal
import subprocess
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VENV = pathlib.Path(os.environ.get("TRIAGED_VAR", ROOT / "var")) / "venv-tests" / "bin" / "python"

try:
    import confluent_kafka  # noqa: F401
    import psycopg  # noqa: F401
except ImportError:
    if not VENV.exists() or os.environ.get("TRIAGED_CRASH_VENV"):
        sys.exit(f"run.py needs the packages of tests/integration/requirements.txt; tests/run installs them in {VENV}")
    os.environ["TRIAGED_CRASH_VENV"] = "1"
    os.execv(VENV, [str(VENV), __file__, *sys.argv[1:]])

sys.path.insert(0, str(HERE))
import load  # noqa: E402
import scenarios  # noqa: E402
import world  # noqa: E402

COLUMNS = ("scenario", "injected", "tickets", "lost", "doubled", "recovery s", "repeated model calls (bound)", "what else was seen")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="SCENARIO")
    parser.add_argument("--quick", action="store_true", help="small loads, all scenarios within six minutes (the default)")
    parser.add_argument("--full", action="store_true", help="the loads of docs/RELIABILITY.md")
    parser.add_argument("--seed", type=int, help="of load and faults; default: a new one, printed")
    parser.add_argument("--tickets", type=int, help="another load than the scenario's own")
    parser.add_argument("--markdown", type=pathlib.Path, help="writes the table of docs/RELIABILITY.md")
    parser.add_argument("--list", action="store_true", help="names the scenarios")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in scenarios.SCENARIOS]
    if unknown:
        parser.error(f"no scenario {unknown[0]}; --list names them")
    if options.seed is None:
        options.seed = secrets.randbelow(1 << 31)
    return options


def copy_knowledge():
    """All articles, and of the macros those of the class that is answered: the others would spare the model its calls."""
    shutil.rmtree(world.KNOWLEDGE, ignore_errors=True)
    world.KNOWLEDGE.mkdir(parents=True)
    for path in (world.SAMPLE / "knowledge").glob("*.md"):
        if not path.name.startswith("macro-") or path.name.startswith("macro-order-status"):
            shutil.copy(path, world.KNOWLEDGE)


def prepare():
    """Policy, articles and classifier of every scenario."""
    copy_knowledge()
    (world.HOME / "policy.yaml").write_text(json.dumps(load.policy(), indent=1), encoding="utf-8")
    subprocess.run([world.TRIAGED, "train", "--no-encoder", "--data", world.SAMPLE / "train", "--out", world.HOME / "crash.model"],
                   check=True, capture_output=True, stdin=subprocess.DEVNULL)


def run_one(name, services, options):
    injected, function = scenarios.SCENARIOS[name]
    run = scenarios.Run(name, injected, services, options)
    try:
        function(run)
        run.row["good"] = True
    except Exception as error:  # a scenario that breaks is a scenario that failed
        run.row["good"], run.row["failure"] = False, f"{error}"
        if not isinstance(error, world.Failed):
            traceback.print_exc()
    finally:
        if run.here:
            run.here.close()
        services.restore()
    run.row["seconds"] = round(time.monotonic() - run.began, 1)
    return run.row


def cell(value):
    return "–" if value is None else str(value)


def describe(row):
    bound = "" if row["repeated_bound"] is None else f" ({row['repeated_bound']})"
    return [row["scenario"], row["injected"], cell(row["tickets"]), cell(row["lost"]), cell(row["doubled"]),
            cell(row["recovery_s"]), cell(row["repeated_calls"]) + bound,
            row["notes"] if row["good"] else "FAILED: " + row["failure"].splitlines()[0]]


def markdown(rows, options):
    lines = [f"Command: `tests/crash/run.py --{'full' if options.full else 'quick'} --seed {options.seed}`; "
             f"{os.cpu_count()} cores ({platform.machine()}), one broker, one database, all on this machine.", "",
             "| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(describe(row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    options = parse()
    if options.list:
        for name, (injected, _) in scenarios.SCENARIOS.items():
            print(f"{name:24}{injected}")
        return 0
    names = options.names or list(scenarios.SCENARIOS)
    print(f"# seed {options.seed}, {len(names)} scenarios, {'full' if options.full else 'quick'}", flush=True)
    shutil.rmtree(world.HOME / "runs", ignore_errors=True)
    services = world.Services().start()
    prepare()
    rows = []
    with (world.HOME / "results.jsonl").open("w", encoding="utf-8") as out:
        for number, name in enumerate(names, 1):
            row = run_one(name, services, options)
            rows.append(row)
            out.write(json.dumps(row) + "\n")
            out.flush()
            text = "; ".join(f"{column} {value}" for column, value in zip(COLUMNS[2:7], describe(row)[2:7]))
            print(f"{'ok' if row['good'] else 'not ok'} {number} - crash {name}: {text} ({row['seconds']} s)", flush=True)
            if not row["good"]:
                print("# " + row["failure"].replace("\n", "\n# "), flush=True)
    if options.markdown:
        options.markdown.write_text(markdown(rows, options), encoding="utf-8")
    failed = sum(not row["good"] for row in rows)
    print(f"{len(rows) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
