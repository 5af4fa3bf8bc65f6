// The live page: every second it asks for the state of the node and shows it. Counters only grow, so rates are
// what lies between two states.
"use strict";

const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const BUCKETS = 26;

let before = null; // the state before the one that is shown
let shown = ""; // the key of the picture that is drawn
let parts = { nodes: new Map(), edges: new Map() };
let paused = false;
let sortBy = "queue";
let sortDown = true;

function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "g", "path", "rect", "text", "polygon", "title"].includes(tag) && !attributes.html;
  const e = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [k, v] of Object.entries(attributes)) {
    if (k !== "html") e.setAttribute(k, v);
  }
  e.append(...children);
  return e;
}

// Numbers for people.
function count(n) {
  if (n >= 1e6) return (n / 1e6).toFixed(1) + "M";
  if (n >= 1e4) return (n / 1e3).toFixed(1) + "k";
  return n >= 100 || Number.isInteger(n) ? String(Math.round(n)) : n.toFixed(1);
}

function bytes(n) {
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (n < 1024 || unit === "GiB") return (n < 10 && unit !== "B" ? n.toFixed(1) : Math.round(n)) + " " + unit;
    n /= 1024;
  }
}

function time(ns) {
  if (ns < 1e3) return Math.round(ns) + " ns";
  if (ns < 1e6) return (ns / 1e3).toFixed(ns < 1e4 ? 1 : 0) + " µs";
  if (ns < 1e9) return (ns / 1e6).toFixed(ns < 1e7 ? 1 : 0) + " ms";
  const s = ns / 1e9;
  if (s < 60) return s.toFixed(s < 10 ? 1 : 0) + " s";
  const m = Math.floor(s / 60);
  if (m < 60) return m + " min " + Math.floor(s % 60) + " s";
  return Math.floor(m / 60) + " h " + (m % 60) + " min";
}

// quantile is that of the times that a histogram has counted since an earlier state of it.
function quantile(h, old, part) {
  const counts = Array.from({ length: BUCKETS }, (_, i) => (h.counts[i] || 0) - ((old && old.counts[i]) || 0));
  const n = counts.reduce((a, b) => a + b, 0);
  if (n <= 0) return null;
  const rank = part * n;
  let seen = 0;
  for (let i = 0; i < BUCKETS; i++) {
    if (counts[i] > 0 && seen + counts[i] >= rank) {
      const low = i > 0 ? 1024 * 2 ** (i - 1) : 0;
      return low + ((1024 * 2 ** i - low) * (rank - seen)) / counts[i];
    }
    seen += counts[i];
  }
  return 1024 * 2 ** (BUCKETS - 1);
}

// index finds the things of a list by a key.
function index(list, key) {
  const m = new Map();
  for (const x of list || []) m.set(key(x), x);
  return m;
}

const pair = (from, to) => from + "\u0000" + to;

// rates says what has happened between two states, a second.
function rates(now, old) {
  const seconds = old ? (now.node.time - old.node.time) / 1e9 : 0;
  const per = (n, m) => (seconds > 0 ? Math.max(0, n - m) / seconds : 0);
  const services = index(old && old.services, (s) => s.name);
  const actors = index(old && old.actors, (a) => a.actor);
  const r = { services: new Map(), actors: new Map(), edges: new Map(), total: 0 };
  for (const s of now.services) {
    const o = services.get(s.name);
    const rate = per(s.messages, o ? o.messages : 0);
    r.total += rate;
    r.services.set(s.name, { rate, p99: quantile(s.latency, o && o.latency, 0.99) });
  }
  for (const a of now.actors) {
    const o = actors.get(a.actor);
    r.actors.set(a.actor, {
      turns: o ? per((a.turns - o.turns) >>> 0, 0) : 0,
      p50: quantile(a.latency, o && o.latency, 0.5), p99: quantile(a.latency, o && o.latency, 0.99),
    });
  }
  const sums = (state) => {
    const m = new Map();
    for (const e of (state && state.edges) || []) {
      if (e.type === "debug") continue;
      const k = pair(e.from, e.to);
      const x = m.get(k) || { messages: 0, commands: [] };
      x.messages += e.messages;
      x.commands.push(e);
      m.set(k, x);
    }
    return m;
  };
  const edges = sums(old);
  for (const [k, e] of sums(now)) {
    const o = edges.get(k);
    r.edges.set(k, { rate: per(e.messages, o ? o.messages : 0), total: e.messages, commands: e.commands });
  }
  return r;
}

