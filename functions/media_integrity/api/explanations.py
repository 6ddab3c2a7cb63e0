"""What people call to learn why something was decided."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from media_integrity.appeals.explain_texts import Audience, SectionCode
from media_integrity.schema.base import CaseId, Moment
from media_integrity.schema.notifications import Language, LanguageTag

from .callables import Caller, Request, Response, Role, callable  # noqa: A004  see there
from .rates import per_day, per_minute

DecisionName = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ExplainDecision(Request):
    """``language``: what the phone calls it (``de-AT``); English where we lack it."""

    case_id: DecisionName
    language: LanguageTag | None = None


class ExplanationPoint(Response):
    """One thing that is told. ``code`` never changes its meaning; ``values`` depend on it."""

    code: str
    text: str
    values: dict[str, str | int | bool]


class ExplanationSection(Response):
    code: SectionCode
    title: str
    points: list[ExplanationPoint]


class DecisionExplanation(Response):
    case_id: str
    audience: Audience
    language: Language
    decided_at: Moment
    sections: list[ExplanationSection]
    text: str
    """All sections as plain text."""


@callable(role=Role.SIGNED_IN, request=ExplainDecision, rate=(per_minute(10), per_day(100)))
def explain_decision(request: ExplainDecision, caller: Caller) -> DecisionExplanation:
    """Why an upload was held, blocked or published: to who uploaded it, or is shown in it."""
    from media_integrity.appeals.explain import explain
    from media_integrity.notifications.texts import language_of

    from . import services

    told = explain(
        CaseId(request.case_id),
        caller.uid,
        language_of(request.language),
        services.store(),
        services.clock().now(),
    )
    return DecisionExplanation(
        case_id=told.case_id,
        audience=told.audience,
        language=told.language,
        decided_at=told.decided_at,
        sections=[
            ExplanationSection(
                code=section.code,
                title=section.title,
                points=[
                    ExplanationPoint(code=point.code, text=point.text, values=dict(point.values))
                    for point in section.points
                ],
            )
            for section in told.sections
        ],
        text=told.text,
    )
