// What every widget does around its view: it reads and writes the model, hears changes from Python
// or from another view, keeps its state in the address, offers controls, reset and a link, says
// what changed, and draws again when its width changes.
import { announcer, button, check, h, keepKeys, select, setText, slider, uid } from "./controls.js";

// Controls from the fields of settings.json: a choice is a list, or with `slider` a slider over its
// places; a whole number is a slider, a switch a check box. `names` are the texts of a choice, `room`
// is the width of a slider's longest readout.
export function makeControls(fields, put) {
  const made = {};
  for (const [key, { label, of, names = of, slider: slides, from, to, start, room }] of Object.entries(fields)) {
    if (!label) continue;
    const set = (v) => put({ [key]: v });
    if (of && !slides) made[key] = select({ label, options: of.map((v, n) => [String(v), String(names[n])]), set: (v) => set(of.find((o) => String(o) === v)) });
    else if (of) made[key] = slider({ label, min: 0, max: of.length - 1, room, set: (n) => set(of[n]) });
    else if (from !== undefined) made[key] = slider({ label, min: from, max: to, room, set });
    else if (typeof start === "boolean") made[key] = check({ label, set });
  }
  return made;
}

// "Copy link" and what it says; without a clipboard it shows the link, selected.
export function copyLink(url) {
  const said = h("span", { class: "dlw-copied", role: "status" });
  const copy = button("Copy link", async () => {
    try {
      await navigator.clipboard.writeText(url());
      setText(said, "Link copied.");
      setTimeout(() => setText(said, ""), 4000);
    } catch {
      const field = h("input", { type: "text", readonly: true, value: url(), "aria-label": "link to this state", class: "dlw-link" });
      said.replaceChildren(field);
      field.focus();
      field.select();
    }
  });
  return { copy, said };
}

// The `render` of a widget. `view(kit)` builds it once and returns what only it knows:
//   body    what stands below the controls
//   draw(s, width)   brings it in line with the settings; returns the sentence that is said aloud,
//           or "" for none
//   shows(s)         for controls by key: { shown, spoken, disabled } in place of the plain value
//   before(changes, isReset)   is told what is about to change; may return other changes
//   top, above, side, fold, buttons   what stands in the row of controls; behind "More" first, as
//           controls, and last; and beside "Copy link"
//   problem()   a sentence for the alert box, or ""
//   player  of player.js: while it plays, the address stays as it is
//   stop()
export const makeRender = (settings, state, view) => ({ model, el, place }) => {
  const keys = Object.keys(settings.fields), { encode, decode } = state;
  const read = () => Object.fromEntries(keys.map((k) => [k, model.get(k)]));
  const initial = read();
  let now = initial, busy = false, queued = false, saving = 0, wide = 0, linkProblem = "";
  const alertBox = h("div", { class: "dlw-alert", id: uid("a"), role: "alert" }), shapes = h("p", { class: "dlw-shapes" });
  const live = announcer(500);

  function write(changes) {
    busy = true;
    for (const [k, v] of Object.entries(changes)) model.set(k, v);
    model.save_changes();
    busy = false;
  }
  function put(changes, isReset = false) {
    linkProblem = "";
    write(parts.before?.(changes, isReset) ?? changes);
    update();
    save();
  }
  function save() {
    clearTimeout(saving);
    const text = encode(now);
    if (place && !parts.player?.playing()) saving = setTimeout(() => place.write(text === encode(initial) ? null : text), 250);
  }

  const controls = makeControls(settings.fields, put);
  const reset = button("Reset", () => put(initial, true));
  const placed = (where) => Object.entries(settings.fields).filter(([k, f]) => controls[k] && (f.place ?? "top") === where).map(([k]) => controls[k].el);
  const parts = view({ controls, put, live, place, initial, reset, shapes, alertBox, now: () => now, redraw: () => update() });
  const { copy, said } = copyLink(() => place.link(encode(now)));
  const top = h("div", { class: "dlw-controls" }, ...(parts.top ?? placed("top")));
  const folded = [...(parts.buttons ?? [reset]), ...(place ? [copy] : []),
    ...(place?.notebook ? [h("a", { href: place.notebook, class: "dlw-notebook" }, "Open as notebook")] : [])];
  const side = [...(parts.side ?? placed("fold")), ...(folded.length ? [h("div", { class: "dlw-buttons" }, ...folded, said)] : [])];
  const more = side.length ? h("details", { class: "dlw-more" }, h("summary", {}, settings.more), ...(parts.above ?? []), h("div", { class: "dlw-side" }, ...side), ...(parts.fold ?? [])) : null;

  function update() {
    now = read();
    const shows = parts.shows?.(now) ?? {};
    for (const [k, control] of Object.entries(controls)) {
      const { of, slider: slides } = settings.fields[k];
      control.draw(slides ? of.indexOf(now[k]) : of ? String(now[k]) : now[k], { shown: slides ? String(now[k]) : undefined, ...shows[k] });
    }
    const words = parts.draw(now, wide), problem = linkProblem || parts.problem?.() || "";
    if (words) live.say(words);
    setText(alertBox, problem);
    alertBox.hidden = !problem;
  }
  function later() { // from Python, or from another view of the same model
    if (busy || queued) return;
    queued = true;
    queueMicrotask(() => { queued = false; update(); });
  }

  el.classList.add("dlw-root", `dlw-${settings.name.replaceAll("_", "-")}`);
  keepKeys(el);
  el.append(h("div", { class: "dlw-title" }, h("p", { class: "dlw-name" }, settings.title), shapes), top, alertBox, ...parts.body, ...(more ? [more] : []), live.el);
  for (const k of keys) model.on(`change:${k}`, later);
  const text = place?.read() ?? null;
  if (text !== null) {
    try {
      write(decode(text));
    } catch (error) {
      linkProblem = `The link's setting could not be read: ${error.message}. This is the first view instead.`;
    }
  }
  wide = Math.round(top.clientWidth); // 0 if not yet in a document: then the observer tells
  update();
  const watch = new ResizeObserver(([entry]) => {
    const width = Math.round(entry.contentRect.width);
    if (width && width !== wide) { wide = width; update(); }
  });
  watch.observe(top);
  return () => {
    clearTimeout(saving);
    live.stop();
    watch.disconnect();
    parts.player?.stop();
    parts.stop?.();
    for (const k of keys) model.off(`change:${k}`, later);
  };
};
