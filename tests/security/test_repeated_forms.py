"""A form that is sent twice, by an impatient finger or a broken line, has one effect."""

from __future__ import annotations

from portal import create_app
from portal.config import Settings
from portal.db import db
from tests.web.stories.people import Person, sign_in
from tests.web.walk.contents import contents_of, restored
from tests.web.walk.forms import Form, honest
from tests.web.walk.office import PEOPLE, email_of, open_busy_office
from tests.web.walk.pages import forms_of, pages_of

MEANT = {
    "auth.renew_codes": "each set of recovery codes takes the place of the one before",
    "anchors.print_page": "each print is a paper of its own, and the trail of anchors counts them",
    "accounts.end_all_sessions": "it ends whatever has begun meanwhile, and the trail says so each time",
    "accounts.invite_once_more": "each link takes the place of the one before: there is one that works",
}
"""Forms whose second sending is a second deed, and why that is right."""

FORM = "application/x-www-form-urlencoded"


def post(person: Person, form: Form) -> int:
    return person.client.post(form.action, data=honest(form).encoded(), content_type=FORM).status_code


def test_req_15_a_form_that_is_sent_twice_has_one_effect(small_installation: Settings) -> None:
    """Every form of every page, by everybody who meets it: the second sending changes no row and adds no event."""
    app = create_app(small_installation)
    further = open_busy_office(app)
    met: set[tuple[str, ...]] = set()
    doubled, effective = [], 0
    for name in PEOPLE:
        person = sign_in(app, email_of(name))
        for kind, form in forms_of(app, pages_of(app, person, further)).items():
            if kind in met or form.method == "get" or kind[0] == "auth.logout":
                continue
            met.add(kind)
            with restored(app):
                before = contents_of(app)
                first, once = post(person, form), contents_of(app)
                second, twice = post(person, form), contents_of(app)
                effective += once != before
                changed = [table for table in once if once[table] != twice[table]]
                if changed and kind[0] not in MEANT:
                    doubled.append(f"{name}: {kind[0]} answered {first}, then {second} and changed {changed}")
    with app.app_context():
        db.engine.dispose()
    assert not doubled, "\n".join(doubled)
    assert effective > 12, f"of {len(met)} forms only {effective} did anything the first time"
