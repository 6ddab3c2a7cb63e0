"""What matches with banks bring about, and what an allow-list overrules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.decision.decide import decide
from media_integrity.decision.known_media import overruled
from media_integrity.decision.policy import default_policy
from media_integrity.schema.enums import (
    Action,
    AgeGroup,
    BankLabel,
    DetectionMethod,
    HashAlgorithm,
    MatchType,
    Sanction,
    Violation,
)
from media_integrity.schema.findings import BankHit, BankMatchDetail, Finding
from media_integrity.schema.scans import UploadContext

POLICY = default_policy()
ADULT = UploadContext(age_group=AgeGroup.ADULT)
ABUSIVE = sorted(POLICY.bank_match.abusive_labels)


def hit(label: BankLabel = BankLabel.NCII, **changes: object) -> BankHit:
    fields: dict[str, object] = {
        "bank_id": f"bank-{label}",
        "label": label,
        "entry_id": "pdq-1",
        "confirmed": True,
        "match_type": MatchType.NEAR,
        "distance": 8,
        "form": "original",
    }
    return BankHit.model_validate({**fields, **changes})


def allow(**changes: object) -> BankHit:
    return hit(BankLabel.ALLOW_LIST, **changes)


def verdict(*hits: BankHit, context: UploadContext = ADULT) -> tuple[Action, bool]:
    """The action that the bank match alone brings, and whether a ban needs a person's word."""
    finding = Finding(
        method=DetectionMethod.BANK_MATCH,
        version="t",
        detail=BankMatchDetail(hits=hits, index_version="v"),
    )
    # Every other check is missing, which holds; a block is above that.
    decided = decide([finding], context, POLICY)
    return decided.action, decided.needs_confirmation


def holds_or_less(*hits: BankHit, context: UploadContext = ADULT) -> bool:
    """No more than what missing checks bring."""
    return verdict(*hits, context=context)[0] is Action.REVIEW


def counted(*hits: BankHit, context: UploadContext = ADULT) -> bool:
    """The verdict rests on the bank match."""
    finding = Finding(
        method=DetectionMethod.BANK_MATCH,
        version="t",
        detail=BankMatchDetail(hits=hits, index_version="v"),
    )
    return decide([finding], context, POLICY).evidence[0].counted


@pytest.mark.parametrize("label", ABUSIVE)
def test_a_confirmed_entry_blocks_and_bans_without_another_word(label: BankLabel) -> None:
    assert verdict(hit(label)) == (Action.BLOCK, False)


@pytest.mark.parametrize("label", ABUSIVE)
def test_an_unconfirmed_entry_holds(label: BankLabel) -> None:
    assert holds_or_less(hit(label, confirmed=False))
    assert counted(hit(label, confirmed=False))


def test_a_part_of_a_known_picture_blocks_but_the_ban_waits_for_a_person() -> None:
    assert verdict(hit(match_type=MatchType.MODIFIED)) == (Action.BLOCK, True)


def test_a_piece_of_a_known_film_holds_it_may_be_an_opening_that_many_share() -> None:
    piece = hit(match_type=MatchType.MODIFIED, query_percent=20.0, compared_percent=5.0)
    assert holds_or_less(piece)
    assert counted(piece)
    whole = hit(query_percent=90.0, compared_percent=90.0)
    assert verdict(whole) == (Action.BLOCK, False)


def test_md5_holds_because_anybody_can_make_two_files_of_one() -> None:
    listed = hit(algorithm=HashAlgorithm.MD5, match_type=MatchType.EXACT, distance=0)
    assert holds_or_less(listed)
    assert counted(listed)


def test_a_personal_hash_holds_uploads_of_others_and_never_blocks() -> None:
    personal = hit(BankLabel.SHIELD, shield_id="mine")
    assert holds_or_less(personal)
    assert counted(personal)


