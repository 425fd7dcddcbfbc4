"""The benchmarks' scripts in this process: what `python SCRIPT WORDS` does, without importing torch for each anew."""

import io
import runpy
import subprocess
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def run_script():
    """Runs a script below tests/ with words behind it; returns what a child process would have."""

    def _run(script, *words):
        path, out, err = TESTS / script, io.StringIO(), io.StringIO()
        with _program([str(path), *map(str, words)], path.parent), redirect_stdout(out), redirect_stderr(err):
            try:
                runpy.run_path(str(path), run_name="__main__")
                code = 0
            except SystemExit as ended:
                code = ended.code or 0
        return subprocess.CompletedProcess([script, *words], code, out.getvalue(), err.getvalue())

    return _run


@contextmanager
def _program(argv, folder):
    """A program's own arguments and path; of the modules beside it none stays, since other tests have such names."""
    before = list(sys.argv), list(sys.path), set(sys.modules)
    sys.argv[:], sys.path[:0] = argv, [str(folder)]
    try:
        yield
    finally:
        sys.argv[:], sys.path[:] = before[:2]
        for name in set(sys.modules) - before[2]:
            file = getattr(sys.modules[name], "__file__", None)
            if file is not None and Path(file).is_relative_to(TESTS):
                del sys.modules[name]
