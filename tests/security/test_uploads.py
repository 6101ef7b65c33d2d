"""What a sender claims of a file, its name and its type, decides nothing."""

from __future__ import annotations

import re
from io import BytesIO

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.models import StoredFile
from portal.services.unit_of_work import transaction
from tests.builders import documents
from tests.web.stories.office import open_office
from tests.web.stories.people import sign_in
from tests.web.stories.test_story import first_draft


def test_req_22_the_senders_type_and_name_decide_nothing(small_installation: Settings) -> None:
    app = create_app(small_installation)
    open_office(app)
    siti = sign_in(app, "siti@contoh.go.id")
    draft = first_draft(siti)
    claimed = FileStorage(BytesIO(documents.pdf("lain")), "../../static/x.html.pdf", content_type="text/html")
    siti.send("/berkas", {"files": [claimed]})
    addresses = re.findall(r'href="(/berkas/[^"]+)"', siti.open(draft.replace("/draf", "/periksa-dulu")))
    assert {siti.client.get(address).mimetype for address in addresses} == {"application/pdf"}
    with app.app_context():
        with transaction(write=False) as session:
            keys = {row.name: row.object_key for row in session.execute(select(StoredFile.name, StoredFile.object_key))}
        db.engine.dispose()
    assert all(re.fullmatch(r"[A-Za-z0-9/_-]{32,}", key) for key in keys.values()), keys
    assert "x.html.pdf" in keys
