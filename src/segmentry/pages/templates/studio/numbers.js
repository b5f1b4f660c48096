// Edges of a number: typed, moved by arrow keys, dragged over the histogram. While a handle is held, shares are counted here.
import { ask } from "./asking.js";
import { make, typed, written } from "./dom.js";

const END = 0.04; // width of the two open intervals on the strip
const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);

export const setEdges = (feature, edges, gesture = "") => {
  const sorted = [...new Set(edges)].sort((a, b) => a - b);
  if (gesture || !same(sorted, feature.edges)) ask({ kind: "edges", feature: feature.name, edges: sorted }, gesture);
};

// Where a value is on the strip, from 0 to 1.
const scaleOf = (cuts) => {
  const low = cuts[0], high = cuts[cuts.length - 1], range = high - low || 1;
  return (value) => END + ((value - low) / range) * (1 - 2 * END);
};

// Shares of the levels that edges make, added up from the fine intervals.
export const sharesOf = (feature, edges) => {
  const sums = new Array(edges.length + 1).fill(0);
  feature.fine.forEach((n, i) => {
    const start = i === 0 ? -Infinity : feature.cuts[i - 1];
    sums[edges.filter((edge) => edge <= start).length] += n;
  });
  const total = feature.fine.reduce((a, b) => a + b, 0) || 1;
  return sums.map((n) => n / total);
};

// The neighbouring place to which an arrow key moves an edge: a cut, or a round step where there are none.
const step = (feature, edge, by) => {
  if (feature.cuts.length) {
    const cuts = feature.cuts.filter((cut) => (by > 0 ? cut > edge : cut < edge));
    return by > 0 ? cuts[Math.min(by, cuts.length) - 1] ?? edge : cuts[cuts.length - Math.min(-by, cuts.length)] ?? edge;
  }
  const far = Math.max(...feature.edges.map(Math.abs), 1);
  return Number((edge + by * 10 ** Math.floor(Math.log10(far / 20))).toPrecision(12));
};

const between = (feature, i) => [feature.edges[i - 1] ?? -Infinity, feature.edges[i + 1] ?? Infinity];
const replaced = (feature, i, value) => feature.edges.map((edge, j) => (j === i ? value : edge));

// The edge that a key moves. While it is held down it goes on from where it is here, and all its moves are one step of undo.
const held = { name: "", i: -1, value: 0, gesture: "" };

const moveBy = (feature, i, by, isHeld) => {
  if (!isHeld || held.name !== feature.name || held.i !== i) Object.assign(held, { name: feature.name, i, value: feature.edges[i], gesture: crypto.randomUUID() });
  const value = step(feature, held.value, by), [low, high] = between(feature, i);
  if (value <= low || value >= high || value === held.value) return;
  held.value = value;
  setEdges(feature, replaced(feature, i, value), held.gesture);
};

// The edge that somebody typed between two others; null where it is none, which is said then.
const edgeOf = (field, feature, label, [low, high]) => {
  const value = typed(field.value, feature), isWrong = Number.isNaN(value) || value <= low || value >= high;
  field.setAttribute("aria-invalid", String(isWrong));
  if (!isWrong) return value;
  const range = [low > -Infinity ? `above ${written(low, feature)}` : "", high < Infinity ? `below ${written(high, feature)}` : ""].filter(Boolean).join(" and ");
  const detail = `${label}: must be ${feature.numbers === "day" ? "a date such as 2024-12-31" : "a number"}${range ? ` ${range}` : ""}; got ${field.value || "nothing"}.`;
  field.dispatchEvent(new CustomEvent("refused", { bubbles: true, detail }));
  return null;
};

const keyboardOf = (feature) => (feature.numbers === "day" ? { placeholder: "2024-12-31" } : { inputmode: "decimal" });

export const edgeRow = (feature, i) => {
  const edge = feature.edges[i], label = `${feature.title}, edge ${i + 1} of ${feature.edges.length}`;
  const field = make("input", {
    type: "text", ...keyboardOf(feature), value: written(edge, feature), "aria-label": label, "data-key": `edge ${i}`, autocomplete: "off",
    onchange: (event) => {
      const value = edgeOf(event.target, feature, label, between(feature, i));
      if (value !== null) setEdges(feature, replaced(feature, i, value));
    },
    onkeydown: (event) => {
      const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5 }[event.key];
      if (!by) return;
      event.preventDefault();
      moveBy(feature, i, by, event.repeat);
    },
  });
  const remove = make("button", {
    type: "button", "aria-label": `Remove the edge ${written(edge, feature)}`, title: "Remove the edge", "data-key": `remove ${i}`, disabled: feature.edges.length < 2,
    onclick: () => setEdges(feature, feature.edges.filter((_, j) => j !== i)),
  }, "×");
  return make("li", { class: "edge" }, field, remove);
};

