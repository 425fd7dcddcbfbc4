"""Commands that open no model import, of the packages that take long to import, only those that they need."""

import json
import random
import subprocess
import sys

import pytest

from support.command_line import CommandLine

HEAVY = {
    "torch",
    "transformers",
    "llama_cpp",
    "datasets",
    "sklearn",
    "scipy.stats",
    "scipy.optimize",
    "scipy.integrate",
    "datasketch",
    "pandas",
    "matplotlib",
    "IPython",
    "huggingface_hub",
    "pytest",
}
"""With all of their modules; what each is for is in docs/reference/dependencies.md."""

BEGIN = ["run", "pool.jsonl", "--assessment", "tasks.jsonl", "--scorer", "length", "--selector", "top", "--out", "run"]
STEPS = {
    "plugins": ["plugins"],
    "backends": ["backends"],
    "plan": [*BEGIN[:-1], "planned", "--dry-run"],
    "doctor": ["doctor", "run"],
    "compare": ["compare", "run", "run"],
    "export": ["export", "run", "--to", "trl"],
    "select": ["select", "run", "--keep", "10"],
    "explain": ["explain", "run", "17", "--no-tokens"],
    "report": ["report", "run"],
}
PROGRAM = """
import json, sys
from icon.cli import main

known, loaded = set(), {}
for name, words in json.loads(sys.argv[1]).items():
    sys.argv = ["icon", *words]
    try:
        main()
    except SystemExit as end:
        assert not end.code, (name, end.code)
    loaded[name] = sorted(set(sys.modules) - known)
    known = set(sys.modules)
print("LOADED" + json.dumps(loaded))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """One process takes all steps: the modules that each imports. Its pool is enough for every chart of the report.

    The run has a page already, so its texts are compared.
    """
    folder, draw = tmp_path_factory.mktemp("light"), random.Random(0)
    texts = [" ".join(f"word{draw.randrange(90)}" for _ in range(draw.randint(2, 30))) for _ in range(160)]
    for name, some in (("pool", texts[10:]), ("tasks", texts[:3])):
        rows = [json.dumps({"instruction": f"question {n}", "output": text}) for n, text in enumerate(some)]
        (folder / f"{name}.jsonl").write_text("".join(row + "\n" for row in rows))
    CommandLine(folder)(*BEGIN, code=0)
    command = [sys.executable, "-c", PROGRAM, json.dumps(STEPS)]
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    page = (folder / "run" / "report.html").read_text()
    assert all(part in page for part in ('id="map-plot"', 'id="diversity-told"')), "the pool is too small"
    return json.loads(done.stdout.rpartition("LOADED")[2])


@pytest.mark.parametrize("step", STEPS)
def test_a_command_without_a_model_imports_nothing_heavy(loaded, step):
    assert {name for name in loaded[step] if any(f"{name}.".startswith(f"{one}.") for one in HEAVY)} == set()
