"""Load encoder and model in the background while nobody asks yet."""

import logging
import threading
from typing import TYPE_CHECKING

from ingest.errors import CommentariatError

if TYPE_CHECKING:
    from ui.shelf import Workspace

__all__ = ["warm"]

_log = logging.getLogger(__name__)


def warm(workspace: "Workspace") -> threading.Thread:
    """Load what the first question needs, in a thread that is returned; what fails is told when it is needed."""
    thread = threading.Thread(target=_warm, args=(workspace,), name="warm", daemon=True)
    thread.start()
    return thread


def _warm(workspace: "Workspace") -> None:
    try:
        workspace.library.warm()
        if workspace.settings.answerer != "quotes" and workspace.model.available and not workspace.model.state.remote:
            workspace.model.warm()
    except CommentariatError as error:
        _log.warning("not warmed: %s", error)
