"use strict";
// Everything here is a convenience: the page is complete without it. Nothing is fetched, nothing is evaluated.
(() => {
  const $ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, attributes = {}, text = "") => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text) node.textContent = text;
    return node;
  };
  const button = (text, label, act) => {
    const node = make("button", { type: "button", "aria-label": label }, text);
    node.addEventListener("click", act);
    return node;
  };
  const save = (content, type, name) => {
    const link = make("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  // exact figures of what is pointed at, or touched
  const tip = document.getElementById("tip");
  const hide = () => { tip.hidden = true; };
  const show = (words, x, y) => {
    tip.textContent = words;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(6, Math.min(x + 14, innerWidth - box.width - 6))}px`;
    tip.style.top = `${y + 18 + box.height > innerHeight ? y - box.height - 12 : y + 18}px`;
  };
  for (const node of $(".mark")) {
    const title = node.querySelector("title");
    if (!title) continue;
    node.dataset.tip = title.textContent;
    title.remove();
  }
  for (const node of $("main [title]")) {
    node.dataset.tip = node.title;
    node.removeAttribute("title");
  }
  const pointed = (event) => {
    const node = event.target.closest?.("[data-tip]");
    if (node) show(node.dataset.tip, event.clientX, event.clientY);
    else hide();
  };
  addEventListener("pointermove", pointed);
  addEventListener("pointerdown", pointed);
  addEventListener("scroll", hide, { passive: true });
  addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });

  // one segment highlighted everywhere
  let chosen = "";
  const highlight = (id) => {
    document.body.classList.toggle("one", id !== "");
    for (const node of $("[data-segment]")) node.classList.toggle("on", node.dataset.segment === id);
  };
  for (const chips of $("[data-chips]")) {
    chips.hidden = false;
    for (const chip of $("[data-chip]", chips)) {
      chip.setAttribute("aria-label", chip.title);
      chip.addEventListener("click", () => {
        chosen = chosen === chip.dataset.chip ? "" : chip.dataset.chip;
        for (const other of $("[data-chip]")) other.setAttribute("aria-pressed", String(other.dataset.chip === chosen));
        highlight(chosen);
        if (chosen) document.getElementById(`segment-${chosen}`).scrollIntoView();
      });
      chip.addEventListener("pointerenter", () => highlight(chip.dataset.chip));
      chip.addEventListener("pointerleave", () => highlight(chosen));
    }
  }

  // light and dark
  const scheme = document.querySelector("[data-scheme]");
  const isDark = () => (document.documentElement.dataset.theme
    || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { scheme.textContent = isDark() ? "Light" : "Dark"; };
  scheme.hidden = false;
  name();
  scheme.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    name();
  });

  // tables: sort, filter, download
  const value = (cell) => (cell.dataset.v !== undefined ? (cell.dataset.v === "" ? -Infinity : Number(cell.dataset.v)) : cell.textContent.trim());
  for (const table of $("table[data-sort]")) {
    $("thead th", table).forEach((head, column) => {
      if (head.classList.contains("wide")) return;
      const words = make("span");
      words.append(...head.childNodes);
      const control = make("button", { type: "button", class: "sort" });
      control.append(words);
      head.append(control);
      control.addEventListener("click", () => {
        const isDown = head.getAttribute("aria-sort") !== "descending";
        for (const other of $("thead th", table)) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
        const body = table.tBodies[0];
        const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0) * (isDown ? -1 : 1);
        body.append(...[...body.rows].sort((a, b) => order(value(a.cells[column]), value(b.cells[column]))));
      });
    });
  }
  for (const table of $("table[data-filter]")) {
    const label = make("label", { class: "filter" }, "Filter levels ");
    const field = make("input", { type: "search" });
    label.append(field);
    table.parentElement.before(label);
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      for (const body of table.tBodies) {
        const title = body.rows[0].textContent.toLowerCase();
        let shown = 0;
        for (const row of [...body.rows].slice(1)) {
          row.hidden = !(title + " " + row.cells[0].textContent.toLowerCase()).includes(wanted);
          shown += row.hidden ? 0 : 1;
        }
        body.hidden = shown === 0;
      }
    });
  }
  const quoted = (text) => {
    const safe = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) && !/^-?[\d.]+(e-?\d+)?$/i.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const words = (cell) => {
    const copy = cell.cloneNode(true);
    for (const small of $("small", copy)) small.prepend(" ");
    return copy.textContent.replace(/\s+/g, " ").trim();
  };
  const csv = (table) => {
    const lines = [];
    const heads = [...table.tHead.rows[0].cells];
    const spread = heads.map((_, i) => [...table.tBodies].some((b) => [...b.rows].some((r) => r.cells[i]?.dataset.low !== undefined)));
    const isGrouped = table.querySelector("tr.group") !== null;
    const line = (cells) => lines.push(cells.map(quoted).join(","));
    line([...(isGrouped ? ["Group"] : []), ...heads.flatMap((h, i) => {
      const head = h.dataset.t ?? words(h);
      return spread[i] ? [head, `${head} low`, `${head} high`] : [head];
    })]);
    for (const body of table.tBodies) {
      let group = "";
      for (const row of body.rows) {
        if (row.classList.contains("group")) { group = words(row); continue; }
        line([...(isGrouped ? [group] : []), ...[...row.cells].flatMap((cell, i) => {
          const one = cell.tagName === "TH" ? cell.dataset.t ?? words(cell) : cell.dataset.v ?? words(cell);
          return spread[i] ? [one, cell.dataset.low ?? "", cell.dataset.high ?? ""] : [one];
        })]);
      }
    }
    return lines.join("\r\n") + "\r\n";
  };
  for (const table of $("table[data-name]")) {
    const place = make("div", { class: "tools" });
    place.append(button("CSV", `Download this table as CSV: ${table.dataset.name}`, () => save(csv(table), "text/csv", `${table.dataset.name}.csv`)));
    if (table.parentElement.classList.contains("panel")) table.after(place);
    else table.parentElement.after(place);
  }

  // figures: download as SVG and PNG, in the colours that are shown
  const KEPT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-weight", "text-anchor", "paint-order", "stroke-linejoin"];
  const drawn = (figure) => {
    const source = figure.querySelector("svg"), copy = source.cloneNode(true);
    const from = $("*", source), to = $("*", copy);
    from.forEach((node, i) => {
      const style = getComputedStyle(node);
      for (const property of KEPT) to[i].setAttribute(property, style.getPropertyValue(property));
      for (const attribute of ["class", "data-tip", "data-segment"]) to[i].removeAttribute(attribute);
    });
    const [, , width, height] = source.getAttribute("viewBox").split(" ").map(Number);
    const page = getComputedStyle(document.documentElement), space = "http://www.w3.org/2000/svg";
    const whole = document.createElementNS(space, "svg");
    const add = (tag, attributes, text = "") => {
      const node = document.createElementNS(space, tag);
      for (const [key, one] of Object.entries(attributes)) node.setAttribute(key, one);
      node.textContent = text;
      whole.append(node);
    };
    const pen = document.createElement("canvas").getContext("2d");
    const wide = Math.max(width, 420) + 32;
    const parts = $("figcaption > *", figure).map((node, i) => [node.textContent, [11, 15.5, 11.5][i], i === 1, i === 0 ? "--accent" : i === 1 ? "--ink" : "--muted"]);
    add("rect", { width: "100%", height: "100%", fill: page.getPropertyValue("--card") });
    let y = 14;
    const write = (text, size, isBold, colour) => {
      pen.font = `${isBold ? "bold " : ""}${size}px Arial, sans-serif`;
      let row = "";
      const put = () => { y += size * 1.35; add("text", { x: 16, y, "font-size": size, "font-weight": isBold ? 700 : 400, fill: page.getPropertyValue(colour) }, row); };
      for (const word of text.split(" ")) {
        if (row && pen.measureText(`${row} ${word}`).width > wide - 32) { put(); row = word; } else row = row ? `${row} ${word}` : word;
      }
      put();
    };
    for (const part of parts) write(...part);
    y += 12;
    const body = document.createElementNS(space, "g");
    body.setAttribute("transform", `translate(16 ${y})`);
    body.append(...copy.childNodes);
    whole.append(body);
    y += height;
    write(figure.querySelector(".source").textContent, 11, false, "--muted");
    const tall = y + 16;
    for (const [key, one] of Object.entries({ width: wide, height: tall, viewBox: `0 0 ${wide} ${tall}`, "font-family": "Arial, sans-serif" })) whole.setAttribute(key, one);
    return { text: new XMLSerializer().serializeToString(whole), wide, tall };
  };
  const asPng = (figure, file) => {
    const { text, wide, tall } = drawn(figure), image = new Image();
    image.onload = () => {
      const canvas = make("canvas");
      canvas.width = wide * 2;
      canvas.height = tall * 2;
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => save(blob, "image/png", file));
    };
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  };
  for (const figure of $("figure.chart")) {
    const file = figure.dataset.name, place = figure.querySelector(".foot").appendChild(make("div", { class: "tools" }));
    place.append(
      button("SVG", `Download this chart as SVG: ${file}`, () => save(drawn(figure).text, "image/svg+xml", `${file}.svg`)),
      button("PNG", `Download this chart as PNG: ${file}`, () => asPng(figure, `${file}.png`)),
    );
  }

  // queries and the recipe: copy
  for (const block of $("pre")) {
    const copy = button("Copy", "Copy this text", async () => {
      try {
        await navigator.clipboard.writeText(block.textContent);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(block);
        copy.textContent = "Selected";
      }
    });
    block.before(copy);
  }

  // two segments of the reader's choice
  for (const pair of $("[data-pair]")) {
    const features = document.getElementById("features-table"), outcomes = document.getElementById("outcomes-table");
    const names = [...document.querySelectorAll("article[data-segment] h3")].map((h) => [h.closest("article").dataset.segment, h.textContent.trim().replace(/\s+/g, " ")]);
    const pick = (place, label) => {
      const field = make("select", { "aria-label": label });
      const now = place.querySelector(".badge").textContent;
      for (const [id, text] of names) {
        const option = make("option", { value: id }, text.replace(/^(\d+)\s*/, "$1 "));
        option.selected = id === now;
        field.append(option);
      }
      place.replaceChildren(field);
      field.addEventListener("change", draw);
      return field;
    };
    const form = { numberingSystem: "latn", useGrouping: "always" }, locale = document.documentElement.dataset.locale;
    const written = (v, digits) => v.toLocaleString(locale, { ...form, minimumFractionDigits: digits, maximumFractionDigits: digits });
    // as text/numbers.py writes them
    const number = (v) => v >= 99.95 || Number.isInteger(v) ? written(v, 0)
      : v.toLocaleString(locale, { ...form, minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
    const percent = (v) => (v > 0 && v < 0.0005 ? `< ${written(0.1, 1)}` : v >= 0.9995 && v < 1 ? `> ${written(99.9, 1)}`
      : written(v * 100, v === 0 || v === 1 ? 0 : 1)) + "\u00a0%";
    const draw = () => {
      const read = (table, measure) => (table ? $("tr[data-label]", table) : []).map((row) => {
        const cell = (id) => Number(row.querySelector(`td[data-segment="${id}"]`)?.dataset.v || NaN);
        const found = { label: row.dataset.label, isRate: row.dataset.rate !== "0", a: cell(first.value), b: cell(second.value) };
        return { ...found, far: measure(found, Number(row.cells[1].dataset.v)) };
      }).filter((row) => !Number.isNaN(row.far)).sort((x, y) => y.far - x.far);
      const who = read(features, (row) => Math.abs(row.a - row.b));
      const what = read(outcomes, (row, all) => (all ? Math.abs(row.a - row.b) / Math.abs(all) : 0));
      const rows = [...who.slice(0, outcomes ? 6 : 12), ...what.slice(0, 6)];
      const table = pair.querySelector("table");
      table.tHead.rows[0].cells[1].textContent = `Segment ${first.value}`;
      table.tHead.rows[0].cells[2].textContent = `Segment ${second.value}`;
      table.tBodies[0].replaceChildren(...rows.map((row) => {
        const line = make("tr"), sign = row.a < row.b ? "\u2212" : row.a > row.b ? "+" : "", gap = Math.abs(row.a - row.b);
        const texts = row.isRate ? [percent(row.a), percent(row.b), `${sign}${written(gap * 100, 1)} points`] : [number(row.a), number(row.b), sign + number(gap)];
        line.append(make("th", { scope: "row" }, row.label), ...texts.map((text) => make("td", { class: "num" }, text)));
        return line;
      }));
    };
    const first = pick(pair.querySelector("[data-a]"), "First segment"), second = pick(pair.querySelector("[data-b]"), "Second segment");
  }

  // on paper everything is open
  addEventListener("beforeprint", () => { for (const node of $("details:not(.query)")) node.open = true; });

  // tables that are wider than their place say so
  const wider = document.getElementById("wider");
  const hints = $(".scroll").map((place) => {
    const hint = wider.content.firstElementChild.cloneNode(true);
    hint.hidden = true;
    place.before(hint);
    return [place, hint];
  });
  const isLaidOut = (place) => place.checkVisibility?.({ contentVisibilityAuto: true }) ?? true;
  const tell = () => { // all are measured before any is changed: the page is laid out once, not for every table
    const there = hints.filter(([place]) => isLaidOut(place)), fits = there.map(([place]) => place.scrollWidth <= place.clientWidth + 1);
    there.forEach(([, hint], i) => { hint.hidden = fits[i]; });
  };
  new ResizeObserver(tell).observe(document.body); // it tells once the page is laid out, and whenever that changes
  document.addEventListener("contentvisibilityautostatechange", tell); // a section is laid out when it comes near
})();
