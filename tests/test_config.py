"""Settings: all faults at once, the later ones win, and nothing is guessed."""

import pytest

from icon.config import PRESETS, RunConfig, merge, parse_keep, resolve
from icon.errors import ConfigError
from icon.pipeline.builtin import default_plugins


@pytest.mark.parametrize(
    ("text", "n", "kept"),
    [
        ("15%", 4000, 600),
        ("0.15", 4000, 600),
        ("500", 4000, 500),
        ("7", 5, 5),
        ("1%", 10, 1),
        (".5", 3, 2),
        ("100%", 8, 8),
    ],
)
def test_keep_is_a_share_or_a_count(text, n, kept):
    assert parse_keep(text).of(n) == kept


@pytest.mark.parametrize("text", ["0", "0%", "-1", "1.5", "150%", "abc", "", "1e3", "%", "nan"])
def test_any_other_keep_is_refused_saying_what_is_valid(text):
    with pytest.raises(ConfigError, match=r"15% or 0\.15, or a count"):
        resolve({"keep": text})


def test_all_faults_are_reported_at_once():
    with pytest.raises(ConfigError) as error:
        resolve({"keep": "x", "seed": -1, "colour": "red", "turns": "first"})
    for name in ("keep", "seed", "colour", "turns"):
        assert name in str(error.value)


def test_later_settings_win(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('seed = 2\nkeep = "10%"\nsubset = 9\n')
    config = resolve({"pool": "p.jsonl", "seed": 3}, preset="paper", file=str(file))
    assert (config.seed, config.keep, config.subset, config.selector) == (3, "10%", 9, "lora")


def test_options_merge_while_the_strategy_stays_and_go_when_it_changes():
    base = {"scorer": "icon", "scorer_options": {"control": "paired", "match": "characters"}}
    assert merge(base, {"scorer_options": {"control": "none"}})["scorer_options"] == {
        "control": "none",
        "match": "characters",
    }
    assert merge(base, {"scorer": "length"})["scorer_options"] == {}
    assert merge(base, {"scorer": "length", "scorer_options": {"unit": "words"}})["scorer_options"] == {"unit": "words"}


def test_the_demo_pool_has_its_own_settings_and_others_do_not():
    assert resolve({}).audit_field == "planted"
    assert resolve({"pool": "mine.jsonl"}) == RunConfig(pool="mine.jsonl")
    assert resolve({"pool": "mine.jsonl"}).assessment == "stratified"


def test_every_preset_validates():
    for name in PRESETS:
        config = resolve({"pool": "mine.jsonl"}, preset=name)
        default_plugins().get("scorer", config.scorer).validate(dict(config.scorer_options))


def test_the_preset_paper_with_a_bank_is_refused_saying_what_to_do():
    settings = {"pool": "mine.jsonl", "scorer_options": {"control": "random"}}
    options = dict(resolve(settings, preset="paper").scorer_options)
    with pytest.raises(ConfigError, match=r"found 'characters' with control 'random'.*Set match to tokens"):
        default_plugins().get("scorer", "icon").validate(options)


@pytest.mark.parametrize("preset", ["paper", "released"])
def test_a_preset_of_the_publication_keeps_the_published_score_which_is_not_the_default(preset):
    assert resolve({"pool": "mine.jsonl"}, preset=preset).scorer == "icon"
    assert resolve({"pool": "mine.jsonl"}).scorer == "nuggets"


def test_the_preset_released_is_the_paper_s_but_for_what_the_released_code_does_otherwise():
    paper, released = (resolve({"pool": "mine.jsonl"}, preset=name).model_dump() for name in ("paper", "released"))
    limits = {"max_prompt_tokens", "max_demonstration_tokens", "max_response_tokens"}
    assert {name for name in paper if paper[name] != released[name]} == {
        *("scorer_options", "backend_options", "subset_draw"),
        *limits,
    }
    assert {name: paper[name] - released[name] for name in limits} == dict.fromkeys(limits, 1)  # theirs count the BOS
    assert released["backend_options"]["dtype"] == "float16"


@pytest.mark.parametrize("text", ["seed = ", "= 3", "\x00"])
def test_a_malformed_settings_file_is_named(tmp_path, text):
    file = tmp_path / "bad.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"bad\.toml"):
        resolve({}, file=str(file))


def test_a_missing_settings_file_and_an_unknown_preset_are_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml"):
        resolve({}, file=str(tmp_path / "none.toml"))
    with pytest.raises(ConfigError, match="valid: paper"):
        resolve({}, preset="papers")


@pytest.mark.parametrize("text", ["150%", "0%", "0", "1.5", "-1", "most"])
def test_an_amount_out_of_range_says_the_range(text):
    with pytest.raises(ValueError, match=r"a share above 0% and up to 100%, a count of at least 1"):
        parse_keep(text)
