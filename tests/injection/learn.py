#!/usr/bin/env python3
"""Makes src/decide/addressed_weights.h: how much each hashed word and pair of words of a sentence speaks to a machine instead of
a company. Needs numpy and scikit-learn; nothing at run time does.

usage: learn.py --data DIR [--write] [--seed N]

  --data    folder of public sets: injection/ (BIPIA attacks, LLMail harmless mails), banking77/, stackfaq/, multilang/, bitext8k/
  --write   writes the header; without it only the held-out table is printed

Held out: every kind of own attack and every category of BIPIA in turn is left out of the training and then scored; harmless texts are
split by halves. The threshold is the one that one harmless text in HARMLESS_SHARE reaches in the half that training has not seen;
a second, lower one is reached by one in DOUBT_SHARE: what reaches that has no vote (addressed_leave_out)."""
import argparse
import json
import pathlib
import random
import re

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
BITS = 13
WORDS_MAX = 60
SCALE = 16.0  # weights are kept as integers of 1/SCALE
HARMLESS_SHARE = 120
DOUBT_SHARE = 20
HARD_TIMES = 3  # how often the harmless sentences that look like attacks count
QUOTE_MARK = re.compile(r"^[>\s]*(?:-{3,}.*-{3,}|(?:From|To|Sent|Subject|Von|An|Gesendet|Betreff|On|Am)\b.*:?)\s*$|wrote:\s*$|schrieb.*:\s*$")
WORD = re.compile(rb"[a-z0-9\x80-\xff]+")
ENDS = re.compile(rb"(?<=[.!?:;])[ \t]+|[\r\n]+")


def fnv(data):
    value = 2166136261
    for byte in data:
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def bucket(data):
    value = fnv(data)
    return (value ^ (value >> BITS) ^ (value >> 2 * BITS)) & ((1 << BITS) - 1)


def features(sentence):
    words = [re.sub(rb"[0-9]", b"0", word) for word in WORD.findall(sentence.lower())][:WORDS_MAX]
    found = {bucket(word) for word in words}
    found |= {bucket(a + b" " + b) for a, b in zip([b"^"] + words, words)}
    return sorted(found)


def sentences(text):
    return [part for part in ENDS.split(text.encode()) if len(WORD.findall(part.lower())) >= 2]


