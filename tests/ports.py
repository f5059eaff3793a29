"""Ports for servers that a test starts as processes, which have to be told theirs."""

import random
import socket

__all__ = ["free_port"]


def free_port() -> int:
    """Return a port of loopback that nobody listens on.

    It lies below the range that the system hands to outgoing connections (from 32,768 on): one from there could be
    taken by any connection of another test before the server that it is meant for has started.
    """
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
