"""Rating prompts: those that come along, and those of a file."""

import json

import pytest

import icon
from icon.errors import ConfigError
from icon.testing import FakeBackend
from icon_selectit.prompts import digest, fill, load_prompts


def test_five_come_along_all_different():
    prompts = load_prompts(None)
    assert len(set(prompts)) == len(prompts) == 5


def test_a_file_holds_prompts_with_a_line_of_dashes_between_them(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("\nRate {prompt}\n\nand {response}.\n---  \nQ: {prompt} A: {response} --- 1 to 5?\n", "utf-8")
    assert load_prompts(str(path)) == ["Rate {prompt}\n\nand {response}.", "Q: {prompt} A: {response} --- 1 to 5?"]


def test_prompts_without_a_placeholder_are_all_named(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("{prompt} {response}\n---\nRate {prompt}.\n---\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_prompts(str(path))
    told = str(caught.value)
    assert str(path) in told
    assert "prompt 2: found no {response}" in told
    assert "prompt 3: found no {prompt}" in told
    assert "prompt 3: found no {response}" in told
    assert "prompt 1" not in told


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "mine.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"scorer\.prompts: .*mine\.txt: cannot be read"):
        load_prompts(str(path))


def test_placeholders_and_braces_in_the_sample_stay_as_they_are():
    found = fill("P: {prompt} R: {response}", "what is {response}?", 'f"{x}" {prompt}')
    assert found == 'P: what is {response}? R: f"{x}" {prompt}'


def test_the_digest_tells_prompts_and_their_borders_apart():
    assert digest(["a", "b"]) == digest(["a", "b"])
    assert len({digest(each) for each in (["a", "b"], ["b", "a"], ["ab"], ["a"])}) == 4


def test_a_finished_run_refuses_prompts_that_changed(tmp_path):
    pool, prompts = tmp_path / "pool.jsonl", tmp_path / "prompts.txt"
    pool.write_text("".join(json.dumps({"instruction": f"q {n}", "output": f"a {n}"}) + "\n" for n in range(4)))
    prompts.write_text("Rate from 1 to 5.\n{prompt}\n{response}")
    given = {"scorer": "selectit", "scorer_options": {"prompts": str(prompts)}, "baselines": (), "selector": "top"}
    given |= {"backend": FakeBackend(), "out": tmp_path / "run", "keep": 2, "report": False}
    icon.run(pool, **given)
    assert icon.run(pool, **given).rows
    prompts.write_text("Judge from 1 to 5.\n{prompt}\n{response}")
    with pytest.raises(ConfigError, match=r"prompts\.txt"):
        icon.run(pool, **given)
