"""llama.cpp and torch give the same contributions from the same weights, each reading the quantised file itself.

The tiny model shows it on 14 candidates. Of the embedded model four candidates and two tasks are enough: its
vocabulary, its grouped heads and its depth are in each of their eight pairs and eight controls, and what one of them
reads in another way would move every contribution. The long tier has 14 candidates and four tasks of it, in half
precision too.
"""

import pytest
from scipy.stats import spearmanr

import icon
from icon.samples.demo import DEMO_ASSESSMENT, DEMO_POOL
from icon.types import Target
from support import smollm2, tiny_model
from support.tiers import of_tier

pytestmark = [pytest.mark.model, pytest.mark.slow]

CANDIDATES, TASKS = of_tier((4, 2), (14, 4))
PRECISIONS = [("f32", 1e-4), ("f16", 0.02)]


def contributions(backend, n_candidates=14, n_tasks=4, **options):
    pool = icon.load_samples(DEMO_POOL)[::6][:n_candidates]  # some that are sound, that teach, that are weak
    tasks = sorted(icon.load_samples(DEMO_ASSESSMENT), key=lambda sample: len(sample.text))[:n_tasks]
    with smollm2.run_cache(), icon.load_backend(backend, **options) as loaded:
        assert loaded.describe().precision.lower().startswith(("float32", "all f32", "mostly f16", "f16", "f32"))
        return [each.score for each in icon.score(pool, tasks, backend=loaded)]


@pytest.fixture(scope="module")
def exact():
    pytest.importorskip("icon_torch")
    return contributions("torch", model=str(tiny_model.quantised_file()), dtype="float32", device="cpu")


@pytest.fixture(scope="module")
def exact_smollm2():
    pytest.importorskip("icon_torch")
    folder = str(smollm2.folder())
    return contributions("torch", CANDIDATES, TASKS, model=folder, dtype="float32", device="cpu")


@pytest.mark.parametrize(("precision", "tolerance"), PRECISIONS)
def test_contributions_and_their_order_are_the_same(exact, precision, tolerance):
    found = contributions("llamacpp", model=str(tiny_model.quantised_file()), precision=precision)
    assert len(found) == 14
    assert found == pytest.approx(exact, abs=tolerance)
    assert spearmanr(found, exact).statistic >= 0.99


@pytest.mark.parametrize(("precision", "tolerance"), of_tier(PRECISIONS[:1], PRECISIONS))
def test_contributions_and_their_order_are_the_same_of_the_embedded_model(exact_smollm2, precision, tolerance):
    smollm2.gguf(precision)  # made once for all test processes
    found = contributions("llamacpp", CANDIDATES, TASKS, precision=precision)
    assert len(found) == CANDIDATES
    assert found == pytest.approx(exact_smollm2, abs=tolerance)
    assert spearmanr(found, exact_smollm2).statistic >= 0.99


def test_the_tiny_models_file_and_folder_are_one_model():
    """Tests that use one in place of the other rely on it."""
    pytest.importorskip("icon_torch")
    text = "naïve 你好 😀 \x00 <|im_start|>\r\n  two"
    targets = [Target("Say: ", text), Target(text, "x" * 600)]
    given = {"llamacpp": tiny_model.gguf_file(), "torch": tiny_model.transformers_folder()}
    found = []
    for backend, model in given.items():
        with smollm2.run_cache(), icon.load_backend(backend, model=str(model)) as loaded:
            assert loaded.tokenize(text) == list(text.encode())
            found.append((loaded.score("A context.", targets), loaded.chat_template(), loaded.describe().bos))
    (ours, *told), (theirs, *same) = found
    assert told == same
    for one, other in zip(ours, theirs, strict=True):
        assert one.token_ids == other.token_ids
        assert one.logprobs == pytest.approx(other.logprobs, abs=1e-4)
