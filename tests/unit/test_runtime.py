"""What the run time of the models promises beside the models themselves."""

from __future__ import annotations

import threading

import pytest

from media_integrity.signals import faces, pictures, runtime
from tests.unit.test_signals import opened


def test_things_done_side_by_side_come_back_in_their_order() -> None:
    meet = threading.Barrier(runtime.CORES, timeout=10)

    def doubled(number: int) -> int:
        meet.wait()  # would break where they ran one after another
        return 2 * number

    assert runtime.side_by_side(doubled, range(8)) == [0, 2, 4, 6, 8, 10, 12, 14]


@pytest.mark.parametrize("count", [0, 1])
def test_few_things_need_no_threads(count: int) -> None:
    here = threading.get_ident()
    found = runtime.side_by_side(lambda _: threading.get_ident(), range(count))
    assert found == [here] * count


@pytest.mark.parametrize("count", [1, 5])
def test_what_fails_side_by_side_is_raised(count: int) -> None:
    def fail(number: int) -> int:
        if number == count - 1:
            raise runtime.ModelUnavailable("m", "missing")
        return number

    with pytest.raises(runtime.ModelUnavailable):
        runtime.side_by_side(fail, range(count))


def test_sessions_together_have_no_more_threads_than_there_are_cores() -> None:
    options = runtime.session("opennsfw").get_session_options()
    assert options.intra_op_num_threads * runtime.CORES == runtime.CORES
    assert options.inter_op_num_threads == 1


def test_sessions_share_one_working_memory() -> None:
    """Each would keep what its largest input once took, until the instance ends."""
    for model in ("opennsfw", "rapidocr_rec"):
        options = runtime.session(model).get_session_options()
        assert options.get_session_config_entry("session.use_env_allocators") == "1"
    assert runtime._share_memory.cache_info().currsize == 1, "without it each has its own again"


def test_faces_of_several_views_are_found_each_in_its_view() -> None:
    portrait, plain = (
        opened(made()).views[0] for made in (pictures.portrait, pictures.plain_colour)
    )
    media = opened(pictures.portrait())
    several = type(media)(
        data=b"",
        format=media.format,
        width=media.width,
        height=media.height,
        frames=3,
        views=(plain, portrait, plain),
    )
    assert [len(found) for found in faces.look(several)] == [0, 1, 0]
