"""Bags with what a verifier must say of each: good ones, and one for every attack. Both verifiers are held to it.

A mutation returns a bag, which must be judged alike as a ZIP and as the folder it extracts to, or the bytes of a file
that is no such ZIP any more.
"""

from __future__ import annotations

from tests.verifiers.mutations.container import CONTAINERS
from tests.verifiers.mutations.files import FILES
from tests.verifiers.mutations.given import GIVEN
from tests.verifiers.mutations.log import LOGS
from tests.verifiers.mutations.mutation import Mutation
from tests.verifiers.mutations.sealing import SEALINGS
from tests.verifiers.mutations.story import STORIES

MUTATIONS: tuple[Mutation, ...] = (*GIVEN, *FILES, *CONTAINERS, *LOGS, *SEALINGS, *STORIES)
"""The whole corpus; names are distinct."""
