// What the page asks of the studio, and what it is told. Moves are numbered; the newest of a drag goes out when the last was answered.
const tab = crypto.randomUUID();
const queue = [];
const listeners = { refused: () => {} };
let n = 0, isBusy = false;

export const on = (name, act) => { listeners[name] = act; };

export const post = async (what, content) => {
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

export const listen = (acts) => {
  const events = new EventSource("events");
  for (const [name, act] of Object.entries(acts)) events.addEventListener(name, (event) => act(JSON.parse(event.data)));
  return events;
};
