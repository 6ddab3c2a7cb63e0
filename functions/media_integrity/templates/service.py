"""Templates of shields: enrolled, opened, taken away."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from media_integrity.cloud.clock import Clock
from media_integrity.cloud.keys import KeyWrapper
from media_integrity.schema.findings import ModelRef
from media_integrity.schema.shields import ReferenceKind, Shield, ShieldId, ShieldTemplate

from .keys import ShieldKeys
from .sealing import Binding, CannotOpen, Numbers, seal, unseal
from .shelf import Shelf

MAX_TEMPLATES = 32
"""Of one shield. More pictures of a person hardly help to recognise them."""


class TooManyTemplates(Exception):
    """The shield, or all of them together, have as many as are allowed."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A template in the clear. Stays in the function's memory."""

    template_id: str
    kind: ReferenceKind
    model: ModelRef
    numbers: Numbers = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedShield:
    """All that could be opened of a shield, and how much could not."""

    shield_id: ShieldId
    templates: tuple[Opened, ...]
    unreadable: int


class Templates:
    """Reads and writes what is below a shield. The shield itself is its caller's business.

    A caller that adds or removes changes the shield's ``updated_at`` and counts as well, or the
    signals do not learn of it; and it adds nothing to a shield that is deleted.
    """

    def __init__(self, shelf: Shelf, wrapper: KeyWrapper, clock: Clock) -> None:
        self.shelf = shelf
        self.keys = ShieldKeys(shelf, wrapper, clock)
        self.clock = clock

    def enrol(
        self, shield: Shield, kind: ReferenceKind, numbers: Numbers, model: ModelRef
    ) -> ShieldTemplate:
        """Keep a face or voice of the shield's owner.

        Raises:
            TooManyTemplates: the shield has as many as are allowed.
            ValueError, CannotOpen, KeysUnreachable: as ``sealed``; nothing was kept.
        """
        if len(self.shelf.templates(ShieldId(shield.id))) >= MAX_TEMPLATES:
            raise TooManyTemplates
        template = self.sealed(shield, secrets.token_urlsafe(15), kind, numbers, model)
        self.shelf.add_template(template)
        return template

    def sealed(
        self,
        shield: Shield,
        template_id: str,
        kind: ReferenceKind,
        numbers: Numbers,
        model: ModelRef,
    ) -> ShieldTemplate:
        """A face or voice of the shield's owner, for the caller to keep in its transaction.

        Makes the shield's key if it has none yet.

        Raises:
            ValueError: ``numbers`` are no template.
            CannotOpen: the shield's key does not open.
            KeysUnreachable: the key service gave no answer.
        """
        shield_id = ShieldId(shield.id)
        binding = _binding(shield, template_id, kind, model)
        return ShieldTemplate(
            id=template_id,
            parent_id=shield_id,
            kind=kind,
            template=seal(numbers, binding, self.keys.made_for(shield_id)),
            model=model,
            created_at=self.clock.now(),
        )

    def open(self, shield: Shield) -> OpenedShield:
        """Every template of a shield. One that was tampered with is counted and left out.

        Raises:
            KeysUnreachable: the key service gave no answer.
        """
        stored = self.shelf.templates(ShieldId(shield.id))
        opened: list[Opened] = []
        if stored:
            try:
                key = self.keys.of(ShieldId(shield.id))
            except CannotOpen:
                return OpenedShield(ShieldId(shield.id), (), len(stored))
            for template in stored:
                binding = _binding(shield, template.id, template.kind, template.model)
                try:
                    numbers = unseal(template.template, binding, key)
                except CannotOpen:
                    continue  # counted below
                opened.append(Opened(template.id, template.kind, template.model, numbers))
        return OpenedShield(ShieldId(shield.id), tuple(opened), len(stored) - len(opened))

    def remove(self, shield_id: ShieldId, template_id: str) -> None:
        """Delete one template; no error if it is gone."""
        self.shelf.remove_templates(shield_id, (template_id,))

    def destroy(self, shield_id: ShieldId) -> None:
        """Delete all that a shield has. Repeatable; whatever fails half-way, the key goes first."""
        self.keys.destroy(shield_id)
        stored = self.shelf.templates(shield_id)
        self.shelf.remove_templates(shield_id, tuple(template.id for template in stored))


def _binding(shield: Shield, template_id: str, kind: ReferenceKind, model: ModelRef) -> Binding:
    path = ShieldTemplate.path_below(shield.id, template_id)
    return Binding(path, shield.owner_id, kind, model)
