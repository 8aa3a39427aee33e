#!/usr/bin/env python3
"""The tokenizer against its reference: every code point by itself, and hard texts. usage: reference.py TRIAGED ENCODER_DIR

Needs the package `tokenizers`. Prints what differs and N passed, N failed. --table prints the rows of
src/encoder/reference_classes.h instead: the code points whose class in the reference's (older) Unicode is another one.
"""

import json
import pathlib
import random
import subprocess
import sys

from tokenizers import Tokenizer

SEED = 20260
HARD_TEXTS = 4000
TOKENS_SHOWN = 512  # embed --tokens shows no more
SURROGATES = range(0xD800, 0xE000)
WORDS = """Where is my order K-30418? It's late!! naïve café Straße GROSSBUCHSTABEN Überweisung İstanbul ﬁne ½ ① x² don't
rock'n'roll 3,14 €12.50 C++/C# foo_bar user@example.com https://a.b/c?d=e&f=%20 日本語 한국어 ไทย हिन्दी עברית العربية 👩‍👩‍👧‍👦
🇩🇪 e\u0301 o\u0308 \u200b\u200d\ufeff\u202e \u00ad \ufffd ﷺ Ⅷ ㎏ ｆｕｌｌ ǅ ß ẞ ς Σ ŉ [MASK]x ##ing -- — … “quotes” «guillemets»""".split()


def ids_of(triaged, encoder, texts):
    lines = "".join(json.dumps({"id": "x", "body": text}) + "\n" for text in texts)
    done = subprocess.run([triaged, "embed", "--encoder", encoder, "--tokens"], input=lines, capture_output=True, text=True,
                          check=True)
    return [json.loads(line)["tokens"] for line in done.stdout.splitlines()]


def code_points():
    return [chr(c) for c in range(1, 0x110000) if c not in SURROGATES]


def hard_texts():
    chance = random.Random(SEED)
    ranges = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x530), (0x5D0, 0x700), (0x900, 0xE80), (0x1100, 0x1200),
              (0x2000, 0x2100), (0x3000, 0x3100), (0x4E00, 0x5000), (0xAC00, 0xAD00), (0xFB00, 0xFFF0), (0x1F300, 0x1F700)]
    for _ in range(HARD_TEXTS):
        parts = []
        for _ in range(chance.randint(1, 12)):
            if chance.random() < 0.5:
                parts.append(chance.choice(WORDS))
            else:
                low, high = chance.choice(ranges)
                parts.append("".join(chr(chance.randrange(low, high)) for _ in range(chance.randint(1, 8))))
        yield chance.choice(["", " ", "\t", "\n"]).join(parts)
    yield from ("", " ", "a" * 100, "a" * 101, "ﷺ" * 300, "\u0301" * 500, "x" * 60000, "é" * 101, "[CLS] [SEP] text")


def plain(text):
    """The reference takes the names of special tokens for the tokens; a ticket's text is data here."""
    for name in ("[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"):
        text = text.replace(name, name.replace("[", "[ "))
    return text


def kind_of(tokenizer, char):
    if tokenizer.encode("a" + char + "b").ids == tokenizer.encode("ab").ids:
        return "DROPPED"
    if tokenizer.encode("a" + char + "b").ids == tokenizer.encode("a " + char + " b").ids:
        return "PUNCTUATION"
    return "LETTER"


def print_table(tokenizer, chars):
    rows = []
    for char in chars:
        kind, code = kind_of(tokenizer, char), ord(char)
        if rows and rows[-1][1] == code - 1 and rows[-1][2] == kind:
            rows[-1][1] = code
        else:
            rows.append([code, code, kind])
    for first, last, kind in rows:
        print(f"    {{0x{first:x}, 0x{last:x}, {kind}}},")


def main():
    triaged, encoder = sys.argv[1], sys.argv[2]
    tokenizer = Tokenizer.from_file(str(pathlib.Path(encoder) / "tokenizer.json"))
    singles = ["a" + char + "b" for char in code_points()]
    wrong = [text for text, ours in zip(singles, ids_of(triaged, encoder, singles)) if ours != tokenizer.encode(text).ids]
    if "--table" in sys.argv:
        print_table(tokenizer, [text[1] for text in wrong])
        return 0
    texts = [plain(text) for text in hard_texts()]
    for text, ours in zip(texts, ids_of(triaged, encoder, texts)):
        reference = tokenizer.encode(text).ids
        if len(reference) > TOKENS_SHOWN:
            reference = reference[:TOKENS_SHOWN - 1] + reference[-1:]
        if ours != reference:
            wrong.append(text)
    for text in wrong[:10]:
        print("differs:", ascii(text[:60]))
    print(f"{len(singles) + len(texts) - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
