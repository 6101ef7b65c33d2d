"""The signatures of sealed bundles: what the portal itself wrote into one is committed to by no event, only by them.

One of the two signatures is checked, that of the bags' ECDSA key; the tag manifest under it is computed from the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import ScalarSelect, select

from portal.adapters.store import BadKey, ObjectMissing, ObjectStore
from portal.domain.bundle.layout import SIGNATURE_FOLDER, TAG_MANIFEST, manifest_text
from portal.domain.key_kind import KeyKind
from portal.models import BundleCompletion, SigningKey
from portal.services.bundles.members import Member, read_members
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.rows import row_place, unreadable_told
from portal.services.verify.snapshot import snapshot

SIGNATURE = f"{SIGNATURE_FOLDER}{TAG_MANIFEST}.ecdsa"
_MAX_SIGNATURE = 1024


def check_signatures(store: ObjectStore, findings: Findings) -> None:
    """Check every finished bundle; raises StoreUnavailable or StoreMisconfigured."""
    with snapshot() as session:
        query = select(BundleCompletion.bundle_id, _key_in_force())
        bundles = session.execute(query).all()
    for bundle_id, key in bundles:
        with unreadable_told(findings, row_place("bundle", bundle_id)):
            with snapshot() as session:
                members = read_members(session, bundle_id)
            _check(store, findings, bundle_id, members, key)


def _key_in_force() -> ScalarSelect[str]:
    """The bags' key of the checkpoint that a bundle was finished under: one of later would sign it for whoever slipped
    it into the trail.
    """
    return (
        select(SigningKey.key)
        .where(SigningKey.kind == KeyKind.ECDSA, SigningKey.from_size < BundleCompletion.checkpoint_size)
        .order_by(SigningKey.from_size.desc())
        .limit(1)
        .correlate(BundleCompletion)
        .scalar_subquery()
    )


def _check(store: ObjectStore, findings: Findings, bundle_id: UUID, members: Sequence[Member], key: str | None) -> None:
    signature = next((_read(store, member) for member in members if member.bag.path == SIGNATURE), None)
    if key is None or signature is None or not _is_signed(key, signature, _tag_manifest(members)):
        findings.add(
            FindingCode.BUNDLE_UNSIGNED,
            row_place("bundle", bundle_id),
            expected="tanda tangan kunci yang berlaku saat itu",
            found=signature,
        )


def _tag_manifest(members: Sequence[Member]) -> bytes:
    files = [member.bag for member in members]
    listed = [
        file
        for file in files
        if not file.is_payload and file.path != TAG_MANIFEST and not file.path.startswith(SIGNATURE_FOLDER)
    ]
    return manifest_text(listed).encode()


def _read(store: ObjectStore, member: Member) -> bytes | None:
    try:
        with store.open(member.object_key, version_id=member.version_id) as reader:
            return reader.read(_MAX_SIGNATURE)
    except (ObjectMissing, BadKey):
        return None  # which is a finding of its own


def _is_signed(pem: str, signature: bytes, content: bytes) -> bool:
    try:
        key = load_pem_public_key(pem.encode())
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, content, ec.ECDSA(SHA256()))
            return True
    except (InvalidSignature, ValueError):
        return False
    return False
