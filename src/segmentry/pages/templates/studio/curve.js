// The criterion of each number of segments, as a curve whose points can be pointed at and chosen.
import { find, make, number } from "./dom.js";

const SPACE = "http://www.w3.org/2000/svg", WIDE = 300, TALL = 110, EDGE = 16;

const draw = (tag, attributes) => {
  const node = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};

export const showCurve = (told, choose) => {
  const place = find("[data-curve]"), { k, values, label, best, chosen } = told;
  place.replaceChildren();
  place.hidden = k.length < 2;
  if (place.hidden) return;
  const low = Math.min(...values), high = Math.max(...values), range = high - low || 1;
  const x = (i) => EDGE + ((k[i] - k[0]) / (k[k.length - 1] - k[0])) * (WIDE - 2 * EDGE), y = (v) => EDGE + (1 - (v - low) / range) * (TALL - 3 * EDGE);
  const say = (i) => {
    const above = values[i] - low;
    return `${k[i]} segment${k[i] > 1 ? "s" : ""}: ${label} ${number(Math.round(values[i]))}${told.is_bic ? above > 0 ? `, ${number(Math.round(above))} above the lowest` : ", the lowest" : ""}${k[i] === best ? "; recommended" : ""}${k[i] === chosen ? "; shown" : ""}`;
  };
  const words = make("p", { id: "curve-words" }, say(k.indexOf(chosen) < 0 ? 0 : k.indexOf(chosen)));
  const drawing = draw("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, "aria-hidden": "true" });
  drawing.append(draw("polyline", { points: k.map((_, i) => `${x(i)},${y(values[i])}`).join(" "), class: "line" }));
  const at = draw("line", { y1: 4, y2: TALL - EDGE, x1: -9, x2: -9, class: "at" });
  drawing.append(at);
  k.forEach((one, i) => {
    const below = draw("text", { x: x(i), y: TALL - 4 });
    below.textContent = number(one);
    drawing.append(draw("circle", { cx: x(i), cy: y(values[i]), r: one === chosen ? 5 : 3.2, class: one === chosen ? "chosen" : one === best ? "best" : "" }), below);
  });
  const nearest = (event) => {
    const box = drawing.getBoundingClientRect(), left = ((event.clientX - box.left) / box.width) * WIDE;
    return k.reduce((found, _, i) => (Math.abs(x(i) - left) < Math.abs(x(found) - left) ? i : found), 0);
  };
  drawing.addEventListener("pointermove", (event) => {
    const i = nearest(event);
    at.setAttribute("x1", x(i));
    at.setAttribute("x2", x(i));
    words.textContent = say(i);
  });
  drawing.addEventListener("click", (event) => choose(k[nearest(event)]));
  place.append(words, drawing);
};
