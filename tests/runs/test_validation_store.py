"""The files of a validation: complete or absent, never of other settings, and damage is noticed."""

import json

import pytest

from icon.errors import ConfigError, RunError
from icon.runs.validation import JudgeInput, Validation, ValidationStore, read_validation
from icon.validation.arms import ArmSpec
from icon.validation.losses import ArmLosses, JudgeLoss
from icon.validation.statistics import verdict_of

SETTINGS = {"train": "top-blocks", "learning_rate": 2e-4, "judge": "abc"}
SPEC = ArmSpec("random-01", "random", ("a", "b"))


def arm(name="random-01", kind="random", rest=1.5):
    return ArmLosses(
        name=name, kind=kind, judged=(JudgeLoss.of("s", [3.0, 2.0, rest]), JudgeLoss.of("t", [3, 2, 1.25]))
    )


def begun(tmp_path, **changes):
    store = ValidationStore(tmp_path)
    store.begin(SETTINGS | changes)
    return store


def test_an_arm_that_is_written_is_read_at_the_next_start(tmp_path):
    begun(tmp_path).write("steps", SPEC, arm())
    again = begun(tmp_path)
    assert again.read("steps", SPEC) == arm()
    assert again.read("tokens", SPEC) is None
    assert again.read("steps", ArmSpec("random-01", "random", ("a", "c"))) is None
    assert again.damaged == []


def test_other_settings_are_refused_with_every_difference(tmp_path):
    begun(tmp_path)
    with pytest.raises(ConfigError, match="Arms of two settings are never compared") as error:
        begun(tmp_path, train="lora", judge="abd")
    assert 'train: "top-blocks" -> "lora"' in str(error.value)
    assert 'judge: "abc" -> "abd"' in str(error.value)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"1.25", b"1.26"),
        lambda data: b"[]",
        lambda data: data.replace(b'"random-01"', b'"random-02"'),
    ],
)
def test_a_damaged_arm_is_noticed_kept_aside_and_measured_again(tmp_path, damage):
    store = begun(tmp_path)
    store.write("steps", SPEC, arm())
    path = store.arm_path("steps", SPEC)
    path.write_bytes(damage(path.read_bytes()))
    assert store.read("steps", SPEC) is None
    assert store.damaged == [path.name]
    assert path.with_name(path.name + ".damaged").exists()
    store.write("steps", SPEC, arm())
    assert store.read("steps", SPEC) == arm()


def test_an_arm_of_other_settings_is_not_taken_for_one_of_these(tmp_path):
    begun(tmp_path).write("steps", SPEC, arm())
    (tmp_path / "validation/settings.json").unlink()
    assert begun(tmp_path, learning_rate=1e-4).read("steps", SPEC) is None


def test_names_of_rules_cannot_leave_the_folder(tmp_path):
    store = begun(tmp_path)
    spec = ArmSpec("../../x y", "rule", ("a",))
    assert store.arm_path("steps", spec).parent == tmp_path / "validation/arms"


def test_settings_that_cannot_be_read_are_refused(tmp_path):
    store = begun(tmp_path)
    store.settings_path.write_text("{")
    with pytest.raises(RunError, match=r"settings.json: cannot be read .* away and begin anew"):
        begun(tmp_path)


def test_the_verdict_is_read_as_it_was_written(tmp_path):
    assert read_validation(tmp_path) is None
    arms = [arm("selection", "selection", 1.0), arm("random-01", "random", 1.5), arm("random-02", "random", 1.75)]
    made = Validation(
        selection="abc",
        selected=2,
        judge=JudgeInput(source="held out", samples=2, digest="d"),
        settings=SETTINGS,
        tables={"tokens": verdict_of(arms), "steps": verdict_of(arms)},
    )
    store = begun(tmp_path)
    stored = store.conclude(made)
    assert read_validation(tmp_path) == stored
    assert stored.model_copy(update={"checksum": ""}) == made
    assert made.table == "steps"
    assert made.verdict.n_draws == 2


@pytest.mark.parametrize(
    ("change", "message"), [("{", "cannot be read"), ("[]", "found list"), ("{}", "field 'selection'")]
)
def test_a_damaged_verdict_is_an_error_that_says_what_to_do(tmp_path, change, message):
    store = begun(tmp_path)
    store.verdict_path.write_text(change)
    with pytest.raises(RunError, match=message) as error:
        read_validation(tmp_path)
    assert f"icon validate {tmp_path} writes it again" in str(error.value)


def test_a_changed_number_in_the_verdict_is_an_error_and_one_of_an_older_version_is_read(tmp_path):
    arms = [arm("selection", "selection", 1.0), arm("random-01", "random", 1.5), arm("random-02", "random", 1.75)]
    judge = JudgeInput(source="held out", samples=2, digest="d")
    tables = {"tokens": verdict_of(arms)}
    store = begun(tmp_path)
    made = store.conclude(Validation(selection="a", selected=2, judge=judge, settings=SETTINGS, tables=tables))
    text = store.verdict_path.read_text()
    store.verdict_path.write_text(text.replace('"selected": 2', '"selected": 3', 1))
    with pytest.raises(RunError, match="does not fit its checksum; icon validate"):
        read_validation(tmp_path)
    older = json.loads(text)
    del older["checksum"]
    store.verdict_path.write_text(json.dumps(older))
    assert read_validation(tmp_path) == made.model_copy(update={"checksum": ""})


def test_every_file_is_plain_json(tmp_path):
    store = begun(tmp_path)
    store.write("steps", SPEC, arm())
    data = json.loads(store.arm_path("steps", SPEC).read_text())
    assert data["arm"]["judged"][0] == {"id": "s", "n_tokens": 3, "first": 3.0, "second": 2.0, "rest": 1.5}
