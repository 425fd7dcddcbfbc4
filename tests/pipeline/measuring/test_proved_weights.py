"""The digest of the weights in memory is compared at every start; runs from before there was one go on."""

import hashlib
from dataclasses import replace

import pytest

from icon.errors import ConfigError
from icon.inference import cache
from icon.runs.manifest import load_manifest
from icon.testing import FakeBackend
from support.opened import Opened


class Proving(FakeBackend):
    """A backend that reports what it has in memory."""

    def __init__(self, proof):
        super().__init__()
        self.proof = proof

    def describe(self):
        return replace(super().describe(), settings={"weights_digest": self.proof})


def test_other_weights_in_memory_are_refused_whatever_their_file_says(unfinished):
    path = unfinished(Proving("one"))
    with pytest.raises(ConfigError, match=r'settings\.weights_digest: "one" -> "two"'):
        Opened.at(path, Proving("two")).score()
    assert not list((path / "contributions").glob("part-000000-*"))


def test_the_same_weights_go_on_from_what_is_measured(unfinished):
    path = unfinished(Proving("one"))
    measured_again(path, Proving("one"))


def test_a_run_without_a_digest_goes_on_and_then_has_one(unfinished):
    path = unfinished(FakeBackend())
    measured_again(path, Proving("one"))
    assert load_manifest(path / "run.json").model.settings == {"weights_digest": "one"}


class Reading(Proving):
    """A backend that reports the digest of its file, too."""

    def __init__(self, proof, file):
        super().__init__(proof)
        self.file = file

    def describe(self):
        info = super().describe()
        settings = {name: proof for name, proof in info.settings.items() if proof}
        return replace(info, digest=cache.digest(self.file), settings=settings)


@pytest.mark.parametrize(("proof", "reads"), [("one", 0), ("", 1)])
def test_files_are_read_again_only_where_the_weights_in_memory_prove_nothing(
    unfinished, tmp_path, monkeypatch, proof, reads
):
    file = tmp_path / "weights"
    file.write_bytes(b"weights")
    path = unfinished(Reading(proof, file))
    read, digest = [], hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda file, kind: read.append(file.name) or digest(file, kind))
    Opened.at(path, Reading(proof, file)).score()
    assert read.count(str(file)) == reads


def measured_again(path, backend):
    """Measure the missing part; the others are used as they are, since what decides their numbers is the same."""
    before = {part: part.stat().st_mtime_ns for part in (path / "contributions").glob("part-*")}
    Opened.at(path, backend).score()
    assert {part: part.stat().st_mtime_ns for part in before} == before
    assert list((path / "contributions").glob("part-000000-*"))
    Opened.at(path, backend).select()  # reads all parts again
