"""Load encoder and model in the background while nobody asks yet."""

import logging
import threading
import time
from typing import TYPE_CHECKING

from ingest.errors import CommentariatError

if TYPE_CHECKING:
    from ui.shelf import Workspace

__all__ = ["warm"]

_log = logging.getLogger(__name__)


def warm(workspace: "Workspace", after: float = 0.0) -> threading.Thread:
    """Load what the first question needs, `after` so many seconds, in a thread that is returned.

    What fails is told when it is needed.
    """
    thread = threading.Thread(target=_warm, args=(workspace, after), name="warm", daemon=True)
    thread.start()
    return thread


def _warm(workspace: "Workspace", after: float) -> None:
    time.sleep(after)
    try:
        workspace.library.warm()
        if workspace.settings.answerer != "quotes" and workspace.model.available and not workspace.model.state.remote:
            workspace.model.warm()
    except CommentariatError as error:
        _log.warning("not warmed: %s", error)
