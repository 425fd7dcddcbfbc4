"""Draws docs/images/demo.svg, the summary of the demo run in README.md: `python docs/website/picture.py`.

Run it on an otherwise idle machine, since the picture shows how long the demo took, and look at the numbers that the
tutorial names.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).parents[1] / "images" / "demo.svg"
WIDTH = 100


def main() -> None:
    """Run the demo in an empty folder, as a reader does, and draw what it prints."""
    colours = {"FORCE_COLOR": "1", "COLUMNS": str(WIDTH)}
    with tempfile.TemporaryDirectory() as folder:
        line = [sys.executable, "-m", "icon", "run", "--out", "icon-runs/demo"]
        done = subprocess.run(
            line, cwd=folder, env=os.environ | colours, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
        )
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere)
        console.print("$ icon run", highlight=False)
        console.print(Text.from_ansi(done.stdout.decode()))
        drawn = console.export_svg(title="icon run")
    # Without the fonts that Rich would load from elsewhere: the picture must not depend on another site.
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
