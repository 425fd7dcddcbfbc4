"""The notebook of the documentation runs from the first cell to the last, in a kernel of its own."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))


def opened(path):
    nbformat = pytest.importorskip("nbformat", reason="the notebook needs pip install nbclient ipykernel")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_lies_there_without_outputs_and_its_links_lead_somewhere(path):
    notebook = opened(path)
    assert not [cell for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert links
    assert not [link for link in links if not (path.parent / link).exists()]


def test_the_first_steps_run_with_the_tiny_model_in_the_place_of_the_embedded_one(tiny_embedded, tmp_path, monkeypatch):
    nbclient = pytest.importorskip("nbclient", reason="the notebook needs pip install nbclient ipykernel")
    pytest.importorskip("ipykernel", reason="the notebook needs pip install nbclient ipykernel")
    pytest.importorskip("icon_llamacpp", reason="the notebook needs the backend llamacpp")
    searched = [str(tiny_embedded), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(searched))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    notebook = opened(ROOT / "docs/notebooks/first_steps.ipynb")
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = {cell.source: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    page = shown["result"][0].data
    assert "<strong>" in page["text/html"]
    assert page["text/plain"].startswith(f"RunResult({str(Path('runs/first'))!r})")
    assert (tmp_path / "runs/first/given_pool.parquet").is_file()
    assert (tmp_path / "runs/first/report.html").is_file()
    assert (tmp_path / "for-axolotl/datasets.yml").is_file()
    smaller = next(outputs for source, outputs in shown.items() if "icon.select" in source)
    assert smaller[-1].data["text/plain"] == "4"
