"use strict";
/* The fleet page: vehicles, and behind the Equipment tab the technician's provers. Also the plain pages. */
Portal.pages.fleet = async () => {
  const { pad } = Portal;
  const view = Portal.element(`<div class="fleet-view"><div class="tabs-place"></div><div class="tab-loader">${Portal.loaderLine()}</div><div class="tab-content"></div></div>`);
  Portal.root().appendChild(view);
  const line = view.querySelector(".loader-line");
  const pane = view.querySelector(".tab-content");
  const open = async (name) => {
    pane.innerHTML = "";
    if (name !== "Equipment") {
      pane.innerHTML = `<div class="p-3 muted">${pad(`No ${name.toLowerCase()} to show.`, 12)}</div>`;
      return;
    }
    const done = Portal.busy(line);
    try {
      const fleet = await Portal.get("/xhr/fleet");
      const rows = fleet.equipment
        .map(
          (item) =>
            `<li class="row py-2"><div class="sm-12 med-4 text-sm">${item.next ? `<div><span class="muted">Next Calibration:</span> ${item.next}</div>` : "<!---->"}</div><div class="sm-12 med-8"><div class="bold">${pad(item.id, 20)}</div><div class="text-sm">${pad(item.type, 20)}</div><div class="muted text-tiny">${pad(`S/N: ${item.serial}`, 20)}</div><div class="muted text-tiny">${pad(`Make: ${item.make}`, 20)}</div></div></li>`,
        )
        .join("");
      pane.innerHTML = `<ul class="equipment-list"><li class="header-row row muted uppercase text-xs"><div class="med-4">Calibration</div><div class="med-8">Equipment</div></li>${rows}</ul>`;
    } catch (error) {
      Portal.failed(error);
    } finally {
      done();
    }
  };
  const names = ["Vehicles", "Equipment", "Inventory"];
  view.querySelector(".tabs-place").appendChild(Portal.tabs(names, names[0], open));
  open(names[0]);
  if (Portal.data.faults.modal) Portal.coverModal();
};

Portal.pages.dashboard = () => {
  Portal.root().innerHTML = `
<div class="panel p-3"><h2>Welcome</h2><div class="text-sm muted">Your work at a glance.</div>
<div class="mt-2"><a href="/app/work/list" class="button">Work list</a> <a href="/app/fleet-inventory" class="button secondary">Fleet/Inventory</a></div></div>`;
};
const plainPage = (text) => () => {
  Portal.root().innerHTML = `<div class="panel p-3 muted">${text}</div>`;
};
Portal.pages.menu = plainPage("The sandbox does not play this page.");
Portal.pages.customer = plainPage("The sandbox does not play this page.");
Portal.pages.missing = plainPage("Page not found.");
