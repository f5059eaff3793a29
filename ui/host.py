"""Run Streamlit with what the page needs already imported: `python -m ui.host run ui/app.py …`.

Streamlit imports a page's modules when the first browser asks for it. Here that has happened before the address is
told, so the first page waits half a second less.
"""

import sys
from importlib import import_module

__all__ = ["main"]

NEEDED = ("ui.app", "rag.build", "rag.answers", "rag.chat", "rag.retrieve", "rag.support")
"""What the page and its first answer import; engines are none of it, they load in the background."""


def main() -> None:
    """Import, then hand over to Streamlit's command line."""
    from streamlit.web.cli import main as streamlit

    for name in NEEDED:
        import_module(name)
    sys.exit(streamlit(prog_name="streamlit"))


if __name__ == "__main__":
    main()
