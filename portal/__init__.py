"""Portal Bukti ZI: evidence of a Zona Integritas action plan, reviewed, trailed and bundled.

This module stays free of frameworks at import time, so that `portal.domain` can be used alone; Flask is imported
inside `create_app`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from portal.adapters.identity_provider import IdentityProvider
    from portal.adapters.mailer import Mailer
    from portal.adapters.store import ObjectStore
    from portal.config import Settings
    from portal.services.upload_rules import UploadRules

__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application for `settings`, by default those of the environment; raises config.ConfigInvalid."""
    from flask import Flask
    from flask_migrate import Migrate

    from portal import models  # noqa: F401  # fills the metadata that migrations compare
    from portal.adapters.open_signer import open_signer
    from portal.config import INSTANCE, MIGRATIONS, check, load_settings
    from portal.db import db
    from portal.web import init_web

    settings = settings or load_settings()
    check(settings)
    app = Flask(__name__, static_folder=None, instance_path=str(INSTANCE))
    app.config.update(flask_config(settings))
    app.extensions["portal.settings"] = settings
    app.extensions["portal.store"] = _store_of(settings)
    app.extensions["portal.upload_rules"] = _upload_rules_of(settings)
    app.extensions["portal.mailer"] = _mailer_of(settings)
    app.extensions["portal.provider"] = _provider_of(settings)
    app.extensions["portal.signer"] = open_signer(settings.signer)
    db.init_app(app)
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=False, compare_type=True)
    _trust_proxies(app, settings.proxy_hops)
    init_web(app)
    return app


def flask_config(settings: Settings) -> dict[str, object]:
    """Flask's own configuration from ours. Request limits are small; upload routes raise them for themselves."""
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True},
        "MAX_CONTENT_LENGTH": 256 * 1024,
        "MAX_FORM_MEMORY_SIZE": 256 * 1024,
        "MAX_FORM_PARTS": 200,
        "SESSION_COOKIE_NAME": "__Host-portal" if settings.serves_tls else "portal",
        "SESSION_COOKIE_SECURE": settings.serves_tls,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "TRUSTED_HOSTS": list(settings.hosts),
        "PREFERRED_URL_SCHEME": "https" if settings.serves_tls else "http",
        "BABEL_DEFAULT_TIMEZONE": settings.timezone,
    }


def _store_of(settings: Settings) -> ObjectStore:
    from portal.adapters.open_store import open_store

    return open_store(
        kind=settings.store,
        folder=Path(settings.store_dir),
        reserve=settings.min_free_bytes,
        endpoint=settings.s3_endpoint,
        bucket=settings.s3_bucket,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key,
        secure=settings.s3_secure,
    )


def _upload_rules_of(settings: Settings) -> UploadRules:
    from portal.adapters.scanner import Clamd
    from portal.services.upload_rules import UploadRules

    return UploadRules(
        indicator_bytes=settings.max_indicator_bytes,
        day_bytes=settings.max_day_bytes,
        scanner=Clamd(settings.clamd) if settings.clamd else None,
    )


def _mailer_of(settings: Settings) -> Mailer | None:
    """None without a mail server; raises config.ConfigInvalid for one that cannot be."""
    from portal.adapters.mailer import MailAddressInvalid, open_mailer
    from portal.config import ConfigInvalid

    if not settings.mail_url:
        return None
    try:
        return open_mailer(url=settings.mail_url, sender=settings.mail_from)
    except MailAddressInvalid as error:
        raise ConfigInvalid([f"PORTAL_MAIL_URL: {error}"]) from error


def _provider_of(settings: Settings) -> IdentityProvider | None:
    """None without settings: what speaks to a provider comes with an extra that need not be installed."""
    if not settings.oidc_issuer:
        return None
    from portal.adapters.oidc_provider import OidcProvider

    return OidcProvider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        label=settings.oidc_label,
    )


def _trust_proxies(app: Flask, hops: int) -> None:
    """Believe forwarded headers of just the proxies that the operator runs; none by default."""
    if hops:
        from werkzeug.middleware.proxy_fix import ProxyFix

        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's documented way
