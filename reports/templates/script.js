"use strict";
// What the pages do beside being read: tables sort, filter and copy; plots tell
// their values and zoom; points change colours; galleries filter and answer to arrow keys; pages of
// runner serve follow what happens. Everything is readable without it. Texts of
// the data only ever become text nodes and attributes.
(() => {
const all = (selector, root) => Array.from(root.querySelectorAll(selector));
const make = (name, attributes, ...children) => {
  const space = /^(g|line|path|text|rect|circle|clipPath|defs)$/.test(name) ? "http://www.w3.org/2000/svg" : null;
  const e = space ? document.createElementNS(space, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) e.setAttribute(key, value);
  e.append(...children);
  return e;
};

// --- numbers and texts of cells

const lead = cell => (cell.querySelector("a, button") || cell).firstChild;
const textOf = cell => (lead(cell) ? lead(cell).textContent : "").trim();
// numberOf reads "1,234", "−0.5", "43.1 %"; null where there is none.
function numberOf(cell) {
  if (!cell) return null;
  if (cell.dataset.v !== undefined) return cell.dataset.v === "" ? null : Number(cell.dataset.v);
  const plain = textOf(cell).replace(/−/g, "-").replace(/,/g, "");
  if (/^[-+]?∞/.test(plain)) return plain[0] === "-" ? -Infinity : Infinity;
  const found = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?/i.exec(plain);
  return found ? Number(found[0]) : null;
}

// --- tables

function sortTable(table, column, descending) {
  const heads = all("thead th", table), numeric = heads[column].classList.contains("number");
  const key = row => numeric ? numberOf(row.cells[column]) : textOf(row.cells[column]).toLowerCase();
  const rows = all("tbody tr", table).map((row, at) => ({ row, at, key: key(row) }));
  const missing = r => r.key === null || r.key === "";
  rows.sort((a, b) => {
    if (missing(a) || missing(b)) return missing(a) - missing(b) || a.at - b.at; // last, both ways
    const order = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
    return (descending ? -order : order) || a.at - b.at;
  });
  table.tBodies[0].append(...rows.map(r => r.row));
  heads.forEach(h => h.removeAttribute("aria-sort"));
  heads[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
}

function sortable(table) {
  all("thead th", table).forEach((head, column) => {
    const button = make("button", { type: "button", class: "sort" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const was = head.getAttribute("aria-sort");
      const first = head.classList.contains("number") ? "descending" : "ascending";
      sortTable(table, column, was ? was === "ascending" : first === "descending");
    });
  });
}

// matcher makes a test of rows from "word other f1>0.7".
function matcher(text, heads) {
  const names = heads.map(h => h.replace(/\s+/g, "_"));
  const find = name => names.includes(name) ? names.indexOf(name) : names.findIndex(h => h.includes(name));
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean).map(term => {
    const parts = /^([^<>=!]+)(<=|>=|!=|=|<|>)(.+)$/.exec(term);
    const column = parts ? find(parts[1]) : -1;
    return column < 0 ? { word: term } : { column, op: parts[2], value: parts[3] };
  });
  return row => terms.every(t => t.word !== undefined ? (row.dataset.words || row.textContent.toLowerCase()).includes(t.word) : holds(row.cells[t.column], t));
}

function holds(cell, { op, value }) {
  if (!cell) return false;
  const number = numberOf(cell), wanted = Number(value), text = textOf(cell).toLowerCase();
  const byNumber = number !== null && !Number.isNaN(wanted);
  switch (op) {
    case "=": return byNumber ? number === wanted : text.includes(value);
    case "!=": return byNumber ? number !== wanted : !text.includes(value);
    case "<": return byNumber && number < wanted;
    case "<=": return byNumber && number <= wanted;
    case ">": return byNumber && number > wanted;
    default: return byNumber && number >= wanted;
  }
}

const filterFrom = 9; // rows or pictures from which a filter is of use

function filter(items, label, placeholder, test) {
  const count = make("span", { class: "count", "aria-live": "polite" });
  const input = make("input", { type: "search", placeholder, "aria-label": label });
  input.addEventListener("input", () => {
    const is = test(input.value), list = items();
    let shown = 0;
    for (const item of list) { item.hidden = !is(item); shown += !item.hidden; }
    count.textContent = input.value ? `${shown} of ${list.length}` : "";
  });
  return [input, count];
}

function copyText(text, button) {
  const done = () => { button.textContent = "copied"; setTimeout(() => { button.textContent = "copy"; }, 1500); };
  const byHand = () => {
    const area = make("textarea", { class: "away" });
    area.value = text;
    document.body.append(area);
    area.select();
    if (document.execCommand("copy")) done();
    area.remove();
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand); else byHand();
}

// tsv is what spreadsheets take: visible rows, minus signs and numbers as plain text.
function tsv(table) {
  const clean = cell => cell.textContent.trim().replace(/\s+/g, " ").replace(/−/g, "-");
  return all("tr", table).filter(row => !row.hidden).map(row => Array.from(row.cells, clean).join("\t")).join("\n");
}

function dressTable(table) {
  const rows = () => all("tbody tr", table), tools = make("div", { class: "tools" });
  if (table.classList.contains("data") && rows().length > 1 && table.tHead) {
    const heads = all("thead th", table).map(h => h.textContent.trim().toLowerCase());
    sortable(table);
    if (rows().length >= filterFrom) {
      tools.append(...filter(rows, `filter ${table.getAttribute("aria-label") || ""}`, "filter: words, or f1>0.7", text => matcher(text, heads)));
    }
  }
  const button = make("button", { type: "button", class: "copy", title: "copy as a table" }, "copy");
  button.addEventListener("click", () => copyText(tsv(table), button));
  tools.append(button);
  const box = table.closest(".scroll") || table, top = box.previousElementSibling;
  if (top && top.classList.contains("topline")) top.append(tools); else box.before(tools);
}

// --- choosing runs to compare

const chosen = new Set(); // ids, kept while a page is drawn again

function choosable(table) {
  const note = make("p", { class: "chosen-runs", "aria-live": "polite" });
  const tell = () => {
    const ids = [...chosen];
    note.hidden = !ids.length;
    if (ids.length === 1) { note.replaceChildren("1 run chosen: choose another to compare with"); return; }
    if (document.body.dataset.live === undefined) {
      const button = make("button", { type: "button", class: "copy" }, "copy"), command = `runner compare ${ids.join(" ")}`;
      button.addEventListener("click", () => copyText(command, button));
      note.replaceChildren(make("code", {}, command), " ", button);
      return;
    }
    const link = make("a", {}, `compare ${ids.length} runs`);
    link.href = "/compare?" + ids.map(id => "run=" + encodeURIComponent(id)).join("&");
    note.replaceChildren(link, ` against ${ids[0]}`);
  };
  for (const row of table.tBodies[0].rows) {
    const id = textOf(row.cells[0]), box = make("input", { type: "checkbox", "aria-label": `choose ${id}` });
    box.checked = chosen.has(id);
    box.addEventListener("change", () => { if (box.checked) chosen.add(id); else chosen.delete(id); tell(); });
    row.cells[0].append(" ", box);
  }
  tell();
  table.closest(".scroll").before(note);
}

// --- plots

const tickSteps = (low, high, count) => {
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw)), m = raw / power;
  const step = (m < 1.5 ? 1 : m < 3.5 ? 2 : m < 7.5 ? 5 : 10) * power, out = [];
  const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9 && out.length < 30; i++)
    out.push([i * step, Math.abs(i * step) >= 1e6 || places > 4 ? (i * step).toExponential() : (i * step).toFixed(places)]);
  return out;
};

