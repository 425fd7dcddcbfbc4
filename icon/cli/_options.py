"""The options that `icon run`, `preview`, `plan` and `assess` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from icon.cli._completion import presets, strategies, templates, values
from icon.cli._settings import collect, parse_devices
from icon.config import RunConfig

Start = Callable[[RunConfig, Path | None, tuple[str, ...], bool, bool], None]
"""What a command does with settings, --out, --devices, --dry-run and --json."""

DATA, MODEL, METHOD, RUN = "Data", "Model and prompt", "Method", "Run"


def settings_command(start: Start, doc: str, below: dict[str, Any] | None = None) -> Callable[..., None]:
    """A command that takes every setting of a run and hands them, resolved, to `start`; `below` has its defaults."""

    def command(
        pool: Annotated[
            str | None, typer.Argument(help="File, folder or hub name of the pool; left out: the embedded demo.")
        ] = None,
        assessment: Annotated[
            str | None,
            typer.Option(
                help="File of target tasks, or a builder: demo, paper, stratified, clustered.",
                autocompletion=strategies("assessment"),
                rich_help_panel=DATA,
            ),
        ] = None,
        assessment_size: Annotated[
            int | None, typer.Option(min=1, help="Most assessment samples to use.", rich_help_panel=DATA)
        ] = None,
        format: Annotated[
            str | None,
            typer.Option(
                help="Record format of the pool, if not recognised.",
                autocompletion=strategies("reader"),
                rich_help_panel=DATA,
            ),
        ] = None,
        column: Annotated[
            list[str] | None,
            typer.Option(
                help="Which field is which: prompt=question, response=answer; repeatable.", rich_help_panel=DATA
            ),
        ] = None,
        split: Annotated[str | None, typer.Option(help="Split of a hub data set.", rich_help_panel=DATA)] = None,
        turns: Annotated[
            str | None,
            typer.Option(
                help="Assistant turns that are candidates: last or every.",
                autocompletion=values("turns"),
                rich_help_panel=DATA,
            ),
        ] = None,
        group_field: Annotated[
            str | None, typer.Option(help="Field that holds the task group.", rich_help_panel=DATA)
        ] = None,
        audit_field: Annotated[
            str | None,
            typer.Option(help="Field no stage sees; the summary says how scores separate it.", rich_help_panel=DATA),
        ] = None,
        on_bad_row: Annotated[
            str | None,
            typer.Option(
                help="Rows that cannot be read: error or skip.",
                autocompletion=values("on_bad_row"),
                rich_help_panel=DATA,
            ),
        ] = None,
        on_leak: Annotated[
            str | None,
            typer.Option(
                help="Pool rows that overlap the assessment set: drop, refuse or ignore.",
                autocompletion=values("on_leak"),
                rich_help_panel=DATA,
            ),
        ] = None,
        backend: Annotated[
            str | None,
            typer.Option(
                help="Backend; see icon backends.", autocompletion=strategies("backend"), rich_help_panel=MODEL
            ),
        ] = None,
        model: Annotated[
            str | None,
            typer.Option(help="Model file, hub repo/file, or a name the backend knows.", rich_help_panel=MODEL),
        ] = None,
        dtype: Annotated[
            str | None,
            typer.Option(help="Weights of --backend torch: float32, bfloat16, float16, auto.", rich_help_panel=MODEL),
        ] = None,
        device: Annotated[
            str | None, typer.Option(help="Where --backend torch runs: cpu, cuda, cuda:1.", rich_help_panel=MODEL)
        ] = None,
        devices: Annotated[
            str | None,
            typer.Option(help="Devices to score on, a process each: 0,1 for two GPUs.", rich_help_panel=MODEL),
        ] = None,
        template: Annotated[
            str | None,
            typer.Option(
                help="Prompt template: alpaca, plain, chat, or a Jinja file.",
                autocompletion=templates,
                rich_help_panel=MODEL,
            ),
        ] = None,
        max_prompt_tokens: Annotated[
            int | None, typer.Option(min=1, help="Longest assessment prompt.", rich_help_panel=MODEL)
        ] = None,
        max_demonstration_tokens: Annotated[
            int | None, typer.Option(min=1, help="Longest demonstration.", rich_help_panel=MODEL)
        ] = None,
        max_response_tokens: Annotated[
            int | None, typer.Option(min=1, help="Longest response.", rich_help_panel=MODEL)
        ] = None,
        on_too_long: Annotated[
            str | None,
            typer.Option(
                help="Beyond those limits: truncate or fail.",
                autocompletion=values("on_too_long"),
                rich_help_panel=MODEL,
            ),
        ] = None,
        scorer: Annotated[
            str | None,
            typer.Option(
                help="Contribution scorer; see icon plugins.",
                autocompletion=strategies("scorer"),
                rich_help_panel=METHOD,
            ),
        ] = None,
        control: Annotated[
            str | None,
            typer.Option(
                help="Control of the scorer icon: random (a shared bank), paired or none.", rich_help_panel=METHOD
            ),
        ] = None,
        baseline: Annotated[
            list[str] | None,
            typer.Option(
                help="Scorer to hold the score against; repeatable.",
                autocompletion=strategies("scorer"),
                rich_help_panel=METHOD,
            ),
        ] = None,
        subset: Annotated[
            int | None, typer.Option(min=1, help="How many candidates to score.", rich_help_panel=METHOD)
        ] = None,
        skip_urls: Annotated[
            bool | None,
            typer.Option(
                "--skip-urls/--no-skip-urls", help="Leave prompts with a URL out of the subset.", rich_help_panel=METHOD
            ),
        ] = None,
        schedule: Annotated[
            str | None,
            typer.Option(
                help="Which pairs are measured: race, uniform or exact; by default race from 32 tasks on.",
                autocompletion=values("schedule"),
                rich_help_panel=METHOD,
            ),
        ] = None,
        capture: Annotated[
            float | None,
            typer.Option(
                help="Share of the exact choice's gain at which a race ends: 0.95; 1 for no such end.",
                rich_help_panel=METHOD,
            ),
        ] = None,
        confidence: Annotated[
            float | None,
            typer.Option(help="Confidence at which a race stops a candidate: 0.95.", rich_help_panel=METHOD),
        ] = None,
        order: Annotated[
            str | None,
            typer.Option(
                help="Order of the tasks in a race: stratified or informative.",
                autocompletion=values("order"),
                rich_help_panel=METHOD,
            ),
        ] = None,
        budget: Annotated[
            str | None,
            typer.Option(help="What scoring may spend: 5m, '200k tokens', '5000 passes'.", rich_help_panel=RUN),
        ] = None,
        selector: Annotated[
            str | None,
            typer.Option(
                help="Selector: top, classifier, diverse, balanced, lora; by default top where all is scored.",
                autocompletion=strategies("selector"),
                rich_help_panel=METHOD,
            ),
        ] = None,
        features: Annotated[
            str | None, typer.Option(help="Features of the classifier: lexical or embedding.", rich_help_panel=METHOD)
        ] = None,
        keep: Annotated[
            str | None, typer.Option(help="How much to select: 15%, 0.15, or a count.", rich_help_panel=METHOD)
        ] = None,
        seed: Annotated[int | None, typer.Option(min=0, help="Seed of every draw.", rich_help_panel=METHOD)] = None,
        plugin: Annotated[
            list[str] | None,
            typer.Option(help="Python file with strategies of your own; repeatable.", rich_help_panel=METHOD),
        ] = None,
        preset: Annotated[
            str | None, typer.Option(help="Named settings: paper.", autocompletion=presets, rich_help_panel=RUN)
        ] = None,
        config: Annotated[
            str | None,
            typer.Option(help="Settings file (TOML), or the run.json of a run to replay.", rich_help_panel=RUN),
        ] = None,
        option: Annotated[
            list[str] | None,
            typer.Option(
                "--option", "-o", help="Option of a strategy: scorer.rank_by=log-gain; repeatable.", rich_help_panel=RUN
            ),
        ] = None,
        out: Annotated[
            Path | None,
            typer.Option(help="Run directory; by default one that depends on the settings.", rich_help_panel=RUN),
        ] = None,
        report: Annotated[
            bool | None,
            typer.Option(
                "--report/--no-report", help="Draw report.html at the end; by default yes.", rich_help_panel=RUN
            ),
        ] = None,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Say what would be done, and stop.", rich_help_panel=RUN)
        ] = False,
        as_json: Annotated[
            bool, typer.Option("--json", help="Print the summary as JSON, for programs.", rich_help_panel=RUN)
        ] = False,
    ) -> None:
        given = {key: value for key, value in locals().items() if value is not None}
        start(collect(given, below), out, parse_devices(devices), dry_run, as_json)

    command.__doc__ = doc
    return command
