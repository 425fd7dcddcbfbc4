"""`icon show-prompt`: the exact text and tokens that are scored for one sample."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from icon.cli.console import out, safe
from icon.cli.settings import collect
from icon.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icon.config import RunConfig
    from icon.samples.show import ShownPrompt
    from icon.types import Sample


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("show-prompt")(show_prompt)


def show_prompt(
    pool: Annotated[str, typer.Argument(help="File, folder or hub name of the pool; demo is the embedded one.")],
    sample: Annotated[str, typer.Argument(metavar="ID", help="Id of the sample, or the number of its row.")],
    behind: Annotated[
        str | None, typer.Option(help="Id or row of a candidate whose demonstration stands in front.")
    ] = None,
    template: Annotated[str | None, typer.Option(help="Prompt template: alpaca, plain, chat, or a Jinja file.")] = None,
    backend: Annotated[str | None, typer.Option(help="Backend whose tokenizer is used.")] = None,
    model: Annotated[str | None, typer.Option(help="Model whose tokenizer is used.")] = None,
    format: Annotated[str | None, typer.Option(help="Record format of the pool, if not recognised.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Print what is scored for a sample of POOL: text, tokens, BOS count, boundaries, truncation."""
    from dataclasses import asdict

    from icon.cli.plan import print_json

    settings = {"pool": pool, "template": template, "backend": backend, "model": model, "format": format}
    shown = _shown(collect({key: value for key, value in settings.items() if value is not None}), sample, behind)
    if as_json:
        print_json(asdict(shown))
    else:
        _print(shown)


def _shown(config: RunConfig, sample: str, behind: str | None) -> ShownPrompt:
    from icon.cli.loading import load_plugins
    from icon.runs.directory import RunDirectory
    from icon.runs.manifest import Manifest
    from icon.samples.show import TokenLimits
    from icon.samples.show import show_prompt as show
    from icon.session import Session

    config = config.model_copy(update={"on_bad_row": "skip"})
    session = Session(config, load_plugins(), RunDirectory(Path()), Manifest(config.model_dump(mode="json")))
    try:
        pool = session.pool.samples
        chosen = _find(pool, sample, config.pool)
        candidate = None if behind is None else _find(pool, behind, config.pool)
        backend = session.backend
        truncate = config.on_too_long == "truncate"
        limits = TokenLimits(
            config.max_prompt_tokens, config.max_demonstration_tokens, config.max_response_tokens, truncate
        )
        return show(
            chosen,
            session.template,
            backend.tokenize,
            backend.token_pieces,
            bos=backend.describe().bos,
            candidate=candidate,
            limits=limits,
        )
    finally:
        session.close()


def _find(samples: Sequence[Sample], name: str, pool: str) -> Sample:
    for each in samples:
        if name in (each.id, str(each.row)):
            return each
    rows = samples[-1].row
    raise UserError(
        f"{pool}: no sample with the id or row {name!r}; valid: an id of scores.parquet, or a row from 0 to {rows}"
    )


def _print(shown: ShownPrompt) -> None:
    from rich.text import Text

    out().print(f"sample {shown.id}   template {shown.template}   BOS tokens {shown.n_bos}", markup=False)
    for name, part in (("context", shown.context), ("prompt", shown.prompt), ("response", shown.response)):
        scored = "scored" if name == "response" else "not scored"
        head = f"\n{name}: {len(part.token_ids)} tokens, positions {part.start} to {part.end}, {scored}"
        out().print(head if part.token_ids else f"\n{name}: none", style="bold", markup=False)
        tokens = Text()
        for place, piece in enumerate(part.pieces):
            tokens.append(safe(piece).replace("\n", "\u21b5\n"), style=("reverse" if place % 2 else ""))
        if part.token_ids:
            out().print(tokens, soft_wrap=True)
    for note in shown.notes:
        out().print(f"\nnote: {note}", markup=False)
