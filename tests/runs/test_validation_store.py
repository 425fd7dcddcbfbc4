"""The files of a validation: complete or absent, never of other settings, and damage is noticed."""

import json
import os

import pytest

from icon.errors import ConfigError, RunError
from icon.runs.sealed import opened_line, sealed_line
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
    with pytest.raises(RunError, match=r"settings.json: cannot be read .*; delete it and repeat the command"):
        begun(tmp_path)


def test_a_changed_value_in_the_settings_is_refused_and_the_way_out_keeps_the_arms(tmp_path):
    store = begun(tmp_path)
    store.write("steps", SPEC, arm())
    text = store.settings_path.read_text()
    assert "0.0002" in text
    store.settings_path.write_text(text.replace("0.0002", "0.0003"))
    for rate in (2e-4, 3e-4):  # not even the settings that it now seems to have
        with pytest.raises(RunError, match=r"not fit its checksum; delete it and repeat .* arms that are done stay"):
            begun(tmp_path, learning_rate=rate)
    store.settings_path.unlink()
    assert begun(tmp_path).read("steps", SPEC) == arm()


def test_settings_of_an_older_version_are_read_as_before(tmp_path):
    begun(tmp_path).settings_path.write_text(json.dumps(SETTINGS))
    begun(tmp_path)
    with pytest.raises(ConfigError, match="Arms of two settings"):
        begun(tmp_path, train="lora")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path):
    store = begun(tmp_path)
    store.settings_path.unlink()
    for path in (store.settings_path, store.verdict_path):
        os.mkfifo(path)
    with pytest.raises(RunError, match=r"settings.json: cannot be read"):
        begun(tmp_path)
    with pytest.raises(RunError, match=r"verdict.json: cannot be read"):
        read_validation(tmp_path)
    path = store.arm_path("steps", SPEC)
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)
    assert store.read("steps", SPEC) is None


def test_a_line_with_one_wrong_bit_is_no_line():
    line = sealed_line(["one", "first", "second"])
    assert opened_line(line, 3) == ["one", "first", "second"]
    wrong = [bytearray(line.encode()) for _ in range(8 * len(line))]
    for bit, data in enumerate(wrong):
        data[bit // 8] ^= 1 << bit % 8
    lines = [opened_line(data.decode("utf-8", "replace"), 3) for data in wrong]
    assert {tuple(values) for values in lines if values is not None} <= {("one", "first", "second")}
    assert opened_line('["one", "first", "second"]', 3) == ["one", "first", "second"]  # of an older version


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
