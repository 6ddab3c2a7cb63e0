"""The mobile SDK's own checks, which need no server: npm's; what they print is shown."""

from __future__ import annotations

from pathlib import Path

from tests.npm import run


def test_the_sdks_sources_and_its_public_api_have_right_types(sdk: Path) -> None:
    run(sdk, "build")  # the type tests use the package as a stranger would
    run(sdk, "check")


def test_the_sdks_sources_pass_lint_and_are_formatted(sdk: Path) -> None:
    run(sdk, "lint")
