"""What a record holds for the model beside its turns is in the sample, or the row is a bad one that says what it is."""

from __future__ import annotations

import json

import pytest

from icon.samples import load_samples
from icon.types import Message
from support.reading import fault, only

USER, ANSWER = Message("user", "Is it raining?"), "No, it is dry."
SYSTEM = Message("system", "Answer like a sailor.")
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}

HOLDERS = {
    "alpaca": {"instruction": USER.content, "output": ANSWER},
    "dolly": {"instruction": USER.content, "response": ANSWER},
    "openorca": {"question": USER.content, "response": ANSWER},
    "question-answer": {"question": USER.content, "answer": ANSWER},
    "prompt-completion": {"prompt": USER.content, "completion": ANSWER},
    "messages": {"messages": [{"role": "user", "content": USER.content}, {"role": "assistant", "content": ANSWER}]},
    "sharegpt": {"conversations": [{"from": "human", "value": USER.content}, {"from": "gpt", "value": ANSWER}]},
    "lima": {"conversations": [USER.content, ANSWER]},
    "capybara": {"conversation": [{"input": USER.content, "output": ANSWER}]},
    "preference": {"prompt": USER.content, "chosen": ANSWER, "rejected": "Yes."},
}
"""One question and its answer in every shape."""


every_shape = pytest.mark.parametrize("shape", HOLDERS)


@every_shape
def test_a_record_without_more_is_its_question_and_answer(write, shape):
    sample = only(write, HOLDERS[shape])
    assert (sample.messages, sample.response, sample.tools, sample.uses_tools) == ((USER,), ANSWER, "", False)


@every_shape
@pytest.mark.parametrize("name", ["system", "system_prompt", "system_message"])
def test_a_system_prompt_beside_the_turns_is_the_first_turn(write, shape, name):
    assert only(write, {**HOLDERS[shape], name: SYSTEM.content}).messages == (SYSTEM, USER)
    for nothing in (None, "", " "):
        assert only(write, {**HOLDERS[shape], name: nothing}).messages == (USER,)


def test_two_system_prompts_are_one_only_where_they_say_the_same(write):
    turns = [{"role": "system", "content": SYSTEM.content}, *HOLDERS["messages"]["messages"]]
    assert only(write, {"messages": turns, "system": SYSTEM.content}).messages == (SYSTEM, USER)
    assert "another system prompt" in fault(write, {"messages": turns, "system": "Be brief."}).found
    two = {**HOLDERS["alpaca"], "system": "Be brief.", "system_prompt": SYSTEM.content}
    assert fault(write, two).field == "system_prompt"


@every_shape
def test_a_history_comes_before_the_question(write, shape):
    sample = only(write, {**HOLDERS[shape], "history": [["Ahoy", "Ahoy!"]], "system": SYSTEM.content})
    assert sample.messages == (SYSTEM, Message("user", "Ahoy"), Message("assistant", "Ahoy!"), USER)


def test_a_history_beside_earlier_turns_is_ambiguous(write):
    long = {"conversations": ["a", "b", "c", "d"], "history": [["e", "f"]]}
    assert fault(write, long).field == "history"


@every_shape
@pytest.mark.parametrize("tools", [[TOOL], json.dumps([TOOL]), [json.dumps(TOOL)]], ids=["list", "JSON", "JSONs"])
def test_tools_are_a_part_of_the_sample(write, shape, tools):
    sample = only(write, {**HOLDERS[shape], "tools": tools})
    assert json.loads(sample.tools) == [TOOL]
    assert sample.uses_tools


def test_functions_are_tools_in_their_present_form_and_nulls_of_tables_are_left_out(write):
    old = {"name": "weather", "parameters": {"type": "object"}, "strict": None}
    assert json.loads(only(write, {**HOLDERS["messages"], "functions": [old]}).tools) == [TOOL]


@pytest.mark.parametrize("tools", [None, [], "", "[]", " [] ", "null"])
def test_no_tools_are_none(write, tools):
    assert only(write, {**HOLDERS["sharegpt"], "tools": tools}) == only(write, HOLDERS["sharegpt"])


