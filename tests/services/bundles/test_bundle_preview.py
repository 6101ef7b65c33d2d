"""The preview of a bundle promises just what a bundle of the same scope would hold."""

from __future__ import annotations

import pytest

from portal.domain.classification import Classification
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.services.bundles.contents import BundleContents, load_contents
from portal.services.bundles.preview import Amount, Preview, read_preview
from portal.services.bundles.scope import BundleScope
from portal.services.unit_of_work import transaction
from tests.builders.world import NOW, act, add_draft, add_person, build_world, stored_file, submitted

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.mark.parametrize("may_read_restricted", [False, True])
@pytest.mark.parametrize(("area", "indicator"), [(None, None), ("I", None), (None, "I.1.2")])
def test_it_promises_what_the_bundle_holds(
    area: str | None, indicator: str | None, *, may_read_restricted: bool
) -> None:
    world = build_world(restricted="I.1")
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    auditor = add_person(world, Role.AUDITOR, restricted=may_read_restricted)
    several = (stored_file(sender.person, "a.pdf"), stored_file(sender.person, "b.pdf"))
    approved = [
        add_draft(world, sender, "I.2", files=several),
        add_draft(world, sender, "I.2", months=(2, 3)),
        add_draft(world, sender, "I.1"),
        add_draft(world, sender, "II.2", files=several[:1]),
    ]
    for revision_id in approved:
        act(world, sender, Action.SUBMIT, revision_id)
        act(world, reviewer, Action.APPROVE, revision_id)
    submitted(world, sender, "II.1")
    scope = BundleScope(plan_id=world.plan_id, area_code=area, indicator_code=indicator)
    with transaction(write=False) as session:
        promised, held = read_preview(session, auditor, scope, NOW), load_contents(session, auditor, scope)
    assert _by_indicator(promised) == _held(held)
    assert promised.total.files > 0
    assert promised.restricted == held.restricted
    hidden = not may_read_restricted and indicator is None
    assert promised.restricted == ({Classification.TERBATAS: 1} if hidden else {})


def _by_indicator(preview: Preview) -> dict[str, Amount]:
    found = {own.code: own.amount for area in preview.areas for own in area.indicators}
    assert sum((area.amount for area in preview.areas), start=Amount(evidence=0, files=0, size=0)) == preview.total
    return found


def _held(contents: BundleContents) -> dict[str, Amount]:
    found: dict[str, Amount] = {}
    for item in contents.evidence:
        one = Amount(evidence=1, files=len(item.files), size=sum(file.bag.size for file in item.files))
        code = item.item.indicator_code
        found[code] = found[code] + one if code in found else one
    return found
