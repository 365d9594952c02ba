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
