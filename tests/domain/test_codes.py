"""What can be the code of a unit or an area."""

import pytest

from portal.domain.codes import is_code


@pytest.mark.parametrize("text", ["I", "KPU", "KPU-1502", "a" * 32])
def test_codes(text: str) -> None:
    assert is_code(text, longest=32)


@pytest.mark.parametrize("text", ["", "I/2", "I.2", "KPU_1502", "KPU 1502", "KPU\n", "٢", "KPU\udcff", "%", "a" * 33])
def test_other_texts(text: str) -> None:
    assert not is_code(text, longest=32)
