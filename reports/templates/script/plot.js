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
