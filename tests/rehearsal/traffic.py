"""Seeded tickets of a made-up shop, each with the class that a careful person gives it.

A class has clauses of its own; a ticket strings a few of them together between clauses that any ticket may have. Some tickets
speak of two things, and some are so vague that their class is a matter of luck. From a day on that the caller names, a part of the questions about orders speak of parcel lockers: they read like an order's
status to whoever never heard of lockers, but the parcel is gone, and a person calls them a delivery problem.
"""

import random

OPENINGS = ["Hello,", "Hi there,", "Good morning.", "Dear team,", "Hi,", "Good evening,"]
CLOSINGS = ["Thanks.", "Kind regards", "Thank you in advance.", "Best wishes", "Cheers", "Many thanks"]
ASIDES = ["I bought from you before.", "I use the app on my phone.", "Please write back in English.", "I could not reach you by phone.",
          "A friend told me about your shop.", "I am at work until five.", "This is my second message.", "I live in the countryside."]

CLAUSES = {
    "order_status": ("Where is my order?", [
        "where is my order {order}?", "when will order {order} arrive?", "the tracking of {order} has not moved since {day}.",
        "has my order been shipped yet?", "the tracking page shows nothing new.", "I am still waiting for my parcel.",
        "can you tell me the delivery date?", "it was due on {day}.", "I would like to know how far my parcel is."]),
    "return_request": ("I want to return something", [
        "I would like to return the {thing}.", "how do I send the {thing} back?", "please send me a return label.",
        "it does not suit me and I want to give it back.", "is there a form for returns?", "the size is wrong, so I want to return it.",
        "how long do I have to send it back?"]),
    "refund_status": ("My refund", [
        "when do I get my money back?", "my refund has not come.", "I returned the {thing} on {day} and wait for the refund.",
        "the money is not on my account.", "you promised to refund me.", "how long does a refund take?"]),
    "product_question": ("A question before I buy", [
        "does the {thing} come in other colours?", "is the {thing} waterproof?", "what does the {thing} weigh?",
        "will the {thing} be in stock again?", "which size of the {thing} fits me?", "is there a discount for groups?",
        "before I buy: what is it made of?"]),
    "delivery_problem": ("Something is wrong with my parcel", [
        "the {thing} arrived broken.", "one piece is missing in the box.", "you sent the wrong {thing}.", "the box was torn open.",
        "my neighbour got a damaged parcel.", "half of what I ordered is missing."]),
    "complaint": ("I have had enough", [
        "this is the third time I complain.", "I will talk to my lawyer.", "your service is a disgrace.", "I want to speak to a manager.",
        "I will tell the newspapers about you.", "nobody answers and I am furious."]),
}
SUBJECTS = ["Question", "Hello", "My order", "Please help", "Order {order}", "Your shop", "Urgent"]  # of any class
VAGUE = ["what about my order {order}?", "please look into {order}.", "it is about the {thing}."]
VAGUE_CLASSES = ("order_status", "refund_status", "delivery_problem", "return_request")
VAGUE_SHARE, TWO_THINGS_SHARE, PLAIN_SUBJECT_SHARE = 0.05, 0.08, 0.6
LOCKER = [
    "the tracking says that my parcel lies in a locker.", "the locker was empty when I opened it.", "the code of the locker does not work.",
    "the locker station at the market is closed.", "somebody else must have emptied the locker.", "I stood before the locker in vain."]
SHARES = {"order_status": 0.40, "return_request": 0.16, "refund_status": 0.14, "product_question": 0.14, "delivery_problem": 0.10,
          "complaint": 0.06}
THINGS = ["tent", "rain jacket", "sleeping bag", "stove", "rucksack", "headlamp", "pair of boots", "water bottle"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]


class Traffic:
    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.number = 0
        self.truth = {}  # ticket id → class

    def filled(self, clause):
        return clause.format(order=f"A-{self.dice.randrange(10000, 99999)}", thing=self.dice.choice(THINGS), day=self.dice.choice(DAYS))

    def body(self, clauses, more=()):
        chosen = self.dice.sample(clauses, self.dice.choice((2, 2, 3)))
        sentences = [self.filled(clause) for clause in chosen] + [self.filled(clause) for clause in more]
        if self.dice.random() < 0.5:
            sentences.insert(self.dice.randrange(len(sentences) + 1), self.dice.choice(ASIDES))
        text = " ".join(sentence[0].upper() + sentence[1:] for sentence in sentences)
        return f"{self.dice.choice(OPENINGS)} {text} {self.dice.choice(CLOSINGS)}"

    def text_of(self, label):
        """Subject and body of a ticket of the class."""
        subject, clauses = CLAUSES[label]
        if self.dice.random() < PLAIN_SUBJECT_SHARE:
            subject = self.filled(self.dice.choice(SUBJECTS))
        if label in VAGUE_CLASSES and self.dice.random() < VAGUE_SHARE:
            return self.filled(self.dice.choice(SUBJECTS)), self.body(VAGUE)
        other = self.dice.choice(list(CLAUSES))
        two_things = self.dice.random() < TWO_THINGS_SHARE
        return subject, self.body(clauses, self.dice.sample(CLAUSES[other][1], 1) if two_things else ())

    def row(self, locker_share=0.0):
        """A labelled text: {id, subject, body, label}."""
        label = self.dice.choices(list(SHARES), list(SHARES.values()))[0]
        self.number += 1
        if label == "order_status" and self.dice.random() < locker_share:
            label, subject = "delivery_problem", self.filled(self.dice.choice(SUBJECTS))
            body = self.body(CLAUSES["order_status"][1], self.dice.sample(LOCKER, 1))
        else:
            subject, body = self.text_of(label)
        row = {"id": f"t{self.number}", "subject": subject, "body": body, "label": label}
        self.truth[row["id"]] = label
        return row

    def rows(self, n, locker_share=0.0):
        return [self.row(locker_share) for _ in range(n)]

    def tickets(self, n, locker_share=0.0):
        """The same as tickets for the worker."""
        return [{"schema_version": 1, "tenant": "alder", "source": {"system": "zendesk", "instance": "alder"}, "ticket_id": row["id"],
                 "revision": 1, "event": "created", "subject": row["subject"], "body_text": row["body"], "language": "en",
                 "channel": "email", "created_at": "2026-11-24T08:00:00Z"} for row in self.rows(n, locker_share)]
