"""run.json replays a run, and refuses to mix one."""

import json

import pytest

from icon.config import RunConfig, resolve
from icon.errors import ConfigError, RunError, WrongRunError
from icon.runs.directory import RunDirectory, default_path, fingerprint
from icon.runs.manifest import Manifest, load_manifest, refuse_differences
from icon.runs.records import AssessStage, Inputs, PoolInput, SelectStage, Stages


def test_it_reads_back_as_written(tmp_path):
    manifest = Manifest(
        config=RunConfig(seed=1),
        inputs=Inputs(pool=PoolInput(source="mine.jsonl", digest="d", format="alpaca", rows=3)),
        stages=Stages(select=SelectStage(selector="top", keep="15%", records_selected=1, records_dropped=2)),
        warnings={"score": ("a warning",)},
        status="done",
    )
    manifest.save(tmp_path / "run.json")
    assert load_manifest(tmp_path / "run.json") == manifest


def test_changed_settings_are_refused_with_every_difference(tmp_path):
    directory = RunDirectory(tmp_path)
    directory.open(RunConfig(seed=1, keep="15%", pool="a")).save(directory.manifest_path)
    with pytest.raises(ConfigError) as error:
        directory.open(RunConfig(seed=2, keep="10%", pool="a"))
    assert 'keep: "15%" -> "10%"' in str(error.value)
    assert "seed: 1 -> 2" in str(error.value)
    assert "pool" not in str(error.value).split("\n", 1)[1].split("Use")[0]


def test_the_same_settings_take_the_run_up(tmp_path):
    directory = RunDirectory(tmp_path)
    stages = Stages(assess=AssessStage(digest="d", samples=4))
    directory.open(RunConfig(seed=1)).updated(stages=stages).save(directory.manifest_path)
    assert directory.open(RunConfig(seed=1)).stages == stages


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(RunError, match="not an icon run"):
        RunDirectory(tmp_path).open(RunConfig())


def test_a_run_json_of_more_than_16_mib_is_read_as_it_was_written(tmp_path):
    leaks = {f"{n:016x}": "is a near duplicate of assessment sample " + "0123456789abcdef" * 625 for n in range(2000)}
    stages = Stages(assess=AssessStage(digest="d", samples=4, leaks=leaks))
    Manifest(config=RunConfig(), stages=stages).save(tmp_path / "run.json")
    assert (tmp_path / "run.json").stat().st_size > 16 * 1024 * 1024
    assert load_manifest(tmp_path / "run.json").stages == stages


def test_a_run_json_that_would_be_too_long_to_be_read_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr("icon.runs.manifest.MAX_RUN", 2000)
    stages = Stages(assess=AssessStage(digest="d", samples=4, leaks={f"{n:016x}": "overlaps" for n in range(100)}))
    with pytest.raises(RunError, match=r"valid: fewer than 2,000\. It names every row .* here 100: leave them out"):
        Manifest(config=RunConfig(), stages=stages).save(tmp_path / "run.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 99}', ""])
def test_a_broken_run_json_is_an_error_in_words(tmp_path, text):
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(RunError, match=r"run\.json"):
        load_manifest(path)


def test_the_default_folder_depends_on_the_settings_alone():
    one, again, other = (RunConfig(pool="data/alpaca.jsonl", seed=seed) for seed in (1, 1, 2))
    assert default_path(one) == default_path(again) != default_path(other)
    assert default_path(one).name.startswith("alpaca-")


@pytest.mark.parametrize(("letter", "bytes_of_it"), [("n", 1), ("ü", 2), ("漢", 3)])
def test_a_pool_of_the_longest_name_has_a_default_folder(letter, bytes_of_it):
    path = default_path(resolve({"pool": letter * (249 // bytes_of_it) + ".jsonl"}))  # 255 bytes
    assert path.name.startswith(letter * 80)
    assert len(path.name.encode()) <= 255


def test_the_fingerprint_does_not_depend_on_the_order_of_keys():
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1}) != fingerprint({"a": 1, "b": [3]})


def test_equal_settings_pass():
    refuse_differences("x", {"a": 1}, {"a": 1}, "")


def test_run_json_replays_its_settings(tmp_path):
    config = resolve({"pool": "mine.jsonl", "keep": 0.1, "seed": 5, "scorer_options": {"control": "none"}})
    Manifest(config=config).save(tmp_path / "run.json")
    assert resolve({}, file=str(tmp_path / "run.json")) == config
    assert RunConfig.model_validate(json.loads((tmp_path / "run.json").read_text())["config"]) == config


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"format": 1}, "field 'config': found nothing"),
        ({"format": 1, "config": {}, "stages": []}, r"field 'stages': found \[\]"),
        ({"format": 2, "config": {}, "status": 3}, "field 'status': found 3"),
        (
            {"format": 2, "config": {}, "stages": {"assess": {"digest": "d"}}},
            r"field 'stages.assess.samples': found nothing",
        ),
        ({"format": 2, "config": {"colour": "red"}}, "field 'config.colour': no such field .found 'red'."),
    ],
)
def test_a_file_that_icon_did_not_write_so_is_refused_with_the_field(tmp_path, data, found):
    path = tmp_path / "run.json"
    path.write_text(json.dumps(data))
    with pytest.raises(WrongRunError, match=found):
        load_manifest(path)