class Plot {
  constructor(figure, svg, table) {
    this.figure = figure;
    this.svg = svg;
    this.axes = JSON.parse(svg.dataset.plot);
    this.lines = this.axes.lines.map(l => ({ ...l, points: [] }));
    this.read(table);
    this.home = { x: this.axes.x.slice(0, 2), y: this.axes.y.slice(0, 2) };
    this.view = { x: [...this.home.x], y: [...this.home.y] };
    this.smoothing = 0;
    this.cursor = make("g", { class: "cursor", "aria-hidden": "true" });
    svg.append(this.cursor);
    this.tip = make("div", { class: "tip", role: "status", "aria-live": "polite", hidden: "" });
    figure.append(this.tip);
    this.listen();
  }

  read(table) {
    for (const row of table.tBodies[0].rows) {
      if (table.dataset.form === "long") {
        const line = this.lines.find(l => l.label === row.cells[0].textContent);
        if (line) this.add(line, row.cells[1], row.cells[2]);
        continue;
      }
      this.lines.forEach((line, i) => this.add(line, row.cells[0], row.cells[i + 1]));
    }
  }

  add(line, x, y) {
    const at = [numberOf(x), numberOf(y)];
    if (at[0] !== null && at[1] !== null && isFinite(at[1])) line.points.push({ x: at[0], y: at[1], xText: x.textContent, yText: y.textContent });
  }

