"""Writing a bag into the store: documents, the four files of BagIt that list them, and the signatures over those. No
transaction is open meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from io import BytesIO
from zoneinfo import ZoneInfo

from portal.adapters.signer import Signer
from portal.adapters.store import ObjectStore
from portal.domain.bundle.layout import TAG_MANIFEST, BagInfo, bagit_files, top_directory, zip_order
from portal.domain.log.note import SignedNote
from portal.services.bundles.documents import LOG, PROFILE, bundle_documents
from portal.services.bundles.log_proof import LogProof
from portal.services.bundles.members import Member, store_member
from portal.services.bundles.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class BagWriter:
    """`name` is that of the top folder, `sealed_at` the moment that every document tells."""

    name: str
    sealed_at: datetime
    store: ObjectStore
    signer: Signer

    def write(self, snapshot: Snapshot, proof: LogProof) -> tuple[Member, ...]:
        """All members in the order of the ZIP; raises StoreUnavailable or SignerUnavailable half way."""
        payload = [
            Member(bag=file.bag, object_key=file.object_key, version_id=file.version_id, file_id=file.file_id)
            for file in snapshot.contents.files
        ]
        tags = [store_member(LOG, proof.lines, self.store)]
        tags += self._stored(bundle_documents(snapshot, proof, self.sealed_at))
        bagit = bagit_files(
            self._bag_info(snapshot, proof), [member.bag for member in payload], [member.bag for member in tags]
        )
        signatures = self._signatures(bagit[TAG_MANIFEST], proof.checkpoint.note)
        by_path = {m.bag.path: m for m in (*payload, *tags, *self._stored(bagit), *self._stored(signatures))}
        return tuple(by_path[file.path] for file in zip_order(member.bag for member in by_path.values()))

    def _stored(self, documents: dict[str, bytes]) -> list[Member]:
        return [store_member(path, BytesIO(content), self.store) for path, content in documents.items()]

    def _signatures(self, tag_manifest: bytes, checkpoint_note: str) -> dict[str, bytes]:
        """Everything below `sig/`; the checkpoint stands there once more, split as openssl reads it."""
        signed = self.signer.sign_bag(tag_manifest=tag_manifest)
        note = SignedNote.parse(checkpoint_note)
        return {
            "sig/checkpoint.body": note.text.encode(),
            "sig/checkpoint.ed25519": note.signatures[0].signature,
            f"sig/{TAG_MANIFEST}.ecdsa": signed.ecdsa,
            f"sig/{TAG_MANIFEST}.sig": signed.ssh,
        }

    def _bag_info(self, snapshot: Snapshot, proof: LogProof) -> BagInfo:
        place = snapshot.contents.place
        return BagInfo(
            source_organization=place.unit_name,
            bagging_date=self.sealed_at.astimezone(ZoneInfo(place.timezone)).date(),
            external_identifier=self.name,
            software_agent=f"portal-bukti-zi {version('portal-bukti-zi')}",
            profile_identifier=PROFILE,
            checkpoint_size=proof.checkpoint.size,
            checkpoint_root=proof.checkpoint.root,
        )


def bag_name(snapshot: Snapshot) -> str:
    """The top folder's name: unit, year, and the size of the log when the scope was read."""
    place = snapshot.contents.place
    return top_directory(unit=place.unit_code, year=place.year, size=snapshot.head.size)
