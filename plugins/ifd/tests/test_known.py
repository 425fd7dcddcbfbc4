"""ifd and ppl of one run share their passes: neither makes one that the other has made."""

from dataclasses import replace

from icon.plugins import ScoringTask
from icon.samples import load_template
from icon.scorers import PplOptions, PplScorer
from icon.testing import FakeBackend
from icon.testing.cases import CANDIDATES
from icon.types import Status
from icon_ifd.scorer import IfdScorer


class Counting(FakeBackend):
    """Notes what is scored behind which prompt."""

    def __init__(self, **faults):
        super().__init__(**faults)
        self.asked = []

    def score(self, context, targets):
        self.asked += [(bool(target.prompt.strip()), target.response) for target in targets]
        return super().score(context, targets)


def run(scorer, known=(), backend=None, limit=1000):
    """Measurements by candidate, and what the backend was asked for; known are measurements of another scorer."""
    backend = backend or Counting()
    table = {(row.candidate, None): row for row in known if row.status is Status.OK}
    scorer.prepare(ScoringTask(backend, load_template("paper"), (), 1, limit, limit, limit, True, table), [])
    rows = [row for (row,) in scorer.measure(CANDIDATES)]
    return rows, backend.asked


def ppl():
    return PplScorer(PplOptions())


def test_behind_ppl_only_the_responses_alone_are_read():
    first, _ = run(ppl())
    expected, both = run(IfdScorer())
    found, asked = run(IfdScorer(), first)
    assert found == expected
    assert asked == [(False, each.response) for each in CANDIDATES]
    assert len(both) == 2 * len(asked)


def test_ppl_behind_ifd_makes_no_pass():
    expected, _ = run(ppl())
    found, asked = run(ppl(), run(IfdScorer())[0])
    assert found == expected
    assert asked == []


def test_what_is_known_of_some_candidates_only_leaves_the_others_to_measure():
    everything, _ = run(IfdScorer())
    known = [row for row in everything if row.candidate in ("sum", "word")]
    found, asked = run(IfdScorer(), known)
    assert found == everything
    assert {response for _, response in asked} == {
        each.response for each in CANDIDATES if each.id not in ("sum", "word")
    }


def test_ifd_without_its_second_number_takes_the_first_and_measures_the_second():
    everything, _ = run(IfdScorer())
    found, asked = run(IfdScorer(), [replace(row, nll=None) for row in everything])
    assert found == everything
    assert asked == [(True, each.response) for each in CANDIDATES]


def test_a_note_of_what_was_cut_comes_along():
    first, _ = run(ppl(), limit=8)
    assert any("truncated" in row.reason for row in first)
    found, _ = run(IfdScorer(), first, limit=8)
    assert [row.reason for row in found] == [row.reason for row in first]


def test_what_failed_before_is_tried_again():
    faulty = Counting(faults={"Cold": Status.OUT_OF_MEMORY})
    first, _ = run(ppl(), backend=faulty)
    found, _ = run(IfdScorer(), first)
    expected, _ = run(IfdScorer())
    assert [row.status for row in first].count(Status.OUT_OF_MEMORY) == 1
    assert found == expected
