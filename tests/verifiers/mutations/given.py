"""Good bags, and what is said when keys or the printed checkpoint are missing, foreign, or not what was printed."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace

from tests.verifiers.bag_maker import CHECKPOINT, PROOF, Bag, Plan, make_bag, relist, sign
from tests.verifiers.keys import SIGNER, STRANGER, Keys
from tests.verifiers.mutations.mutation import (
    CANNOT_TELL,
    GENUINE,
    UNPRINTED,
    Mutation,
    good,
    good_bag,
    mutation,
    planned,
)
from tests.verifiers.story import FOREIGN, MINUTES, ROADMAP, SECRET, TEAM, history

_PRINTED = good_bag().printed
_SIZE, _ROOT = _PRINTED.split()
_CHECKPOINT_KEY, _SSH_KEY, _ECDSA_KEY = SIGNER.public


def _unchanged(bag: Bag) -> Bag:
    return bag


def _keys(name: str, keys: tuple[str, ...], *missing: str) -> Mutation:
    verdict = CANNOT_TELL if missing else GENUINE
    absent = UNPRINTED | frozenset(missing)
    return Mutation(name=name, apply=_unchanged, keys=keys, verdict=verdict, not_established=absent)


def _printed(
    name: str, printed: str, verdict: str, *, codes: tuple[str, ...] = (), absent: tuple[str, ...] = ()
) -> Mutation:
    return Mutation(
        name=name,
        apply=_unchanged,
        printed=printed,
        verdict=verdict,
        codes=frozenset(codes),
        not_established=frozenset(absent),
    )


def _root_at(size: int) -> str:
    """The checkpoint of the good log at a size whose note lies in the bag."""
    note = good_bag().files[f"audit/checkpoints/{size:012d}.txt"].decode().splitlines()
    return f"{note[1]} {b64decode(note[2]).hex()}"


def _rewritten(keys: Keys = SIGNER, *, note_sizes: tuple[int, ...] = ()) -> Bag:
    """The same office with another past: one who had seen the evidence before it was changed would know."""
    events = history()
    events[3] = replace(events[3], obj=events[2].obj)
    return make_bag(Plan(events=events, keys=keys, note_sizes=note_sizes))


def _fork(bag: Bag) -> Bag:
    """A rewritten past that carries a note of the true one, as the auditor may hold it, too."""
    files = dict(_rewritten().files)
    name = "audit/checkpoints/000000000032.txt"
    files[name] = bag.files[name]
    relist(files)
    sign(files, SIGNER)
    return replace(bag, files=files)


def _other_checkpoint_key(bag: Bag) -> Bag:
    """The checkpoint signed by a stranger, everything else by the portal."""
    files = dict(bag.files)
    text = files[CHECKPOINT].partition(b"\n\n")[0] + b"\n"
    note = text + b"\n" + STRANGER.note_line(text)
    files[PROOF] = files[PROOF].replace(files[CHECKPOINT], note)
    files[CHECKPOINT] = note
    relist(files)
    sign(files, SIGNER)
    files["sig/checkpoint.ed25519"] = STRANGER.raw_signature(text)
    return replace(bag, files=files)


GIVEN: tuple[Mutation, ...] = (
    good("good bag", _unchanged),
    good("good bag of the whole unit", planned(lambda: Plan(area=None, evidence=(TEAM, MINUTES, ROADMAP, FOREIGN)))),
    good("good bag of one indicator", planned(lambda: Plan(indicator="I.1", evidence=(TEAM, MINUTES), left_out=0))),
    good(
        "good bag with nothing left out", planned(lambda: Plan(evidence=(TEAM, MINUTES, ROADMAP, SECRET), left_out=0))
    ),
    good("good bag without earlier notes", planned(lambda: Plan(note_sizes=()))),
    good("good bag whose seal is the last leaf", planned(lambda: Plan(between=[], after=[]))),
    _keys("no key", (), "no_checkpoint_key", "no_bag_key"),
    _keys("checkpoint key only", (_CHECKPOINT_KEY,), "no_bag_key"),
    _keys("bag keys only", (_SSH_KEY, _ECDSA_KEY), "no_checkpoint_key"),
    _keys("openssl's form of the checkpoint key only", (SIGNER.checkpoint_pem,), "no_checkpoint_key", "no_bag_key"),
    _keys("checkpoint and SSH key", (_CHECKPOINT_KEY, _SSH_KEY)),
    _keys("checkpoint and ECDSA key", (_CHECKPOINT_KEY, _ECDSA_KEY)),
    _keys("all keys in one file", ("\r\n".join(SIGNER.public) + SIGNER.checkpoint_pem,)),
    _keys("keys with byte order marks", tuple(f"\ufeff{key}" for key in SIGNER.public)),
    _keys("a PEM with blanks", (_CHECKPOINT_KEY, _ECDSA_KEY.replace("\n", " \n  "))),
    _keys("an older key of each kind as well", STRANGER.public + SIGNER.public),
    _printed("printed checkpoint", _PRINTED, GENUINE),
    _printed(
        "printed in groups", f" {_SIZE}  {'-'.join(_ROOT.upper()[n : n + 4] for n in range(0, 64, 4))}\n", GENUINE
    ),
    _printed(
        "printed in groups with other dashes and blanks",
        f"{_SIZE}\u00a0\u200b" + "\u2013".join(_ROOT[n : n + 4] for n in range(0, 64, 4)),
        GENUINE,
    ),
    _printed("printed with a size of 16 digits", f"{10**15} {_ROOT}", CANNOT_TELL, absent=("printed_size_unknown",)),
    _printed("printed earlier", _root_at(32), GENUINE),
    _printed("printed with another root", f"{_SIZE} {'0' * 64}", "not_genuine", codes=("printed",)),
    _printed("printed earlier with another root", f"32 {_ROOT}", "not_genuine", codes=("printed",)),
    _printed("printed at a size between", f"33 {_ROOT}", CANNOT_TELL, absent=("printed_size_unknown",)),
    _printed("printed after the bag was sealed", f"100000 {_ROOT}", CANNOT_TELL, absent=("printed_size_unknown",)),
    _printed("printed without a root", _SIZE, CANNOT_TELL, absent=("unreadable",)),
    _printed("printed with half a root", f"{_SIZE} {_ROOT[:32]}", CANNOT_TELL, absent=("unreadable",)),
    mutation(
        "everything by another signer", lambda _: make_bag(Plan(keys=STRANGER)), "checkpoint_signature", "signature"
    ),
    mutation("checkpoint by another signer", _other_checkpoint_key, "checkpoint_signature"),
    mutation("a fork that carries a true note", _fork, "checkpoint"),
    good("rewritten with the stolen key, nothing printed", lambda _: _rewritten()),
    Mutation(
        name="rewritten with the stolen key",
        apply=lambda _: _rewritten(),
        printed=_PRINTED,
        codes=frozenset({"printed"}),
        not_established=frozenset(),
    ),
    Mutation(
        name="no bundle at all",
        apply=lambda _: b"Laporan tahunan\n" * 100,
        verdict=CANNOT_TELL,
        not_established=frozenset({"unreadable"}),
    ),
    Mutation(name="an empty file", apply=lambda _: b"", verdict=CANNOT_TELL, not_established=frozenset({"unreadable"})),
    *(
        Mutation(
            name=f"not a public key: {name}",
            apply=_unchanged,
            keys=(*SIGNER.public, text),
            verdict=CANNOT_TELL,
            not_established=frozenset({"unreadable"}),
        )
        for name, text in {
            "words": "kunci kami\n",
            "a verifier key with a wrong id": _CHECKPOINT_KEY.replace(SIGNER.key_id.hex(), "00000000"),
            "an SSH key for something else": _SSH_KEY.replace("bukti-zi", "git"),
            "a private key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "half a PEM": _ECDSA_KEY[:60],
        }.items()
    ),
)
