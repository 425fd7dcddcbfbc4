"""A finished run, as Python code sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.config import RunConfig
from icon.errors import InputError, WrongRunError
from icon.results.loaded import with_selection
from icon.runs.checksums import Covered
from icon.runs.ledger import opened, read_checked, readable
from icon.runs.manifest import Manifest
from icon.runs.scores import scores_of
from icon.types import ScoreRow

if TYPE_CHECKING:
    from datasets import Dataset
    from pandas import DataFrame

    from icon.plugins import Backend
    from icon.results.advice import Advice


@dataclass(frozen=True, slots=True, repr=False)
class RunResult:
    """A finished run: what `icon.run`, `preview`, `select` and `load_run` return.

    Attributes:
        path: The run directory.
        config: The settings that replay it.
        summary: The closing summary as plain data.
        judgement: Of a preview, how far it can be trusted and what the full run would take; None otherwise.
    """

    path: Path
    config: RunConfig
    summary: dict[str, Any]
    judgement: dict[str, Any] | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        from icon.api._shown import line

        return line(self)

    def _repr_html_(self) -> str:
        """What a notebook shows of it."""
        from icon.api._shown import html

        return html(self)

    @property
    def advice(self) -> Advice:
        """What to do with the run, why, and with which command; made when it is read, since a validation may follow."""
        from icon.results.advice import advice
        from icon.results.validated import validated

        _, manifest = opened(self.path)
        return advice(manifest, validated(self.path, manifest), self.path)

    @property
    def rows(self) -> list[ScoreRow]:
        """scores.parquet as records."""
        return list(scores_of(*opened(self.path)))

    def scores(self) -> DataFrame:
        """scores.parquet as a pandas table."""
        import pandas

        return pandas.read_parquet(BytesIO(read_checked(*opened(self.path), "scores.parquet")))

    def selected(self) -> Dataset:
        """selected.jsonl as a `datasets` table.

        Raises:
            icon.RunError: Nothing is selected, since what was measured carries no choice; the message says what to do.
        """
        return _dataset(self.path, "selected.jsonl")

    def dropped(self) -> Dataset:
        """dropped.jsonl as a `datasets` table.

        Raises:
            icon.RunError: The run keeps no dropped records; the message says what to do.
        """
        _, manifest = with_selection(self.path)
        if manifest.stages.select is not None and manifest.stages.select.keeps == "none":
            raise WrongRunError(
                f"{self.path}: the run keeps no dropped records (dropped none); to write them: icon select {self.path} "
                "--dropped full"
            )
        return _dataset(self.path, "dropped.jsonl")

    def report(self, out: str | Path | None = None) -> Path:
        """Write the report again; see `icon.write_report`. Returns the page's path."""
        from icon.api._results import write_report

        return write_report(self, out)

    def export(
        self, to: str, out: str | Path | None = None, *, which: str | None = None, **options: Any
    ) -> dict[str, Any]:
        """Write the records in a format that trainers read; see `icon.export`."""
        from icon.api._results import export

        return export(self, to, out, which=which, **options)

    def as_dataset(self, to: str = "trl", *, which: str = "selected") -> Dataset:
        """The selected records as a `datasets.Dataset`, as a trainer takes it; see `icon.as_dataset`."""
        from icon.api._results import as_dataset

        return as_dataset(self, to, which=which)

    def explain(
        self, id: str | int, *, tokens: bool = True, top: int = 3, backend: Backend | None = None
    ) -> dict[str, Any]:
        """Explain one sample: why it was kept or dropped; see `icon.explain`."""
        from icon.api._results import explain

        return explain(self, id, tokens=tokens, top=top, backend=backend)

    def compare(self, *others: str | Path | RunResult) -> dict[str, Any]:
        """Compare it with other runs, or without any the scorers of this one; see `icon.compare`."""
        from icon.api._results import compare

        return compare(self, *others)


def result_of(path: Path, manifest: Manifest, judgement: dict[str, Any] | None = None) -> RunResult:
    """The result of a run whose run.json has a summary."""
    assert manifest.results is not None
    return RunResult(path, manifest.config, manifest.results.model_dump(mode="json"), judgement)


def _dataset(run: Path, name: Covered) -> Dataset:
    """A file of records as a table, in which texts stay texts: no column is taken for dates, as `load_dataset` does.

    Raises:
        InputError: The values of a field have no type in common.
    """
    import datasets
    import pyarrow as pa

    with readable(*with_selection(run), name) as path, path.open("rb") as file:
        records = [json.loads(line) for line in file]
    names = dict.fromkeys(field for record in records for field in record)
    try:
        return datasets.Dataset.from_dict({field: [record.get(field) for record in records] for field in names})
    except (pa.ArrowException, OverflowError) as error:
        raise InputError(
            f"{run / name}: the values of a field have no type in common ({error}), so they are no table; read the "
            "file line by line"
        ) from None
