"""What somebody reports, worked out: where it is, whose it is in this app, the same named once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from media_integrity.schema.base import UserId
from media_integrity.schema.cases import Case
from media_integrity.schema.errors import Invalid, NotFound
from media_integrity.schema.hashes import MediaHash
from media_integrity.schema.reports import NOBODY, OWN_APP, ReportedMedia, TakedownChannel
from media_integrity.schema.scans import ScanJob
from media_integrity.takedowns.addresses import JOB_ID, normalised, own_upload
from media_integrity.takedowns.backend import TakedownBackend
from media_integrity.takedowns.platforms import platform_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where media is, as the reporter says it: an address, or an upload of this app."""

    url: str | None = None
    job_id: str | None = None
    in_app: bool = False
    """The reporter says that the address is of this app."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a report is about."""

    media: tuple[ReportedMedia, ...]
    channels: tuple[TakedownChannel, ...]
    """Of each medium."""
    uploader: UserId
    """Of the media in this app; ``NOBODY`` if there is none."""

    @property
    def outside(self) -> bool:
        """Some of it is on other platforms."""
        return any(each.job_id is None for each in self.media)


def named(places: Sequence[Place], backend: TakedownBackend) -> Named:
    """The media at these places, each once.

    Raises:
        Invalid: an address is none, or uploads of several accounts are reported at once.
        NotFound: there is no such upload.
    """
    found: dict[str, tuple[ReportedMedia, TakedownChannel]] = {}
    uploaders = set()
    for place in places:
        job = place.job_id
        if job is None and place.url is not None:
            job = own_upload(place.url, backend.places)
        if job is not None:
            uploaders.add(_uploader_of(job, backend))
            medium = ReportedMedia(platform=OWN_APP, job_id=job)
            channel = TakedownChannel.OWN
        elif place.url is not None and place.in_app:
            raise Invalid("This address is not in our app.", code="not_our_address")
        elif place.url is not None:
            address = normalised(place.url)
            platform = platform_of(address.host, backend.mails)
            medium = ReportedMedia(platform=platform.key, url=address.url)
            channel = platform.channel
        else:
            raise Invalid("Say where the media is: its address, or the post in our app.")
        found.setdefault(medium.place, (medium, channel))
    if len(uploaders) > 1:
        raise Invalid(
            "These posts are of different accounts. Report each account by itself; copies that "
            "others have uploaded are found without that.",
            code="several_accounts",
        )
    return Named(
        media=tuple(medium for medium, _ in found.values()),
        channels=tuple(channel for _, channel in found.values()),
        uploader=uploaders.pop() if uploaders else UserId(NOBODY),
    )


def _uploader_of(job_id: str, backend: TakedownBackend) -> UserId:
    """Whose upload it is, whether it is still published or not.

    Raises:
        NotFound: there is nothing of that id, or not any more.
    """
    if JOB_ID.fullmatch(job_id):
        known: MediaHash | ScanJob | Case | None = backend.store.get(MediaHash, job_id)
        known = known or backend.store.get(ScanJob, job_id) or backend.store.get(Case, job_id)
        if known is not None:
            return known.uploader_id
    raise NotFound("There is no such post, or not any more.", code="no_such_upload")
