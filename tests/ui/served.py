"""Open the scripted workspace that the served page uses: the threads that its library's folder names."""

import json

from ingest.dump import from_json
from rag.settings import Settings
from tests.ui.scripted import ScriptedWorkspace

HOLD = "hold"
"""The file in the library's folder that holds every answer at its first word."""


def open_workspace(settings: Settings) -> ScriptedWorkspace:
    plan = json.loads((settings.home / "plan.json").read_text("utf-8"))
    return ScriptedWorkspace(settings, [from_json(item) for item in plan["threads"]], settings.home / HOLD)
