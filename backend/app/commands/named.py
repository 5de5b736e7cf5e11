"""``fossawork forms named``: what an instruction text orders, for people and scripts."""

from typing import Annotated

import typer

from app.commands.output import Json, fail, out, print_json
from app.work.named import NamedResult, resolve


def named(
    text: Annotated[str, typer.Option(help="Instructions of a work order.")],
    cards: Annotated[str, typer.Option(help="Dispensers of the location, e.g. 1/2,3/4,9")],
    quantity: Annotated[int | None, typer.Option(min=0, help="Quantity of the order's line 2862.")] = None,
    json: Json = False,
) -> None:
    """Shows which dispensers an instruction text orders, and what in it fits no dispenser."""
    try:
        known = [tuple(int(number) for number in card.split("/")) for card in cards.replace(" ", "").split(",") if card]
    except ValueError:
        fail(f"“{cards}” is no list of dispensers.", "Write them like 1/2,3/4,9.", code="invalid", json=json)
    result = resolve(text, known, quantity=quantity)
    if json:
        print_json(as_document(result))
        return
    for item in result.dispensers:
        sides = f" side {', '.join(map(str, item.sides))}" if item.sides else ""
        out.print(
            f"{'/'.join(map(str, item.numbers))}{sides}: {', '.join(item.grades or ('all grades',))}",
            highlight=False,
            markup=False,
        )
    for words, why in _open_points(result):
        out.print("[yellow]?[/yellow]", end=" ")
        out.print(f"“{words}”: {why}", highlight=False, markup=False)
    if result.everything:
        out.print("All dispensers.")


def as_document(result: NamedResult) -> dict[str, object]:
    """The command's JSON: questions to the person stand among what is unresolved."""
    return {
        "dispensers": [
            {"numbers": item.numbers, "sides": item.sides, "grades": item.grades, "span": item.span}
            for item in result.dispensers
        ],
        "unresolved": [{"text": words, "why": why} for words, why in _open_points(result)],
        "everything": result.everything,
    }


def _open_points(result: NamedResult) -> list[tuple[str, str]]:
    unresolved = [(item.text, item.why) for item in result.unresolved]
    return unresolved + [(question.text, question.why) for question in result.questions]
