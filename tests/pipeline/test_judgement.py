"""The judgement of a preview: every figure worked by hand from a small summary."""

import json
import math
from dataclasses import asdict

import pytest

from icon.cli.preview import sentences
from icon.pipeline.preview import Judgement
from icon.pipeline.preview import judgement as judge
from icon.runs.outcome import RaceFacts, Summary
from icon.runs.records import Times

TIMES = {"tokens_per_second": 500.0}
WHOLE = 2_500_000
RACE = {"ended": "budget", "confidence": 0.95, "decided_in": 0, "decided_out": 0, "open": 0, "samples_reached": 12}
RACE |= {"samples": 40, "pairs_exact": 40_000, "path": ()}


def results(*, scored=100, candidates=1000, pairs=1200, signal=0.25, **race):
    facts = {**RACE, "candidates": scored, "pairs": pairs, "signal": signal}
    found = RaceFacts.model_validate({**facts, "reliability": 0.71, "capture": 0.93, **race})
    counts = {"assessment": {"samples": 40, "groups": {}}, "rows": {}, "keep": "15%", "selected": 150}
    return Summary(scorer="icon", candidates=candidates, selection_quality={}, race=found, **counts)


def judgement(summary, times, whole):
    return judge(summary, summary.race, Times(**times), whole)


def test_the_time_of_every_pair_is_its_tokens_at_the_measured_speed():
    found = judgement(results(), TIMES, WHOLE)
    assert found.full_tokens == WHOLE
    assert found.full_seconds_here == pytest.approx(5000)
    assert found.full_seconds_gpu == pytest.approx(2.5e6 * 2 * 8e9 / 2e14)  # 200 s


def test_the_help_is_told_from_the_average_samples_behind_a_candidate():
    """1,200 pairs of 100 candidates: 12 samples each, reliability 3/4; with 24, 6/7."""
    found = judgement(results(), TIMES, WHOLE)
    assert found.gain_with_twice_the_samples == pytest.approx(math.sqrt((6 / 7) / (3 / 4)))
    assert found.learnt_with_twice_the_samples == pytest.approx((6 / 7) / (3 / 4))
    assert found.learnt_with_more_candidates == 2


def test_what_the_race_says_of_itself_is_passed_on():
    found = judgement(results(), TIMES, WHOLE)
    assert (found.reliability, found.capture) == (0.71, 0.93)


def test_where_every_candidate_was_scored_only_samples_can_help():
    found = judgement(results(scored=1000, pairs=12_000), TIMES, WHOLE)
    assert found.learnt_with_more_candidates is None
    assert "Every candidate was scored" in sentences(found)[2]
    assert f"by {math.sqrt(8 / 7) - 1:.0%}." in sentences(found)[2]  # sqrt((6/7) / (3/4)): 7%


def test_without_a_speed_the_time_here_is_left_open():
    found = judgement(results(), {}, WHOLE)
    assert found.full_seconds_here is None
    assert "2,500,000 tokens; with an 8B model" in sentences(found)[1]


def test_the_sentences_say_the_figures_and_among_whom():
    first, second, third = sentences(judgement(results(), TIMES, WHOLE))
    assert "reliability is 0.71" in first
    assert "among the scored candidates is expected to capture 93% of the gain" in first
    assert "about 2,500,000 tokens, 83 min here;" in second
    assert "200 TFLOP/s about 3 min." in second
    assert third.startswith("More candidates would help most: ")
    assert "2.00 times as much to learn from with twice the candidates, 1.14 times with twice" in third


def test_where_few_candidates_are_left_samples_may_help_most():
    """One sample each, v = 0.25: reliability 1/5, with two 1/3, so 1.67 times; 110 candidates are 1.1 times 100."""
    found = judgement(results(pairs=100, candidates=110), TIMES, WHOLE)
    assert sentences(found)[2].startswith("More assessment samples would help most")
    assert "1.10 times as much to learn from with all candidates, 1.67 times" in sentences(found)[2]


@pytest.mark.parametrize(
    ("capture", "word"), [(0.95, "enough to choose by"), (0.7, "a rough guide"), (0.3, "little more than a guess")]
)
def test_how_far_to_trust_it_follows_the_captured_gain(capture, word):
    assert sentences(judgement(results(capture=capture), TIMES, WHOLE))[0].endswith(f": {word}.")


def test_where_nothing_can_be_told_nothing_is():
    assert sentences(judgement(results(capture=None), TIMES, WHOLE))[0].startswith("Too little was measured")


def test_as_json_it_has_the_same_facts():
    found = judgement(results(), TIMES, WHOLE)
    assert Judgement(**json.loads(json.dumps(asdict(found)))) == found
