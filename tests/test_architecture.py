"""The rules of the house that no single test would notice: layers, lazy imports, one reader of the environment."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("ingest", "rag", "ui", "eval")


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_importing_the_packages_loads_no_engine() -> None:
    code = (
        "import sys, rag.chat, ui.cli, eval.run; "
        "heavy = [m for m in ('torch', 'chromadb', 'streamlit', 'llama_index', 'sentence_transformers', 'onnxruntime', "
        "'trafilatura', 'transformers', 'fastapi', 'uvicorn', 'mcp') if m in sys.modules]; "
        "print(','.join(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == ""


def test_only_the_settings_read_the_environment() -> None:
    touching = {path.relative_to(ROOT).as_posix() for path in modules() if "environ" in path.read_text("utf-8")}
    allowed = {
        "rag/settings.py",  # the reader
        "rag/adapters/sentence_transformers.py",  # tells the hub library to stay offline
        "ui/page.py",  # hands the environment on to the server it starts
    }
    assert {name for name in touching if "os.environ" in (ROOT / name).read_text("utf-8")} <= allowed


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_edits_the_import_path_or_outgrows_a_reader(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "sys.path" not in text
    assert len(text.splitlines()) <= 420, "a file this long has started to do a second thing"
