"use strict";
/* The per-grade section: an accordion with one open item; inputs exist only in the open one. */
Portal.gradeSection = (form, place) => {
  const { pad, escape: esc } = Portal;
  const { view } = form;
  const names = view.fields;
  const meterName = Portal.rename("has_meter_field", names.has_meter, names.has_meter.replace(/\d+/, (id) => String(Number(id) + 5000)));
  const itemId = Portal.rename("iteration_ids", "iteration-", "entry-item-");
  const header = (grade) => (Portal.data.options.grade_header === "prefixed" ? `Fuel Grade: ${grade}` : `${grade}:`);

  if (!view.items.length) {
    place.innerHTML = '<div class="muted p-3">Select equipment first.</div>';
    return;
  }
  /* What the user sees is kept here, saved or not: closing an item does not lose it. */
  const models = view.items.map((item) => ({
    price: item.price,
    [names.has_meter]: item.has_meter,
    ...(names.fill ? { [names.fill]: item.fill } : {}),
    prover: item.prover,
    ...(names.blend_ratio ? { field_5: item.blend_a, field_6: item.blend_b } : {}),
  }));
  const errors = view.items.map((item) => item.errors);

  const body = (index) => {
    const model = models[index];
    const fields = document.createDocumentFragment();
    const error = errors[index];
    fields.append(Portal.field("price", 1, "Fuel Price", Portal.textInput("field_0", model.price, (v) => { model.price = v; }), error.price));
    const blends = Portal.element('<div class="blend-ratios"></div>');
    const drawBlends = () => {
      blends.replaceChildren();
      if (!names.blend_ratio || model[names.has_meter] !== "1") return;
      blends.append(
        Portal.field("blend_a", 5, "Blend Ratio A", Portal.textInput("field_5", model.field_5, (v) => { model.field_5 = v; }), error.blend_a),
        Portal.field("blend_b", 6, "Blend Ratio B", Portal.textInput("field_6", model.field_6, (v) => { model.field_6 = v; }), error.blend_b),
      );
    };
    const meter = Portal.radios({ name: meterName, choices: { 1: "Yes", 2: "No" }, value: model[names.has_meter], onChange: (v) => { model[names.has_meter] = v; drawBlends(); } });
    fields.append(Portal.field("has_meter", 2, "Has Meter", meter, error.has_meter), blends);
    drawBlends();
    if (names.fill) {
      const fill = Portal.radios({ name: names.fill, choices: view.fill_types, value: model[names.fill], onChange: (v) => { model[names.fill] = v; } });
      fields.append(Portal.field("fill", 3, "Type of Fill", fill, error.fill));
    }
    const prover = Portal.select({
      name: "prover",
      placeholder: "Select Prover",
      value: model.prover ? { label: model.prover } : null,
      load: form.options("prover"),
      onChange: (option) => { model.prover = option.id; },
    });
    fields.append(Portal.field("prover", 4, "Prover", prover.element, error.prover));
    const button = Portal.element(Portal.saveButton());
    button.addEventListener("click", () => {
      const holder = button.closest(".panel-body");
      form.send(`/iterations/${index}`, models[index], (answer) => {
        form.saved(answer);
        errors[index] = answer.items[index].errors;
        Portal.showErrors(holder, errors[index]);
      }, holder);
    });
    fields.append(button);
    return fields;
  };

  view.items.forEach((item, index) => {
    const element = Portal.element(`
<div id="${itemId}${index}" class="form-entry-section inactive"><div class="panel-header list-panel-header flex jc-between align-center"><a href="#"><span>${pad(header(item.grade), 16)}</span></a></div><div class="panel-body" style="display: none;"><!----></div></div>`);
    element.querySelector(".panel-header").addEventListener("click", (event) => {
      event.preventDefault();
      open(index);
    });
    place.appendChild(element);
  });

  const open = (index) => {
    [...place.children].forEach((element, i) => {
      const panel = element.querySelector(".panel-body");
      const active = i === index;
      if (active === !element.classList.contains("inactive")) return;
      element.classList.toggle("inactive", !active);
      panel.style.display = active ? "" : "none";
      if (active) panel.replaceChildren(body(i));
      else panel.replaceChildren(document.createComment(""));
    });
  };
  open(0);
};