  // smooth draws running means over the values of each line; 0 shows the values alone. As
  // TensorBoard does: each mean keeps this share of the one before, and is corrected for having
  // begun with nothing.
  smooth(share) {
    this.smoothing = share;
    for (const line of this.lines) {
      let mean = 0, weight = 1;
      for (const p of line.points) {
        mean = share * mean + (1 - share) * p.y;
        weight *= share;
        p.mean = mean / (1 - weight);
      }
    }
    if (share > 0 || this.zoomed()) this.draw(); else this.reset();
  }

  zoomed() { return this.view.x.some((v, i) => v !== this.home.x[i]); }

  // longest is how many values the longest of the lines has.
  longest() { return Math.max(0, ...this.lines.map(l => l.points.length)); }

  // toX and toY give places in the drawing.
  toX(v) { const [a, b] = this.view.x; return this.axes.x[2] + (v - a) / (b - a) * (this.axes.x[3] - this.axes.x[2]); }
  toY(v) {
    const f = this.axes.log ? Math.log : t => t, [a, b] = this.view.y.map(f);
    return this.axes.y[2] + (f(v) - a) / (b - a) * (this.axes.y[3] - this.axes.y[2]);
  }
  fromX(px) { const [a, b] = this.view.x; return a + (px - this.axes.x[2]) / (this.axes.x[3] - this.axes.x[2]) * (b - a); }

