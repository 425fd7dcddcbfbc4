"""A backend, scorer or selector that breaks its contract ends a run with its name and what it gave, not in a number."""

import json
import math
import shutil

import pytest

BACKEND = """
from dataclasses import replace
from math import inf, nan

from icon.plugins import Options, Strategy, hookimpl
from icon.testing import FakeBackend
from icon.types import Status, TokenLogProbs


class Settings(Options):
    fault: str = "none"


class Broken(FakeBackend):
    def __init__(self, options):
        super().__init__()
        self.fault = options.fault

    def describe(self):
        return None if self.fault == "no description" else super().describe()

    def tokenize(self, text):
        return None if self.fault == "no tokens" else super().tokenize(text)

    def score(self, context, targets):
        results = super().score(context, targets)
        if not results or not context:  # the baseline is sound
            return results
        first, rest = results[0], results[1:]
        numbers = {
            "positive": (0.5, *first.logprobs[1:]),
            "nan": (nan, *first.logprobs[1:]),
            "infinite": (-inf, *first.logprobs[1:]),
            "text": ("-1.0", *first.logprobs[1:]),
            "few numbers": first.logprobs[1:],
            "no numbers": (),
            "none for numbers": None,
        }
        if self.fault in numbers:
            return [replace(first, logprobs=numbers[self.fault]), *rest]
        if self.fault == "few tokens":
            return [TokenLogProbs(first.token_ids[1:], first.logprobs[1:]), *rest]
        if self.fault == "raises":
            raise KeyError("a layer")
        return {
            "few results": rest,
            "many results": [*results, first],
            "none": None,
            "none in a place": [None, *rest],
            "numbers": [first.logprobs, *rest],
            "a status with numbers": [replace(first, status=Status.FAILED, reason="odd"), *rest],
            "a status without a reason": [TokenLogProbs((), (), Status.FAILED), *rest],
            "an unknown status": [replace(first, status="fine"), *rest],
        }.get(self.fault, results)


@hookimpl
def icon_backends():
    return [Strategy("broken", "one that breaks its contract", Broken, Settings)]
"""

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

SCORER = """
from math import inf, nan
from types import SimpleNamespace

from icon.plugins import Options, Strategy, hookimpl
from icon.scorers import AloneScorer
from icon.types import Measurement


class Settings(Options):
    fault: str = "none"


class Broken(AloneScorer):
    def __init__(self, options):
        self.fault = options.fault

    def prepare(self, task, finished):
        return {"none prepared": None, "texts prepared": ["a"]}.get(self.fault, super().prepare(task, finished))

    def measure(self, candidates):
        if self.fault == "none":
            return None
        rows = [[Measurement(one.id, value=float(one.row))] for one in candidates]
        number = {"nan": nan, "infinite": inf, "text": "7", "a truth": True}.get(self.fault)
        if number is not None:
            rows[1] = [Measurement(candidates[1].id, value=number)]
        if self.fault == "few":
            rows = rows[:-1]
        if self.fault == "many":
            rows.append(rows[0])
        if self.fault == "swapped":
            rows = rows[::-1]
        if self.fault == "no list":
            rows[1] = rows[1][0]
        if self.fault == "none in a place":
            rows[1] = None
        if self.fault == "empty":
            rows[1] = []
        if self.fault == "another type":
            rows[1] = [SimpleNamespace(candidate=candidates[1].id)]
        if self.fault == "an unknown sample":
            rows[1] = [Measurement(candidates[1].id, "no such sample", value=1.0)]
        if self.fault == "status":
            rows[1] = [Measurement(candidates[1].id, status="fine", value=1.0)]
        return iter(rows)

    def score(self, c, log_gain, value):
        return {"no score": None, "text for a score": "high"}.get(self.fault, float(value[0]))


@hookimpl
def icon_contribution_scorers():
    return [Strategy("broken", "one that breaks its contract", Broken, Settings)]
"""

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

SELECTOR = """
from dataclasses import replace
from math import nan

from icon.plugins import Options, Strategy, hookimpl
from icon.selection import TopSelector
from icon.types import Selection


class Settings(Options):
    fault: str = "none"


class Broken(TopSelector):
    def __init__(self, options):
        super().__init__(Options())
        self.fault = options.fault

    def select(self, task):
        selection = super().select(task)
        first, *rest = selection.decisions
        one = {
            "probability": replace(first, probability=1.5),
            "nan": replace(first, probability=nan),
            "rank": replace(first, rank="first"),
            "rank 0": replace(first, rank=0),
            "selected": replace(first, selected="no"),
            "reason": replace(first, reason=None),
            "none in a place": None,
        }
        if self.fault in one:
            return replace(selection, decisions=[one[self.fault], *rest])
        return {
            "none": None,
            "ids": [decision.id for decision in selection.decisions],
            "few": replace(selection, decisions=rest),
            "twice": replace(selection, decisions=[first, *selection.decisions]),
            "no decisions": replace(selection, decisions=None),
            "warnings": replace(selection, warnings="careful"),
        }[self.fault]


@hookimpl
def icon_selectors():
    return [Strategy("broken", "one that breaks its contract", Broken, Settings)]
"""

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
