"""The blueprint that the modules of this feature put their views on."""

from flask import Blueprint

blueprint = Blueprint("evidence", __name__, template_folder="templates")
