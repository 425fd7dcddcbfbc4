"""`icon show-prompt`: the exact text and tokens that are scored for one sample."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from icon.cli._completion import strategies, templates, values
from icon.cli._console import out, safe
from icon.cli._defaults import choices_of, default_of
from icon.cli._options import describe
from icon.cli._settings import collect
from icon.errors import ConfigError, UserError

if TYPE_CHECKING:
    from icon.config import RunConfig
    from icon.samples.load import LoadedSamples
    from icon.samples.show import ShownPrompt
    from icon.types import Sample


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("show-prompt")(show_prompt)


def show_prompt(
    pool: Annotated[str, typer.Argument(help=describe("pool"))],
    sample: Annotated[str, typer.Argument(metavar="ID", help="Id of the sample, or the number of its row.")],
    assessment: Annotated[
        str | None, typer.Option(help="Show the sample as demonstration in front of a task of this assessment set.")
    ] = None,
    task: Annotated[
        int | None, typer.Option(min=0, help="Which task of --assessment, counted from 0; by default the first.")
    ] = None,
    column: Annotated[list[str] | None, typer.Option(help=describe("columns"), metavar="<str>, repeatable")] = None,
    format: Annotated[
        str | None,
        typer.Option(help=describe("format"), show_default=default_of("format"), autocompletion=strategies("reader")),
    ] = None,
    split: Annotated[str | None, typer.Option(help=describe("split"), show_default=default_of("split"))] = None,
    turns: Annotated[
        str | None,
        typer.Option(
            help=describe("turns"),
            show_default=default_of("turns"),
            metavar=choices_of("turns"),
            autocompletion=values("turns"),
        ),
    ] = None,
    reasoning: Annotated[
        str | None,
        typer.Option(
            help=describe("reasoning"),
            show_default=default_of("reasoning"),
            metavar=choices_of("reasoning"),
            autocompletion=values("reasoning"),
        ),
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help=describe("ignore"), metavar="<str>, repeatable")] = None,
    template: Annotated[
        str | None,
        typer.Option(help=describe("template"), show_default=default_of("template"), autocompletion=templates),
    ] = None,
    backend: Annotated[
        str | None,
        typer.Option(
            help="Backend whose tokenizer is used.",
            show_default=default_of("backend"),
            autocompletion=strategies("backend"),
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model whose tokenizer is used; by default smollm2, the embedded one.")
    ] = None,
    skip_tokens: Annotated[
        int | None, typer.Option(min=0, help=describe("skip_tokens"), show_default=default_of("skip_tokens"))
    ] = None,
    primed: Annotated[
        bool | None, typer.Option("--primed/--no-primed", help=describe("primed"), show_default=default_of("primed"))
    ] = None,
    config: Annotated[str | None, typer.Option(help="Settings file, or the run.json of a run.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Print what is scored for a sample of POOL: text, tokens, BOS count, boundaries, truncation."""
    given = {key: value for key, value in locals().items() if value is not None}
    from dataclasses import asdict

    from icon.cli.plan import print_json

    if task is not None and assessment is None:
        raise ConfigError(f"--task {task}: there is no set to take it from; valid: beside --assessment")
    shown = _shown(collect({**given, "on_bad_row": "skip"}), sample, (task or 0) if assessment else None)
    if as_json:
        print_json(asdict(shown))
    else:
        _print(shown)


def _shown(config: RunConfig, sample: str, task: int | None) -> ShownPrompt:
    from icon.cli._run_plugins import plugins_of
    from icon.pipeline.assess import build_assessment
    from icon.runs.directory import RunDirectory
    from icon.runs.manifest import Manifest
    from icon.runs.model import Model
    from icon.runs.pool import PoolReader
    from icon.runs.run import Run
    from icon.samples.show import TokenLimits
    from icon.samples.show import show_prompt as show
    from icon.scorers.rendering import render_primer

    run = Run(RunDirectory(Path()), Manifest(config=config), plugins_of(config, (), begun=True))
    model, pool = Model(run), PoolReader(run).samples
    try:
        chosen, candidate = _find(pool, sample, config.pool), None
        if task is not None:
            built, _ = build_assessment(run, pool, needed=True)
            if task >= len(built):
                raise UserError(f"--task {task}: the assessment set has tasks 0 to {len(built) - 1}")
            chosen, candidate = built[task], chosen
        backend = model.backend
        limits = TokenLimits(
            config.max_prompt_tokens,
            config.max_demonstration_tokens,
            config.max_response_tokens,
            config.on_too_long == "truncate",
        )
        info, chat = backend.describe(), backend.chat_template()
        tokenize, pieces = backend.tokenize, backend.token_pieces
        return show(
            chosen,
            model.template,
            tokenize,
            pieces,
            bos=info.bos,
            candidate=candidate,
            limits=limits,
            primer=render_primer(model.template) if config.primed else "",
            skip_tokens=config.skip_tokens,
            bos_text=chat.bos_token if chat and info.settings.get("special_tokens") is not False else "",
            tokenize_after=getattr(backend, "tokenize_after", None),
        )
    finally:
        model.close()


def _scored(shown: ShownPrompt) -> str:
    return f"scored after the first {shown.skipped}" if shown.skipped else "scored"


def _find(loaded: LoadedSamples, name: str, pool: str) -> Sample:
    for sample in loaded.samples:
        if name in (sample.id, str(sample.row), f"row:{sample.row}"):
            return sample
    for fault in loaded.faults:
        if name in (str(fault.row), f"row:{fault.row}"):
            raise UserError(f"{pool}: row {fault.row} is not a sample: {fault}")
    raise UserError(
        f"{pool}: no sample with the id or row {name!r}; valid: an id of scores.parquet, "
        f"or a row from 0 to {loaded.samples[-1].row} (row:0 is row 0, too)"
    )


def _print(shown: ShownPrompt) -> None:
    from rich.text import Text

    out().print(f"sample {shown.id}   template {shown.template}   BOS tokens {shown.n_bos}", markup=False)
    for name, part in (("context", shown.context), ("prompt", shown.prompt), ("response", shown.response)):
        scored = _scored(shown) if name == "response" else "not scored"
        head = f"\n{name}: {len(part.token_ids)} tokens, positions {part.start} to {part.end}, {scored}"
        out().print(head if part.token_ids else f"\n{name}: none", style="bold", markup=False)
        tokens = Text()
        for place, piece in enumerate(part.pieces):
            tokens.append(safe(piece).replace("\n", "\u21b5\n"), style=("reverse" if place % 2 else ""))
        if part.token_ids:
            out().print(tokens, soft_wrap=True)
    for note in shown.notes:
        out().print(f"\nnote: {note}", markup=False)
