// Names and notes of the segments: each has the name that its levels give it, and may have another.
import { ask } from "./asking.js";
import { find, make, percent } from "./dom.js";

const LONGEST = { name: 100, note: 2000 };

const field = (one, what, tag) => {
  const node = make(tag, {
    value: tag === "input" ? one[what] : null, maxlength: LONGEST[what], placeholder: what === "name" ? one.of : "Note", autocomplete: "off", rows: tag === "textarea" ? 2 : null,
    "aria-label": `${what === "name" ? "Name" : "Note"} of ${one.id ? `segment ${one.id}` : one.of}`, "data-key": `${what} ${one.of}`, type: tag === "input" ? "text" : null,
    onchange: () => ask({ kind: "name", of: one.of, name: one.name, note: one.note, [what]: node.value }),
  });
  if (tag === "textarea") node.value = one.note;
  return node;
};

const row = (one) => make("li", { "data-of": one.of },
  make("p", {}, one.id ? make("b", { class: "badge", style: `--c: var(--s${((one.id - 1) % 8) + 1})` }, String(one.id)) : null,
    one.id ? `${one.of}: ` : `No segment is ${one.of} any more. `,
    make("span", { class: "muted" }, one.id ? `${percent(one.share)} of the customers${one.holds === null ? "" : `; holds for ${percent(one.holds)} of them`}` : "The name waits for one; empty it to drop it.")),
  field(one, "name", "input"), field(one, "note", "textarea"));

export const showNames = ({ segments }) => {
  const list = find("[data-names]"), menu = list.closest("details");
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  menu.hidden = segments.length === 0;
  list.replaceChildren(...segments.map(row));
  if (focused) list.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
};
