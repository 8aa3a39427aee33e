#!/usr/bin/env python3
"""Plants known bugs in a copy of the pure sources, one at a time, and has the simulation find each.

Usage: bugs.py [--jobs N] [--build DIR] [--only TEXT] [NUMBER…]

Every file of tests/sim/bugs is a patch; its first lines say what it does, and where a rare one is looked for (First seed). Prints a table of the seeds that each one took
and of the invariant that caught it. Fails when one is not found, when a patch does not apply, or when the unpatched
sources fail themselves."""
import argparse
import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUGS = ROOT / "tests" / "sim" / "bugs"
SEEDS_MAX = 10000  # of one bug: more is not found
SOUND_SEEDS = 300  # of the unpatched sources
TIMEOUT_S = 300
COPIED = ["include", "src/flow", "src/base", "tests/sim"]
BASE = ["src/base/mem.c", "src/base/err.c", "src/base/hash.c"]
FLAGS = ["-std=c17", "-O1", "-w", "-D_POSIX_C_SOURCE=200809L", "-D_DEFAULT_SOURCE", "-Iinclude", "-Isrc", "-Itests/sim"]
LIBRARIES = ["-lsodium", "-lxxhash"]
FIRST = re.compile(r"^First seed: (\d+)$", re.M)
FOUND = re.compile(r"^seed (\d+) breaks (\S+): (.*)$", re.M)


def copy_sources(to):
    for folder in COPIED:
        shutil.copytree(ROOT / folder, to / folder, ignore=shutil.ignore_patterns("bugs", "*.py"))


def compile_all(folder, sources, objects):
    for source in sources:
        target = objects / (source.replace("/", "_") + ".o")
        subprocess.run(["cc", *FLAGS, "-c", source, "-o", str(target)], cwd=folder, check=True)


def sources_of(folder):
    pure = [*folder.glob("src/flow/*.c"), *folder.glob("tests/sim/*.c")]
    return sorted(str(path.relative_to(folder)) for path in pure) + BASE


def link(folder, objects, program):
    subprocess.run(["cc", *map(str, sorted(objects.glob("*.o"))), "-o", str(program), *LIBRARIES], cwd=folder, check=True)


def build_sound(build):
    folder, objects = build / "sound", build / "sound" / "objects"
    copy_sources(folder)
    objects.mkdir()
    compile_all(folder, sources_of(folder), objects)
    link(folder, objects, folder / "sim")
    return folder


def build_bug(build, sound, patch):
    """Only what the patch touches is compiled again."""
    folder, objects = build / patch.stem, build / patch.stem / "objects"
    copy_sources(folder)
    applied = subprocess.run(["patch", "-p1", "--fuzz=0", "--no-backup-if-mismatch", "-i", str(patch)], cwd=folder,
                             capture_output=True, text=True)
    if applied.returncode != 0 or "offset" in applied.stdout and "FAILED" in applied.stdout:
        raise RuntimeError(f"{patch.name} does not apply:\n{applied.stdout}")
    shutil.copytree(sound / "objects", objects)
    touched = re.findall(r"^\+\+\+ b/(\S+\.c)", patch.read_text(), re.M)
    compile_all(folder, touched, objects)
    link(folder, objects, folder / "sim")
    return folder / "sim"


def hunt(build, sound, patch):
    """(seeds it took, invariant, text), or (None, why, "")."""
    try:
        program = build_bug(build, sound, patch)
        first = FIRST.search(patch.read_text())
        done = subprocess.run([str(program), "--first", first.group(1) if first else "1", "--seeds", str(SEEDS_MAX)],
                              capture_output=True, text=True, timeout=TIMEOUT_S)
    except (RuntimeError, subprocess.SubprocessError) as error:
        return None, str(error), ""
    finally:
        shutil.rmtree(build / patch.stem, ignore_errors=True)
    found = FOUND.search(done.stdout)
    if not found:
        return None, f"not found in {SEEDS_MAX} seeds", ""
    return int(found.group(1)), found.group(2), found.group(3)


def check_sound(sound):
    done = subprocess.run([str(sound / "sim"), "--seeds", str(SOUND_SEEDS)], capture_output=True, text=True,
                          timeout=TIMEOUT_S)
    if done.returncode != 0:
        raise SystemExit(f"the sources fail without any planted bug:\n{done.stdout}")


def chosen(options):
    patches = sorted(BUGS.glob("*.patch"))
    if options.numbers:
        patches = [patch for patch in patches if int(patch.name.split("-")[0]) in options.numbers]
    return [patch for patch in patches if options.only in patch.name]


def run(build, options):
    patches = chosen(options)
    if not patches:
        raise SystemExit("no planted bug was looked for")
    sound = build_sound(build)
    check_sound(sound)
    missed = 0
    print("| bug | seeds it took | caught by |\n|---|---|---|")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for patch, (seeds, invariant, text) in zip(patches, pool.map(lambda one: hunt(build, sound, one), patches)):
            missed += seeds is None
            name = patch.stem.split("-", 1)[1].replace("-", " ")
            print(f"| {name} | {seeds if seeds else 'NOT FOUND'} | {invariant}{': ' + text if text else ''} |", flush=True)
    print(f"\n{len(patches) - missed} of {len(patches)} planted bugs found")
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--build", help="a folder to build in; else a temporary one")
    parser.add_argument("--only", default="", help="bugs whose name contains this")
    parser.add_argument("numbers", nargs="*", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.build) as build:
        return run(pathlib.Path(build), options)


if __name__ == "__main__":
    sys.exit(main())
