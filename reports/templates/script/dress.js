// --- the page as a whole

function dress(root) {
  all("table.data, table.nums, table.matrix, table.bars", root).forEach(dressTable);
  all("table.pick", root).forEach(choosable);
  const plots = all("figure.plot", root).map(figure => {
    const svg = figure.querySelector("svg[data-plot]"), table = figure.querySelector("table.nums");
    return svg && table ? new Plot(figure, svg, table) : null;
  }).filter(Boolean);
  all("section", root).forEach(section => smoothable(section, plots.filter(p => p.figure.closest("section[aria-labelledby]") === section)));
  all("figure.scatter svg[data-points]", root).forEach(svg => new Scatter(svg.closest("figure"), svg));
  all("figure:has(svg[data-trials])", root).forEach(figure => new Ranges(figure, new Trials(figure, root.querySelector("main") || root)));
  all(".gallery", root).forEach(dressGallery);
  all("a[data-filter]", root).forEach(link => link.addEventListener("click", () => {
    const gallery = document.getElementById(link.getAttribute("href").slice(1)), input = gallery && gallery.querySelector("input[type=search]");
    if (input) { input.value = link.dataset.filter; input.dispatchEvent(new Event("input")); }
  }));
}

dress(document);
document.documentElement.classList.add("ready");
if (document.body.dataset.live) follow(document.body.dataset.live);
