"""Minimal HTML in the portal's shape, written from the portal's description and independent of the readers."""

from __future__ import annotations

from datetime import date, datetime
from html import escape

from app.portal.records import DispenserCard, ProverRow, ReadingPanel, VisitForm, WorkOrderRow

PAD = "\n               "


def us(day: date) -> str:
    return day.strftime("%m/%d/%Y")


def moment(at: datetime) -> str:
    return at.strftime("%m/%d/%Y %I:%M") + at.strftime("%p").lower()


def document(place: str, body: str) -> str:
    return (
        '<!DOCTYPE html><html><head><meta name="csrf-token" content="x"><title>Work Fossa</title></head><body>'
        '<div id="app" class="full-height"><div class="side-nav vertical fixed" id="sidebar"></div><div class="content">'
        f'<div class="page-header"><h1 class="heading-label"><ul class="breadcrumb"><li>{place}</li></ul></h1></div>'
        f'{body}</div><div id="app-footer">Work Fossa © 2025</div></div></body></html>'
    )


def padded(text: str) -> str:
    return f"{PAD}{escape(text)}{PAD}"


def row(order: WorkOrderRow) -> str:
    mark = 'data-v-0a1b2c3d=""'
    cats = "".join(
        f'<div class="flex"><div class="w-4 h-1.5" style="background: rgb(1, 2, 3);">'
        f'<div class="ks-tooltip show-arrow" style="display: none;">{padded(c)}</div></div></div>'
        for c in order.categories
    )
    lines = ""
    if order.reason is not None:
        lines += f'<div class="text-sm mb-1"><span class="muted">Reason:</span>{padded(order.reason)}</div>'
    if order.project is not None:
        title = escape(f"Project: {order.project}")
        lines += (
            f'<div><div class="text-sm mb-1" title="{title}"><span class="muted">Project:</span>'
            f"{padded(order.project)}</div></div>"
        )
    if order.po is not None:
        lines += f'<div><div class="text-sm mb-1"><span class="muted">PO #:</span>{padded(order.po)}</div></div>'
    creator = ""
    if order.created_at is not None:
        name = order.created_by or ""
        creator = (
            f'<div class="work-creator text-xs muted ellipsis mt-2.5" title="{escape(f"Created by: {name}")}  '
            f'{moment(order.created_at)}">{escape(name)} • {moment(order.created_at)}</div>'
        )
    address = [order.street, order.intersection, f"{order.city} {order.state} {order.zip}", order.county]
    addresses = "".join(
        "<!---->" if line is None else f"<div{' class=mt-1' if i else ''}>{padded(line)}</div>"
        for i, line in enumerate(address)
    )
    groups: dict[str, list[str]] = {}
    for line in order.services:
        code = f'<span class="muted">({escape(line.code)})</span>' if line.code else ""
        groups.setdefault(line.category, []).append(
            f'<div class="flex align-center"><div>{line.quantity} x </div><div class="ml-2"><div>'
            f"{padded(line.description or '')}{code}</div></div></div>"
        )
    items = "".join(f'<div class="text-xs mb-2"><div>{padded(c)}</div>{"".join(ls)}</div>' for c, ls in groups.items())
    done = order.completed_on is not None
    counter = f"{order.visits_done} / {order.visits_total}"
    strike = ' class="strike-through"' if done else ""
    check = '<svg class="fa-circle-check"></svg>' if done else ""
    visits = (
        f'<div class="text-sm muted" title="{counter}"><span{strike}>{counter} <span class="text-xs uppercase">visits'
        f"</span></span>{check}</div>"
    )
    due = f'<div class="mt-1 text-sm uppercase muted">Due: {us(order.due_date)}</div>' if order.due_date else "<!---->"
    if order.next_visit is not None:
        visit = order.next_visit
        time = f'<div class="text-sm">({escape(visit.time)})</div>' if visit.time else ""
        visits += (
            f'<div class="mt-2"><a title="Next Visit" href="{visit.url}"><div class="text-xs muted uppercase">Next Visit'
            f'</div><div class="mt-0.5">{padded(us(visit.date))}</div>{time}{due}</a></div>'
        )
    else:
        visits += due
    if order.completed_on is not None:
        visits += f'<div class="mt-1 text-xs muted">{padded(us(order.completed_on))}</div>'
    instructions = "<!---->"
    if order.instructions is not None:
        cut = order.instructions[:170]
        more = "" if len(order.instructions) > 170 else ' style="display: none;"'
        instructions = (
            f'<div class="ks-tooltip text-sm shadow-lg p-3" style="z-index: 9; display: none;"><span class="pre-wrap">'
            f'{padded(order.instructions)}</span><a href="#">Close</a></div><div><span class="text-sm pre-wrap">'
            f'{escape(cut)}</span><a href="#" class="ml-1 text-xs"{more}>more...</a></div>'
        )
    brand = f'<div class="mb-1">{padded(order.brand)}</div>' if order.brand else "<!---->"
    status = (
        f'<div class="work-status-badge" title=""><div class="outline work-status-open">{padded(order.status)}</div></div>'
        if order.status
        else ""
    )
    return f"""<div {mark} class="bg-gray-50"><div {mark} class="row py-2 work-list-item w-{order.work_id}">
      <div class="sm-6 med-3 mb-2"><div class="flex align-center wrap"><label class="ks-checkbox"><input type="checkbox">
        <div class="ks-checkbox-label-wrapper"><a href="/app/work/{order.work_id}/">{padded(f"W-{order.work_id}")}</a></div>
        </label><div class="wo-category-show">{cats}</div></div>{status}{lines}{creator}</div>
      <div class="sm-6 med-4 mb-2"><div class="address flex align-start text-sm"><div class="icon"></div><div>
        <div class="mb-1"><a href="/app/customers/{order.customer_id}/">{escape(order.customer)}</a></div>
        <div class="mb-1"><a href="/app/customers/locations/{order.location_id}/">{padded(order.store)}</a></div>
        {brand}<div class="address-info text-sm"><div>{addresses}</div></div></div></div></div>
      <div class="sm-12 med-5"><div class="row row-collapse"><div class="sm-6 med-7">{items}</div>
        <div class="sm-6 med-5">{visits}</div></div></div>
      <div class="sm-12 med-10 text-sm mt-2">{instructions}</div></div></div>"""


