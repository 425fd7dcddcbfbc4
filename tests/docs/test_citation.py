"""CITATION.cff says what is released: its version is the package's, and the paper is the method's."""

import re
from pathlib import Path

import pytest

import icon

ROOT = Path(__file__).resolve().parents[2]
yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")


@pytest.fixture
def citation():
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_version_and_licence_are_the_packages(citation):
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert citation["version"] == icon.__version__
    assert citation["license"] == re.search(r'^license = "(.+)"', project, re.MULTILINE)[1]


def test_it_has_what_the_format_requires(citation):
    assert citation["cff-version"] == "1.2.0"
    assert all(citation[key] for key in ("message", "title", "authors"))
    assert citation["type"] == "software"


def test_the_paper_is_named_as_the_readme_names_it(citation):
    (paper,) = citation["references"]
    assert paper["title"] == "ICon: In-Context Contribution for Automatic Data Selection"
    assert paper["url"] in (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(author["family-names"] and author["given-names"] for author in paper["authors"])
