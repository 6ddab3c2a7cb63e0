"""Addresses as people paste them, brought into one form. Pure; nothing is ever fetched.

The same place has to look the same, so that one report does not ask for it twice; and an address
that leads a reader somewhere else than it says, or into somebody's own network, is refused.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from media_integrity.schema.errors import Invalid

MAX_LENGTH = 2048
"""Characters; as ``ReportedMedia.url``."""

PORTS = {"http": 80, "https": 443}

TRACKING = re.compile(
    r"utm_.*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid"
    r"|mkt_tok|_ga|_gl|ref_src|ref_url|share_id|rdt|si|feature",
    re.IGNORECASE,
)
"""Parameters that say who shared the address and not what it leads to."""

LOCAL = re.compile(
    r"(.*\.)?(localhost|local|internal|intranet|lan|home|corp|localdomain|test|example|invalid|onion"
    r"|home\.arpa)"
)
"""Names that lead nowhere on the Internet. Source: RFC 2606, RFC 6761, RFC 6762, RFC 8375."""

JOB_ID = re.compile(r"[0-9a-f]{64}")
_PUBLISHED = re.compile(r"media/[^/]+/([0-9a-f]{64})/[^/]+")
_LIKE_A_NUMBER = re.compile(r"(0x[0-9a-f]*|\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its normal form."""

    url: str
    host: str
    """In ASCII (punycode), lower case."""


@dataclass(frozen=True, slots=True)
class OwnPlaces:
    """Where media of this app can be seen."""

    bucket: str
    storage_hosts: frozenset[str] = frozenset({"firebasestorage.googleapis.com"})
    """Hosts, with their port where they have one, that serve the bucket by Firebase's addresses."""
    app_hosts: frozenset[str] = frozenset()
    """Of the app itself: the upload's id stands somewhere in the path."""


def own_upload(text: str, places: OwnPlaces) -> str | None:
    """The id of the upload of this app that an address leads to; None if it leads elsewhere.

    Raises:
        Invalid: it is one of ours, and names no upload.
    """
    try:
        parts = urlsplit(text.strip())
        host = (parts.hostname or "").lower()
        where = host if parts.port is None else f"{host}:{parts.port}"
    except ValueError:
        return None
    if parts.scheme.lower() not in PORTS or not host:
        return None
    path = unquote(parts.path)
    if where in places.storage_hosts and path.startswith(f"/v0/b/{places.bucket}/o/"):
        found = _PUBLISHED.fullmatch(path.removeprefix(f"/v0/b/{places.bucket}/o/"))
    elif host == "storage.googleapis.com" and path.startswith(f"/{places.bucket}/"):
        found = _PUBLISHED.fullmatch(path.removeprefix(f"/{places.bucket}/"))
    elif where in places.app_hosts:
        segment = next((each for each in path.split("/") if JOB_ID.fullmatch(each)), None)
        found = re.fullmatch(r"(.*)", segment) if segment is not None else None
    else:
        return None
    if found is None:
        raise Invalid(
            "This address is in our app but leads to no upload. Open the post and report it there.",
            code="no_upload_at_address",
        )
    return found.group(1)


def normalised(text: str) -> Address:
    """The address in its normal form.

    Scheme and host in lower case, the host in punycode, no port that goes without saying, no
    fragment, no tracking parameters, one form of percent signs. The order of what is left in the
    query stays: to some sites it means something.

    Raises:
        Invalid: no address of the web, one with a user's name in it, or of a private network.
    """
    text = text.strip()
    if not text or len(text) > MAX_LENGTH or re.search(r"[\s\x00-\x1f\x7f\\]", text):
        raise _refused()
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _refused() from error
    scheme = parts.scheme.lower()
    if scheme not in PORTS or not parts.hostname:
        raise _refused()
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise Invalid(
            "This address has a user name in front of the host, which can hide where it leads. "
            "Copy it again from the page itself.",
            code="address_with_user",
        )
    host = _public_host(parts.hostname)
    where = host if port is None or port == PORTS[scheme] else f"{host}:{port}"
    kept = [
        each
        for each in parts.query.split("&")
        if each and not TRACKING.fullmatch(unquote(each.partition("=")[0]))
    ]
    query = f"?{_escaped('&'.join(kept))}" if kept else ""
    url = f"{scheme}://{where}{_escaped(parts.path) or '/'}{query}"
    if len(url) > MAX_LENGTH:
        raise _refused()
    return Address(url, host)


def _escaped(part: str) -> str:
    """A path or query with one form of percent signs; what they stand for stays as it is."""
    plain = quote(part, safe="%/:@!$&'()*+,;=-._~?")
    plain = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", plain)
    return re.sub(r"%[0-9A-Fa-f]{2}", _one_form, plain)


def _one_form(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    unreserved = character.isascii() and (character.isalnum() or character in "-._~")
    return character if unreserved else escape[0].upper()


def _public_host(name: str) -> str:
    """The host in ASCII.

    Raises:
        Invalid: it is none, or of a private network.
    """
    import idna

    bare = name.rstrip(".")
    try:
        literal = ipaddress.ip_address(bare.strip("[]"))
    except ValueError:
        literal = None
    if literal is not None:
        if not literal.is_global or literal.is_multicast:
            raise _private()
        return f"[{literal.compressed}]" if literal.version == 6 else literal.compressed
    try:
        host = idna.encode(bare, uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise _refused() from error
    labels = host.split(".")
    if LOCAL.fullmatch(host):
        raise _private()
    if len(labels) < 2 or len(host) > 253 or _LIKE_A_NUMBER.fullmatch(labels[-1]):
        raise _refused()  # browsers take 127.1 and 0x7f.1 for numbers
    if any(not re.fullmatch(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", label) for label in labels):
        raise _refused()
    return host


def _refused() -> Invalid:
    return Invalid(
        "This is not an address of a web page. It looks like https://example.com/post/123.",
        code="not_an_address",
    )


def _private() -> Invalid:
    return Invalid(
        "This address is inside a private network, where nobody else can see the media.",
        code="private_address",
    )
