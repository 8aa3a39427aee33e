#!/usr/bin/env python3
"""Help, completion and manual page say what the parsers take. Usage: test_completion.py TRIAGED"""
import functools
import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import time
import unittest

TRIAGED = sys.argv.pop(1) if len(sys.argv) > 1 else ""
SOURCES = pathlib.Path(__file__).resolve().parents[2] / "src" / "cmd"


@functools.cache
def triaged(*arguments):
    return subprocess.run([TRIAGED, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)


def script():
    return triaged("completion", "bash").stdout


def table_of(text, function):
    """{path: what follows it} of one case statement of the script."""
    body = text.split(f"{function}() {{", 1)[1].split("\n}", 1)[0]
    return dict(re.findall(r"^ +'([^']*)'\) echo '([^']*)' ;;$", body, re.M))


def completed(text, line):
    """What bash offers after this line, by its own function, as readline would call it."""
    words = line.split(" ")
    call = ("%s\nCOMP_WORDS=(%s)\nCOMP_CWORD=%d\n_triaged\nprintf '%%s\\n' \"${COMPREPLY[@]}\""
            % (text, " ".join(f"'{word}'" for word in words), len(words) - 1))
    done = subprocess.run(["bash", "--norc", "--noprofile", "-c", call], capture_output=True, text=True, check=True)
    return done.stdout.split()


class Completion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = script()
        cls.options = table_of(cls.text, "_triaged_options")
        cls.values = table_of(cls.text, "_triaged_value")

    def test_first_words_complete(self):
        self.assertEqual(completed(self.text, "triaged que"), ["queue"])
        self.assertIn("knowledge", completed(self.text, "triaged "))

    def test_second_words_and_verbs_complete(self):
        self.assertEqual(completed(self.text, "triaged knowledge se"), ["search"])
        self.assertEqual(completed(self.text, "triaged queue re"), ["renew", "resolve", "resolve-alike", "release", "reassign", "reasons"])

    def test_options_complete(self):
        self.assertEqual(completed(self.text, "triaged queue claim --g"), ["--group"])
        self.assertEqual(completed(self.text, "triaged queue resolve 17 --ed"), ["--edit"])
        self.assertIn("--tickets", completed(self.text, "triaged plan --t"))

    def test_choices_complete(self):
        self.assertEqual(completed(self.text, "triaged export --for "), ["train", "calibrate"])
        self.assertEqual(completed(self.text, "triaged queue resolve --outcome wrong"), ["wrong_input", "wrong_policy"])

    def test_what_only_the_user_knows_is_left_alone(self):
        self.assertEqual(completed(self.text, "triaged queue skip 17 --reason "), [])

    def test_files_are_offered_for_files(self):
        self.assertEqual(self.values["queue list --config"], "F")
        self.assertEqual(self.values["knowledge search --dir"], "D")

    def test_an_interactive_bash_completes_on_tab(self):
        """The keys of a person, through readline: their echo is what was completed."""
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update(PS1="ready> ", TERM="dumb", PATH=f"{os.path.dirname(os.path.abspath(TRIAGED))}:{os.environ['PATH']}")
            os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        try:
            os.write(terminal, b"bind 'set enable-bracketed-paste off'; source <(triaged completion bash); echo so''urced\n")
            self.wait_for(terminal, "sourced\r\n")
            os.write(terminal, b"echo triaged; triaged que\tcla\t--gro\t")
            seen = self.wait_for(terminal, "triaged queue claim --group ")
            self.assertIn("triaged queue claim --group ", seen)
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)
            os.close(terminal)

    def wait_for(self, terminal, wanted):
        seen, end = "", time.monotonic() + 60
        while wanted not in seen:
            ready, _, _ = select.select([terminal], [], [], end - time.monotonic())
            self.assertTrue(ready, f"{wanted!r} does not come; seen: {seen!r}")
            seen += os.read(terminal, 4096).decode(errors="replace")
        return seen

    def test_every_command_tells_about_itself(self):
        for path, options in self.options.items():
            done = triaged(*path.split(), "--help")
            self.assertEqual((path, done.returncode, done.stderr), (path, 0, ""))
            self.assertTrue(done.stdout.startswith(f"usage: triaged {path}"), path)
            if path == "queue":
                continue  # its help lists verbs
            self.assertEqual(triaged(*path.split(), "--no-such-option", "-h").stdout, done.stdout)
            self.assertRegex(done.stdout, rf"\nExample:\n  (source <\()?triaged {path}\b")
            described = set(re.findall(r"^  (--[a-z-]+)", done.stdout, re.M))
            self.assertEqual(described, set(options.split()) - {"--help"}, path)
            self.assertLessEqual(max(map(len, done.stdout.splitlines())), 118, path)

    def test_every_command_refuses_what_it_does_not_know(self):
        for path in self.options:
            done = triaged(*path.split(), "--no-such-option")
            self.assertEqual((path, done.returncode, done.stdout), (path, 64, ""))
            self.assertIn("--no-such-option", done.stderr)

    def test_every_option_with_a_value_asks_for_it(self):
        for place in self.values:
            path, option = place.rsplit(" ", 1)
            done = triaged(*path.split(), option)
            self.assertEqual((place, done.returncode, done.stdout), (place, 64, ""))
            self.assertIn(f"triaged {path}: {option} needs a value", done.stderr)

    def test_every_choice_names_the_choices(self):
        for path in self.options:
            for option, choices in re.findall(r"^  (--[a-z-]+) ([a-z_]+\|[a-z_|]+)", triaged(*path.split(), "--help").stdout, re.M):
                if path == "knowledge search":
                    continue  # articles may be of other kinds and languages
                done = triaged(*path.split(), option, "moon")
                self.assertEqual((path, done.returncode), (path, 64))
                self.assertIn(f"{option} takes {choices}, not moon", done.stderr)

    def test_the_page_of_commands_is_what_the_program_prints(self):
        page = SOURCES.parents[1] / "docs" / "COMMANDS.md"
        self.assertEqual(page.read_text(), triaged("help", "--markdown").stdout,
                         "print it again: triaged help --markdown >docs/COMMANDS.md")

    def test_every_option_of_the_help_is_taken(self):
        """An unknown option behind them is what the parser complains of. Where it stops before, each is tried alone."""
        for path, listed in self.options.items():
            options = sorted(set(listed.split()) - {"--help"})
            if self.complaint(path, options) == "--no-such-option":
                continue
            for option in options:
                with self.subTest(path=path, option=option):
                    self.assertNotEqual(self.complaint(path, [option]), option)

    def complaint(self, path, options):
        """What the parser says that it doesn't know, None when it ends for another reason."""
        words = []
        for option in options:
            value = self.values.get(f"{path} {option}")
            words += [option] if value is None else [option, value.split()[0] if len(value) > 1 else "1"]
        done = triaged(*path.split(), *words, "--no-such-option")
        self.assertNotEqual((path, done.returncode), (path, 0))
        return self.named(done)

    @staticmethod
    def needed(path):
        usage = triaged(*path.split(), "--help").stdout.split("\n\n", 1)[0]
        words = re.sub(r"\[[^\[\]]*\]", "", re.sub(r"\[[^\[\]]*\]", "", usage)).split()
        found = []
        for before, word in zip(words, words[1:]):
            if word.startswith("--") and before == "|" and found:
                found[-1].add(word)
            elif word.startswith("--"):
                found.append({word})
        return found

    @staticmethod
    def named(done):
        said = re.search(r"unknown option or argument (--[a-z0-9-]+)", done.stderr)
        return said[1] if said else None

    def test_every_option_of_the_parsers_stands_in_a_help(self):
        named = set(" ".join(self.options.values()).split()) | {"--no-such-option"}
        for source in SOURCES.glob("*.c"):
            if source.stem.endswith("_html"):
                continue  # style sheets have names like that too
            for option in re.findall(r'"(--[a-z][a-z-]+)"', source.read_text()):
                self.assertIn(option, named, f"{source.name} takes {option}, and no help names it")

    def test_an_example_is_of_its_command_and_takes_what_it_takes(self):
        """And gives what must be given: what usage shows without brackets, one of several with bars between them."""
        for path in set(self.options) - {"queue"}:
            example = re.search(r"^Example:\n  (.*)$", triaged(*path.split(), "--help").stdout, re.M)[1]
            words = shlex.split(re.sub(r" [<>] \S+|^source <\(|\)$", "", example))[1:]
            self.assertEqual(words[:len(path.split())], path.split())
            for alike in self.needed(path):
                self.assertTrue(alike & set(words), f"{path}: {alike}")
            self.assertLessEqual({word for word in words if word.startswith("--")}, set(self.options[path].split()), path)
            done = triaged(*words, "--no-such-option")
            self.assertEqual((path, self.named(done)), (path, "--no-such-option"))

    def test_the_manual_page_has_every_command(self):
        page = triaged("help", "--man").stdout
        self.assertEqual(re.findall(r"^\.SS triaged (.*)$", page, re.M), list(self.options))
        if shutil.which("groff"):
            done = subprocess.run(["groff", "-Kutf8", "-man", "-Tutf8", "-ww", "-z"], input=page, capture_output=True, text=True, check=True)
            self.assertEqual(done.stderr, "")

    def test_help_tells_about_one_command(self):
        for path in ("plan", "queue claim", "topics create", "queue"):
            self.assertEqual(triaged("help", *path.split()).stdout, triaged(*path.split(), "--help").stdout)
        self.assertEqual(triaged("help", "no-such-command").returncode, 64)

    def test_the_first_word_of_two_lists_its_commands(self):
        wanted = sorted(path for path in self.options if path.startswith("control "))
        done = triaged("control", "--help")
        self.assertEqual(sorted(re.findall(r"^  (control \w+)", done.stdout, re.M)), wanted)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(triaged("help", "control").stdout, done.stdout)
        for words in (("control",), ("control", "shwo")):
            done = triaged(*words)
            self.assertEqual((done.returncode, done.stdout), (64, ""))
            self.assertEqual(sorted(re.findall(r"^  (control \w+)", done.stderr, re.M)), wanted)

    def test_other_shells_read_their_script(self):
        for shell, check in (("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])):
            text = triaged("completion", shell).stdout
            self.assertIn("resolve-alike", text)
            if shutil.which(shell):
                subprocess.run(check, input=text, text=True, check=True)
        self.assertEqual(triaged("completion", "tcsh").returncode, 64)


if __name__ == "__main__":
    unittest.main(verbosity=0)
