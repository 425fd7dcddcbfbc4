"""The facts of a run in words: what a selector does not report is left out and stops nothing."""

import pytest

from icon.config import RunConfig
from icon.results import wording
from support.records import manifest

QUALITY = {"auc": 0.75, "auc_low": 0.5, "auc_high": 0.9, "average_precision": 0.4}
QUALITY |= {"average_precision_low": 0.2, "average_precision_high": 0.6, "chance": True}


def facts(quality):
    made = manifest(4, 2, "50%")
    results = made.results.model_copy(update={"selection_quality": quality})
    return dict(wording.facts(made.updated(results=results)))


def test_a_classifier_is_described_by_all_of_its_figures():
    assert facts(QUALITY)["classifier"].startswith(
        "held-out AUC 0.75 [0.50, 0.90], average precision 0.40 [0.20, 0.60]"
    )


@pytest.mark.parametrize("missing", QUALITY)
def test_a_selector_that_reports_less_than_a_classifier_has_no_line_of_one(missing):
    found = facts({name: value for name, value in QUALITY.items() if name != missing})
    assert "classifier" not in found
    assert found["pool"] == "4 scored"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, ""),
        ({"primed": True}, ", primed"),
        ({"skip_tokens": 1}, ", without the first response token"),
        ({"primed": True, "skip_tokens": 2}, ", primed, without the first 2 response tokens"),
    ],
)
def test_the_line_of_the_model_says_how_its_passes_differ_from_plain_ones(settings, words):
    assert wording.passes(RunConfig(**settings)) == words