@pytest.mark.parametrize("tools", ["weather", {"name": "weather"}])
def test_what_is_no_list_of_tools_is_a_bad_row(write, tools):
    assert fault(write, {**HOLDERS["sharegpt"], "tools": tools}).field == "tools"


CALL = {"type": "function", "function": {"name": "weather", "arguments": {"at": "sea"}}}
AS_OPENAI = [
    {"role": "user", "content": "Is it raining?"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"at": "sea"}'}}],
    },
    {"role": "tool", "tool_call_id": "c1", "name": "weather", "content": "dry"},
    {"role": "assistant", "content": ANSWER},
]


def test_calls_and_results_of_tools_are_the_context_of_a_later_answer(write):
    sample = only(write, {"messages": AS_OPENAI})
    assert [(turn.role, turn.content) for turn in sample.messages] == [
        ("user", "Is it raining?"),
        ("assistant", ""),
        ("tool", "dry"),
    ]
    assert json.loads(sample.messages[1].beside) == {"content": None, "tool_calls": [{"id": "c1", **CALL}]}
    assert json.loads(sample.messages[2].beside) == {"tool_call_id": "c1", "name": "weather"}
    assert (sample.response, sample.turn, sample.instruction) == (ANSWER, 1, "Is it raining?")


def test_sharegpts_calls_and_observations_are_the_same(write):
    turns = [
        {"from": "human", "value": "Is it raining?"},
        {"from": "function_call", "value": '{"name": "weather", "arguments": {"at": "sea"}}'},
        {"from": "observation", "value": "dry"},
        {"from": "gpt", "value": ANSWER},
    ]
    sample = only(write, {"conversations": turns})
    assert json.loads(sample.messages[1].beside) == {"tool_calls": [CALL]}
    assert (sample.messages[2], sample.response) == (Message("tool", "dry"), ANSWER)


@pytest.mark.parametrize(("call", "result"), [("tool_call", "tool_response"), ("function-call", "function-response")])
def test_calls_and_results_have_roles_of_other_names_too(write, call, result):
    texts = ("Is it raining?", '{"name": "weather", "arguments": {"at": "sea"}}', "dry", ANSWER)
    roles = ("user", call, result, "assistant")
    for field, role, content in (("messages", "role", "content"), ("conversations", "from", "value")):
        turns = [{role: name, content: text} for name, text in zip(roles, texts, strict=True)]
        sample = only(write, {field: turns})
        assert json.loads(sample.messages[1].beside) == {"tool_calls": [CALL]}
        assert (sample.messages[2], sample.response) == (Message("tool", "dry"), ANSWER)


def test_an_old_function_call_is_a_tool_call(write):
    turns = [
        {"role": "user", "content": "Is it raining?"},
        {"role": "assistant", "content": "", "function_call": {"name": "weather", "arguments": '{"at": "sea"}'}},
        {"role": "function", "name": "weather", "content": "dry"},
        {"role": "assistant", "content": ANSWER},
    ]
    sample = only(write, {"messages": turns})
    assert json.loads(sample.messages[1].beside) == {"tool_calls": [CALL]}
    assert sample.messages[2].role == "tool"


@pytest.mark.parametrize("text", [None, "", "Let me see."])
def test_an_answer_that_calls_a_tool_is_no_response(write, text):
    record = {"messages": [AS_OPENAI[0], {**AS_OPENAI[1], "content": text}]}
    assert fault(write, record).field == "messages[1]"
    unfinished = {"messages": [*AS_OPENAI, AS_OPENAI[0], {**AS_OPENAI[1], "content": text}]}
    assert fault(write, unfinished).field == "messages[5]"


def test_of_every_turn_the_calls_are_no_candidates(write):
    (sample,) = load_samples(write([{"messages": AS_OPENAI}]), every_turn=True).samples
    assert (sample.turn, sample.response) == (1, ANSWER)


def test_a_call_that_is_ignored_leaves_its_text(write):
    record = {"messages": [AS_OPENAI[0], {**AS_OPENAI[1], "content": "Let me see."}]}
    assert only(write, record, ignore=["tool_calls"]).response == "Let me see."
    as_json = {"messages": json.dumps(record["messages"])}
    assert only(write, as_json, ignore=["tool_calls"]) == only(write, record, ignore=["tool_calls"])


