// --- answers

const percent = p => p > 0 && p < 0.0005 ? "<0.1 %" : `${(100 * p).toFixed(1)} %`;

// bars are the probabilities of one prediction, in the order of the classes.
function bars(prediction) {
  const order = about.target_classes && about.target_classes[prediction.target] || about.classes;
  const rows = order.filter(name => name in prediction.probabilities).map(name => {
    const p = prediction.probabilities[name];
    return make("tr", name === prediction.predicted ? { class: "said" } : {}, make("th", { scope: "row" }, name),
      make("td", {}, percent(p), make("span", { class: `bar ink-${name === prediction.predicted ? 0 : 6}`, style: `width:${(100 * p).toFixed(2)}%` })));
  });
  return make("table", { class: "chances" }, make("caption", { class: "away" }, `Probabilities${prediction.target ? ` of ${prediction.target}` : ""}`), make("tbody", {}, ...rows));
}

// setOf says which classes the prediction set has; nothing where the run makes none.
function setOf(prediction) {
  if (!prediction.set) return [];
  const coverage = about.prediction_sets ? ` (${Math.round(1000 * about.prediction_sets.coverage) / 10} %)` : "";
  const p = make("p", { class: "set" }, `Prediction set${coverage}: `, make("b", {}, prediction.set.join(", ") || "empty (no class fits)"));
  if (about.prediction_sets) p.title = about.prediction_sets.guarantee;
  return [p];
}

function unlike(prediction) {
  const p = prediction.outlier_p;
  if (p === undefined) return [];
  const rare = about.outliers !== undefined && p <= about.outliers;
  return [make("p", { class: rare ? "unlike rare" : "unlike" },
    rare ? `Unlike the images of the training: of images like those at most ${percent(p)} are as far from them or further (outlier_p ${p.toPrecision(2)}).`
      : `Like the images of the training, as far as the nets see (outlier_p ${p.toPrecision(2)}).`)];
}

// seen is the picture with where the nets looked over it; one of several targets is chosen.
function seen(picture, predictions, card) {
  if (!picture || !picture.png) return make("p", { class: "note" }, "There is no picture of what the nets saw.");
  const stack = make("span", { class: "stack" }, make("img", { src: `data:image/png;base64,${picture.png}`, alt: `what the nets saw of ${picture.name}` }));
  const heat = make("img", { class: "heatmap", alt: "" });
  stack.append(heat);
  const figure = make("div", {}, stack);
  const said = make("p", { class: "note" });
  const look = at => {
    const one = picture.looks[at];
    heat.hidden = !one.png;
    if (one.png) heat.src = `data:image/png;base64,${one.png}`;
    said.textContent = (one.png ? `Coloured places spoke for ${one.class} (Grad-CAM).` : `Nothing shows what spoke for ${one.class}.`) +
      (picture.by ? ` As member ${picture.by} sees it.` : "");
  };
  const toggle = make("input", { type: "checkbox", checked: "" });
  toggle.addEventListener("change", () => card.classList.toggle("bare", !toggle.checked));
  if (picture.looks.some(one => one.png)) figure.append(make("label", { class: "switch" }, toggle, " show where the nets looked"));
  if (picture.looks.length > 1) {
    const choice = make("select", { "aria-label": "target" }, ...picture.looks.map((one, i) => {
      const of = predictions.find(p => p.case_id === one.case_id);
      return make("option", { value: i }, of && of.target || one.case_id);
    }));
    choice.addEventListener("change", () => look(Number(choice.value)));
    figure.append(make("label", { class: "switch" }, "for ", choice));
  }
  figure.append(said);
  if (picture.point) {
    const at = picture.point.map(v => Math.round(10 * v) / 10).join(", ");
    figure.append(make("p", { class: "note" }, `Looked at (${at}) of ${picture.image}${picture.found ? ", which the run's own net found" : ""}.`));
  }
  if (picture.looks.length) look(0);
  return figure;
}

// answerOf shows what one request said: a card for each sample.
function answerOf(whole, asked, seconds) {
  const section = make("section", { class: "asked", "aria-label": asked });
  const save = make("a", { download: "predictions.json" }, "save as JSON");
  const kept = { ...whole };
  delete kept.pictures;
  save.href = URL.createObjectURL(new Blob([JSON.stringify(kept, null, 2)], { type: "application/json" }));
  section.append(make("div", { class: "topline" }, make("h3", {}, asked), make("small", {}, seconds < 1 ? `${Math.round(1000 * seconds)} ms` : `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`), save));
  if (whole.warnings) section.append(make("ul", { class: "cautions" }, ...whole.warnings.map(text => make("li", {}, make("b", {}, "Caution: "), text))));
  const samples = new Map();
  for (const p of whole.predictions) {
    const name = p.sample || p.case_id;
    samples.set(name, [...(samples.get(name) || []), p]);
  }
  for (const [name, predictions] of samples) {
    const card = make("article", { class: "card answer" });
    const said = make("div", {}, make("h3", {}, name));
    for (const p of predictions) {
      if (p.target) said.append(make("h4", {}, p.target));
      said.append(bars(p), ...setOf(p));
    }
    said.append(...unlike(predictions[0]));
    card.append(seen((whole.pictures || []).find(p => p.name === name), predictions, card), said);
    section.append(card);
  }
  return section;
}
