"""The composition root: what a command does not need is not loaded."""

import subprocess
import sys
from pathlib import Path

import pytest

from rag.build import open_workspace
from rag.settings import Settings


def test_who_lists_threads_does_not_load_what_answers_questions(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.build import open_workspace; from rag.settings import Settings\n"
        f"with open_workspace(Settings(home=Path({str(tmp_path)!r}))) as workspace: workspace.library.threads()\n"
        "print(sorted({'rag.chat', 'rag.answers', 'rag.verify', 'chromadb', 'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.real
def test_the_engine_is_wired_once(tmp_path: Path) -> None:
    with open_workspace(Settings(home=tmp_path)) as workspace:
        assert workspace.engine is workspace.engine
