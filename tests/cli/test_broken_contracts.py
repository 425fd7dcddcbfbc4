"""A backend, scorer or selector that breaks its contract ends a run with its name and what it gave, not in a number."""

import json
import math
import shutil

import pytest

from support.broken_plugins import BACKEND, SCORER, SELECTOR

OF_BACKENDS = {
    "few results": "score gave 2 results for 3 targets",
    "many results": "score gave 4 results for 3 targets",
    "none": "score gave None",
    "none in a place": "score gave, for the response ' one it', None",
    "numbers": "score gave, for the response ' one it', tuple (",
    "positive": "the log-probability 0.5 of token 0",
    "nan": "the log-probability nan of token 0",
    "infinite": "the log-probability -inf of token 0",
    "text": "the log-probability '-1.0' of token 0",
    "few numbers": "1 log-probabilities of 2 tokens",
    "few tokens": "1 log-probabilities, and by its tokenize it has 2 tokens",
    "no numbers": "0 log-probabilities of 2 tokens",
    "none for numbers": "None for the tokens tuple (",
    "a status with numbers": "the status failed with 2 numbers",
    "a status without a reason": "the status failed with 0 numbers and the reason ''",
    "an unknown status": "the status 'fine'",
    "raises": "score raised KeyError: 'a layer'",
    "no description": "describe gave None",
    "no tokens": "tokenize gave None",
}


OF_SCORERS = {
    "none prepared": "prepare gave None",
    "texts prepared": "prepare gave list ['a']",
    "none": "measure gave None",
    "few": "measure gave the rows of 3 candidates of 4, none for ",
    "many": "measure gave more than the rows of 4 candidates",
    "swapped": "it did not measure candidate ",
    "no list": "measure gave Measurement Measurement(",
    "none in a place": "measure gave None for candidate ",
    "empty": "measure gave list [] for candidate ",
    "another type": "measure gave list [namespace(",
    "an unknown sample": "measure gave 1 rows for candidate ",
    "status": "gave the status 'fine'",
    "text": "gave value='7'",
    "a truth": "gave value=True",
    "no score": "is None; valid: a number",
    "text for a score": "is 'high'; valid: a number",
}


OF_SELECTORS = {
    "none": "select gave None",
    "ids": "select gave list [",
    "few": "found 0 decisions for candidate ",
    "twice": "found 2 decisions for candidate ",
    "no decisions": "select gave the decisions None",
    "none in a place": "None in place of a decision",
    "probability": "probability=1.5 for candidate ",
    "nan": "probability=nan for candidate ",
    "rank": "rank='first' for candidate ",
    "rank 0": "rank=0 for candidate ",
    "selected": "selected='no' for candidate ",
    "reason": "reason=None for candidate ",
    "warnings": "the warnings 'careful'",
}


@pytest.fixture
def folder(tmp_path):
    pool = [{"instruction": f"Name {n}.", "output": f"The name {n}."} for n in ("a", "b", "c", "d")]
    tasks = [{"instruction": f"Count {n}.", "output": f"{n} it"} for n in (" one", " two", " six")]
    for name, records in (("pool", pool), ("tasks", tasks)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    for name, code in (("backend", BACKEND), ("scorer", SCORER), ("selector", SELECTOR)):
        (tmp_path / f"broken_{name}.py").write_text(code)
    return tmp_path


@pytest.fixture
def icon(command_line, folder):
    def run(kind, fault, *words, code=1):
        shutil.rmtree(folder / "run", ignore_errors=True)
        own = ["--plugin", f"broken_{kind}.py", f"--{kind}", "broken", "-o", f"{kind}.fault={fault}"]
        settings = ["--no-report", "--template", "plain", "--out", "run"]
        return command_line("run", "pool.jsonl", *settings, *own, *words, cwd=folder, code=code)

    return run


def assert_named_and_without_a_number(done, folder, kind, words):
    said = " ".join(done.stderr.split())
    assert f"{kind} broken (broken_{kind}.py): " in said
    assert words in said
    assert "valid: " in said or "raised" in said
    assert "Traceback" not in done.stderr
    assert not (folder / "run/scores.parquet").exists()
    assert not (folder / "run/selected.jsonl").exists()


@pytest.mark.parametrize("fault", OF_BACKENDS)
def test_a_backend_that_breaks_its_contract_is_named_with_what_it_gave(icon, folder, fault):
    done = icon("backend", fault, "--assessment", "tasks.jsonl")
    assert_named_and_without_a_number(done, folder, "backend", OF_BACKENDS[fault])


@pytest.mark.parametrize("fault", OF_SCORERS)
def test_so_is_a_scorer(icon, folder, fault):
    assert_named_and_without_a_number(icon("scorer", fault), folder, "scorer", OF_SCORERS[fault])


@pytest.mark.parametrize("fault", OF_SELECTORS)
def test_so_is_a_selector(icon, folder, fault):
    done = icon("selector", fault, "--scorer", "length")
    assert_named_and_without_a_number(done, folder, "selector", OF_SELECTORS[fault])


@pytest.mark.parametrize("fault", ["nan", "infinite"])
def test_a_number_of_a_scorer_that_is_not_finite_leaves_its_candidate_without_a_score(icon, folder, fault):
    import pyarrow.parquet as pq

    icon("scorer", fault, code=0)
    rows = pq.read_table(folder / "run/scores.parquet").to_pylist()
    (failed,) = [row for row in rows if row["score"] is None]
    assert f"scorer broken (broken_scorer.py) gave value={'nan' if fault == 'nan' else 'inf'}" in failed["reason"]
    assert all(math.isfinite(row["score"]) for row in rows if row is not failed)


def test_what_keeps_its_contract_passes(icon, folder):
    icon("backend", "nothing", "--assessment", "tasks.jsonl", code=0)
    icon("scorer", "nothing", code=0)


OF_OPTIONS = {
    "a setting of an older version": "its options' as_begun raised: KeyError: 'renamed'",
    "no options as begun": "its options' as_begun gave None; valid: ",
}


@pytest.mark.parametrize("command", ["verify", "score"])
@pytest.mark.parametrize("fault", OF_OPTIONS)
def test_options_that_cannot_say_how_a_run_was_begun_are_named(icon, command_line, folder, fault, command):
    icon("backend", fault, "--assessment", "tasks.jsonl", code=0)
    words = {"verify": ["--pairs", "2"], "score": ["--scorer", "ppl"]}[command]
    done = command_line(command, "run", *words, cwd=folder, code=1)
    assert f"backend broken (broken_backend.py) {OF_OPTIONS[fault]}" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
