"use strict";
/* Radio groups, check boxes, tabs, modals. */

/* ks-radio-group: `choices` maps value to label. The active label carries ks-state-active. */
Portal.radios = ({ name, choices, value, onChange = () => {}, inner = (text) => Portal.pad(text, 20), classes = "" }) => {
  const element = Portal.element(`<div class="ks-radio-group${classes ? ` ${classes}` : ""}">${Object.entries(choices)
    .map(
      ([key, text]) =>
        `<div class="radio"><label class="ks-radio${key === value ? " ks-state-active" : ""}"><input type="radio" name="${Portal.escape(name)}" value="${Portal.escape(key)}"${key === value ? " checked" : ""}><span class="ks-radio-input-wrapper"></span><span class="ks-radio-label-wrapper">${inner(text, key)}</span></label></div>`,
    )
    .join("")}</div>`);
  element.addEventListener("change", (event) => {
    element.querySelectorAll("label.ks-radio").forEach((label) => {
      label.classList.toggle("ks-state-active", label.contains(event.target));
    });
    onChange(event.target.value);
  });
  return element;
};

Portal.checkbox = (label, classes = "", checked = false) =>
  `<label class="ks-checkbox${classes ? ` ${classes}` : ""}"><input type="checkbox" class=""${checked ? " checked" : ""}><div class="ks-checkbox-input-wrapper"></div><div class="ks-checkbox-label-wrapper">${label}</div></label>`;

Portal.saveButton = () =>
  '<button type="button" class="button vault-button save-section"><span class="button-label"><span>Save</span></span></button>';

Portal.actionMenu = (items, classes = "") => {
  const element = Portal.element(`<div class="ks-action-menu${classes ? ` ${classes}` : ""}"><button type="button" class="menu-button"><svg class="svg-inline--fa fa-ellipsis" viewBox="0 0 16 16"><title>menu</title><path fill="currentColor" d="M3 7h2v2H3zm4 0h2v2H7zm4 0h2v2h-2z"></path></svg></button><div class="ks-menu-list" style="display: none;">${items.map((text) => `<a href="#" class="list-item">${Portal.pad(text, 20)}</a>`).join("")}</div></div>`);
  return element;
};

/* Tabs of a page. `open(name)` is called for a click on a tab that is not active. */
Portal.tabs = (names, active, open) => {
  const element = Portal.element(
    `<ul class="tabs-title-bar">${names
      .map(
        (name) =>
          `<li dusk="${name.toLowerCase()}-tab" class="${name === active ? "active-tab" : ""}"><a href="#${name}">${name}</a></li>`,
      )
      .join("")}</ul>`,
  );
  element.addEventListener("click", (event) => {
    const tab = event.target.closest("li");
    if (!tab) return;
    event.preventDefault();
    if (tab.classList.contains("active-tab")) return;
    [...element.children].forEach((li) => li.classList.toggle("active-tab", li === tab));
    open(tab.textContent.trim());
  });
  return element;
};

/* A modal that covers the page until Cancel (or OK) is clicked. */
Portal.coverModal = () => {
  const modal = Portal.element(`
<div class="ks-modal-mask"><div class="ks-modal" role="dialog"><div class="ks-modal-header">Location Alert</div>
<div class="ks-modal-body">This store has an open service note. Do you want to read it now?</div>
<div class="ks-modal-footer"><button type="button" class="button secondary"><span class="button-label"><span>Cancel</span></span></button>
<button type="button" class="button"><span class="button-label"><span>Read note</span></span></button></div></div></div>`);
  modal.addEventListener("click", (event) => {
    if (event.target.closest("button")) modal.remove();
  });
  document.getElementById("app").appendChild(modal);
};

/* A confirmation: a small one beside the button or, by option, a modal over the page. */
Portal.confirm = (anchor, text, action, run) => {
  document.querySelector(".ks-popover, .confirm-mask")?.remove();
  const modal = Portal.data.options.confirm === "modal";
  const popover = Portal.element(modal ? `
<div class="ks-modal-mask confirm-mask"><div class="ks-modal" role="dialog"><div class="ks-modal-body">${Portal.pad(text, 12)}</div>
<div class="ks-modal-footer"><button type="button" class="button secondary cancel"><span class="button-label"><span>Cancel</span></span></button>
<button type="button" class="button confirm"><span class="button-label"><span>${action}</span></span></button></div></div></div>` : `
<div class="ks-popover"><div class="text-sm">${Portal.pad(text, 12)}</div>
<button type="button" class="button small cancel"><span class="button-label"><span>Cancel</span></span></button>
<button type="button" class="button small confirm"><span class="button-label"><span>${action}</span></span></button></div>`);
  popover.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    popover.remove();
    if (button.classList.contains("confirm")) run();
  });
  if (modal) document.getElementById("app").appendChild(popover);
  else anchor.insertAdjacentElement("afterend", popover);
};

Portal.dropdowns = () => {
  document.querySelectorAll(".dropdown-wrapper").forEach((wrapper) => {
    const menu = wrapper.querySelector(".dropdown");
    wrapper.querySelector("a").addEventListener("click", (event) => {
      event.preventDefault();
      menu.style.display = menu.style.display === "none" ? "" : "none";
    });
  });
  document.querySelector(".logout-link").addEventListener("click", (event) => {
    event.preventDefault();
    document.querySelector(".logout-form").submit();
  });
};