// trouble is which services and lines are to be red: those that wait for a second or longer for one actor,
// and those of a deadlock of the last minute.
function trouble(state) {
  const t = { nodes: new Map(), edges: new Map() };
  for (const w of state.waits || []) {
    if (!w.exact || !w.to || w.age < 1e9) continue;
    const k = pair(w.service, w.to.service);
    const e = t.edges.get(k);
    t.edges.set(k, { kind: "waits", age: Math.max(w.age, e ? e.age : 0), n: (e ? e.n : 0) + 1 });
    t.nodes.set(w.service, "waits");
  }
  const end = Date.parse(state.node.started) + state.node.time / 1e6;
  for (const e of state.events || []) {
    if (!e.cycle || end - Date.parse(e.time) > 60e3) continue;
    e.cycle.forEach((p, i) => {
      const to = e.cycle[(i + 1) % e.cycle.length];
      t.nodes.set(p.service, "dead");
      t.nodes.set(to.service, "dead");
      t.edges.set(pair(p.service, to.service), { kind: "dead" });
    });
  }
  return t;
}

function draw(picture) {
  if (picture.key === shown) return;
  shown = picture.key;
  parts = { nodes: new Map(), edges: new Map() };
  const svg = make("svg", { viewBox: `0 0 ${picture.w} ${picture.h}`, width: picture.w, height: picture.h });
  for (const l of picture.edges) {
    const label = make("text", { x: l.x, y: l.y + 4, "text-anchor": "middle" });
    const title = make("title");
    const head = `${l.end_x},${l.end_y} ${l.end_x - 9 * l.way},${l.end_y - 4} ${l.end_x - 9 * l.way},${l.end_y + 4}`;
    const g = make("g", { class: "edge" }, title, make("path", { d: l.path }), make("polygon", { points: head }), label);
    g.dataset.from = l.from;
    g.dataset.to = l.to;
    parts.edges.set(pair(l.from, l.to), { g, label, title });
    svg.append(g);
  }
  for (const b of picture.nodes) {
    const name = make("text", { x: b.x + 10, y: b.y + 19, class: "name" });
    const line = make("text", { x: b.x + 10, y: b.y + 36, class: "small" });
    const queue = make("rect", { x: b.x + 10, y: b.y + 46, height: 5, width: 0, rx: 2.5, class: "queue" });
    const room = make("rect", { x: b.x + 10, y: b.y + 46, height: 5, width: b.w - 20, rx: 2.5, class: "room" });
    const title = make("title");
    const g = make("g", { class: "node" }, title, make("rect", { x: b.x, y: b.y, width: b.w, height: b.h, rx: 7, class: "box" }), name, line, room, queue);
    g.dataset.name = b.name;
    parts.nodes.set(b.name, { g, name, line, queue, title, width: b.w - 20 });
    svg.append(g);
  }
  $("graph").replaceChildren(svg);
  $("none").hidden = picture.edges.length > 0;
}

function update(state, r) {
  const red = trouble(state);
  const services = index(state.services, (s) => s.name);
  for (const [name, p] of parts.nodes) {
    const s = services.get(name) || { actors: 0, busy: 0, queue: 0, memory: 0, failed: 0 };
    const x = r.services.get(name) || { rate: 0, p99: null };
    if (name.startsWith("(")) { // the program itself, clients of a gate: no services
      p.name.textContent = name;
      p.g.setAttribute("class", "node outside");
      continue;
    }
    p.name.textContent = s.actors === 1 ? name : name + (s.actors ? " × " + s.actors : ", ended");
    p.line.textContent = "queue " + count(s.queue) + " · " + count(x.rate) + "/s" + (x.p99 === null ? "" : " · " + time(x.p99));
    // A full bar is a mailbox's worth of messages; the root makes the first few visible.
    const part = Math.min(1, Math.sqrt(s.queue / 16384));
    p.queue.setAttribute("width", (p.width * part).toFixed(1));
    p.g.setAttribute("class", ["node", s.actors ? "" : "gone", s.busy ? "busy" : "", part > 0.9 ? "full" : "", red.nodes.get(name) || ""].filter(Boolean).join(" "));
    p.title.textContent = `${name}: ${s.actors} actors, ${s.busy} busy, ${s.queue} messages wait, ${bytes(s.memory)}, ${s.failed} errors`;
  }
  for (const [key, p] of parts.edges) {
    const e = r.edges.get(key) || { rate: 0, total: 0, commands: [] };
    const t = red.edges.get(key);
    p.label.textContent = t && t.kind === "dead" ? "deadlock" : t ? "waits " + time(t.age) : e.rate > 0 ? count(e.rate) + "/s" : count(e.total);
    p.g.setAttribute("class", "edge" + (t ? " " + t.kind : "") + (e.rate > 0 ? " flows" : ""));
    p.title.textContent = e.commands.slice(0, 20).map((c) => `${c.type} ${c.command || ""}: ${c.messages}` +
      (c.calls ? `, ${time(c.took / c.calls)} on average` : "") + (c.failed ? `, ${c.failed} failed` : "")).join("\n");
  }
}

