"""llama.cpp and torch give the same contributions from the same weights."""

import pytest
from scipy.stats import spearmanr

import icon
from icon.data import DEMO_ASSESSMENT, DEMO_POOL

pytestmark = [pytest.mark.model, pytest.mark.slow]


def contributions(backend, **options):
    pool = icon.load_samples(DEMO_POOL)[::9]
    tasks = sorted(icon.load_samples(DEMO_ASSESSMENT), key=lambda sample: len(sample.text))[:4]
    with icon.load_backend(backend, **options) as loaded:
        assert loaded.describe().precision.lower().startswith(("float32", "all f32", "mostly f16", "f16", "f32"))
        return [each.score for each in icon.score(pool, tasks, backend=loaded)]


@pytest.fixture(scope="module")
def exact():
    pytest.importorskip("icon_torch")
    return contributions("torch", dtype="float32", device="cpu")


@pytest.mark.parametrize(("precision", "tolerance"), [("f32", 1e-4), ("f16", 0.02)])
def test_contributions_and_their_order_are_the_same(exact, precision, tolerance):
    found = contributions("llamacpp", precision=precision)
    assert len(found) == 14
    assert found == pytest.approx(exact, abs=tolerance)
    assert spearmanr(found, exact).statistic >= 0.99
