"""The spelling of a proof, line by line as C2SP tlog-proof has it."""

from portal.domain.log.tlog_proof import tlog_proof_text

NOTE = "contoh.go.id/log\n3\nAAAA\n\n— contoh.go.id/log c2ln\n"


def test_a_proof_is_a_header_the_index_the_hashes_and_the_whole_note() -> None:
    assert tlog_proof_text(index=1, proof=(b"\x00" * 3, b"\xff" * 3), note=NOTE) == (
        f"c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n////\n\n{NOTE}"
    )


def test_the_only_leaf_of_a_log_needs_no_hash() -> None:
    assert tlog_proof_text(index=0, proof=(), note=NOTE) == f"c2sp.org/tlog-proof@v1\nindex 0\n\n{NOTE}"
