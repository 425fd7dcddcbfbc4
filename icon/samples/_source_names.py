"""The source that each file of a pool is: the address that the user gave, or a file that the address stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from icon.samples.addresses import Piece
from icon.samples.shareable import without_secrets

MOST = 200
"""Most files of one address that are sources each; a folder of more is a store, whose parts nobody named."""

_SHARD = re.compile(r"-\d+-of-\d+(-[0-9a-f]+)?(?=\.)")
"""What names a file as one part of a split, as those of the hub are: `train-00000-of-00002.parquet`."""


def source_names(pieces: Sequence[Piece]) -> list[str]:
    """The source of each piece, without secrets; empty names where there is one source.

    Of several addresses each is a source. Of one that stands for several files, as a glob or a folder, each file is,
    as if the files were named one by one; but the parts of one split are one source.
    """
    names = [piece.address for piece in pieces]
    if len(set(names)) == 1:
        names = [_SHARD.sub("-*", piece.name) for piece in pieces]
        if not 1 < len(set(names)) <= MOST:
            return [""] * len(pieces)
    return [without_secrets(name) for name in names]
