"""The draw of the candidates that are scored, by seed and ids or as the authors drew them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from icon.config import RunConfig
from icon.pipeline.measuring import draw_subset
from icon.samples.load import LoadedSamples
from icon.samples.pool_samples import PoolSamples
from icon.types import Sample


def subset_of(config: RunConfig, pool: LoadedSamples, candidates: Sequence[Sample]) -> PoolSamples:
    """The candidates to score, in scoring order; in memory where they fit there.

    Args:
        config: Size of the subset, seed, way of drawing, and whether prompts with a URL are left out.
        pool: The pool, whose rows a draw as by pandas is over.
        candidates: Its distinct samples without those that are held out or leaks.
    """
    if config.subset_draw == "icon":
        drawn = draw_subset(candidates, subset=config.subset, seed=config.seed, skip_urls=config.skip_urls)
        return drawn.held()
    rows = _rows(pool, skip_urls=config.skip_urls)
    if config.subset is not None and len(rows) > config.subset:
        rows = [rows[place] for place in pandas_draw(len(rows), config.subset, config.seed)]
    usable = PoolSamples.of(candidates)
    by_row: dict[int, list[int]] = {}
    for number, row in enumerate(usable.rows.tolist()):
        by_row.setdefault(row, []).append(number)
    first_rows = dict(zip(pool.duplicates.rows.tolist(), pool.duplicates.first_rows.tolist(), strict=True))
    rows_drawn = dict.fromkeys(first_rows.get(row, row) for row in rows)
    numbers = [number for row in rows_drawn for number in by_row.get(row, ())]
    return usable.take(np.array(numbers, np.int64)).held()


def pandas_draw(n: int, size: int, seed: int) -> list[int]:
    """The places that `DataFrame.sample(n=size, random_state=seed)` draws from a table of n rows, in its order.

    pandas draws without replacement from numpy's legacy generator, whose stream is fixed: a permutation's beginning.
    """
    return [int(place) for place in np.random.RandomState(seed).permutation(n)[:size]]


def _rows(pool: LoadedSamples, *, skip_urls: bool) -> list[int]:
    """The rows of the table that the authors draw from: all, or those whose prompt has no http:// or https://.

    A row that could not be read as a sample is in the table as well, and is drawn in vain.
    """
    if not skip_urls:
        return list(range(pool.n_rows))
    with_url = {sample.row for sample in pool.samples if _has_url(sample)}
    twins = zip(pool.duplicates.rows.tolist(), pool.duplicates.first_rows.tolist(), strict=True)
    with_url |= {row for row, first_row in twins if first_row in with_url}
    return [row for row in range(pool.n_rows) if row not in with_url]


def _has_url(sample: Sample) -> bool:
    return "http://" in sample.prompt_text or "https://" in sample.prompt_text
