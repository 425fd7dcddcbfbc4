"""The model of a run as run.json has it: what its backend reported of it, and what of that decides a measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Self

from pydantic import Field

from icon.runs.records import JsonObject, Record, plain
from icon.types import BackendInfo

PROOF = "weights_digest"
"""The setting in which a backend reports the digest of the weights that it has in memory; older runs have none."""

NOTE = "note"
"""The setting in which a backend says why it runs the model as it does; it may depend on what is free at a start."""


class ModelRecord(Record):
    """What the backend reported of its model; see `types.BackendInfo`.

    Attributes:
        note: Why it runs the model so; another one at a later start is accepted. In older runs it is a setting.
    """

    backend: str
    model: str
    digest: str
    precision: str
    tokenizer_digest: str
    context_length: int
    bos: bool
    device: str
    versions: dict[str, str] = Field({})
    settings: JsonObject = Field({})
    note: str = ""

    @classmethod
    def of(cls, info: BackendInfo) -> Self:
        """The record of what a backend reports, without the number of parameters, which follows from the digest."""
        known = asdict(info)
        known[NOTE] = str(known["settings"].pop(NOTE, ""))
        return cls.model_validate({name: known[name] for name in cls.model_fields})

    def without_proof(self) -> Self:
        """The record without the digest of the weights in memory."""
        settings = {name: value for name, value in self.settings.items() if name != PROOF}
        return self.model_copy(update={"settings": settings})

    def after(self, earlier: ModelRecord) -> Self:
        """The record as a run goes on with it: a note that was among the settings stays there, as in its parts' key."""
        kept = {NOTE: earlier.settings[NOTE]} if NOTE in earlier.settings else {}
        return self.model_copy(update={"settings": {**self.settings, **kept}})

    def decisive(self) -> Mapping[str, Any]:
        """What decides a measurement, for the key of a part: all but the note and the digest of the weights."""
        return {name: value for name, value in plain(self.without_proof()).items() if name != NOTE}
