"""From a line of the file to a request: which objects an address is asked about, its path for one of them, and the form
that somebody would honestly send there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from pyotp import TOTP

from portal.web.assets import FOLDER, read_asset
from tests.matrix.authorisation import Address, Kind
from tests.matrix.expected import Object, holds
from tests.matrix.facts import Account, Evidence, Login, Place, Proposal, Sealed, Seat, Thing, Version
from tests.matrix.office import PASSWORD, UNITS, Office, email_of

Form = dict[str, Any]

OFFERED_SECRET = "B" * 32
"""What everybody's page for setting up a phone shows."""

NAMES = {"/static/<name>": read_asset(FOLDER / "portal.css").address, "/verifikasi/<name>": "verifikasi.py"}
"""Files that anybody may have."""


def objects_of(office: Office, address: Address) -> Sequence[Object]:
    """What there is of the kind that the address names; addresses that name nothing are asked once."""
    found: Mapping[str, Sequence[Object]] = {
        "evidence": office.evidence,
        "version": office.versions,
        "file": office.versions,
        "evidence with a copy": office.evidence,
        "copy": office.versions,
        "requirement": office.requirements,
        "slot": [slot for slot in office.slots if "2026-07" in slot.name],
        "indicator": office.indicators,
        "bundle": office.bundles,
        "scope": [
            Thing(id=office.plans[unit], place=Place(unit=unit, area=area), name="scope")
            for unit, area in (("own", None), ("own", "I"), ("own", "II"), ("other", "I"))
        ],
        "person": list(office.accounts.values()),
        "membership": office.seats,
        "window": [seat for seat in office.seats if seat.kind.startswith("external auditor")],
        "proposal": office.proposals,
        "session": office.logins,
    }
    return found.get(address.of, (None,))


def path_of(office: Office, address: Address, object_: Object) -> str:
    """The address for the object; for None one that names nothing, of ids that nobody has."""
    if address.of == "name":
        return address.path.replace("<name>", NAMES[address.path])
    if address.of == "token":
        return address.path.replace("<token>", office.token)
    if address.path == "/bukti/baru":
        return f"/bukti/baru?kebutuhan={office.requirements[0].id}"
    ids = {**_ids(object_), **_copy_of(object_)} if "copy" in address.of else _ids(object_)
    return re.sub(r"<uuid:(\w+)>", lambda found: str(ids.get(found[1]) or uuid4()), address.path)


def _copy_of(object_: Object) -> Mapping[str, UUID | None]:
    version = object_.newest if isinstance(object_, Evidence) else object_
    return {"file_id": version.copy_id} if isinstance(version, Version) else {}


def _ids(object_: Object) -> Mapping[str, UUID | None]:
    match object_:
        case Evidence(id=id_, newest=newest):
            return {"evidence_id": id_, "file_id": newest.file_ids[0], "link_id": newest.link_id}
        case Version(id=id_, file_ids=file_ids):
            return {"revision_id": id_, "file_id": file_ids[0]}
        case Thing(id=id_):
            return {"requirement_id": id_, "slot_id": id_, "indicator_id": id_}
        case Sealed(id=id_):
            return {"bundle_id": id_}
        case Account(id=id_):
            return {"user_id": id_}
        case Seat(id=id_):
            return {"membership_id": id_}
        case Proposal(id=id_):
            return {"proposal_id": id_}
        case Login(id=id_):
            return {"session_id": id_}
        case None:
            return {}


def form_of(office: Office, address: Address, object_: Object, kind: Kind) -> Form:
    """What the person would send: a new one each time, because a file can be sent once."""
    make = FORMS.get(f"{address.path} ({address.form})" if address.form else address.path)
    return make(office, object_, kind) if make else {}


def _seen(_office: Office, object_: Object, _kind: Kind) -> Form:
    """An action on what the page showed."""
    version = object_.newest if isinstance(object_, Evidence) else object_
    if not isinstance(version, Version):
        return {"state": "submitted", "digest": "0" * 64, "note": "Alasan."}
    return {"state": version.state, "digest": version.digest or "", "note": "Alasan."}


def _refusal(office: Office, object_: Object, kind: Kind) -> Form:
    return {**_seen(office, object_, kind), "reason": "not_signed"}


def _draft(_office: Office, object_: Object, _kind: Kind) -> Form:
    slot = object_.slot_id if isinstance(object_, Evidence) else uuid4()
    return {"slots": str(slot), "note": "Ditulis lagi.", "document_date": "2026-01-06"}


def _file() -> tuple[BytesIO, str]:
    return BytesIO(b"Sebuah laporan lagi.\n"), "lagi.txt"


def _files(_office: Office, _object: Object, _kind: Kind) -> Form:
    return {"files": _file()}


def _link(_office: Office, _object: Object, _kind: Kind) -> Form:
    return {"url": "https://contoh.go.id/lagi", "note": "Foto"}


def _copy(_office: Office, object_: Object, _kind: Kind) -> Form:
    """What is no copy yet becomes one."""
    ids = object_.newest.file_ids if isinstance(object_, Evidence) else [uuid4()]
    return {"copy": str(ids[-1]), "original": str(ids[0])}