function totals(state, r) {
  const n = state.node;
  $("name").textContent = n.name || "skyrun";
  document.title = (n.name || "skyrun") + " · skyrun";
  const queue = state.services.reduce((sum, s) => sum + s.queue, 0);
  const rows = [
    ["up", time(n.time)], ["actors", count(state.all_actors)], ["messages", count(r.total) + "/s"], ["queued", count(queue)],
    ["running", `${n.running} of ${n.slots}` + (n.ready ? `, ${n.ready} ready` : "")], ["heap", bytes(n.heap)], ["process", n.pid],
  ];
  $("totals").replaceChildren(...rows.map(([k, v]) => make("div", {}, make("dt", {}, k), make("dd", {}, String(v)))));
}

function item(head, ...rest) {
  return make("div", { class: "item" }, make("div", { class: "head" }, ...head), ...rest);
}

const span = (text, cls = "") => make("span", cls ? { class: cls } : {}, String(text));
const who = (p) => make("b", { title: p.actor, html: true }, p.service || p.actor);

// fill shows a list, if it is another one than before, so that what is selected or scrolled stays so.
function fill(id, items, empty) {
  const box = $(id);
  const list = make("div", { class: "scrolls" }, ...items);
  if (items.length === 0) list.append(make("p", { class: "quiet" }, empty));
  if (box.firstChild && box.firstChild.isEqualNode(list)) return;
  const at = box.firstChild ? box.firstChild.scrollTop : 0;
  box.replaceChildren(list);
  list.scrollTop = at;
}

function lists(state) {
  // Waits that are alike are one item, with the age of the oldest; those that one actor has to end come first.
  const waits = (state.waits || []).filter((w) => w.age >= 1e9);
  $("wait-count").textContent = waits.length || "";
  const alike = new Map();
  for (const w of waits) {
    const k = [w.service, w.kind, w.kind === "sleep" || w.kind === "token" ? "" : w.what, w.stack].join("\u0000");
    if (alike.has(k)) alike.get(k).n++;
    else alike.set(k, { w, n: 1 });
  }
  const order = [...alike.values()].sort((a, b) => Number(b.w.exact || false) - Number(a.w.exact || false));
  fill("waits", order.slice(0, 60).map(({ w, n }) => {
    const rest = w.stack ? [make("pre", {}, w.stack)] : [];
    const bad = w.exact ? "age bad" : "age";
    return item([span(time(Math.floor(w.age / 1e9) * 1e9), bad), who(w), ...(n > 1 ? [span("× " + n)] : []), span("waits for " + w.what), ...(w.for ? [span("for " + (w.for.service || w.for.actor), "kind")] : [])], ...rest);
  }), "Nothing has waited for a second.");

  const clock = (t) => new Date(t).toLocaleTimeString();
  const dead = (state.events || []).filter((e) => e.kind === "deadlock");
  $("deadlock-count").textContent = (state.event_kinds || {}).deadlock || "";
  fill("deadlocks", dead.slice(0, 20).map((e) => {
    const ring = (e.cycle || []).map((p) => p.service || p.actor);
    if (ring.length) ring.push(ring[0]);
    return item([span(clock(e.time), "age"), make("b", { class: "bad" }, ring.join(" → "))], make("pre", {}, e.message));
  }), "None. A circle of waits is broken as soon as it is found, and listed here.");

  const rest = (state.events || []).filter((e) => e.kind !== "deadlock");
  $("event-count").textContent = rest.length || "";
  fill("events", rest.slice(0, 60).map((e) => item(
    [span(clock(e.time), "age"), who(e), span(e.kind + (e.command ? " " + e.command : ""), "kind")],
    make("pre", {}, e.stack ? e.message + "\n" + e.stack.replace(/^stack traceback:\n/, "") : e.message))), "None.");

  const broken = state.violations || [];
  $("violation-count").textContent = (state.trips || []).reduce((sum, t) => sum + t.count, 0) || "";
  fill("violations", broken.slice(0, 60).map((v) => {
    const link = make("a", { href: "/rule/" + v.rule, target: "_blank" }, v.rule + " " + v.name);
    const pre = v.file ? [make("pre", {}, `${v.file}:${v.line}` + (v.source ? "\n" + v.source.trim() : ""))] : [];
    return item([span(clock(v.time), "age"), link, who(v), span(v.mode === "enforce" ? "refused" : "let happen", v.severity === "error" ? "bad" : "warn")],
      span(v.message + (v.times > 1 ? ` (${v.times} times)` : "")), ...pre);
  }), "No rule was broken.");
}

