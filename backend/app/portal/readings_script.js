// The readings of a form (Portal spec §5.4): runs after the page script and adds to it.
// Groups are told by the "+ Add Reading" at the end of each, never by the headers: what those say is not known.
(() => {
  const f = window.__fossawork;
  const { all, text, shown, idle, until, steady } = f;
  const NOT_TYPED = ["radio", "checkbox", "hidden", "button", "submit"];
  const ADD = /^\+?\s*Add Reading$/i;
  const PLACEHOLDER = "- Procedure -";

  const says = (selector, words) => all(selector).filter((node) => words.test(text(node)));
  const innermost = (nodes) => nodes.filter((node) => !nodes.some((other) => other !== node && node.contains(other)));

  const header = (node) => node.querySelector(".list-panel-header") || node.querySelector(".panel-header") || node;
  const title = (node) => {
    const copy = header(node).cloneNode(true);
    all("button, .ks-popover", copy).forEach((part) => part.remove());
    return text(copy);
  };
  // Readings per group in page order; `titles`: each reading's group and header; `adds`: for each group, which of all the nodes that say so adds to it.
  const layout = () => {
    const said = says("span, a, button", ADD);
    const adding = innermost(said).filter(shown);
    const readings = f.iterations();
    const before = (a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1);
    const groups = [];
    const titles = [];
    let count = 0;
    for (const node of [...readings, ...adding].sort(before)) {
      if (!adding.includes(node)) {
        titles.push([groups.length, title(node)]);
        count += 1;
        continue;
      }
      groups.push(count);
      count = 0;
    }
    return {
      groups,
      titles,
      behind: count,
      adds: adding.map((node) => said.indexOf(node)),
      ids: readings.map((node) => Number(node.id.replace("iteration-", ""))),
    };
  };

  const opened = (node) =>
    node !== null && !node.classList.contains("inactive") && node.querySelector(".ks-select, input, textarea") !== null;
  const openIndex = () => f.iterations().findIndex(opened);
  const isSection = () => {
    const readings = f.iterations();
    if (readings.length === 0 || f.equipmentBox()) return false;
    return says("span, a, button", ADD).some(shown) || readings.every((node) => node.querySelector('[title="Delete item"]'));
  };
  // The section of the readings; `after` is the section that it must not be (any more).
  const readingsReady = ({ after }) => {
    const match = /\/sections\/(\d+)/.exec(location.pathname);
    if (!idle() || !match || Number(match[1]) === after || !isSection()) return null;
    return { section: Number(match[1]), open: openIndex(), touched: f.touched === true, ...layout() };
  };
  const counted = ({ group, count }) => {
    if (!idle()) return null;
    const now = layout();
    return now.groups[group] === count ? now : null;
  };

  // ---- one reading -----------------------------------------------------------------------------------------------
  const typed = (scope) =>
    all("input, textarea", scope).filter((node) => !node.closest(".ks-select") && !NOT_TYPED.includes(node.type));
  const named = (label, labels) => {
    const hit = labels.find(([, words]) => new RegExp(words, "i").test(label));
    return hit ? hit[0] : null;
  };
  const procedureBox = (node, { procedures }) => {
    const boxes = all(".ks-select", node);
    if (boxes.length < 2) return boxes;
    return boxes.filter((box) => {
      const now = f.selection(box);
      return now === PLACEHOLDER || procedures.includes(now) || f.options(box).some((one) => procedures.includes(one));
    });
  };
  const read = (node, names) => {
    const problems = [];
    const ids = Object.entries(names.fields).find(([name]) => node.querySelector(`input[name="${name}"]`))?.[1];
    const every = all("input, textarea", node);
    const rest = new Set(typed(node));
    const fields = {};
    const fieldOf = (key, number) => {
      const box = number ? node.querySelector(`[id="field-${number}"]`) : null;
      let inputs = box ? (box.matches("input, textarea") ? [box] : typed(box)) : [];
      if (inputs.length > 0) {
        const label = text(box.querySelector(".label, label"));
        const other = named(label, names.labels);
        if (other && other !== key) problems.push(`the field of the ${key} is labelled "${label}"`);
      } else inputs = typed(node).filter((input) => named(f.inputLabel(input, node), names.labels) === key);
      if (inputs.length > 1) problems.push(`several fields of the ${key}`);
      return inputs[0] || null;
    };
    for (const key of ["temperature", "gpm", "start", "meniscus", "end"]) {
      const input = fieldOf(key, ids?.[key]);
      rest.delete(input);
      fields[key] = input ? { value: input.value.trim(), position: every.indexOf(input) } : null;
    }
    const variance = fieldOf("variance");
    if (variance && variance.readOnly) rest.delete(variance);
    const flow = f.field(node, "flow", Object.keys(names.fields));
    const boxes = procedureBox(node, names);
    if (boxes.length > 1) problems.push("several selections of the procedure");
    const others =
      [...rest].some((input) => input.value.trim()) ||
      all("input[type=radio], input[type=checkbox]", node).some(
        (input) => input.checked && !flow.some((one) => one.name === input.name),
      );
    if (!ids && flow.length + boxes.length + Object.values(fields).filter(Boolean).length === 0) problems.push("no field at all");
    return {
      index: Number(node.id.replace("iteration-", "")),
      title: title(node),
      fields,
      flow,
      procedure: boxes[0] ? { text: f.selection(boxes[0]), position: all(".ks-select", node).indexOf(boxes[0]) } : null,
      variance: variance ? variance.value.trim() : "",
      others,
      problems,
      errors: f.errors(),
    };
  };
  const readingOpen = ({ index, names, touch }) => {
    const node = f.panel(index);
    if (!idle() || !opened(node)) return null;
    if (touch) f.touched = true; // whatever is typed from here on is in this document only, until it is saved
    return read(node, names);
  };
  // The open list of the procedures: at once when the wanted one is there, else when it stands still.
  const procedureOffered = ({ index, names, wanted, settle }) => {
    const [box] = procedureBox(f.panel(index), names);
    const drop = box?.querySelector(".ks-select-dropdown");
    if (!box || !idle() || (drop && !shown(drop))) return null;
    const labels = f.options(box);
    return labels.includes(wanted) || steady(`procedures ${labels.join("|")}`, settle) ? labels : null;
  };
  // What asks whether a reading shall really go: which of the nodes that say "Remove" is it.
  const confirmation = () => {
    if (!idle()) return null;
    const said = says("button, a, span", /^Remove$/);
    const asking = innermost(said).filter(shown);
    return asking.length > 0 ? asking.map((node) => said.indexOf(node)) : null;
  };

  // Opens one reading after the other and reads its values, for at most `ms`; goes on from where it ended before.
  const readReadings = async ({ from, names, ms, drop }) => {
    const end = performance.now() + ms;
    const found = [];
    for (let index = from; index < f.iterations().length; index += 1) {
      let clicked = -Infinity;
      const state = await until(() => {
        const node = f.panel(index);
        if (!node || !idle()) return null;
        if (opened(node)) return read(node, names);
        if (performance.now() - clicked > drop) {
          clicked = performance.now();
          header(node).click();
        }
        return null;
      }, Math.max(0, end - performance.now()));
      if (state.state !== "done") return { state: state.state, index, found };
      found.push(state.value);
    }
    return { state: "done", found };
  };

  Object.assign(f, { readingsReady, counted, readingOpen, procedureOffered, confirmation, readReadings });
})();
