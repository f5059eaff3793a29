"""Who may see the page where it asks people to sign in: decided from what the identity provider says about them."""

from collections.abc import Mapping

from ingest.errors import CommentariatError

__all__ = ["SignInError", "admitted", "people"]


class SignInError(CommentariatError):
    """Signing in cannot work as it is set up."""


def people(listed: str) -> tuple[str, ...]:
    """Return the addresses and `@domain`s of a comma-separated list, in lower case."""
    return tuple(part.strip().casefold() for part in listed.split(",") if part.strip())


def admitted(user: Mapping[str, object], listed: str) -> bool:
    """Tell whether a signed-in person may come in: by address or domain, or everybody where nobody is listed.

    An address counts only where the provider has not said that it is unverified.

    >>> admitted({"is_logged_in": True, "email": "ann@example.org"}, "@example.org")
    True
    >>> admitted({"is_logged_in": True, "email": "ann@example.org.evil.test"}, "@example.org")
    False
    """
    if user.get("is_logged_in") is not True:
        return False
    known = people(listed)
    if not known:
        return True
    address = str(user.get("email") or "").strip().casefold()
    _, at, domain = address.rpartition("@")
    if not at or user.get("email_verified") in (False, "false"):
        return False
    return address in known or f"@{domain}" in known
