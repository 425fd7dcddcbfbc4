"""The one door to the terminal: whatever Python prints while a command runs is made visible on its way.

Both standard streams become doors. What rich's consoles write, icon's and everyone's, passes them as it is, since each
piece of text in it is made visible before it gets its style; of a progress bar the moves of the cursor at both ends of
a text pass. All else comes out with escapes: printed texts, Python's warnings, log messages, tracebacks.

What does not pass: bytes written to a stream's buffer or to a file descriptor, as a library in C may do.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO, cast

from icon.visible import visible, visible_json

if TYPE_CHECKING:
    from rich.segment import Segment
    from rich.text import Text

CONSOLES = ("rich.console",)
"""Modules that write texts with the styles and moves of a console, the texts made visible before."""

BARS = ("tqdm.std", "tqdm.utils", "click._termui_impl", "typer._click._termui_impl")
"""Modules that draw a progress bar; they write it through at most `DEPTH` functions."""

DEPTH = 4

_MOVE = r"(?:[\r\n]|\x1b\[A|\x1b\[K|\x1b\[\?25[hl])+"

_MOVES = re.compile(f"({_MOVE})?(.*?)({_MOVE})?", re.DOTALL)

_JSON = re.compile(r'[\s\[\]{}:,]+|"(?:[^"\\\x00-\x1f]++|\\.)*+"|[-+\d.eE]+|true|false|null|NaN|-?Infinity')
"""A word or mark of JSON; with it, what Python writes for numbers that JSON lacks."""


class Door:
    """A text stream that writes every text to another one, made visible."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text; gives its length."""
        if isinstance(text, str) and (shown := visible(text)) != text:
            writers = list(_writers())
            if writers[0] not in CONSOLES:
                text = _of_a_bar(text) if not set(BARS).isdisjoint(writers) else _readable(text, shown)
        return self._stream.write(text)

    def writelines(self, texts: Iterable[str]) -> None:
        """Write several texts."""
        for text in texts:
            self.write(text)


def _writers() -> Iterator[str]:
    """Names of the modules whose functions called `write`, the nearest first."""
    frame = sys._getframe(2)
    for _ in range(DEPTH):
        yield str(frame.f_globals.get("__name__", ""))
        if frame.f_back is None:
            return
        frame = frame.f_back


def _of_a_bar(text: str) -> str:
    match = _MOVES.fullmatch(text)
    assert match is not None
    before, bar, after = match.groups("")
    return before + visible(bar) + after


def _readable(text: str, shown: str) -> str:
    """What is shown of a text; JSON that a plugin's command prints, whole or in pieces, reads as the same values."""
    as_json = visible_json(text)
    return as_json if as_json != shown and _is_of_json(text) else shown


def _is_of_json(text: str) -> bool:
    """Whether it consists of words and marks of JSON: a value, several, or a piece of one, its texts whole."""
    at = 0
    while word := _JSON.match(text, at):
        at = word.end()
    return at == len(text)


@contextmanager
def one_door() -> Iterator[None]:
    """Context in which all that Python prints comes out visible; the streams are as before when it ends.

    A traceback that leaves it is printed through the door, too.
    """
    before = sys.stdout, sys.stderr
    shut()
    doors = sys.stdout, sys.stderr
    try:
        with _visible_consoles():
            yield
    except Exception:
        sys.excepthook = _through(doors[1])
        raise
    finally:
        # where another stream has taken its place, as after a broken pipe, that is the better one to end with
        if sys.stdout is doors[0]:
            sys.stdout = before[0]
        if sys.stderr is doors[1]:
            sys.stderr = before[1]


def shut() -> None:
    """Put doors before the present streams; again where something has taken their places, such as a live display."""
    sys.stdout, sys.stderr = _door(sys.stdout), _door(sys.stderr)


def _door(stream: TextIO) -> TextIO:
    """The stream behind a door; a process without one, as under pythonw, has none."""
    return stream if stream is None or isinstance(stream, Door) else cast(TextIO, Door(stream))


def _through(door: TextIO) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def print_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.stderr = door
        sys.__excepthook__(kind, error, trace)

    return print_traceback


@contextmanager
def _visible_consoles() -> Iterator[None]:
    """Context in which the consoles of rich, whoever made them, write texts that are visible, in their styles."""
    from rich.console import Console

    read, rendered = Console.render_str, Console._render_buffer

    def read_visible(console: Console, text: str, **look: Any) -> Text:
        return read(console, visible(text), **look)  # before rich leaves some of it out, and before it is measured

    def render_visible(console: Console, buffer: Iterable[Segment]) -> str:
        return rendered(console, _visible_segments(list(buffer)))

    Console.render_str = read_visible  # type: ignore[method-assign, assignment]
    Console._render_buffer = render_visible  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Console.render_str = read  # type: ignore[method-assign]
        Console._render_buffer = rendered  # type: ignore[method-assign]


def _visible_segments(segments: list[Segment]) -> list[Segment]:
    """The pieces of one output; together where that is visible, since a style may part what belongs together."""
    whole = "".join(segment.text for segment in segments if not segment.control)
    if visible(whole) == whole:
        return segments
    return [part if part.control else part._replace(text=visible(part.text)) for part in segments]
