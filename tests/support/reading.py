"""What becomes of a single record: the one sample that it is, or the one fault that makes it a bad row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from icon.errors import BadRowsError, RowFault
from icon.samples import load_samples
from icon.types import Sample

Write = Callable[..., str]


def only(write: Write, record: Mapping[str, Any], **options: Any) -> Sample:
    """The one sample of a record."""
    (sample,) = load_samples(write([record]), **options).samples
    return sample


def fault(write: Write, record: Mapping[str, Any], **options: Any) -> RowFault:
    """The one fault of a record that is no sample."""
    with pytest.raises(BadRowsError) as caught:
        load_samples(write([record]), **options)
    (found,) = caught.value.faults
    return found
