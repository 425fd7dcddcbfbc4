"""The page: everything computed, put into blocks, and laid out by the template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from icon.config import parse_keep
from icon.results.advice import advice
from icon.results.audit import lessons
from icon.results.report import _assets, _positions, _sentences
from icon.results.report._answers import answers, distances, sources
from icon.results.report._assets import Block, json_block, packed, packed_block
from icon.results.report._certainty import around_the_cut, last_kept
from icon.results.report._figures import cost, facts, figures
from icon.results.report._histograms import difficulty, histogram, length_chart
from icon.results.report._lists import by_status, kinds, short_lists
from icon.results.report._pool_texts import some_of
from icon.results.report._rows import carried_rows, columns, places_in_files, token_details
from icon.results.report._texts import BLOCK, Cut, Texts, text_blocks
from icon.results.report._texts_compared import texts_compared
from icon.results.report._threshold import PageInput, Ranking, carried, command, ranking, selector_of
from icon.results.report._validation import chart, section_text
from icon.results.wording import sentence
from icon.runs.scores import as_table
from icon.types import ScoreRow, part_of
from icon.visible import visible

MOST_BYTES = 24_000_000
"""Most bytes of a page."""
SPARE = 200_000
"""Of them, for the text around the blocks."""
LAID_OUT = ("heat", "diversity", "candidates", "scored", "scored_shown")
"""What the template shows by itself, so that no script needs it."""


def render(page: PageInput) -> str:
    """The page as HTML text."""
    rank = ranking(page.rows)
    length = length_chart(page.scored, page.samples, page.seed)
    kept = kept_of(page, rank)
    rows, lists = _rows(page, kept)
    charts = _charts(page, rank, kept) | {"length": length, "lists": lists, "block": BLOCK}
    charts["stride"] = carried(rank.values)["stride"] if len(rows) < len(page.rows) else 1
    blocks, texts, cut = _blocks(page, rank, rows, charts)
    environment = Environment(
        loader=PackageLoader("icon.results.report"),
        autoescape=True,
        finalize=_seen,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        policy=_assets.policy(),
        style=Markup(_assets.style()),
        licences=Markup(_assets.licences()),
        vendored=[Markup(text) for text in _assets.vendored()],
        script=Markup(_assets.script()),
        blocks=blocks,
        texts=texts,
        cut=cut,
        page=page,
        advice=advice(page.manifest, page.validated, page.path),
        answers=answers(page, rank, charts, kept),
        distances=distances,
        last_kept=last_kept,
        sentence=sentence,
        lessons=[] if page.summary.audit is None else list(lessons(page.summary.audit)),
        pool=_sentences.pool_name(page),
        rank=rank,
        selector=selector_of(page, rank),
        assessed=_sentences.is_assessed(page),
        charts=charts,
        asked=_sentences.asked(page),
        caveats=list(_sentences.caveats(page)),
        validation=section_text(page.validated),
        warnings=page.manifest.warning_lines,
        figures=list(figures(page, length)),
        kinds=kinds(page.rows),
        positions=_positions.section_text(page.summary.positions, of_prompts=not _sentences.is_assessed(page)),
        cost=list(cost(page)),
        dropped=by_status(page.rows),
        by_source=sources(page),
        facts=facts(page.manifest),
        n_carried=len(rows),
    )


def _seen(value: Any) -> Any:
    """What an expression of the template gives, visible; what is ours and marked so stays."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def kept_of(page: PageInput, rank: Ranking) -> int:
    """Number of scored candidates that the share to keep makes, which is one of the candidates that were to be scored.

    Where a classifier ranked the pool a count is one of the pool: the scored ones have their part of it.
    """
    amount, n = parse_keep(page.chosen.keep), len(page.scored)
    if rank.by == "score":
        return min(n, amount.of(page.summary.keep_of or n))
    return min(n, max(1, part_of(amount.as_share(page.summary.candidates), n)))


def _rows(page: PageInput, kept: int) -> tuple[list[ScoreRow], list[Block]]:
    """The rows that the page carries, and the short lists as places among them."""
    lists = short_lists(page.scored, page.samples, kept)
    rows = carried_rows(page.rows, [row for listed in lists for row in listed.rows], page.seed)
    places = {(row.row, row.turn): place for place, row in enumerate(rows)}
    shown = [
        {"title": listed.title, "how": listed.how, "rows": [places[row.row, row.turn] for row in listed.rows]}
        for listed in lists
    ]
    return rows, shown


def _charts(page: PageInput, rank: Ranking, kept: int) -> Block:
    scorer = page.summary.scorer
    groups = as_table(page.rows).names_in("groups")
    return {
        "by": rank.by,
        "selected": page.manifest.has_selection,
        "scorer": scorer,
        "cut": rank.cut,
        "is_a_cut": rank.is_a_cut,
        "histogram": histogram(rank.values) if rank.values else None,
        "command": command(page, rank),
        **texts_compared(page),
        "difficulty": difficulty(page.rows, scorer),
        "certainty": around_the_cut(page.scored, kept, page.measured) if page.scored else None,
        "validation": chart(page.validated),
        "groups": groups,
    }


def _blocks(
    page: PageInput, rank: Ranking, rows: Sequence[ScoreRow], charts: Block
) -> tuple[list[Markup], list[Markup], Cut]:
    """The data blocks that the page starts with, those of the texts, and what the latter leave out."""
    details = token_details(page.details, {task.id: task for task in page.assessment})
    samples = some_of(page.samples, [row.id for row in rows])
    table = columns(rows, samples, rank.by)
    if len(rows) < len(page.rows):  # else the page takes them from the column
        table |= {"ranked": carried(rank.values), "chosen": carried(rank.selected)}
    fixed = [
        json_block("charts", {name: value for name, value in charts.items() if name not in LAID_OUT}),
        packed_block("columns", packed(table)),
        packed_block("details", packed(details)),
    ]
    taken = (
        sum(len(text.encode()) for text in _assets.vendored())
        + len(_assets.script())
        + len(_assets.style())
        + sum(map(len, fixed))
    )
    places = places_in_files(page.rows, rows, has_dropped=page.chosen.keeps == "full")
    texts = Texts(rows, samples, charts["groups"], places)
    blocks, cut = text_blocks(texts, MOST_BYTES - SPARE - taken)
    return fixed, [packed_block(f"texts-{number}", block) for number, block in enumerate(blocks)], cut
