"""What a registry shows of a distribution is complete: who, which licence, which Python, and a page that reads well."""

import re
from email import message_from_bytes

import pytest

from support.distributions import FOLDERS, ROOT, contents, wheel

pytest.importorskip("hatchling", reason="hatchling is not installed")


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def packed(request, tmp_path_factory):
    """A project's folder, and the files of its wheel's .dist-info by their names there."""
    files = contents(wheel(request.param, tmp_path_factory.mktemp("wheel")))
    return request.param, {name.partition(".dist-info/")[2]: data for name, data in files.items()}


def test_a_distribution_says_who_made_it_under_which_licence_and_for_which_python(packed):
    _, files = packed
    metadata = message_from_bytes(files["METADATA"])
    assert metadata["Author"] == "The icon developers"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert files["licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    assert metadata["Requires-Python"] == ">=3.11"
    assert 40 <= len(metadata["Summary"]) <= 140
    assert len(metadata["Keywords"].split(",")) >= 3
    classifiers = metadata.get_all("Classifier")
    pythons = {
        line.rpartition(" ")[2] for line in classifiers if line.startswith("Programming Language :: Python :: 3.")
    }
    assert pythons == {"3.11", "3.12", "3.13"}, "the versions that CI tests"


def test_the_classifiers_are_those_that_a_registry_knows(packed):
    known = pytest.importorskip("trove_classifiers", reason="trove-classifiers is not installed").classifiers
    _, files = packed
    assert set(message_from_bytes(files["METADATA"]).get_all("Classifier")) <= known


def test_the_page_on_a_registry_has_a_text_and_the_core_s_no_link_or_picture_that_leads_nowhere(packed):
    project, files = packed
    metadata = message_from_bytes(files["METADATA"])
    page = metadata.get_payload(decode=True).decode()
    assert metadata["Description-Content-Type"].startswith("text/markdown")
    assert len(page) > 300
    if project == ROOT:
        assert re.findall(r"\]\((?!https?:)[^)]*\)", page) == []
        assert "<!--" not in page
        assert "](https://arxiv.org/abs/2505.05327)" in page
