"""The paper's strata from sources of its kind: exact counts, or an error that says what is missing."""

from collections import Counter

import pytest

from icon.assessment.paper import STRATA, PaperBuilder, PaperOptions
from icon.errors import BadRowsError, InputError
from icon.plugins import AssessmentTask

ORCA = ("niv", "flan", "t0", "cot")
DOLLY = [group for source, group in STRATA if source == "Dolly"]


def orca(n, name, groups=ORCA):
    return [
        {
            "id": f"{group}.{i}",
            "system_prompt": "Think." if i % 2 else "",
            "question": f"{group} {i}?",
            "response": name,
        }
        for group in groups
        for i in range(n)
    ]


def dolly(n):
    return [
        {"instruction": f"{group} {i}?", "context": "", "response": "Yes.", "category": group}
        for group in DOLLY
        for i in range(n)
    ]


@pytest.fixture
def options(write):
    def made(gpt4, chatgpt, dolly_records, **more):
        return PaperOptions(
            openorca_gpt4=write(gpt4, "gpt4.jsonl"),
            openorca_chatgpt=write(chatgpt, "chatgpt.jsonl"),
            dolly=write(dolly_records, "dolly.jsonl"),
            **more,
        )

    return made


def strata(samples):
    return Counter((sample.source, sample.group) for sample in samples)


def test_the_strata_add_up_to_1020():
    assert sum(STRATA.values()) == 1020
    assert Counter(STRATA.values()) == {100: 4, 75: 4, 40: 8}


def test_every_stratum_is_drawn_in_full(options):
    builder = PaperBuilder(options(orca(120, "four"), orca(75, "chat"), dolly(41)))
    built = builder.build(AssessmentTask((), None, 42))
    assert strata(built) == STRATA
    assert len({sample.id for sample in built}) == 1020
    again = builder.build(AssessmentTask((), None, 42))
    assert again == built
    assert {sample.id for sample in builder.build(AssessmentTask((), None, 43))} != {sample.id for sample in built}
    assert {sample.system for sample in built} == {"", "Think."}


def test_a_size_scales_the_strata(options):
    builder = PaperBuilder(options(orca(20, "four"), orca(15, "chat"), dolly(8)))
    counts = strata(builder.build(AssessmentTask((), 204, 42)))
    assert counts == {stratum: n // 5 for stratum, n in STRATA.items()}


def test_a_small_source_is_refused_with_what_is_missing(options):
    few = [record for record in orca(100, "four") if record["id"] not in {"cot.0", "cot.1"}]
    builder = PaperBuilder(options(few, orca(75, "chat", ORCA[:3]), dolly(40)))
    with pytest.raises(InputError) as caught:
        builder.build(AssessmentTask((), None, 42))
    assert "OpenOrca_GPT4 cot: found 98, needed 100" in str(caught.value)
    assert "OpenOrca_ChatGPT cot: found 0, needed 75" in str(caught.value)
    assert "Dolly" not in str(caught.value).split("Name the")[0]


def test_one_sample_in_both_parts_counts_once(options):
    builder = PaperBuilder(options(orca(100, "same"), orca(180, "same"), dolly(40)))
    built = builder.build(AssessmentTask((), None, 42))
    assert len({sample.id for sample in built}) == 1020


def test_bad_rows_are_left_out_and_noted_or_refused(options):
    bad = [{"id": "niv.x", "question": "Who?", "response": " "}, {"question": "Who?", "response": "I."}]
    sources = (orca(100, "four") + bad, orca(75, "chat"), dolly(40))
    builder = PaperBuilder(options(*sources))
    assert strata(builder.build(AssessmentTask((), None, 42))) == STRATA
    assert "2 bad rows" in builder.notes[0]
    assert "line 401" in builder.notes[0]
    with pytest.raises(BadRowsError, match="line 402"):
        PaperBuilder(options(*sources, on_bad_row="error")).build(AssessmentTask((), None, 42))
