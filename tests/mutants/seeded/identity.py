"""Windows, sessions, passwords, one-time links and second factors."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

IDENTITY = (
    Mutant(
        "window checked only at the start",
        "an auditor whose window closes in mid-download gets the rest",
        "portal/services/sending.py",
        "        if sent and (is_last or is_due):\n",
        "        if sent < 0:\n",
        (
            "tests/services/test_access_ending.py::test_req_09_the_end_of_access_is_seen_before_the_last_byte",
            "tests/services/test_access_ending.py::test_req_09_a_long_download_ends_in_its_middle",
        ),
    ),
    Mutant(
        "last day not asked",
        "a membership goes on after its last day",
        "portal/services/membership_days.py",
        "    return begun and not over and membership.ended_at is None",
        "    return begun and membership.ended_at is None",
        ("tests/services/accounts/test_signing_in.py::test_an_auditors_window_is_counted_in_the_units_own_days",),
    ),
    Mutant(
        "first day not asked",
        "a membership counts before its first day",
        "portal/services/membership_days.py",
        "    return begun and not over and membership.ended_at is None",
        "    return not over and membership.ended_at is None",
        ("tests/services/accounts/test_signing_in.py::test_an_auditors_window_is_counted_in_the_units_own_days",),
    ),
    Mutant(
        "idle sessions live on",
        "a session that nobody used for hours is still one",
        "portal/services/sessions.py",
        "now - login.last_seen_at < IDLE",
        "now - login.last_seen_at < ABSOLUTE",
        ("tests/services/accounts/test_sessions.py::test_req_46_a_session_ends_when_idle_and_in_any_case",),
    ),
    Mutant(
        "sessions without an end",
        "a session that is used never ends",
        "portal/services/sessions.py",
        "        and now - login.started_at < ABSOLUTE\n",
        "",
        ("tests/services/accounts/test_sessions.py::test_req_46_a_session_ends_when_idle_and_in_any_case",),
    ),
    Mutant(
        "token stored as it is",
        "who reads the database signs in as anybody",
        "portal/services/tokens.py",
        "    return sha256(token.encode(",
        "    return token if token else sha256(token.encode(",
        ("tests/services/accounts/test_signing_in.py::test_the_token_is_not_stored",),
    ),
    Mutant(
        "deactivation leaves sessions",
        "somebody who left goes on with the page that is open",
        "portal/services/users.py",
        "            end_sessions(session, user.id, now=now)\n            void_invitations",
        "            void_invitations",
        (
            "tests/services/accounts/test_sessions.py::test_req_44_what_ends_a_session_acts_on_the_very_next_request",
            "tests/services/accounts/test_signing_in.py::test_deactivation_ends_the_session_and_a_request_in_flight_cannot_revive_it",
        ),
    ),
    Mutant(
        "deactivation leaves links",
        "an open link lets somebody back in who left",
        "portal/services/users.py",
        "            void_invitations(session, user.id, now=now)\n            audit",
        "            audit",
        (
            "tests/services/accounts/test_invitations.py::test_an_open_link_dies_with_the_account_and_does_not_come_back",
        ),
    ),
    Mutant(
        "password hashed before the tries are counted",
        "guessing costs the server and is never slowed down",
        "portal/services/logins.py",
        "    count_try(limits=limits_for(account=account, address=address), now=now)\n"
        "    user_id, stored = _find_account(account)\n"
        "    if not matches(password[: LONGEST + 1], stored) or user_id is None:\n",
        "    user_id, stored = _find_account(account)\n"
        "    known = matches(password[: LONGEST + 1], stored)\n"
        "    count_try(limits=limits_for(account=account, address=address), now=now)\n"
        "    if not known or user_id is None:\n",
        (
            "tests/services/accounts/test_signing_in.py::test_req_48_guessing_is_stopped_before_hashing_and_recorded_once",
        ),
    ),
    Mutant(
        "strangers can lock somebody out",
        "tries are counted for the account wherever they come from",
        "portal/services/throttle.py",
        'Limit(_key("account", account, address), 8)',
        'Limit(_key("account", account, ""), 8)',
        ("tests/services/accounts/test_signing_in.py::test_req_48_a_stranger_cannot_lock_somebody_out",),
    ),
    Mutant(
        "unknown accounts answer faster",
        "the time of an answer says who has an account",
        "portal/services/passwords.py",
        "    with _turn:\n        try:\n            _hasher.verify(",
        "    if stored is None:\n        return False\n    with _turn:\n        try:\n            _hasher.verify(",
        ("tests/services/accounts/test_signing_in.py::test_req_49_an_unknown_account_costs_the_same_hashing",),
    ),
    Mutant(
        "link works twice",
        "whoever finds a used link sets the password again",
        "portal/services/invitations.py",
        "        invitation.used_at = now\n",
        "",
        ("tests/services/accounts/test_invitations.py::test_req_50_an_invitation_works_once_and_not_for_long",),
    ),
    Mutant(
        "link without an end",
        "a link from last year sets a password",
        "portal/services/invitations.py",
        "            Invitation.expires_at > now,\n",
        "",
        ("tests/services/accounts/test_invitations.py::test_req_50_an_invitation_works_once_and_not_for_long",),
    ),
    Mutant(
        "fresh password not asked",
        "a copied cookie changes roles",
        "portal/services/fresh_password.py",
        "    if confirmed_at is None or abs(now - confirmed_at) >= FRESH:\n",
        "    if confirmed_at is None:\n",
        (
            "tests/services/accounts/test_fresh_password.py::test_req_53_roles_and_accounts_need_a_password_given_just_now",
        ),
    ),
    Mutant(
        "code works twice",
        "who watched somebody type a code signs in with it",
        "portal/services/factor_proof.py",
        ", SecondFactor.last_step < step)",
        ")",
        ("tests/services/accounts/test_second_factor.py::test_req_52_a_code_works_once",),
    ),
)
