"""The format is that of most records; where none or several fit, the user is told what was found and what to do."""

from __future__ import annotations

import pytest

from icon.errors import InputError, UnknownStrategyError
from icon.samples import builtin_readers, load_samples
from icon.samples.formats.readers import recognise

ALPACA = {"instruction": "q", "input": "", "output": "a"}
QUESTION = {"question": "q", "answer": "a"}


def test_the_format_of_most_records_wins():
    readers = builtin_readers()
    assert recognise("x", [ALPACA, QUESTION, ALPACA], readers) == "alpaca"
    assert recognise("x", [QUESTION, QUESTION, ALPACA], readers) == "question-answer"


@pytest.mark.parametrize(
    "records",
    [
        [{"instruction": "q", "output": "a", "response": "b"}],
        [ALPACA, {"instruction": "q", "response": "a"}],
    ],
)
def test_a_tie_is_refused_naming_both(records):
    with pytest.raises(InputError, match="fits alpaca and dolly equally well") as caught:
        recognise("pool.jsonl", records, builtin_readers())
    assert "--format NAME" in str(caught.value)


def test_unknown_fields_are_told_with_the_known_formats(write):
    source = write([{"q": "x", "a": "y"}, {"q": "x", "b": "z"}])
    with pytest.raises(InputError) as caught:
        load_samples(source)
    told = str(caught.value)
    assert told.startswith(f"{source}: fits no known format; found the fields: q, a, b\n")
    for name, reader in builtin_readers().items():
        assert f"  {name}: {reader.summary}" in told
    assert "--column prompt=FIELD --column response=FIELD" in told


def test_rows_that_do_not_parse_have_no_say(write):
    source = write(b"{\n" * 60 + b'{"question": "q", "answer": "a"}\n')
    loaded = load_samples(source, on_bad_row="skip")
    assert (loaded.format, len(loaded.samples), len(loaded.faults)) == ("question-answer", 1, 60)


def test_only_the_first_records_are_judged_and_all_are_read_once(write):
    head = [{"question": f"q{n}", "answer": "a"} for n in range(50)]
    tail = [{"instruction": f"q{n}", "output": "a"} for n in range(60)]
    loaded = load_samples(write(head + tail), on_bad_row="skip")
    assert (loaded.format, loaded.n_rows) == ("question-answer", 110)
    assert [sample.row for sample in loaded.samples] == list(range(50))
    assert [fault.row for fault in loaded.faults] == list(range(50, 110))


def test_a_named_format_is_used_whatever_the_fields_look_like(write):
    source = write([{"instruction": "q", "output": "a", "response": "b"}])
    assert load_samples(source, format="alpaca").samples[0].response == "a"
    assert load_samples(source, format="dolly").samples[0].response == "b"


def test_an_unknown_format_is_told_with_near_names(write):
    with pytest.raises(UnknownStrategyError, match=r"no reader named 'alpacca'; known: alpaca, .*Did you mean alpaca"):
        load_samples(write([ALPACA]), format="alpacca")


def test_readers_of_others_are_recognised_as_ours_are(write):
    class Upper:
        def matches(self, record):
            return "Q" in record

        def samples(self, record, row, *, every_turn):
            return builtin_readers()["question-answer"].samples(
                {"question": record["Q"], "answer": record["A"]}, row, every_turn=every_turn
            )

    readers = {**builtin_readers(), "upper": Upper()}
    loaded = load_samples(write([{"Q": "x", "A": "y"}]), readers=readers)
    assert (loaded.format, loaded.samples[0].response) == ("upper", "y")
    with pytest.raises(InputError, match="\n  upper\n"):
        recognise("x", [{"z": 1}], readers)


def test_texts_of_other_readers_are_checked_too(write):
    class Careless:
        def matches(self, record):
            return True

        def samples(self, record, row, *, every_turn):
            from icon.samples import make_sample, single_turn

            return [make_sample(record, row, single_turn(record["q"]), record["a"])]

    source = write([{"q": "", "a": "y"}, {"q": "x", "a": " "}, {"q": "x", "a": "y"}])
    loaded = load_samples(source, readers={"careless": Careless()}, on_bad_row="skip")
    assert [(fault.where, fault.field) for fault in loaded.faults] == [("line 1", "prompt"), ("line 2", "response")]
