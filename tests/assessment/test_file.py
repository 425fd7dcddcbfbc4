"""Target tasks from a file: all of it or a stratified part, and whatever was left out is told."""

import json
from collections import Counter

import pytest

from icon.errors import BadRowsError, ConfigError
from icon.pipeline.builtin import builder_strategies
from icon.plugins import AssessmentTask


@pytest.fixture
def build():
    strategies = {strategy.name: strategy for strategy in builder_strategies()}

    def built(name, size=None, seed=0, pool=(), **options):
        builder = strategies[name].make(options)
        return builder.build(AssessmentTask(pool, size, seed)), builder

    return built


def records(**counts):
    return [
        {"instruction": f"Name {group} number {i}.", "output": f"Number {i}.", "group": group}
        for group, n in counts.items()
        for i in range(n)
    ]


def test_without_a_size_every_sample_comes_out_once(build, write):
    built, builder = build("file", path=write(records(a=9, b=3)))
    assert sorted(sample.row for sample in built) == list(range(12))
    assert Counter(sample.group for sample in built[:4]) == {"a": 3, "b": 1}
    assert (builder.held_out, builder.notes) == (False, [])


def test_a_size_is_drawn_in_proportion_to_groups(build, write):
    built, _ = build("file", size=4, path=write(records(a=9, b=3)))
    assert Counter(sample.group for sample in built) == {"a": 3, "b": 1}


def test_a_size_beyond_the_file_takes_all_and_says_so(build, write):
    built, builder = build("file", size=50, path=write(records(a=3)))
    assert len(built) == 3
    assert "50 samples asked for, 3 found" in builder.notes[0]


def test_named_columns_and_group_field(build, write):
    path = write([{"q": "Who wrote it?", "a": "Nobody knows.", "kind": "k"}])
    (sample,), _ = build("file", path=path, columns={"prompt": "q", "response": "a"}, group_field="kind")
    assert (sample.instruction, sample.response, sample.group) == ("Who wrote it?", "Nobody knows.", "k")


def test_bad_rows_are_refused_or_noted(build, write):
    path = write([*records(a=2), {"instruction": "Name nothing.", "output": ""}, *records(a=1)])
    with pytest.raises(BadRowsError, match="line 3"):
        build("file", path=path)
    built, builder = build("file", path=path, on_bad_row="skip")
    assert len(built) == 2
    assert "1 bad rows skipped" in builder.notes[0]
    assert "1 duplicates" in builder.notes[1]


def test_a_path_is_required(build):
    with pytest.raises(ConfigError, match="path"):
        build("file")


def test_the_demo_set_has_three_groups_of_twelve(build):
    built, builder = build("demo")
    assert sorted(Counter(sample.group for sample in built).values()) == [12] * 3
    assert not builder.held_out
    half, _ = build("demo", size=18)
    assert sorted(Counter(sample.group for sample in half).values()) == [6] * 3
    assert {sample.id for sample in half} < {sample.id for sample in built}


def test_the_released_set_is_read_as_it_is(build, shared_data):
    built, _ = build("file", path=str(shared_data / "assessment_1020.jsonl"))
    assert Counter(Counter((sample.source, sample.group) for sample in built).values()) == {100: 4, 75: 4, 40: 8}
    assert all(sample.rendered and sample.instruction.rstrip().endswith("### Response:") for sample in built)
    tenth, _ = build("file", size=102, seed=1, path=str(shared_data / "assessment_1020.jsonl"))
    # quotas 10, 7.5 and 4: of the four halves the first two by name are rounded up
    counts = Counter((sample.source, sample.group) for sample in tenth)
    assert [counts["OpenOrca_ChatGPT", group] for group in ("cot", "flan", "niv", "t0")] == [8, 8, 7, 7]
    assert {counts["OpenOrca_GPT4", group] for group in ("cot", "flan", "niv", "t0")} == {10}


def test_records_are_read_as_those_of_a_pool_where_the_options_say_so(tmp_path, build):
    """A call of a tool, the rejected answer of a pair, and what follows a mark."""
    call = {"role": "assistant", "content": None, "tool_calls": [{"name": "f", "arguments": {}}]}
    cases = [
        ({"messages": [{"role": "user", "content": "q"}, call]}, {"tool_calls": "response"}, "<tool_call>"),
        ({"prompt": "q", "chosen": "a", "rejected": "b"}, {"preference": "rejected"}, "b"),
        ({"text": "Q: q A: a"}, {"response_after": "A:"}, "a"),
    ]
    for number, (record, options, answer) in enumerate(cases):
        path = tmp_path / f"{number}.jsonl"
        path.write_text(json.dumps(record) + "\n")
        (sample,), _ = build("file", path=str(path), **options)
        assert sample.response.startswith(answer)