  place(event) { return new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse()); }

  inView(p) { return p.x >= this.view.x[0] && p.x <= this.view.x[1]; }

  // near picks what is told at a place: of each line the nearest point by x, or of
  // lines with an x of their own the nearest of all.
  near(px, py) {
    const distance = p => this.axes.own ? Math.hypot(this.toX(p.x) - px, this.toY(p.y) - py) : Math.abs(this.toX(p.x) - px);
    const best = this.lines.map(line => {
      let found = null;
      for (const p of line.points) if (this.inView(p) && (!found || distance(p) < distance(found))) found = p;
      return found && { line, p: found };
    }).filter(Boolean);
    if (!best.length) return [];
    const least = Math.min(...best.map(b => distance(b.p)));
    return this.axes.own ? [best.find(b => distance(b.p) === least)] : best.filter(b => distance(b.p) <= least + 0.5);
  }

  show(px, py) {
    const found = this.near(px, py);
    this.cursor.replaceChildren();
    this.tip.hidden = !found.length;
    if (!found.length) return;
    this.at = found[0].p.x;
    const x = this.toX(found[0].p.x);
    this.cursor.append(make("line", { x1: x, x2: x, y1: this.axes.y[2], y2: this.axes.y[3], class: "hair" }));
    this.tip.replaceChildren(make("b", {}, `${this.axes.xLabel || "x"} ${found[0].p.xText}`));
    for (const { line, p } of found) {
      this.cursor.append(make("circle", { cx: this.toX(p.x), cy: this.toY(p.y), r: 4, class: `fill-${line.ink}` }));
      this.tip.append(make("span", {}, make("i", { class: `swatch fill-${line.ink}` }), `${line.label || this.axes.yLabel || "value"} `, make("b", {}, p.yText), this.smoothing ? ` (smoothed ${p.mean.toPrecision(4)})` : ""));
    }
    const box = this.svg.getBoundingClientRect(), outer = this.figure.getBoundingClientRect();
    const at = box.left - outer.left + x / this.svg.viewBox.baseVal.width * box.width;
    this.tip.style.left = `${Math.max(4, Math.min(at + 12, outer.width - this.tip.offsetWidth - 4))}px`;
    this.tip.style.top = `${box.top - outer.top + 6}px`;
  }

  hide() { this.cursor.replaceChildren(); this.tip.hidden = true; }

  zoom(from, to) {
    const [low, high] = this.home.x;
    from = Math.max(low, from); to = Math.min(high, to);
    if (!(to - from > (high - low) / 1e4)) return;
    this.view.x = [from, to];
    const ys = this.lines.flatMap(l => l.points.filter(p => this.inView(p)).map(p => p.y)).filter(y => !this.axes.log || y > 0);
    if (ys.length) {
      const a = Math.min(...ys), b = Math.max(...ys), room = (b - a) * 0.06 || Math.abs(b) * 0.1 || 1;
      this.view.y = this.axes.log ? [a / 1.05, b * 1.05] : [a - room, b + room];
    }
    this.draw();
  }

  reset() {
    this.view = { x: [...this.home.x], y: [...this.home.y] };
    this.hide();
    if (this.smoothing) { this.draw(); return; }
    this.svg.classList.remove("zoomed");
    if (this.drawn) this.drawn.remove();
    this.drawn = null;
  }

  draw() {
    if (this.drawn) this.drawn.remove();
    const [, , left, right] = this.axes.x, [, , bottom, top] = this.axes.y;
    const clip = `clip-${Plot.number = (Plot.number || 0) + 1}`;
    const g = make("g", { class: "redrawn" },
      make("defs", {}, make("clipPath", { id: clip }, make("rect", { x: left, y: top - 2, width: right - left, height: bottom - top + 4 }))));
    const yTicks = this.axes.log ? tickSteps(...this.view.y.map(Math.log10), 4).map(([v]) => [10 ** v, (10 ** v).toPrecision(2)]) : tickSteps(...this.view.y, 5);
    for (const [v, label] of yTicks) {
      g.append(make("line", { x1: left, x2: right, y1: this.toY(v), y2: this.toY(v), class: "grid" }),
        make("text", { x: left - 6, y: this.toY(v) + 4, "text-anchor": "end" }, label));
    }
    for (const [v, label] of tickSteps(...this.view.x, 5)) g.append(make("text", { x: this.toX(v), y: bottom + 16, "text-anchor": "middle" }, label));
    g.append(make("line", { x1: left, x2: right, y1: bottom, y2: bottom, class: "axis" }));
    if (this.axes.xLabel) g.append(make("text", { x: (left + right) / 2, y: bottom + 32, "text-anchor": "middle" }, this.axes.xLabel));
    const path = (line, y, style) => {
      const d = line.points.map((p, i) => `${i ? "L" : "M"}${this.toX(p.x).toFixed(1)},${this.toY(y(p)).toFixed(1)}`).join("");
      g.append(make("path", { d, class: `stroke-${line.ink}`, "stroke-dasharray": line.dash || "none", style: style + (line.thin ? "stroke-width: .6" : ""), "clip-path": `url(#${clip})` }));
    };
    for (const line of this.lines) {
      path(line, p => p.y, this.smoothing ? "opacity: .25;" : "");
      if (this.smoothing) path(line, p => p.mean, "");
    }
    if (this.zoomed()) g.append(make("text", { x: right, y: 10, "text-anchor": "end" }, "zoomed: double-click or 0 shows all"));
    this.svg.classList.add("zoomed");
    this.svg.insertBefore(g, this.cursor);
    this.drawn = g;
  }

  listen() {
    const svg = this.svg;
    svg.addEventListener("pointerleave", () => { if (this.from === undefined) this.hide(); });
    svg.addEventListener("pointerdown", e => { if (e.button === 0 && e.pointerType !== "touch") this.from = this.place(e).x; });
    svg.addEventListener("pointermove", e => {
      const p = this.place(e);
      this.show(p.x, p.y);
      if (this.from !== undefined && Math.abs(p.x - this.from) > 4)
        this.cursor.append(make("rect", { x: Math.min(p.x, this.from), width: Math.abs(p.x - this.from), y: this.axes.y[3], height: this.axes.y[2] - this.axes.y[3], class: "chosen" }));
    });
    addEventListener("pointerup", e => {
      if (this.from === undefined) return;
      const to = this.place(e).x, from = this.from;
      this.from = undefined;
      if (Math.abs(to - from) > 8) { this.zoom(this.fromX(Math.min(from, to)), this.fromX(Math.max(from, to))); this.hide(); }
    });
    svg.addEventListener("dblclick", () => this.reset());
    svg.addEventListener("blur", () => this.hide());
    svg.addEventListener("keydown", e => this.key(e));
  }

  key(e) {
    const [a, b] = this.view.x, middle = this.at >= a && this.at <= b ? this.at : (a + b) / 2;
    const move = by => {
      const xs = [...new Set(this.lines.flatMap(l => l.points.filter(p => this.inView(p)).map(p => p.x)))].sort((x, y) => x - y);
      const next = by > 0 ? xs.find(x => x > middle) : xs.filter(x => x < middle).pop();
      if (next !== undefined) this.show(this.toX(next), 0);
    };
    switch (e.key) {
      case "ArrowLeft": move(-1); break;
      case "ArrowRight": move(1); break;
      case "+": case "=": this.zoom(middle - (b - a) / 4, middle + (b - a) / 4); break;
      case "-": if (this.zoomed()) { const w = b - a; w * 2 >= this.home.x[1] - this.home.x[0] ? this.reset() : this.zoom(middle - w, middle + w); } break;
      case "0": case "Escape": this.reset(); break;
      default: return;
    }
    e.preventDefault();
  }
}

