"""The numbers of ``./dev eval``: against hand-counted cases, scikit-learn, and what must hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from evaluation.groups import FEW, Member, fairness
from evaluation.metrics import (
    Measured,
    Roc,
    at_threshold,
    calibration,
    chosen_here,
    confusion,
    equal_error,
    proportion,
    resampled,
    roc,
    separation,
    sweep,
)

HAND = Measured.of([False, False, False, True, True], [0.1, 0.4, 0.6, 0.5, 0.9])
"""Of the six pairs of a positive and a negative five are in order: AUC 5/6."""

labelled = st.lists(
    st.tuples(st.booleans(), st.integers(0, 20).map(lambda tick: tick / 20)), min_size=2
).filter(lambda files: len({label for label, _ in files}) == 2)


def measured(files: list[tuple[bool, float]]) -> Measured:
    return Measured.of([label for label, _ in files], [score for _, score in files])


def two_normals(positives: int, negatives: int, seed: int, apart: float = 1.0) -> Measured:
    random = np.random.default_rng(seed)
    scores = [*random.normal(apart, 1, positives), *random.normal(0, 1, negatives)]
    return Measured.of([True] * positives + [False] * negatives, scores)


def test_a_hand_counted_case() -> None:
    apart = separation(HAND, resamples=10, seed=1)
    assert apart.auc.value == pytest.approx(5 / 6)
    # Precision 1 at recall 1/2, and 2/3 at recall 1.
    assert apart.average_precision.value == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    counts = confusion(HAND, 0.5)
    assert (counts.true_positives, counts.false_positives) == (2, 1)
    assert (counts.true_negatives, counts.false_negatives) == (2, 0)
    assert counts.accuracy == pytest.approx(4 / 5)
    assert counts.precision == pytest.approx(2 / 3)
    assert counts.recall == 1
    assert counts.f1 == pytest.approx(4 / 5)
    assert counts.false_positive_rate == pytest.approx(1 / 3)


def test_a_score_at_the_threshold_is_called_positive_as_the_policy_does() -> None:
    assert confusion(HAND, 0.9).true_positives == 1
    assert confusion(HAND, math.nextafter(0.9, 1)).true_positives == 0


def test_equal_error_rate_is_where_the_two_rates_cross() -> None:
    crossing = Roc(np.array([0, 0.2, 1.0]), np.array([0, 0.6, 1.0]), np.array([np.inf, 0.7, 0.1]))
    # From (0.2, miss 0.4) to (1, miss 0): 0.2 + 0.8 t = 0.4 - 0.4 t at t = 1/6.
    rate, threshold = equal_error(crossing)
    assert rate == pytest.approx(0.2 + 0.8 / 6)
    assert threshold == 0.7
    exact = Roc(np.array([0, 0.25, 1.0]), np.array([0, 0.75, 1.0]), np.array([np.inf, 0.5, 0.1]))
    rate, threshold = equal_error(exact)
    assert rate == pytest.approx(0.25)
    assert threshold == 0.5


def test_equal_error_rate_of_normals_is_the_known_one() -> None:
    # Unit normals d apart cross at half the distance: Phi(-d / 2).
    rate = separation(two_normals(20_000, 20_000, 3, apart=2.0), resamples=1, seed=1).eer.value
    assert rate == pytest.approx(0.5 * math.erfc(1 / math.sqrt(2)), abs=0.005)


@given(labelled)
@settings(deadline=None, max_examples=20)
def test_auc_and_average_precision_are_scikit_learns(files: list[tuple[bool, float]]) -> None:
    found = measured(files)
    apart = separation(found, resamples=1, seed=1)
    assert apart.auc.value == pytest.approx(roc_auc_score(found.labels, found.scores))
    assert apart.average_precision.value == pytest.approx(
        average_precision_score(found.labels, found.scores)
    )


@given(labelled)
@settings(deadline=None, max_examples=20)
def test_a_monotone_change_of_the_scores_changes_no_separation(
    files: list[tuple[bool, float]],
) -> None:
    found = measured(files)
    changed = Measured(found.labels, np.exp(3 * found.scores) - 7)
    assert separation(found, resamples=20, seed=2) == separation(changed, resamples=20, seed=2)


@given(labelled)
@settings(deadline=None, max_examples=20)
def test_turned_scores_have_the_opposite_auc(files: list[tuple[bool, float]]) -> None:
    found = measured(files)
    turned = Measured(found.labels, -found.scores)
    one, other = (separation(each, resamples=1, seed=1).auc.value for each in (found, turned))
    assert one is not None
    assert other is not None
    assert one + other == pytest.approx(1)


def test_a_resample_is_what_scikit_learn_says_of_files_drawn_anew() -> None:
    found = two_normals(30, 50, 5)
    drawn = resampled(found, resamples=4000, seed=1)
    random = np.random.default_rng(9)
    again = []
    for _ in range(150):
        places = np.concatenate(
            [
                random.choice(np.flatnonzero(found.labels == side), n)
                for side, n in ((1, 30), (0, 50))
            ]
        )
        again.append(
            [
                roc_auc_score(found.labels[places], found.scores[places]),
                average_precision_score(found.labels[places], found.scores[places]),
                equal_error(roc(Measured(found.labels[places], found.scores[places])))[0],
            ]
        )
    expected = np.array(again)
    for place, values in enumerate((drawn.auc, drawn.average_precision, drawn.eer)):
        assert values.mean() == pytest.approx(expected[:, place].mean(), abs=0.015)
        assert values.std() == pytest.approx(expected[:, place].std(), rel=0.25)


def test_the_interval_covers_the_true_auc_about_as_often_as_it_says() -> None:
    true = 0.5 * math.erfc(-1 / 2)  # unit normals 1 apart: Phi(1 / sqrt(2))
    covered = 0
    for seed in range(200):
        drawn = resampled(two_normals(60, 60, seed), resamples=200, seed=seed).auc
        low, high = np.quantile(drawn, [0.025, 0.975])
        covered += low <= true <= high
    assert 0.89 <= covered / 200 <= 0.99


def test_copies_of_files_make_no_interval_narrower_when_they_are_drawn_together() -> None:
    once = two_normals(40, 40, 6)
    labels, scores = np.repeat(once.labels, 9).tolist(), np.repeat(once.scores, 9).tolist()
    names = [str(n) for n in range(80) for _ in range(9)]

    def width(files: Measured) -> float:
        drawn = resampled(files, resamples=300, seed=1).auc
        return float(np.subtract(*np.quantile(drawn, [0.975, 0.025])))

    alone, together = Measured.of(labels, scores), Measured.of(labels, scores, names)
    assert width(alone) < 0.5 * width(once)  # three times too sure
    assert width(together) == pytest.approx(width(once), rel=0.25)
    recall = [
        at_threshold(files, 0.5, resamples=300, seed=1).recall for files in (once, alone, together)
    ]
    spread = [(each.high or 0) - (each.low or 0) for each in recall]
    assert spread[1] < 0.5 * spread[0]
    assert spread[2] == pytest.approx(spread[0], rel=0.25)


def test_clusters_of_one_file_each_are_files() -> None:
    found = two_normals(40, 40, 6)
    single = Measured(found.labels, found.scores, np.arange(80))
    one, other = (resampled(files, resamples=400, seed=1).auc for files in (found, single))
    assert one.mean() == pytest.approx(other.mean(), abs=0.01)
    assert one.std() == pytest.approx(other.std(), rel=0.2)


def test_without_an_error_the_bound_is_that_of_the_clusters() -> None:
    files = Measured.of([True] * 20 + [False] * 20, [0.9] * 20 + [0.1] * 20, ["a", "b"] * 20)
    point = at_threshold(files, 0.5, resamples=50, seed=1)
    assert point.false_positive_rate.high == pytest.approx(1 - 0.025 ** (1 / 2))


def test_the_same_seed_gives_the_same_interval_and_another_one_another() -> None:
    found = two_normals(40, 40, 1)
    one, same, other = (separation(found, resamples=100, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_classes_that_do_not_overlap_are_not_certain() -> None:
    files = Measured.of([True] * 20 + [False] * 30, [0.9] * 20 + [0.1] * 30)
    auc = separation(files, resamples=100, seed=1).auc
    assert auc.value == auc.high == 1
    assert auc.low == pytest.approx(0.025 ** (1 / 20))
    point = at_threshold(files, 0.5, resamples=100, seed=1)
    assert point.false_positive_rate.value == 0
    assert point.false_positive_rate.high == pytest.approx(1 - 0.025 ** (1 / 30))
    assert point.recall.low == pytest.approx(0.025 ** (1 / 20))


def test_one_class_alone_has_no_separation_and_no_chosen_threshold() -> None:
    files = Measured.of([True, True], [0.2, 0.8])
    apart = separation(files, resamples=10, seed=1)
    assert apart.auc.value is None
    assert apart.eer.value is None
    assert apart.average_precision.value is None
    assert chosen_here(files) == ()
    point = at_threshold(files, 0.5, resamples=10, seed=1)
    assert point.recall.value == 0.5
    assert point.false_positive_rate.value is None


def test_nothing_judged_is_no_figure_and_no_crash() -> None:
    nothing = Measured.of([], [])
    assert separation(nothing, resamples=10, seed=1).auc.value is None
    assert at_threshold(nothing, 0.5, resamples=10, seed=1).accuracy.value is None
    assert calibration(nothing).ece is None
    assert sweep(nothing)[0].recall is None


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Measured.of([True, False], [0.5, float("nan")])


def test_the_exact_interval_is_the_tables() -> None:
    # Clopper and Pearson for 1 of 10, 95 %.
    found = proportion(1, 10)
    assert found.low == pytest.approx(0.0025, abs=1e-4)
    assert found.high == pytest.approx(0.4450, abs=1e-4)
    assert proportion(0, 0).value is None


def test_thresholds_chosen_here_do_what_their_name_says() -> None:
    found = two_normals(300, 1000, 4)
    points = {point.name: point for point in chosen_here(found)}
    best = points["best F1"]
    assert best.f1 == max((confusion(found, t).f1 or 0) for t in np.unique(found.scores))
    low = points["false positive rate ≤ 1 %"]
    assert low.false_positive_rate is not None
    assert low.false_positive_rate <= 0.01
    tighter = [t for t in np.unique(found.scores) if t < low.threshold]
    assert (confusion(found, tighter[-1]).false_positive_rate or 0) > 0.01 or (
        confusion(found, tighter[-1]).recall == low.recall
    )


def test_the_sweep_falls_from_everything_to_nothing() -> None:
    rows = sweep(HAND)
    assert (rows[0].recall, rows[0].false_positive_rate) == (1, 1)
    assert (rows[-1].recall, rows[-1].false_positive_rate) == (0, 0)
    recalls = [row.recall or 0 for row in rows]
    assert recalls == sorted(recalls, reverse=True)


def test_calibrated_scores_have_a_small_error_and_others_a_large_one() -> None:
    random = np.random.default_rng(2)
    scores = random.uniform(0, 1, 20_000)
    labels = (random.uniform(0, 1, 20_000) < scores).tolist()
    good = calibration(Measured.of(labels, scores.tolist()))
    bad = calibration(Measured.of(labels, (scores * 0.1).tolist()))
    assert good.ece is not None
    assert bad.ece is not None
    assert good.ece < 0.02
    assert bad.ece > 0.4
    assert sum(each.n for each in good.bins) == 20_000


def test_a_score_of_one_is_in_the_last_bin() -> None:
    assert calibration(Measured.of([True], [1.0])).bins[-1].n == 1


def member(label: bool, score: float | None, **groups: str) -> Member:
    return Member(label, score, groups)


def test_groups_show_who_is_judged_worse() -> None:
    members = [
        *[member(True, 0.9, tone="light") for _ in range(FEW)],
        *[member(True, 0.2, tone="dark") for _ in range(FEW)],
        *[member(False, 0.1, tone=tone) for tone in ("light", "dark") for _ in range(FEW)],
        member(True, None, tone="dark"),
    ]
    found = fairness(members, 0.5, resamples=20, seed=1)
    rows = {row.value: row for row in found.rows}
    assert (rows["light"].recall.value, rows["dark"].recall.value) == (1, 0)
    assert rows["dark"].not_judged == 1
    (gap,) = found.gaps
    assert (gap.measure, gap.lowest, gap.highest, gap.difference) == ("recall", "dark", "light", 1)


def test_a_group_of_few_is_shown_but_not_compared() -> None:
    members = [
        *[member(True, 0.9, tone="light") for _ in range(FEW)],
        *[member(True, 0.2, tone="dark") for _ in range(FEW - 1)],
    ]
    found = fairness(members, 0.5, resamples=20, seed=1)
    assert {row.value for row in found.rows} == {"light", "dark"}
    assert found.gaps == ()


def test_a_column_of_names_is_left_out_and_named() -> None:
    members = [member(bool(n % 2), 0.5, person=str(n), tone="") for n in range(50)]
    found = fairness(members, 0.5, resamples=20, seed=1)
    assert found.left_out == ("person",)
    assert [row.value for row in found.rows] == ["(empty)"]
