"""What a question with its answer in one object holds beside them is a loss as in a turn with a role."""

from __future__ import annotations

import pytest

import icon
from icon.errors import InputError


def records(**more):
    return [
        {"conversation": [{"input": "q1", "output": "a1", **more}, {"input": "q2", "output": "a2 " * 9}]},
        {"conversation": [{"input": "q3", "output": "a3"}]},
    ]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"weight": 0}, r"conversation\[0\].weight marks a turn that is not to be learned"),
        ({"thinking": "Hm."}, r"conversation\[0\].thinking was not scored"),
        ({"tool_calls": [{"name": "f", "arguments": {}}]}, r"conversation\[0\].tool_calls has no place"),
    ],
)
def test_a_mark_a_thought_or_a_call_is_a_loss_until_it_is_ignored(make_run, more, words):
    (name,) = more
    pool = records(**more)
    with pytest.raises(InputError, match=words):
        icon.export(make_run(pool, keep=1), "trl")
    done = icon.export(make_run(pool, keep=1, name="ignoring", ignore=[name]), "trl")
    assert done["files"]


def test_a_question_with_its_answer_and_nothing_else_is_exported(make_run, read_lines):
    done = icon.export(make_run(records(), keep=1), "trl")
    (row,) = read_lines(next(path for path in done["files"] if path.endswith(".jsonl")))
    assert [turn["content"] for turn in row["messages"]] == ["q1", "a1", "q2", "a2 " * 9]