def rows_of(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def attacks_of(data):
    """(kind, text) of every attack."""
    rows = [("own " + row["kind"], row["text"]) for row in rows_of(HERE / "attacks.jsonl") if row["kind"] not in
            ("base64", "bidi", "zero_width", "hidden")]
    rows += [("learn", line) for line in (HERE / "learn_attacks.txt").read_text().splitlines() if line]
    bipia = json.loads((data / "injection/bipia_text_attack_train.json").read_text())
    rows += [("bipia " + kind, text) for kind, texts in bipia.items() for text in texts]
    return [(kind, "\n".join(line for line in text.splitlines() if not QUOTE_MARK.search(line))) for kind, text in rows]


def harmless_of(data, chance):
    """(set, text) of every harmless text."""
    rows = [("llmail", text) for text in json.loads((data / "injection/llmail_fp_tests.json").read_text())["emails"]]
    rows += [("sample", row["subject"] + "\n" + row["body"]) for path in sorted((ROOT / "deploy/sample/train").glob("*.jsonl"))
             for row in rows_of(path)]
    rows += [("benign", row["text"]) for row in rows_of(HERE / "benign.jsonl")]
    rows += [("learn", line) for line in (HERE / "learn_harmless.txt").read_text().splitlines() if line] * HARD_TIMES
    for name, path, fields, most in (("banking77", "banking77/train.jsonl", ("body", "text"), 3000),
                                     ("bitext", "bitext8k/train.jsonl", ("body",), 1500),
                                     ("stackfaq", "stackfaq/kb.jsonl", ("question",), 1000),
                                     ("mails", "multilang/tickets.jsonl", ("subject", "body", "text"), 6000)):
        found = rows_of(data / path)
        chance.shuffle(found)
        rows += [(name, "\n".join(row[field] for field in fields if row.get(field))) for row in found[:most]]
    chance.shuffle(rows)
    return rows


def matrix(lists):
    at = np.cumsum([0] + [len(each) for each in lists])
    columns = np.array([column for each in lists for column in each], dtype=np.int64)
    return csr_matrix((np.ones(len(columns), dtype=np.float64), columns, at), shape=(len(lists), 1 << BITS))


class Model:
    def __init__(self, attacks, harmless):
        bad = [features(part) for text in attacks for part in sentences(text)]
        good = [features(part) for text in harmless for part in sentences(text)]
        fit = LogisticRegression(C=1.0, max_iter=400, class_weight={0: 1, 1: 6})
        fit.fit(matrix(bad + good), [1] * len(bad) + [0] * len(good))
        self.weights = np.clip(np.rint(fit.coef_[0] * SCALE), -127, 127).astype(int)
        self.bias = int(np.rint(fit.intercept_[0] * SCALE))

    def score(self, text):
        return max([self.bias + int(self.weights[features(part)].sum()) for part in sentences(text)], default=-10**6)


def thresholds_of(model, harmless):
    scores = sorted((model.score(text) for _, text in harmless), reverse=True)
    return [scores[len(scores) // share] + 1 for share in (HARMLESS_SHARE, DOUBT_SHARE)]


def held_out(attacks, harmless):
    half = len(harmless) // 2
    train, unseen = harmless[:half], harmless[half:]
    whole = Model([text for _, text in attacks], [text for _, text in train])
    threshold, doubt = thresholds_of(whole, unseen)
    caught, doubted, total = 0, 0, 0
    print("| attacks left out | caught | without a vote |\n|---|---|---|")
    for kind in sorted({kind for kind, _ in attacks} - {"learn"}):
        model = Model([text for other, text in attacks if other != kind], [text for _, text in train])
        texts = [text for other, text in attacks if other == kind]
        found, weak = (sum(model.score(text) >= least for text in texts) for least in (threshold, doubt))
        print(f"| {kind} | {found} of {len(texts)} | {weak} of {len(texts)} |")
        caught, doubted, total = caught + found, doubted + weak, total + len(texts)
    print(f"| all | {caught} of {total} ({caught / total:.0%}) | {doubted} of {total} ({doubted / total:.0%}) |\n\n"
          "| harmless texts not seen | flagged | with a sentence without a vote |\n|---|---|---|")
    for name in sorted({name for name, _ in unseen}):
        texts = [text for other, text in unseen if other == name]
        flagged, weak = ([text for text in texts if whole.score(text) >= least] for least in (threshold, doubt))
        print(f"| {name} | {len(flagged)} of {len(texts)} ({len(flagged) / len(texts):.2%}) | {len(weak)} ({len(weak) / len(texts):.2%}) |")
    return threshold, doubt


def write(model, threshold, doubt):
    lines = [", ".join(str(each) for each in model.weights[at:at + 32]) for at in range(0, 1 << BITS, 32)]
    (ROOT / "src/decide/addressed_weights.h").write_text(
        "/* Made by tests/injection/learn.py --write. Not to be edited. */\n#ifndef TRIAGED_DECIDE_ADDRESSED_WEIGHTS_H\n"
        "#define TRIAGED_DECIDE_ADDRESSED_WEIGHTS_H\n\n#include <stdint.h>\n\n"
        f"enum {{ ADDRESSED_BITS = {BITS}, ADDRESSED_WORDS_MAX = {WORDS_MAX}, ADDRESSED_BIAS = {model.bias}, "
        f"ADDRESSED_LEAST = {threshold}, ADDRESSED_DOUBT = {doubt} }};\n\n"
        "static const int8_t addressed_weights[1 << ADDRESSED_BITS] = {\n    " + ",\n    ".join(lines) + ",\n};\n\n#endif\n")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    attacks, harmless = attacks_of(options.data), harmless_of(options.data, chance)
    thresholds = held_out(attacks, harmless)
    if options.write:
        write(Model([text for _, text in attacks], [text for _, text in harmless]), *thresholds)


if __name__ == "__main__":
    main()
