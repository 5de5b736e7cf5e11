"use strict";
/* The work list: header, filters, paginators, rows. */
Portal.pages.list = () => {
  const { pad, escape: esc } = Portal;
  const options = Portal.data.options;
  const scope = Portal.data.scopes.list;
  const address = new URL(window.location.href);
  const query = new URLSearchParams(address.search);
  const reasons = ["AccuMeasure", "Annual Inspection", "ATG Certification", "Break/Fix", "Cathodic Protection", "Compliance",
    "Containment Test", "Decommission", "Dispenser Upgrade", "Emergency", "Environmental", "Equipment Swap", "Filter Program",
    "Follow Up", "Hanging Hardware", "Installation", "Line Test", "Monthly Inspection", "Other", "Post Construction Accumeasure",
    "Preventive Maintenance", "Recall", "Re-test", "Site Survey", "Training", "Warranty"];
  const drawerGroups = ["User", "Customer", "Location", "Date", "Classification", "Invoices", "Service Items", "Forms/Files"];

  const view = Portal.element(`
<div ${scope}="" class="work-list">
<div ${scope}="" class="row search-header">
    <div class="flex align-center jc-between wrap">
        <div class="menu-place"></div>
        <div id="work-order-search-bar" class="search-bar"><form class="search-form"><input type="text" name="search_term" placeholder="Search Work..." autocomplete="off" value="${esc((query.get("search_term") || "").split("||")[0])}"></form>${Portal.loaderLine()}</div>
        <div id="work-order-filters"><a href="#" class="search-filters-button" title="Filters">${Portal.icon("filter", "M1 2h14L9 9v5l-2-1V9z")} Filters</a>
            <div class="filters-drawer" style="display: none;"><ul>${drawerGroups.map((g) => `<li dusk="${g.toLowerCase().replace(/\W+/g, "_")}_filters">${pad(g, 20)}</li>`).join("")}</ul><button type="button" class="button back">Back</button><button type="button" class="button apply">Apply Filters</button></div></div>
        <div id="saved-search-filters" class="text-sm"><a href="#" class="mr-2">Save search</a><a href="/app/users/profile?tab=searches">Manage saved searches</a></div>
    </div>
</div>
<div ${scope}="" class="active-search-filters"><!----></div>
<div ${scope}="" class="closed-place">${Portal.checkbox("Show Closed", "show-closed switch", query.get("show_closed") === "1").replace("ks-checkbox-input-wrapper", "ks-checkbox-switch ks-checkbox-input-wrapper")}</div>
<div ${scope}="" class="paginator-wrapper top flex align-center jc-between wrap"></div>
<div ${scope}="" class="list-loader">${Portal.loaderLine()}</div>
<div ${scope}="" class="row list-header text-xs uppercase muted"><div class="sm-6 med-3">Work</div><div class="sm-6 med-4">Customer</div><div class="sm-12 med-5"><div class="row"><div class="med-7">Items</div><div class="med-5">Visits</div></div></div></div>
<div ${scope}="" class="work-list-items"></div>
<div ${scope}="" class="paginator-wrapper bottom flex align-center"></div>
<div ${scope}="" class="modals"></div>
</div>`);
  Portal.root().appendChild(view);
  view.querySelector(".menu-place").appendChild(Portal.actionMenu(["Import Work Items"], "work-actions-menu"));
  Portal.listModals(view.querySelector(".modals"), reasons);

  const rows = view.querySelector(".work-list-items");
  const line = view.querySelector(".list-loader .loader-line");
  const top = view.querySelector(".paginator-wrapper.top");
  const bottom = view.querySelector(".paginator-wrapper.bottom");
  const state = { page: Number(query.get(options.page_parameter)) || 1, limit: query.get("limit"), order: query.get("order_direction"), grid: "list" };

  /* The right-hand and left-hand tools are drawn once; only the page links change with the data. */
  const tools = (content) => {
    const grid = Portal.radios({ name: "grid_view", choices: { list: "List", grid: "Grid" }, value: state.grid, onChange: (value) => { state.grid = value; rows.classList.toggle("as-grid", value === "grid"); } });
    grid.setAttribute("dusk", "work_grid_view");
    const left = Portal.element(`<div class="view-selection flex align-center">${Portal.checkbox("", "select-all")}</div>`);
    left.appendChild(grid);
    const size = Portal.select({
      name: "limit",
      value: { label: `Show ${content.size}` },
      options: [25, 50, 100].map((n) => ({ id: n, label: `Show ${n}` })),
      onChange: (option) => reload({ limit: String(option.id), page: 1 }),
    });
    const order = Portal.radios({
      name: "order_direction",
      choices: { asc: "Ascending order", desc: "Descending order" },
      value: content.descending ? "desc" : "asc",
      inner: (text, key) => `<div title="${text}">${Portal.icon(key === "asc" ? "arrow-up" : "arrow-down", key === "asc" ? "M8 2l5 6H9v6H7V8H3z" : "M8 14l5-6H9V2H7v6H3z")}</div>`,
      onChange: (value) => reload({ order: value, page: 1 }),
    });
    const right = Portal.element('<div class="list-options flex align-center"></div>');
    right.append(size.element, order);
    top.replaceChildren(left, Portal.element('<div class="page-links"></div>'), right);
    bottom.replaceChildren(Portal.element('<div class="page-links"></div>'));
  };

  const links = (content) => {
    const previous = content.page <= 1 ? " disabled" : "";
    const following = content.page >= content.pages ? " disabled" : "";
    if (content.matches === null) {
      return `<div class="simple-pagination flex align-center jc-between"><div class="pagination text-sm"><ul><li><a href="#" class="prev-page${previous}">&lt;</a></li><li><a href="#" class="next-page${following}">&gt;</a></li></ul></div></div>`;
    }
    const numbers = Array.from({ length: content.pages }, (_, i) => i + 1)
      .map((n) => `<li><a href="#" class="page-link${n === content.page ? " current-page" : ""}">${pad(n, 20)}</a></li>`)
      .join("");
    return `<div class="length-aware-pagination flex align-center jc-between"><div class="pagination flex-shrink-0 text-sm" style="${content.pages > 1 ? "" : "display: none;"}"><ul class="row"><li><a href="#" class="prev-page${previous}">&lt;</a></li>${numbers}<li><a href="#" class="next-page${following}">&gt;</a></li></ul></div><div class="text-right muted text-sm ks-padding-fix sm-hide tab-hide med-show-up">${pad(`${content.matches} matches`, 20)}</div></div>`;
  };

  const badges = (content) => {
    view.querySelector(".active-search-filters").innerHTML =
      content.filters
        .map(
          (f) =>
            `<span class="ks-badge mt-1 text-sm info"><strong>${esc(f.label || f.name)}</strong>${f.display ? `: ${esc(f.display)}` : ""} <a href="#">×</a></span>`,
        )
        .join("") || "<!---->";
  };

  const draw = (content) => {
    state.filters = content.filters;
    if (!top.children.length) tools(content);
    badges(content);
    view.querySelectorAll(".page-links").forEach((place) => {
      place.innerHTML = links(content);
    });
    const empty = options.empty_markup === "none" ? "" : '<div class="no-results muted p-3">No work found.</div>';
    rows.innerHTML = content.rows.map(Portal.listRow).join("") || empty || "<!---->";
  };

  const reload = async (change = {}) => {
    Object.assign(state, change);
    const asked = new URLSearchParams(query);
    asked.set(options.page_parameter, String(state.page));
    if (state.limit) asked.set("limit", state.limit);
    if (state.order) asked.set("order_direction", state.order);
    const done = Portal.busy(line);
    try {
      const content = await Portal.get(`/xhr/work/list?${asked}`);
      draw(content);
      if (options.url_state) window.history.replaceState(null, "", `/app/work/list?${asked}`);
    } catch (error) {
      Portal.failed(error);
    } finally {
      done();
    }
  };

  view.addEventListener("click", (event) => {
    const anchor = event.target.closest('a[href="#"]');
    if (!anchor) return;
    event.preventDefault();
    const current = state.page;
    if (anchor.classList.contains("disabled")) return;
    if (anchor.classList.contains("next-page")) reload({ page: current + 1 });
    else if (anchor.classList.contains("prev-page")) reload({ page: current - 1 });
    else if (anchor.classList.contains("page-link")) reload({ page: Number(anchor.textContent) });
    else if (anchor.classList.contains("search-filters-button")) {
      const drawer = view.querySelector(".filters-drawer");
      drawer.style.display = drawer.style.display === "none" ? "" : "none";
    } else if (anchor.closest(".active-search-filters")) {
      query.delete(state.filters[[...view.querySelector(".active-search-filters").children].indexOf(anchor.parentElement)].name);
      window.location.search = query.toString();
    } else {
      const note = anchor.closest(".med-10");
      const tooltip = note && note.querySelector(".ks-tooltip");
      if (tooltip) tooltip.style.display = tooltip.contains(anchor) ? "none" : "";
    }
  });
  view.querySelector(".search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const term = event.target.elements.search_term.value.trim();
    if (term) query.set("search_term", term);
    else query.delete("search_term");
    reload({ page: 1 });
  });
  view.querySelector(".show-closed input").addEventListener("change", (event) => {
    if (event.target.checked) query.set("show_closed", "1");
    else query.delete("show_closed");
    reload({ page: 1 });
  });
  if (Portal.data.faults.modal) Portal.coverModal();
  reload();
};

