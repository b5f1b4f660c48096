// Segments that were pinned as A beside those that are shown: who moved, drawn as a flow, with what chance alone would move.
import { find, make, number, percent } from "./dom.js";

const SPACE = "http://www.w3.org/2000/svg", WIDE = 480, TALL = 180, BAR = 14, GAP = 4;
let pin = () => {};
export const onPin = (act) => { pin = act; };

const draw = (tag, attributes) => {
  const node = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};
const tone = (i) => `var(--s${(i % 8) + 1})`;
const sum = (values) => values.reduce((a, b) => a + b, 0);

// Where each part of a stack of sizes begins and how tall it is.
const stacked = (sizes, total) => {
  const room = TALL - GAP * (sizes.length - 1);
  let y = 0;
  return sizes.map((size) => { const tall = (size / total) * room, at = y; y += tall + GAP; return { y: at, tall }; });
};

const flow = ({ overlap, partner }) => {
  const left = overlap.map(sum), right = overlap[0].map((_, j) => sum(overlap.map((row) => row[j]))), total = sum(left) || 1;
  const from = stacked(left, total), to = stacked(right, total), start = from.map((p) => p.y), end = to.map((p) => p.y);
  const drawing = draw("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, "aria-hidden": "true", class: "flow" });
  overlap.forEach((row, i) => row.forEach((n, j) => {
    if (!n) return;
    const a = (n / left[i]) * from[i].tall, b = (n / right[j]) * to[j].tall, x0 = BAR, x1 = WIDE - BAR, mid = WIDE / 2;
    const band = draw("path", { d: `M${x0},${start[i]} C${mid},${start[i]} ${mid},${end[j]} ${x1},${end[j]} V${end[j] + b} C${mid},${end[j] + b} ${mid},${start[i] + a} ${x0},${start[i] + a} Z`, fill: tone(i), class: partner[i] === j ? "stays" : "moves" });
    drawing.append(band);
    start[i] += a;
    end[j] += b;
  }));
  from.forEach((p, i) => drawing.append(draw("rect", { x: 0, y: p.y, width: BAR, height: p.tall, fill: tone(i) })));
  to.forEach((p, j) => drawing.append(draw("rect", { x: WIDE - BAR, y: p.y, width: BAR, height: p.tall, fill: tone(j) })));
  return drawing;
};

// Whom to contact, in words, and how that differs between A and B.
const ids = (segments) => `segment${segments.length > 1 ? "s" : ""} ${segments.join(", ")}`;
const choice = (target) => {
  if (!target) return "–";
  const part = target.try.length ? `try ${ids(target.try)} on a part` : "";
  if (target.contact.length) return [`contact ${ids(target.contact)}`, part].filter(Boolean).join("; ");
  return part ? `nobody yet; ${part}` : "nobody";
};
const decision = (a, b, { overlap, n_customers }) => a.targets.map((mine) => {
  const theirs = b.targets.find((one) => one.outcome === mine.outcome);
  if (!theirs) return null;
  const kind = mine.contact.length || theirs.contact.length ? "contact" : "try", lead = make("b", {}, `Whom to contact, ${mine.label}: `);
  if (!mine[kind].length && !theirs[kind].length) return make("p", { "data-decision": 0 }, lead, "nobody, under A as under B.");
  const of = (i, j) => overlap[i - 1]?.[j - 1] ?? 0, all = b.segments.map((one) => one.id), every = a.segments.map((one) => one.id);
  const added = (rows, columns) => sum(rows.map((i) => sum(columns.map((j) => of(i, j)))));
  const inA = added(mine[kind], all), inB = added(every, theirs[kind]), inBoth = added(mine[kind], theirs[kind]);
  const act = kind === "contact" ? "contact" : "try it on", changed = inA + inB - 2 * inBoth;
  return make("p", { "data-decision": changed }, lead, `A says ${choice(mine)}; B ${choice(theirs)}. `,
    inA && inB ? `Of the ${number(inA)} customers whom A would ${act}, ${number(inBoth)} (${percent(inBoth / inA)}) are among the ${number(inB)} of B, of whom ${inB > inBoth ? number(inB - inBoth) : "none"} are new.`
      : `A would ${act} ${number(inA)} customers, B ${number(inB)}.`,
    changed ? "" : " The decision stays.");
});

const shareOrNone = (value) => (value === null || value === undefined ? "–" : percent(value));

const sides = (a, b) => {
  const row = (label, value) => make("tr", {}, make("th", { scope: "row" }, label), make("td", {}, value(a)), b ? make("td", {}, value(b)) : null);
  return make("table", {},
    make("thead", {}, make("tr", {}, make("td", {}), make("th", { scope: "col" }, "A"), b ? make("th", { scope: "col" }, "B, shown") : null)),
    make("tbody", {}, row("State", (one) => one.what), row("Segments", (one) => number(one.segments.length)), row("Verdict", (one) => one.verdict),
      ...a.targets.map(({ outcome, label }) => row(`Whom to contact, ${label}`, (one) => choice(one.targets.find((other) => other.outcome === outcome)))),
      row("Variation of the outcomes explained, of customers held out", (one) => shareOrNone(one.explained)),
      row("Least stable segment, overlap in other samples", (one) => shareOrNone(one.found_again)),
      row("Customers who stay in 90 % of other analyses", (one) => shareOrNone(one.steady))));
};

const crossed = (a, b, { overlap, partner }) => make("table", { class: "cross" },
  make("caption", {}, "Of each segment of A, where its customers are now"),
  make("thead", {}, make("tr", {}, ...b.segments.map((one) => make("th", { scope: "col", title: one.name }, `B ${one.id}`)))),
  ...a.segments.map((one, i) => {
    const total = sum(overlap[i]) || 1;
    const cells = overlap[i].map((n, j) => make("td", { class: partner[i] === j ? "stays" : "", "data-v": n, title: `${number(n)} customers` }, n ? percent(n / total) : "–"));
    return make("tbody", {}, make("tr", {}, make("th", { scope: "rowgroup", colspan: cells.length }, `A ${one.id}: ${one.name}`)), make("tr", {}, ...cells));
  }));

const words = (a, moved) => {
  const apart = moved.n_apart ? ` ${number(moved.n_apart)} customers are in one of the two alone.` : "";
  const redrawn = a.redrawn === null ? "" : ` Drawing the customers of A anew moves ${percent(a.redrawn)}.`;
  return make("p", { "data-moved": moved.share }, make("b", {}, `${percent(moved.share)} of ${number(moved.n_customers)} customers moved.`),
    `${redrawn} Two divisions of these sizes that have nothing to do with each other would move ${percent(moved.by_chance)}.${apart}`);
};

export const showCompare = (told, turn) => {
  const place = find("[data-compare] > div");
  const button = (isOn, label) => make("button", { type: "button", onclick: () => pin(isOn) }, label);
  const waits = told?.waits ? make("p", { "data-waits": "" }, "These segments will be pinned as A as soon as they are worked out.") : null;
  if (!told?.a) {
    if (waits) return place.replaceChildren(waits, button(false, "Do not pin"));
    place.replaceChildren(make("p", {}, "Pin the segments that are shown as A, go on, and see who moves, and whether it was worth it."), button(true, "Pin as A"));
    return undefined;
  }
  const { a, b, moved, problem } = told;
  const parts = [sides(a, b)];
  if (moved) parts.unshift(words(a, moved), ...decision(a, b, moved).filter(Boolean), flow(moved), make("div", { class: "scroll", role: "region", "aria-label": "Where the customers of A are now", tabindex: 0 }, crossed(a, b, moved)));
  else parts.push(make("p", {}, problem || (told.turn === turn ? "Make a move, and see here who it moves." : "")));
  if (waits) parts.unshift(waits);
  parts.push(make("div", { class: "row" }, button(true, "Pin what is shown as A"), button(false, "Take the pin out")));
  return place.replaceChildren(...parts);
};
showCompare(null, 0);

// How much of the segments that are shown the states have that were tried before.
export const showSurvival = ({ segments, states }) => {
  const place = find("[data-survival]");
  place.hidden = !states.length;
  if (!states.length) return place.replaceChildren();
  const other = `${number(states.length)} other state${states.length > 1 ? "s" : ""}`;
  const row = (one) => make("tr", {}, make("th", { scope: "row" }, `${one.id} ${one.name}`), make("td", { "data-v": one.mean }, percent(one.mean)), make("td", {}, percent(one.least)));
  return place.replaceChildren(
    make("p", {}, make("b", {}, "What survives. "), `Of the customers of each segment that is shown, the share who stay together in ${other} that ${states.length > 1 ? "were" : "was"} worked out:`),
    make("table", {}, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Segment"), make("th", { scope: "col" }, "Mean"), make("th", { scope: "col" }, "Least"))), make("tbody", {}, ...segments.map(row))),
    make("details", {}, make("summary", {}, "State by state"), make("ul", {}, ...states.map((one) => make("li", {}, `${one.what} (${number(one.segments)} segments): ${percent(one.share)} stay`)))));
};