NO_PLACE = [
    ("image", {"bytes": "x", "path": None}),
    ("images", ["a.png"]),
    ("video", "a.mp4"),
    ("videos", ["a.mp4"]),
    ("audio", "a.wav"),
    ("audios", ["a.wav"]),
    ("documents", [{"text": "a"}]),
    ("choices", ["yes", "no"]),
    ("options", {"A": "yes", "B": "no"}),
    ("chat_template_kwargs", {"enable_thinking": False}),
    ("loss_mask", [0, 1]),
    ("label_mask", [0, 1]),
    ("kto_tag", False),
    ("kto_tag", "false"),
    ("kto_tag", 0),
    ("label", False),
]


def refused_until_ignored(write, shape, name, value):
    record = {**HOLDERS[shape], name: value}
    found = fault(write, record)
    assert (found.where, found.field) == ("line 1", name)
    assert f"--ignore {name}" in found.valid
    assert only(write, record, ignore=[name]) == only(write, HOLDERS[shape])


@pytest.mark.parametrize(("name", "value"), NO_PLACE)
def test_what_text_cannot_carry_is_a_bad_row_until_the_user_ignores_it(write, name, value):
    refused_until_ignored(write, "messages", name, value)


@every_shape
def test_pictures_are_refused_in_every_shape(write, shape):
    refused_until_ignored(write, shape, "images", ["a.png"])


@every_shape
@pytest.mark.parametrize(
    ("name", "value"), [("images", []), ("kto_tag", True), ("label", True), ("label", "entailment")]
)
def test_fields_that_hold_nothing_against_a_record_change_nothing(write, shape, name, value):
    assert only(write, {**HOLDERS[shape], name: value}) == only(write, HOLDERS[shape])


@pytest.mark.parametrize("text", ["[1, 2]", '[{"a": 1}]', "[not JSON", '[{"role": "user"}]'])
def test_a_text_in_brackets_stays_a_text_whatever_is_ignored(write, text):
    record = {"instruction": "Sort 2, 1.", "output": text, "images": ["a.png"]}
    assert only(write, record, ignore=["images"]).response == text


@pytest.mark.parametrize("value", [None, [], [None], {"bytes": None, "path": None}, [{"path": None}], "[]"])
def test_tables_have_columns_of_nothing_which_hold_nothing(write, value):
    assert only(write, {**HOLDERS["messages"], "images": value}) == only(write, HOLDERS["messages"])


def test_pictures_within_a_turn_are_named_with_their_place(write):
    turns = [{"role": "user", "content": "Who?", "images": ["a.png"]}, {"role": "assistant", "content": ANSWER}]
    assert fault(write, {"messages": turns}).field == "messages[0].images"
    assert only(write, {"messages": turns}, ignore=["images"]).response == ANSWER
    tools = {"messages": [{"role": "user", "content": "Who?", "tools": [TOOL]}, turns[1]]}
    assert fault(write, tools).field == "messages[0].tools"


def test_a_kto_tag_as_text_beside_a_completion_counts_too(write):
    assert fault(write, {**HOLDERS["prompt-completion"], "label": "False"}).field == "label"
    assert only(write, {**HOLDERS["alpaca"], "label": "False"}).response == ANSWER  # the name of a class


THOUGHT = "Look at the sky.\nIt is blue."


REASONING = ["reasoning_content", "reasoning", "thinking", "thinking_content", "thought", "chain_of_thought"]


@pytest.mark.parametrize(
    ("shape", "name"), [*((shape, "thinking") for shape in HOLDERS), *(("alpaca", name) for name in REASONING)]
)
def test_reasoning_beside_an_answer_becomes_what_the_user_says(write, shape, name):
    record = {**HOLDERS[shape], name: THOUGHT}
    assert "--reasoning response" in fault(write, record).valid
    response = only(write, record, reasoning="response").response
    assert response == "<think>\nLook at the sky.\nIt is blue.\n</think>\n\nNo, it is dry."
    assert only(write, record, reasoning="ignore").response == ANSWER
    assert only(write, record, ignore=[name]) == only(write, HOLDERS[shape])