/* Hidden modals below the list: export (with the page's only table, empty), reason, note. */
Portal.listModals = (place, reasons) => {
  place.innerHTML = `
<div class="ks-modal export-modal" style="display: none;"><div class="ks-modal-header">Export Work Order Items</div><div class="export-place"></div><table class="table"><thead></thead><tbody></tbody></table><div><div>${Portal.loaderLine()}</div></div></div>
<div class="ks-modal reason-modal" style="display: none;"><div class="ks-modal-header">Update Service Reason</div><div dusk="fg_service_reason_id" class="reason-place"></div></div>
<div class="ks-modal note-modal" dusk="bulk_add_note_modal" style="display: none;"><div class="ks-modal-header">Add Note</div><div dusk="fg_"></div><div dusk="fg_name"><input type="text" name="name"></div><div dusk="fg_body"><div class="ProseMirror" contenteditable="true"><p></p></div></div><div><div>${Portal.loaderLine()}</div></div></div>`;
  place.querySelector(".export-place").appendChild(Portal.select({ name: "export_template_id", placeholder: "Select template", options: [] }).element);
  const choices = reasons.map((label) => ({ id: label, label }));
  place.querySelector(".reason-place").appendChild(Portal.select({ name: "service_reason_id", placeholder: "Select reason", options: choices }).element);
};
