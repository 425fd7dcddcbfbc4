"""`icon explain`: one sample of a run, what it helped and hurt, and what is like it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from icon.cli._completion import runs
from icon.cli._console import give_or_take, one_line, out, safe
from icon.cli._working import working
from icon.cli.plan import print_json
from icon.types import RowStatus

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from icon.results.explain import ExplainedPair, Explanation, Neighbours, Place, ScoreStatistics

MOST_CHARACTERS = 300


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    run: Annotated[Path, typer.Argument(help="Run directory that is finished.", autocompletion=runs)],
    sample: Annotated[
        str,
        typer.Argument(metavar="ID", help="Number of a row of the pool (17), or an id or a unique beginning of one."),
    ],
    tokens: Annotated[
        bool, typer.Option("--tokens/--no-tokens", help="Measure what each token gained; opens the model if needed.")
    ] = True,
    top: Annotated[int, typer.Option(min=1, help="Assessment samples of either kind, and neighbours, to show.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
) -> None:
    """Explain one sample of a RUN: its score and place, what it helped and hurt token by token, and what is like it."""
    from icon.results import explain as explanation

    with working(None, run, recording=False) as opened:
        found = explanation.explain(opened.run, opened.model, sample, tokens=tokens, top=top)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _show(found)


def _show(found: Explanation) -> None:
    from icon.cli._token_text import has_colour, legend

    console = out()
    console.print(_headline(found))
    console.print(_facts(found))
    if counts := found.pairs:
        _show_pairs("helped", counts.helped, counts.measured, found.helped)
        _show_pairs("hurt", counts.hurt, counts.measured, found.hurt)
    drawn = [pair for pair in (*found.helped, *found.hurt) if pair.tokens]
    if drawn:
        console.print()
        control = any(pair.nll_random is not None for pair in drawn)
        console.print(legend(control=control, colour=has_colour(console)))
    if found.neighbours:
        console.print()
        console.print(_neighbours(found.neighbours))
        console.print(safe(found.neighbours.method), markup=False, style="dim")
    for note in found.notes:
        console.print("note: " + safe(note), markup=False, style="yellow", soft_wrap=True)


def _headline(found: Explanation) -> Text:
    from rich.text import Text

    turn = f", turn {found.turn}" if found.turn else ""
    text = Text.assemble((f"row {found.row}{turn}", "bold"), (f"  {found.id}", "dim"))
    kept = ("  kept", "bold green") if found.selected else ("  dropped", "bold red")
    if found.of_run == "nothing selected":
        kept = ("  not decided", "bold yellow")
    elif found.of_run == "stopped":
        text.append("  partial", style="bold yellow")
    return text.append(*kept).append(f"  {_status(found.status)}", style="yellow")


def _facts(found: Explanation) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, sentence in _sentences(found):
        table.add_row(name, Text(safe(sentence)))  # as text: nothing from data is taken for markup
    return table


def _sentences(found: Explanation) -> Iterator[tuple[str, str]]:
    yield "decision", found.decision
    if found.status in (RowStatus.FAILED, RowStatus.SCORED) and found.reason:
        yield "noted", found.reason
    if found.score and found.score_rank:
        yield "score", _score(found.score, found.score_rank)
        if found.why_score:
            yield "", found.why_score
        if interval := _interval(found.score):
            yield "interval", interval
    if found.probability is not None:
        yield "probability", f"{found.probability:.2f} by the classifier"
    if found.groups:
        by_value = sorted(found.groups.items(), key=lambda group: (-group[1], group[0]))
        yield "task groups", ", ".join(f"{name} {value:+.3f}" for name, value in by_value)
    if found.baselines:
        ranks = (f"{name} rank {baseline.rank:,} of {baseline.of:,}" for name, baseline in found.baselines.items())
        yield "baselines", ", ".join(ranks)
    for name, text in (("prompt", found.prompt), ("response", found.response)):
        if text is not None:
            yield name, one_line(text, MOST_CHARACTERS)


def _score(score: ScoreStatistics, place: Place) -> str:
    text = f"{score.value:+.3f}{give_or_take(score.standard_error)}"
    text += f", rank {place.rank:,} of {place.of:,} scored"
    if score.n_assessed:
        text += f"; {_samples(score.n_assessed)}"
    return text + (f", log-gain {score.log_gain:+.3f}" if score.log_gain is not None else "")


def _samples(n: int) -> str:
    return f"{n:,} assessment sample{'' if n == 1 else 's'}"


def _interval(score: ScoreStatistics) -> str:
    """The interval that a race gives the score; empty where there is none."""
    if score.low is None or score.high is None:
        return ""
    decided = {"in": "accepted", "out": "rejected", "open": "undecided"}.get(score.decided, "")
    margin = "" if score.margin is None else f", against the others ±{score.margin:.3f}"
    return f"{score.low:+.3f} to {score.high:+.3f}{margin}" + (f"; {decided}" if decided else "")


def _show_pairs(effect: str, count: int, measured: int, pairs: Sequence[ExplainedPair]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from icon.cli._token_text import has_colour, token_text

    console = out()
    console.print()
    head = f"{effect} {count or 'none'} of {_samples(measured)}"
    console.print(head + (", most:" if count > len(pairs) else ":" if pairs else ""), style="bold")
    for pair in pairs:
        answer = token_text(pair.tokens, colour=has_colour(console)) if pair.tokens else None
        answer = answer or Text(one_line(pair.response, MOST_CHARACTERS))
        console.print(Padding(_numbers(pair), (0, 0, 0, 2)))
        console.print(Padding(Text(one_line(pair.prompt, MOST_CHARACTERS), style="dim"), (0, 0, 0, 4)))
        console.print(Padding(Text.assemble(("→ ", "dim"), answer), (0, 0, 0, 4)))


def _numbers(pair: ExplainedPair) -> Text:
    """The line of one pair: its group, what it gained, and the NLLs."""
    from rich.text import Text

    named = (("c", pair.c), ("value", pair.value), ("log-gain", pair.log_gain))
    text = ", ".join(f"{name} {value:+.3f}" for name, value in named if value is not None)
    others = (("control", pair.nll_random), ("alone", pair.nll_baseline))
    beside = ", ".join(f"{name} {value:.2f}" for name, value in others if value is not None)
    if pair.nll is not None:
        text += f"; NLL {pair.nll:.2f}" + (f" ({beside})" if beside else "")
    group = f"{one_line(pair.group, 30)}: " if pair.group else ""
    return Text.assemble((group, "cyan"), text)


def _neighbours(found: Neighbours) -> Table:
    """The kept samples most like it, a line each."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("nearest kept", "cosine", "score", "rank"):
        table.add_column(name, justify="left" if name == "nearest kept" else "right", no_wrap=True)
    table.add_column("prompt → response")
    width = max(20, out().width - 40)
    for neighbour in found.kept:
        score = "-" if neighbour.score is None else f"{neighbour.score:+.3f}"
        rank = "-" if neighbour.rank is None else f"{neighbour.rank:,}"
        texts = Text(one_line(f"{neighbour.prompt} → {neighbour.response}", width))
        table.add_row(f"row {neighbour.row}", f"{neighbour.similarity:.2f}", score, rank, texts)
    if not found.kept:
        table.add_row("none", "", "", "", "no kept sample shares a word with it")
    return table


def _status(status: RowStatus) -> str:
    """A status other than scored in words."""
    if status == RowStatus.SCORED:
        return ""
    return status.words if status.is_candidate else f"{status.words}, no candidate"
