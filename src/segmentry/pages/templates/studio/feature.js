// One feature of the recipe: its levels as bars, and what can be done to them.
import { ask } from "./asking.js";
import { find, make, number, percent, written } from "./dom.js";
import { edgeRow, newEdge, splitLevel, strip } from "./numbers.js";
import { makeDroppable, valueActs } from "./values.js";

const SCALES = { nominal: "no order", ordinal: "in an order", ordered: "as a number" };
const MISSING = { keep: "stay open", drop: "are dropped", level: "are a level" };

// The name of a level between two edges, as the server writes it.
const rangeOf = (feature, low, high) => {
  const [from, to] = [low, high].map((edge) => edge !== undefined && written(edge, feature));
  if (feature.closed === "right") return !from ? `up to ${to}` : to ? `over ${from} to ${to}` : `over ${from}`;
  return !from ? `under ${to}` : to ? `${from} to under ${to}` : `${from} and over`;
};

class StudioFeature extends HTMLElement {
  #data = null;
  #isHeld = false;
  #later = null;

  get data() { return this.#data; }

  // Show a feature; while one of its handles is held, later.
  set data(data) {
    if (this.#isHeld) { this.#later = data; return; }
    this.#data = data;
    const focused = this.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.#draw();
    if (focused) (this.querySelector(`[data-key="${CSS.escape(focused)}"]:not(:disabled)`) ?? find("input", this)).focus({ preventScroll: true });
  }

  #draw() {
    const data = this.#data;
    this.classList.toggle("off", !data.is_on);
    this.classList.remove("pending");
    this.replaceChildren(this.#head());
    if (!data.is_on) return;
    const shown = { hold: (isHeld) => this.#hold(isHeld), preview: (edges, shares) => this.#preview(edges, shares) };
    const drawing = data.kind === "number" ? strip(data, shown) : null;
    if (drawing) this.append(drawing);
    this.append(make("ol", { class: "levels", "data-kind": data.kind, "data-scale": data.scale, "aria-label": `Levels of ${data.title}` }, ...this.#rows()), this.#foot());
  }

  #head() {
    const { name, title, is_on: isOn } = this.#data;
    const box = make("input", { type: "checkbox", checked: isOn, "data-key": "switch", "aria-label": `${title} forms segments`, onchange: (event) => ask({ kind: "switch", feature: name, on: event.target.checked }) });
    return make("div", { class: "head" }, make("h3", {}, title), make("label", {}, isOn ? "on" : "off", box));
  }

  #rows() {
    const data = this.#data, isNumber = data.kind === "number", rows = [];
    data.levels.forEach((level, i) => {
      const acts = isNumber && i <= data.edges.length ? splitLevel(data, i) : valueActs(data, level);
      const values = level.values.length > 1 ? make("small", {}, level.values.join(", ")) : null;
      const meter = make("span", { class: "meter", "aria-hidden": "true" }, make("i"));
      meter.firstChild.style.width = `${level.share * 100}%`;
      const row = make("li", { class: "level", "data-level": level.label, title: `${number(level.customers)} customers` },
        make("span", { class: "name" }, level.label, values), meter, make("span", { class: "share", "data-v": level.share }, percent(level.share)), acts);
      makeDroppable(row, data, level);
      rows.push(row);
      if (isNumber && i < data.edges.length) rows.push(edgeRow(data, i));
    });
    return rows;
  }

  #foot() {
    const data = this.#data;
    const foot = make("div", { class: "foot" });
    if (data.kind === "number") foot.append(newEdge(data));
    if (data.n_missing > 0 || data.missing !== "keep") {
      const field = make("select", { "data-key": "missing", "aria-label": `Customers without a value of ${data.title}`, onchange: (event) => ask({ kind: "missing", feature: data.name, missing: event.target.value }) },
        ...Object.entries(MISSING).map(([value, label]) => make("option", { value, selected: value === data.missing, disabled: value === "level" && data.scale === "ordered" }, label)));
      foot.append(make("label", {}, data.n_missing > 0 ? `${number(data.n_missing)} without a value ` : "Missing values ", field));
    }
    if (data.scales.length > 1) {
      const field = make("select", { "data-key": "scale", "aria-label": `How levels of ${data.title} are looked at`, onchange: (event) => ask({ kind: "scale", feature: data.name, scale: event.target.value }) },
        ...data.scales.map((value) => make("option", { value, selected: value === data.scale }, SCALES[value])));
      foot.append(make("label", {}, "Levels ", field));
    }
    return foot;
  }

  #hold(isHeld) {
    this.#isHeld = isHeld;
    if (isHeld || !this.#later) return;
    const later = this.#later;
    this.#later = null;
    this.data = later;
  }

  // While a handle is held: the shares, and edges for names, of levels that the server has not written yet.
  #preview(edges, shares) {
    const rows = [...this.querySelectorAll(".level")];
    shares.forEach((share, i) => {
      find(".name", rows[i]).textContent = rangeOf(this.#data, edges[i - 1], edges[i]);
      find(".meter i", rows[i]).style.width = `${share * 100}%`;
      find(".share", rows[i]).textContent = percent(share);
    });
    [...this.querySelectorAll(".edge input")].forEach((field, i) => { field.value = written(edges[i], this.#data); });
  }
}

customElements.define("studio-feature", StudioFeature);
