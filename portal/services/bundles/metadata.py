"""`metadata/bukti.json`: everything that the bag says about its evidence, authoritative, as canonical JSON. Writes
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import TypeVar

from portal.domain.canonical_json import JsonValue, canonical_json
from portal.domain.events import indicator_scope
from portal.domain.moment import spell_moment
from portal.services.bundles.contents import BundledDecision, BundledEvidence, BundledFile
from portal.services.bundles.snapshot import Snapshot
from portal.services.checkpoints import CheckpointView

Item = TypeVar("Item")

FORMAT = "bukti-zi/bundle/2"
RULE_LEFT_OUT = "restricted_only_if_granted"
"""The rule of the policy by which approved evidence stays out of a bag."""


def metadata_document(snapshot: Snapshot, checkpoint: CheckpointView, sealed_at: datetime) -> bytes:
    """The whole document; every list of it is in the plan's order or sorted."""
    contents = snapshot.contents
    place = contents.place
    return canonical_json(
        {
            "areas": [_area(items, snapshot) for items in grouped(contents.evidence, lambda e: e.item.area_position)],
            "format": FORMAT,
            "left_out": [
                {"classification": kind.value, "evidence": count, "rule": RULE_LEFT_OUT}
                for kind, count in contents.restricted.items()
            ],
            "log": {"root": checkpoint.root, "size": checkpoint.size},
            "people": [{"id": str(person), "name": name} for person, name in snapshot.names.items()],
            "plan": {
                "decree_date": place.decree_date.isoformat(),
                "decree_number": place.decree_number,
                "title": place.title,
                "year": place.year,
            },
            "scope": {"area": place.area_code, "indicator": place.indicator_code},
            "sealed_at": spell_moment(sealed_at),
            "unit": {"code": place.unit_code, "name": place.unit_name},
        }
    )


def grouped(items: Iterable[Item], key: Callable[[Item], object]) -> list[list[Item]]:
    """Items that follow one another with the same key."""
    return [list(own) for _, own in groupby(items, key)]


def _area(items: Sequence[BundledEvidence], snapshot: Snapshot) -> JsonValue:
    heading = items[0].item
    return {
        "code": heading.area_code,
        "components": [_component(own, snapshot) for own in grouped(items, lambda e: e.item.component_number)],
        "name": heading.area_name,
        "official_name": heading.area_official_name,
    }


def _component(items: Sequence[BundledEvidence], snapshot: Snapshot) -> JsonValue:
    heading = items[0].item
    return {
        "indicators": [_indicator(own, snapshot) for own in grouped(items, lambda e: e.item.indicator_code)],
        "name": heading.component_name,
        "number": heading.component_number,
    }


def _indicator(items: Sequence[BundledEvidence], snapshot: Snapshot) -> JsonValue:
    heading, place = items[0].item, snapshot.contents.place
    return {
        "code": heading.indicator_code,
        "requirements": [_requirement(own, snapshot) for own in grouped(items, lambda e: e.item.position)],
        "scope": indicator_scope(place.unit_code, place.year, heading.indicator_code),
        "target": heading.target_text,
        "text": heading.indicator_text,
    }


def _requirement(items: Sequence[BundledEvidence], snapshot: Snapshot) -> JsonValue:
    heading = items[0].item
    return {
        "classification": heading.classification.value,
        "evidence": [_evidence(item, snapshot.trail.leaves[item.revision_id]) for item in items],
        "position": heading.position,
        "text": heading.text,
    }


def _evidence(item: BundledEvidence, leaves: Iterable[int]) -> JsonValue:
    return {
        "decisions": [_decision(decision) for decision in item.decisions],
        "digest": item.digest,
        "digest_salt": item.digest_salt,
        "document_date": item.document_date.isoformat() if item.document_date else None,
        "files": [_file(file) for file in item.files],
        "id": str(item.evidence_id),
        "leaves": list(leaves),
        "links": [{"id": str(link.link_id), "note": link.note, "url": link.url} for link in item.links],
        "months": _days(item.months),
        "note": item.note,
        "revision": item.number,
        "submitted_at": spell_moment(item.submitted_at),
        "submitted_by": str(item.submitted_by),
    }


def _file(file: BundledFile) -> JsonValue:
    entry: dict[str, JsonValue] = {
        "id": str(file.file_id),
        "media_type": file.media_type,
        "name": file.name,
        "path": file.bag.path,
        "sha256": file.bag.sha256,
        "size": file.bag.size,
        "uploader": str(file.uploader_id),
    }
    return entry | {"redacts": file.redacts} if file.redacts else entry


def _decision(decision: BundledDecision) -> JsonValue:
    return {
        "at": spell_moment(decision.decided_at),
        "digest": decision.digest,
        "id": str(decision.decision_id),
        "membership": str(decision.membership_id),
        "note": decision.note,
        "reviewer": str(decision.reviewer_id),
        "tier": decision.tier,
        "verdict": decision.verdict.value,
    }


def _days(days: Iterable[date]) -> list[JsonValue]:
    return [day.isoformat() for day in days]
