"""The first screen, why some of the best are not selected, and the answers beside the headings."""

import re
from dataclasses import replace

import pytest

from icon.results import wording
from icon.results.report._answers import certainty, equalised, helps, length, passed_over, sources
from icon.results.report._clusters import cluster
from icon.results.report._document import render
from icon.results.report._figures import figures
from icon.results.report._sentences import reliability
from icon.results.report._threshold import ranking
from icon.results.text_vectors import text_vectors
from icon.runs.sources import SourceFacts
from support.records import with_choice, with_summary

TEN = [float(score) for score in range(1, 11)]


def chosen(page, rows, **more):
    page = replace(page, rows=[replace(row, selected=row.row in rows, **more) for row in page.rows])
    return passed_over(page, ranking(page.rows), 3)


def test_why_some_of_the_best_by_score_are_not_selected(page_of):
    page = page_of(TEN, 3)
    assert chosen(page, {7, 8, 9}) is None
    by_text = replace(page, rows=[replace(row, probability=0.5) for row in page.rows])
    said = chosen(by_text, {7, 8, 1})
    assert said.startswith("1 of the best 3 by score is not selected: the selection is by a classifier's probability")
    said = chosen(with_choice(page, selector="diverse"), {7, 0, 1})
    assert said == "2 of the best 3 by score are not selected: the selector diverse looks at more than the score."
    tied = page_of([5.0, 3.0, 3.0, 3.0], 2)
    rows = [replace(row, selected=row.row in (0, 3)) for row in tied.rows]
    said = passed_over(replace(tied, rows=rows), ranking(rows), 2)
    assert said.endswith("they tie with the last one kept, and their ids decide.")


def test_scores_at_equal_length_say_why_a_high_raw_score_falls_back(page_of):
    page = page_of(TEN, 3)
    assert equalised(page) is None
    facts = {"how": "regress", "unit": "tokens", "before": 0.8, "after": 0.0}
    assert "high for its length alone ranks lower" in equalised(with_summary(page, equal_length=facts))


def test_a_run_that_chose_nothing_says_so_first_and_names_nobody_as_passed_over(page_of):
    page = with_choice(page_of(TEN, 3), records_selected=0, selector="none")
    page = replace(page, rows=[replace(row, selected=False, rank=None) for row in page.rows])
    assert passed_over(page, ranking(page.rows), 3) is None
    assert "Nothing was selected." in render(page)


def test_the_answers_are_sentences_with_their_numbers():
    chart = {"r_squared": 0.36, "spearman": -0.6}
    assert length(chart).endswith("(rank correlation −0.60), so a selection by it is to a good part one by length.")
    assert length({"r_squared": 0.1, "spearman": None}).endswith("explains 10% of the variance of the score.")
    margins = {"kind": "paired", "above": 4, "below": 40, "open": 15, "n": 59, "kept": 9, "is_cut": True}
    assert certainty(margins) == (
        "Of the 59 candidates nearest to the cut 4 are better than the last one kept and 40 worse by more than chance "
        "in so many comparisons; 15 may be on either side."
    )
    assert "the last one that would be kept" in certainty(margins, selected=False)
    assert "4 are better than the last of the best 9 by score and" in certainty(margins | {"is_cut": False})
    heat = {"groups": ["a", "b"], "clusters": ["x", "y"], "means": [[0.1, None], [-0.2, 0.3]], "grouped": True}
    assert helps(heat) == "Highest for b: y (0.300 in the mean)."


def test_sources_are_named_by_what_they_gave(page_of):
    facts = [
        SourceFacts(source=name, rows=9, candidates=8, scored=8, selected=n)
        for name, n in zip("abcd", (1, 5, 0, 2), strict=True)
    ]
    page = with_summary(page_of(TEN, 3), sources=[one.model_dump() for one in facts])
    assert sources(page) == "Selected: 5 from b, 2 from d, 1 from a, the others from 1 more source."
    assert "Where it comes from" in render(page)
    assert "Where it comes from" not in render(page_of(TEN, 3))


def test_the_first_screen_has_advice_five_figures_and_the_next_command(page_of, open_page):
    opened = open_page(page_of(TEN, 3), viewport={"width": 1280, "height": 800})
    assert opened.text("h1") == "Usable: 3 of 10 candidates selected."
    assert "icon export runs/one --to trl" in opened.text("#summary-next")
    assert opened.page.locator(".figures dt").count() <= 5
    end = opened.page.locator("#caveats").bounding_box()
    assert end["y"] + end["height"] <= 800
    words = len(re.findall(r"\S+", opened.text("body")))
    assert words < 1200
    assert not opened.page.locator("#caveats li").first.is_visible()
    opened.page.locator("#caveats summary").click()
    for text in opened.page.locator("#caveats li").all_inner_texts():
        assert re.search(r"[.!?]$", text)


