"""Adds up the reports of the suites and prints one line: N passed, N failed, N skipped.

Reads, for each NAME.exit in the folder, NAME.xml (JUnit, of ctest or pytest) or NAME.tap. Exits 1 when a test failed
or none ran. A suite with a bad exit code and no failed test in its report counts as one failure: it crashed.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as xml

NO_TESTS_COLLECTED = 5  # pytest's exit code; what it means is decided by the sum


def count_junit(path):
    passed = failed = skipped = 0
    for case in xml.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
            failed += 1
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def count_tap(path):
    passed = failed = skipped = 0
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("not ok "):
            failed += 1
        elif re.match(r"ok .*# skip", line, re.IGNORECASE):
            skipped += 1
        elif line.startswith("ok "):
            passed += 1
    return passed, failed, skipped


def count_suite(exit_file):
    code = int(exit_file.read_text())
    counts = (0, 0, 0)
    for suffix, count in ((".xml", count_junit), (".tap", count_tap)):
        report = exit_file.with_suffix(suffix)
        if report.exists():
            try:
                counts = count(report)
            except xml.ParseError as error:
                print(f"{report.name} can't be read: {error}", file=sys.stderr)
                code = code or 1
    passed, failed, skipped = counts
    if code not in (0, NO_TESTS_COLLECTED) and failed == 0:
        print(f"suite {exit_file.stem} ended with exit code {code} and named no failed test", file=sys.stderr)
        failed = 1
    return passed, failed, skipped


def main(folder):
    totals = [0, 0, 0]
    for exit_file in sorted(pathlib.Path(folder).glob("*.exit")):
        counts = count_suite(exit_file)
        print(f"  {exit_file.stem:18}{counts[0]:5} ok{counts[1]:5} bad{counts[2]:5} left out")
        totals = [total + count for total, count in zip(totals, counts)]
    passed, failed, skipped = totals
    if passed + failed == 0:
        print("no test ran", file=sys.stderr)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
