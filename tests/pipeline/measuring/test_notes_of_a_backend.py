"""How a backend came to run the model, such as which trial had memory, may differ between the starts of a run."""

from dataclasses import asdict, replace

import pytest

from icon.errors import ConfigError
from icon.runs.manifest import load_manifest
from icon.runs.model_record import ModelRecord
from icon.testing import FakeBackend
from support.opened import Opened


class Explaining(FakeBackend):
    """A backend with settings that say how it runs the model."""

    def __init__(self, note="", attention="packs"):
        super().__init__()
        self.settings = {"attention": attention} | ({"note": note} if note else {})

    def describe(self):
        return replace(super().describe(), settings=self.settings)


@pytest.mark.parametrize(("first", "second"), [("", "no memory"), ("one", "")])
def test_a_run_goes_on_where_the_backend_explains_itself_otherwise(unfinished, first, second):
    path = unfinished(Explaining(first))
    assert load_manifest(path / "run.json").model.note == first
    measured_again(path, Explaining(second))
    model = load_manifest(path / "run.json").model
    assert (model.note, model.settings) == (second, {"attention": "packs"})


def test_another_way_of_evaluating_is_refused(unfinished):
    path = unfinished(Explaining("one"))
    with pytest.raises(ConfigError, match=r'settings\.attention: "packs" -> "plain"') as caught:
        Opened.at(path, Explaining("two", "plain")).score()
    assert "note" not in str(caught.value)


def test_an_older_run_whose_settings_have_a_note_goes_on_from_what_is_measured(unfinished, monkeypatch):
    """There the note was among the settings, and so in the key of the parts."""
    with monkeypatch.context() as older:
        older.setattr(ModelRecord, "of", classmethod(as_before))
        path = unfinished(Explaining("one"))
    assert load_manifest(path / "run.json").model.settings == {"attention": "packs", "note": "one"}
    measured_again(path, Explaining("other"))
    measured_again(path, Explaining())


def test_the_key_of_an_older_part_has_the_settings_with_the_note():
    """So parts of older runs are found by it; the digest of weights and a note beside the settings are not in it."""
    model = as_before(ModelRecord, Explaining("one").describe())
    written = {name: getattr(model, name) for name in ModelRecord.model_fields if name != "note"}
    assert model.decisive() == written
    added = {"settings": model.settings | {"weights_digest": "0"}, "note": "two"}
    assert model.model_copy(update=added).decisive() == written


def as_before(cls, info):
    known = asdict(info)
    return cls.model_validate({name: known[name] for name in cls.model_fields if name in known})


def measured_again(path, backend):
    """Measure the missing part; the others are used as they are, since what decides their numbers is the same."""
    for part in (path / "contributions").glob("part-000000-*"):
        part.unlink()
    before = {part: part.stat().st_mtime_ns for part in (path / "contributions").glob("part-*")}
    assert before
    Opened.at(path, backend).score()
    assert {part: part.stat().st_mtime_ns for part in before} == before
    assert list((path / "contributions").glob("part-000000-*"))
    Opened.at(path, backend).select()  # reads all parts again
