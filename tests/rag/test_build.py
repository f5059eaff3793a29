"""The composition root: what a command does not need is not loaded."""

import subprocess
import sys
from pathlib import Path

import pytest

from rag.build import open_workspace
from rag.evidence import Answerer
from rag.settings import Settings


def test_who_lists_threads_does_not_load_what_answers_questions(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.build import open_workspace\n"
        "from rag.settings import Settings\n"
        f"with open_workspace(Settings(home=Path({str(tmp_path)!r}))) as workspace: workspace.library.threads()\n"
        "print(sorted({'rag.chat', 'rag.answers', 'rag.verify', 'chromadb', 'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.real
def test_the_engine_is_wired_once(tmp_path: Path) -> None:
    with open_workspace(Settings(home=tmp_path)) as workspace:
        assert workspace.engine is workspace.engine


@pytest.mark.parametrize(
    ("answerer", "endpoint", "reads"),
    [("auto", "", True), ("quotes", "", False), ("auto", "https://models.example/v1", False)],
)
def test_only_a_local_model_that_may_be_asked_reads_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answerer: Answerer, endpoint: str, reads: bool
) -> None:
    gguf = tmp_path / "model.gguf"
    gguf.touch()
    began: list[bool] = []
    with open_workspace(Settings(home=tmp_path, model=str(gguf), answerer=answerer, endpoint=endpoint)) as workspace:
        monkeypatch.setattr(workspace.model, "ahead", lambda: began.append(True))
        workspace.read_ahead()
    assert began == [True] * reads
