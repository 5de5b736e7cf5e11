"use strict";
/* A store: head, tabs, and the equipment groups behind the Equipment tab. */
Portal.pages.location = async () => {
  const { pad, escape: esc } = Portal;
  const id = Portal.data.params.location_id;
  const view = Portal.element(`<div class="location-view"><div class="location-head"></div><div class="tabs-place"></div><div class="tab-loader">${Portal.loaderLine()}</div><div class="tab-content"></div></div>`);
  Portal.root().appendChild(view);
  const line = view.querySelector(".tab-loader .loader-line");
  const pane = view.querySelector(".tab-content");

  let done = Portal.busy(line);
  let location;
  try {
    location = await Portal.get(`/xhr/locations/${id}`);
  } catch (error) {
    view.remove();
    return Portal.missing(error);
  } finally {
    done();
  }

  view.querySelector(".location-head").innerHTML = `
<div class="panel p-3"><h2 class="location-title">${pad(location.store, 12)}</h2><div class="mb-1"><a href="/app/customers/${location.customer_id}/">${pad(location.customer, 12)}</a></div><div class="mb-1">${pad(location.brand, 12)}</div>
<div class="address-info text-sm"><div>${location.address.map((text, i) => `<div class="${i ? "mt-1" : ""}">${pad(text, 16)}</div>`).join("")}</div></div></div>`;

  const equipmentTab = async () => {
    pane.innerHTML = location.groups.map((group) => Portal.equipmentGroup(id, group)).join("");
    done = Portal.busy(line);
    try {
      const content = await Portal.get(`/xhr/locations/${id}/equipment`);
      /* Only now do the headings react: an earlier click on their `#` link is lost. */
      Portal.hydrateGroups(pane, content.groups);
    } catch (error) {
      Portal.failed(error);
    } finally {
      done();
    }
  };
  const open = (name) => {
    if (name === "Equipment") return equipmentTab();
    pane.innerHTML = `<div class="p-3 muted">${pad(`No ${name.toLowerCase()} to show.`, 12)}</div>`;
    return undefined;
  };
  const names = Portal.data.options.location_tabs;
  const first = names.find((name) => name !== "Equipment") || names[0];
  view.querySelector(".tabs-place").appendChild(Portal.tabs(names, first, open));
  open(first);
  if (location.modal || Portal.data.faults.modal) Portal.coverModal();
  return undefined;
};

Portal.equipmentGroup = (locationId, group) => {
  const heading = Portal.rename("equipment_heading", "group-heading", "equipment-title");
  const title = Portal.rename("equipment_heading", "Show equipment", "Expand");
  const label = group.name === "dispenser" ? "Dispenser" : group.name;
  return `<div class="mt-4"><div class="${heading} flex align-baseline jc-between px-2 py-2"><div class="text-normal text-gray-600"><a href="#" class="ml-1" title="${title}"><span class="bold" style="text-transform: capitalize;">${Portal.pad(label, 20)}</span>
                    (${group.count})
                    ${Portal.icon("chevron-up", "M3 11l5-6 5 6z")}</a></div><div class="right text-sm"><a href="/app/customers/locations/${locationId}/equipment?location_id=${locationId}&amp;equipment_type_id=${group.type_id}">Add ${Portal.escape(label)}</a></div></div><!----></div>`;
};

Portal.hydrateGroups = (pane, groups) => {
  const show = Portal.rename("equipment_heading", "Show equipment", "Expand");
  const hide = Portal.rename("equipment_heading", "Hide equipment", "Collapse");
  groups.forEach((group, index) => {
    const block = pane.children[index];
    const toggle = block.querySelector("a.ml-1");
    let lost = Portal.data.faults.lost_hydration ? 1 : 0;
    toggle.addEventListener("click", (event) => {
      if (lost > 0) {
        lost -= 1;
        return;
      }
      event.preventDefault();
      /* The second node is the list of cards, or a comment in its place. */
      const body = block.lastChild;
      const expand = body.nodeType === Node.COMMENT_NODE;
      toggle.title = expand ? hide : show;
      toggle.querySelector("svg").classList.toggle("rotate", expand);
      const cards = () => Portal.element(`<div style="opacity: 1;">${group.cards.map(Portal.equipmentCard).join("")}</div>`);
      body.replaceWith(expand ? cards() : document.createComment(""));
    });
  });
};

Portal.equipmentCard = (card, index) => {
  const { pad, escape: esc } = Portal;
  const makeLine = card.make ? `<div><span class="muted uppercase">Make:</span>${pad(card.make, 28)}</div>` : "<!---->";
  const modelLine = card.model ? `<div><span class="muted uppercase">Model:</span>${pad(card.model, 28)}</div>` : "<!---->";
  const fields = card.fields
    .map(
      ([label, value]) =>
        `<div class="mt-2 sm-12 tab-6 lg-4"><div class="muted uppercase text-xs">${pad(label, 28)}</div><div class="text-xs mt-1">${value ? pad(value, 28) : ""}</div></div>`,
    )
    .join("");
  return `<div class="py-1.5${index % 2 === 0 ? " bg-gray-50" : ""}"><div class="right">${Portal.actionMenu(["Edit", "Form History"]).outerHTML}</div><div class="px-2"><div class="flex align-start"><div>
                            ${esc(card.title)}
                            <a href="#" class="ml-2 text-xs">${Portal.icon("clock-rotate-left")}<div class="ks-tooltip" style="display: none;"><div class="history-log-list"></div></div></a>
                            <div class="muted text-tiny">${pad(`S/N: ${card.serial}`.trimEnd(), 28)}</div>
                            <div class="text-tiny">${makeLine}${modelLine}</div></div></div></div>
${fields ? `<div class="custom-fields-view"><div class="row row-collapse">${fields}</div></div>` : "<!---->"}</div>`;
};