def _start(office: Office, object_: Object, _kind: Kind) -> Form:
    return {"slots": str(_free_slot(office, object_)), "files": _file()}


def _free_slot(office: Office, requirement: Object) -> UUID:
    """That of the draft that was discarded."""
    found = (e.slot_id for e in office.evidence if e.name == "discarded" and e.requirement_id == _id(requirement))
    return next(found, uuid4())


def _id(thing: Object) -> UUID | None:
    return thing.id if isinstance(thing, Thing) else None


def _reuse(office: Office, object_: Object, kind: Kind) -> Form:
    version = object_ if isinstance(object_, Version) else None
    targets = [
        target.id
        for target in office.requirements
        if version
        and target.place.unit == version.place.unit
        and (target.place, target.name) != (version.place, target.name)
        and holds(kind, "edit_draft", target.place)
    ]
    files = [str(file) for file in version.file_ids] if version else [str(uuid4())]
    return {"files": files, "requirement": str((targets or [office.requirements[0].id])[0])}


def _to_rahasia(_office: Office, object_: Object, _kind: Kind) -> Form:
    return _class(object_, "rahasia")


def _to_biasa(_office: Office, object_: Object, _kind: Kind) -> Form:
    return _class(object_, "biasa")


def _class(object_: Object, wanted: str) -> Form:
    seen = object_.name if isinstance(object_, Thing) else "biasa"
    return {"seen": seen, "classification": wanted, "reason": "Memuat NIK."}


def _change_password(office: Office, object_: Object, kind: Kind) -> Form:
    return {"old_password": PASSWORD, **_password(office, object_, kind)}


def _pic(office: Office, object_: Object, _kind: Kind) -> Form:
    unit = object_.place.unit if isinstance(object_, Thing) else "own"
    person = "uploader of all areas" if unit == "own" else "uploader of another unit"
    return {"pic": str(office.accounts[person].id)}


def _invite(office: Office, object_: Object, kind: Kind) -> Form:
    return {"email": "orang.baru@contoh.go.id", "name": "Orang Baru", **_grant(office, object_, kind)}


def _grant(_office: Office, _object: Object, kind: Kind) -> Form:
    managed = [unit for unit in UNITS if holds(kind, "manage_accounts", Place(unit=unit))] or ["own"]
    return {"role": "leader", "unit": UNITS[managed[-1]]}


def _extend(_office: Office, _object: Object, _kind: Kind) -> Form:
    return {"valid_until": (datetime.now(UTC) + timedelta(days=60)).date().isoformat()}


def _scope(_office: Office, object_: Object, _kind: Kind) -> Form:
    if not isinstance(object_, Thing):
        return {"paket": str(uuid4()), "rencana": str(uuid4())}
    return {"paket": str(uuid4()), "rencana": str(object_.id), "area": object_.place.area or ""}


def _sign_in(_office: Office, _object: Object, _kind: Kind) -> Form:
    return {"email": email_of("leader"), "password": PASSWORD}


def _password(_office: Office, _object: Object, _kind: Kind) -> Form:
    return {"password": "gajah duduk di pohon", "again": "gajah duduk di pohon"}


def _phone(_office: Office, _object: Object, _kind: Kind) -> Form:
    """The code of a phone that has read the secret which the page shows."""
    return {"code": TOTP(OFFERED_SECRET).now()}


FORMS: Mapping[str, Callable[[Office, Object, Kind], Form]] = {
    "/masuk": _sign_in,
    "/lupa-sandi": _sign_in,
    "/undangan/<token>": _password,
    "/akun/kata-sandi": _change_password,
    "/akun/dua-langkah/pasang": _phone,
    "/slot/<uuid:slot_id>/pic": _pic,
    "/kebutuhan/<uuid:requirement_id>/klasifikasi (to Rahasia)": _to_rahasia,
    "/kebutuhan/<uuid:requirement_id>/klasifikasi (to Biasa)": _to_biasa,
    "/bukti/baru/<uuid:requirement_id>": _start,
    "/bukti/<uuid:evidence_id>/draf": _draft,
    "/bukti/<uuid:evidence_id>/berkas": _files,
    "/bukti/<uuid:evidence_id>/tautan": _link,
    "/bukti/<uuid:evidence_id>/tandai-salinan": _copy,
    "/bukti/<uuid:evidence_id>/ajukan": _seen,
    "/bukti/<uuid:evidence_id>/buang": _seen,
    "/bukti/<uuid:evidence_id>/tarik": _seen,
    "/bukti/versi/<uuid:revision_id>/pakai-juga": _reuse,
    "/periksa/<uuid:revision_id>/setujui": _seen,
    "/periksa/<uuid:revision_id>/kembalikan": _refusal,
    "/periksa/<uuid:revision_id>/tolak": _refusal,
    "/periksa/<uuid:revision_id>/buka-kembali": _seen,
    "/paket": _scope,
    "/pengguna/baru": _invite,
    "/pengguna/<uuid:user_id>/peran": _grant,
    "/auditor-eksternal/<uuid:membership_id>/perpanjang": _extend,
}
"""By path, for addresses whose form holds more than its token. A new form has its line here."""
