// --- the page of runner try. Texts of files and nets only ever become text nodes and attributes.

const about = JSON.parse(document.getElementById("about").textContent);
const byId = id => document.getElementById(id);

// trouble shows what went wrong, or nothing any more.
function trouble(what) {
  const box = byId("trouble");
  box.replaceChildren();
  box.hidden = !what;
  if (!what) return;
  box.append(make("p", {}, typeof what === "string" ? what : what.message));
  if (what.hint) box.append(make("p", {}, what.hint));
}

// facts say what the nets answer.
function facts() {
  const add = (name, value) => byId("facts").append(make("div", {}, make("dt", {}, name), make("dd", {}, value)));
  const few = (list, n) => list.length > n ? `${list.slice(0, n).join(", ")} and ${list.length - n} more` : list.join(", ");
  if (about.targets) add("answers", few(about.targets, 6));
  add("classes", few(about.classes, 8));
  add("of each", { image: about.wants.stacks ? "image, which may be a slice of a series" : "image", series: "series of slices", study: "study" }[about.wants.sample]);
  add("nets", about.nets === 1 ? "1" : `${about.nets} together`);
  add("probabilities", about.calibrated ? "calibrated" : "as the nets give them");
  if (about.prediction_sets) add("prediction sets", `cover ${Math.round(1000 * about.prediction_sets.coverage) / 10} %`);
}

const fields = [];
function fieldsOf() {
  const box = byId("fields");
  const add = (name, label, input) => {
    fields.push({ name, input });
    input.addEventListener("input", () => changed(false));
    box.append(make("label", {}, label, input));
  };
  if (about.wants.places) add("place", "what to look for", make("select", {}, ...about.wants.places.map(v => make("option", { value: v }, v))));
  for (const c of about.wants.covariates || []) {
    const unknown = c.headers ? "as the file says" : "not known";
    add(`covariate.${c.name}`, c.name, c.values
      ? make("select", {}, make("option", { value: "" }, unknown), ...c.values.map(v => make("option", { value: v }, v)))
      : make("input", { type: "number", step: "any", placeholder: unknown, inputmode: "decimal" }));
  }
}

let slots = [], running = null;

// lacks says what a request still needs; "" where it is whole.
function lacks() {
  const without = slots.filter(slot => !slot.files.length && !(slot.view && slot.view.optional));
  if (without.length) return without[0].view ? `${without.map(slot => slot.view.name).join(", ")} still missing` : " ";
  if (!slots.some(slot => slot.files.length)) return " ";
  const bad = fields.find(f => !f.input.validity.valid);
  if (bad) return `${bad.name.replace(/^covariate\./, "")} is no number`;
  if (about.wants.point === "needed" && slots.some(slot => slot.files.length && !slot.viewer.points.size)) return "click where to look";
  const half = slots.find(slot => slot.viewer && slot.viewer.points.size && !about.wants.stacks && slot.viewer.points.size < slot.viewer.stacks.length);
  if (half) return `${half.viewer.points.size} of ${half.viewer.stacks.length} images have a point: ${about.wants.point === "found" ? "give each one, or none" : "each needs one"}`;
  if (about.upload_bytes && slots.reduce((sum, slot) => sum + slot.bytes(), 0) > about.upload_bytes) return `more than ${size(about.upload_bytes)}: choose fewer files, or start runner try with --upload`;
  return "";
}

// changed asks by itself where nothing but files is wanted.
function changed(files) {
  const lack = lacks();
  byId("send").disabled = Boolean(lack) || Boolean(running);
  if (!running) byId("status").textContent = lack.trim();
  if (files && !lack && !fields.length && !about.wants.point && !about.wants.views) ask();
}

async function ask() {
  if (running || lacks()) return;
  trouble("");
  const data = new FormData(), start = performance.now();
  for (const f of fields) if (f.input.value !== "") data.append(f.name, f.input.value);
  for (const slot of slots) slot.append(data);
  data.append("pictures", "yes");
  const all = slots.flatMap(slot => slot.files), asked = all.length === 1 ? all[0].name : `${all.length} files, such as ${all[0].name}`;
  running = new AbortController();
  byId("send").disabled = true;
  byId("cancel").hidden = false;
  byId("status").textContent = "asking the nets…";
  try {
    const whole = await asks("/predict", data, running.signal);
    const section = answerOf(whole, asked, (performance.now() - start) / 1000);
    if (byId("none")) byId("none").remove();
    byId("answers").prepend(section);
    byId("status").textContent = "answered";
    section.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  } catch (error) {
    byId("status").textContent = error.name === "AbortError" ? "cancelled" : "";
    if (error.name !== "AbortError") trouble(error);
  } finally {
    running = null;
    byId("cancel").hidden = true;
    byId("send").disabled = Boolean(lacks());
  }
}

facts();
fieldsOf();
slots = (about.wants.views || [null]).map(view => new Slot(view, changed));
byId("slots").className = slots.length > 1 ? "slots" : "";
byId("slots").append(...slots.map(slot => slot.element));
byId("form").addEventListener("submit", e => { e.preventDefault(); ask(); });
byId("cancel").addEventListener("click", () => running && running.abort());
for (const name of ["dragover", "drop"]) addEventListener(name, e => e.preventDefault()); // beside a place, a file would take the page's
changed(false);
document.documentElement.classList.add("ready");
