// What the page asks of the studio, and what it is told. Moves are numbered; the newest of a drag goes out when the last was answered.
const bridge = window.frameElement?.studioBridge ?? null; // in a notebook there is no server: the frame around the page answers
const tab = crypto.randomUUID();
const queue = [];
const listeners = { refused: () => {} };
let n = 0, isBusy = false;

export const on = (name, act) => { listeners[name] = act; };

export const post = async (what, content) => {
  if (bridge) {
    const told = await bridge.ask(what, content);
    if (told.problem) throw new Error(told.problem);
    return told;
  }
  let answer;
  try {
    answer = await fetch(what, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(content) });
  } catch {
    throw new Error("The studio does not answer: it was ended. `segmentry studio` opens it again, with all states.");
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.problem ?? `The studio refused this (${answer.status}).`);
  return told;
};

const send = async ({ move, gesture }) => {
  try {
    n += 1;
    await post("move", { tab, n, gesture, move });
  } catch (error) {
    listeners.refused(error.message);
  }
};

const drain = async () => {
  isBusy = true;
  while (queue.length) await send(queue.shift());
  isBusy = false;
};

// Ask for a move; moves of one gesture are one step of undo, and only the newest of those that wait is sent.
export const ask = (move, gesture = "") => {
  const last = queue.length - 1;
  if (gesture && queue[last]?.gesture === gesture) queue[last] = { move, gesture };
  else queue.push({ move, gesture });
  if (!isBusy) drain();
};

// The report's page of a stage and a turn; null where it is gone.
export const reportText = async (stage, turn) => {
  if (bridge) return (await bridge.ask("report", { stage, turn: String(turn) })).page ?? null;
  const answer = await fetch(`report/${stage}/${turn}`);
  return answer.ok ? answer.text() : null;
};

// Load that page into a frame.
export const loadReport = async (frame, turn) => {
  if (bridge) frame.srcdoc = (await reportText("whole", turn)) ?? "";
  else frame.src = `report/whole/${turn}`;
};

// Show in the address which state is shown, where the page has one; once moves pause, for it costs the browser as much as a frame.
let addressing = 0;
export const setAddress = (hash) => {
  clearTimeout(addressing);
  if (!bridge) addressing = setTimeout(() => history.replaceState(null, "", hash), 400);
};

export const listen = (acts) => {
  if (bridge) {
    bridge.listen((name, value) => acts[name]?.(value));
    return new EventTarget();
  }
  const events = new EventSource("events");
  for (const [name, act] of Object.entries(acts)) events.addEventListener(name, (event) => act(JSON.parse(event.data)));
  return events;
};