// --- smoothing

let smoothing = 0; // of all curves, kept while a page is drawn again
const smoothFrom = 20; // values of a curve from which smoothing is of use

// smoothable puts a slider above the curves of a section.
function smoothable(section, plots) {
  const curves = plots.filter(p => ["epoch", "step"].includes(p.axes.xLabel) && p.longest() >= smoothFrom);
  const blocks = section.querySelector(".blocks");
  if (!curves.length || !blocks) return;
  const slider = make("input", { type: "range", min: 0, max: 0.98, step: 0.02, value: smoothing }), told = make("output", {}, smoothing ? String(smoothing) : "off");
  slider.addEventListener("input", () => {
    smoothing = Number(slider.value);
    told.textContent = smoothing ? smoothing.toFixed(2) : "off";
    curves.forEach(p => p.smooth(smoothing));
  });
  blocks.before(make("label", { class: "smooth" }, "smoothing ", slider, " ", told));
  if (smoothing) curves.forEach(p => p.smooth(smoothing));
}

// --- points

// Scatter colours points by what a reader chooses, hides what the legend's keys switch
// off, and tells of a point its case, with its picture where the page has one.
class Scatter {
  constructor(figure, svg) {
    this.figure = figure;
    this.colourings = JSON.parse(svg.dataset.points);
    this.legend = figure.querySelector(".legend");
    this.ring = figure.querySelector(".legend .ring");
    this.dots = all("circle.dot", svg);
    for (const dot of this.dots) {
      const title = dot.querySelector("title");
      dot.dataset.tell = title ? title.textContent : "";
      if (title) title.remove(); // the browser would show it too
    }
    this.tip = make("div", { class: "tip", role: "status", "aria-live": "polite", hidden: "" });
    figure.append(this.tip);
    if (this.colourings.length > 1) this.choice(svg);
    this.colour(0);
    svg.addEventListener("pointerover", e => this.point(e.target.closest("circle.dot")));
    svg.addEventListener("pointerleave", () => this.point(null));
    svg.addEventListener("click", e => this.open(e.target.closest("circle.dot")));
    svg.setAttribute("tabindex", "0");
    svg.addEventListener("keydown", e => this.key(e));
    svg.addEventListener("blur", () => { this.keyed = false; this.show(null); });
    this.fromLeft = [...this.dots].sort((a, b) => a.getAttribute("cx") - b.getAttribute("cx"));
  }

