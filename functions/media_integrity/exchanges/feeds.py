"""Which feed an exchange has."""

from __future__ import annotations

from media_integrity.schema.bank_work import Exchange, ExchangeKind

from .feed import Credentials, Feed
from .transport import Patience


def open_feed(
    exchange: Exchange, credentials: Credentials, patience: Patience, *, min_quality: int
) -> Feed:
    """The feed of an exchange. Nothing is asked of it yet.

    Raises:
        ExchangeRefused: its credentials are not set.
        ExchangeMisconfigured: its document makes no sense.
    """
    # Each brings the threatexchange package, which costs 20 to 50 MiB and half a second.
    if exchange.kind is ExchangeKind.STOPNCII:
        from .stopncii import StopNCIIFeed

        return StopNCIIFeed(credentials, patience, min_quality)
    if exchange.kind is ExchangeKind.NCMEC:
        from .ncmec import NCMECFeed

        return NCMECFeed(credentials, patience, min_quality, exchange.collaboration)
    from .meta import ThreatExchangeFeed

    return ThreatExchangeFeed(credentials, patience, min_quality, exchange.collaboration)
