// The report beside the recipe: the page that `run` writes. A whole page is loaded out of sight and then shown in the place of the
// last one; the table at a glance, and then a first look, replace what they renew in the page that is shown, and the rest is dimmed.
import { loadReport, reportText } from "./asking.js";
import { find } from "./dom.js";

const STYLE = ".stale { opacity: .38; } .top [data-scheme] { display: none; }";
const RENEWED = [".glance", "section[aria-labelledby=segments]", "section[aria-labelledby=compare]", "section[aria-labelledby=certainty]"];

export class Report {
  #place;
  #shown = null;
  #isLoading = null;

  turn = 0; // the turn of the whole page that is shown
  glanced = 0; // the turn of the table at a glance in it
  looked = 0; // the turn of the first look in it

  constructor(place, onKey) {
    this.#place = place;
    this.onKey = onKey;
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
        const top = this.#shown?.contentWindow.scrollY ?? 0;
        frame.contentWindow.scrollTo(0, top);
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
    return isPut;
  }
}
