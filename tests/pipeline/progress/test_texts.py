"""The progress on the terminal shows names and notes of plugins as they are written."""

import io

from rich.console import Console

from icon.pipeline.progress._bar import BarView
from icon.pipeline.progress._tally import Tally
from icon.plugins import StageFinished, StageProgressed, StageStarted


def test_markup_in_a_stage_or_a_note_is_text():
    written = io.StringIO()
    view = BarView(Tally(None, 0.0), Console(file=written, force_terminal=True, width=120))
    with view:
        view.icon_event(StageStarted("reading [/x] [bold]", total=2))
        view.icon_event(StageProgressed(1, 2, "loss [/y]"))
        view.progress.refresh()
        shown = written.getvalue()
        view.icon_event(StageFinished("reading [/x] [bold]", 1.0))
    assert "reading [/x] [bold]" in shown
    assert "loss [/y]" in shown
    assert "reading [/x] [bold]" in written.getvalue()[len(shown) :]
