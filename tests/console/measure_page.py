#!/usr/bin/env python3
"""Prints how long an item's page takes from the click to being interactive: the median of twenty.

Interactive means that the item is drawn, the browser has painted it, and a key would be heard: the moment after two animation
frames behind the drawing, on the page's own clock. Claiming the next item with the key n is measured too.

    tests/console/measure_page.py          needs a build in build-dev (or TRIAGED_BIN) and the packages of requirements.txt
"""

import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from browsing import Window, running_chromium  # noqa: E402
from sample_desk import sample_desk  # noqa: E402

TIMES = 20

CLICK = """async (id) => {
  const row = [...document.querySelectorAll('.item')].find((one) => one.id === `row-${id}`);
  const before = document.querySelector('.desk');
  const began = performance.now();
  row.click();
  while (document.querySelector('.desk') === before || !document.querySelector('#subject')) await new Promise((done) => requestAnimationFrame(done));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - began;
}"""

KEY = """async () => {
  const before = document.querySelector('.desk');
  const began = performance.now();
  document.dispatchEvent(new KeyboardEvent('keydown', {key: 'n', bubbles: true}));
  while (document.querySelector('.desk') === before || !document.querySelector('#subject')) await new Promise((done) => requestAnimationFrame(done));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - began;
}"""


def told(what, times):
    times = sorted(times)
    print(f"{what}: median {statistics.median(times):.0f} ms of {len(times)} (least {times[0]:.0f}, most {times[-1]:.0f})")


def main():
    with sample_desk(tickets=2 * TIMES + 5) as desk, running_chromium() as browser:
        window = Window(browser, desk)
        window.come_back(desk.people["ann"]).ready()
        window.page.locator(".item").first.wait_for()
        visible = [int(row.removeprefix("row-")) for row in window.page.eval_on_selector_all(".item", "rows => rows.map(row => row.id)")][:10]
        # Each row twice, never the one that is shown.
        told("click on a row to an interactive item", [window.page.evaluate(CLICK, item) for item in visible * (TIMES // len(visible))])
        told("key n to the next item, claimed and interactive", [window.page.evaluate(KEY) for _ in range(TIMES)])


if __name__ == "__main__":
    main()
