"""The mobile SDK's journeys, against this session's stack.

They are vitest's; what they print is shown where one fails. One at a time:
``cd mobile_sdk && npx vitest run --project sdk tests/client`` with MEDIA_INTEGRITY_STACK_FILE as
``./dev up`` prints it.
"""

from __future__ import annotations

from pathlib import Path

from devkit.environment import BROWSER_VARIABLE, find_browser
from devkit.stack import Addresses
from tests.npm import run


def against(stack: Addresses) -> dict[str, str]:
    return {
        "MEDIA_INTEGRITY_STACK_FILE": str(stack.file),
        BROWSER_VARIABLE: str(find_browser()),
    }


def test_the_sdks_client_hooks_and_screens_work_on_the_emulators(
    sdk: Path, stack: Addresses
) -> None:
    run(sdk, "vitest", "run", "--project", "sdk", **against(stack))


def test_the_example_app_carries_whole_journeys_in_a_browser(sdk: Path, stack: Addresses) -> None:
    run(sdk, "vitest", "run", "--project", "e2e", **against(stack))
