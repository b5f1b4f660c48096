// Lists of customers as CSV: buttons in the report, beside what they are of, and in the menu of Export.
import { find, make } from "./dom.js";

const AS_CSV = { contact: "Customers to contact as CSV", try: "Customers to try it on as CSV" };
let list = () => {};
export const onList = (act) => { list = act; };

const button = (page, label, segments, said = label) => {
  const node = page.createElement("button");
  node.type = "button";
  node.className = "list-of";
  node.textContent = label;
  node.setAttribute("aria-label", said);
  node.addEventListener("click", () => list(segments));
  return node;
};

// Put the buttons into the page of a report.
export const offerLists = (page) => {
  for (const card of page.querySelectorAll("article[id^=segment-]")) {
    const id = Number(card.dataset.segment);
    find("h3", card).append(button(page, "Customers as CSV", [id], `Customers of segment ${id} as CSV`));
  }
  for (const table of page.querySelectorAll("table.targeting")) {
    const rows = [...table.tBodies[0].rows], place = page.createElement("p");
    place.className = "lists";
    for (const [answer, label] of Object.entries(AS_CSV)) {
      const segments = rows.filter((row) => row.dataset.answer === answer).map((row) => Number(row.dataset.segment));
      if (segments.length) place.append(button(page, label, segments));
    }
    if (place.childElementCount) table.parentElement.before(place);
  }
};

// List the segments in the menu of Export; where there are no customers to list, say why.
export const showLists = (segments, why) => {
  const place = find("[data-lists]"), named = segments.filter((one) => one.id);
  place.replaceChildren(make("p", {}, why ? `No lists: ${why}.` : "The customers of one segment as CSV, with their id, beside the data:"));
  if (why) return;
  place.append(make("div", { class: "row" }, ...named.map((one) => make("button", {
    type: "button", title: one.name || one.of, "aria-label": `Customers of segment ${one.id} as CSV: ${one.name || one.of}`, onclick: () => list([one.id]),
  }, String(one.id)))));
};
