// What the pages do beside being read: tables sort, filter and copy; plots tell
// their values and zoom; points change colours; trials of a sweep are chosen by ranges; galleries filter and answer to arrow keys; pages of
// runner serve follow what happens. Everything is readable without it. Texts of
// the data only ever become text nodes and attributes.

const all = (selector, root) => Array.from(root.querySelectorAll(selector));
const make = (name, attributes, ...children) => {
  const space = /^(g|line|path|text|rect|circle|clipPath|defs)$/.test(name) ? "http://www.w3.org/2000/svg" : null;
  const e = space ? document.createElementNS(space, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) e.setAttribute(key, value);
  e.append(...children);
  return e;
};
