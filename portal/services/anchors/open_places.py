"""Makes the places that the settings switch on. It asks no server."""

from __future__ import annotations

from pathlib import Path

from portal.adapters.mailer import MailAddressInvalid, open_mailer
from portal.adapters.store import ObjectStore
from portal.config import ConfigInvalid, Settings, listed
from portal.domain.anchor import AnchorKind
from portal.services.anchors.locked_object import LockedPlace
from portal.services.anchors.mail import MailPlace
from portal.services.anchors.place import Place
from portal.services.anchors.timestamp import TimestampPlace


def open_places(*, settings: Settings, store: ObjectStore) -> tuple[Place, ...]:
    """The places of checked settings, in a fixed order; raises ConfigInvalid for a mail server that cannot be."""
    kinds = {AnchorKind(kind) for kind in listed(settings.anchors)}
    places: list[Place] = []
    if AnchorKind.MAIL in kinds:
        places.append(_mail_place(settings))
    if AnchorKind.STORE in kinds:
        places.append(LockedPlace(store, settings.s3_bucket))
    if AnchorKind.TIMESTAMP in kinds:
        places += [TimestampPlace(url, Path(settings.tsa_ca)) for url in listed(settings.tsa_urls)]
    return tuple(places)


def _mail_place(settings: Settings) -> MailPlace:
    try:
        mailer = open_mailer(url=settings.mail_url, sender=settings.mail_from)
    except MailAddressInvalid as error:
        raise ConfigInvalid([f"PORTAL_MAIL_URL: {error}"]) from error
    return MailPlace(mailer, listed(settings.anchor_mail_to))
