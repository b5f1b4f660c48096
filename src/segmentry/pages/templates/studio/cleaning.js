// Cleaning: the steps of the recipe with the rows that each drops or changes, and steps that findings of the audit offer.
import { ask } from "./asking.js";
import { find, make, number } from "./dom.js";

const rows = (n) => `${number(n)} row${n === 1 ? "" : "s"}`;

const stepRow = (step) => make("li", { "data-step": step.step, title: step.why },
  make("span", {}, step.does, make("small", {}, `${step.n_rows === null ? "no row" : rows(step.n_rows)} ${step.what} by ${step.step}`)),
  make("button", { type: "button", "data-key": `unclean ${step.step}`, "aria-label": `Take ${step.step} out`, title: "Take the step out", onclick: () => ask({ kind: "unclean", step: step.step }) }, "×"));

const offerRow = (offer) => make("li", { title: offer.advice },
  make("span", {}, offer.title, offer.step && !offer.is_taken ? null : make("small", {}, offer.is_taken ? "These rows are dropped." : offer.advice)),
  offer.step && !offer.is_taken ? make("button", { type: "button", "data-key": `clean ${offer.step}`, "aria-label": `Drop: ${offer.title}`, onclick: () => ask({ kind: "clean", step: offer.step }) }, "Drop") : null);

export const showCleaning = ({ steps, offers }) => {
  const place = find("[data-cleaning]"), [first, second] = place.querySelectorAll("ul"), words = find("p", place);
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  place.hidden = !steps.length && !offers.length;
  find("summary", place).textContent = `Cleaning (${number(steps.length)} step${steps.length === 1 ? "" : "s"}${offers.length ? `, ${number(offers.length)} found` : ""})`;
  first.replaceChildren(...steps.map(stepRow));
  words.hidden = !offers.length;
  second.replaceChildren(...offers.map(offerRow));
  if (focused) (place.querySelector(`[data-key="${CSS.escape(focused)}"]`) ?? find("summary", place)).focus({ preventScroll: true });
};