  // point follows the pointer. What keys have chosen stays until the pointer is on a point:
  // pages that scroll move under it.
  point(dot) {
    if (!dot && this.keyed) return;
    this.keyed = false;
    this.show(dot);
  }

  // key goes from point to point by arrow keys, from left to right; Enter opens one's picture.
  key(e) {
    const seen = this.fromLeft.filter(dot => !dot.classList.contains("faint"));
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[e.key];
    if (step && seen.length) {
      const next = seen.indexOf(this.at) + step;
      this.keyed = true;
      this.show(seen[Math.max(0, Math.min(seen.length - 1, next))]);
    } else if (e.key === "Enter") this.open(this.at);
    else if (e.key === "Escape") this.show(null);
    else return;
    e.preventDefault();
  }

  choice(svg) {
    const select = make("select", {}, ...this.colourings.map((c, i) => make("option", { value: i }, c.name)));
    select.addEventListener("change", () => this.colour(Number(select.value)));
    svg.before(make("div", { class: "tools" }, make("label", {}, "coloured by ", select)));
  }

  colour(number) {
    const c = this.colourings[number];
    this.off = new Set();
    const wrong = new Set(c.wrong);
    for (const dot of this.dots) {
      dot.classList.toggle("wrong", wrong.has(Number(dot.dataset.at)));
      dot.classList.remove(...Array.from(dot.classList).filter(name => name.startsWith("fill-")));
      dot.classList.add(`fill-${c.of[dot.dataset.at]}`);
    }
    this.legend.replaceChildren(...c.keys.map(k => {
      const button = make("button", { type: "button", "aria-pressed": "true", title: "shows these points, or not" },
        make("i", { class: `swatch fill-${k.ink}` }), `${k.label} `, make("span", { class: "note" }, String(k.count)));
      button.addEventListener("click", () => this.toggle(button, k.ink, c));
      return make("li", {}, button);
    }));
    if (this.ring) this.legend.append(this.ring);
    this.fade(c);
  }

  toggle(button, ink, c) {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    if (on) this.off.delete(ink); else this.off.add(ink);
    this.fade(c);
  }

  fade(c) { for (const dot of this.dots) dot.classList.toggle("faint", this.off.has(c.of[dot.dataset.at])); }

  picture(dot) { return document.querySelector(`li.picture[data-case="${CSS.escape(dot.dataset.case)}"]`); }

  show(dot) {
    if (this.at) this.at.classList.remove("at");
    this.at = dot;
    this.tip.hidden = !dot;
    if (!dot) return;
    dot.classList.add("at");
    const li = this.picture(dot), img = li && li.querySelector("img");
    this.tip.replaceChildren(img ? make("img", { src: img.src, alt: "" }) : "", make("span", {}, dot.dataset.tell));
    const at = dot.getBoundingClientRect(), outer = this.figure.getBoundingClientRect();
    this.tip.style.left = `${Math.max(4, Math.min(at.right - outer.left + 6, outer.width - this.tip.offsetWidth - 4))}px`;
    this.tip.style.top = `${at.bottom - outer.top + 4}px`;
  }

  // open shows the picture of a point among the others, if it is there.
  open(dot) {
    const li = dot && this.picture(dot), details = li && li.querySelector("details");
    if (!details) return;
    details.open = true;
    li.scrollIntoView({ block: "center" });
  }
}