def test_a_persons_own_hash_does_not_act_against_their_own_upload() -> None:
    own = UploadContext(age_group=AgeGroup.ADULT, own_shields=frozenset({"mine"}))
    assert not counted(hit(BankLabel.SHIELD, shield_id="mine"), context=own)
    assert counted(hit(BankLabel.SHIELD, shield_id="another's"), context=own)


def test_a_shield_of_ones_own_does_not_help_against_an_abusive_bank() -> None:
    own = UploadContext(age_group=AgeGroup.ADULT, own_shields=frozenset({"mine"}))
    both = (hit(BankLabel.SHIELD, shield_id="mine"), hit(BankLabel.NCII))
    assert verdict(*both, context=own)[0] is Action.BLOCK


def test_an_allow_list_entry_that_is_as_near_overrules() -> None:
    assert not counted(hit(distance=8), allow(distance=8))
    assert not counted(hit(distance=8), allow(distance=2))


@pytest.mark.parametrize(
    "allowing",
    [
        allow(distance=9),  # farther than the hit
        allow(distance=POLICY.bank_match.allow_distance + 1),
        allow(distance=2, confirmed=False),
        allow(distance=2, view=1),  # another frame of the upload
        allow(distance=0, query_percent=100.0, compared_percent=100.0),  # a film, not this picture
    ],
    ids=["farther", "too far", "unconfirmed", "another view", "a film"],
)
def test_an_allow_list_entry_that_may_mean_another_picture_overrules_nothing(
    allowing: BankHit,
) -> None:
    far = hit(distance=8 if allowing.distance == 9 else 20)
    assert verdict(far, allowing)[0] is Action.BLOCK


def test_allowed_bytes_are_allowed_in_every_frame() -> None:
    exact = allow(match_type=MatchType.EXACT, distance=0, algorithm=HashAlgorithm.SHA256)
    assert not counted(hit(distance=0, view=3), exact)


def test_an_md5_on_the_allow_list_frees_nothing() -> None:
    forged = allow(match_type=MatchType.EXACT, distance=0, algorithm=HashAlgorithm.MD5)
    assert verdict(hit(distance=8), forged)[0] is Action.BLOCK


def test_an_allowed_frame_does_not_free_the_rest_of_the_film() -> None:
    assert (
        verdict(hit(view=1, distance=4), hit(view=2, distance=4), allow(view=1, distance=0))[0]
        is Action.BLOCK
    )


def test_nothing_overrules_a_confirmed_entry_of_child_abuse_it_holds() -> None:
    both = (hit(BankLabel.CSAM, distance=8), allow(distance=0))
    assert holds_or_less(*both)
    assert counted(*both)


def test_an_allow_list_match_alone_means_nothing() -> None:
    assert not counted(allow(distance=0))


@given(
    st.lists(
        st.builds(
            hit,
            st.sampled_from(list(BankLabel)),
            confirmed=st.booleans(),
            distance=st.integers(0, 31),
            view=st.integers(0, 2),
            match_type=st.sampled_from([MatchType.NEAR, MatchType.ROTATED, MatchType.MODIFIED]),
        ),
        max_size=6,
    )
)
def test_whatever_matches_only_a_confirmed_abusive_entry_blocks_or_bans(
    hits: list[BankHit],
) -> None:
    finding = Finding(
        method=DetectionMethod.BANK_MATCH,
        version="t",
        detail=BankMatchDetail(hits=tuple(hits), index_version="v"),
    )
    decided = decide([finding], ADULT, POLICY)

    acting = [
        one
        for one in hits
        if one.confirmed
        and one.label in POLICY.bank_match.abusive_labels
        and one not in overruled(hits, POLICY.bank_match)
    ]
    assert (decided.action is Action.BLOCK) == bool(acting)
    assert (decided.sanction is not Sanction.NONE) == bool(acting)
    if acting:
        assert [found.violation for found in decided.violations] == [Violation.KNOWN_ABUSIVE_MEDIA]
