"""What a reader is told about the model: which one, its state, and where text goes. Pure."""

from urllib.parse import urlsplit

from rag.evidence import Answerer
from rag.settings import Settings
from ui.markup import esc
from ui.shelf import Status

__all__ = ["remote_notice", "status_html"]

_SAID = {
    "idle": "It loads with the first question.",
    "loading": "Loading. Questions may be asked already.",
    "ready": "Ready.",
    "missing": "Not installed, so answers are quotes.",
    "failed": "It could not be loaded, so answers are quotes.",
}


def status_html(status: Status, answerer: Answerer) -> str:
    """Return the model's name, its state and how to get it where it is missing."""
    if answerer == "quotes":
        return '<p class="cm-note">No model is used: answers are the sentences of the comments.</p>'
    hint = f" {esc(status.hint)}" if status.hint else ""
    get = f"<br>To get it: <code>{esc(status.hint)}</code>" if status.state == "missing" and status.hint else hint
    where = "on another computer" if status.remote else "on this computer"
    return (
        f'<p class="cm-note cm-model cm-model-{esc(status.state)}" role="status"><b>{esc(status.name)}</b>, {where}. '
        f"{_SAID.get(status.state, '')}{get}</p>"
    )


def remote_notice(status: Status, settings: Settings, answerer: Answerer) -> str:
    """Say where text goes before any goes there; empty where it stays on this computer."""
    if answerer == "quotes" or not status.remote:
        return ""
    host = urlsplit(settings.endpoint).hostname or "the endpoint"
    return f"Your question and the comments that answer it are sent to {host}."
