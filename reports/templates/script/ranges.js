// --- ranges of settings

const chosenRanges = new Map(); // by the path of a setting: from and to, of 0 to 1; kept while a page is drawn again
let onlyChosen = false;

// Ranges chooses trials by ranges on the axes of parallel coordinates: drawn with the pointer or
// by keys. Ranges of several axes hold together.
class Ranges {
  constructor(figure, trials) {
    this.svg = trials.svg;
    this.trials = trials;
    this.last = trials.axes.length - 1;
    this.handles = trials.axes.map((axis, i) => this.handle(axis, i));
    this.svg.append(...this.handles.map(h => h.g));
    this.svg.removeAttribute("role"); // there are things to operate in it
    this.svg.setAttribute("role", "group");
    this.svg.addEventListener("dblclick", () => this.clear());
    this.said = make("p", { class: "said", role: "status" });
    this.tools = this.makeTools();
    figure.querySelector(".scroll").after(this.said, this.tools); // below: the axes stay where they are while words change
    this.apply();
  }

  makeTools() {
    const clear = make("button", { type: "button", class: "copy" }, "clear"), box = make("input", { type: "checkbox" });
    clear.addEventListener("click", () => this.clear());
    box.checked = onlyChosen;
    box.addEventListener("change", () => { onlyChosen = box.checked; this.apply(); });
    return make("div", { class: "tools" }, make("label", {}, box, " only these in the tables"), clear);
  }

