"""The short lists, the heat map, difficulty and the kinds of decisions, worked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from icon.results.report._clusters import Clusters, cluster
from icon.results.report._histograms import difficulty
from icon.results.report._lists import kinds, short_lists
from icon.results.report._texts_compared import ALL, NO_TASKS, heat_map
from icon.results.text_vectors import text_vectors
from icon.types import ScoreRow


def test_short_responses_with_a_high_score_are_found(page_of):
    # ten candidates, lengths 10 to 100; the two best by score are rows 0 (shortest) and 9 (longest)
    scores = [9.0, 1, 2, 3, 4, 5, 6, 7, 0, 8]
    page = page_of(scores, 2, texts=[("q", "x" * 10 * (row + 1)) for row in range(10)])
    found = {listed.title: [row.row for row in listed.rows] for listed in short_lists(page.scored, page.samples, 2)}
    assert found["Best"][:3] == [0, 9, 7]
    assert found["Worst"][:2] == [8, 1]
    assert found["High score, short response"] == [0]
    assert found["Low score, long response"] == []  # the longest, row 9, is among the best
    assert found["High score, low consistency"] == []  # all are equally consistent
    assert len(found["Least certain"]) == 10


def test_the_heat_map_is_the_mean_by_group_and_cluster():
    rows = [
        ScoreRow("a", 0, 0, "scored", "", "", score=1.0, groups={"g": 1.0, "h": 0.0}),
        ScoreRow("b", 1, 0, "scored", "", "", score=2.0, groups={"g": 3.0}),
        ScoreRow("c", 2, 0, "scored", "", "", score=6.0, groups={"g": 8.0}),
    ]
    found = heat_map(rows, Clusters(["one", "two"], np.array([1, 1, 0])))
    assert found["clusters"] == ["two", "one"]  # the larger first
    assert found["sizes"] == [2, 1]
    assert found["groups"] == ["g", "h"]
    assert found["means"] == [[2.0, 8.0], [0.0, None]]
    assert found["overall"] == [4.0, 0.0]


def test_without_groups_there_is_one_row_of_scores():
    rows = [ScoreRow(name, 0, 0, "scored", "", "", score=score, n_assessed=3) for name, score in (("a", 1), ("b", 4))]
    found = heat_map(rows, Clusters(["all"], np.array([0, 0])))
    assert (found["groups"], found["means"], found["grouped"]) == ([ALL], [[2.5]], False)
    alone = [replace(row, n_assessed=0) for row in rows]
    assert heat_map(alone, Clusters(["all"], np.array([0, 0])))["groups"] == [NO_TASKS]


def test_texts_of_two_kinds_make_two_clusters_named_by_their_words():
    texts = ["apple banana cherry fruit"] * 20 + ["engine wheel brake motor"] * 20
    texts = [f"{text} {'red' if i % 2 else 'blue'}" for i, text in enumerate(texts)]
    found = cluster(text_vectors(texts), len(texts), 0)
    assert len(set(found.labels[:20])) == len(set(found.labels[20:])) == 1
    assert set(found.names[found.labels[0]].split(", ")) <= {"apple", "banana", "cherry", "fruit"}
    assert set(found.names[found.labels[-1]].split(", ")) <= {"engine", "wheel", "brake", "motor"}


@pytest.mark.parametrize("texts", [["same words here"] * 50, ["", "?"], ["one", "two", "three"]])
def test_texts_that_cannot_be_parted_are_one_cluster(texts):
    found = cluster(text_vectors(texts), len(texts), 0)
    assert found.names == ["all"]
    assert found.labels.tolist() == [0] * len(texts)


def test_difficulty_holds_the_selected_against_the_rest_and_takes_the_sign_of_ifd_off():
    values = [0.2, 0.4, 0.6, -1.5]
    rows = [
        ScoreRow(str(i), i, 0, "scored", "", "", selected=i < 2, score=1.0, baselines={"ifd": value})
        for i, value in enumerate(values)
    ]
    found = difficulty(rows, "icon")
    assert found["median_selected"] == pytest.approx(0.3)
    assert found["median_rest"] == pytest.approx(1.05)
    assert sum(found["selected"]) == pytest.approx(1)
    assert difficulty(rows[:2], "icon") is None


def test_decisions_are_told_together_whatever_numbers_they_hold():
    rows = [ScoreRow("a", i, 0, "scored", "", f"below the cut: rank {i} of 9, 2 kept") for i in range(5)]
    rows.append(ScoreRow("b", 7, 0, "duplicate", "", "dropped: exact duplicate of row 3"))
    first, second = kinds(rows)
    assert (first.n, first.reason, first.rows) == (5, "below the cut: rank … of …, … kept", [0, 1, 2])
    assert (second.status, second.n, second.rows) == ("exact duplicate", 1, [7])


def test_where_most_responses_are_equally_short_none_of_them_is_odd(page_of):
    # 16 of 20 answers have three letters: being one of them is nothing special, and nothing is shorter
    texts = [("q", "yes" if row < 16 else "x" * 50) for row in range(20)]
    page = page_of([float(row) for row in range(20)], 5, texts=texts)
    found = {listed.title: listed.rows for listed in short_lists(page.scored, page.samples, 5)}
    assert found["High score, short response"] == []


def test_no_row_is_among_the_best_and_among_the_worst(page_of):
    page = page_of([float(row) for row in range(10)], 8, texts=[("q", "x" * (row + 1)) for row in range(10)])
    found = {listed.title: listed for listed in short_lists(page.scored, page.samples, 8)}
    assert found["Low score, long response"].how.startswith("Among the worst 2 by score")


def test_texts_in_chinese_share_terms():
    texts = ["我喜欢吃苹果", "他喜欢吃香蕉", "天气很好"] * 3
    assert {"喜", "苹", "天"} <= set(text_vectors(texts).terms)


def test_fewer_kinds_of_texts_than_clusters_make_as_many_clusters_as_kinds():
    texts = ["apple banana"] * 50 + ["engine wheel"] * 50  # 100 texts would be parted into 4
    assert sorted(np.bincount(cluster(text_vectors(texts), 100, 0).labels)) == [50, 50]
