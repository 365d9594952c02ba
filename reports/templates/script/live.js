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
  const handle = all(".handle", old).indexOf(document.activeElement);
  const running = old.querySelector("#running"), next = main.querySelector("#running");
  if (running && next) next.replaceWith(running);
  old.replaceWith(document.adoptNode(main));
  dress(main);
  all("table.data", main).forEach((t, i) => { if (sorted[i]) sortTable(t, sorted[i].cellIndex, sorted[i].getAttribute("aria-sort") === "descending"); });
  all("details", main).forEach((d, i) => { d.open = open[i] || false; });
  all("input[type=search]", main).forEach((input, i) => { if (typed[i]) { input.value = typed[i]; input.dispatchEvent(new Event("input")); } if (i === focus) input.focus(); });
  if (handle >= 0) all(".handle", main)[handle]?.focus({ preventScroll: true });
}
