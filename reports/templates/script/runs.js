// --- choosing runs to compare

const chosen = new Set(); // ids, kept while a page is drawn again

function choosable(table) {
  const note = make("p", { class: "chosen-runs", "aria-live": "polite" });
  const tell = () => {
    const ids = [...chosen];
    note.hidden = !ids.length;
    if (ids.length === 1) { note.replaceChildren("1 run chosen: choose another to compare with"); return; }
    if (document.body.dataset.live === undefined) {
      const button = make("button", { type: "button", class: "copy" }, "copy"), command = `runner compare ${ids.join(" ")}`;
      button.addEventListener("click", () => copyText(command, button));
      note.replaceChildren(make("code", {}, command), " ", button);
      return;
    }
    const link = make("a", {}, `compare ${ids.length} runs`);
    link.href = "/compare?" + ids.map(id => "run=" + encodeURIComponent(id)).join("&");
    note.replaceChildren(link, ` against ${ids[0]}`);
  };
  for (const row of table.tBodies[0].rows) {
    const id = textOf(row.cells[0]), box = make("input", { type: "checkbox", "aria-label": `choose ${id}` });
    box.checked = chosen.has(id);
    box.addEventListener("change", () => { if (box.checked) chosen.add(id); else chosen.delete(id); tell(); });
    row.cells[0].prepend(box);
  }
  tell();
  table.closest(".scroll").before(note);
}
