package reports

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// theme shows pages as on a light or a dark screen.
func (b *browser) theme(scheme string) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	}))
}

// pale lists texts that stand out too little from what is behind them: WCAG 2.2, 1.4.3, asks for a
// contrast of 4.5, and of 3 for large ones. Colours are mixed as they are laid over each other,
// with the opacity of what holds them; lines below the words of a plot have a border around the
// letters and do not count.
const pale = `(() => {
	const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
	const seen = new Map(), parse = text => {
		if (!seen.has(text)) { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1); const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; seen.set(text, [r, g, b, a / 255]); }
		return seen.get(text);
	};
	const over = (top, below, a) => [0, 1, 2].map(i => top[i] * a + below[i] * (1 - a));
	const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const behind = e => {
		if (!e) return [255, 255, 255];
		const c = parse(getComputedStyle(e).backgroundColor);
		return c[3] === 1 ? c.slice(0, 3) : over(c, behind(e.parentElement), c[3]);
	};
	const faded = e => e ? Number(getComputedStyle(e).opacity) * faded(e.parentElement) : 1;
	const found = new Set();
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		const e = n.parentElement;
		if (!n.textContent.trim() || e.closest("script, style, title, option, .away") || !e.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true })) continue;
		const style = getComputedStyle(e), svg = e instanceof SVGElement, back = behind(svg ? e.ownerSVGElement.parentElement : e);
		const ink = parse(svg ? style.fill : style.color), text = over(ink, back, ink[3] * faded(e));
		const [a, b] = [light(text), light(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
		const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
		if (ratio < (large ? 3 : 4.5)) found.add(e.tagName + "." + (e.getAttribute("class") || e.parentElement.className) + " " + ratio.toFixed(2) + ": " + n.textContent.trim().slice(0, 30));
	}
	return [...found].slice(0, 20).join("; ");
})()`

// unnamed lists what somebody who does not see the page would miss: things to operate and tables without
// a name, heads that do not say what they head, pictures without words, titles that skip a
// level, ids that are there twice.
const unnamed = `(() => {
	const found = [], say = (what, list) => list.forEach(e => found.push(what + ": " + e.outerHTML.slice(0, 90)));
	const all = selector => [...document.querySelectorAll(selector)];
	const name = e => (e.getAttribute("aria-label") || (e.getAttribute("aria-labelledby") || "").split(" ").map(id => id && document.getElementById(id) ? document.getElementById(id).textContent : "").join("") || e.textContent || e.title || "").trim();
	say("nothing says what it does", all("button, a[href], summary").filter(e => !name(e) && !e.querySelector("img[alt]:not([alt=''])")));
	say("a field without a name", all("input, select").filter(e => !e.labels.length && !e.getAttribute("aria-label")));
	say("a table without a name", all("table").filter(e => !e.caption && !e.getAttribute("aria-label")));
	say("a head without a scope", all("th:not([scope])"));
	say("a picture without words", all("img:not([alt])").concat(all("main svg:not([aria-label]):not([aria-hidden])")));
	say("a group without a name", all("[role=group], [role=img], [role=slider], section").filter(e => !e.getAttribute("aria-label") && !e.getAttribute("aria-labelledby")));
	say("a name that is not there", all("[aria-labelledby]").filter(e => !name(e)));
	const levels = all("h1, h2, h3, h4").map(h => [Number(h.tagName[1]), h]);
	say("a title that skips a level", levels.filter(([n], i) => n > (i ? levels[i - 1][0] : 0) + 1).map(([, h]) => h));
	const ids = all("[id]").map(e => e.id);
	say("an id twice", all("[id]").filter((e, i) => ids.indexOf(e.id) !== i));
	if (!document.documentElement.lang || !document.title) found.push("the page has no language or no title");
	return found.slice(0, 12).join("; ");
})()`

// hidden lists kinds of things that can have the focus of the keyboard and do not show it.
const unfocused = `(() => {
	const kinds = new Map();
	for (const e of document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")) {
		const kind = e.tagName + "." + (e.getAttribute("class") || "");
		if (kinds.has(kind) || !e.checkVisibility({ contentVisibilityAuto: true })) continue;
		e.focus({ focusVisible: true });
		if (document.activeElement !== e) continue;
		const shows = [e, ...e.children].some(x => { const s = getComputedStyle(x); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 || x.matches(".hit") && s.stroke !== "none"; });
		kinds.set(kind, shows);
	}
	return [...kinds].filter(([, shows]) => !shows).map(([kind]) => kind).join("; ");
})()`

// TestAccessibilityInBrowser: all pages can be read in both themes, also where trials are chosen, and
// without seeing them.
func TestAccessibilityInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	for name, draw := range map[string]func(io.Writer) error{
		"report":     func(w io.Writer) error { return AsFile.Run(w, sample(t)) },
		"comparison": func(w io.Writer) error { return AsFile.Comparison(w, sampleComparison(t, "")) },
		"sweep":      func(w io.Writer) error { return AsFile.Sweep(w, wideSweep(30, 5)) },
		"index":      func(w io.Writer) error { return AsFile.Index(w, sampleListing("")) },
	} {
		for _, scheme := range []string{"light", "dark"} {
			b.theme(scheme)
			b.open(draw)
			b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(d => { d.open = true; })`))
			b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".handle").forEach(h => h.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" })))`))
			b.want(fmt.Sprintf("%s, %s: too pale", name, scheme), pale, "")
			b.want(fmt.Sprintf("%s, %s: the focus is not seen", name, scheme), unfocused, "")
		}
		b.want(name+": not told", unnamed, "")
	}
	b.quiet()
}
