"""The texts that a page shows or compares, of a pool whose texts are not all in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from icon.runs.row_view import RowView
from icon.samples.places import Places
from icon.samples.pool_samples import PoolSamples
from icon.types import Sample


class PoolTexts(Mapping[str, Sample]):
    """The samples of a pool by id, which stay where they are until they are asked for.

    Args:
        samples: The samples.
    """

    def __init__(self, samples: PoolSamples) -> None:
        self._samples = samples
        self._by_ids = samples.by_ids

    def __getitem__(self, id_: str) -> Sample:
        return self._by_ids[id_]

    def __contains__(self, id_: object) -> bool:
        return id_ in self._by_ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_ids)

    def __len__(self) -> int:
        return len(self._samples)

    def some(self, ids: Iterable[str]) -> Mapping[str, Sample]:
        """The samples with these ids, in memory, read in one pass."""
        return self._samples.by_id(ids)

    def answers(self, ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
        """Characters of the response of each of these, -1 where there is no such sample."""
        places = Places(self._samples.ids).of(ids)
        return np.where(places < 0, -1, self._samples.answers[places].astype(np.int64))


def texts_of(samples: PoolSamples) -> Mapping[str, Sample]:
    """The samples of a pool by id: as they are where their texts are in memory."""
    return {sample.id: sample for sample in samples} if samples.is_held else PoolTexts(samples)


def some_of(samples: Mapping[str, Sample], ids: Iterable[str]) -> Mapping[str, Sample]:
    """The samples with these ids, as far as they are known, in memory."""
    return samples.some(ids) if isinstance(samples, PoolTexts) else samples


def answers_of(samples: Mapping[str, Sample], rows: RowView) -> NDArray[np.int64]:
    """Characters of the response of each row; -1 where its text is not known."""
    if isinstance(samples, PoolTexts):
        return samples.answers(rows.ids)
    texts = (samples.get(id_.decode()) for id_ in rows.ids.tolist())
    return np.array([-1 if sample is None else len(sample.response) for sample in texts], dtype=np.int64)
