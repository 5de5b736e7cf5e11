"use strict";
/* A visit: suggested form types and the forms attached so far. */
Portal.pages.visit = async () => {
  const { pad, escape: esc } = Portal;
  const { work_id: work, visit_id: id } = Portal.data.params;
  const scope = Portal.data.scopes.visit;
  const view = Portal.element(`<div ${scope}="" class="visit-view"><div class="visit-loader">${Portal.loaderLine()}</div><div class="visit-body"></div></div>`);
  Portal.root().appendChild(view);
  const line = view.querySelector(".loader-line");
  const done = Portal.busy(line);
  let visit;
  try {
    visit = await Portal.get(`/xhr/work/${work}/visits/${id}`);
  } catch (error) {
    view.remove();
    return Portal.missing(error);
  } finally {
    done();
  }

  const suggested = (type) => {
    const label = type.attached ? `(${type.attached}) ${type.name}` : type.name;
    const link = type.attached
      ? `<a href="#" class="text-xs" title="New ${esc(type.name)}">${Portal.icon("plus", "M7 2h2v5h5v2H9v5H7V9H2V7h5z")} ${esc(Portal.data.options.new_label)}</a>`
      : `<a href="#" class="text-sm" title="Attach ${esc(type.name)}">Attach</a>`;
    return `<li class="plain-header flex jc-between"><span class="text-sm">${pad(label, 24)}</span>${link}</li>`;
  };
  const formRow = (form) => {
    const href = `/app/work/${work}/visits/${id}/form-entries/${form.id}`;
    const equipment = form.equipment
      ? `<div class="ellipsis" title="${esc(form.equipment)}">${pad(form.equipment, 28)}</div>`
      : "<!---->";
    return `<div><div ${scope}="" class="row flex align-center"><div class="icon"><a href="${href}" class="none" title="Open form">${Portal.icon("file-lines", "M3 1h7l3 3v11H3z")}</a></div><div class="med-8"><a href="${href}" class="none"><span class="text-sm form-entry-label">${pad(form.template, 28)}</span></a><div class="text-sm ml-0.5 mt-0.5">${equipment}</div></div><div class="ks-badge${form.badge === "Complete" ? " success" : " info"}"><span>${pad(form.badge, 28)}</span></div></div></div>`;
  };

  view.querySelector(".visit-body").innerHTML = `
<div class="panel p-3">
    <h2>${pad(`Visit ${visit.date}`, 8)}</h2>
    <div class="text-sm"><a href="/app/work/${visit.id}/">${pad(`W-${visit.id}`, 12)}</a> <span class="muted">${esc(visit.time)}</span></div>
    <div class="address text-sm mt-2"><div class="mb-1"><a href="/app/customers/${visit.customer_id}/">${pad(visit.customer, 12)}</a></div><div class="mb-1"><a href="/app/customers/locations/${visit.location_id}/">${pad(visit.store, 12)}</a></div><div>${pad(visit.street, 12)}</div><div>${pad(visit.city_line, 12)}</div></div>
    <div class="text-sm pre-wrap mt-2">${esc(visit.instructions)}</div>
    <div class="text-xs muted mt-2">Assigned to ${esc(visit.technician)}</div>
</div>
<div class="panel p-3 mt-4"><div class="panel-header">Forms</div>
    <div dusk="suggested_forms"><ul class="suggested-list">${visit.suggested.map(suggested).join("")}</ul></div>
    <div class="text-xs mt-2 text-right"><a href="/app/work/${work}/visits/${id}/accumeasure-summary">Summary</a></div>
    <div class="form-entries">${visit.forms.map(formRow).join("")}</div>
</div>
<div class="panel p-3 mt-4"><div class="panel-header">Notes</div><div class="muted text-sm">No notes.</div></div>`;

  const list = view.querySelector(".suggested-list");
  list.addEventListener("click", async (event) => {
    const anchor = event.target.closest("a");
    if (!anchor) return;
    event.preventDefault();
    const type = visit.suggested[[...list.children].indexOf(anchor.closest("li"))];
    const finished = Portal.busy(line);
    try {
      const answer = await Portal.post(`/xhr/work/${work}/visits/${id}/forms`, { template: type.name });
      type.attached += 1;
      visit.forms.push(answer.form);
      view.querySelector(".form-entries").insertAdjacentHTML("beforeend", formRow(answer.form));
      list.innerHTML = visit.suggested.map(suggested).join("");
    } catch (error) {
      Portal.failed(error);
    } finally {
      finished();
    }
  });
  if (Portal.data.faults.modal) Portal.coverModal();
  return undefined;
};

/* A work order's own page: what it is and where its visits are. */
Portal.pages.work_order = async () => {
  const { pad, escape: esc } = Portal;
  const work = Portal.data.params.work_id;
  const view = Portal.element(`<div class="work-view">${Portal.loaderLine()}<div class="work-body"></div></div>`);
  Portal.root().appendChild(view);
  const done = Portal.busy(view.querySelector(".loader-line"));
  try {
    const order = await Portal.get(`/xhr/work/${work}`);
    const visits = order.visits.map((v) => `<li><a href="/app/work/${work}/visits/${v.id}/">${pad(v.date, 12)}</a></li>`).join("");
    view.querySelector(".work-body").innerHTML = `<div class="panel p-3"><h2>${pad(`W-${order.id}`, 8)}</h2><div><a href="/app/customers/locations/${order.location_id}/">${pad(order.store, 8)}</a></div><div class="pre-wrap text-sm mt-2">${esc(order.instructions)}</div><ul class="visits">${visits}</ul></div>`;
  } catch (error) {
    view.remove();
    Portal.missing(error);
  } finally {
    done();
  }
};
