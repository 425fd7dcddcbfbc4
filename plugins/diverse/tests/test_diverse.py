"""`diverse` keeps the best that differ, says who resembles whom, and what it gave up for that."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest

from icon.errors import AbilityError, ConfigError
from icon.pipeline import builtin
from icon.plugins import SelectionTask
from icon.plugins.manager import Plugins
from icon.testing import SelectorSuite
from icon.types import Keep, Message, Sample
from icon_diverse import hooks
from icon_diverse.selector import DiverseSelector
from icon_diverse.similarity import embedded, lexical


def make(**options):
    plugins = Plugins([builtin], entry_points=False)
    plugins.register(hooks, "icon-diverse")
    return plugins.get("selector", "diverse").make(options)


class TestDiverse(SelectorSuite):
    @pytest.fixture
    def make_selector(self):
        return make


class TestDiverseWithATightBound(SelectorSuite):
    """Most are passed over and fill up."""

    @pytest.fixture
    def make_selector(self):
        return lambda: make(max_similarity=0.15)


class TestDiverseOnEmbeddings(SelectorSuite):
    @pytest.fixture
    def make_selector(self):
        return lambda: make(features="embedding")


def sample(id_, prompt, response="Done."):
    return Sample(id_, 0, (Message("user", prompt),), response)


POOL = [
    sample("apple", "Bake an apple pie with cinnamon and butter"),
    sample("apple2", "Bake one apple pie with cinnamon and butter"),
    sample("rivers", "List three rivers of northern Spain"),
    sample("prime", "Prove that seventeen has no divisors"),
    sample("rivers2", "List four rivers of northern Spain"),
    sample("unscored", "Bake an apple pie with cinnamon"),
]
SCORES = {"apple": 5.0, "apple2": 4.0, "rivers": 3.0, "rivers2": 2.0, "prime": 1.0}


def select(pool=POOL, scores=SCORES, keep=None, backend=None, **options):
    task = SelectionTask(pool, scores, keep or Keep(count=3), 1, backend)
    selection = make(**options).select(task)
    return selection, {decision.id: decision for decision in selection.decisions}


def test_what_resembles_something_kept_is_passed_over_and_the_next_takes_its_place():
    selection, found = select()
    assert {id_ for id_, each in found.items() if each.selected} == {"apple", "rivers", "prime"}
    assert {id_: each.rank for id_, each in found.items()} == {
        "apple": 1,
        "rivers": 2,
        "prime": 3,
        "apple2": 4,
        "rivers2": 5,
        "unscored": None,
    }
    assert found["apple"].reason == "selected: choice 1 of 3, place 1 of 5 by score; like none kept before it"
    assert "to apple, kept before it, above 0.4; place 2 of 5 by score" in found["apple2"].reason
    assert found["apple2"].reason.startswith("passed over: similarity 0.")
    assert "to rivers, kept before it" in found["rivers2"].reason
    assert found["unscored"].reason == "not scored: diverse ranks scored candidates only"
    assert list(selection.warnings) == []


def test_it_says_what_it_gave_up_against_top():
    quality = select()[0].quality
    # (5 + 3 + 1) / 3 instead of (5 + 4 + 3) / 3, two of the three in common
    assert (quality["mean_score"], quality["mean_score_top"], quality["n_shared_with_top"]) == (3.0, 4.0, 2)
    assert (quality["n_passed_over"], quality["n_filled"], quality["n_selected"], quality["n_scored"]) == (2, 0, 3, 5)
    assert quality["largest_similarity"] < 0.4 < quality["largest_similarity_top"]
    assert quality["mean_similarity"] < quality["mean_similarity_top"]


def test_where_the_bound_leaves_too_few_the_least_similar_fill_up_and_a_warning_says_so():
    selection, found = select(keep=Keep(count=4))
    # apple2 shares seven of its eight words with apple, rivers2 six of seven with rivers; rarer words weigh more
    rows = lexical([next(each for each in POOL if each.id == id_) for id_ in sorted(SCORES, key=lambda i: -SCORES[i])])
    near = (rows @ rows.T).toarray()
    least, most = ("apple2", "rivers2") if near[0, 1] < near[2, 3] else ("rivers2", "apple2")
    assert {id_ for id_, each in found.items() if each.selected} == {"apple", "rivers", "prime", least}
    assert found[least].rank == 4
    assert found[least].reason.startswith("selected to fill up: choice 4 of 4")
    assert found[most].reason.startswith("passed over")
    (warning,) = selection.warnings
    assert "max_similarity = 0.4 leaves 3 of the 4 to keep: 1 of the 2 passed over fill up" in warning
    assert selection.quality["n_filled"] == 1


def test_without_filling_up_fewer_are_selected_and_a_warning_says_so():
    selection, found = select(keep=Keep(count=9), fill=False)
    assert sum(each.selected for each in found.values()) == selection.quality["n_selected"] == 3
    assert sorted(each.rank for each in found.values() if each.rank) == [1, 2, 3, 4, 5]
    (warning,) = selection.warnings
    assert "leaves 3 of the 5 to keep, and fill = false: 3 are selected" in warning


def test_a_bound_of_one_is_the_selector_top():
    selection, found = select(max_similarity=1.0)
    assert [id_ for id_ in SCORES if found[id_].selected] == ["apple", "apple2", "rivers"]
    assert "place 5 of 5 by score, 3 kept before its turn" in found["prime"].reason
    assert selection.quality["mean_score"] == selection.quality["mean_score_top"]


def test_similarity_is_the_cosine_of_tf_idf():
    # Two texts of two words, one in common. idf: ln(3/3) + 1 = 1 for it, r = ln(3/2) + 1 for the others:
    # cosine = 1 / (1 + r^2).
    rows = lexical([sample("a", "One", "Two"), sample("b", "One", "Three")])
    rare = math.log(3 / 2) + 1
    assert (rows @ rows.T).toarray()[0, 1] == pytest.approx(1 / (1 + rare**2), rel=1e-5)
    # Said twice, a word weighs 1 + ln 2.
    rows = lexical([sample("a", "One", "Two two"), sample("b", "One", "Three")])
    expected = 1 / math.sqrt((1 + ((1 + math.log(2)) * rare) ** 2) * (1 + rare**2))
    assert (rows @ rows.T).toarray()[0, 1] == pytest.approx(expected, rel=1e-5)


def test_a_text_without_words_resembles_its_like_alone_and_case_plays_no_part():
    pool = [sample("a", "?!", "..."), sample("b", "?!", "..."), sample("c", "River"), sample("d", "rIVER")]
    near = (lambda rows: (rows @ rows.T).toarray())(lexical(pool))
    assert near[0, 1] == pytest.approx(1)
    assert near[2, 3] == pytest.approx(1)
    assert near[0, 2] == 0


def test_languages_without_blanks_are_compared_by_characters():
    rows = lexical(
        [sample("a", "西班牙的河流", "好"), sample("b", "西班牙的城市", "好"), sample("c", "证明质数", "对")]
    )
    near = (rows @ rows.T).toarray()
    assert near[0, 1] > 0.3
    assert near[0, 2] == 0


class Embeds:
    """Vectors that are mostly one direction, as a language model's are; the rest tells rivers from pies."""

    def embed(self, texts):
        kinds = [("pie" in text, "rivers" in text, "Prove" in text) for text in texts]
        return np.array([[100.0, *(float(each) for each in kind)] for kind in kinds], dtype=np.float32)


