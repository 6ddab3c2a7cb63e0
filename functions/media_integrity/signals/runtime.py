"""Model weights: found, checked and loaded once per process, on first use.

``functions/models/models.lock.toml`` says which file each model is and its sha256. A file that is
missing or differs raises ``ModelUnavailable``; the pipeline then holds the upload for review.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import BaseModel, ConfigDict

from media_integrity.media import cores
from media_integrity.schema.findings import ModelRef

if TYPE_CHECKING:
    import onnxruntime

Item = TypeVar("Item")
Found = TypeVar("Found")

MODELS_FOLDER = Path(__file__).resolve().parents[2] / "models"
LOCK_FILE = "models.lock.toml"

CORES: Final = cores.CORES
"""So many things are computed at the same time."""

THREADS: Final = 1
"""Of every inference session. Signals run side by side (``scanning.examine``): two sessions with a
thread each were a third faster together than one after another with two (``./dev bench``)."""


class ModelUnavailable(Exception):
    """The weights are missing or are not the locked ones. Names the model and what to do."""

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(f"model {name}: {cause}; run ./dev models")
        self.name = name


class _Entry(BaseModel):
    """What the run time reads of a lock entry; the rest is for ``./dev models``."""

    model_config = ConfigDict(extra="ignore")

    file: str
    sha256: str


def path(name: str) -> Path:
    """Where the weights of ``name`` are, after checking their sha256.

    Raises:
        ModelUnavailable: not in the lock file, not there, or another file than the locked one.
    """
    with _loading:
        return _checked_path(name)


def reference(name: str) -> ModelRef:
    """Name and sha256, as a finding records them.

    Raises:
        ModelUnavailable: ``name`` is not in the lock file.
    """
    return ModelRef(name=name, sha256=_entry(name).sha256)


def session(
    name: str, prepare: Callable[[bytes], bytes] | None = None
) -> onnxruntime.InferenceSession:
    """The inference session of an ONNX model. Thread-safe; made once per process.

    ``prepare`` repairs the checked file in memory, see ``graphs``.

    Raises:
        ModelUnavailable: as ``path``.
    """
    with _loading:
        return _session(name, prepare)


def side_by_side(work: Callable[[Item], Found], items: Sequence[Item]) -> list[Found]:
    """What ``work`` gives for each of ``items``, in their order, on ``CORES`` threads.

    Raises:
        Exception: the first that ``work`` raises.
    """
    if len(items) < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(CORES, thread_name_prefix="model") as threads:
        return list(threads.map(work, items))


_loading = Lock()


@cache
def _checked_path(name: str) -> Path:
    entry = _entry(name)
    found = MODELS_FOLDER / entry.file
    try:
        content = found.read_bytes()
    except OSError as error:
        raise ModelUnavailable(name, f"{found.name} cannot be read") from error
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise ModelUnavailable(name, f"{found.name} is not the locked file")
    return found


@cache
def _session(name: str, prepare: Callable[[bytes], bytes] | None) -> onnxruntime.InferenceSession:
    import onnxruntime

    _share_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads of one model that wait in a loop take the cores from the next one.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_env_allocators", "1")
    found = _checked_path(name)
    return onnxruntime.InferenceSession(
        str(found) if prepare is None else prepare(found.read_bytes()),
        sess_options=options,
        providers=["CPUExecutionProvider"],
    )


@cache
def _share_memory() -> None:
    """One working memory for all sessions. By itself each keeps what its largest input once took:
    over all models some 240 MB more for a film."""
    import onnxruntime

    onnxruntime.create_and_register_allocator(
        onnxruntime.OrtMemoryInfo(
            "Cpu",
            onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR,
            0,
            onnxruntime.OrtMemType.DEFAULT,
        ),
        onnxruntime.OrtArenaCfg({"arena_extend_strategy": 1}),
    )


@cache
def _lock() -> dict[str, _Entry]:
    with (MODELS_FOLDER / LOCK_FILE).open("rb") as stream:
        models = tomllib.load(stream)["models"]
    return {name: _Entry.model_validate(entry) for name, entry in models.items()}


def _entry(name: str) -> _Entry:
    try:
        return _lock()[name]
    except KeyError:
        raise ModelUnavailable(name, f"not in {LOCK_FILE}") from None
    except OSError as error:
        raise ModelUnavailable(name, f"{LOCK_FILE} cannot be read") from error
