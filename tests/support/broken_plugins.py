"""Plugins in one file each that break their contract in the way that an option names."""

BACKEND = """
from dataclasses import replace
from math import inf, nan

from icon.plugins import Options, Strategy, hookimpl
from icon.testing import FakeBackend
from icon.types import Status, TokenLogProbs


class Settings(Options):
    fault: str = "none"

    @classmethod
    def as_begun(cls, given, model):
        if given["fault"] == "a setting of an older version":
            return {"fault": model["settings"]["renamed"]}
        return None if given["fault"] == "no options as begun" else {}


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
