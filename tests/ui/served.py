"""Open the scripted workspace that the served page uses: the threads in the library's folder, slowed as told there."""

import json

from ingest.dump import from_json
from rag.settings import Settings
from tests.ui.scripted import ScriptedWorkspace


def open_workspace(settings: Settings) -> ScriptedWorkspace:
    plan = json.loads((settings.home / "plan.json").read_text("utf-8"))
    return ScriptedWorkspace(settings, [from_json(item) for item in plan["threads"]], plan["pause"])
