// --- files that are dropped or chosen

const size = bytes => {
  const units = ["B", "kB", "MB", "GB"];
  let at = 0;
  for (; bytes >= 1000 && at < units.length - 1; at++) bytes /= 1000;
  return `${at && bytes < 100 ? bytes.toPrecision(2) : Math.round(bytes)} ${units[at]}`;
};

// filesOf lists the files of a folder that was dropped, and of those in it.
async function filesOf(entry, folder) {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    return [{ file, name: folder + file.name }];
  }
  const reader = entry.createReader(), out = [];
  for (;;) { // it gives a hundred at a time
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return out;
    for (const one of some) if (!one.name.startsWith(".")) out.push(...await filesOf(one, `${folder}${entry.name}/`));
  }
}

// dropped lists the files of a drop, which must be asked for before it is over.
async function dropped(data) {
  const entries = Array.from(data.items || []).map(item => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
  if (!entries.length) return Array.from(data.files).map(file => ({ file, name: file.name }));
  const lists = await Promise.all(entries.map(entry => filesOf(entry, "")));
  return lists.flat();
}

// Slot is a place for files: for all, or for those of one view.
class Slot {
  constructor(view, changed) {
    this.view = view;
    this.changed = changed;
    this.files = [];
    this.picked = make("p", { class: "files" });
    const called = view ? view.name : "";
    this.drop = make("div", { class: "drop" });
    this.input = (text, attributes) => {
      const input = make("input", { type: "file", hidden: "", ...attributes });
      const button = make("button", { type: "button", class: "choose" }, text);
      button.addEventListener("click", () => input.click());
      input.addEventListener("change", () => {
        if (input.files.length) this.take(Array.from(input.files).map(file => ({ file, name: file.webkitRelativePath || file.name })));
        input.value = "";
      });
      return [button, input];
    };
    const what = view ? `Drop the picture ${called} here` : "Drop images or folders here";
    const multiple = view ? {} : { multiple: "" };
    this.drop.append(make("p", {}, what), ...this.input(view ? `Choose ${called}` : "Choose files", { ...multiple, "data-slot": called }));
    if (!view) this.drop.append(...this.input("Choose a folder", { webkitdirectory: "" }));
    if (about.wants.slices) this.drop.append(make("p", { class: "note" }, "All slices of a series, please: how one looks to the nets goes by them."));
    this.drop.append(this.picked);
    this.element = make("div", { class: "slot" }, this.drop);
    if (view) this.element.prepend(make("h3", {}, called, ...(view.optional ? [make("small", {}, " may be missing")] : [])));
    this.viewer = about.wants.point ? new Viewer(this) : null;
    if (this.viewer) this.element.append(this.viewer.element);
    this.listen();
    this.say();
  }

  listen() {
    const over = e => { e.preventDefault(); this.drop.classList.add("over"); };
    this.drop.addEventListener("dragenter", over);
    this.drop.addEventListener("dragover", over);
    this.drop.addEventListener("dragleave", e => { if (!this.drop.contains(e.relatedTarget)) this.drop.classList.remove("over"); });
    this.drop.addEventListener("drop", async e => {
      e.preventDefault();
      this.drop.classList.remove("over");
      try {
        this.take(await dropped(e.dataTransfer));
      } catch (error) {
        trouble(`These files cannot be read: ${error.message}`);
      }
    });
  }

  take(files) {
    files = files.filter(one => !/(^|\/)\./.test(one.name)); // hidden ones, which nobody chose
    this.files = this.view ? files.slice(0, 1) : files;
    trouble(this.view && files.length > 1 ? `${this.view.name} is one picture; the first of ${files.length} files was taken.` : "");
    this.say();
    if (this.viewer) this.viewer.take();
    this.changed(true);
  }

  bytes() { return this.files.reduce((sum, one) => sum + one.file.size, 0); }

  say() {
    const n = this.files.length;
    this.picked.hidden = !n;
    this.picked.textContent = n ? `${n === 1 ? this.files[0].name : `${n} files, such as ${this.files[0].name}`} (${size(this.bytes())})` : "";
  }

  // append adds the files, and points in them, to a request.
  append(data) {
    for (const one of this.files) data.append(this.view ? `view.${this.view.name}` : "files", one.file, one.name);
    if (!this.viewer) return;
    for (const [image, [x, y]] of this.viewer.points) data.append("point", `${this.nameOf(image)},${x},${y}`);
  }

  // nameOf is what a request calls an image of this place.
  nameOf(image) {
    const frame = /#\d+$/.exec(image);
    return this.view ? `view.${this.view.name}${frame && !this.files.some(one => one.name === image) ? frame[0] : ""}` : image;
  }
}
