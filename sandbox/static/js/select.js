"use strict";
/* The ks-select: a div that plays a select. The highlighted `selected-item` is a keyboard position, never the value. */
Portal.select = ({ name, value = null, placeholder = "Select...", options = [], load = null, onChange = () => {}, classes = "" }) => {
  const element = Portal.element(`
<div class="ks-select${classes ? ` ${classes}` : ""}" tabindex="0">
    <input type="text" class="select-input-field" name="${Portal.escape(name)}" tabindex="-1" autocomplete="off">
    <div class="ks-select-selection"></div>
    <div class="ks-select-dropdown" style="display: none;">
        <div class="ks-select-dropdown-input" style="display: none;"><input type="text" autocomplete="new-password" placeholder="Select..."></div>
        <div><div>${Portal.loaderLine()}</div></div>
        <div class="ks-select-list"><ul class="autocomplete-list" style="max-height: 250px; top: 0px;"></ul></div>
    </div>
</div>`);
  const selection = element.querySelector(".ks-select-selection");
  const dropdown = element.querySelector(".ks-select-dropdown");
  const list = element.querySelector(".autocomplete-list");
  const line = element.querySelector(".loader-line");
  const state = { options, value, highlight: 0, open: false, loaded: load === null, loading: false };

  const label = () => (state.value ? state.value.label : placeholder);
  const drawSelection = () => {
    selection.innerHTML = `${Portal.pad(label(), 20)}<span class="ks-select-arrow"></span>\n`;
    selection.classList.toggle("placeholder", !state.value);
  };
  const drawList = () => {
    list.innerHTML = state.options
      .map((o, i) => `<li class="${i === state.highlight ? "selected-item" : ""}">${Portal.pad(o.label, 20)}</li>`)
      .join("");
  };
  const highlight = (index) => {
    state.highlight = index;
    [...list.children].forEach((li, i) => li.classList.toggle("selected-item", i === index));
  };
  const show = (open) => {
    state.open = open;
    dropdown.style.display = open ? "" : "none";
    element.classList.toggle("ks-select-open", open);
    Portal.openSelect = open ? { element, close: () => show(false) } : null;
    if (open) fetchOptions();
  };
  const fetchOptions = async () => {
    if (state.loaded || state.loading) return;
    state.loading = true;
    const done = Portal.busy(line);
    try {
      state.options = await load();
      state.loaded = true;
      drawList();
    } catch (error) {
      Portal.failed(error);
    } finally {
      state.loading = false;
      done();
    }
  };
  const choose = (index) => {
    const option = state.options[index];
    if (!option) return;
    state.value = option;
    drawSelection();
    show(false);
    onChange(option);
  };

  selection.addEventListener("click", () => {
    const other = Portal.openSelect;
    if (other && other.element !== element) other.close();
    show(!state.open);
  });
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) choose([...list.children].indexOf(item));
  });
  element.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key === "Escape") show(false);
    else if (event.key === "Enter" && state.open) choose(state.highlight);
    else if (event.key === "Enter" || event.key === "ArrowDown" && !state.open) show(true);
    else if (moves[event.key]) highlight(Math.max(0, Math.min(state.options.length - 1, state.highlight + moves[event.key])));
    else return;
    event.preventDefault();
  });

  drawSelection();
  drawList();
  /* Late options: asked for when the widget appears (or when it is opened), there some time later. */
  if (load && Portal.data.options.options_load === "mount") fetchOptions();
  return { element, get value() { return state.value; } };
};

/* One open list at a time; a click elsewhere closes it. */
Portal.openSelect = null;
document.addEventListener("click", (event) => {
  const open = Portal.openSelect;
  if (open && !open.element.contains(event.target)) open.close();
});
