"""Which prover a grade gets."""

import pytest

from app.provers.choice import PROPOSED, ProverSetting, choose_prover

SET = [ProverSetting(f"p{n}", n, PROPOSED[n - 1]) for n in (3, 1, 2)]


@pytest.mark.parametrize(
    ("grade", "others", "expected"),
    [
        ("Regular", "Regular, Plus, Premium", "p1"),
        ("Plus", "Regular, Plus, Premium", "p1"),
        ("Premium", "Regular, Plus, Premium", "p2"),
        ("Premium", "Regular, Plus, Premium, Super", "p1"),
        ("Super", "Regular, Plus, Premium, Super", "p2"),
        ("Super Premium", "Regular, Plus, Super Premium", "p2"),
        ("Diesel", "Regular, Diesel", "p3"),
        ("Ethanol-Free", "Regular, Plus, Premium, Ethanol-Free", "p3"),
        ("Ethanol-Free Gasoline Plus", "Regular, Ethanol-Free Gasoline Plus", "p3"),
        ("Ethanol-Free", "Regular, Premium, Ethanol-Free, Diesel", "p1"),
        ("Rec Fuel 90", "Rec Fuel 90", "p1"),
        ("Midgrade 89", "Regular, Midgrade 89, Super Premium", "p1"),
        ("DEF", "DEF, Diesel High Flow", "p1"),
        ("Diesel High Flow", "DEF, Diesel High Flow", "p3"),
        ("Grade: Premium", "Grade: Regular, Grade: Premium", "p2"),
    ],
)
def test_the_rules_in_their_order(grade: str, others: str, expected: str) -> None:
    choice = choose_prover(grade, others.split(", "), SET)
    assert choice.prover is not None
    assert choice.prover.prover_id == expected
    assert choice.why


def test_an_exact_name_wins_over_a_part_of_it() -> None:
    provers = [ProverSetting("part", 1, ("Premium",)), ProverSetting("exact", 2, ("Super Premium",))]
    chosen = choose_prover("Super Premium", ["Super Premium"], provers).prover
    assert chosen is not None
    assert chosen.prover_id == "exact"


def test_the_ethanol_free_position_can_be_switched_off() -> None:
    choice = choose_prover("Ethanol-Free", ["Regular", "Ethanol-Free"], SET, ethanol_free_by_position=False)
    assert choice.prover is not None
    assert choice.prover.prover_id == "p1"


def test_without_provers_there_is_none_and_it_says_what_to_do() -> None:
    choice = choose_prover("Regular", ["Regular"], [])
    assert choice.prover is None
    assert "Synchronise" in choice.why
