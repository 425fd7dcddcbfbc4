"""The judgement of a preview: every figure worked by hand from a small summary."""

import json
import math

import pytest

from icon.cli.preview import sentences
from icon.report.judgement import judgement

HALF, QUARTER = 0.797885, 1.271106
"""Selection intensities of the best half and quarter: phi(0) / 0.5 and phi(0.67449) / 0.25."""


def results(*, scored=100, candidates=1000, selected=500, pairs=1200, samples=50, signal=0.25, **race):
    facts = {"candidates": scored, "pairs": pairs, "samples": samples, "signal": signal}
    return {
        "candidates": candidates,
        "selected": selected,
        "race": {**facts, "reliability": 0.71, "capture": 0.93, **race},
    }


TIMES = {"tokens_evaluated": 60_000, "tokens_per_second": 500.0}


def test_the_full_run_is_told_from_the_tokens_of_a_pair():
    """60,000 tokens for 1,200 pairs are 50 a pair; 1,000 candidates on 50 samples are 50,000 pairs."""
    found = judgement(results(), TIMES)
    assert found["full_tokens"] == 2_500_000
    assert found["full_seconds_here"] == pytest.approx(5000)
    assert found["full_seconds_gpu"] == pytest.approx(2.5e6 * 2 * 8e9 / 2e14)  # 200 s


def test_the_gains_are_those_of_the_average_samples_behind_a_candidate():
    """1,200 pairs of 100 candidates: 12 samples each, reliability 3/4; half of those scored are kept."""
    found = judgement(results(), TIMES)
    assert found["gain_now"] == pytest.approx(HALF * math.sqrt(3 / 4), rel=1e-5)
    assert found["gain_with_twice_the_samples"] == pytest.approx(HALF * math.sqrt(6 / 7), rel=1e-5)
    assert found["gain_with_twice_the_candidates"] == pytest.approx(QUARTER * math.sqrt(3 / 4), rel=1e-5)
    assert found["helps_most"] == "candidates"


def test_what_the_race_says_of_itself_is_passed_on():
    found = judgement(results(), TIMES)
    assert (found["reliability"], found["capture"]) == (0.71, 0.93)


def test_with_few_measurements_samples_help_most():
    """One sample each, v = 0.25: reliability 1/5, with two 1/3, so 29% more.

    There are ten more candidates: 50 of 110 instead of 50 of 100, an intensity of 0.872 instead of 0.798, 9% more.
    """
    found = judgement(results(pairs=100, selected=55, candidates=110), TIMES)
    assert found["helps_most"] == "samples"
    assert found["gain_with_twice_the_samples"] / found["gain_now"] == pytest.approx(math.sqrt(5 / 3))
    assert (
        "twice the candidates would raise the expected gain by 9%, twice the assessment samples by 29%"
        in (sentences(found)[2])
    )


def test_where_every_candidate_was_scored_only_samples_can_help():
    found = judgement(results(scored=1000, pairs=12_000), TIMES)
    assert found["gain_with_twice_the_candidates"] is None
    assert found["helps_most"] == "samples"
    assert "Every candidate was scored" in sentences(found)[2]
    assert f"by {math.sqrt(8 / 7) - 1:.0%}." in sentences(found)[2]  # sqrt((6/7) / (3/4)): 7%


def test_where_all_is_kept_there_is_nothing_to_better():
    found = judgement(results(scored=1000, selected=1000), TIMES)
    assert found["gain_now"] == 0
    assert sentences(found)[2].startswith("Everything that was scored is kept")


def test_without_a_speed_the_time_here_is_left_open():
    found = judgement(results(), {"tokens_evaluated": 60_000})
    assert found["full_seconds_here"] is None
    assert " here" not in sentences(found)[1]
    assert "2,500,000 tokens; with an 8B model" in sentences(found)[1]


def test_the_sentences_say_the_figures():
    first, second, third = sentences(judgement(results(), TIMES))
    assert "reliability is 0.71" in first
    assert "capture 93% of the gain" in first
    assert "about 2,500,000 tokens, 83 min here;" in second
    assert "200 TFLOP/s about 3 min." in second
    assert third.startswith("More candidates would help most: ")
    assert "twice the candidates would raise the expected gain by 59%" in third  # 1.2711 / 0.7979
    assert "twice the assessment samples by 7%" in third


@pytest.mark.parametrize(
    ("capture", "word"), [(0.95, "enough to choose by"), (0.7, "a rough guide"), (0.3, "hardly more than a guess")]
)
def test_how_far_to_trust_it_follows_the_captured_gain(capture, word):
    assert sentences(judgement(results(capture=capture), TIMES))[0].endswith(f": {word}.")


def test_the_named_help_is_the_one_with_the_larger_gain():
    named = set()
    for pairs in (30, 100, 1200, 40_000):
        found = judgement(results(pairs=pairs, selected=55, candidates=110), TIMES)
        gains = {name: found[f"gain_with_twice_the_{name}"] for name in ("samples", "candidates")}
        assert found["helps_most"] == max(gains, key=gains.__getitem__)
        named.add(found["helps_most"])
        words = "candidates" if found["helps_most"] == "candidates" else "assessment samples"
        assert sentences(found)[2].startswith(f"More {words} would help most")
    assert named == {"samples", "candidates"}


def test_as_json_it_has_the_same_facts():
    found = judgement(results(), TIMES)
    assert sentences(json.loads(json.dumps(found))) == sentences(found)