// --- galleries

function dressGallery(gallery) {
  const items = () => all("li.picture", gallery);
  if (items().length >= filterFrom) {
    const tools = make("div", { class: "tools" });
    const said = /\btrue:\S+/.exec(items()[0].dataset.words || "");
    tools.append(...filter(items, "filter pictures", `filter: ${said ? said[0] : "words"} or a case`, text => matcher(text, [])));
    gallery.querySelector("ul").before(tools);
  }
  gallery.addEventListener("keydown", e => {
    const open = e.target.closest("details[open]"), step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (!open || !(step || e.key === "Escape")) return;
    const shown = items().filter(li => !li.hidden), next = shown[shown.indexOf(open.closest("li")) + step];
    if (e.key === "Escape") open.open = false;
    else if (next) {
      open.open = false;
      next.querySelector("details").open = true;
      next.querySelector("summary").focus();
    }
    e.preventDefault();
  });
}

// --- pages of runner serve

function follow(path) {
  const source = new EventSource(path);
  source.addEventListener("progress", e => showRunning(JSON.parse(e.data)));
  source.addEventListener("changed", refresh);
}

function showRunning(list) {
  const place = document.getElementById("running");
  if (!place) return;
  place.hidden = !list.length;
  place.replaceChildren(...list.map(r => {
    const bar = r.total > 0 ? make("progress", { max: r.total, value: r.done, "aria-label": r.label }) : "";
    const link = make("a", {}, r.id);
    link.href = "/run/" + encodeURIComponent(r.id);
    return make("p", {}, link, " ", make("span", {}, [r.label, r.total > 0 ? `${r.done} of ${r.total} ${r.unit}` : "", r.note].filter(Boolean).join(" · ")), " ", bar);
  }));
}

// refresh puts the page as it is now in the place of the old one, and keeps what
// the reader has typed, opened and sorted.
async function refresh() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const old = document.querySelector("main"), main = fresh.querySelector("main");
  const typed = all("input[type=search]", old).map(i => i.value), sorted = all("table.data", old).map(t => t.querySelector("th[aria-sort]"));
  const open = all("details", old).map(d => d.open), focus = all("input[type=search]", old).indexOf(document.activeElement);
  const running = old.querySelector("#running"), next = main.querySelector("#running");
  if (running && next) next.replaceWith(running);
  old.replaceWith(document.adoptNode(main));
  dress(main);
  all("table.data", main).forEach((t, i) => { if (sorted[i]) sortTable(t, sorted[i].cellIndex, sorted[i].getAttribute("aria-sort") === "descending"); });
  all("details", main).forEach((d, i) => { d.open = open[i] || false; });
  all("input[type=search]", main).forEach((input, i) => { if (typed[i]) { input.value = typed[i]; input.dispatchEvent(new Event("input")); } if (i === focus) input.focus(); });
}

function dress(root) {
  all("table.data, table.nums, table.matrix, table.bars", root).forEach(dressTable);
  all("table.pick", root).forEach(choosable);
  const plots = all("figure.plot", root).map(figure => {
    const svg = figure.querySelector("svg[data-plot]"), table = figure.querySelector("table.nums");
    return svg && table ? new Plot(figure, svg, table) : null;
  }).filter(Boolean);
  all("section", root).forEach(section => smoothable(section, plots.filter(p => p.figure.closest("section[aria-labelledby]") === section)));
  all("figure.scatter svg[data-points]", root).forEach(svg => new Scatter(svg.closest("figure"), svg));
  all(".gallery", root).forEach(dressGallery);
  all("a[data-filter]", root).forEach(link => link.addEventListener("click", () => {
    const gallery = document.getElementById(link.getAttribute("href").slice(1)), input = gallery && gallery.querySelector("input[type=search]");
    if (input) { input.value = link.dataset.filter; input.dispatchEvent(new Event("input")); }
  }));
}

dress(document);
document.documentElement.classList.add("ready");
if (document.body.dataset.live) follow(document.body.dataset.live);
})();
