"use strict";
/* A form entry: frame shared by all sections, and the first section. */
Portal.pages.form = async () => {
  const { entry_id: entry, section = "first" } = Portal.data.params;
  const scope = Portal.data.scopes.form;
  const content = Portal.element(`<div ${scope}="" class="form-entry-content panel p-3"></div>`);
  Portal.root().appendChild(content);
  const done = Portal.spin(content);
  let view;
  try {
    view = await Portal.get(`/xhr/form-entries/${entry}/sections/${section}`);
  } catch (error) {
    content.remove();
    return Portal.missing(error);
  } finally {
    done();
  }

  const form = {
    base: `/xhr/form-entries/${entry}/sections/${section}`,
    options: (name) => async () => (await Portal.get(`/xhr/form-entries/${entry}/options/${name}`)).options,
    content,
    view,
    /* Run a request with the spinner inside `holder`; the answer goes to `draw`. */
    send: async (path, body, draw, holder = content) => {
      const stop = Portal.spin(holder);
      try {
        draw(await Portal.post(`${form.base}${path}`, body));
      } catch (error) {
        Portal.failed(error);
      } finally {
        stop();
      }
    },
    saved: (answer) => {
      form.view = answer;
      content.querySelector("a.next-section")?.classList.toggle("disabled", !answer.saved);
    },
  };

  content.innerHTML = `
<div class="form-entry-header flex jc-between align-center"><h2 class="form-entry-title">${Portal.pad(view.template, 8)}</h2><a href="${view.back}" class="text-sm">Back to visit</a></div>
<div class="text-sm muted bound-equipment">${view.equipment && section !== "first" ? Portal.pad(view.equipment.label, 8) : ""}</div>
<div class="form-entry-sections"></div>
<div class="form-entry-navigation flex jc-between mt-4"><span></span>${view.next ? `<a href="${view.next}" class="next-section button${view.saved ? "" : " disabled"}">${Portal.pad("Next", 8)}</a>` : ""}</div>`;
  content.querySelector("a.next-section")?.addEventListener("click", (event) => {
    if (event.currentTarget.classList.contains("disabled")) event.preventDefault();
  });
  const place = content.querySelector(".form-entry-sections");
  if (section === "first") Portal.firstSection(form, place);
  else if (view.items) Portal.gradeSection(form, place);
  else Portal.readingSection(form, place);
  if (Portal.data.faults.modal) Portal.coverModal();
  return undefined;
};

/* The error line below a field. */
Portal.fieldError = (message) => `<div class="error-msg${message ? " show-msg" : ""}">${message ? Portal.escape(message) : ""}</div>`;

Portal.showErrors = (holder, errors) => {
  holder.querySelectorAll(".form-field").forEach((field) => {
    const line = field.querySelector(".error-msg");
    const message = errors[field.key];
    line.textContent = message || "";
    line.classList.toggle("show-msg", Boolean(message));
  });
};

/* A labelled field with room for its control and its error. */
Portal.field = (key, id, label, control, message, classes = "") => {
  const element = Portal.element(`<div class="form-field mb-2${classes ? ` ${classes}` : ""}"${id === null ? "" : ` id="field-${id}"`}><div class="label">${Portal.pad(label, 12)}</div><div class="control"></div>${Portal.fieldError(message)}</div>`);
  element.key = key;
  element.querySelector(".control").appendChild(control);
  return element;
};

Portal.textInput = (name, value, onInput) => {
  const input = Portal.element(`<input type="text" name="${Portal.escape(name)}" autocomplete="off">`);
  input.value = value || "";
  input.addEventListener("input", () => onInput(input.value));
  return input;
};

Portal.firstSection = (form, place) => {
  const { view } = form;
  const section = Portal.element('<div class="form-entry-section"><div class="panel-header"><span>General</span></div><div class="panel-body"></div></div>');
  const body = section.querySelector(".panel-body");
  const values = { equipment: view.equipment ? view.equipment.id : null };
  const sizeName = view.fields.prover_size;
  if (sizeName) values[sizeName] = view.prover_size;

  const equipment = Portal.select({
    name: "equipment",
    placeholder: "Select Equipment",
    value: view.equipment,
    load: form.options("equipment"),
    onChange: (option) => { values.equipment = option.id; },
  });
  body.appendChild(Portal.field("equipment", 1, "Equipment", equipment.element, view.errors.equipment, "form-entry-equipment"));
  if (sizeName) {
    const sizes = Portal.radios({ name: sizeName, choices: view.prover_sizes, value: view.prover_size, onChange: (value) => { values[sizeName] = value; } });
    body.appendChild(Portal.field("prover_size", 2, "Prover Size", sizes, view.errors.prover_size));
  }
  const button = Portal.element(Portal.saveButton());
  button.addEventListener("click", () =>
    form.send("", values, (answer) => {
      form.saved(answer);
      Portal.showErrors(body, answer.errors);
    }, section),
  );
  body.appendChild(button);
  place.appendChild(section);
};
