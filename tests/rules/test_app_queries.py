"""Every list of ``app_queries.py`` is answered to the one who shows it, and to nobody below."""

from __future__ import annotations

import pytest

from devkit.client import Denied
from tests.rules.app_queries import APP_QUERIES, AppQuery
from tests.rules.people import Cast, ask

BELOW = {
    "anonymous": (),
    "owner": ("anonymous", "other", "victim"),
    "victim": ("anonymous", "other", "owner"),
    "moderator": ("anonymous", "other", "owner", "victim"),
    "senior_moderator": ("anonymous", "owner", "victim", "moderator"),
    "functions": ("anonymous", "other", "owner", "victim"),
}

asked_by_people = [query for query in APP_QUERIES if query.who != "functions"]


@pytest.mark.parametrize("query", asked_by_people, ids=str)
def test_a_list_is_answered_to_the_one_who_shows_it(cast: Cast, query: AppQuery) -> None:
    ask(cast.app(query.who), query.asked_by(cast.uid(query.who)))


@pytest.mark.parametrize("query", APP_QUERIES, ids=str)
def test_a_list_is_refused_to_everybody_below(cast: Cast, query: AppQuery) -> None:
    for role in BELOW[query.who]:
        with pytest.raises(Denied):
            ask(cast.app(role), query.asked_by(cast.uid(query.who)))
