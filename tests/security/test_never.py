"""What no line of the portal does, read from the code itself: some attacks have nowhere to begin."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PORTAL = Path(__file__).parents[2] / "portal"
SENDERS = {
    "adapters/mailer.py": "the mail server of PORTAL_MAIL_URL",
    "adapters/minio_store.py": "the object store of PORTAL_S3_ENDPOINT",
    "adapters/oidc_provider.py": "the identity provider of PORTAL_OIDC_ISSUER",
    "adapters/timestamps.py": "the authorities of PORTAL_TSA_URLS",
    "adapters/scanner.py": "the virus scanner of PORTAL_CLAMD",
    "adapters/signer_clients.py": "the signer of PORTAL_SIGNER, on this machine",
    "cli/demo/auditor.py": "the portal that the demo itself has started",
    "cli/serve.py": "whether the address to listen on is free",
    "cli/server/paced_socket.py": "connections that clients have opened, with a limit on their patience",
    "signer/server.py": "listens on its own socket",
}
"""The modules that may open a connection, and to what; each address is a setting."""

NETWORK = {"socket", "urllib.request", "urllib3", "http.client", "smtplib", "ftplib", "requests", "httpx", "asyncio"}
XML = {"xml", "lxml", "defusedxml", "html5lib", "xmltodict"}
UNPICKLING = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"}
PROGRAMS = {"subprocess", "pty", "multiprocessing"}
STARTERS = {
    "adapters/signer_clients.py": "the signer, on its key directory",
    "cli/demo/auditor.py": "the verifier that the demo shows",
}

OWN_PASSWORD = {"log_in"}
"""Asks for the password of the account that is named, and sets none."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PORTAL.rglob("*.py")):
        yield path.relative_to(PORTAL).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    """The imported modules with every module around them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            parts = name.split(".")
            yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def importing(wanted: set[str]) -> dict[str, set[str]]:
    """Modules of ours that import one of these, with which."""
    found = {name: set(imports(tree)) & wanted for name, tree in modules()}
    return {name: names for name, names in found.items() if names}


def test_req_27_no_xml_is_parsed() -> None:
    """Office documents are told by their ZIP directory and two small parts that are searched as bytes."""
    assert not importing(XML)


def test_req_38_no_link_to_an_object_is_made() -> None:
    found = [
        f"{name}:{node.lineno} {node.attr}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and "presign" in node.attr.lower()
    ]
    assert not found


def test_req_42_nothing_is_converted_and_no_program_is_started_for_a_file() -> None:
    assert set(importing(PROGRAMS)) == set(STARTERS)
    calls = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"system", "popen", "spawnv", "execv", "render", "to_pil"}
        if isinstance(node.value, ast.Name) and node.value.id in {"os", "page", "pdf"}
    ]
    assert not calls


def test_req_64_only_the_adapters_of_configured_servers_open_connections() -> None:
    assert set(importing(NETWORK)) == set(SENDERS)


@pytest.mark.parametrize("folder", ["services", "web", "domain", "models"])
def test_req_64_no_link_of_a_user_is_ever_opened(folder: str) -> None:
    """What is kept of a link is its text: neither services nor pages can fetch anything."""
    assert not [name for name in importing(NETWORK) if name.startswith(f"{folder}/")]


def test_req_54_no_service_sets_the_password_of_somebody_who_is_named_to_it() -> None:
    """A password comes with its owner's link, session or old password, never with a choice of whose it is."""
    choosing = [
        f"{name}: {node.name}"
        for name, tree in modules()
        if name.startswith("services/")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name not in OWN_PASSWORD
        if {"password"} & parameters(node) and {"user_id", "email", "user", "membership_id"} & parameters(node)
    ]
    assert not choosing


def parameters(function: ast.FunctionDef) -> set[str]:
    return {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}


def test_nothing_is_unpickled() -> None:
    assert not importing(UNPICKLING)


def test_the_search_finds_what_it_looks_for() -> None:
    tree = ast.parse("import urllib.request as x\nfrom xml import etree\nfrom urllib import request")
    assert {"urllib.request", "xml", "xml.etree"} <= set(imports(tree))
