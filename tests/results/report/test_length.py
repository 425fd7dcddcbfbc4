"""What length explains, worked by hand."""

import numpy as np
import pytest

from icon.results.report._histograms import MOST_POINTS, density, length_chart, r_squared


def test_a_straight_line_explains_everything_and_a_symmetric_bend_nothing():
    x = np.array([1.0, 2.0, 3.0])
    assert r_squared(x, 5 - 2 * x) == pytest.approx(1)
    assert r_squared(x, np.array([1.0, 0.0, 1.0])) == pytest.approx(0)


def test_the_share_is_that_of_the_squared_correlation():
    # means 2.5 and 1; deviations (-1.5, -.5, .5, 1.5) and (-1, 1, -1, 1): product 2, squares 5 and 4: r^2 = 4 / 20
    assert r_squared(np.array([1.0, 2, 3, 4]), np.array([0.0, 2, 0, 2])) == pytest.approx(0.2)


@pytest.mark.parametrize(("x", "y"), [([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [4, 4, 4]), ([1, 2], [1, 2])])
def test_where_nothing_varies_there_is_no_share(x, y):
    assert r_squared(np.array(x, dtype=float), np.array(y, dtype=float)) is None


def test_a_score_that_is_the_logarithm_of_the_length_is_explained_by_it(page_of):
    texts = [("q", "x" * n) for n in (1, 10, 100, 1000)]
    page = page_of([0.0, 1.0, 2.0, 3.0], 1, texts=texts)
    found = length_chart(page.scored, page.samples, 0)
    assert found["r_squared"] == pytest.approx(1)
    assert found["spearman"] == pytest.approx(1)
    assert found["points"] == {
        "x": [1, 10, 100, 1000],
        "y": [0, 1, 2, 3],
        "row": [0, 1, 2, 3],
        "turn": [0, 0, 0, 0],
        "selected": [0, 0, 0, 1],
    }
    assert found["density"] is None


def test_rows_without_a_text_are_counted_and_left_out(page_of):
    page = page_of([1.0, 2.0, 3.0, 4.0], 1)
    del page.samples["id0"]
    assert length_chart(page.scored, page.samples, 0)["missing"] == 1
    del page.samples["id1"]
    assert length_chart(page.scored, page.samples, 0) is None


def test_more_points_than_are_shown_are_counted_in_the_density(page_of):
    n = MOST_POINTS + 500
    page = page_of([float(i % 7) for i in range(n)], 10, texts=[("q", "x" * (i % 50 + 1)) for i in range(n)])
    found = length_chart(page.scored, page.samples, 3)
    assert len(found["points"]["x"]) == MOST_POINTS
    assert sum(map(sum, found["density"]["counts"])) == n


def test_the_density_of_values_that_differ_by_rounding_alone_is_drawn():
    found = density(np.array([1.0, 2.0]), np.array([0.3, 0.1 + 0.2]))
    assert sum(map(sum, found["counts"])) == 2
    assert (found["y"][0], found["y"][-1]) == pytest.approx((-0.2, 0.8))


def test_scores_that_differ_by_rounding_alone_are_explained_by_nothing(page_of):
    # 0.1 + 0.2 is one bit above 0.3, and the longer texts have it
    texts = [("q", "x" * n) for n in (10, 20, 30, 40)]
    page = page_of([0.3, 0.3, 0.1 + 0.2, 0.1 + 0.2], 1, texts=texts)
    found = length_chart(page.scored, page.samples, 0)
    assert (found["r_squared"], found["spearman"]) == (None, None)
