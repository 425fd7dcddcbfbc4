"""What the tests of this distribution share: a Ray of this machine, and runs of a few short records."""

from __future__ import annotations

import json
import os
import signal

import pytest

from support.fixtures import command_line, tiny_command_line, tiny_embedded  # noqa: F401

ray = pytest.importorskip("ray", reason="Ray is not installed")


@pytest.fixture(scope="module")
def local_ray():
    """Two CPUs' worth of Ray, as a program that calls icon.run may have it already; its start takes seconds."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")  # no token file in the home of whoever runs the tests
    settings = {"include_dashboard": False, "log_to_driver": False, "configure_logging": False}
    ray.init(address="local", num_cpus=2, object_store_memory=80 * 2**20, **settings)
    yield ray
    ray.shutdown()
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def write_sums(tmp_path):
    """Writes a pool and a file of tasks of so many short records, for a model that reads every byte as a token."""

    def write(n_pool, n_tasks):
        for name, numbers in (("pool.jsonl", range(n_pool)), ("tasks.jsonl", range(100, 100 + n_tasks))):
            rows = [{"instruction": f"{n} times {n + 3}?", "output": f"{n * (n + 3)}, I say"} for n in numbers]
            (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
        return tmp_path

    return write


@pytest.fixture
def folder(write_sums):
    """The test's folder with a pool of 24 records and 6 tasks."""
    return write_sums(24, 6)
