"""The home page. It shows what `services/tasks.py` found and leads one click further."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.domain.permissions import Permission
from portal.services.account_watch import get_account_watch
from portal.services.tasks import get_tasks
from portal.web.anchor_watch import find_own_standing
from portal.web.clock import today, utc_now
from portal.web.guards import requires, signed_in
from portal.web.identity import current_actor
from portal.web.tasks.words import GROUP_WORDS

blueprint = Blueprint("tasks", __name__, template_folder="templates")


@blueprint.get("/")
@signed_in("the address without a path leads everybody to his own work list")
def home() -> ResponseReturnValue:
    return redirect(url_for("tasks.index"))


@blueprint.get("/tugas")
@requires(Permission.SEE_PLAN)
def index() -> ResponseReturnValue:
    """Tugas saya."""
    tasks = get_tasks(actor=current_actor(), now=utc_now())
    watch = get_account_watch(actor=current_actor(), now=utc_now())
    return render_template(
        "tasks/index.html", tasks=tasks, words=GROUP_WORDS, today=today(), standing=find_own_standing(), watch=watch
    )
