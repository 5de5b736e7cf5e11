// Runs in every document of the portal before its own scripts: conditions and bulk reads for the page objects.
// It only looks; whatever changes something is done by real clicks, except opening panels in order to read them.
(() => {
  const text = (node) => (node ? node.textContent.replace(/\s+/g, " ").trim() : "");
  const shown = (node) => {
    if (!node || node.getClientRects().length === 0) return false;
    return getComputedStyle(node).visibility !== "hidden";
  };
  const all = (selector, scope = document) => Array.from(scope.querySelectorAll(selector));
  const idle = () => !all(".loader-line, .ks-spin-loading").some(shown);
  const signedOut = () => document.querySelector("form.login-form, .login-container, body#home") !== null;
  const inShell = () => document.querySelector("#app-footer, #sidebar, #app .top-bar") !== null;
  const leading = (label) => {
    const match = /^\s*(\d+(?:\/\d+)?)(?![\w/])/.exec(label || "");
    return match ? match[1].split("/").map(Number).join("/") : "";
  };

  let running = 0;
  // Waits until check() gives something else than false/null/undefined. One wait at a time: a new one ends the old.
  const until = (check, ms, guest = false) =>
    new Promise((resolve, reject) => {
      const mine = ++running;
      const start = performance.now();
      let over = false;
      const end = (answer) => {
        over = true;
        observer.disconnect();
        clearInterval(timer);
        resolve(answer);
      };
      const look = () => {
        if (over) return;
        if (mine !== running) return end({ state: "superseded" });
        try {
          if (!document.body) return; // the document has only begun
          if (!guest && signedOut()) return end({ state: "login" });
          const value = check();
          if (value !== false && value !== null && value !== undefined) return end({ state: "done", value });
        } catch (error) {
          over = true;
          observer.disconnect();
          clearInterval(timer);
          return reject(error);
        }
        if (performance.now() - start > ms) end({ state: "timeout" });
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      const timer = setInterval(look, 25);
      look();
    });

  // True once the same key has been seen for so long: for states that are believed only when they stand still.
  let steadyKey = null;
  let steadySince = 0;
  const steady = (key, ms) => {
    if (key !== steadyKey) {
      steadyKey = key;
      steadySince = performance.now();
    }
    return performance.now() - steadySince >= ms;
  };

  // ---- clicking --------------------------------------------------------------------------------------------------
  // Where a real click hits the node itself, right now; null when that is not plain (covered, moving, still loading …).
  // Should something else have come to lie there when the click arrives, the click is swallowed: it counts as dropped.
  let unguard = () => {};
  const guard = (node) => {
    const types = ["pointerdown", "mousedown", "pointerup", "mouseup", "click"];
    let swallow = null;
    const check = (event) => {
      if (swallow === null) swallow = !node.contains(event.target);
      if (swallow) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
      if (event.type === "click") unguard();
    };
    for (const type of types) window.addEventListener(type, check, true);
    unguard = () => {
      for (const type of types) window.removeEventListener(type, check, true);
      unguard = () => {};
    };
  };
  const aim = (node) => {
    if (!idle() || !shown(node) || node.matches(":disabled")) return null;
    const moves = (animation) => animation.playState === "running" && animation.effect?.target?.contains(node);
    if (document.getAnimations().some(moves)) return null;
    const middle = () => {
      const box = node.getClientRects()[0];
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    };
    const hit = ({ x, y }) => node.contains(document.elementFromPoint(x, y));
    if (!hit(middle())) node.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const point = middle();
    if (!hit(point)) return null;
    unguard();
    guard(node);
    return point;
  };

  // ---- work list -------------------------------------------------------------------------------------------------
  const limitBox = () => all(".ks-select").find((box) => box.querySelector('input[name="limit"]'));
  const list = () => {
    const rows = all(".work-list-item");
    const total = all('[class*="length-aware-pagination"] *')
      .map((node) => /^([\d,]+) match(?:es)?$/i.exec(text(node)))
      .find(Boolean);
    const current = document.querySelector('[class*="length-aware-pagination"] .current-page');
    const box = limitBox();
    const size = box ? /(\d+)/.exec(text(box.querySelector(".ks-select-selection"))) : null;
    const id = (node) => (/(?:^|\s)(w-\d+)(?:\s|$)/.exec(node?.className || "") || [])[1] || "";
    return {
      rows: rows.length,
      first: id(rows[0]),
      last: id(rows[rows.length - 1]),
      matches: total ? Number(total[1].replace(/,/g, "")) : null,
      page: current ? Number(text(current)) : null,
      size: size ? Number(size[1]) : null,
    };
  };
  // The list as it is once it is loaded: at once when its counts agree, else only when it stands still.
  const listReady = ({ settle, page, after, size, before }) => {
    if (!idle() || !document.querySelector(".work-list-item, #work-order-search-bar, .search-header")) return null;
    const now = list();
    const key = JSON.stringify(now);
    const still = steady(key, settle);
    if (page && now.page !== null && now.page !== page) return null;
    if (after && now.first === after && now.rows > 0) return null;
    if (size && now.size !== size) return null;
    if (now.rows > 0 && now.matches !== null && now.size !== null && now.page !== null) {
      if (now.rows === Math.min(now.size, now.matches - (now.page - 1) * now.size)) return now;
    } else if (now.rows > 0 && !(size && now.rows === before)) return now;
    return still ? now : null;
  };

  // ---- location --------------------------------------------------------------------------------------------------
  const equipmentTab = () =>
    document.querySelector('[dusk="equipment-tab"]') ||
    all(".tabs-title-bar li, [role=tab]").find((node) => text(node) === "Equipment");
  const dispenserToggle = () =>
    all(".group-heading a").find((node) => /^dispensers?\s*\(\d+\)$/i.test(text(node))) || null;
  const modalCancel = () =>
    all(".ks-modal, .modal, [role=dialog]")
      .filter(shown)
      .flatMap((modal) => all("button, a", modal))
      .find((node) => shown(node) && text(node) === "Cancel");
  // The same for a node that such a dialog covers, unless the node is the dialog's own.
  const covering = (node) => {
    const cancel = modalCancel();
    return cancel && !cancel.closest(".ks-modal, .modal, [role=dialog]").contains(node) ? cancel : null;
  };
  const deleted = () => /could not find this location/i.test(text(document.querySelector(".content") || document.body));
  const locationStep = ({ settle }) => {
    if (!idle()) return null;
    if (!document.querySelector(".group-heading") && deleted()) return "deleted";
    if (modalCancel()) return "modal";
    const tab = equipmentTab();
    const toggle = dispenserToggle();
    const active = tab && (tab.matches(".active-tab, .active, .is-active") || tab.closest(".active-tab") !== null);
    if (!toggle) {
      if (tab && !active) return "tab";
      return all(".group-heading").length > 0 && steady("no dispensers", settle) ? "done" : null;
    }
    if (/^show/i.test(toggle.title)) return "expand";
    const heading = toggle.closest(".group-heading");
    const wanted = Number(/\((\d+)\)$/.exec(text(toggle))[1]);
    let cards = 0;
    for (let box = heading.nextElementSibling; box && !box.matches(".group-heading"); box = box.nextElementSibling) {
      cards += all(".custom-fields-view", box).length || box.children.length;
    }
    return cards === wanted || steady(`cards ${cards}`, settle) ? "done" : null;
  };

  // ---- visit -----------------------------------------------------------------------------------------------------
  const visit = () => {
    const headers = all('[dusk="suggested_forms"] .plain-header').map((node) => {
      const label = text(node.querySelector("span.text-sm") || node.querySelector("span"));
      const match = /^(?:\((\d+)\)\s*)?(.*)$/.exec(label);
      return { name: match[2], count: Number(match[1] || 0) };
    });
    const entries = {};
    for (const link of all('.form-entries a[href*="/form-entries/"]')) {
      const match = /\/form-entries\/(\d+)\/?(?:[?#]|$)/.exec(link.getAttribute("href"));
      if (!match) continue;
      const name = text(link.querySelector("span.text-sm, .form-entry-label"));
      entries[match[1]] = entries[match[1]] || name;
    }
    return { headers, entries };
  };
  const visitReady = ({ settle }) => {
    if (!idle() || !document.querySelector('[dusk="suggested_forms"]')) return null;
    const now = visit();
    const counted = (name) => Object.values(now.entries).filter((kind) => kind === name).length;
    const agree = now.headers.length > 0 && now.headers.every((header) => counted(header.name) === header.count);
    return agree || steady(JSON.stringify(now), settle) ? now : null;
  };
  const visitGrown = ({ type, before }) => {
    if (!idle()) return null;
    const now = visit();
    const header = now.headers.find((item) => item.name === type);
    const mine = Object.keys(now.entries).filter((id) => now.entries[id] === type);
    const fresh = mine.filter((id) => !before.includes(id));
    return header && fresh.length > 0 && header.count === mine.length ? now : null;
  };

  // ---- forms -----------------------------------------------------------------------------------------------------
  const selection = (box) => text(box?.querySelector(".ks-select-selection"));
  const options = (box) => all(".autocomplete-list li", box).map(text);
  const radios = (inputs) =>
    inputs.map((input) => {
      const label = input.closest("label");
      return {
        name: input.name,
        value: input.value,
        label: text(label?.querySelector(".ks-radio-label-wrapper") || label),
        active: label ? label.classList.contains("ks-state-active") : input.checked,
      };
    });
  const byLabel = (scope, wanted) => {
    for (const label of all(".label, label, .form-label", scope)) {
      if (text(label).replace(/[:*\s]+$/, "").toLowerCase() !== wanted) continue;
      for (let box = label.parentElement; box && scope.contains(box); box = box.parentElement) {
        const inputs = all("input[type=radio]", box);
        if (inputs.length === 0) continue;
        if (new Set(inputs.map((input) => input.name)).size === 1) return inputs;
        break;
      }
    }
    return [];
  };
  const byName = (scope, names) => all("input[type=radio]", scope).filter((input) => names.includes(input.name));
  const field = (scope, label, names) => {
    const inputs = byLabel(scope, label);
    return radios(inputs.length ? inputs : byName(scope, names));
  };
  const errors = (scope = document) => all(".error-msg.show-msg", scope).filter(shown).map(text).filter(Boolean);
  const next = () => {
    const links = all("a.next-section");
    return links.length ? links.some((link) => !link.classList.contains("disabled")) : null;
  };
  const equipmentBox = () => document.querySelector(".form-entry-equipment .ks-select");
  const sectionOne = ({ sizeNames }) => {
    const box = equipmentBox();
    return {
      equipment: selection(box),
      options: options(box),
      sizes: field(document, "prover size", sizeNames),
      next: next(),
      errors: errors(),
      boxes: all(".form-entry-equipment .ks-select").length,
    };
  };
  const sectionOneReady = (names) => (idle() && equipmentBox() ? sectionOne(names) : null);
  // The options of an open list: at once when exactly what is looked for is there, else when they stand still.
  const offered = ({ selector, number, contains, settle }) => {
    const box = document.querySelector(selector);
    const drop = box?.querySelector(".ks-select-dropdown");
    if (!box || !idle() || (drop && !shown(drop))) return null;
    const labels = options(box);
    const hit = labels.some((label) => (number ? leading(label) === number : label.includes(contains)));
    return hit || steady(`options ${labels.join("|")}`, labels.length ? settle : settle * 3) ? labels : null;
  };

  const panel = (index) => document.getElementById(`iteration-${index}`);
  const body = (node) => node?.querySelector(".panel-body");
  const open = (node) => shown(body(node)) && body(node).querySelector("input") !== null;
  const inputLabel = (input, scope) => {
    for (let box = input.parentElement; box && scope.contains(box); box = box.parentElement) {
      const label = Array.from(box.children).find((child) => child.matches(".label, label"));
      if (label) return text(label).toLowerCase();
    }
    return (input.placeholder || input.name || "").toLowerCase();
  };
  const grade = (node, names) => {
    const index = Number(node.id.replace("iteration-", ""));
    const header = text(node.querySelector(".panel-header a span")) || text(node.querySelector(".panel-header"));
    if (!open(node)) return { index, header, expanded: false };
    const scope = body(node);
    const inputs = all("input[type=text]", scope).filter((input) => !input.closest(".ks-select"));
    const labelled = (word) => inputs.filter((input) => inputLabel(input, scope).includes(word));
    return {
      index,
      header,
      expanded: true,
      meter: field(scope, "has meter", names.meter),
      fill: field(scope, "type of fill", names.fill),
      provers: all(".ks-select", scope).map((box) => ({ text: selection(box), options: options(box) })),
      price: labelled("price").map((input) => input.value)[0] ?? null,
      blends: labelled("blend").map((input) => input.value),
      errors: errors(node),
    };
  };
  const iterations = () => all('[id^="iteration-"]').filter((node) => /^iteration-\d+$/.test(node.id));
  const grades = (names) => iterations().map((node) => grade(node, names));
  const gradesReady = (names) => {
    const match = /\/sections\/(\d+)/.exec(location.pathname);
    if (!idle() || !match || equipmentBox() || iterations().length === 0) return null;
    return { section: Number(match[1]), next: next(), panels: grades(names) };
  };
  const gradeOpen = ({ index, names }) => (idle() && open(panel(index)) ? grade(panel(index), names) : null);
  // Opens every grade in turn and reads its values.
  const readGrades = async ({ names, ms, drop }) => {
    const found = [];
    const count = iterations().length;
    for (let index = 0; index < count; index += 1) {
      const deadline = performance.now() + ms;
      let clicked = -Infinity;
      const state = await until(() => {
        const node = panel(index);
        if (!node || !idle()) return null;
        if (open(node)) return grade(node, names);
        if (performance.now() - clicked > drop) {
          clicked = performance.now();
          (node.querySelector(".panel-header a") || node.querySelector(".panel-header")).click();
        }
        return null;
      }, Math.max(0, deadline - performance.now()));
      if (state.state !== "done") return { state: state.state, index };
      found.push(state.value);
    }
    return { state: "done", value: { panels: found, next: next() } };
  };
  const saved = ({ index }) => {
    if (!idle()) return null;
    const scope = index === null ? document : panel(index) || document;
    return { errors: errors(scope), next: next() };
  };

  window.__fossawork = {
    until, text, shown, all, idle, aim, signedOut, inShell, steady, list, listReady, limitBox, equipmentTab, dispenserToggle,
    modalCancel, covering, locationStep, visit, visitReady, visitGrown, sectionOne, sectionOneReady, offered, grades, gradesReady,
    gradeOpen, readGrades, saved, errors, next, open, panel, selection, inputLabel,
    options, field, iterations, equipmentBox,
  };
})();
