"""Each format's records become the samples their authors meant."""

from __future__ import annotations

import pytest

from icon.errors import BadRowsError
from icon.samples import builtin_readers, load_samples
from icon.samples.formats.readers import recognise
from icon.types import Message
from support.reading import only

USER = Message("user", "Add 2 and 3.")


@pytest.mark.parametrize("record", [{"input": "2, 3"}, {"input": ""}, {"input": None}, {"input": " \n"}, {}])
def test_alpaca_keeps_its_input_apart(write, record):
    sample = only(write, {"instruction": "Add 2 and 3.", **record, "output": "5"}, format="alpaca")
    assert (sample.messages, sample.response) == ((USER,), "5")
    assert sample.passage == ("2, 3" if record.get("input") == "2, 3" else "")
    assert (sample.passage_label, sample.rendered, sample.group, sample.source) == ("Input", False, None, None)


def test_dolly_has_a_context_and_its_category_as_group(write):
    record = {"instruction": "Who wrote it?", "context": "By Ann.", "response": "Ann", "category": "closed_qa"}
    sample = only(write, record)
    assert (sample.instruction, sample.passage, sample.passage_label) == ("Who wrote it?", "By Ann.", "Context")
    assert sample.group == "closed_qa"


@pytest.mark.parametrize(("system", "turns"), [("Be brief.", 2), ("", 1), (None, 1)])
def test_openorca_has_a_system_prompt_unless_it_is_empty(write, system, turns):
    sample = only(write, {"id": "niv.1", "system_prompt": system, "question": "Add 2 and 3.", "response": "5"})
    assert len(sample.messages) == turns
    assert (sample.system, sample.instruction) == (system or "", "Add 2 and 3.")


def test_question_and_answer(write):
    sample = only(write, {"question": "Add 2 and 3.", "answer": "2 + 3 = 5\n#### 5"})
    assert (sample.messages, sample.response, sample.passage) == ((USER,), "2 + 3 = 5\n#### 5", "")


def test_the_context_of_a_question_is_its_passage(write):
    sample = only(write, {"question": "How many?", "context": "CREATE TABLE t", "answer": "SELECT COUNT(*) FROM t"})
    assert (sample.passage, sample.passage_label) == ("CREATE TABLE t", "Context")


@pytest.mark.parametrize("answer", ["completion", "response"])
def test_prompt_and_completion_as_texts(write, answer):
    sample = only(write, {"prompt": "### Instruction:\nAdd.\n\n### Response:", answer: "5"})
    assert (sample.instruction, sample.response) == ("### Instruction:\nAdd.\n\n### Response:", "5")
    assert sample.rendered is False


def test_prompt_and_completion_as_messages_count_the_turns_before(write):
    prompt = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    prompt.append({"role": "user", "content": "Add 2 and 3."})
    sample = only(write, {"prompt": prompt, "completion": [{"role": "assistant", "content": "5"}]})
    assert (sample.history, sample.instruction) == (
        (Message("user", "Hi"), Message("assistant", "Hello")),
        USER.content,
    )
    assert (sample.response, sample.turn) == ("5", 1)


def test_a_rendered_prompt_is_finished_and_names_its_source(write):
    record = {"dataset": "Dolly", "inputs": "### Response:", "response": "Yes", "group": "open_qa"}
    sample = only(write, record)
    assert (sample.instruction, sample.rendered, sample.source, sample.group) == (
        "### Response:",
        True,
        "Dolly",
        "open_qa",
    )


def test_openai_text_parts_follow_each_other_directly(write):
    parts = [{"type": "text", "text": "Add 2"}, {"type": "text", "text": " and 3."}]
    turns = [{"role": "user", "content": parts}, {"role": "assistant", "content": "5"}]
    assert only(write, {"messages": turns}).messages == (USER,)


