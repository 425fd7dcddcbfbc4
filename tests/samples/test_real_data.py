"""Real files are read whole, and the paper's own prompts are what our template gives for their parts."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from icon.samples import load_samples
from icon.samples.demo import DEMO_POOL
from icon.samples.records import iter_records
from icon.samples.templates import load_template


@pytest.mark.parametrize(
    ("name", "format", "n_rows"),
    [("alpaca_4000", "alpaca", 4000), ("assessment_1020", "rendered", 1020), ("gsm8k_400", "question-answer", 400)],
)
def test_a_real_file_is_recognised_and_read_whole(shared_data, name, format, n_rows):
    path = shared_data / f"{name}.jsonl"
    loaded = load_samples(str(path), on_bad_row="skip")
    assert (loaded.format, loaded.n_rows) == (format, n_rows)
    rows = [each.row for each in (*loaded.samples, *loaded.duplicates, *loaded.faults)]
    assert sorted(rows) == list(range(n_rows))
    assert b"".join(record.raw + b"\n" for record in iter_records(str(path))) == path.read_bytes()


DOLLY_GROUPS = [
    *("closed_qa", "classification", "open_qa", "information_extraction"),
    *("brainstorming", "general_qa", "summarization", "creative_writing"),
]


def test_the_papers_assessment_set_has_its_sources_and_groups(shared_data):
    loaded = load_samples(str(shared_data / "assessment_1020.jsonl"))
    orca = {"OpenOrca_GPT4": 100, "OpenOrca_ChatGPT": 75}
    expected = {(source, group): n for source, n in orca.items() for group in ("niv", "flan", "t0", "cot")}
    expected |= {("Dolly", group): 40 for group in DOLLY_GROUPS}
    assert Counter((sample.source, sample.group) for sample in loaded.samples) == expected
    assert all(sample.rendered for sample in loaded.samples)


FORMS = {
    "OpenOrca": r"### System Prompt:\n(?P<system>.+?)\n\n### Question:\n(?P<user>.*)\n\n### Response:",
    "Dolly with a context": r"### Instruction:\n(?P<user>.*?)\n\n### Context:\n(?P<passage>.*)\n\n### Response:",
    "Dolly without one": r"### Instruction:\n(?P<user>.*)\n\n### Response:",
}


def test_the_alpaca_template_gives_the_papers_own_prompts(shared_data, make):
    """Each finished prompt is taken apart at its headings and must come back from the parts, character by character."""
    template = load_template("paper")
    seen: Counter[str] = Counter()
    for sample in load_samples(str(shared_data / "assessment_1020.jsonl")).samples:
        fitting = ((name, re.fullmatch(form, sample.instruction, re.DOTALL)) for name, form in FORMS.items())
        name, found = next(((name, found) for name, found in fitting if found), ("other", None))
        seen[name] += 1
        if found is not None:
            parts = {"system": "", "passage": "", **found.groupdict()}
            system = [("system", parts["system"])] if parts["system"] else []
            again = make([*system, ("user", parts["user"])], "x", parts["passage"], passage_label="Context")
            assert template.target(again).prompt == sample.instruction
    # the others are OpenOrca prompts without a system prompt, which the paper heads as questions all the same
    assert seen == {"OpenOrca": 641, "Dolly with a context": 120, "Dolly without one": 200, "other": 59}


def test_the_demo_pool_is_read_whole_and_its_planted_flaws_stay_unseen():
    loaded = load_samples(str(DEMO_POOL))
    assert (loaded.format, loaded.n_rows, loaded.faults) == ("alpaca", 90, [])
    assert {sample.group for sample in loaded.samples} == {None}
    assert not any("garbled" in sample.text for sample in loaded.samples)
