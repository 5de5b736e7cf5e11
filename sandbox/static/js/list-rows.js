"use strict";
/* Markup of one row of the work list. */
Portal.listRow = (row, index) => {
  const { escape: esc, pad, rename } = Portal;
  const scope = Portal.data.scopes.list;
  const itemClass = rename("work_list_item", "work-list-item", "work-item-row");

  const categories = row.categories
    .map(
      (c) =>
        `<div class="w-4 h-1.5" style="background: ${c.colour};"><div class="ks-tooltip show-arrow" style="display: none;">${pad(c.name, 36)}</div></div>`,
    )
    .join("");
  const origin = row.project ? ["Project", row.project] : row.po ? ["PO #", row.po] : null;
  const originLine = origin
    ? `<div class="text-sm mb-1" title="${esc(`${origin[0]}: ${origin[1]}`)}"><span class="muted">${origin[0]}:</span>${pad(origin[1], 32)}</div>`
    : "";
  const work = `
<div class="sm-6 med-3 mb-2">
    <div class="flex align-center wrap">
        ${Portal.checkbox(`<a href="/app/work/${row.id}/">${pad(`W-${row.id}`, 32)}</a>`, "mb-1 mr-2")}
        <div class="wo-category-show"><div class="flex">${categories}</div></div>
        <div class="work-status-badge" title=""><div class="inline-block text-xs py-0.5 px-2 outline ${esc(row.status_class)}">${pad(row.status, 32)}</div><!----></div>
        <div class="text-sm mb-1"><span class="muted">Reason:</span>${pad(row.reason, 28)}</div>
        <div>${originLine || "<!---->"}</div>
        <div class="work-creator text-xs muted ellipsis ${origin ? "mt-2.5" : "mt-1.5"}" title="${esc(`Created by: ${row.created_by}  ${row.created_at}`)}">${pad(`${row.created_by} • ${row.created_at}`, 28)}</div>
    </div>
</div>`;

  const contact = row.contact
    .map((line, i) => `<div class="${i >= row.contact.length - 2 && i > 1 ? "muted-dark" : ""}">${pad(line, 36)}</div>`)
    .join("");
  const customer = `
<div class="sm-6 med-4 mb-2">
    <div class="address flex align-start text-sm">
        <div class="icon mr-2 muted">${Portal.icon("location-dot", "M8 1a5 5 0 0 0-5 5c0 4 5 9 5 9s5-5 5-9a5 5 0 0 0-5-5z")}</div>
        <div>
            <div class="mb-1"><a href="/app/customers/${row.customer_id}/">${pad(row.customer, 32)}</a></div>
            <div class="mb-1"><a href="/app/customers/locations/${row.location_id}/">${pad(row.store, 32)}</a></div>
            <div class="mb-1">${pad(row.brand, 28)}</div>
            <div class="address-info text-sm"><div>
                <div>${pad(row.street, 32)}</div>
                ${row.intersection ? `<div class="mt-1">${pad(row.intersection, 32)}</div>` : "<!---->"}
                <div class="mt-1">${pad(row.city_line, 32)}</div>
                <div class="mt-1">${pad(row.county, 32)}</div>
                <!---->
            </div></div>
        </div>
    </div>
    <div class="contact-info-block mt-1.5 text-sm"><div class="flex align-start"><div class="icon mr-2 muted">${Portal.icon("user")}</div><div class="contact-name text-sm">${contact}</div></div><!----></div>
</div>`;

  const items = row.groups
    .map(
      (group) => `
<div class="text-xs mb-2">
    <div>${pad(group.category, 32)}</div>${group.lines
      .map(
        (line) => `
    <div class="flex align-center">
        <div>${pad(`${line.quantity} x `, 36)}</div>
        <div class="ml-2"><div>\n${" ".repeat(40)}${esc(line.description)}\n${" ".repeat(40)}<span class="muted">(${esc(line.code)})</span></div></div>
    </div>`,
      )
      .join("")}
</div>`,
    )
    .join("");

  const counter = `${row.done} / ${row.total}`;
  const due = row.due
    ? `<div class="mt-1 text-sm uppercase ${row.overdue ? "text-orange" : "muted"}">${pad(`Due: ${row.due}`, 36)}</div>`
    : "<!---->";
  const next = row.visit
    ? `<div class="mt-2"><a href="/app/work/${row.id}/visits/${row.visit.id}/" title="Next Visit"><div class="text-xs muted uppercase">${pad("Next Visit", 36)}</div><div class="mt-0.5">${pad(row.visit.date, 36)}</div><div class="text-sm">${pad(row.visit.time, 36)}</div>${due}</a></div>`
    : `<!---->${due}`;
  const finished = row.completed_on !== null;
  const visits = `
<div class="sm-6 med-5">
    <div class="text-sm muted" title="${counter}"><span class="${finished ? "strike-through" : ""}">${pad(counter, 32).trimEnd()}\n${" ".repeat(32)}<span class="text-xs uppercase">visits</span></span>${finished ? ` ${Portal.icon("circle-check", "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z", "text-green")}` : "<!---->"}</div>
    ${finished ? `<div class="mt-1 text-xs muted">${pad(row.completed_on, 32)}</div>` : "<!---->"}
    ${next}
</div>`;

  const note = row.instructions
    ? `
<div class="sm-12 med-10 text-sm mt-2">
    <div class="ks-tooltip text-sm shadow-lg p-3" style="z-index: 9; display: none;"><span class="pre-wrap">${esc(row.instructions)}</span><a href="#" class="ml-1 text-xs">${pad("Close", 28)}</a></div>
    <div><span class="text-sm pre-wrap" style="overflow: hidden; text-overflow: ellipsis; white-space: pre-wrap;">${esc(row.cut)}</span><a href="#" class="ml-1 text-xs" style="${row.more ? "" : "display: none;"}">${pad("more...", 28)}</a></div>
</div>`
    : "<!---->";

  return `<div ${scope}="" class="${index % 2 === 0 ? "bg-gray-50" : ""}"><div ${scope}="" class="row py-2 ${itemClass} w-${row.id}">${work}${customer}
<div class="sm-12 med-5"><div class="row row-collapse">
<div class="sm-6 med-7">${items}</div>${visits}
</div></div>${note}</div></div>`;
};