def work_list(orders: list[WorkOrderRow], *, matches: int | None = None, page: int = 1, has_next: bool = False) -> str:
    off = "" if has_next else " disabled"
    paginator = (
        '<div class="paginator-wrapper"><div class="length-aware-pagination flex"><div class="pagination text-sm">'
        f'<ul class="row"><li><a href="#" class="prev-page">&lt;</a></li><li><a class="page-link current-page">{page}</a>'
        f'</li><li><a href="#" class="next-page{off}">&gt;</a></li></ul></div><div class="text-right muted text-sm">'
        f"{padded(f'{len(orders) if matches is None else matches} matches')}</div></div></div>"
    )
    head = (
        '<div class="row search-header"><div id="work-order-search-bar"></div></div><div class="active-search-filters">'
        '<span class="ks-badge info"><strong>Work Visits Completed</strong>: No visits completed <a href="#">×</a></span>'
        "</div>"
    )
    titles = (
        '<div class="row"><div class="med-3">Work</div><div class="med-4">Customer</div><div class="med-5"><div>'
        "<div>Items</div><div>Visits</div></div></div></div>"
    )
    return document("Work", head + paginator + titles + "".join(row(order) for order in orders) + paginator)


def card(dispenser: DispenserCard) -> str:
    values = {
        "Grade": ", ".join(dispenser.grades) or None,
        "Stand Alone Code": dispenser.stand_alone_code,
        "Number of Nozzles (per side)": dispenser.nozzles_per_side,
        "NTEP / COC #": dispenser.ntep,
        "Meter Type": dispenser.meter_type,
        "Something else": "x",
    }
    cells = "".join(
        f'<div class="mt-2 sm-12 tab-6 lg-4"><div class="muted uppercase text-xs">{label}</div>'
        f'<div class="text-xs mt-1">{padded("" if value is None else str(value))}</div></div>'
        for label, value in values.items()
    )
    make = f'<div><span class="muted uppercase">Make:</span>{padded(dispenser.make or "")}</div>'
    model = (
        f'<div><span class="muted uppercase">Model:</span>{padded(dispenser.model)}</div>'
        if dispenser.model
        else "<!---->"
    )
    return (
        '<div class="py-1.5"><div class="right"><div class="ks-action-menu"><button class="menu-button"></button>'
        '<div class="ks-menu-list"><a>Edit</a><a>Form History</a></div></div></div><div class="px-2">'
        f'<div class="flex align-start"><div>{padded(dispenser.title)}<a href="#" class="ml-2 text-xs"></a>'
        f'<div class="muted text-tiny">S/N: {escape(dispenser.serial or "")}</div><div class="text-tiny">{make}{model}'
        f'</div></div></div></div><div class="custom-fields-view"><div class="row row-collapse">{cells}</div></div></div>'
    )


def location(
    location_id: int, dispensers: list[DispenserCard], *, expected: int | None = None, open_: bool = True
) -> str:
    count = len(dispensers) if expected is None else expected
    cards = "".join(card(dispenser) for dispenser in dispensers) if open_ else ""
    return document(
        "Customers",
        '<ul class="tabs-title-bar"><li class="active-tab" dusk="equipment-tab"><a href="#Equipment">Equipment</a></li></ul>'
        '<div class="mt-4"><div class="group-heading flex"><div class="text-normal"><a href="#" class="ml-1" '
        f'title="{"Hide" if open_ else "Show"} equipment"><span class="bold">Dispenser</span> ({count}) <svg></svg></a></div>'
        f'<div class="right text-sm"><a href="/app/customers/locations/{location_id}/equipment?location_id={location_id}'
        f'&amp;equipment_type_id=3">Add Dispenser</a></div></div><div style="opacity: 1;">{cards}</div></div>',
    )


