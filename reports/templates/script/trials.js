// --- trials of a sweep

// Trials are what a sweep's page shows in many places: lines, points, bars and rows. It tells of
// one under the pointer and shows where it is elsewhere, and marks those that are chosen.
class Trials {
  constructor(figure, root) {
    this.root = root;
    this.svg = figure.querySelector("svg[data-trials]");
    Object.assign(this, JSON.parse(this.svg.dataset.trials)); // top, bottom, axes, trials
    this.marks = new Map(this.trials.map(t => [String(t.number), []]));
    for (const mark of all("[data-trial]", root)) if (this.marks.has(mark.dataset.trial)) this.marks.get(mark.dataset.trial).push(mark);
    for (const title of all("svg [data-trial] > title", root)) {
      if (title.parentNode.nodeName === "rect") title.parentNode.dataset.tell = title.textContent; // of a part of its time
      title.remove(); // the browser would show it too
    }
    this.above = make("g", { class: "above", "aria-hidden": "true" });
    this.svg.querySelector(".lines").after(this.above);
    this.tip = make("div", { class: "tip", hidden: "" });
    root.append(this.tip);
    root.addEventListener("pointerover", e => this.over(e));
    root.addEventListener("focusin", e => this.over(e));
    this.svg.addEventListener("pointermove", e => this.near(e));
    this.svg.addEventListener("pointerleave", () => this.show(null));
  }

  // over tells of the trial whose mark or row the pointer has come to.
  over(e) {
    if (this.svg.contains(e.target)) return; // its lines are found by being near
    const mark = e.target.closest("[data-trial]");
    this.show(mark && this.trials.find(t => String(t.number) === mark.dataset.trial), mark && mark.ownerSVGElement ? mark.getBoundingClientRect() : null, mark && mark.dataset.tell);
  }

  place(e) { return new DOMPoint(e.clientX, e.clientY).matrixTransform(this.svg.getScreenCTM().inverse()); }

  // near tells of the line that is nearest to the pointer.
  near(e) {
    if (e.buttons) { this.show(null); return; } // a range is being drawn
    const at = this.place(e);
    let best = null, least = 12; // in units of the drawing
    for (const t of this.trials) {
      if (t.out) continue;
      const distance = Math.abs(this.heightAt(t, at.x) - at.y);
      if (distance < least) { best = t; least = distance; }
    }
    this.show(best, { right: e.clientX + 6, left: e.clientX - 6, bottom: e.clientY + 6, top: e.clientY });
  }

  y(share) { return this.bottom - share * (this.bottom - this.top); }

  // heightAt is where a trial's line is at an x; NaN beside it.
  heightAt(t, x) {
    const points = this.axes.map((a, i) => [a.x, t.at[i]]).filter(p => p[1] !== null);
    if (t.at[t.at.length - 1] === null) return NaN; // it is not drawn
    const next = points.findIndex(p => p[0] >= x);
    if (next < 0 || x < points[0][0] - 4) return NaN;
    if (next === 0) return this.y(points[0][1]);
    const [a, b] = [points[next - 1], points[next]], part = (x - a[0]) / (b[0] - a[0]);
    return this.y(a[1] + part * (b[1] - a[1]));
  }

  show(trial, box, besides = "") {
    if (trial !== this.shown) {
      if (this.shown) this.of(this.shown).forEach(m => m.classList.remove("at"));
      this.above.replaceChildren();
      this.shown = trial;
      if (trial) this.of(trial).forEach(m => { m.classList.add("at"); if (m.parentNode.matches("#parallel .lines")) this.above.append(m.cloneNode(true)); });
    }
    this.tip.hidden = !(trial && box);
    if (this.tip.hidden) return;
    if (this.told !== trial || this.besides !== besides) this.tip.replaceChildren(...this.words(trial), make("span", {}, besides));
    this.told = trial;
    this.besides = besides;
    const right = box.right + this.tip.offsetWidth + 12 < innerWidth;
    this.tip.style.left = `${scrollX + Math.max(4, right ? box.right + 6 : box.left - this.tip.offsetWidth - 6)}px`;
    this.tip.style.top = `${scrollY + Math.max(4, Math.min(box.top, innerHeight - this.tip.offsetHeight - 8))}px`;
  }

  of(trial) { return this.marks.get(String(trial.number)); }

  words(t) {
    const last = this.axes.length - 1, row = (name, value) => make("span", {}, `${name} `, make("b", {}, value));
    return [make("b", {}, `trial ${t.number}${t.best ? ", the best" : ""}`), row(this.axes[last].name, t.texts[last]), make("span", {}, `${t.state} ${t.besides || ""}`),
      ...this.axes.slice(0, last).map((a, i) => t.at[i] === null ? "" : row(a.name, t.texts[i]))];
  }

  // choose marks the trials that satisfy a test, everywhere; null marks none.
  choose(test) {
    this.root.classList.toggle("choosing", test !== null);
    for (const t of this.trials) {
      t.out = test !== null && !test(t);
      for (const mark of this.of(t)) {
        mark.classList.toggle("out", t.out);
        mark.classList.toggle("chosen", test !== null && !t.out);
      }
    }
    return this.trials.filter(t => !t.out);
  }
}
