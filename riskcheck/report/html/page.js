
"use strict";
// Filters, keys and the theme. Everything shown is in the page already: this only shows and hides, and writes text.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const byId = (id) => document.getElementById(id);
  const findings = Array.from(document.querySelectorAll(".finding"));
  const form = byId("filters");
  const levels = form ? Array.from(form.querySelectorAll("[data-level]")) : [];
  const CHOICES = ["service", "environment", "category"];
  const words = new Map();

  const chosen = () => Object.fromEntries(CHOICES.map((name) => [name, byId("by-" + name)?.value ?? ""]));
  const pressed = () => levels.filter((one) => one.getAttribute("aria-pressed") === "true").map((one) => one.dataset.level);
  const textOf = (finding) => {
    if (!words.has(finding)) words.set(finding, finding.textContent.toLowerCase());
    return words.get(finding);
  };

  function apply() {
    if (!form) return;
    const asked = chosen();
    const shownLevels = new Set(pressed());
    const terms = byId("q").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of findings) {
      const told = one.dataset;
      const fits = shownLevels.has(told.level)
        && (!asked.service || told.service === asked.service)
        && (!asked.category || told.category === asked.category)
        && (!asked.environment || told.environments.split("|").includes(asked.environment.replaceAll("|", "/")))
        && terms.every((term) => textOf(one).includes(term));
      one.hidden = !fits;
      if (fits) shown += 1;
    }
    byId("shown").textContent = shown + " of " + findings.length;
    byId("none").hidden = shown > 0;
    for (const row of document.querySelectorAll(".matrix tbody tr")) {
      row.classList.toggle("chosen", asked.service !== "" && row.dataset.service === asked.service);
    }
    for (const head of document.querySelectorAll(".matrix .names th[title]")) {
      head.classList.toggle("chosen", asked.environment !== "" && head.title === asked.environment);
    }
    document.dispatchEvent(new CustomEvent("riskcheck:filtered", { detail: asked }));
  }

  function written() {
    const parts = [];
    const on = pressed();
    if (on.length !== levels.length) parts.push("level=" + encodeURIComponent(on.join(",") || "none"));
    for (const [name, value] of Object.entries(chosen())) if (value) parts.push(name + "=" + encodeURIComponent(value));
    const query = byId("q").value.trim();
    if (query) parts.push("q=" + encodeURIComponent(query));
    return parts.join("&");
  }

  function remember() {
    apply();
    const hash = written();
    history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
  }

  function decoded(part) {
    try { return decodeURIComponent(part); } catch { return ""; }
  }

  // A value that a list does not offer (no finding has it) is added to it: a filter must never be dropped unseen.
  function choose(name, value) {
    const list = byId("by-" + name);
    if (!list) return;
    if (value && !Array.from(list.options).some((one) => one.value === value)) {
      const option = document.createElement("option");
      option.value = value;
      option.textContent = value;
      list.append(option);
      list.closest("label").hidden = false;
    }
    list.value = value;
  }

  function recall() {
    const hash = location.hash.slice(1);
    if (!form || (hash && !hash.includes("="))) { opened(hash); return; }
    const asked = new Map(hash.split("&").filter(Boolean).map((part) => {
      const cut = part.indexOf("=");
      return [part.slice(0, cut), decoded(part.slice(cut + 1))];
    }));
    const on = asked.has("level") ? asked.get("level").split(",") : null;
    for (const one of levels) one.setAttribute("aria-pressed", String(!on || on.includes(one.dataset.level)));
    for (const name of CHOICES) choose(name, asked.get(name) ?? "");
    byId("q").value = asked.get("q") ?? "";
    apply();
  }

  // An address of one finding opens it; one of a part that is folded opens that.
  function opened(id) {
    const target = id ? byId(decoded(id)) : null;
    const fold = target?.closest("details");
    if (fold) { fold.open = true; target.scrollIntoView(); }
  }

  function visible() { return findings.filter((one) => !one.hidden); }

  function walk(step) {
    const held = visible();
    const here = held.findIndex((one) => one.contains(document.activeElement));
    const next = held[here < 0 ? (step > 0 ? 0 : held.length - 1) : Math.min(Math.max(here + step, 0), held.length - 1)];
    if (!next) return;
    const target = next.querySelector(":scope > summary") ?? next;
    if (target === next) next.tabIndex = -1;
    target.focus();
    target.scrollIntoView({ block: "nearest" });
  }

  function unfold(open) {
    for (const one of visible()) if (one.tagName === "DETAILS") one.open = open;
    label();
  }

  function label() {
    const button = byId("all");
    if (button) button.textContent = allOpen() ? "Close all" : "Open all";
  }

  function allOpen() {
    const folds = visible().filter((one) => one.tagName === "DETAILS");
    return folds.length > 0 && folds.every((one) => one.open);
  }

  function clear() {
    for (const one of levels) one.setAttribute("aria-pressed", "true");
    for (const name of CHOICES) choose(name, "");
    byId("q").value = "";
    remember();
  }

  function toggled(button) {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    remember();
  }

  const KEYS = {
    "/": () => byId("q")?.focus(),
    j: () => walk(1),
    k: () => walk(-1),
    x: () => unfold(!allOpen()),
    c: () => form && clear(),
    g: () => { const graph = byId("graph"); if (graph?.offsetParent) { graph.focus(); graph.scrollIntoView({ block: "center" }); } },
    "?": () => byId("keys").showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.matches("input, select, textarea") || byId("keys").open) {
      if (event.key === "Escape" && event.target.id === "q") event.target.blur();
      return;
    }
    const level = levels.find((one) => one.dataset.level === "P" + (Number(event.key) - 1));
    const act = /^[1-4]$/.test(event.key) ? (level && (() => toggled(level))) : KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  const THEMES = ["auto", "light", "dark"];
  function theme(name) {
    if (name === "auto") delete root.dataset.theme; else root.dataset.theme = name;
    byId("theme").textContent = "Theme: " + name;
    document.dispatchEvent(new CustomEvent("riskcheck:theme"));
  }
  function kept() {
    try { const name = localStorage.getItem("riskcheck-theme"); return THEMES.includes(name) ? name : "auto"; } catch { return "auto"; }
  }
  byId("theme").addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "auto") + 1) % THEMES.length];
    try { localStorage.setItem("riskcheck-theme", next); } catch { /* a page without storage forgets it */ }
    theme(next);
  });
  theme(kept());
  byId("theme").hidden = byId("help").hidden = false;
  byId("help").addEventListener("click", () => byId("keys").showModal());
  byId("keys-close").addEventListener("click", () => byId("keys").close());

  if (form) {
    form.hidden = false;
    for (const one of levels) one.addEventListener("click", () => toggled(one));
    for (const name of CHOICES) byId("by-" + name)?.addEventListener("change", remember);
    byId("q").addEventListener("input", remember);
    byId("clear").addEventListener("click", clear);
    byId("all").addEventListener("click", () => unfold(!allOpen()));
    form.addEventListener("submit", (event) => event.preventDefault());
    byId("list").addEventListener("toggle", label, true);
  }
  // Links that set filters lead to the findings.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-filter]");
    if (!link || !form || !link.dataset.filter) return;
    event.preventDefault();
    history.pushState(null, "", "#" + link.dataset.filter);
    recall();
    byId("findings").scrollIntoView();
  });
  window.addEventListener("hashchange", recall);
  window.addEventListener("popstate", recall);
  document.addEventListener("riskcheck:choose", (event) => {
    choose("service", event.detail.service);
    if (form) remember();
  });

  // On paper what is folded is lost: all is opened for printing, and folded again as it was.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = Array.from(document.querySelectorAll("details:not([open])"));
    for (const one of folded) one.open = true;
  });
  window.addEventListener("afterprint", () => { for (const one of folded) one.open = false; folded = []; });
  recall();
})();
