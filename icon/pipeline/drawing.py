"""The draw of the candidates that are scored, by seed and ids or as the authors drew them."""

from __future__ import annotations

from collections.abc import Sequence

from icon.config import RunConfig
from icon.pipeline.measuring import draw_subset
from icon.samples.load import LoadedSamples
from icon.types import Sample


def subset_of(config: RunConfig, pool: LoadedSamples, candidates: Sequence[Sample]) -> list[Sample]:
    """The candidates to score, in scoring order.

    Args:
        config: Size of the subset, seed, way of drawing, and whether prompts with a URL are left out.
        pool: The pool, whose rows a draw as by pandas is over.
        candidates: Its distinct samples without those that are held out or leaks.
    """
    if config.subset_draw == "icon":
        return draw_subset(candidates, subset=config.subset, seed=config.seed, skip_urls=config.skip_urls)
    rows = _rows(pool, skip_urls=config.skip_urls)
    if config.subset is not None and len(rows) > config.subset:
        rows = [rows[place] for place in pandas_draw(len(rows), config.subset, config.seed)]
    by_row: dict[int, list[Sample]] = {}
    for candidate in candidates:
        by_row.setdefault(candidate.row, []).append(candidate)
    first_rows = {duplicate.row: duplicate.first_row for duplicate in pool.duplicates}
    drawn = dict.fromkeys(first_rows.get(row, row) for row in rows)
    return [candidate for row in drawn for candidate in by_row.get(row, ())]


def pandas_draw(n: int, size: int, seed: int) -> list[int]:
    """The places that `DataFrame.sample(n=size, random_state=seed)` draws from a table of n rows, in its order.

    pandas draws without replacement from numpy's legacy generator, whose stream is fixed: a permutation's beginning.
    """
    import numpy as np

    return [int(place) for place in np.random.RandomState(seed).permutation(n)[:size]]


def _rows(pool: LoadedSamples, *, skip_urls: bool) -> list[int]:
    """The rows of the table that the authors draw from: all, or those whose prompt has no http:// or https://.

    A row that could not be read as a sample is in the table as well, and is drawn in vain.
    """
    if not skip_urls:
        return list(range(pool.n_rows))
    with_url = {sample.row for sample in pool.samples if _has_url(sample)}
    with_url |= {duplicate.row for duplicate in pool.duplicates if duplicate.first_row in with_url}
    return [row for row in range(pool.n_rows) if row not in with_url]


def _has_url(sample: Sample) -> bool:
    return "http://" in sample.prompt_text or "https://" in sample.prompt_text
