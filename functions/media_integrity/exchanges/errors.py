"""What can go wrong with an exchange.

Their texts are ours, word for word: what a library or an exchange says of a failure names addresses
with tokens in them and hashes of victims' pictures, so none of it goes on.
"""

from __future__ import annotations


class ExchangeError(Exception):
    """Reading or telling an exchange something failed.

    ``code`` is stored and logged, ``text`` is for an operator. Neither holds anything that the
    exchange sent or that is secret.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class ExchangeRefused(ExchangeError):
    """The exchange does not let us in. Trying again without a change does not help."""


class ExchangeUnavailable(ExchangeError):
    """It does not answer, or asks to wait longer than a run waits. The next run tries again."""


class ExchangeUnreadable(ExchangeError):
    """Its answers are not what they are documented to be."""


class ExchangeMisconfigured(ExchangeError):
    """The exchange's document or this deployment's settings do not make sense."""


class ExchangeBusy(ExchangeError):
    """Another run reads this exchange."""


class FeedbackNotTaken(ExchangeError):
    """The exchange has no place for such feedback, or never will for this entry."""


def credentials_not_accepted() -> ExchangeRefused:
    return ExchangeRefused(
        "credentials_not_accepted", "The exchange did not accept our credentials."
    )


def credentials_missing(secrets: str) -> ExchangeRefused:
    """``secrets``: names of the deployment's secrets, not their values."""
    return ExchangeRefused("credentials_missing", f"No credentials are set: {secrets}.")


def unreadable(code: str = "malformed_answer") -> ExchangeUnreadable:
    return ExchangeUnreadable(code, "The exchange's answer could not be understood.")
