// --- galleries

function dressGallery(gallery) {
  const items = () => all("li.picture", gallery);
  if (items().length >= filterFrom) {
    const tools = make("div", { class: "tools" });
    const said = /\btrue:\S+/.exec(items()[0].dataset.words || "");
    tools.append(...filter(items, "filter pictures", `filter: ${said ? said[0] : "words"} or a case`, text => matcher(text, [])));
    gallery.querySelector("ul").before(tools);
  }
  gallery.addEventListener("keydown", e => {
    const open = e.target.closest("details[open]"), step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (!open || !(step || e.key === "Escape")) return;
    const shown = items().filter(li => !li.hidden), next = shown[shown.indexOf(open.closest("li")) + step];
    if (e.key === "Escape") open.open = false;
    else if (next) {
      open.open = false;
      next.querySelector("details").open = true;
      next.querySelector("summary").focus();
    }
    e.preventDefault();
  });
}
