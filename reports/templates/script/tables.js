// --- numbers and texts of cells

const lead = cell => Array.from((cell.querySelector("a, button") || cell).childNodes).find(child => child.nodeName !== "INPUT");
const textOf = cell => (lead(cell) ? lead(cell).textContent : "").trim();
// numberOf reads "1,234", "−0.5", "43.1 %"; null where there is none.
function numberOf(cell) {
  if (!cell) return null;
  if (cell.dataset.v !== undefined) return cell.dataset.v === "" ? null : Number(cell.dataset.v);
  const plain = textOf(cell).replace(/−/g, "-").replace(/,/g, "");
  if (/^[-+]?∞/.test(plain)) return plain[0] === "-" ? -Infinity : Infinity;
  const found = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?/i.exec(plain);
  return found ? Number(found[0]) : null;
}

// --- tables

function sortTable(table, column, descending) {
  const heads = all("thead th", table), numeric = heads[column].classList.contains("number");
  const key = row => numeric ? numberOf(row.cells[column]) : textOf(row.cells[column]).toLowerCase();
  const rows = all("tbody tr", table).map((row, at) => ({ row, at, key: key(row) }));
  const missing = r => r.key === null || r.key === "";
  rows.sort((a, b) => {
    if (missing(a) || missing(b)) return missing(a) - missing(b) || a.at - b.at; // last, both ways
    const order = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
    return (descending ? -order : order) || a.at - b.at;
  });
  table.tBodies[0].append(...rows.map(r => r.row));
  heads.forEach(h => h.removeAttribute("aria-sort"));
  heads[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
}

function sortable(table) {
  all("thead th", table).forEach((head, column) => {
    const button = make("button", { type: "button", class: "sort" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const was = head.getAttribute("aria-sort");
      const first = head.classList.contains("number") ? "descending" : "ascending";
      sortTable(table, column, was ? was === "ascending" : first === "descending");
    });
  });
}

// matcher makes a test of rows from "word other f1>0.7".
function matcher(text, heads) {
  const names = heads.map(h => h.replace(/\s+/g, "_"));
  const find = name => names.includes(name) ? names.indexOf(name) : names.findIndex(h => h.includes(name));
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean).map(term => {
    const parts = /^([^<>=!]+)(<=|>=|!=|=|<|>)(.+)$/.exec(term);
    const column = parts ? find(parts[1]) : -1;
    return column < 0 ? { word: term } : { column, op: parts[2], value: parts[3] };
  });
  return row => terms.every(t => t.word !== undefined ? (row.dataset.words || row.textContent.toLowerCase()).includes(t.word) : holds(row.cells[t.column], t));
}

function holds(cell, { op, value }) {
  if (!cell) return false;
  const number = numberOf(cell), wanted = Number(value), text = textOf(cell).toLowerCase();
  const byNumber = number !== null && !Number.isNaN(wanted);
  switch (op) {
    case "=": return byNumber ? number === wanted : text.includes(value);
    case "!=": return byNumber ? number !== wanted : !text.includes(value);
    case "<": return byNumber && number < wanted;
    case "<=": return byNumber && number <= wanted;
    case ">": return byNumber && number > wanted;
    default: return byNumber && number >= wanted;
  }
}

const filterFrom = 9; // rows or pictures from which a filter is of use

function filter(items, label, placeholder, test) {
  const count = make("span", { class: "count", "aria-live": "polite" });
  const input = make("input", { type: "search", placeholder, "aria-label": label });
  input.addEventListener("input", () => {
    const is = test(input.value), list = items();
    let shown = 0;
    for (const item of list) { item.hidden = !is(item); shown += !item.hidden; }
    count.textContent = input.value ? `${shown} of ${list.length}` : "";
  });
  return [input, count];
}

function copyText(text, button) {
  const done = () => { button.textContent = "copied"; setTimeout(() => { button.textContent = "copy"; }, 1500); };
  const byHand = () => {
    const area = make("textarea", { class: "away" });
    area.value = text;
    document.body.append(area);
    area.select();
    if (document.execCommand("copy")) done();
    area.remove();
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand); else byHand();
}

// cellsOf are the texts of the rows that are seen, with minus signs as programs write them.
function cellsOf(table) {
  const clean = cell => cell.textContent.trim().replace(/\s+/g, " ").replace(/−/g, "-");
  return all("tr", table).filter(row => row.getClientRects().length).map(row => Array.from(row.cells, clean));
}

// tsv is what spreadsheets take.
const tsv = table => cellsOf(table).map(row => row.join("\t")).join("\n");

// markdown is what notes and pull requests take; its first row is the head.
function markdown(table) {
  const rows = cellsOf(table), wide = Math.max(...rows.map(r => r.length)), line = r => `| ${r.join(" | ")} |`;
  const full = rows.map(r => [...r.map(text => text.replace(/[\\|]/g, "\\$&")), ...Array(wide - r.length).fill("")]);
  if (!table.tHead) full.unshift(Array(wide).fill(""));
  return [line(full[0]), line(Array(wide).fill("---")), ...full.slice(1).map(line)].join("\n");
}

function dressTable(table) {
  const rows = () => all("tbody tr", table), tools = make("div", { class: "tools" });
  if (table.classList.contains("data") && rows().length > 1 && table.tHead) {
    const heads = all("thead th", table).map(h => h.textContent.trim().toLowerCase());
    sortable(table);
    if (rows().length >= filterFrom) {
      tools.append(...filter(rows, `filter ${table.getAttribute("aria-label") || ""}`, "filter: words, or f1>0.7", text => matcher(text, heads)));
    }
  }
  const button = make("button", { type: "button", class: "copy", title: "copy for a spreadsheet; with Shift as Markdown" }, "copy");
  button.addEventListener("click", e => copyText(e.shiftKey ? markdown(table) : tsv(table), button));
  tools.append(button);
  const box = table.closest(".scroll") || table, top = box.previousElementSibling;
  if (top && top.classList.contains("topline")) top.append(tools); else box.before(tools);
}