def test_the_figures_are_those_of_the_terminal(page_of):
    compared = {"length": {"spearman": -0.09, "overlap": 0.4, "candidates": 10, "top": 5}}
    page = with_summary(page_of(TEN, 3), keep_of=10, keep="30%", against=compared)
    shown = {figure.name: figure for figure in figures(page, {"r_squared": 0.5})}
    assert shown["Selected"].note == "of 10 candidates (30% of 10), by top"
    assert shown["Against length"].value == "−0.09"
    assert shown["Against length"].note == "rank correlation; overlap of the top 5: 40%"
    assert "Explained by length" not in shown
    of_terminal = dict(wording.figures(page.manifest))
    assert "(30% of 10)" in of_terminal["selected"]
    assert of_terminal["against length"] == "rank correlation -0.09, overlap of the top 5: 40%"


def test_a_reliability_leaves_out_those_who_tie_at_the_cut_and_says_so(page_of):
    halves = {"half": 0.6, "full": 0.75, "splits": 10, "samples": 8}
    page = with_summary(page_of(TEN, 3), reliability=halves, race=None)
    tied = with_summary(page, selection_quality={"n_tied": 4, "n_selected_tied": 2})
    for one, ties in ((page, ""), (tied, "the 4 that tie at the cut are in no order")):
        shown = {figure.name: figure for figure in figures(one, None)}
        assert shown["Reliability"].note == f"of 1, from split halves{ties and f'; {ties}'}"
        assert reliability(one).endswith("(1 would be a perfect repetition)." + (ties and f" T{ties[1:]}."))
        assert wording.reliability(one.summary).endswith(ties or "0.75")
    unknown = with_summary(tied, reliability=None)
    assert "in no order" not in reliability(unknown)


def test_a_command_breaks_between_its_words_alone(page_of, open_page):
    opened = open_page(page_of(TEN, 3), viewport={"width": 320, "height": 800})
    lines = opened.page.evaluate(
        "[...document.querySelectorAll('.next code span')].map(word => [word.innerText, word.getClientRects().length,"
        "word.clientHeight < 1.9 * parseFloat(getComputedStyle(word).fontSize)])"
    )
    assert lines
    assert [word for word, boxes, low in lines if boxes > 1 or not low] == []
    assert "icon export runs/one --to trl" in opened.text(".next")


@pytest.mark.parametrize("width", [400, 320])
def test_on_a_phone_no_word_is_broken_and_what_scrolls_says_so(page_of, open_page, width):
    texts = [(f"question about {'engines' if row % 2 else 'gardens'}", f"words {row}") for row in range(10)]
    opened = open_page(page_of(TEN, 3, texts=texts), viewport={"width": width, "height": 800})
    opened.page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    broken = opened.page.evaluate(
        "(() => { const found = []; const walk = document.createTreeWalker(document.querySelector('main'), 4);"
        "while (walk.nextNode()) { const node = walk.currentNode; if (!node.parentElement.checkVisibility()) continue;"
        "for (const match of node.data.matchAll(/[A-Za-z]{3,16}/g)) { const range = document.createRange();"
        "range.setStart(node, match.index); range.setEnd(node, match.index + match[0].length);"
        "if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) found.push(match[0]); } }"
        "return found; })()"
    )
    assert broken == []
    opened.page.wait_for_timeout(100)
    for host in opened.page.locator(".scroll").all():
        wide = host.evaluate("host => host.scrollWidth > host.clientWidth + 1")
        said = host.evaluate("host => getComputedStyle(host, '::before').content")
        assert ("Scroll sideways" in said) == wide


def test_names_of_clusters_are_words_that_many_of_their_texts_have():
    texts = [f"what year was the bridge built {i}" for i in range(100, 120)]
    texts += [f"add the numbers {i} and sums of apples" for i in range(100, 120)]
    found = cluster(text_vectors(texts), len(texts), 0)
    names = [set(name.split(", ")) for name in found.names]
    assert {"year", "bridge", "built"} in names
    assert not any(word.isdigit() for name in names for word in name)
    assert [found.labels[place] for place in found.central] == list(range(len(found.names)))