def test_embeddings_are_compared_without_what_all_have_in_common():
    rows = embedded(POOL[:4], Embeds())
    near = rows @ rows.T
    assert near[0, 1] == pytest.approx(1)
    assert near[0, 2] < 0.2
    _, found = select(features="embedding", backend=Embeds())
    assert {id_ for id_, each in found.items() if each.selected} == {"apple", "rivers", "prime"}


def test_embeddings_need_a_backend_that_can_embed():
    with pytest.raises(AbilityError, match="selector diverse: features = embedding"):
        select(features="embedding")
    assert (make().needs_backend, make(features="embedding").needs_backend) == (False, True)


@pytest.mark.parametrize(
    "options", [{"max_similarity": 0}, {"max_similarity": 1.2}, {"features": "colour"}, {"fil": 1}]
)
def test_wrong_options_are_refused(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        make(**options)


def test_it_comes_in_through_the_hook_with_a_description_for_every_option():
    assert isinstance(make(), DiverseSelector)
    (strategy,) = hooks.icon_selectors()
    assert all(field.description for field in strategy.options.model_fields.values())


def test_listing_it_imports_nothing_heavy():
    program = "import sys; from icon_diverse import hooks; hooks.icon_selectors(); print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert not {"numpy", "scipy", "sklearn", "icon_diverse.selector"} & set(done.stdout.split())
