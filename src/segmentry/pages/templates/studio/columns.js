// The columns of the table: what each is for, and whether it is sensitive.
import { ask } from "./asking.js";
import { find, make, number } from "./dom.js";

const ROLES = { feature: "forms segments", outcome: "is compared", headline: "headline outcome", off: "not used" };

const row = (column) => {
  const role = make("select", {
    "aria-label": `What ${column.name} is for`, "data-key": `role ${column.name}`, disabled: column.roles.length < 2,
    onchange: (event) => { ask({ kind: "column", column: column.name, role: event.target.value }); event.target.value = column.role; },
  }, ...[...new Set([...column.roles, column.role])].map((value) => make("option", { value, selected: value === column.role }, ROLES[value])));
  const box = make("input", {
    type: "checkbox", checked: column.is_sensitive, "data-key": `sensitive ${column.name}`, "aria-label": `${column.name} is sensitive`,
    onchange: (event) => ask({ kind: "sensitive", column: column.name, on: event.target.checked }),
  });
  return make("li", { "data-column": column.name, title: column.said }, make("span", {}, column.name, column.role === "off" || column.said.startsWith("part of ") ? make("small", {}, column.said) : null), role, make("label", { title: "Look at who is in which segment by it" }, box, "sensitive"));
};

export const showColumns = (columns) => {
  const place = find("[data-columns]"), list = find("ul", place);
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.key : null, top = place.scrollTop;
  place.hidden = columns.length === 0;
  find("summary", place).textContent = `Columns of the table (${number(columns.length)})`;
  list.replaceChildren(...columns.map(row));
  place.scrollTop = top;
  if (focused) list.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
};
