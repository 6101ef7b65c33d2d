"""A test that needs a server which is not here is named with the way to get it, and fails where it was promised."""

from pathlib import Path

import pytest

from tests.servers import chromium, minio, rclone

NEEDS_A_MISSING_SERVER = """
    import pytest
    from tests.fixtures.missing_services import require_service

    @pytest.fixture(scope="session")
    def kiln():
        require_service("Kiln", "no kiln on this machine; `make kiln` builds it")

    @pytest.fixture(scope="session")
    def fire():
        require_service("Fire", None)

    def test_needs_it(kiln): pass
    def test_needs_it_too(kiln): pass
    def test_is_served(fire): pass
    def test_is_skipped_for_another_reason(): pytest.skip("not today")
"""


@pytest.fixture(autouse=True)
def project_with_a_missing_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_pottery=NEEDS_A_MISSING_SERVER)


def run(pytester: pytest.Pytester) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-p", "tests.fixtures.missing_services")


def test_it_is_skipped_by_name_with_the_providing_command(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PORTAL_REQUIRE_SERVICES", raising=False)
    result = run(pytester)
    assert result.parseoutcomes() == {"passed": 1, "skipped": 3}
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "*not run on this machine*",
            "Kiln: no kiln on this machine; `make kiln` builds it",
            "    test_pottery.py::test_needs_it",
            "    test_pottery.py::test_needs_it_too",
            "*1 passed, 3 skipped*",
        ]
    )


def test_it_fails_when_services_are_required(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_REQUIRE_SERVICES", "1")
    result = run(pytester)
    assert result.parseoutcomes() == {"passed": 1, "skipped": 1, "errors": 2}
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["Kiln is required by PORTAL_REQUIRE_SERVICES=1, but no kiln on this machine; *"])


def test_each_server_says_what_would_provide_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PORTAL_TEST_CHROMIUM", raising=False)
    monkeypatch.setattr(rclone, "BINARY", tmp_path / "rclone")
    reasons = [minio.why_missing(), chromium.why_missing(), rclone.why_missing()]
    commands = ["`make minio` builds it, which needs Go", "`apt-get install chromium`", "`make test` installs it"]
    for reason, command in zip(reasons, commands, strict=True):
        assert reason is not None
        assert command in reason
