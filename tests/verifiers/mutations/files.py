"""Attacks on the files of a bag: by a stranger who hides nothing, by one who mends the manifests, by one with keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.verifiers.bag_maker import (
    ECDSA_SIGNATURE,
    HEADS,
    LOG,
    MANIFEST,
    METADATA,
    OPENINGS,
    PROOF,
    SSH_SIGNATURE,
    TAG_MANIFEST,
    Bag,
    Files,
    relist_payload,
)
from tests.verifiers.keys import SIGNER, STRANGER
from tests.verifiers.mutations.mutation import (
    Mutation,
    both,
    changed,
    drop,
    edit,
    good,
    mutation,
    put,
    relisted,
    resigned,
)
from tests.verifiers.story import TEAM

_PAYLOAD = TEAM.files[0].path
_OTHER = TEAM.files[1].path
_FOLDER = _PAYLOAD.rpartition("/")[0]


def _flip(path: str) -> Callable[[Files], object]:
    """One bit of the last byte."""

    def spoil(files: Files) -> None:
        files[path] = files[path][:-1] + bytes([files[path][-1] ^ 1])

    return spoil


def _move(old: str, new: str) -> Callable[[Files], object]:
    return lambda files: files.__setitem__(new, files.pop(old))


def _swap(files: Files) -> None:
    files[_PAYLOAD], files[_OTHER] = files[_OTHER], files[_PAYLOAD]


def _count(files: Files) -> None:
    """Make bag-info.txt fit the payload again."""
    payload = [data for path, data in files.items() if path.startswith("data/")]
    lines = files["bag-info.txt"].decode().splitlines()
    oxum = f"Payload-Oxum: {sum(map(len, payload))}.{len(payload)}"
    lines = [oxum if line.startswith("Payload-Oxum") else line for line in lines]
    files["bag-info.txt"] = "".join(f"{line}\n" for line in lines).encode()


def _hidden(spoil: Callable[[Files], object]) -> Callable[[Files], object]:
    """Both manifests and bag-info.txt made to fit."""
    return both(spoil, relist_payload, _count)


def _tag_manifest(spoil: Callable[[list[bytes]], object]) -> Callable[[Bag], Bag]:
    """The lines of the tag manifest changed, and signed so."""

    def apply(bag: Bag) -> Bag:
        files = dict(bag.files)
        lines = files[TAG_MANIFEST].splitlines(keepends=True)
        spoil(lines)
        files[TAG_MANIFEST] = b"".join(lines)
        files[SSH_SIGNATURE] = SIGNER.ssh_signature(files[TAG_MANIFEST])
        files[ECDSA_SIGNATURE] = SIGNER.ecdsa_signature(files[TAG_MANIFEST])
        return replace(bag, files=files)

    return apply


def _signed_anew(path: str, sign: Callable[[bytes], bytes]) -> Callable[[Bag], Bag]:
    """One signature over the tag manifest replaced."""
    return changed(lambda files: files.__setitem__(path, sign(files[TAG_MANIFEST])))


def _ssh_spelled(old: bytes, new: bytes) -> Callable[[Bag], Bag]:
    """The SSH signature spelled otherwise, by somebody without a key."""
    return changed(edit(SSH_SIGNATURE, old, new))


def _unlist(path: str) -> Callable[[Bag], Bag]:
    return _tag_manifest(
        lambda lines: lines.remove(next(line for line in lines if line.endswith(f"  {path}\n".encode())))
    )


def _armored(text: bytes) -> bytes:
    """What claims to be an SSH signature."""
    return b"-----BEGIN SSH SIGNATURE-----\n" + text + b"\n-----END SSH SIGNATURE-----\n"


_SEALED = ("seal", "metadata", "signature")
_ECDSA_OF_ZEROS = bytes.fromhex("3006020100020100")

FILES: tuple[Mutation, ...] = (
    mutation("payload byte", changed(_flip(_PAYLOAD)), "digest"),
    mutation(
        "payload byte and its manifest", changed(both(_flip(_PAYLOAD), relist_payload)), "digest", "seal", "metadata"
    ),
    mutation("payload byte and all manifests", relisted(_hidden(_flip(_PAYLOAD))), *_SEALED),
    mutation("payload byte, listed and signed", resigned(_hidden(_flip(_PAYLOAD))), "seal", "metadata"),
    mutation("payload cut short", changed(put(_PAYLOAD, b"%PDF-1.7\n")), "digest", "bag", "metadata"),
    mutation("two payload files swapped", changed(_swap), "digest", "metadata"),
    mutation("two payload files swapped and all manifests", relisted(_hidden(_swap)), *_SEALED),
    mutation("payload file added", changed(put(f"{_FOLDER}/99_baru.pdf", b"%PDF")), "unlisted", "bag"),
    mutation("payload file added and listed", relisted(_hidden(put(f"{_FOLDER}/99_baru.pdf", b"%PDF"))), *_SEALED),
    mutation("payload file removed", changed(drop(_PAYLOAD)), "missing", "bag"),
    mutation("payload file removed and unlisted", relisted(_hidden(drop(_PAYLOAD))), *_SEALED),
    mutation("payload file renamed", changed(_move(_PAYLOAD, f"{_FOLDER}/01_lain.pdf")), "missing", "unlisted"),
    mutation(
        "payload file renamed in all manifests", relisted(_hidden(_move(_PAYLOAD, f"{_FOLDER}/01_x.pdf"))), *_SEALED
    ),
    mutation("tag file added", changed(put("audit/catatan.txt", b"x")), "unlisted"),
    mutation("tag file added and listed", relisted(put("audit/catatan.txt", b"x")), "signature"),
    mutation("tag file removed", changed(drop("BACA-SAYA.txt")), "missing"),
    mutation("tag file removed and unlisted", relisted(drop("BACA-SAYA.txt")), "signature"),
    mutation("page altered", changed(edit("index.html", b"Paket", b"Paspor")), "digest"),
    mutation("page altered and listed", relisted(edit("index.html", b"Paket", b"Paspor")), "signature"),
    good("tag file that the format does not name, listed and signed", resigned(put("audit/catatan.txt", b"x"))),
    good("no page for people, listed and signed", resigned(both(drop("index.html"), drop("BACA-SAYA.txt")))),
    mutation("tag manifest removed", changed(drop(TAG_MANIFEST)), "bag"),
    mutation("payload manifest removed", changed(drop(MANIFEST)), "bag", "missing"),
    mutation("payload manifest removed and unlisted", resigned(drop(MANIFEST)), "bag"),
    mutation("bag declaration removed", changed(drop("bagit.txt")), "bag", "missing"),
    mutation("bag declaration of another version", resigned(edit("bagit.txt", b"1.0", b"0.97")), "bag"),
    mutation("bag-info.txt removed and unlisted", resigned(drop("bag-info.txt")), "bag"),
    mutation("wrong Payload-Oxum", resigned(edit("bag-info.txt", b"Payload-Oxum: ", b"Payload-Oxum: 1")), "bag"),
    mutation("no Payload-Oxum", resigned(edit("bag-info.txt", b"Payload-Oxum: ", b"Payload: ")), "bag"),
    mutation("two Payload-Oxum", resigned(edit("bag-info.txt", b"Payload-", b"Payload-Oxum: 1.1\nPayload-")), "bag"),
    mutation("wrong Checkpoint-Size", resigned(edit("bag-info.txt", b"Size: 1", b"Size: 2")), "checkpoint"),
    mutation("wrong Checkpoint-Root", resigned(edit("bag-info.txt", b"Root: ", b"Root: 0")), "checkpoint"),
    mutation("fetch.txt added", changed(put("fetch.txt", b"https://contoh.go.id/x 1 data/x\n")), "bag", "unlisted"),
    mutation("folder of payload as a tag", changed(put("datax/01.pdf", b"%PDF")), "unlisted"),
    *(
        mutation(f"{path} removed and unlisted", resigned(drop(path)), "missing")
        for path in (LOG, HEADS, OPENINGS, PROOF, METADATA, "audit/keys.jsonl")
    ),
    mutation("required file not listed", _unlist("audit/keys.jsonl"), "unlisted"),
    mutation("manifest out of order", _tag_manifest(lambda lines: lines.reverse()), "bag"),
    mutation("manifest with a line twice", _tag_manifest(lambda lines: lines.insert(0, lines[0])), "bag"),
    mutation(
        "manifest without the last line break", _tag_manifest(lambda lines: lines.append(lines.pop()[:-1])), "bag"
    ),
    mutation("manifest with CRLF", _tag_manifest(lambda lines: lines.append(lines.pop()[:-1] + b"\r\n")), "bag"),
    mutation("manifest with an empty line", _tag_manifest(lambda lines: lines.append(b"\n")), "bag"),
    mutation(
        "manifest with one space", _tag_manifest(lambda lines: lines.append(lines.pop().replace(b"  ", b" "))), "bag"
    ),
    mutation(
        "manifest with a digest in capitals", _tag_manifest(lambda lines: lines.append(lines.pop().upper())), "bag"
    ),
    mutation("manifest with bytes that are no UTF-8", _tag_manifest(lambda lines: lines.append(b"\xff\xfe\n")), "bag"),
    mutation("manifest with a NUL", _tag_manifest(lambda lines: lines.append(b"0" * 64 + b"  a\0b\n")), "bag"),
    mutation(
        "manifest that lists itself",
        _tag_manifest(lambda lines: lines.append(b"0" * 64 + b"  tagmanifest-sha256.txt\n")),
        "bag",
    ),
    mutation(
        "manifest that lists a signature",
        _tag_manifest(lambda lines: lines.insert(-1, b"0" * 64 + b"  sig/x\n")),
        "bag",
    ),
    mutation(
        "tag manifest that lists payload",
        _tag_manifest(lambda lines: lines.insert(-1, b"0" * 64 + b"  data/x\n")),
        "bag",
    ),
    mutation("payload manifest that lists a tag", resigned(edit(MANIFEST, b"  data/01", b"  dat4/01")), "bag", "seal"),
    mutation("file added to the signatures", changed(put("sig/lain.txt", b"x")), "unlisted"),
    mutation("SSH signature removed", changed(drop(SSH_SIGNATURE)), "missing"),
    mutation("ECDSA signature removed", changed(drop(ECDSA_SIGNATURE)), "missing"),
    mutation("SSH signature of other bytes", changed(put(SSH_SIGNATURE, SIGNER.ssh_signature(b"x"))), "signature"),
    mutation(
        "ECDSA signature of other bytes", changed(put(ECDSA_SIGNATURE, SIGNER.ecdsa_signature(b"x"))), "signature"
    ),
    mutation(
        "SSH signature for another purpose",
        _signed_anew(SSH_SIGNATURE, lambda m: SIGNER.ssh_signature(m, "git")),
        "signature",
    ),
    *(
        mutation(f"SSH signature with {name}", _ssh_spelled(old, new), "signature")
        for name, old, new in (
            ("a carriage return alone", b"U1NI", b"U1\rNI"),
            ("its end on the last line", b"\n-----END", b"-----END"),
            ("a line break too many", b"END SSH SIGNATURE-----\n", b"END SSH SIGNATURE-----\n\n"),
        )
    ),
    good(
        "SSH signature with CRLF",
        changed(lambda f: f.update({SSH_SIGNATURE: f[SSH_SIGNATURE].replace(b"\n", b"\r\n")})),
    ),
    mutation(
        "Checkpoint-Root once more in lower case",
        resigned(edit("bag-info.txt", b"Payload-", b"checkpoint-root: 0\nPayload-")),
        "checkpoint",
    ),
    mutation("SSH signature by another key", _signed_anew(SSH_SIGNATURE, STRANGER.ssh_signature), "signature"),
    mutation("ECDSA signature by another key", _signed_anew(ECDSA_SIGNATURE, STRANGER.ecdsa_signature), "signature"),
    *(
        mutation(f"SSH signature that is none: {name}", changed(put(SSH_SIGNATURE, content)), "signature")
        for name, content in {
            "empty": b"",
            "words": b"tanda tangan\n",
            "no base64": _armored(b"%%%"),
            "no blob": _armored(b"AAAA"),
            "a length beyond the end": _armored(b"U1NIU0lHAAAAAf////8="),
            "not UTF-8": b"\xff\xfe\x00",
        }.items()
    ),
    *(
        mutation(f"ECDSA signature that is none: {name}", changed(put(ECDSA_SIGNATURE, content)), "signature")
        for name, content in {
            "empty": b"",
            "words": b"tanda tangan\n",
            "zeros": _ECDSA_OF_ZEROS,
            "negative numbers": bytes.fromhex("3006020181020181"),
            "a length beyond the end": bytes.fromhex("30440220ff"),
        }.items()
    ),
    mutation(
        "ECDSA signature with something after it",
        changed(lambda f: f.__setitem__(ECDSA_SIGNATURE, f[ECDSA_SIGNATURE] + b"\0")),
        "signature",
    ),
    mutation("text for openssl altered", changed(edit("sig/checkpoint.body", b"bukti-zi", b"bukti-za")), "checkpoint"),
    mutation("signature for openssl altered", changed(_flip("sig/checkpoint.ed25519")), "checkpoint"),
    mutation("signature for openssl removed", changed(drop("sig/checkpoint.ed25519")), "missing"),
    mutation(
        "everything but the payload removed",
        changed(lambda f: [f.pop(p) for p in list(f) if p[:5] != "data/"]),
        "bag",
        "missing",
    ),
    mutation(
        "relisted without a key after the log was cut",
        relisted(lambda f: f.__setitem__(LOG, b"")),
        "checkpoint",
        "seal",
        "chain",
        "opening",
        "metadata",
        "signature",
    ),
)
