"""Options that exclude one another, or that would have no effect, are refused before anything is read or written."""

import json

import pytest

from icon.cli._settings import collect
from icon.errors import ConfigError


@pytest.fixture
def pool(tmp_path):
    rows = [{"instruction": f"Say {n}.", "input": "", "output": f"{n} is said."} for n in range(8)]
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path / "pool.jsonl"


REFUSED = {
    "run --device cpu --devices cpu,cpu": "--device cpu and --devices cpu,cpu",
    "run --devices 0,1 -o backend.device=cpu": "--devices 0,1 and -o backend.device=cpu",
    "run --device cpu -o backend.device=cuda": "--device and -o backend.device: found the two values 'cpu' and 'cuda'",
    "run --model smollm2 -o backend.model=other": "--model and -o backend.model: found the two values",
    "run --control none -o scorer.control=paired": "--control and -o scorer.control: found the two values",
    "run -o selector.a=1 -o selector.a=2": "-o selector.a: found the two values 1 and 2",
    "run --schedule exact --capture 0.9": "--capture 0.9: it is a setting of races",
    "run --schedule exact --order informative": "--order informative: it is a setting of races",
    "run pool.jsonl --split test": "--split test: the pool pool.jsonl is one file",
    "run --split test": "--split test: the pool demo is one file",
    "run --selector top --features lexical --scorer length": "top: features: no such option",
    "run --preset paper --features lexical --backend fake": "lora: features: no such option",
    "run --template chat -o backend.special_tokens=false": "template chat and backend option special_tokens=false",
    "run --backend torch --devices cpu,cpu -o backend.spread=true": "spread without --devices",
    "run --backend torch --device cuda:1 -o backend.spread=true": "spread=true puts the layers on all GPUs",
    "assess --devices cpu,cpu": "nothing is scored here",
    "score mine --device cpu --devices cpu": "--device cpu and --devices cpu",
    "run --executor processes": "--executor processes: found no devices; valid: --devices 0,1",
    "run --executor local --devices cpu,cpu": "several devices are those of --executor processes",
    "run --devices cpu,cpu -o executor.devices=cpu": "--devices cpu,cpu and -o executor.devices=cpu: valid: one",
    "run pool.jsonl --executor proceses --devices cpu": "no executor named 'proceses'; installed: local, processes",
    "run pool.jsonl -o executor.address=here": "local: address: no such option (found 'here'); local takes none",
    "assess --executor local --devices cpu": "nothing is scored here",
    "score mine --share 1/2 --executor processes -o executor.devices=cpu": "--share 1/2 and --executor processes",
    "score mine -o scorer.control=none": "--option scorer.control: it is a setting of the run",
    "score mine --share 1/2 --json": "--share 1/2 and --json",
    "show-prompt demo 0 --task 2": "--task 2: there is no set to take it from",
    "select mine -o scorer.control=none": "takes options of the selector only",
    "select mine --features lexical -o selector.features=embedding": "--features and -o selector.features: found",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_excludes_one_another_is_refused_with_code_2(command_line, tmp_path, pool, words):
    if "torch" in words or "lora" in REFUSED[words]:
        pytest.importorskip("icon_torch", reason="the backends are not installed")
    done = command_line(*words.split(), code=2)
    assert REFUSED[words] in " ".join(done.stderr.split())
    assert [path.name for path in tmp_path.iterdir()] == ["pool.jsonl"]


def test_the_same_value_given_twice_is_one_value():
    found = collect({"model": "smollm2", "option": ["backend.model=smollm2", "backend.model=smollm2"]})
    assert found.backend_options == {"model": "smollm2"}


def test_features_mean_the_classifier_only_where_no_selector_is_named(tmp_path):
    assert collect({"features": "lexical"}).selector == "classifier"
    (tmp_path / "mine.toml").write_text('selector = "diverse"\n')
    found = collect({"features": "lexical", "config": str(tmp_path / "mine.toml")})
    assert (found.selector, found.selector_options) == ("diverse", {"features": "lexical"})


def test_what_a_file_says_may_be_overridden_by_devices(tmp_path):
    (tmp_path / "mine.toml").write_text('backend_options = { device = "cpu" }\n')
    collect({"devices": "cpu,cpu", "config": str(tmp_path / "mine.toml")})


def test_a_split_beside_a_pool_of_a_settings_file_is_not_checked_against_the_demo(tmp_path):
    (tmp_path / "mine.toml").write_text('pool = "somebody/data"\n')
    assert collect({"split": "test", "config": str(tmp_path / "mine.toml")}).split == "test"


def test_a_setting_of_races_says_so_where_every_pair_is_measured(command_line, tmp_path, pool):
    options = "--scorer length --baseline random --capture 0.9 --no-report --out mine"
    command_line("run", "pool.jsonl", *options.split(), code=0)
    warnings = json.loads((tmp_path / "mine/run.json").read_text())["warnings"]["score"]
    assert [
        warning.startswith("capture 0.9: without effect, since every pair is measured") for warning in warnings
    ] == [True]


def test_tokens_are_skipped_in_vain_by_a_scorer_without_a_model_and_it_says_so(command_line, tmp_path, pool):
    options = "--scorer length --baseline random --skip-tokens 2 --no-report --out mine"
    command_line("run", "pool.jsonl", *options.split(), code=0)
    warnings = json.loads((tmp_path / "mine/run.json").read_text())["warnings"]["score"]
    assert warnings == ["skip_tokens and primed: without effect on the scorer length, which uses no model"]


def test_a_dry_run_on_several_devices_says_whose_time_it_gives(capsys):
    from icon.cli.plan import show_plan
    from icon.pipeline.plan import RunPlan

    counts = dict.fromkeys(
        ("rows", "candidates", "candidates_to_score", "assessment_samples", "pairs", "pairs_exact"), 1
    )
    texts = {"pool": "p", "schedule": "exact", "budget": None, "run_directory": "r"}
    show_plan(RunPlan(passes=1, tokens=1, seconds=3.0, **counts, **texts), ("cpu", "cpu"), as_json=True)
    assert "the time is that of one device, measured on cpu; 2 share the scoring" in capsys.readouterr().err


def test_values_that_differ_name_both():
    with pytest.raises(ConfigError, match="'a' and 'b'"):
        collect({"dtype": "a", "option": ["backend.dtype=b"]})
