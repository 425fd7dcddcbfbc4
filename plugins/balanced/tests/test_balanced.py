"""`balanced` fills each group's quota with its best, says what a group could not fill, and gives that to the others."""

import os
import subprocess
import sys

import pytest

from icon.errors import ConfigError
from icon.pipeline import builtin
from icon.plugins import SelectionTask
from icon.plugins.manager import Plugins
from icon.testing import SelectorSuite
from icon.types import Keep, Message, Sample
from icon_balanced import hooks
from icon_balanced.selector import BalancedSelector


def make(**options):
    plugins = Plugins([builtin], entry_points=False)
    plugins.register(hooks, "icon-balanced")
    return plugins.get("selector", "balanced").make(options)


class TestBalanced(SelectorSuite):
    @pytest.fixture
    def make_selector(self):
        return make


class TestBalancedInProportion(SelectorSuite):
    @pytest.fixture
    def make_selector(self):
        return lambda: make(by="source", quotas="proportional")


class TestBalancedByNamedQuotas(SelectorSuite):
    """The suite keeps as few as seven."""

    @pytest.fixture
    def make_selector(self):
        return lambda: make(quotas={"code": 2, "(no group)": "40%"})


def pool(**counts):
    """So many candidates of each group, and their scores: 100 downwards through the groups as they are named.

    `none` has no group; the ids are group and place: code1, code2.
    """
    samples, scores = [], {}
    for group, n in counts.items():
        for place in range(1, n + 1):
            id_ = f"{group}{place}"
            samples.append(Sample(id_, 0, (Message("user", id_),), "a", group=None if group == "none" else group))
            scores[id_] = 100.0 - len(scores)
    return samples, scores


def select(counts, keep, *, unscored=(), **options):
    samples, scores = pool(**counts)
    scores = {id_: score for id_, score in scores.items() if id_ not in unscored}
    selection = make(**options).select(SelectionTask(samples, scores, Keep(count=keep), 1, None))
    return selection, {decision.id: decision for decision in selection.decisions}


def ids(found):
    return [id_ for id_, decision in found.items() if decision.selected]


def column(selection, name):
    return {group: line[name] for group, line in selection.quality["groups"].items()}


def test_equal_quotas_take_the_best_of_each_group():
    selection, found = select({"code": 5, "chat": 4, "none": 3}, keep=6)
    assert ids(found) == ["code1", "code2", "chat1", "chat2", "none1", "none2"]
    assert column(selection, "quota") == column(selection, "selected") == {"chat": 2, "code": 2, "(no group)": 2}
    assert column(selection, "available") == {"chat": 4, "code": 5, "(no group)": 3}
    assert list(selection.warnings) == []
    assert found["chat2"].reason == "selected: place 2 of 4 in group chat, quota of 2; place 7 of 12 by score"
    assert found["code3"].reason == "below the cut: place 3 of 5 in group code, quota of 2; place 3 of 12 by score"
    assert found["none1"].reason.startswith("selected: place 1 of 3 in group (no group), quota of 2")


def test_the_selected_rank_first_by_score_and_then_the_others():
    _, found = select({"code": 3, "chat": 2}, keep=2)
    ranks = {id_: decision.rank for id_, decision in found.items()}
    assert ranks == {"code1": 1, "chat1": 2, "code2": 3, "code3": 4, "chat2": 5}


def test_it_says_what_it_gave_up_against_top():
    quality = select({"code": 3, "chat": 2}, keep=2)[0].quality
    # code1 and chat1 have 100 and 97; top takes code1 and code2 with 100 and 99.
    assert (quality["mean_score"], quality["mean_score_top"], quality["n_shared_with_top"]) == (98.5, 99.5, 1)


def test_places_left_over_go_to_the_largest_groups():
    selection, _ = select({"a": 3, "b": 5, "c": 4}, keep=5)
    assert column(selection, "quota") == {"a": 1, "b": 2, "c": 2}


def test_what_a_group_cannot_fill_goes_to_the_best_of_the_others_with_a_warning():
    selection, found = select({"code": 6, "chat": 6, "rare": 1}, keep=9)
    assert ids(found) == ["code1", "code2", "code3", "code4", "code5", "chat1", "chat2", "chat3", "rare1"]
    assert found["code5"].reason.startswith("selected to fill up: place 5 of 6 in group code, beyond its quota of 3")
    (warning,) = selection.warnings
    assert (
        warning == "fewer scored candidates than their quota: rare 1 of 3; places that go to the best of the others: 2"
    )
    assert column(selection, "selected") == {"code": 5, "chat": 3, "rare": 1}
    assert selection.quality["n_filled"] == 2


def test_proportional_quotas_follow_the_pool_and_not_what_is_scored():
    unscored = [f"code{place}" for place in range(3, 13)]
    selection, found = select({"code": 12, "chat": 4}, keep=4, quotas="proportional", unscored=unscored)
    assert column(selection, "quota") == {"code": 3, "chat": 1}
    assert column(selection, "candidates") == {"code": 12, "chat": 4}
    assert column(selection, "available") == {"code": 2, "chat": 4}
    assert ids(found) == ["code1", "code2", "chat1", "chat2"]
    assert "code 2 of 3; places that go to the best of the others: 1" in selection.warnings[0]
    assert found["code3"].reason == "not scored: balanced ranks scored candidates only"