@pytest.mark.parametrize("field", ["conversations", "conversation"])
@pytest.mark.parametrize(
    "turns",
    [
        [{"from": "human", "value": "Add 2 and 3."}, {"from": "gpt", "value": "5"}],
        [{"from": "user", "value": "Add 2 and 3."}, {"from": "assistant", "value": "5"}],
        [{"role": "user", "content": "Add 2 and 3."}, {"role": "assistant", "content": "5"}],
    ],
)
def test_sharegpt_reads_its_spellings(write, field, turns):
    sample = only(write, {field: turns})
    assert (sample.messages, sample.response) == ((USER,), "5")


def test_group_comes_before_category_and_odd_values_are_no_group(write):
    base = {"instruction": "Add 2 and 3.", "output": "5"}
    assert only(write, {**base, "group": "maths", "category": "sums"}).group == "maths"
    assert only(write, {**base, "group": None, "category": "sums"}).group == "sums"
    assert only(write, {**base, "category": 7}).group == "7"
    assert only(write, {**base, "category": ["a", "b"]}).group is None


def test_the_users_group_field_wins(write):
    record = {"instruction": "Add 2 and 3.", "output": "5", "group": "maths", "level": "easy"}
    assert only(write, record, group_field="level").group == "easy"


def test_other_fields_leave_no_trace_in_a_sample(write):
    bare = {"instruction": "Add 2 and 3.", "input": "", "output": "5"}
    assert only(write, {**bare, "planted": "garbled", "kind": "arithmetic"}) == only(write, bare)


def test_every_builtin_format_is_recognised_by_itself_alone():
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    records = {
        "alpaca": {"instruction": "q", "input": "", "output": "a"},
        "sharegpt": {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]},
        "messages": {"messages": turns},
        "prompt-completion": {"prompt": "q", "completion": "a"},
        "preference": {"prompt": "q", "chosen": "a", "rejected": "b"},
        "dolly": {"instruction": "q", "context": "", "response": "a", "category": "open_qa"},
        "openorca": {"system_prompt": "", "question": "q", "response": "a"},
        "question-answer": {"question": "q", "answer": "a"},
        "rendered": {"dataset": "d", "inputs": "q", "response": "a", "group": "g"},
        "input-output": {"input": "q", "output": "a"},
        "text": {"text": "### Human: q\n### Assistant: a"},
    }
    readers = builtin_readers()
    assert set(records) == set(readers)
    for name, record in records.items():
        assert recognise("x", [record], readers) == name


def test_alpaca_with_a_system_prompt_and_a_history_is_read_whole(write):
    """As LLaMA-Factory has it, and as `icon export --to llamafactory` writes it."""
    record = {"instruction": "Add 2 and 3.", "output": "5", "system": "Be brief.", "history": [["Add 1.", "To what?"]]}
    sample = only(write, record, format="alpaca")
    assert sample.messages == (
        Message("system", "Be brief."),
        Message("user", "Add 1."),
        Message("assistant", "To what?"),
        USER,
    )
    assert only(write, {**record, "system": "", "history": []}, format="alpaca").messages == (USER,)
    with pytest.raises(BadRowsError, match=r"history\[0\].*list of \[question, answer\] pairs"):
        only(write, {**record, "history": ["Add 1."]}, format="alpaca")


def test_sharegpt_may_have_its_system_prompt_beside_the_turns(write):
    turns = [{"from": "human", "value": "Add 2 and 3."}, {"from": "gpt", "value": "5"}]
    assert only(write, {"conversations": turns, "system": "Be brief."}).messages == (
        Message("system", "Be brief."),
        USER,
    )
    twice = [{"from": "system", "value": "Be long."}, *turns]
    with pytest.raises(BadRowsError, match="another system prompt"):
        only(write, {"conversations": twice, "system": "Be brief."})


def test_a_record_of_which_a_reader_makes_nothing_is_a_bad_row(write):
    class Forgetful:
        name = "forgetful"

        def matches(self, record):
            return True

        def samples(self, record, row, *, every_turn):
            return []

    with pytest.raises(BadRowsError, match="the reader makes no sample"):
        load_samples(write([{"a": "b"}]), format="forgetful", readers={"forgetful": Forgetful()})