def test_reasoning_within_a_turn_belongs_to_that_turn(write):
    turns = [
        {"role": "user", "content": "Ahoy"},
        {"role": "assistant", "content": "Ahoy!", "thinking": "A sailor."},
        {"role": "user", "content": "Is it raining?"},
        {"role": "assistant", "content": ANSWER, "thinking": "Look up."},
    ]
    first, last = load_samples(write([{"messages": turns}]), every_turn=True, reasoning="response").samples
    assert first.response == "<think>\nA sailor.\n</think>\n\nAhoy!"
    assert last.response == "<think>\nLook up.\n</think>\n\nNo, it is dry."
    assert last.messages[1] == Message("assistant", "Ahoy!", reasoning="A sailor.")
    assert fault(write, {"messages": turns}).field == "reasoning"


def test_reasoning_that_is_no_text_and_two_kinds_of_it_are_named(write):
    turn = {"role": "assistant", "content": ANSWER, "thinking": ["a"]}
    assert fault(write, {"messages": [{"role": "user", "content": "Hi"}, turn]}).field == "messages[1].thinking"
    assert fault(write, {**HOLDERS["alpaca"], "thinking": "a", "reasoning": "b"}).field == "thinking"


def marked(*answers):
    """A conversation of questions and answers; each answer with its marks."""
    turns = []
    for number, marks in enumerate(answers):
        turns += [{"role": "user", "content": f"q{number}"}, {"role": "assistant", "content": f"a{number}", **marks}]
    return {"messages": turns}


MARKS = [
    *({name: 0} for name in ("weight", "loss_scale")),
    {"weight": 0.0},
    *({name: False} for name in ("train", "training", "loss")),
    *({name: True} for name in ("mask", "masked")),
    {"train": "false"},
]


@pytest.mark.parametrize("mark", MARKS)
def test_turns_that_are_not_learned_are_context_and_never_scored(write, mark):
    last = only(write, marked({}, {}, mark))
    assert (last.response, [turn.content for turn in last.messages]) == ("a1", ["q0", "a0", "q1"])
    middle = load_samples(write([marked({}, mark, {})]), every_turn=True).samples
    assert [(sample.response, sample.turn) for sample in middle] == [("a0", 0), ("a2", 2)]
    assert [turn.content for turn in middle[1].messages] == ["q0", "a0", "q1", "a1", "q2"]
    assert "not to be learned" in fault(write, marked(mark)).found


def test_an_only_answer_that_is_not_learned_is_a_bad_row_in_every_format_of_turns(write):
    answer = {"role": "assistant", "content": ANSWER, "weight": 0}
    asked = [{"role": "user", "content": "Who?"}]
    assert "not to be learned" in fault(write, {"prompt": asked, "completion": [answer]}).found
    assert "not to be learned" in fault(write, {"prompt": asked, "chosen": answer, "rejected": "b"}).found


def test_marks_of_others_and_full_weights_change_nothing(write):
    bare = marked({}, {})
    weighted = marked({"weight": 1.0}, {"train": True, "weight": None})
    weighted["messages"][0]["weight"] = 0
    assert only(write, weighted) == only(write, bare)


def test_marks_of_parts_of_an_answer_are_a_bad_row(write):
    assert fault(write, marked({"train_detail": [{"begin_offset": 0, "end_offset": 1, "train": False}]})).field == (
        "messages[1].train_detail"
    )


def test_passages_are_read_under_either_name(write):
    for shape in ("alpaca", "dolly", "openorca", "question-answer"):
        for name, label in (("input", "Input"), ("context", "Context")):
            sample = only(write, {**HOLDERS[shape], name: "a log"}, format=shape)
            assert (sample.passage, sample.passage_label) == ("a log", label)
        assert fault(write, {**HOLDERS[shape], "input": "a", "context": "b"}, format=shape).field == "context"


def test_a_finished_prompt_has_no_system_prompt_beside_it(write):
    found = fault(write, {"inputs": "### Question: why?", "response": "So.", "system": "Be brief."})
    assert "finished prompt" in found.found
