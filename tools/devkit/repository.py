"""Where things lie in a checkout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Repository:
    """Paths in one checkout of this project."""

    root: Path

    @classmethod
    def here(cls) -> Repository:
        """The checkout that this file is part of."""
        return cls(Path(__file__).resolve().parents[2])

    @property
    def local(self) -> Path:
        """Everything that ``./dev`` makes and git ignores, beside the two below."""
        return self.root / ".local"

    @property
    def venv(self) -> Path:
        """The Functions emulator looks for it at exactly this place."""
        return self.root / "functions" / "venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        return self.venv / "lib" / "python3.11" / "site-packages"

    @property
    def node_modules(self) -> Path:
        return self.root / "node_modules"

    @property
    def sdk(self) -> Path:
        return self.root / "mobile_sdk"

    @property
    def sdk_modules(self) -> Path:
        return self.sdk / "node_modules"

    @property
    def models(self) -> Path:
        return self.root / "functions" / "models"

    @property
    def firebase_cli(self) -> Path:
        return self.node_modules / "firebase-tools" / "lib" / "bin" / "firebase.js"

    @property
    def emulator_repairs(self) -> list[Path]:
        """What firebase-tools loads before it starts; each says what it repairs."""
        return sorted((self.root / "tools" / "emulators").glob("*.cjs"))
