// The page of the studio: what the server tells is shown, what the analyst does is asked for.
import { ask, listen, on, post, setAddress } from "./asking.js";
import { find, make, number, percent } from "./dom.js";
import { showCleaning } from "./cleaning.js";
import { onPin, showCompare, showSurvival } from "./compare.js";
import { showCurve } from "./curve.js";
import { showColumns } from "./columns.js";
import "./feature.js";
import { offerLists, onList, showLists } from "./lists.js";
import { showNames } from "./names.js";
import { Report } from "./report.js";

const MOST_SEGMENTS = 15;
const now = { turn: 0, sizes: 0, searched: 0, survival: 0, progress: "", problem: null, state: null };
const status = find("[data-status]"), problem = find("[data-problem]"), notice = find("[data-notice]");

const keys = (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const isTyping = event.target.matches?.("input[type=text], textarea") ?? false;
  const key = event.key.toLowerCase();
  if (key === "s") { event.preventDefault(); save("save"); }
  if (isTyping) return;
  if (key === "z" && !event.shiftKey) { event.preventDefault(); ask({ kind: "undo" }); }
  if (key === "y" || (key === "z" && event.shiftKey)) { event.preventDefault(); ask({ kind: "redo" }); }
};
const report = new Report(find("[data-frames]"), keys, (page) => { if (!now.state?.no_lists) offerLists(page); });
addEventListener("keydown", keys);

// What is renewed, and what is not: the text above the report, the dimmed parts, and a mark for tests.
const tell = () => {
  const isWhole = report.turn === now.turn && now.turn > 0, isLooked = report.looked === now.turn, isGlanced = report.glanced === now.turn;
  status.classList.toggle("busy", !isWhole && !now.problem);
  const doing = now.progress ? `${now.progress}…` : "";
  if (now.problem) status.textContent = report.turn ? "The report is dimmed: it belongs to an earlier recipe." : "";
  else if (isWhole) status.textContent = "Every figure is that of a run of this recipe.";
  else if (isLooked) status.textContent = `Renewed: segments, profile, certainty. Dimmed, of the recipe before: verdict, number, tests. ${doing}`;
  else if (isGlanced && now.searched !== now.turn) status.textContent = `Renewed: the segments at a glance, as those before go on; a search may find others. Dimmed, of the recipe before: all else. ${doing}`;
  else if (isGlanced) status.textContent = `Renewed: the segments at a glance. Dimmed, of the recipe before: all else. ${doing}`;
  else status.textContent = report.turn ? `Dimmed: of the recipe before. ${doing}` : doing || "Opening…";
  const wrong = now.problem ? now.problem.text : "", waiting = find("[data-waiting]");
  if (waiting) waiting.textContent = wrong ? "No report yet: the line above says why. A change to the recipe leads out." : "The first segments are on their way.";
  if (problem.textContent !== wrong) problem.textContent = wrong;
  find("[data-verdict]").classList.toggle("old", !isWhole);
  find("[data-sizes]").classList.toggle("old", now.sizes !== now.turn);
  find("[data-compare]").classList.toggle("old", !isWhole);
  find("[data-survival]").classList.toggle("old", now.survival !== now.turn);
  find("[data-curve]").classList.toggle("old", !isWhole);
  if (isWhole) document.body.dataset.settled = String(now.turn);
  else delete document.body.dataset.settled;
  document.body.dataset.searched = String(now.searched);
  document.body.dataset.glanced = String(report.glanced);
  document.body.dataset.looked = String(report.looked);
  document.body.dataset.turn = String(now.turn);
};

const option = (value, label, chosen) => make("option", { value, selected: String(value) === String(chosen) }, label);

const showState = (state) => {
  const isNew = state.turn !== now.turn;
  now.state = state;
  now.turn = state.turn;
  if (isNew) {
    now.problem = null;
    if (report.turn !== state.turn) report.dim();
  }
  const segments = find("[data-segments]"), method = find("[data-method]");
  const numbers = Array.from({ length: Math.max(MOST_SEGMENTS, Number(state.segments) || 0) }, (_, i) => i + 1);
  segments.replaceChildren(option("auto", "automatic", state.segments), ...numbers.map((k) => option(k, k, state.segments)));
  method.replaceChildren(...state.methods.map((name) => option(name, name, state.method)));
  segments.disabled = method.disabled = false;
  find("[data-act=undo]").disabled = !state.can_undo;
  find("[data-act=redo]").disabled = !state.can_redo;
  find("[data-n-tried]").textContent = ` (${number(state.tried.length)})`;
  find("[data-tried]").replaceChildren(...state.tried.map((one, i) => make("li", {}, make("button", {
    type: "button", "aria-current": i === state.position ? "step" : false, onclick: () => ask({ kind: "go", position: i }),
  }, one.what, make("small", {}, one.verdict || "not worked out")))));
  const verdict = state.tried[state.position].verdict, place = find("[data-verdict]");
  if (verdict) place.textContent = verdict;
  place.hidden = !place.textContent;
  for (const [what, path] of [["save", state.recipe_file], ["export", state.export_folder]]) {
    const form = find(`form[data-ask=${what}]`), name = path.split(/[\\/]/).pop(), field = find("input", form);
    if (!field.value) field.value = name;
    find("[data-place]", form).textContent = `In ${path.slice(0, -name.length) || "this folder"}`;
  }
  setAddress(`#state-${state.position + 1}`);
  tell();
};

