// Levels that are values: one is dropped on another, or chosen from a list, and they are one level; a group is split again.
import { ask } from "./asking.js";
import { make } from "./dom.js";

const TYPE = "application/x-segmentry-level";

const mergeable = (feature) => feature.levels.filter((level) => !level.is_missing);

const picker = (feature, level) => {
  const others = mergeable(feature).filter((other) => other.label !== level.label);
  const field = make("select", {
    "aria-label": `Put ${level.label} together with another level`, "data-key": `merge ${level.label}`, title: "Put together with…",
    onchange: (event) => ask({ kind: "merge", feature: feature.name, levels: [level.label, event.target.value] }),
  }, make("option", { value: "", disabled: true, selected: true }, "+"), ...others.map((other) => make("option", { value: other.label }, other.label)));
  return field;
};

const splitter = (feature, level) => make("button", {
  type: "button", "data-key": `split ${level.label}`, "aria-label": `Split ${level.label} into its values`,
  onclick: () => ask({ kind: "split", feature: feature.name, level: level.label }),
}, "Split");

// Where levels are in an order, each but the first can go up.
const lifter = (feature, level) => {
  const movable = mergeable(feature).filter((one) => !one.is_fixed), i = movable.findIndex((one) => one.label === level.label);
  if (feature.scale === "nominal" || i < 1) return null;
  return make("button", {
    type: "button", class: "lift", "data-key": `up ${level.label}`, "aria-label": `Move ${level.label} before ${movable[i - 1].label}`, title: "Move up",
    onclick: () => ask({ kind: "order", feature: feature.name, level: level.label, by: -1 }),
  }, "↑");
};

export const valueActs = (feature, level) => {
  if (feature.kind !== "values" || level.is_missing) return null;
  const can = mergeable(feature).length > 2;
  return make("span", { class: "do" }, lifter(feature, level), level.values.length > 1 && !level.is_fixed ? splitter(feature, level) : null, can ? picker(feature, level) : null);
};

export const makeDroppable = (row, feature, level) => {
  if (feature.kind !== "values" || level.is_missing || mergeable(feature).length < 3) return;
  row.draggable = true;
  row.addEventListener("dragstart", (event) => {
    event.dataTransfer.setData(TYPE, JSON.stringify([feature.name, level.label]));
    event.dataTransfer.effectAllowed = "move";
  });
  row.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes(TYPE)) return;
    event.preventDefault();
    row.classList.add("over");
  });
  row.addEventListener("dragleave", () => row.classList.remove("over"));
  row.addEventListener("drop", (event) => {
    row.classList.remove("over");
    const [name, label] = JSON.parse(event.dataTransfer.getData(TYPE) || "[]");
    if (name !== feature.name || label === level.label) return;
    event.preventDefault();
    ask({ kind: "merge", feature: feature.name, levels: [level.label, label] });
  });
};
