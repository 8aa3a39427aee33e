"""axe-core, which finds what keeps people with a screen reader or little sight from using a page.

Fetched once into ./var by its pinned version and checked by its hash; MPL-2.0, used by the tests and shipped nowhere.
`python tests/console/axe.py` fetches it.
"""

import base64
import hashlib
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import urllib.request

VERSION = "4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
ROOT = pathlib.Path(__file__).resolve().parents[2]
PLACE = pathlib.Path(os.environ.get("TRIAGED_VAR", ROOT / "var")) / "axe-core" / f"axe-{VERSION}.min.js"
BLOCKING = {"serious", "critical"}


def archive():
    """The package as its registry gives it: through npm where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run(["npm", "pack", "--silent", f"axe-core@{VERSION}"], cwd=folder, check=True, capture_output=True)
            return next(pathlib.Path(folder).glob("*.tgz")).read_bytes()
        except (OSError, subprocess.CalledProcessError):
            registry = os.environ.get("npm_config_registry", "https://registry.npmjs.org").rstrip("/")
            with urllib.request.urlopen(f"{registry}/axe-core/-/axe-core-{VERSION}.tgz", timeout=60) as answer:
                return answer.read()


def fetch():
    if PLACE.exists():
        return
    data = archive()
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != SHA512:
        sys.exit(f"axe-core {VERSION} is not what it was when it was pinned: nothing was kept")
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        script = tar.extractfile("package/axe.min.js").read()
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    part = PLACE.with_suffix(".part")
    part.write_bytes(script)
    part.rename(PLACE)
    print(f"axe-core {VERSION} is in {PLACE}")


def findings(page):
    """What is wrong on the page as it is shown now, the serious and critical alone: a line each."""
    # The strict policy of the page lets no script in; a debugger's evaluation is not subject to it.
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(PLACE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['impact']} {violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in result["violations"] if violation["impact"] in BLOCKING for node in violation["nodes"]
    ]


if __name__ == "__main__":
    fetch()
