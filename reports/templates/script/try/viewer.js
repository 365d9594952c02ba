// --- images in which somebody points at a place

// asks sends a request, and gives its answer; what went wrong is an Error with a hint.
async function asks(path, data, signal) {
  let response;
  try {
    response = await fetch(path, { method: "POST", body: data, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer: does runner try still run?");
  }
  const told = await response.json().catch(() => ({ error: `the server answers ${response.status}` }));
  if (response.ok) return told;
  const error = new Error(told.error);
  error.hint = told.hint;
  throw error;
}

// Viewer shows the images of a slot, one slice at a time.
class Viewer {
  constructor(slot) {
    this.slot = slot;
    this.points = new Map(); // by image: pixels of its file
    this.seen = new Map();   // pictures that came already
    this.stacks = [];
    this.stack = make("select", { "aria-label": "series or image" });
    this.slice = make("input", { type: "range", min: 1, value: 1, "aria-label": "slice" });
    this.named = make("span", { class: "named" });
    this.img = make("img", { alt: "the image; click where the nets should look, or move with arrow keys" });
    this.mark = make("span", { class: "mark", hidden: "" });
    this.frame = make("span", { class: "point", tabindex: 0, role: "application", "aria-label": "place to look at: arrow keys move it" }, this.img, this.mark);
    this.x = make("input", { type: "number", step: "any", "aria-label": "x" });
    this.y = make("input", { type: "number", step: "any", "aria-label": "y" });
    this.none = make("button", { type: "button", class: "copy" }, "no point here");
    this.said = make("p", { class: "note" });
    this.which = make("div", { class: "row" }, make("label", {}, "image", this.stack));
    this.along = make("div", { class: "row" }, this.slice);
    this.where = make("div", { class: "row" }, make("label", {}, "x", this.x), make("label", {}, "y", this.y), this.none);
    this.element = make("div", { class: "viewer", hidden: "" }, this.which, this.frame, this.along, make("div", { class: "row" }, this.named), this.where, this.said);
    this.listen();
  }

  listen() {
    this.stack.addEventListener("change", () => this.open(Number(this.stack.value)));
    this.slice.addEventListener("input", () => this.show());
    this.frame.addEventListener("click", e => {
      const box = this.img.getBoundingClientRect();
      if (!box.width) return;
      this.point((e.clientX - box.left) / box.width * this.img.naturalWidth - 0.5, (e.clientY - box.top) / box.height * this.img.naturalHeight - 0.5);
    });
    this.frame.addEventListener("keydown", e => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
      if (!step || !this.now) return;
      e.preventDefault();
      const far = e.shiftKey ? 10 : 1, at = this.places() || [(this.img.naturalWidth - 1) / 2, (this.img.naturalHeight - 1) / 2];
      this.point(at[0] + far * step[0], at[1] + far * step[1]);
    });
    for (const input of [this.x, this.y]) input.addEventListener("change", () => {
      const x = this.x.valueAsNumber, y = this.y.valueAsNumber;
      if (Number.isFinite(x) && Number.isFinite(y)) this.set([x, y]);
    });
    this.none.addEventListener("click", () => this.set(null));
  }

  image() { return this.stacks[this.at].images[this.slice.valueAsNumber - 1]; }

  // take asks which slices belong together, of files that are new.
  async take() {
    this.points.clear();
    this.seen.clear();
    this.now = null;
    const turn = this.turn = {};
    this.element.hidden = true;
    if (!this.slot.files.length) return;
    try {
      const data = new FormData();
      for (const one of this.slot.files) data.append("files", one.file, one.name);
      const stacks = await asks("/stacks", data);
      if (turn !== this.turn) return;
      this.stacks = stacks;
      this.stack.replaceChildren(...stacks.map((s, i) => make("option", { value: i }, `${s.name}${s.images.length > 1 ? `, ${s.images.length} slices` : ""}`)));
      this.which.hidden = stacks.length < 2;
      this.element.hidden = false;
      this.open(0);
    } catch (error) {
      if (turn === this.turn) trouble(error);
    }
  }

  open(at) {
    this.at = at;
    const n = this.stacks[at].images.length;
    this.slice.max = n;
    this.slice.value = Math.ceil(n / 2);
    this.along.hidden = n < 2;
    this.show();
  }

  async show() {
    const image = this.image(), wanted = this.wanted = {};
    try {
      if (!this.seen.has(image)) this.seen.set(image, await this.fetch(image));
      if (wanted !== this.wanted) return; // the reader has gone on
      this.now = this.seen.get(image);
      this.img.src = `data:image/png;base64,${this.now.png}`;
      await this.img.decode();
      this.fit();
      this.draw();
    } catch (error) {
      if (wanted === this.wanted) trouble(error);
    }
  }

  // fit shows small pictures larger, so that one can point at a pixel, and large ones whole.
  fit() {
    const w = this.img.naturalWidth, h = this.img.naturalHeight;
    this.img.style.width = `${Math.round(Math.min(Math.max(w, 480), 0.7 * innerHeight * w / h))}px`;
  }

  fetch(image) {
    const data = new FormData(), files = this.slot.files;
    let one = files.find(f => f.name === image);
    const frame = /^(.*)#(\d+)$/.exec(image);
    if (!one && frame) {
      one = files.find(f => f.name === frame[1]);
      data.append("frame", frame[2]);
    }
    if (!one) return Promise.reject(new Error(`${image} is none of the files`));
    data.append("files", one.file, one.name);
    return asks("/picture", data);
  }

  // point sets the place of the image by one of the picture.
  point(px, py) {
    if (!this.now) return;
    const [a, b, c, d, e, f] = this.now.to_file;
    px = Math.min(Math.max(px, 0), this.img.naturalWidth - 1);
    py = Math.min(Math.max(py, 0), this.img.naturalHeight - 1);
    const round = v => Math.round(v * 100) / 100;
    this.set([round(a * px + b * py + c), round(d * px + e * py + f)]);
  }

  // places is where the point of the image lies in the picture.
  places() {
    const at = this.points.get(this.image());
    if (!at) return null;
    const [a, b, c, d, e, f] = this.now.to_file, det = a * e - b * d, x = at[0] - c, y = at[1] - f;
    return [(e * x - b * y) / det, (a * y - d * x) / det];
  }

  // set keeps one point for each series: that of another slice goes.
  set(point) {
    for (const image of this.stacks[this.at].images) this.points.delete(image);
    if (point) this.points.set(this.image(), point);
    this.draw();
    this.slot.changed(false);
  }

  draw() {
    const image = this.image(), at = this.points.get(image), place = this.places();
    const n = this.stacks[this.at].images.length;
    this.named.textContent = n > 1 ? `slice ${this.slice.value} of ${n}: ${image}` : image;
    this.x.value = at ? at[0] : "";
    this.y.value = at ? at[1] : "";
    this.mark.hidden = !place;
    this.none.hidden = !at;
    if (place) {
      this.mark.style.left = `${(place[0] + 0.5) / this.img.naturalWidth * 100}%`;
      this.mark.style.top = `${(place[1] + 0.5) / this.img.naturalHeight * 100}%`;
    }
    const other = !at && this.stacks[this.at].images.find(one => this.points.has(one));
    const pointed = this.stacks.filter(s => s.images.some(one => this.points.has(one))).length;
    const rest = about.wants.point === "found" ? "Without a point the run's own net finds it." : "The nets need one.";
    this.said.textContent = other ? `The point of this series lies in ${other}.` :
      at ? (this.stacks.length > 1 ? `${pointed} of ${this.stacks.length} images have a point.` : "In pixels of the file.") : `Click where the nets should look. ${rest}`;
  }
}
