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
