// The studio in a notebook: its page in a frame, which reaches the kernel through the notebook's own messages.
const TALL = "860px";

const render = ({ model, el }) => {
  const view = crypto.randomUUID(), waiting = new Map(), frame = document.createElement("iframe");
  let n = 0, tell = null;
  const hear = (told) => {
    if (told.event) { tell?.(told.event, told.value); return; }
    waiting.get(told.id)?.(told.answer);
    waiting.delete(told.id);
  };
  model.on("msg:custom", hear);
  frame.title = "Studio";
  frame.style.cssText = `width: 100%; height: ${TALL}; border: 1px solid #8888; border-radius: 8px;`;
  frame.studioBridge = {
    ask: (what, content) => new Promise((done) => {
      const id = `${view} ${(n += 1)}`;
      waiting.set(id, done);
      model.send({ id, what, content });
    }),
    listen: (act) => { tell = act; model.send({ what: "listen" }); },
  };
  frame.srcdoc = model.get("page");
  el.append(frame);
  return () => { model.off("msg:custom", hear); frame.remove(); };
};

export default { render };
