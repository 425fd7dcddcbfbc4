"""The number of threads follows what this process may really use."""

import os

import pytest

from icon.inference import processor


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Four allowed hardware threads on two cores, and no cgroup limit; returns a function that writes one."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 3}, raising=False)
    for cpu in range(4):
        folder = tmp_path / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{cpu % 2},{cpu % 2 + 2}\n")
    monkeypatch.setattr(processor, "CPUS", tmp_path)
    monkeypatch.setattr(processor, "CGROUP_V2", tmp_path / "cpu.max")
    monkeypatch.setattr(processor, "CGROUP_V1", tmp_path)

    def limit(**contents):
        for name, content in contents.items():
            (tmp_path / name.replace("__", ".")).write_text(content)

    return limit


def test_second_hardware_threads_do_not_count(machine):
    assert processor.usable_cores() == 2


def test_a_cpu_of_unknown_topology_counts_as_a_core(machine, monkeypatch, tmp_path):
    monkeypatch.setattr(processor, "CPUS", tmp_path / "nothing")
    assert processor.usable_cores() == 4


@pytest.mark.parametrize(("content", "cores"), [("max 100000", 2), ("150000 100000", 1), ("50000 100000", 1)])
def test_the_cgroups_quota_counts(machine, content, cores):
    machine(cpu__max=content)
    assert processor.usable_cores() == cores


@pytest.mark.parametrize(("quota", "cores"), [("-1", 2), ("100000", 1)])
def test_the_older_cgroups_quota_counts(machine, quota, cores):
    machine(cpu__cfs_quota_us=quota, cpu__cfs_period_us="100000")
    assert processor.usable_cores() == cores


def test_the_processor_has_a_name():
    assert processor.name()


def test_two_threads_that_load_a_library_at_once_leave_the_variable_as_it_was(monkeypatch):
    monkeypatch.delenv(processor.WAITING, raising=False)
    with processor.sleeping_threads():
        del os.environ[processor.WAITING]  # as the other thread does when it is done first
    assert processor.WAITING not in os.environ
