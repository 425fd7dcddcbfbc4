"""`icon explain`: one sample of a run, what it helped and hurt, and what is like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from icon.cli._completion import runs
from icon.cli._console import one_line, out, safe
from icon.cli._working import working
from icon.cli.plan import print_json
from icon.types import RowStatus

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

MOST_CHARACTERS = 300


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    run: Annotated[Path, typer.Argument(help="Run directory that is finished.", autocompletion=runs)],
    sample: Annotated[str, typer.Argument(metavar="ID", help="Id of a sample, a unique beginning of one, or row:123.")],
    tokens: Annotated[
        bool, typer.Option("--tokens/--no-tokens", help="Measure what each token gained; opens the model if needed.")
    ] = True,
    top: Annotated[int, typer.Option(min=1, help="Assessment samples of either kind, and neighbours, to show.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
) -> None:
    """Explain one sample of a RUN: its score and place, what it helped and hurt token by token, and what is like it."""
    from icon.results import explain as explanation

    with working(None, run) as opened:
        found = explanation.explain(opened.run, opened.model, sample, tokens=tokens, top=top)
    if as_json:
        print_json(found)
    else:
        _show(found)


def _show(found: Mapping[str, Any]) -> None:
    from icon.cli._token_text import has_colour, legend

    console = out()
    console.print(_headline(found))
    console.print(_facts(found))
    for key in ("helped", "hurt"):
        if found["pairs"]:
            console.print()
            _show_pairs(found, key)
    drawn = [each for each in (*found["helped"], *found["hurt"]) if each["tokens"]]
    if drawn:
        console.print()
        control = any(each["nll_random"] is not None for each in drawn)
        console.print(legend(control=control, colour=has_colour(console)))
    if found["neighbours"]:
        console.print()
        console.print(_neighbours(found["neighbours"]))
        console.print(safe(found["neighbours"]["method"]), markup=False, style="dim")
    for note in found["notes"]:
        console.print("note: " + safe(note), markup=False, style="yellow", soft_wrap=True)


def _headline(found: Mapping[str, Any]) -> Text:
    from rich.text import Text

    turn = f", turn {found['turn']}" if found["turn"] else ""
    text = Text.assemble((f"row {found['row']}{turn}", "bold"), (f"  {found['id']}", "dim"))
    kept = ("  kept", "bold green") if found["selected"] else ("  dropped", "bold red")
    return text.append(*kept).append(f"  {_status(found['status'])}", style="yellow")


def _facts(found: Mapping[str, Any]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, told in _told(found):
        table.add_row(name, Text(safe(told)))  # as text: nothing from data is taken for markup
    return table


def _told(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "decision", found["decision"]
    if found["status"] in ("failed", "scored") and found["reason"]:
        yield "noted", found["reason"]
    if score := found["score"]:
        yield "score", _score(score, found["score_rank"])
        if score["low"] is not None and score["high"] is not None:
            yield "interval", _interval(score)
    if found["probability"] is not None:
        yield "probability", f"{found['probability']:.2f} by the classifier"
    if found["groups"]:
        by_value = sorted(found["groups"].items(), key=lambda each: (-each[1], each[0]))
        yield "task groups", ", ".join(f"{name} {value:+.3f}" for name, value in by_value)
    if found["baselines"]:
        told = (f"{name} rank {each['rank']:,} of {each['of']:,}" for name, each in found["baselines"].items())
        yield "baselines", ", ".join(told)
    for name in ("prompt", "response"):
        if found[name] is not None:
            yield name, one_line(found[name], MOST_CHARACTERS)


def _score(score: Mapping[str, Any], rank: Mapping[str, int]) -> str:
    told = f"{score['value']:+.3f}"
    if score["standard_error"] is not None:
        told += f" ±{score['standard_error']:.3f}"
    told += f", rank {rank['rank']:,} of {rank['of']:,} scored"
    if score["n_assessed"]:
        told += f"; {_samples(score['n_assessed'])}"
    return told + (f", log-gain {score['log_gain']:+.3f}" if score["log_gain"] is not None else "")


def _samples(n: int) -> str:
    return f"{n:,} assessment sample{'' if n == 1 else 's'}"


def _interval(score: Mapping[str, Any]) -> str:
    decided = {"in": "surely in", "out": "surely out", "open": "open"}.get(score["decided"], "")
    margin = "" if score["margin"] is None else f", against the others ±{score['margin']:.3f}"
    return f"{score['low']:+.3f} to {score['high']:+.3f}{margin}" + (f"; {decided}" if decided else "")


def _show_pairs(found: Mapping[str, Any], key: str) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from icon.cli._token_text import has_colour, token_text

    console, pairs, several = out(), found["pairs"], found[key]
    head = f"{key} {pairs[key] or 'none'} of {_samples(pairs['measured'])}"
    console.print(head + (", most:" if pairs[key] > len(several) else ":" if several else ""), style="bold")
    for each in several:
        tokens = each["tokens"]
        answer = token_text(tokens, colour=has_colour(console)) if tokens else None
        answer = answer or Text(one_line(each["response"], MOST_CHARACTERS))
        console.print(Padding(_numbers(each), (0, 0, 0, 2)))
        console.print(Padding(Text(one_line(each["prompt"], MOST_CHARACTERS), style="dim"), (0, 0, 0, 4)))
        console.print(Padding(Text.assemble(("→ ", "dim"), answer), (0, 0, 0, 4)))


def _numbers(pair: Mapping[str, Any]) -> Text:
    """The line of one pair: its group, what it gained, and the NLLs behind that."""
    from rich.text import Text

    named = (("c", pair["c"]), ("value", pair["value"]), ("log-gain", pair["log_gain"]))
    told = ", ".join(f"{name} {value:+.3f}" for name, value in named if value is not None)
    others = (("control", pair["nll_random"]), ("alone", pair["nll_baseline"]))
    beside = ", ".join(f"{name} {value:.2f}" for name, value in others if value is not None)
    if pair["nll"] is not None:
        told += f"; NLL {pair['nll']:.2f}" + (f" ({beside})" if beside else "")
    group = f"{one_line(pair['group'], 30)}: " if pair["group"] else ""
    return Text.assemble((group, "cyan"), told)


def _neighbours(found: Mapping[str, Any]) -> Table:
    """The kept samples most like it, a line each."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("nearest kept", "cosine", "score", "rank"):
        table.add_column(name, justify="left" if name == "nearest kept" else "right", no_wrap=True)
    table.add_column("prompt → response")
    width = max(20, out().width - 40)
    several: Sequence[Mapping[str, Any]] = found["kept"]
    for each in several:
        score = "-" if each["score"] is None else f"{each['score']:+.3f}"
        rank = "-" if each["rank"] is None else f"{each['rank']:,}"
        told = Text(one_line(f"{each['prompt']} → {each['response']}", width))
        table.add_row(f"row {each['row']:,}", f"{each['similarity']:.2f}", score, rank, told)
    if not several:
        table.add_row("none", "", "", "", "no kept sample shares a word with it")
    return table


def _status(name: str) -> str:
    """What a status other than scored means."""
    status = RowStatus(name)
    if status == RowStatus.SCORED:
        return ""
    return status.words if status.is_candidate else f"{status.words}, no candidate"
