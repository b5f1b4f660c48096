// The page on which is chosen what the studio opens.
import { post } from "./asking.js";
import { find, number } from "./dom.js";

const status = find("[data-status]"), problem = find("[data-problem]"), form = find("form");
const fields = [...document.querySelectorAll("button, input")];

const open = async (data, recipe) => {
  for (const field of fields) field.disabled = true;
  problem.textContent = "";
  status.textContent = data ? `Reading ${data}${recipe ? "" : ", and drafting a recipe"}…` : "Making households…";
  try {
    await post("open", { data, recipe });
    location.reload();
  } catch (error) {
    problem.textContent = error.message;
    status.textContent = "";
    for (const field of fields) field.disabled = false;
    find("#data").focus();
  }
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  open(find("#data").value.trim(), find("#recipe").value.trim());
});
for (const button of document.querySelectorAll("[data-file]")) button.addEventListener("click", () => open(button.dataset.file, button.dataset.recipe));
for (const node of document.querySelectorAll("[data-time]")) {
  node.textContent = new Date(Number(node.dataset.time) * 1000).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}
for (const node of document.querySelectorAll("[data-bytes]")) {
  const size = Number(node.dataset.bytes), step = size >= 1e6 ? [1e6, "MB"] : [1e3, "kB"];
  node.textContent = `${number(Number((size / step[0]).toPrecision(2)))} ${step[1]}`;
}
