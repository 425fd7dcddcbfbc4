"""What the summary says of marked records: weak ones below, wanted ones among the best, by every score; by hand."""

import pytest

from icon.results.audit import audit, lessons

MARKS = {"a": "+tasks", "b": "", "c": "+tasks", "d": "cut", "e": "", "f": "cut", "g": "empty", "h": ""}
SCORES = {
    "icon": {"a": 9.0, "b": 4.0, "c": 8.0, "d": 7.0, "e": 3.0, "f": 1.0, "g": 2.0, "h": 0.0},
    "length": {"a": 1.0, "b": 8.0, "c": 7.0, "d": 0.0, "e": 6.0, "f": 0.5, "g": 5.0, "h": 4.0},
    "random": {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0, "f": 6.0, "g": 7.0, "h": 8.0},
}


def test_wanted_records_are_counted_among_the_best_of_each_score():
    found = audit(MARKS, SCORES, field="planted", best=3)
    assert (found.field, found.unmarked, found.candidates, found.best) == ("planted", 3, 8, 3)
    # the best three: a, c, d by icon; b, c, e by length; h, g, f by chance
    assert found.kinds["+tasks"].among_best == {"icon": 2, "length": 1, "random": 0}
    assert found.kinds["cut"].among_best == {"icon": 1, "length": 0, "random": 1}
    assert list(found.kinds) == ["+tasks", "cut", "empty"]


def test_the_auc_of_wanted_records_is_theirs_over_the_unmarked_and_of_weak_ones_the_other_way_round():
    found = audit(MARKS, SCORES, field="planted", best=3)
    # +tasks by icon: 9 and 8 above 4, 3 and 0; by length: 1 above none of 8, 6, 4, and 7 above two of them
    assert (found.kinds["+tasks"].auc["icon"], found.kinds["+tasks"].auc["length"]) == (1.0, pytest.approx(2 / 6))
    # cut by icon: 7 below none of 4, 3, 0, and 1 below two of them; by length 0 and 0.5 are below all
    assert (found.kinds["cut"].auc["icon"], found.kinds["cut"].auc["length"]) == (pytest.approx(2 / 6), 1.0)


def test_the_sentences_say_what_chance_would_give_and_what_each_score_is_best_at():
    one, other = lessons(audit(MARKS, SCORES, field="planted", best=3))
    # 3 of 8 candidates, 2 of them wanted: 0.75
    assert one == (
        "of the best 3 candidates, 2 by icon, 1 by length and 0 by random are marked +tasks (wanted: 2 of 8 are, so a "
        "random choice has about 0.8)"
    )
    # empty: icon 4 and 3 above 2 of three, length 8 and 6 above 5
    assert other == (
        "of the weaknesses, icon finds empty records best (0.67) and length finds cut records best (1.00) (AUC; 0.5 is "
        "chance)"
    )


def test_a_candidate_without_a_score_is_in_no_count_and_where_nothing_is_marked_there_is_no_audit():
    found = audit(MARKS, {"icon": {"b": 1.0, "d": 0.0}}, field="planted", best=3)
    assert found.kinds["cut"].auc["icon"] == 1.0
    assert found.kinds["+tasks"].auc["icon"] is None
    assert found.kinds["+tasks"].among_best == {"icon": 0}
    assert audit(dict.fromkeys(MARKS, ""), SCORES, field="planted", best=3) is None


def test_of_a_run_of_an_older_version_nothing_is_said_that_it_did_not_count():
    found = audit({"b": "", "d": "cut"}, {"icon": {"b": 1.0, "d": 0.0}}, field="planted", best=1)
    older = type(found).model_validate_json(
        '{"field": "planted", "unmarked": 1, "kinds": {"+tasks": {"n": 1, "auc": {"icon": 1.0}}}}'
    )
    assert list(lessons(older)) == []
    assert "among_best" not in older.model_dump_json()
