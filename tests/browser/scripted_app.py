"""The page over a scripted workspace, as the browser tests serve it."""

from tests.ui.served import open_workspace
from ui.app import main

main(open_workspace)
