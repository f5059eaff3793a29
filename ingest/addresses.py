"""Which addresses may be fetched from: public ones, checked after the name was resolved."""

import ipaddress
import socket

import httpx

from ingest.errors import FetchError

__all__ = ["checked_addresses", "is_public"]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def checked_addresses(url: str, *, allow_private: bool) -> tuple[httpx.URL, list[str]]:
    """Return the parsed URL and the addresses that may be connected to.

    Raises `FetchError` for other schemes, credentials in the URL, names that do not resolve, and, unless
    `allow_private`, for names of which any address is not public.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError, UnicodeError) as error:
        raise FetchError(f"{url[:200]!r} is no address: {error}.", remedy="Give a whole http or https URL.") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise FetchError(f"{url[:200]!r} is not an http or https URL.", remedy="Give a whole http or https URL.")
    if parsed.userinfo:
        raise FetchError("The URL holds a user name or password.", remedy="Give the URL without them.")
    addresses = _resolve(parsed.host, parsed.port or (443 if parsed.scheme == "https" else 80))
    if not allow_private:
        for address in addresses:
            if not is_public(address):
                raise FetchError(
                    f"{parsed.host} is at {address}, which is not a public address.",
                    remedy="Set COMMENTARIAT_ALLOW_PRIVATE_URLS=1 if you mean to fetch from your own network.",
                )
    return parsed, addresses


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"{host} cannot be found: {error}.", remedy="Check the address and the connection.") from error
    addresses = [str(entry[4][0]).split("%")[0] for entry in found]
    if not addresses:
        raise FetchError(f"{host} has no address.", remedy="Check the address.")
    return addresses


def is_public(address: str) -> bool:
    """Tell whether an address is on the public internet, looking through every way of wrapping another one in it.

    >>> is_public("93.184.216.34"), is_public("::ffff:127.0.0.1"), is_public("169.254.169.254")
    (True, False, False)
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return all(inner.is_global and not inner.is_multicast for inner in _wrapped(parsed))


def _wrapped(address: _Address) -> list[_Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    inner: list[_Address] = []
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.sixtofour is not None:
        inner.append(address.sixtofour)
    if address.teredo is not None:
        inner.extend(address.teredo)
    if address in _NAT64:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *inner]
