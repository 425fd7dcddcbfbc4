"""Requirements of installed plugins are judged, and one that cannot be evaluated is told, never raised."""

from types import SimpleNamespace

import pytest

from icon.plugins._faults import misfits


def faults(*requires):
    distribution = SimpleNamespace(requires=list(requires), metadata={"Name": "icon-mine"})
    return [str(each.what) for each in misfits(distribution, "icon-select", "0.1.0")]


@pytest.mark.parametrize("text", ["icon-select>=0.0.9", "icon-select>=9; python_version < '3'", "icon-selector>=9"])
def test_what_fits_or_is_not_meant_is_no_fault(text):
    assert faults(text) == []


def test_a_version_that_is_not_installed_is_one():
    assert faults("icon-select>=9") == ["it needs icon-select>=9, and 0.1.0 is installed"]


def test_a_marker_that_compares_what_cannot_be_compared_is_told():
    (told,) = faults("icon-select>=0.1; platform_release ~= 'x'")
    assert "cannot be evaluated" in told
