"""Options of the executor that cannot be meant are refused when they are read, before Ray is imported."""

import subprocess
import sys

import pytest

from icon.errors import ConfigError
from icon_ray.hooks import icon_executors

(RAY,) = icon_executors()


@pytest.mark.parametrize(
    "address", ["head", "head:", ":6379", "head:0", "head:70000", "ray://head:10001", "http://h:1"]
)
def test_an_address_of_another_kind_is_refused_with_what_is_valid(address):
    with pytest.raises(ConfigError, match=r"address.*valid: host:port of the cluster's head node, auto, or local"):
        RAY.validate({"address": address})


@pytest.mark.parametrize("address", ["local", "auto", "10.0.0.1:6379", "head.example:6379", "[::1]:6379"])
def test_addresses_of_clusters_are_taken_as_they_are(address):
    assert RAY.validate({"address": address}).address == address


@pytest.mark.parametrize("option", [{"workers": 0}, {"cpus": 0}, {"gpus": -1}, {"memory": 0}, {"wait": 0}, {"gpu": 1}])
def test_amounts_that_no_worker_can_have_are_refused_by_name(option):
    with pytest.raises(ConfigError, match=next(iter(option))):
        RAY.validate(option)


def test_listing_the_executor_does_not_import_ray():
    code = "import sys, icon_ray.hooks as h; h.icon_executors(); print('ray' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