def test_named_quotas_are_counts_or_shares_and_the_rest_is_shared_by_score():
    counts = {"code": 5, "chat": 5, "maths": 5, "none": 5}
    selection, found = select(counts, keep=10, quotas={"maths": 4, "(no group)": "20%"})
    # 4 of maths, 20% of 10 without a group; the other 4 places go by score to code and chat together.
    assert column(selection, "selected") == {"code": 4, "chat": 0, "maths": 4, "(no group)": 2}
    assert column(selection, "quota") == {"code": None, "chat": None, "maths": 4, "(no group)": 2}
    assert selection.quality["quota_of_the_rest"] == 4
    assert list(selection.warnings) == []
    assert "place 5 of 5 in group code, quota of 4 shared by the other groups" in found["code5"].reason


def test_shares_are_rounded_so_that_they_come_to_what_is_kept():
    # 3.5, 3.5 and 3 places: one rounds up, never both.
    selection, _ = select({"a": 9, "b": 9, "c": 9}, keep=10, quotas={"a": 0.35, "b": "35%", "c": "30%"})
    assert sorted(column(selection, "selected").values()) == [3, 3, 4]
    selection, _ = select({"a": 9, "b": 9}, keep=9, quotas={"a": 0.1, "b": "90%"})
    assert column(selection, "selected") == {"a": 1, "b": 8}


def test_quotas_for_every_group_that_leave_places_say_so():
    selection, found = select({"a": 5, "b": 5}, keep=6, quotas={"a": 1, "b": 2})
    assert ids(found) == ["a1", "a2", "a3", "a4", "b1", "b2"]
    assert "the other groups 0 of 3; places that go to the best of the others: 3" in selection.warnings[0]


def test_a_group_that_does_not_exist_is_refused_with_near_names():
    with pytest.raises(ConfigError) as told:
        select({"code": 5, "chat": 5}, keep=4, quotas={"cod": 2})
    assert "no candidate has the group 'cod'; found: code (5), chat (5). Did you mean code?" in str(told.value)
    assert "--group-field" in str(told.value)


def test_quotas_beyond_what_is_kept_are_refused():
    with pytest.raises(ConfigError, match=r"quotas \(a: 3, b: 50%\) add up to more than the 5 to keep"):
        select({"a": 5, "b": 5}, keep=5, quotas={"a": 3, "b": "50%"})
    select({"a": 5, "b": 5}, keep=6, quotas={"a": 3, "b": "50%"})


@pytest.mark.parametrize(
    ("quotas", "told"),
    [
        ({"a": "60%", "b": 0.5}, "the shares add up to 110%"),
        ({"a": "many"}, "quota of 'a': found 'many'"),
        ({"a": 0}, "quota of 'a': found '0'"),
        ({"a": -3}, "quota of 'a'"),
        ({"a": True}, "quota of 'a'"),
        ({}, "no group is named"),
        ("fair", "equal"),
        (3, "quotas"),
    ],
)
def test_quotas_that_are_none_are_refused(quotas, told):
    with pytest.raises(ConfigError, match=told):
        make(quotas=quotas)


def test_shares_that_come_to_one_are_taken_whatever_their_rounding():
    assert make(quotas={"a": 0.1, "b": 0.2, "c": 0.7}).options.quotas == {"a": "0.1", "b": "0.2", "c": "0.7"}
    make(quotas=dict.fromkeys("abcdefg", 1 / 7))


def test_a_pool_without_groups_is_told():
    selection, found = select({"none": 4}, keep=2)
    assert ids(found) == ["none1", "none2"]
    assert "no candidate has a group, so balanced selects the same as top" in selection.warnings[0]


def test_more_groups_than_places_are_told():
    selection, found = select({"a": 1, "b": 2, "c": 3}, keep=2)
    assert ids(found) == ["b1", "c1"]
    assert "1 of the 3 groups have no place: too many for the 2 to keep" in selection.warnings[0]


def test_the_source_may_take_the_place_of_the_group():
    samples = [Sample(id_, 0, (Message("user", "q"),), "a", source=id_[0]) for id_ in ("x1", "x2", "y1")]
    scores = {"x1": 3.0, "x2": 2.0, "y1": 1.0}
    selection = make(by="source").select(SelectionTask(samples, scores, Keep(count=2), 1, None))
    assert [decision.selected for decision in selection.decisions] == [True, False, True]
    assert "in source y" in selection.decisions[2].reason


def test_it_comes_in_through_the_hook_with_a_description_for_every_option():
    assert isinstance(make(), BalancedSelector)
    (strategy,) = hooks.icon_selectors()
    assert all(field.description for field in strategy.options.model_fields.values())


def test_listing_it_imports_nothing_heavy():
    program = "import sys; from icon_balanced import hooks; hooks.icon_selectors(); print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert not {"numpy", "scipy", "icon_balanced.selector"} & set(done.stdout.split())
