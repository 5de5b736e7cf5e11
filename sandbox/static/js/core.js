"use strict";
/* Shared by all pages: page data, XHR, loader lines, dropped clicks, small builders of markup. */
const Portal = (window.Portal = {
  data: JSON.parse(document.getElementById("page-data").textContent),
  csrf: document.querySelector('meta[name="csrf-token"]').content,
  pages: {},
});

Portal.escape = (value) =>
  String(value ?? "").replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

/* Text with the newlines and indentation that the portal's templates leave around it. */
Portal.pad = (value, depth = 28) => {
  const space = " ".repeat(depth);
  return `\n${space}${Portal.escape(value)}\n${" ".repeat(depth - 4)}`;
};

/* First element of a piece of markup. */
Portal.element = (markup) => {
  const holder = document.createElement("template");
  holder.innerHTML = markup.trim();
  return holder.content.firstElementChild;
};

Portal.loaderLine = () => '<div class="loader-line" style="height: 5px; display: none;"></div>';
Portal.root = () => document.querySelector(".page-content");
Portal.rename = (what, usual, other) => (Portal.data.faults.renames[what] ? other : usual);

Portal.icon = (name, path = "M2 2h12v12H2z", classes = "") =>
  `<svg class="svg-inline--fa fa-${name}${classes ? ` ${classes}` : ""}" data-prefix="fas" data-icon="${name}" aria-hidden="true" focusable="false" role="img" viewBox="0 0 16 16"><path fill="currentColor" d="${path}"></path></svg>`;

/* ---- loaders ------------------------------------------------------------------------------------------------- */

/* Show a loader line until the returned function is called; several users of one line are counted. */
Portal.busy = (line) => {
  if (!line) return () => {};
  line.users = (line.users || 0) + 1;
  line.style.display = "";
  let open = true;
  return () => {
    if (!open) return;
    open = false;
    line.users -= 1;
    if (line.users === 0) line.style.display = "none";
  };
};

/* A spinner at the end of an element, in the DOM only while something is under way. */
Portal.spin = (holder) => {
  const spinner = Portal.element('<div class="ks-spin-loading loader-small"><div></div></div>');
  holder.appendChild(spinner);
  return () => spinner.remove();
};

Portal.loading = () =>
  [...document.querySelectorAll(".loader-line, .ks-spin-loading")].some((el) => el.getClientRects().length > 0);

/* Clicks while a loader is visible are lost, without any sign. */
document.addEventListener(
  "click",
  (event) => {
    const drop = Portal.data.faults.drop;
    let lost = Portal.loading();
    if (!lost && drop && drop.count > 0) {
      if (!drop.selector || event.target.closest(drop.selector)) {
        drop.count -= 1;
        lost = true;
      }
    }
    if (!lost || event.target.closest(".top-bar, .side-nav")) return;
    const anchor = event.target.closest("a[href]");
    if (!anchor || anchor.getAttribute("href") !== "#") event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

/* ---- XHR ----------------------------------------------------------------------------------------------------- */

class PortalError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

Portal.request = async (method, path, body) => {
  const headers = {
    "X-Requested-With": "XMLHttpRequest",
    "X-CSRF-TOKEN": Portal.csrf,
    "X-Page": Portal.data.load,
    "X-Page-Name": Portal.data.page,
    Accept: "application/json",
  };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, {
    method,
    headers,
    credentials: "same-origin",
    cache: "no-store",
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status === 401 || answer.status === 419) {
    /* The session is gone or the page is older than the build: start over. */
    window.location.reload();
    return new Promise(() => {});
  }
  const content = await answer.json();
  if (!answer.ok) throw new PortalError(answer.status, content.message);
  return content;
};
Portal.get = (path) => Portal.request("GET", path);
Portal.post = (path, body) => Portal.request("POST", path, body);

Portal.toast = (text) => {
  document.querySelector(".toast-message")?.remove();
  document.getElementById("app").appendChild(
    Portal.element(`<div class="toast-message error" role="alert">${Portal.escape(text)}</div>`),
  );
};

/* Errors of a load or a save end in a toast; the page stays as it was. */
Portal.failed = (error) => {
  if (!(error instanceof PortalError) && !(error instanceof TypeError) && !(error instanceof SyntaxError)) throw error;
  Portal.toast(error.status === 404 || error.status === 422 ? error.message : "Whoops, something went wrong.");
};

/* Draw "not found" where a page should be; other errors only show a toast. */
Portal.missing = (error) => {
  if (error.status !== 404) return Portal.failed(error);
  Portal.root().insertAdjacentHTML("beforeend", `<div class="panel not-found">${Portal.pad(error.message, 16)}</div>`);
  return undefined;
};