// Split a level at the cut that divides its customers most evenly.
export const splitLevel = (feature, i) => {
  const low = feature.edges[i - 1] ?? -Infinity, high = feature.edges[i] ?? Infinity;
  const inside = feature.cuts.filter((cut) => cut > low && cut < high);
  if (!inside.length) return null;
  const split = make("button", {
    type: "button", "data-key": `split ${i}`, "aria-label": `Split ${feature.levels[i].label}`,
    onclick: () => {
      const apart = (cut) => { const shares = sharesOf(feature, [...feature.edges, cut].sort((a, b) => a - b)); return Math.abs(shares[i] - shares[i + 1]); };
      setEdges(feature, [...feature.edges, inside.reduce((best, cut) => (apart(cut) < apart(best) ? cut : best))]);
    },
  }, "Split");
  return make("span", { class: "do" }, split);
};

export const newEdge = (feature) => make("label", {}, "New edge ", make("input", {
  type: "text", ...keyboardOf(feature), size: 9, "data-key": "new edge", autocomplete: "off",
  onchange: (event) => {
    const value = edgeOf(event.target, feature, `${feature.title}, new edge`, [-Infinity, Infinity]);
    if (value !== null) setEdges(feature, [...feature.edges, value]);
  },
}));

const bars = (feature, x, edges) => {
  const space = "http://www.w3.org/2000/svg", drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 1 1");
  drawing.setAttribute("preserveAspectRatio", "none");
  drawing.setAttribute("aria-hidden", "true");
  const ends = [0, ...feature.cuts.map(x), 1];
  const density = feature.fine.map((n, i) => n / Math.max(ends[i + 1] - ends[i], 1e-9));
  const most = Math.max(...density, 1e-12);
  feature.fine.forEach((_, i) => {
    const bar = document.createElementNS(space, "rect"), tall = density[i] / most;
    const start = i === 0 ? -Infinity : feature.cuts[i - 1];
    const level = edges.filter((edge) => edge <= start).length;
    for (const [key, value] of Object.entries({ x: ends[i], width: Math.max(ends[i + 1] - ends[i], 0.002), y: 1 - tall, height: tall })) bar.setAttribute(key, value);
    bar.setAttribute("class", level % 2 ? "odd" : "even");
    drawing.append(bar);
  });
  return drawing;
};

// The histogram with a handle for each edge; null where the fine intervals are not known.
export const strip = (feature, shown) => {
  if (feature.fine.length < 2) return null;
  const x = scaleOf(feature.cuts), place = make("div", { class: "strip" });
  place.append(bars(feature, x, feature.edges));
  feature.edges.forEach((edge, i) => place.append(handle(feature, i, place, x, shown)));
  return place;
};

const describe = (node, value, feature) => {
  node.setAttribute("aria-valuenow", value);
  node.setAttribute("aria-valuetext", written(value, feature));
};

const handle = (feature, i, place, x, shown) => {
  const gesture = crypto.randomUUID(), [low, high] = between(feature, i);
  const node = make("span", {
    class: "handle", role: "slider", tabindex: 0, "aria-label": `${feature.title}, edge ${i + 1}`, "data-key": `handle ${i}`,
    "aria-valuemin": feature.cuts[0], "aria-valuemax": feature.cuts[feature.cuts.length - 1],
    onkeydown: (event) => {
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5 }[event.key];
      if (by) { event.preventDefault(); moveBy(feature, i, by, event.repeat); }
      if ((event.key === "Delete" || event.key === "Backspace") && feature.edges.length > 1) setEdges(feature, feature.edges.filter((_, j) => j !== i));
    },
  });
  const put = (value) => { node.style.left = `${x(value) * 100}%`; describe(node, value, feature); };
  put(feature.edges[i]);
  const allowed = feature.cuts.filter((cut) => cut > low && cut < high);
  let now = feature.edges[i];
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    node.classList.add("held");
    shown.hold(true);
    event.preventDefault();
    node.focus();
  });
  node.addEventListener("pointermove", (event) => {
    if (!node.hasPointerCapture(event.pointerId) || !allowed.length) return;
    const box = place.getBoundingClientRect(), at = (event.clientX - box.left) / box.width;
    const nearest = allowed.reduce((best, cut) => (Math.abs(x(cut) - at) < Math.abs(x(best) - at) ? cut : best));
    if (nearest === now) return;
    now = nearest;
    const edges = replaced(feature, i, now);
    put(now);
    place.querySelector("svg").replaceWith(bars(feature, x, edges));
    shown.preview(edges, sharesOf(feature, edges));
    setEdges(feature, edges, gesture);
  });
  const drop = (event) => {
    if (!node.classList.contains("held")) return;
    node.classList.remove("held");
    if (node.hasPointerCapture(event.pointerId)) node.releasePointerCapture(event.pointerId);
    shown.hold(false);
  };
  node.addEventListener("pointerup", drop);
  node.addEventListener("pointercancel", drop);
  return node;
};
