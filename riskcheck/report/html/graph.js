
"use strict";
// The blast radius, drawn by Cytoscape.js from the data in the page. All text goes into a canvas or textContent.
(() => {
  const byId = (id) => document.getElementById(id);
  const stage = byId("stage");
  const box = byId("graph");
  if (!stage || typeof cytoscape !== "function") return;
  const told = JSON.parse(byId("graph-data").textContent);
  const READABLE = 24, OPENED = 40, ROWS = 10, WIDE = 184, HIGH = 44, GAP_Y = 16, FEW_EDGES = 12;
  // What an edge says stands on it while there is room for it, else on those of the service that one stands on.
  const spoken = told.edges.length <= FEW_EDGES && told.edges.some(([, , because]) => because);
  const GAP_X = spoken ? 170 : 72;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const open = new Set();
  const many = (count, word) => count + " " + word + (count === 1 ? "" : "s");
  // Names of one kind begin alike: the middle is left out.
  const cut = (text, most) => {
    if (text.length <= most) return text;
    const start = Math.floor((most - 1) / 2);
    return text.slice(0, start) + "…" + text.slice(text.length - (most - 1 - start));
  };

  // Which boxes stand for which services -------------------------------------------------------------------------

  // Changed services that reach others and critical ones stand for themselves while they are few; changed ones that
  // reach nobody are one box.
  const linked = new Set(told.edges.flatMap(([from, to]) => [from, to]));
  const changedFew = told.nodes.filter((node, index) => node.changed && linked.has(index)).length <= READABLE;
  const criticalFew = told.nodes.filter((node) => node.critical && !node.changed).length <= 12;
  function keyOf(node, index, mode) {
    if (mode === "none" || (node.critical && !node.changed && criticalFew)) return "n" + index;
    if (node.changed && !linked.has(index)) return "galone";
    if (node.changed && changedFew) return "n" + index;
    return "g" + (node.changed ? "c" : "r") + node.hops + (mode === "owner" ? "|" + node.owner : "");
  }

  function grouped(mode) {
    const groups = new Map();
    told.nodes.forEach((node, index) => {
      const key = keyOf(node, index, mode);
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(index);
    });
    const boxes = new Map();
    const home = new Array(told.nodes.length);
    for (const [key, members] of groups) {
      if (members.length === 1) { single(boxes, home, members[0]); continue; }
      if (!open.has(key)) { boxes.set(key, { id: key, members }); members.forEach((one) => { home[one] = key; }); continue; }
      const shown = [...members].sort((a, b) => told.nodes[b].findings - told.nodes[a].findings).slice(0, OPENED);
      const rest = members.filter((one) => !shown.includes(one));
      shown.forEach((one) => single(boxes, home, one));
      if (rest.length === 1) single(boxes, home, rest[0]);
      else if (rest.length) { const id = key + "+"; boxes.set(id, { id, members: rest }); rest.forEach((one) => { home[one] = id; }); }
    }
    return { boxes: [...boxes.values()], home };
  }
  function single(boxes, home, index) {
    boxes.set("n" + index, { id: "n" + index, members: [index] });
    home[index] = "n" + index;
  }

  function described(one) {
    const nodes = one.members.map((index) => told.nodes[index]);
    const first = nodes[0];
    const hops = Math.min(...nodes.map((node) => node.hops));
    const findings = nodes.reduce((sum, node) => sum + node.findings, 0);
    if (nodes.length === 1) {
      const state = first.changed ? "changed" : many(first.hops, "hop");
      const facts = [first.level, state, first.tier].filter(Boolean).join(" · ");
      const kind = first.changed ? "changed" : first.critical ? "critical" : "reached";
      const spoken = [first.name, state, first.tier, first.critical ? "critical" : "", first.owner && "owned by " + first.owner,
        first.findings ? many(first.findings, "finding") + ", worst " + first.level : ""].filter(Boolean).join(", ");
      return { kind, label: cut(first.name, 25) + "\n" + cut(facts, 28), spoken, hops, name: first.name };
    }
    const critical = nodes.filter((node) => node.critical).length;
    const owners = new Set(nodes.map((node) => node.owner));
    const owner = owners.size === 1 ? first.owner || "no owner" : many(owners.size, "owner");
    const alone = one.id.startsWith("galone") ? "changed, reach nobody" : "changed";
    const facts = [first.changed ? alone : many(hops, "hop"), critical ? critical + " critical" : ""].filter(Boolean).join(" · ");
    const title = many(nodes.length, "service") + (owners.size === 1 ? ", " + owner : "");
    return { kind: "group", changed: first.changed, label: cut(title, 26) + "\n" + facts, spoken: [title, facts, findings ? many(findings, "finding") : "", "Enter opens them"].filter(Boolean).join(", "), hops, name: "" };
  }

  function elements(mode) {
    const { boxes, home } = grouped(mode);
    const held = boxes.map((one) => ({ group: "nodes", data: { id: one.id, members: one.members, ...described(one) } }));
    const pairs = new Map();
    for (const [from, to, because] of told.edges) {
      const [a, b] = [home[from], home[to]];
      if (a === b) continue;
      const known = pairs.get(a + ">" + b);
      if (known) { known.data.number += 1; known.data.label = many(known.data.number, "link"); known.data.said = known.data.label; continue; }
      const label = because.replace(" (", "\n").replace(/\).*$/, "");
      pairs.set(a + ">" + b, { group: "edges", data: { id: a + ">" + b, source: a, target: b, number: 1, said: because, label: label.split("\n").map((line) => (line.length <= 24 ? line : "…" + line.slice(-23))).join("\n") } });
    }
    return [...held, ...pairs.values()];
  }

  // Where they stand ---------------------------------------------------------------------------------------------

  function places(cy) {
    const columns = new Map();
    cy.nodes().forEach((node) => {
      const hops = node.data("hops");
      if (!columns.has(hops)) columns.set(hops, []);
      columns.get(hops).push(node);
    });
    const at = {};
    let x = 0;
    for (const hops of [...columns.keys()].sort((a, b) => a - b)) {
      const column = columns.get(hops);
      const middle = (node) => {
        const before = node.incomers("node").filter((one) => one.id() in at);
        return before.length ? before.reduce((sum, one) => sum + at[one.id()].y, 0) / before.length : 0;
      };
      const order = column.map((node) => [middle(node), node.data("kind") === "group" ? 1 : 0, node.data("label"), node]);
      order.sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1));
      const wide = Math.ceil(order.length / ROWS);
      const rows = Math.ceil(order.length / wide);
      order.forEach(([, , , node], number) => {
        const row = number % rows, fold = Math.floor(number / rows);
        at[node.id()] = { x: x + fold * (WIDE + 20), y: (row - (Math.min(rows, order.length) - 1) / 2) * (HIGH + GAP_Y) };
      });
      x += (wide - 1) * (WIDE + 20) + WIDE + GAP_X;
    }
    return at;
  }

  function arranged(cy, kind) {
    const common = { animate: false, fit: false, padding: 24 };
    if (kind === "rings") {
      const far = Math.max(...cy.nodes().map((node) => node.data("hops")));
      cy.layout({ ...common, name: "concentric", concentric: (node) => far - node.data("hops"), levelWidth: () => 1, minNodeSpacing: 28, nodeDimensionsIncludeLabels: true }).run();
    } else if (kind === "free") {
      // Starts where the columns are, so that it always ends in the same picture.
      const at = places(cy);
      cy.nodes().positions((node) => at[node.id()]);
      cy.layout({ ...common, name: "cose", randomize: false, nodeRepulsion: () => 900000, idealEdgeLength: () => 140, nodeOverlap: 40, gravity: 0.3, numIter: 600 }).run();
    } else {
      const at = places(cy);
      cy.layout({ ...common, name: "preset", positions: (node) => at[node.id()] }).run();
    }
  }

  // How they look ------------------------------------------------------------------------------------------------

  function looks() {
    const css = getComputedStyle(document.documentElement);
    const colour = (name) => css.getPropertyValue("--" + name).trim();
    return [
      { selector: "node", style: { width: WIDE, height: HIGH, shape: "round-rectangle", label: "data(label)", "text-wrap": "wrap", "text-valign": "center", "text-halign": "center", "font-family": getComputedStyle(document.body).fontFamily, "font-size": 12, "line-height": 1.25, color: colour("ink"), "background-color": colour("reached"), "border-width": 1.5, "border-color": colour("reached-line"), "min-zoomed-font-size": 5 } },
      { selector: "node[kind = 'changed']", style: { shape: "rectangle", "background-color": colour("changed"), "border-color": colour("changed"), color: colour("changed-ink"), "font-weight": "bold" } },
      { selector: "node[kind = 'critical']", style: { shape: "cut-rectangle", "background-color": colour("critical"), "border-color": colour("critical-line"), "border-width": 4, "border-style": "double" } },
      { selector: "node[kind = 'group']", style: { "background-color": colour("group"), "border-color": colour("group-line"), "border-style": "dashed", "border-width": 2 } },
      { selector: "node[kind = 'group'][?changed]", style: { shape: "rectangle", "background-color": colour("changed"), color: colour("changed-ink"), "border-color": colour("group-line") } },
      { selector: "edge", style: { width: 1.3, "curve-style": "bezier", "line-color": colour("edge"), "target-arrow-color": colour("edge"), "target-arrow-shape": "triangle", "arrow-scale": 0.9, opacity: 0.75 } },
      { selector: spoken ? "edge" : "edge.near", style: { label: "data(label)", "font-size": 10, "font-family": getComputedStyle(document.body).fontFamily, color: colour("soft"), "text-wrap": "wrap", "text-background-color": colour("card"), "text-background-opacity": 0.9, "text-background-padding": 1, "text-margin-y": -15, "min-zoomed-font-size": 5 } },
      { selector: ".far", style: { opacity: 0.28 } },
      { selector: "edge.near", style: { width: 2.4, opacity: 1, "line-color": colour("ink"), "target-arrow-color": colour("ink") } },
      { selector: "node.chosen", style: { "underlay-color": colour("p2"), "underlay-opacity": 0.45, "underlay-padding": 7 } },
      { selector: "node.here", style: { "overlay-color": colour("focus"), "overlay-opacity": 0.12, "overlay-padding": 4, "outline-width": 3, "outline-color": colour("focus"), "outline-offset": 3 } },
    ];
  }

  // The stage ----------------------------------------------------------------------------------------------------

  const shown = (mode) => elements(mode).filter((one) => one.group === "nodes").length;
  const first = told.nodes.length <= READABLE ? "none" : shown("owner") <= READABLE ? "owner" : "hops";
  byId("group").value = first;
  stage.hidden = false;
  document.documentElement.classList.add("graph");
  const cy = cytoscape({ container: box, elements: [], style: looks(), minZoom: 0.08, maxZoom: 2.5, autoungrabify: true, boxSelectionEnabled: false, userZoomingEnabled: false, selectionType: "single" });
  let here = null;

  function fit() {
    cy.resize();
    cy.fit(undefined, 24);
    if (cy.zoom() > 1.1) cy.zoom({ level: 1.1, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
    cy.center();
  }
  // So much smaller that nobody could read it is no fit: then the beginning is shown, and the rest is walked to.
  function readable() {
    fit();
    if (cy.zoom() >= 0.72) return;
    cy.zoom(0.85);
    const box = cy.elements().boundingBox();
    const free = cy.width() - box.w * 0.85;
    cy.pan({ x: Math.max(24, free / 2) - box.x1 * 0.85, y: cy.height() / 2 - (box.y1 + box.y2) / 2 * 0.85 });
  }

  function drawn(keep) {
    const known = keep ?? here?.id();
    cy.elements().remove();
    cy.add(elements(byId("group").value));
    const rows = Math.max(...[...cy.nodes().reduce((count, node) => count.set(node.data("hops"), (count.get(node.data("hops")) ?? 0) + 1), new Map()).values()]);
    box.classList.toggle("small", rows <= 2);
    box.classList.toggle("middle", rows > 2 && rows <= 5);
    arranged(cy, byId("layout").value);
    readable();
    const again = known ? cy.getElementById(known) : cy.collection();
    here = null;
    if (again.nonempty()) goTo(again, false);
    said(many(cy.nodes().length, "box").replace("boxs", "boxes") + " for " + many(told.nodes.length, "service")
      + (told.left_out ? ", " + told.left_out + " left out" : ""));
    marked(lastAsked);
  }

  function said(text) { byId("graph-said").textContent = text; }

  function goTo(node, speak = true) {
    cy.elements().removeClass("here near far");
    here = node;
    node.addClass("here");
    const around = node.closedNeighborhood().union(node.successors()).union(node.predecessors());
    cy.elements().difference(around).addClass("far");
    node.connectedEdges().addClass("near");
    const spot = node.renderedPosition();
    if (spot.x < 90 || spot.y < 30 || spot.x > cy.width() - 90 || spot.y > cy.height() - 30) {
      if (still) cy.center(node); else cy.animate({ center: { eles: node } }, { duration: 160 });
    }
    if (!speak) return;
    const on = node.outgoers("node").length;
    const by = node.incomers("edge").map((edge) => edge.data("said")).filter(Boolean).slice(0, 2).join("; ");
    said(node.data("spoken") + (by ? ". By " + by : "") + (on ? ". " + many(on, "more") .replace("mores", "more") + " behind it" : ""));
  }

  function letGo() {
    cy.elements().removeClass("here near far");
    here = null;
    said("");
  }

  // Along edges to the right and left; up and down among those of the same distance.
  function nearest(nodes, from, axis) {
    const spot = from.position();
    return nodes.sort((a, b) => Math.abs(a.position(axis) - spot[axis]) - Math.abs(b.position(axis) - spot[axis]))[0];
  }
  function beside(from, step) {
    const same = cy.nodes().filter((one) => one.data("hops") === from.data("hops"));
    const order = same.sort((a, b) => a.position("x") - b.position("x") || a.position("y") - b.position("y"));
    return order[order.toArray().findIndex((one) => one.id() === from.id()) + step];
  }

  function act(node) {
    if (node.data("kind") !== "group") {
      const name = node.data("name");
      const now = lastAsked === name ? "" : name;
      document.dispatchEvent(new CustomEvent("riskcheck:choose", { detail: { service: now } }));
      said(now ? "findings of " + name : "findings of all services");
      return;
    }
    open.add(node.id().replace(/\+$/, ""));
    const inside = "n" + node.data("members")[0];
    drawn(inside);
    if (here) goTo(here);
  }

  const zoomed = (by) => cy.zoom({ level: cy.zoom() * by, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  const KEYS = {
    ArrowRight: () => nearest(here.outgoers("node"), here, "y"),
    ArrowLeft: () => nearest(here.incomers("node"), here, "y"),
    ArrowDown: () => beside(here, 1),
    ArrowUp: () => beside(here, -1),
    Home: () => start(),
  };
  const start = () => cy.nodes("[kind = 'changed']").union(cy.nodes()).sort((a, b) => a.data("hops") - b.data("hops") || a.position("y") - b.position("y"))[0];

  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (key in KEYS) { const next = here ? KEYS[key]() : start(); if (next) goTo(next); }
    else if (key === "Enter" || key === " ") { if (here) act(here); }
    else if (key === "+" || key === "=") zoomed(1.25);
    else if (key === "-") zoomed(0.8);
    else if (key === "0") fit();
    else if (key === "Escape" && here) letGo();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("focus", () => { if (!here) goTo(start()); });
  // A page that is scrolled must not zoom the graph under the pointer; with Control it is meant.
  box.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const frame = box.getBoundingClientRect();
    cy.zoom({ level: cy.zoom() * (event.deltaY < 0 ? 1.15 : 0.87), renderedPosition: { x: event.clientX - frame.left, y: event.clientY - frame.top } });
  }, { passive: false });
  // What opens or closes above the graph moves it, and tells nobody: where it stands is measured when it is pointed at.
  box.addEventListener("pointerenter", () => cy.resize());
  cy.on("tap", "node", (event) => { goTo(event.target); act(event.target); });
  cy.on("tap", "edge", (event) => said(event.target.source().data("name") + " → " + event.target.target().data("name") + ": " + (event.target.data("said") || "by way of it")));
  cy.on("tap", (event) => { if (event.target === cy) letGo(); });
  byId("zoom-in").addEventListener("click", () => zoomed(1.25));
  byId("zoom-out").addEventListener("click", () => zoomed(0.8));
  byId("zoom-fit").addEventListener("click", fit);
  byId("group").addEventListener("change", () => { open.clear(); drawn(); });
  byId("layout").addEventListener("change", () => drawn());

  let lastAsked = "";
  function marked(service) {
    lastAsked = service ?? "";
    cy.nodes().removeClass("chosen");
    if (lastAsked) cy.nodes().filter((node) => node.data("members").some((one) => told.nodes[one].name === lastAsked)).addClass("chosen");
  }
  document.addEventListener("riskcheck:filtered", (event) => marked(event.detail.service));
  const restyled = () => cy.style(looks());
  document.addEventListener("riskcheck:theme", restyled);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyled);
  new ResizeObserver(() => cy.resize()).observe(box);
  drawn();
  marked(byId("by-service")?.value);
})();
