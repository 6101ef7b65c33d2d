"""What the benchmarks upload is accepted as people's files are."""

from pathlib import Path

from bench.office import CHUNK, film
from portal.adapters.content import check_content


def test_the_film_has_the_wanted_size_and_is_accepted(tmp_path: Path) -> None:
    size = CHUNK + 5
    path = film(tmp_path / "rapat.mp4", size)
    assert path.stat().st_size == size
    with path.open("rb") as stream:
        assert check_content(path.name, stream) == "video/mp4"
