"use strict";
/* The readings section: groups of side and grade, one open reading, add and delete with renumbering. */
Portal.readingSection = (form, place) => {
  const { pad } = Portal;
  const names = form.view.fields;
  const known = Portal.data.options;
  const ids = names.reading_ids;
  const field = (key, id, label, control, message) => {
    const element = Portal.field(key, known.reading_ids ? id : null, label, control, message);
    if (!known.reading_labels) element.querySelector(".label").remove();
    return element;
  };
  const itemId = Portal.rename("iteration_ids", "iteration-", "entry-item-");
  const keys = ["temperature", "gpm", "start", "meniscus", "end"];
  const labels = { temperature: "Temperature", gpm: "GPM", start: "Start Reading", meniscus: "Meniscus", end: "End Reading" };
  /* Models by reading id hold what is on the screen, saved or not. */
  const models = new Map();
  let readings = [];
  let active = 0;

  const take = (list) => {
    readings = list.map((reading) => {
      const known = models.get(reading.id);
      const model = known || { ...reading };
      model.errors = reading.errors;
      models.set(reading.id, model);
      return model;
    });
  };

  const body = (model) => {
    const fields = document.createDocumentFragment();
    const text = (key) =>
      field(key, ids[key], labels[key], Portal.textInput("field_0", model[key], (v) => { model[key] = v; }), model.errors[key]);
    const flow = Portal.radios({ name: names.flow, choices: known.flow_labels, value: model.flow, onChange: (v) => { model.flow = v; } });
    const procedure = Portal.select({
      name: "procedure",
      placeholder: "- Procedure -",
      value: model.procedure ? { label: model.procedure } : null,
      options: form.view.procedures.map((label) => ({ id: label, label })),
      onChange: (option) => { model.procedure = option.id; },
    });
    const variance = Portal.element('<input type="text" name="field_0" readonly>');
    variance.value = model.variance;
    fields.append(
      field("procedure", ids.temperature + 1, "Procedure", procedure.element, model.errors.procedure),
      text("temperature"),
      field("flow", ids.temperature + 2, "Flow", flow, model.errors.flow),
      text("gpm"), text("start"), text("meniscus"), text("end"),
      field("variance", ids.variance, "Variance", variance, model.errors.variance),
    );
    return fields;
  };

  /* What a header says is unknown: nothing may depend on it. */
  const title = (model, index, number) => {
    if (known.reading_title === "blank") return "";
    return known.reading_title === "number" ? `Reading ${index + 1}` : `${model.side} ${model.grade} - Reading ${number}`;
  };
  const addMarkup = () => {
    const label = Portal.escape(known.add_label);
    if (known.add_element === "span") return `<span class="add-link">${label}</span>`;
    if (known.add_element === "button") return `<button type="button" class="button small"><span class="button-label"><span>${label}</span></span></button>`;
    return `<a href="#"><span>${label}</span></a>`;
  };

  const draw = () => {
    place.replaceChildren();
    if (!readings.length) place.innerHTML = '<div class="muted p-3">Select equipment first.</div>';
    readings.forEach((model, index) => {
      const inactive = index === active ? "" : " inactive";
      const alternate = index % 2 ? " alt-background" : "";
      const number = readings.slice(0, index).filter((r) => r.side === model.side && r.grade === model.grade).length + 1;
      const element = Portal.element(`
<div class="form-entry-section${inactive}" id="${itemId}${index}"><div class="panel-header list-panel-header flex jc-between align-center${inactive}${alternate}"><a href="#"><span>${pad(title(model, index, number), 16)}</span></a><div class="delete-place"><button type="button" title="Delete item"><span class="button-label"><span>${Portal.icon("trash-can", "M4 4h8l-1 11H5zM3 2h10v1H3z")}</span></span></button></div></div></div>`);
      element.querySelector(".panel-header").addEventListener("click", (event) => {
        if (event.target.closest(".delete-place")) return;
        event.preventDefault();
        open(index);
      });
      const button = element.querySelector("button");
      button.addEventListener("click", () => Portal.confirm(button, "Remove this reading?", "Remove", () => remove(model)));
      if (index === active) {
        const panel = Portal.element('<div class="panel-body"></div>');
        panel.appendChild(body(model));
        element.appendChild(panel);
      } else element.appendChild(document.createComment(""));
      place.appendChild(element);
      const following = readings[index + 1];
      if (!following || following.side !== model.side || following.grade !== model.grade) {
        const add = Portal.element(`<div class="add-reading">${addMarkup()}</div>`);
        add.addEventListener("click", (event) => {
          event.preventDefault();
          append(model);
        });
        place.appendChild(add);
      }
    });
    const button = Portal.element(Portal.saveButton());
    button.addEventListener("click", save);
    place.appendChild(button);
  };

  const row = (model) => ({ id: model.id, flow: model.flow, procedure: model.procedure, ...Object.fromEntries(keys.map((key) => [key, model[key]])) });

  /* Another reading is opened: the small spinner shows while it is fetched; only with autosave is the left one stored. */
  const open = async (index) => {
    if (index === active) return;
    const left = readings[active];
    const wanted = readings[index];
    await form.send("/readings/open", { reading: wanted.id, left: left ? row(left) : null }, () => {
      active = index;
      draw();
    });
  };
  const changed = (answer, position) => {
    form.saved(answer.view);
    take(answer.view.readings);
    active = Math.min(position, readings.length - 1);
    draw();
  };
  const append = (model) =>
    form.send("/readings/add", { side: model.side, grade: model.grade }, (answer) => changed(answer, answer.index));
  const remove = (model) =>
    form.send("/readings/delete", { reading: model.id }, (answer) => {
      const position = answer.index < active ? active - 1 : active;
      models.delete(model.id);
      changed(answer, position);
    });
  const save = () =>
    form.send("", { readings: readings.map(row) }, (answer) => {
      form.saved(answer);
      answer.readings.forEach((reading) => {
        const model = models.get(reading.id);
        model.variance = reading.variance;
        model.errors = reading.errors;
      });
      draw();
    });

  take(form.view.readings);
  draw();
};
