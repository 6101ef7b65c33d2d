"""What an entry of the corpus is, and how to spoil a bag's files with or without hiding it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from tests.verifiers.bag_maker import Bag, Files, Plan, make_bag, relist, sign
from tests.verifiers.keys import SIGNER

GENUINE, NOT_GENUINE, CANNOT_TELL = "genuine", "not_genuine", "cannot_tell"
UNPRINTED = frozenset({"no_printed_checkpoint"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One entry: `apply` is given the good bag and returns what is handed to the verifier.

    `codes` are exactly the codes of the findings, `not_established` those of what is not established; `keys` are the
    texts of the key files given, `printed` the printed checkpoint as typed.
    """

    name: str
    apply: Callable[[Bag], Bag | bytes]
    codes: frozenset[str] = frozenset()
    keys: tuple[str, ...] = SIGNER.public
    printed: str | None = None
    not_established: frozenset[str] = UNPRINTED
    verdict: str = NOT_GENUINE

    @cache  # noqa: B019  # entries live as long as the corpus
    def made(self) -> Bag | bytes:
        """The bag or the bytes."""
        return self.apply(good_bag())

    @cache  # noqa: B019  # as above
    def zip_bytes(self) -> bytes:
        """As the file that an auditor holds."""
        made = self.made()
        return made if isinstance(made, bytes) else bytes(made.archive())


@cache
def good_bag() -> Bag:
    """The bag that mutations begin with: never change it, they work on copies."""
    return make_bag()


def mutation(name: str, apply: Callable[[Bag], Bag | bytes], *codes: str) -> Mutation:
    """A bad bag, all keys given and no printed checkpoint."""
    return Mutation(name=name, apply=apply, codes=frozenset(codes))


def good(name: str, apply: Callable[[Bag], Bag | bytes]) -> Mutation:
    """A good bag, all keys given and no printed checkpoint."""
    return Mutation(name=name, apply=apply, verdict=GENUINE)


Spoil = Callable[[Files], object]


def changed(spoil: Spoil) -> Callable[[Bag], Bag]:
    """Files changed, and nothing done to hide it."""

    def apply(bag: Bag) -> Bag:
        files = dict(bag.files)
        spoil(files)
        return replace(bag, files=files)

    return apply


def relisted(spoil: Spoil) -> Callable[[Bag], Bag]:
    """Files changed and the tag manifest made to fit, by somebody without keys."""

    def spoil_and_list(files: Files) -> None:
        spoil(files)
        relist(files)

    return changed(spoil_and_list)


def resigned(spoil: Spoil) -> Callable[[Bag], Bag]:
    """Files changed, listed and signed again, by somebody with the keys."""

    def apply(bag: Bag) -> Bag:
        files = dict(bag.files)
        spoil(files)
        relist(files)
        sign(files, bag.keys)
        return replace(bag, files=files)

    return apply


def planned(plan: Callable[[], Plan]) -> Callable[[Bag], Bag]:
    """Another bag altogether, whole and signed."""
    return lambda _: make_bag(plan())


def edit(path: str, old: bytes, new: bytes) -> Spoil:
    """Replace the first `old` of a file, which must be there."""

    def spoil(files: Files) -> None:
        assert old in files[path], f"{path} has no {old!r}"
        files[path] = files[path].replace(old, new, 1)

    return spoil


def put(path: str, content: bytes) -> Spoil:
    return lambda files: files.__setitem__(path, content)


def drop(path: str) -> Spoil:
    return lambda files: files.pop(path)


def both(*spoils: Spoil) -> Spoil:
    """One after the other."""

    def spoil(files: Files) -> None:
        for each in spoils:
            each(files)

    return spoil