  // handle is what is taken hold of at an axis.
  handle(axis, i) {
    const { top, bottom } = this.trials;
    const range = make("rect", { class: "range-of", x: axis.x - 7, width: 14, y: top, height: 0 });
    const g = make("g", { class: "handle", role: "slider", tabindex: "0", "aria-orientation": "vertical", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": `range of ${axis.name}` },
      make("rect", { class: "hit", x: axis.x - 14, width: 28, y: top - 8, height: bottom - top + 16 }), range);
    g.addEventListener("touchstart", e => e.preventDefault(), { passive: false }); // a finger draws, and does not move the page
    g.addEventListener("pointerdown", e => this.begin(e, axis, i));
    g.addEventListener("pointermove", e => this.drag(e, axis));
    g.addEventListener("pointerup", e => this.end(e, axis, i));
    g.addEventListener("pointercancel", () => { this.held = null; });
    g.addEventListener("keydown", e => this.key(e, axis, i));
    return { g, range };
  }

  share(e) {
    const { top, bottom } = this.trials;
    return Math.max(0, Math.min(1, (bottom - this.trials.place(e).y) / (bottom - top)));
  }

  // begin takes hold of a range at its end or as a whole, or begins a new one.
  begin(e, axis, i) {
    if (e.button !== 0) return;
    const at = this.share(e), was = chosenRanges.get(axis.path), near = 0.03;
    this.held = { from: at, moved: false, was };
    if (was && Math.abs(at - was[0]) < near) this.held.from = was[1];
    else if (was && Math.abs(at - was[1]) < near) this.held.from = was[0];
    else if (was && at > was[0] && at < was[1]) this.held.whole = at;
    this.handles[i].g.setPointerCapture(e.pointerId);
    this.handles[i].g.focus({ preventScroll: true });
    e.preventDefault(); // selects no text
  }

  drag(e, axis) {
    const held = this.held;
    if (!held) return;
    const at = this.share(e);
    if (!held.moved && Math.abs(at - (held.whole ?? held.from)) < 0.02) return;
    held.moved = true;
    if (held.whole === undefined) chosenRanges.set(axis.path, [Math.min(held.from, at), Math.max(held.from, at)]);
    else {
      const by = Math.max(-held.was[0], Math.min(1 - held.was[1], at - held.whole));
      chosenRanges.set(axis.path, held.was.map(v => v + by));
    }
    this.apply();
  }

  // end of a click that moved nothing: takes a choice or leaves it, and clears a range of numbers.
  end(e, axis, i) {
    const held = this.held;
    this.held = null;
    if (!held || held.moved) return;
    const near = axis.choices ? this.choiceAt(this.share(e), i) : null;
    if (near && String(near) !== String(held.was)) chosenRanges.set(axis.path, near); else chosenRanges.delete(axis.path);
    this.apply();
  }

  // places are where trials lie on an axis, from below.
  places(i) { return [...new Set(this.trials.trials.map(t => t.at[i]).filter(v => v !== null))].sort((a, b) => a - b); }

  // choiceAt is a range around the choice that is nearest.
  choiceAt(at, i) {
    const places = this.places(i), gaps = places.slice(1).map((v, k) => v - places[k]), room = Math.min(0.15, ...gaps) * 0.4;
    const nearest = places.reduce((a, b) => Math.abs(b - at) < Math.abs(a - at) ? b : a, places[0]);
    return nearest === undefined ? null : [nearest - room, nearest + room];
  }

  // key cuts trials off from below or from above, one place at a time; Shift gives them back.
  key(e, axis, i) {
    const step = { ArrowUp: 1, ArrowDown: -1 }[e.key], places = this.places(i);
    if (e.key === "Escape") this.clear();
    else if (e.key === "Delete" || e.key === "Backspace") { chosenRanges.delete(axis.path); this.apply(); }
    else if (step && places.length) this.step(axis.path, places, step, e.shiftKey);
    else return;
    e.preventDefault();
  }

  step(path, places, step, back) {
    const top = places.length - 1, [low, high] = chosenRanges.get(path) || [-1, 2], inside = v => v >= low && v <= high;
    let from = places.findIndex(inside), to = places.findLastIndex(inside);
    if (from < 0) { from = 0; to = top; } // nothing was in it
    if ((step > 0) !== back) from = Math.max(0, Math.min(to, from + step)); else to = Math.min(top, Math.max(from, to + step));
    if (from === 0 && to === top) chosenRanges.delete(path); else chosenRanges.set(path, [places[from], places[to]]);
    this.apply();
  }

  clear() {
    chosenRanges.clear();
    this.apply();
  }

  // apply shows which trials are chosen, and says it.
  apply() {
    const { axes, y } = { axes: this.trials.axes, y: v => this.trials.y(v) };
    const wanted = axes.map(a => chosenRanges.get(a.path)), any = wanted.some(Boolean);
    const holds = (t, i) => t.at[i] !== null && t.at[i] >= wanted[i][0] - 1e-6 && t.at[i] <= wanted[i][1] + 1e-6;
    const chosen = this.trials.choose(any ? t => wanted.every((range, i) => !range || holds(t, i)) : null);
    this.trials.root.classList.toggle("only", any && onlyChosen);
    this.handles.forEach(({ g, range }, i) => {
      const [low, high] = wanted[i] || [0, 1], words = wanted[i] ? this.rangeWords(i, this.trials.trials.filter(t => holds(t, i))) : "all";
      range.setAttribute("y", Math.min(y(high), y(low) - 6));
      range.setAttribute("height", wanted[i] ? Math.max(6, y(low) - y(high)) : 0);
      g.setAttribute("aria-valuenow", Math.round(low * 100));
      g.setAttribute("aria-valuetext", `${words}; ${chosen.length} of ${this.trials.trials.length} trials`);
    });
    this.tools.hidden = !any;
    this.said.textContent = any ? this.words(chosen, wanted, holds) :
      "Draw a range along an axis to choose trials; a click takes a choice, several axes count together. With keys: Tab to an axis, ↑ cuts off from below, ↓ from above, with Shift they give back, Esc clears.";
  }

  // rangeWords are the values of an axis that trials have in its range.
  rangeWords(i, inside) {
    if (!inside.length) return "none";
    const sorted = [...inside].sort((a, b) => a.at[i] - b.at[i]), texts = [...new Set(sorted.map(t => t.texts[i]))];
    return this.trials.axes[i].choices ? texts.join(" or ") : texts.length === 1 ? texts[0] : `${texts[0]} to ${texts[texts.length - 1]}`;
  }

  words(chosen, wanted, holds) {
    const { axes, trials } = this.trials;
    const ranges = axes.map((a, i) => wanted[i] && `${a.name} ${this.rangeWords(i, trials.filter(t => holds(t, i)))}`).filter(Boolean).join(", ");
    const states = new Map();
    for (const t of chosen) states.set(t.state, (states.get(t.state) || 0) + 1);
    const best = chosen.find(t => t.at[this.last] !== null); // they come best first
    const told = best ? ` The best of them is trial ${best.number} with ${best.texts[this.last]}${best.best ? ", the best of all" : ""}.` : "";
    return `${chosen.length} of ${trials.length} trials: ${ranges}.${told}${chosen.length ? ` ${[...states].map(([state, n]) => `${n} ${state}`).join(", ")}.` : ""}`;
  }
}
