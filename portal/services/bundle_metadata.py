"""`metadata/bukti.json`: everything that the bag says about its evidence, authoritative, as canonical JSON. Writes
nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

from portal.domain.canonical_json import JsonValue
from portal.domain.events import indicator_scope
from portal.models import Decision, Revision
from portal.services.bundle_contents import BundleContents, BundledEvidence, BundledFile, BundleScope
from portal.services.log_reader import Head

FORMAT = "bukti-zi/bundle/1"


def bundle_metadata(
    contents: BundleContents, scope: BundleScope, head: Head, names: Mapping[UUID, str], sealed_at: datetime
) -> dict[str, JsonValue]:
    """The whole document; `names` are those of the people in it, by user id."""
    place = contents.place
    return {
        "areas": [_area(list(items), contents) for _, items in groupby(contents.evidence, lambda e: e.area.position)],
        "format": FORMAT,
        "left_out": {kind.value: count for kind, count in contents.restricted.items()},
        "log": {"root": head.root.hex(), "size": head.size},
        "people": [{"id": str(user_id), "name": names[user_id]} for user_id in sorted(names, key=str)],
        "plan": {
            "decree_date": place.decree_date.isoformat(),
            "decree_number": place.decree_number,
            "title": place.title,
            "year": place.year,
        },
        "scope": {"area": scope.area_code, "indicator": scope.indicator_code},
        "sealed_at": _moment(sealed_at),
        "unit": {"code": place.unit_code, "name": place.unit_name},
    }


def _area(items: Sequence[BundledEvidence], contents: BundleContents) -> JsonValue:
    area = items[0].area
    components = groupby(items, lambda item: item.component.number)
    return {
        "code": area.code,
        "components": [_component(list(own), contents) for _, own in components],
        "name": area.name,
        "official_name": area.official_name,
    }


def _component(items: Sequence[BundledEvidence], contents: BundleContents) -> JsonValue:
    component = items[0].component
    return {
        "indicators": [_indicator(list(own), contents) for _, own in groupby(items, lambda item: item.indicator.code)],
        "name": component.name,
        "number": component.number,
    }


def _indicator(items: Sequence[BundledEvidence], contents: BundleContents) -> JsonValue:
    indicator, place = items[0].indicator, contents.place
    return {
        "code": indicator.code,
        "requirements": [_requirement(list(own)) for _, own in groupby(items, lambda item: item.requirement.position)],
        "scope": indicator_scope(place.unit_code, place.year, indicator.code),
        "target": indicator.target_text,
        "text": indicator.text,
    }


def _requirement(items: Sequence[BundledEvidence]) -> JsonValue:
    requirement = items[0].requirement
    return {
        "classification": requirement.classification.value,
        "evidence": [_evidence(item) for item in items],
        "position": requirement.position,
        "text": requirement.text,
    }


def _evidence(item: BundledEvidence) -> JsonValue:
    revision = item.revision
    return {
        "decisions": [_decision(decision) for decision in revision.decisions],
        "digest": revision.digest,
        "digest_salt": revision.digest_salt,
        "document_date": revision.document_date.isoformat() if revision.document_date else None,
        "files": [_file(file) for file in item.files],
        "id": str(revision.evidence_id),
        "links": [{"id": str(link.id), "note": link.note, "url": link.url} for link in revision.links],
        "months": list(_months(revision)),
        "note": revision.note,
        "revision": revision.number,
        "submitted_at": _moment(revision.submitted_at) if revision.submitted_at else None,
        "submitted_by": str(revision.submitted_by),
    }


def _months(revision: Revision) -> Iterator[JsonValue]:
    yield from sorted(part.slot.month.isoformat() for part in revision.slots)


def _file(file: BundledFile) -> JsonValue:
    return {
        "id": str(file.file_id),
        "media_type": file.media_type,
        "name": file.name,
        "path": file.bag.path,
        "sha256": file.bag.sha256,
        "size": file.bag.size,
        "uploader": str(file.uploader_id),
    }


def _decision(decision: Decision) -> JsonValue:
    return {
        "at": _moment(decision.decided_at),
        "digest": decision.revision_digest,
        "id": str(decision.id),
        "membership": str(decision.membership_id),
        "note": decision.note,
        "reviewer": str(decision.reviewer_id),
        "tier": decision.tier + 1,
        "verdict": decision.verdict.value,
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def people_in(contents: BundleContents) -> set[UUID]:
    """Everybody whom the document names: senders, uploaders and reviewers of the evidence in the bag."""
    found: set[UUID] = set()
    for item in contents.evidence:
        found |= {file.uploader_id for file in item.files} | {d.reviewer_id for d in item.revision.decisions}
        if item.revision.submitted_by:
            found.add(item.revision.submitted_by)
    return found