const showPanel = (panel) => {
  const place = find("[data-features]"), old = new Map([...place.children].map((node) => [node.dataset.feature, node]));
  find("[data-counts]").textContent = `${number(panel.n_customers)} customers in ${number(panel.n_patterns)} patterns`;
  panel.features.forEach((feature, i) => {
    const node = old.get(feature.name) ?? make("studio-feature", { "data-feature": feature.name });
    old.delete(feature.name);
    if (place.children[i] !== node) place.insertBefore(node, place.children[i] ?? null);
    if (JSON.stringify(node.data) !== JSON.stringify(feature) || node.classList.contains("pending")) node.data = feature;
  });
  for (const node of old.values()) node.remove();
  place.dataset.turn = String(panel.turn);
};

// The sizes as soon as segments are fitted, before their profile is made.
const showSizes = ({ turn, shares, searched }) => {
  const place = find("[data-sizes]");
  now.sizes = turn;
  if (searched) now.searched = turn;
  place.hidden = false;
  place.setAttribute("aria-label", `Sizes of ${shares.length} segment${shares.length > 1 ? "s" : ""}: ${shares.map(percent).join(", ")}`);
  const [bar, words] = place.children, parts = [...bar.children];
  words.textContent = shares.slice(0, 5).map(percent).join(" · ") + (shares.length > 5 ? " …" : "");
  shares.forEach((share, i) => {
    const part = parts[i] ?? bar.appendChild(make("i"));
    part.style.cssText = `--c: var(--s${(i % 8) + 1}); width: ${share * 100}%`;
    part.title = `Segment ${i + 1}: ${percent(share)}`;
  });
  for (const part of parts.slice(shares.length)) part.remove();
  tell();
};

const showWhole = async ({ turn }) => {
  if (turn <= report.turn && report.turn) return;
  await report.whole(turn);
  if (report.turn !== now.turn) report.dim();
  tell();
};

const showGlance = ({ turn, table }) => {
  if (turn !== now.turn || report.looked >= turn) return;
  report.glance(turn, table);
  tell();
};

const showFirst = async ({ turn }) => {
  if (turn !== now.turn || report.turn >= turn) return;
  await report.first(turn);
  tell();
};

const refused = (text) => {
  notice.textContent = "";
  problem.textContent = text;
};

const save = async (what, name = "", csv = false) => {
  try {
    await post(what, { name, csv });
    problem.textContent = "";
  } catch (error) {
    refused(error.message);
  }
};

const events = listen({
  state: showState,
  panel: showPanel,
  columns: showColumns,
  cleaning: showCleaning,
  names: (told) => { showNames(told); showLists(told.segments, now.state?.no_lists ?? ""); },
  compare: (told) => showCompare(told, now.turn),
  survival: (told) => { now.survival = told.turn; showSurvival(told); tell(); },
  curve: (told) => showCurve(told, (k) => ask({ kind: "segments", segments: k })),
  sizes: showSizes,
  glance: showGlance,
  whole: showWhole,
  first: showFirst,
  progress: ({ text }) => { now.progress = text; tell(); },
  problem: (told) => { now.problem = told?.turn === now.turn ? told : null; tell(); },
  notice: ({ text }) => { notice.textContent = text; },
});
events.addEventListener("error", () => { status.textContent = "The studio does not answer; it was ended, or is starting again."; });
on("refused", refused);
onPin(async (isOn) => {
  try {
    await post("pin", { on: isOn });
    problem.textContent = "";
  } catch (error) {
    refused(error.message);
  }
});
onList(async (segments) => {
  try {
    await post("list", { segments });
    problem.textContent = "";
  } catch (error) {
    refused(error.message);
  }
});
addEventListener("refused", (event) => refused(event.detail));
addEventListener("hashchange", () => {
  const position = Number(location.hash.replace("#state-", "")) - 1;
  if (Number.isInteger(position) && position >= 0 && position !== now.state?.position) ask({ kind: "go", position });
});

find("[data-segments]").addEventListener("change", (event) => ask({ kind: "segments", segments: event.target.value === "auto" ? "auto" : Number(event.target.value) }));
find("[data-method]").addEventListener("change", (event) => ask({ kind: "method", method: event.target.value }));
for (const act of ["undo", "redo"]) find(`[data-act=${act}]`).addEventListener("click", () => ask({ kind: act }));
for (const form of document.querySelectorAll("form[data-ask]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.closest("details").open = false;
    save(form.dataset.ask, find("input", form).value.trim(), find("[name=csv]", form)?.checked ?? false);
  });
}
for (const button of document.querySelectorAll("[data-jump]")) {
  button.addEventListener("click", () => {
    const place = find(`details[data-${button.dataset.jump}]`);
    place.open = true;
    place.scrollIntoView({ block: "start" });
    find("summary", place).focus({ preventScroll: true });
  });
}
const menus = [...document.querySelectorAll("details.menu")];
addEventListener("pointerdown", (event) => { for (const menu of menus) if (!menu.contains(event.target)) menu.open = false; });
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus.filter((one) => one.open)) { menu.open = false; find("summary", menu).focus(); }
});
for (const menu of menus) menu.addEventListener("toggle", () => { if (menu.open) for (const other of menus) if (other !== menu) other.open = false; });

const scheme = find("[data-scheme]");
const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
scheme.textContent = isDark() ? "Light" : "Dark";
scheme.addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  scheme.textContent = isDark() ? "Light" : "Dark";
  report.theme();
});
