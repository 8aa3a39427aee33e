"""A made-up shop for the rehearsal: its policy, its article, and reviewers who answer by the truth.

Nothing here waits for a day to pass. A day is a batch of tickets that is decided to its end, after which the reviewers work
until nothing is left.
"""

import psycopg

POLICY = """
version: 1
profile: alder
owner: Mara Lindqvist, head of support
exception_owner: Tom Achebe, operations director
review_group: support
review_cadence: monthly
success_measure: {{metric: share of tickets that are answered right, target: at least 95 %}}
data_source: Zendesk export of the shop
languages: [en]
promise: {{max_error: 0.05, confidence: 0.9}}
default_sla_minutes: 1440
{more}
classes:
  - {{label: order_status, description: Where an order is., risk: low, mode: auto, threshold: 0.8, sla_minutes: 480,
     guideline: Nothing has gone wrong yet. A parcel that is missing from a locker is a delivery problem., macro: {{en: macro-order-status}}}}
  - {{label: return_request, description: Wants to send something back., risk: low, mode: suggest, sla_minutes: 480, guideline: The goods are fine.}}
  - {{label: refund_status, description: Waits for money., risk: medium, mode: suggest, sla_minutes: 480, guideline: Money is awaited.}}
  - {{label: product_question, description: A question before buying., risk: low, mode: suggest, sla_minutes: 480, guideline: Nothing is bought yet.}}
  - {{label: delivery_problem, description: "Something is broken, missing or not where it should be.", risk: medium, mode: suggest, sla_minutes: 240, guideline: Something has gone wrong.}}
  - {{label: complaint, description: Anger., risk: high, mode: "off", sla_minutes: 60, guideline: The team lead answers.}}
"""

MACRO = """---
id: macro-order-status
title: Where an order is
language: en
audience: customer
updated: 2026-11-01
kind: macro
approved_by: Mara Lindqvist
approved_on: 2026-11-02
labels: [order_status]
---
Thank you for writing. You see where your parcel is by the link in our mail about the shipment. Most parcels arrive three
working days after that mail. If yours has not come by then, please answer here.
"""


ARTICLES = {
    "returns": ("Returning goods", "You can return goods within 30 days. Print the return label from your account and take the box to the post."),
    "refunds": ("Refunds", "A refund goes to the account you paid with, five working days after the returned goods were checked."),
    "tents": ("Our tents", "All tents are waterproof to 3000 mm. The small tent weighs 1.9 kg, the large one 3.4 kg."),
    "broken": ("Goods that arrive broken", "Take a picture of the box and of the broken piece and answer our mail. We then look at it with you."),
    "sizes": ("Sizes", "Jackets and boots come in the sizes of the table on the page of each product. Between two sizes take the larger one."),
}
ARTICLE = "---\nid: {id}\ntitle: {title}\nlanguage: en\naudience: customer\nupdated: 2026-11-01\n---\n{body}\n"


def write_knowledge(folder):
    folder.mkdir()
    (folder / "macro-order-status.md").write_text(MACRO, encoding="utf-8")
    for name, (title, body) in ARTICLES.items():
        (folder / f"{name}.md").write_text(ARTICLE.format(id=name, title=title, body=body), encoding="utf-8")


class Reviewers:
    """People who answer by the truth, each in a few seconds of simulated work."""

    def __init__(self, world, truth, dice, names=("ann", "bob", "cleo")):
        self.world, self.truth, self.dice, self.names = world, truth, dice, names
        self.answered = 0

    def take(self, connection, name):
        return connection.execute("select item_id, claim_no, label, ticket ->> 'ticket_id', draft is not null from triage.claim(%s, 50)",
                                  (name,)).fetchall()

    def answer(self, connection, name, row):
        item, claim, shown, ticket, has_draft = row
        true = self.truth[ticket]
        if shown != true:
            outcome, label, text = "relabelled", true, None
        elif has_draft:
            outcome, label, text = "accepted", None, None
        else:
            outcome, label, text = "rewritten", None, "Dear customer, here is your answer."
        seconds = round(self.dice.lognormvariate(3.0, 0.4), 1)
        connection.execute("select triage.resolve(%s, %s, %s, %s::triage.outcome, %s, %s, %s)",
                           (item, claim, f"{name}-{item}-{claim}", outcome, label, text, seconds))

    def work(self):
        """Until the queue is empty; how many were answered. Second looks come only after the first is published."""
        done = 0
        with psycopg.connect(self.world.conninfo, autocommit=True) as connection:
            while True:
                round_done = 0
                for name in self.names:
                    for row in self.take(connection, name):
                        self.answer(connection, name, row)
                        round_done += 1
                done += round_done
                waiting = connection.execute("select count(*) from triage.item where state in ('open', 'claimed', 'held')").fetchone()[0]
                if not waiting and not round_done:
                    self.answered += done
                    return done
