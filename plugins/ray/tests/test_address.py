"""An address without a cluster is a sentence and exit code 2, at once, and the run goes on afterwards."""

import socket

import pytest

from icon.errors import ConfigError
from icon_ray.cluster import Cluster
from icon_ray.options import RayOptions


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_where_nobody_listens_the_address_is_named_with_what_is_valid():
    port = free_port()
    with pytest.raises(
        ConfigError, match=rf"executor\.address 127\.0\.0\.1:{port}: nobody listens there.*ray start --head"
    ):
        Cluster(RayOptions(address=f"127.0.0.1:{port}"))


def test_a_name_that_no_name_server_knows_is_named():
    with pytest.raises(ConfigError, match=r"executor\.address head\.invalid:6379: nobody listens there"):
        Cluster(RayOptions(address="head.invalid:6379"))


def test_the_command_ends_with_code_2_and_goes_on_without_the_cluster(tiny_command_line, folder):
    words = ["run", "pool.jsonl", "--assessment", "tasks.jsonl", "--selector", "top", "--no-report", "--out", "run"]
    there = ["--executor", "ray", "-o", f"executor.address=127.0.0.1:{free_port()}"]
    said = tiny_command_line(*words, *there, code=2)
    assert "nobody listens there" in said.stderr
    assert tiny_command_line(*words, code=0).returncode == 0
