// Elements and numbers. Texts become text nodes, whatever they hold.
export const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
};

export const find = (selector, root = document) => root.querySelector(selector);

const locale = document.documentElement.dataset.locale;
const parts = new Intl.NumberFormat(locale, { useGrouping: true }).formatToParts(-12345.6);
const sign = (type, usual) => parts.find((part) => part.type === type)?.value ?? usual;
const [GROUP, DECIMAL] = [sign("group", ","), sign("decimal", ".")];

export const number = (value) => value.toLocaleString(locale, { maximumFractionDigits: 12, numberingSystem: "latn" });
// An edge of a feature: years have no separators, numbers of days from 1970-01-01 are dates.
const DAY = 86_400_000;
export const written = (value, { numbers }) => {
  const day = numbers === "day" ? new Date(Math.round(value) * DAY) : null;
  if (day && day.getUTCFullYear() >= 1 && day.getUTCFullYear() <= 9999) return day.toISOString().slice(0, 10);
  return numbers === "year" ? String(value) : number(value);
};
export const percent = (share) => `${(share * 100).toLocaleString(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1, numberingSystem: "latn" })}\u00a0%`;

// The number that somebody typed, with or without separators of thousands, or a date for a number of days; NaN where it is none.
export const typed = (text, { numbers }) => {
  if (numbers === "day") {
    const day = /^\s*\d{4}-\d\d-\d\d\s*$/.test(text) ? Date.parse(text.trim()) / DAY : NaN;
    return written(day, { numbers }) === text.trim() ? day : NaN; // 30 February is none
  }
  const plain = text.replace(/[\s\u00a0\u202f]/g, "").replaceAll(GROUP, "").replace(DECIMAL, ".").replace("\u2212", "-");
  return /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(plain) ? Number(plain) : NaN;
};
