"""The documentation is checked like code: its tables are generated, its Python blocks run, every command is in it."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.formats import LOADERS
from rag.settings import PREFIX
from ui.cli import cli

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"


def formats_table() -> str:
    rows = [f"| `{loader.name}` | {loader.title} |" for loader in LOADERS]
    return "\n".join(["| name | what |", "|---|---|", *rows])


def settings_table() -> str:
    line = re.compile(r"^    (\w+): [^=]+ = (.+?)  # (.+)$", re.MULTILINE)
    rows = []
    for name, default, meaning in line.findall((ROOT / "rag" / "settings.py").read_text(encoding="utf-8")):
        shown = "the user's folder" if default.startswith("Path(") else default.strip('"') or "–"
        rows.append(f"| `{PREFIX}{name.upper()}` | {shown} | {meaning} |")
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def commands_table() -> str:
    rows = [
        f"| `{name}` | {(command.help or '').splitlines()[0]} |"
        for name, command in sorted(cli.commands.items())
        if not command.hidden
    ]
    return "\n".join(["| command | what it does |", "|---|---|", *rows])


@pytest.mark.parametrize(
    ("block", "generate"),
    [("formats", formats_table), ("settings", settings_table), ("commands", commands_table)],
)
def test_a_generated_block_of_the_readme_is_up_to_date(
    block: str, generate: Callable[[], str], request: pytest.FixtureRequest
) -> None:
    text = README.read_text(encoding="utf-8")
    begin, end = f"<!-- {block}: begin -->\n", f"<!-- {block}: end -->"
    head, rest = text.split(begin)
    old, tail = rest.split(end)
    wanted = generate() + "\n"
    if request.config.getoption("--update-golden"):
        README.write_text(head + begin + wanted + end + tail, encoding="utf-8")
        return
    assert old == wanted, "run pytest tests/test_docs.py --update-golden and read the diff"


def test_every_setting_stands_in_the_settings_table() -> None:
    from dataclasses import fields

    from rag.settings import Settings

    table = settings_table()
    assert [f.name for f in fields(Settings) if f"`{PREFIX}{f.name.upper()}`" not in table] == []


def test_every_command_has_help_for_itself_and_each_of_its_options() -> None:
    for name, command in cli.commands.items():
        assert command.help, name
        for option in command.params:
            if option.param_type_name == "option":
                assert getattr(option, "help", None), f"{name} {option.name}"


def test_the_readme_leads_to_every_page_of_the_documentation_and_nowhere_else() -> None:
    text = README.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#)([^)]+)\)", text)
    assert [target for target in targets if not (ROOT / target).exists()] == []
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert sorted(pages - set(targets)) == []


@pytest.mark.real
def test_the_python_blocks_of_the_readme_run(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        done = subprocess.run([sys.executable, "-c", block], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()


@pytest.mark.parametrize("path", re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README.read_text(encoding="utf-8")))
def test_every_picture_of_the_readme_exists(path: str) -> None:
    assert (ROOT / path).is_file()


def test_every_file_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`((?:ingest|rag|ui|eval)/[\w/.]+)`", README.read_text(encoding="utf-8")))
    assert sorted(name for name in named if not (ROOT / name).exists()) == []
