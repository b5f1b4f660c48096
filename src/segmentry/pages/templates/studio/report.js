// The report beside the recipe: the page that `run` writes. A whole page is loaded out of sight and then shown in the place of the
// last one; the table at a glance, and then a first look, replace what they renew in the page that is shown, and the rest is dimmed.
import { loadReport, reportText } from "./asking.js";
import { find } from "./dom.js";

const STYLE = "html { scroll-behavior: auto; } .stale { opacity: .38; } .top [data-scheme] { display: none; } .list-of { font-size: .78rem; } h3 .list-of { margin-left: auto; font-weight: 500; } @media print { .list-of { display: none; } }";
const PLACES = "h2[id], h3[id]", NAV = 90;
const RENEWED = [".glance", "section[aria-labelledby=segments]", "section[aria-labelledby=compare]", "section[aria-labelledby=certainty]"];

// The place that is read: the last heading above it, and where that stands in the window; none at the top.
const placeOf = (page) => {
  const view = page?.defaultView;
  if (!view?.scrollY) return null;
  const above = [...page.querySelectorAll(PLACES)].filter((node) => node.getBoundingClientRect().top < NAV).pop();
  return { id: above?.id, at: above?.getBoundingClientRect().top, top: view.scrollY };
};
// Stay at that place, however much has come or gone above it.
const stayAt = (page, place) => {
  const view = page.defaultView, node = place?.id ? page.getElementById(place.id) : null;
  if (node) view.scrollBy(0, node.getBoundingClientRect().top - place.at);
  else view.scrollTo(0, place?.top ?? 0);
};

export class Report {
  #place;
  #shown = null;
  #isLoading = null;

  turn = 0; // the turn of the whole page that is shown
  glanced = 0; // the turn of the table at a glance in it
  looked = 0; // the turn of the first look in it

  constructor(place, onKey, onPage) {
    this.#place = place;
    this.onKey = onKey;
    this.onPage = onPage;
  }

  get #page() { return this.#shown?.contentDocument ?? null; }

  // Load the whole page of a turn, and show it where the last one stood.
  whole(turn) {
    this.#isLoading?.remove();
    const frame = document.createElement("iframe");
    frame.title = "Report";
    frame.dataset.hidden = "";
    this.#isLoading = frame;
    return new Promise((done) => {
      frame.addEventListener("load", () => {
        if (this.#isLoading !== frame || !frame.contentDocument?.getElementById("main")) { if (this.#isLoading === frame) this.#isLoading = null; frame.remove(); done(false); return; }
        this.#dress(frame.contentDocument);
        stayAt(frame.contentDocument, placeOf(this.#page));
        delete frame.dataset.hidden;
        this.#shown?.remove();
        this.#shown = frame;
        this.#isLoading = null;
        this.turn = this.looked = this.glanced = turn;
        find("[data-waiting]", this.#place)?.remove();
        done(true);
      });
      loadReport(frame, turn).then(() => this.#place.append(frame));
    });
  }

  #dress(page) {
    const style = page.createElement("style");
    style.textContent = STYLE;
    page.head.append(style);
    page.addEventListener("keydown", this.onKey);
    this.onPage(page);
    this.theme(page);
  }

  theme(page = this.#page) {
    const chosen = document.documentElement.dataset.theme;
    if (page && chosen) page.documentElement.dataset.theme = chosen;
  }

  // Dim everything: the recipe has moved on.
  dim() {
    const page = this.#page;
    if (!page) return;
    for (const node of this.#parts(page)) node.classList.add("stale");
    page.getElementById("main").setAttribute("aria-busy", "true");
  }

  #parts(page) {
    const main = page.getElementById("main"), hero = page.getElementById("top");
    return [...(hero?.children ?? []), ...[...main.children].filter((node) => node !== hero)];
  }

  // Put the table at a glance in place.
  glance(turn, table) {
    if (this.turn < turn && this.#put(table, [RENEWED[0]])) this.glanced = turn;
  }

  // Put the new segments and their profile in place.
  async first(turn) {
    const text = await reportText("first", turn);
    if (text !== null && this.turn < turn && this.#put(text, RENEWED)) this.looked = this.glanced = turn;
  }

  // Put parts of a page in the places of those that are shown; say whether there was a place for any.
  #put(text, selectors) {
    const page = this.#page, fresh = new DOMParser().parseFromString(text, "text/html");
    const place = placeOf(page);
    let isPut = false;
    for (const selector of selectors) {
      const old = page?.querySelector(selector), now = fresh.querySelector(selector);
      if (!old || !now) continue;
      const put = page.adoptNode(now);
      old.replaceWith(put);
      put.classList.remove("stale");
      put.closest(".panel")?.classList.remove("stale");
      isPut = true;
    }
    if (isPut && place) stayAt(page, place);
    return isPut;
  }
}
