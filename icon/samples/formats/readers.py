"""The built-in readers by name, and the recognition of a file's format from its first records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from icon.errors import InputError, PluginError
from icon.plugins import Options, Reader, Strategy
from icon.samples.formats._conversations import Messages, ShareGpt
from icon.samples.formats._preference import Preference
from icon.samples.formats._prompt_completion import PromptCompletion
from icon.samples.formats._usual_names import UsualNames
from icon.samples.formats.one_text import OneText
from icon.samples.formats.single_turns import Alpaca, Dolly, OpenOrca, QuestionAnswer, Rendered

LOOKED_AT = 50
"""Records from which the format is recognised."""


class BuiltinReader(Reader, Protocol):
    """A reader with a name and a line for listings and messages."""

    name: str
    summary: str


_READERS: tuple[type[BuiltinReader], ...] = (
    Alpaca,
    ShareGpt,
    Messages,
    PromptCompletion,
    Preference,
    Dolly,
    OpenOrca,
    QuestionAnswer,
    Rendered,
    UsualNames,
    OneText,
)


def builtin_readers() -> dict[str, Reader]:
    """The built-in readers by name."""
    return {reader.name: reader() for reader in _READERS}


def reader_strategies() -> list[Strategy]:
    """The built-in readers as strategies."""
    return [Strategy(reader.name, reader.summary, _builder(reader)) for reader in _READERS]


def _builder(reader: type[BuiltinReader]) -> Any:
    def build(options: Options) -> Reader:
        return reader()

    return build


def recognise(source: str, records: Sequence[Mapping[str, Any]], readers: Mapping[str, Reader]) -> str:
    """The name of the reader that matches most of the records.

    Args:
        source: The source's name, for the message.
        records: The first records that could be parsed, at least one; `LOOKED_AT` are enough.
        readers: The known formats by name.

    Raises:
        InputError: No reader matches, or several match equally many.
    """
    fits = {name: [_matches(name, reader, record) for record in records] for name, reader in readers.items()}
    pairs = fits.get(Preference.name, [False] * len(records))  # whatever other format their other fields have
    known = [
        any(of_one) for of_one in zip(*(fits[name] for name in fits if not _is_fallback(readers[name])), strict=True)
    ]
    for name in filter(lambda name: _is_fallback(readers[name]), fits):
        fits[name] = [fit and not other for fit, other in zip(fits[name], known or [False] * len(records), strict=True)]
    counts = {
        name: sum(fit and (name == Preference.name or not pair) for fit, pair in zip(found, pairs, strict=True))
        for name, found in fits.items()
    }
    most = max(counts.values(), default=0)
    best = [name for name, count in counts.items() if count == most]
    if most and len(best) == 1:
        return best[0]
    verdict = f"fits {' and '.join(best)} equally well" if most else "fits no known format"
    fields = list(dict.fromkeys(str(name)[:60] for record in records for name in record))
    formats = []
    for name, reader in readers.items():
        summary = getattr(reader, "summary", "")
        formats.append(f"  {name}: {summary}" if summary else f"  {name}")
    found = ", ".join(fields[:20]) + (", ..." if len(fields) > 20 else "")
    lines = [
        f"{source}: {verdict}; found the fields: {found or 'none'}",
        "Known formats and their fields:",
        *formats,
        "Set the format with --format NAME, or name the fields: --column prompt=FIELD --column response=FIELD",
    ]
    raise InputError("\n".join(lines))


def _is_fallback(reader: Reader) -> bool:
    """Whether a reader is for records that no other one fits."""
    return bool(getattr(reader, "is_fallback", False))


def _matches(name: str, reader: Reader, record: Mapping[str, Any]) -> bool:
    try:
        return bool(reader.matches(record))
    except Exception as error:
        raise PluginError(
            f"reader {name}: could not match a record ({type(error).__name__}: {error}); to leave it out, set the "
            "format of the file: --format NAME"
        ) from error