const columns = [
  ["actor", "address", (a) => a.actor, (a) => a.actor, true],
  ["service", "service", (a) => a.service, (a) => [a.service, ...(a.names || [])].join(" "), true],
  ["state", "state", (a) => a.state, (a) => a.state, true],
  ["queue", "queue", (a) => a.critical + a.normal, (a) => count(a.critical + a.normal)],
  ["turns", "turns/s", (a, r) => r.turns, (a, r) => count(r.turns)],
  ["waiting", "waiting", (a) => a.waiting, (a) => a.waiting],
  ["p50", "half below", (a, r) => r.p50 || 0, (a, r) => (r.p50 === null ? "" : time(r.p50))],
  ["p99", "99% below", (a, r) => r.p99 || 0, (a, r) => (r.p99 === null ? "" : time(r.p99))],
  ["failed", "errors", (a) => a.failed, (a) => a.failed || ""],
  ["memory", "memory", (a) => a.memory, (a) => (a.memory ? bytes(a.memory) : "")],
];

function table(state, r) {
  const word = $("filter").value.toLowerCase();
  const none = { turns: 0, p50: null, p99: null };
  const column = columns.find((c) => c[0] === sortBy);
  const of = (a) => r.actors.get(a.actor) || none;
  const rows = state.actors.filter((a) => [a.actor, a.service, ...(a.names || [])].join(" ").toLowerCase().includes(word));
  rows.sort((a, b) => {
    const x = column[2](a, of(a)), y = column[2](b, of(b));
    const order = x < y ? -1 : x > y ? 1 : 0;
    return (sortDown ? -order : order) || (a.actor < b.actor ? -1 : 1);
  });
  $("actor-count").textContent = state.all_actors > state.actors.length ? `${state.actors.length} of ${state.all_actors}` : state.all_actors;
  $("actors").tBodies[0].replaceChildren(...rows.map((a) => make("tr", {}, ...columns.map((c) => make("td", c[4] ? { class: "text" } : {}, String(c[3](a, of(a))))))));
  const head = $("actors").tHead.rows[0];
  if (head.cells.length === 0) {
    for (const c of columns) {
      const button = make("button", { type: "button" }, c[1]);
      button.addEventListener("click", () => {
        sortDown = sortBy === c[0] ? !sortDown : !c[4];
        sortBy = c[0];
        if (latest) table(...latest);
      });
      head.append(make("th", c[4] ? { class: "text" } : {}, button));
    }
  }
  columns.forEach((c, i) => {
    if (c[0] === sortBy) head.cells[i].setAttribute("aria-sort", sortDown ? "descending" : "ascending");
    else head.cells[i].removeAttribute("aria-sort");
  });
}

let latest = null;

function show(state) {
  const r = rates(state, before);
  before = state;
  latest = [state, r];
  draw(state.picture);
  update(state, r);
  totals(state, r);
  lists(state);
  table(state, r);
}

async function tick() {
  if (!paused && !document.hidden) {
    try {
      const response = await fetch("/state", { cache: "no-store" });
      if (!response.ok) throw new Error(response.status + " " + response.statusText);
      show(await response.json());
      $("status").textContent = "live";
      $("status").className = "";
      document.body.dataset.shown = String(Number(document.body.dataset.shown || 0) + 1);
    } catch (e) {
      $("status").textContent = "the node does not answer";
      $("status").className = "lost";
    }
  }
  setTimeout(tick, 1000);
}

$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", String(paused));
  $("status").textContent = paused ? "paused" : "live";
});
$("filter").addEventListener("input", () => latest && table(...latest));
tick();
