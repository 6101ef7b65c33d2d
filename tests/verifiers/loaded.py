"""verifikasi.py as a module, loaded from its file: it belongs to no package, and nothing of the portal helps it.

Judging one signature takes milliseconds and the corpus asks for the same ones again and again, so answers are kept.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

VERIFIER = Path("portal/data/verifiers/verifikasi.py")


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verifikasi", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["verifikasi"] = module
    spec.loader.exec_module(module)
    module.ed25519_is_valid = cache(module.ed25519_is_valid)  # type: ignore[attr-defined]  # a function of bytes alone
    module.ecdsa_is_valid = cache(module.ecdsa_is_valid)  # type: ignore[attr-defined]  # a function of bytes alone
    return module


verifikasi = _load()
