"""Listing the formats imports nothing heavy."""

from __future__ import annotations

import os
import subprocess
import sys

from icon.samples import builtin_readers, reader_strategies

HEAVY = ["numpy", "pyarrow", "datasets", "jinja2", "zstandard", "sklearn", "scipy"]


def test_listing_the_readers_imports_nothing_heavy():
    program = "import sys; from icon.samples import reader_strategies; reader_strategies(); print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert not set(HEAVY) & set(done.stdout.split())


def test_strategies_build_the_readers_they_name():
    readers = builtin_readers()
    strategies = reader_strategies()
    assert [strategy.name for strategy in strategies] == list(readers)
    for strategy in strategies:
        assert type(strategy.make({})) is type(readers[strategy.name])
        assert strategy.summary
