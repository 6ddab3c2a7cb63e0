"""Where shields, their keys and their templates lie."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from media_integrity.cloud.firestore import Query, Store, Where
from media_integrity.schema.shields import Shield, ShieldId, ShieldKey, ShieldTemplate


class Shelf(Protocol):
    """What the services of this package read and write."""

    def changed_shields(self, since: datetime) -> list[Shield]:
        """Shields whose ``updated_at`` is ``since`` or later, the earliest first."""

    def key(self, shield_id: ShieldId) -> ShieldKey | None:
        """The shield's wrapped key; None once it was destroyed."""

    def add_key(self, key: ShieldKey) -> bool:
        """Keep a key; False, and no change, where the shield has one."""

    def replace_key(self, key: ShieldKey) -> None:
        """Keep another wrapping of the shield's key; no effect where the key is gone."""

    def destroy_key(self, shield_id: ShieldId) -> None:
        """Delete the wrapped key; no error where it is gone."""

    def templates(self, shield_id: ShieldId) -> list[ShieldTemplate]:
        """All of the shield's."""

    def add_template(self, template: ShieldTemplate) -> None:
        """Keep a template."""

    def remove_templates(self, shield_id: ShieldId, template_ids: tuple[str, ...]) -> None:
        """Delete templates; no error where they are gone."""


class FirestoreShelf:
    """``victim_identity_shields`` and what is below them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def changed_shields(self, since: datetime) -> list[Shield]:
        return list(self._store.query(shields_changed_since(since)))

    def key(self, shield_id: ShieldId) -> ShieldKey | None:
        return self._store.get_below(ShieldKey, shield_id, ShieldKey.KEY_ID)

    def add_key(self, key: ShieldKey) -> bool:
        return self._store.create(key)

    def replace_key(self, key: ShieldKey) -> None:
        self._store.update(
            key, wrapped=key.wrapped, key_version=key.key_version, updated_at=key.updated_at
        )

    def destroy_key(self, shield_id: ShieldId) -> None:
        self._store.delete(ShieldKey.path_below(shield_id, ShieldKey.KEY_ID))

    def templates(self, shield_id: ShieldId) -> list[ShieldTemplate]:
        return list(self._store.query(Query(ShieldTemplate, below=Shield.path_of(shield_id))))

    def add_template(self, template: ShieldTemplate) -> None:
        self._store.create(template)

    def remove_templates(self, shield_id: ShieldId, template_ids: tuple[str, ...]) -> None:
        self._store.delete(
            *(ShieldTemplate.path_below(shield_id, template) for template in template_ids)
        )


def shields_changed_since(moment: datetime) -> Query[Shield]:
    return Query(
        Shield, (Where("updatedAt", ">=", moment),), order_by=(("updatedAt", "ASCENDING"),)
    )
