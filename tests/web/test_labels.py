"""Every code that a page can show has words, and no enum of the domain is forgotten."""

import importlib
import pkgutil
import re
from enum import StrEnum

import pytest

import portal.domain
from portal.domain.events import EventName
from portal.domain.workflow import State
from portal.web.assets import FOLDER
from portal.web.labels import LABELS, label

NEVER_SHOWN = {
    "Permission": "a page names the action or the role, never the permission",
    "Settlement": "pages show ProposalState, which knows of open and lapsed ones too",
    "Punctuality": "pages show Timing, which knows of open slots too",
}


def _domain_enums() -> set[type[StrEnum]]:
    for module in pkgutil.walk_packages(portal.domain.__path__, "portal.domain."):
        importlib.import_module(module.name)
    return {kind for kind in StrEnum.__subclasses__() if kind.__module__.startswith("portal.domain")}


def test_every_enum_of_the_domain_has_labels_or_a_reason_for_none() -> None:
    missing = {kind.__qualname__ for kind in _domain_enums() - set(LABELS)} - set(NEVER_SHOWN)
    assert not missing, f"without labels in portal/web/labels.py: {sorted(missing)}"


@pytest.mark.parametrize("kind", LABELS, ids=lambda kind: kind.__name__)
def test_every_member_has_a_label_of_its_own(kind: type[StrEnum]) -> None:
    missing = [member.name for member in kind if member not in LABELS[kind]]
    assert not missing, f"{kind.__name__} without label: {missing}"
    words = [label(member).word for member in kind]
    twice = {word for word in words if words.count(word) > 1}
    assert not twice, f"{kind.__name__}: two members share the words {twice}"


@pytest.mark.parametrize("kind", LABELS, ids=lambda kind: kind.__name__)
def test_every_icon_is_in_the_sprite(kind: type[StrEnum]) -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (FOLDER / "icons.svg").read_text(encoding="utf-8")))
    unknown = {member.name: label(member).icon for member in kind if label(member).icon not in sprite}
    assert not unknown, f"icons that icons.svg does not hold: {unknown}"


def test_every_state_says_who_acts_next() -> None:
    silent = [state.name for state in State if not label(state).hint]
    assert not silent, f"states that do not say who acts next: {silent}"


def test_equal_codes_of_different_enums_keep_their_own_words() -> None:
    assert label(State.APPROVED).word == "Disetujui"
    assert label(EventName.EVIDENCE_APPROVED).word == "Bukti disetujui"