def visit(work_id: int, visit_id: int, forms: list[VisitForm], types: tuple[str, ...]) -> str:
    headers = ""
    for name in types:
        count = sum(form.form_type == name for form in forms)
        link = '<a class="text-xs">+ New</a>' if count else '<a title="Attach form">Attach</a>'
        prefix = f"({count}) " if count else ""
        headers += f'<li class="plain-header"><span class="text-sm">{padded(prefix + name)}</span>{link}</li>'
    rows = "".join(
        f'<div><div class="row flex align-center"><a class="none" href="{form.url}"><svg></svg></a><a class="none" '
        f'href="{form.url}"><span class="text-sm">{padded(form.form_type)}</span></a><div class="text-sm ml-0.5 mt-0.5">'
        f'<div class="ellipsis">{padded(form.dispenser_text or "")}</div></div>'
        + (f'<div class="ks-badge"><span>{escape(form.status)}</span></div>' if form.status else "")
        + "</div></div>"
        for form in forms
    )
    return document(
        "Work", f'<div dusk="suggested_forms"><ul>{headers}</ul></div><div class="form-entries">{rows}</div>'
    )


def fleet(provers: list[ProverRow]) -> str:
    rows = "".join(
        f"<li><div>Next Calibration: {us(p.next_calibration) if p.next_calibration else ''}</div><div>{p.prover_id}</div>"
        f"<div>Seraphin Prover ({escape(p.size or '')})</div><div>S/N: {escape(p.serial or '')}</div>"
        f"<div>Make: {escape(p.make or '')}</div></li>"
        for p in provers
    )
    return document(
        "Fleet/Inventory",
        '<ul class="tabs-title-bar"><li class="active-tab"><a href="#Equipment">Equipment</a></li></ul>'
        f'<ul><li class="header-row">Equipment</li>{rows}</ul>',
    )


PROCEDURES = ("Wet Down", "First Run", "Calibrate", "Calibration Retest", "Retest", "Meter Sealed")
LABELS = {"temperature": "Temperature", "gpm": "GPM", "start": "Start Reading", "meniscus": "Meniscus", "end": "End"}


def reading(panel: ReadingPanel, *, template: str = "AccuMeasure", ids: bool = True, labels: bool = True) -> str:
    """One reading: its header and, when it is the open one, its fields."""
    off = "" if panel.expanded else " inactive"
    head = (
        f'<div class="panel-header list-panel-header flex{off}"><a href="#"><span>{padded(panel.title or "")}</span></a>'
        '<button title="Delete item"><span class="button-label"><span><svg></svg></span></span></button></div>'
    )
    body = ""
    if panel.values is not None:
        values = panel.values
        first, flow = (3, "field[4866]") if template == "AccuMeasure" else (1, "field[5471]")
        numbers = dict(zip(LABELS, (first, first + 3, first + 4, first + 5, first + 6), strict=True))

        def field(label: str, number: int, control: str) -> str:
            place = f' id="field-{number}"' if ids else ""
            return f"<div{place}>{f'<div class=label>{label}</div>' if labels else ''}<div>{control}</div></div>"

        options = "".join(f"<li>{padded(name)}</li>" for name in PROCEDURES)
        body = field(
            "Procedure",
            first + 1,
            '<div class="ks-select"><input type="text" class="select-input-field" name="procedure">'
            f'<div class="ks-select-selection">{padded(values.procedure or "- Procedure -")}<span></span></div>'
            f'<div class="ks-select-dropdown" style="display: none;"><ul class="autocomplete-list">{options}</ul></div></div>',
        )
        radios = "".join(
            f'<label class="ks-radio{" ks-state-active" if values.flow == word else ""}"><input type="radio" '
            f'name="{flow}" value="{number}"><span class="ks-radio-label-wrapper">{word.title()}</span></label>'
            for number, word in ((1, "fast"), (2, "slow"))
        )
        body += field("Flow", first + 2, radios)
        for key, label in LABELS.items():
            value = getattr(values, key)
            attribute = "" if value is None else f' value="{escape(value)}"'
            body += field(label, numbers[key], f'<input type="text" name="field_0"{attribute}>')
        body += field("Variance", first + 8, '<input type="text" name="field_0" readonly value="1.5">')
    return f'<div class="form-entry-section{off}" id="iteration-{panel.index}">{head}{body}</div>'


def readings(
    panels: list[ReadingPanel], groups: tuple[int, ...], *, add: str = "<span>+ Add Reading</span>", **how: bool | str
) -> str:
    """The readings section of a form; ``add`` ends each group."""
    template, ids, labels = (
        str(how.get("template", "AccuMeasure")),
        bool(how.get("ids", True)),
        bool(how.get("labels", True)),
    )
    body, start = "", 0
    for count in groups:
        body += "".join(reading(p, template=template, ids=ids, labels=labels) for p in panels[start : start + count])
        body += add
        start += count
    return document("Work", f'<div class="form-entry-content">{body}</div>')
