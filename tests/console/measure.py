#!/usr/bin/env python3
"""How long the console takes for an item and a page of the queue, with 1,000 and with 100,000 items waiting.

usage: measure.py 'host=127.0.0.1 port=… user=postgres' [REQUESTS]

Prints a table: median and 95th percentile in milliseconds, over one connection. The user must be a superuser. No pass or fail.
"""

import http.client
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import conftest  # noqa: E402

FILL = """
with made as (
    insert into triage.item (review_id, key, revision, profile, review_group, label, due_at, priority)
    select 'fill' || i, 'fill/a/b/' || i, 1, 'support', 'g' || i %% 20, 'l' || i %% 16, clock_timestamp() + i * interval '1 second', i %% 100
    from generate_series(%s::int, %s::int) i returning item_id, key)
insert into triage.item_body (item_id, request, ticket, draft)
select item_id, jsonb_build_object('decision', jsonb_build_object('label', 'order_status', 'confidence', 0.6, 'alternatives', '[]'::jsonb,
           'reasons', array['low_confidence'], 'draft', jsonb_build_object('text', 'Your parcel left today.'))),
       jsonb_build_object('subject', 'Parcel ' || key, 'body_text', 'Where is my parcel ' || md5(key) || '? ' || repeat(md5(key) || ' ', 40)),
       'Your parcel left today.' from made
"""
STEPS = ((1, 1000), (1001, 100000))


def timed(client, path, requests):
    link = http.client.HTTPConnection("127.0.0.1", client.desk.port, timeout=60)
    times = []
    for number in range(requests):
        began = time.perf_counter()
        answer = client.send("GET", path(number), connection=link)
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, answer.body
    link.close()
    return statistics.median(times), sorted(times)[int(len(times) * 0.95) - 1]


def main(server, requests):
    with tempfile.TemporaryDirectory() as folder, conftest.open_desk(pathlib.Path(folder), server) as desk:
        client = desk.signed_in(desk.account("ann"))
        print(f"{'items':>8}  {'what':34}{'median ms':>10}{'p95 ms':>9}")
        for first, last in STEPS:
            desk.query(FILL, first, last)
            desk.query("analyze")
            ids = [row[0] for row in desk.query("select item_id from triage.item order by random() limit 200")]
            for what, path in (
                ("GET /api/items/ID", lambda n, ids=ids: f"/api/items/{ids[n % len(ids)]}"),
                ("GET /api/queue", lambda n: "/api/queue"),
                ("GET /api/queue?group=g7", lambda n: "/api/queue?group=g7"),
                ("GET /api/queue?label=none (bounded)", lambda n: "/api/queue?label=none"),
            ):
                median, high = timed(client, path, requests)
                print(f"{last:>8}  {what:34}{median:>10.1f}{high:>9.1f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200)
