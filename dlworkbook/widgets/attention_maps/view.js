// Attention maps of a network that reverses letters: the view. All numbers come from model.js.
import { announcer, button, check, fmt, h, keepKeys, select, setAttr, setText, setVar, shade, slider, textBox, uid } from "../kit/controls.js";
import { makeGrid } from "../kit/grid.js";
import REVERSER from "./runs.json" with { type: "json" };
import { letter, run, toTokens, unpack } from "./model.js";
import { KEYS, TEMPERATURES, WORDS, fromLink, toLink, trouble, validate } from "./state.js";

const TRAININGS = REVERSER.snapshots.map((s) => s.step);
const models = new Map(); // unpacked when first shown
const modelAt = (n) => models.get(n) ?? models.set(n, unpack(REVERSER, REVERSER.snapshots[n])).get(n);
const thousands = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
const percent = (p) => `${+(100 * p).toFixed(1)}%`;
const fixed = (v, digits) => v.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
const two = (v) => fixed(v, 2);
const factor = (v) => (v < 0 ? `(${two(v)})` : two(v));
const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
const sub = (n) => String(n).replace(/\d/g, (d) => "₀₁₂₃₄₅₆₇₈₉"[d]);

function render({ model, el, place }) {
  const read = () => Object.fromEntries(KEYS.map((k) => [k, model.get(k)]));
  const initial = validate(read(), TRAININGS);
  let s = initial, answer = null, key = "", playing = 0, busy = false, linkProblem = "", typedWrong = "";
  let hover = null; // the cell under the mouse: [decoder step, letter]
  let looked = null; // the cell that has or had the focus

  // ---- changing things
  function put(changes) {
    linkProblem = "";
    busy = true;
    const next = { ...s, ...changes };
    next.step = Math.min(next.step, next.sequence.length - 1);
    for (const k of KEYS) model.set(k, next[k]);
    model.save_changes();
    busy = false;
    update();
    save();
  }
  function setSequence(text) {
    stopPlaying();
    typedWrong = trouble(text);
    if (typedWrong) { complain(); return; }
    looked = null;
    put({ sequence: text.trim().toUpperCase() });
  }
  function load(state) {
    stopPlaying();
    typedWrong = "";
    looked = null;
    put({ ...state });
    field.value = s.sequence;
  }
  const choose = (t, j) => { stopPlaying(); looked = [t, j]; put({ step: t }); };

  // ---- controls
  const fieldId = uid("f");
  const field = h("input", { type: "text", id: fieldId, class: "dlw-word", autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
    oninput: () => setSequence(field.value),
    onkeydown: (e) => { if (e.key === "Escape") { typedWrong = ""; field.value = s.sequence; complain(); } } });
  const fieldBox = h("div", { class: "dlw-control" }, h("label", { for: fieldId }, "Letters, up to 12"), field);
  const example = select({ label: "Example", options: [["", "your own"], ...WORDS], set: (v) => { if (v) { setSequence(v); field.value = v; } } });
  const training = slider({
    label: "Training", min: 0, max: TRAININGS.length - 1, room: "6em", set: (n) => { stopPlaying(); put({ trained: TRAININGS[n] }); },
    text: (n) => `${thousands(TRAININGS[n])} steps`,
  });
  const heat = slider({
    label: "Temperature", min: 0, max: TEMPERATURES.length - 1, room: "2.4em", set: (n) => put({ temperature: TEMPERATURES[n] }), text: (n) => String(TEMPERATURES[n]),
  });
  const stepper = slider({ label: "Output step", min: 0, max: 1, room: "5.2em", set: (v) => { stopPlaying(); looked = null; put({ step: v }); } });
  const play = button("Play", () => (playing ? stopPlaying() : startPlaying()), { class: "dlw-button dlw-play" });
  const given = check({ label: "Feed the right letters, not its own", set: (v) => put({ given: v }) });

  // ---- the map: rows are output steps, columns are input letters; the border holds letters
  const grid = makeGrid({ onEdit() {}, onPick: choose, onFocus: (t, j) => { if (s.step !== t || !looked || looked[0] !== t || looked[1] !== j) choose(t, j); } });
  grid.el.classList.add("dlw-map");
  const cellAt = (target) => {
    const cell = target.closest?.("button");
    return cell && cell.dlwAt ? cell.dlwAt : null;
  };
  grid.el.addEventListener("pointerover", (e) => {
    if (e.pointerType !== "mouse") return;
    const at = cellAt(e.target);
    if (String(at) !== String(hover)) { hover = at; drawStep(); }
  });
  grid.el.addEventListener("pointerleave", () => { if (hover) { hover = null; drawStep(); } });

  // ---- the step in numbers
  const strip = (term) => {
    const cells = Array.from({ length: REVERSER.H }, () => h("span"));
    const name = h("dt", {}, term), box = h("div", { class: "dlw-strip", role: "img" }, ...cells), note = h("span", { class: "dlw-dim" });
    return {
      name, dd: h("dd", {}, box, note),
      draw(values, label, text) {
        values.forEach((v, n) => {
          const sign = v < 0 ? "neg" : "pos";
          if (cells[n].dataset.sign !== sign) cells[n].dataset.sign = sign;
          shade(cells[n], 0.9 * Math.min(1, Math.abs(v)));
        });
        setAttr(box, "aria-label", `${label}: ${values.map(two).join(", ")}`);
        setText(name, label);
        setText(note, text);
      },
    };
  };
  const query = strip("query"), keyStrip = strip("key"), context = strip("context");
  const bars = [0, 1, 2].map(() => ({ name: h("span"), bar: h("span", { class: "dlw-bar", "aria-hidden": "true" }), value: h("span") }));
  const outName = h("dt", {}, "prediction");
  const outBox = h("dd", { class: "dlw-bars" }, ...bars.flatMap((b) => [b.name, b.bar, b.value]));
  const headline = h("p", { class: "dlw-headline" });
  const panel = h("div", { class: "dlw-now" }, headline, h("dl", {},
    query.name, query.dd, keyStrip.name, keyStrip.dd, context.name, context.dd, outName, outBox));
  const heads = [], scoreCells = [], weightCells = [];
  const headRow = h("tr"), scoreRow = h("tr"), weightRow = h("tr");
  const table = h("table", { class: "dlw-scores" }, h("thead", {}, headRow), h("tbody", {}, scoreRow, weightRow));
  const tableBox = h("div", { class: "dlw-scroll" }, table);
  const scoreName = h("th", { scope: "row" }), weightName = h("th", { scope: "row" });
  const work = textBox();
  const lines = [0, 1].map(() => { const p = h("p"); work.inner.append(p); return p; });
  const facts = h("dl", { class: "dlw-facts" });
  const fact = (term) => { const dd = h("dd"); facts.append(h("dt", {}, term), dd); return dd; };
  const rightFact = fact("Whole sequences right"), sharpFact = fact("Largest weights");

  const numbers = h("tbody");
  const unitRows = Array.from({ length: REVERSER.H }, (_, i) => {
    const cells = [0, 1, 2, 3].map(() => h("td"));
    numbers.append(h("tr", {}, h("th", { scope: "row" }, String(i + 1)), ...cells));
    return cells;
  });
  const keyHead = h("th", { scope: "col" });
  const allNumbers = h("table", { class: "dlw-units" },
    h("caption", {}, `All ${REVERSER.H} numbers of this step`),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "unit"), h("th", { scope: "col" }, "query"), keyHead,
      h("th", { scope: "col" }, "product"), h("th", { scope: "col" }, "context"))), numbers);

  const shapes = h("p", { class: "dlw-shapes" });
  const alertBox = h("div", { class: "dlw-alert", id: uid("a"), role: "alert" });
  const live = announcer(500);
  const copied = h("span", { class: "dlw-copied", role: "status" });
  const copy = button("Copy link", async () => {
    const url = place.link(toLink(s));
    try {
      await navigator.clipboard.writeText(url);
      setText(copied, "Link copied.");
    } catch { // no clipboard on this page: show the link, selected
      const link = h("input", { type: "text", readonly: true, value: url, "aria-label": "link to this state", class: "dlw-link" });
      copied.replaceChildren(link);
      link.focus();
      link.select();
      return;
    }
    setTimeout(() => setText(copied, ""), 4000);
  });
  const reset = button("Reset", () => load(initial));
  const more = h("details", { class: "dlw-more" },
    h("summary", {}, "More: all numbers of a step, right letters as input, reset, link"),
    h("div", { class: "dlw-side" },
      h("div", { class: "dlw-checks" }, given.el),
      h("div", { class: "dlw-buttons" }, reset, place ? copy : null,
        place?.notebook ? h("a", { href: place.notebook, class: "dlw-notebook" }, "Open as notebook") : null, copied)),
    h("p", { class: "dlw-dim" }, `The network runs in this page. Its ${thousands(unpackedSize())} weights were trained with PyTorch and stored at ${TRAININGS.length} moments: ` +
      "63 levels a weight, 4,095 at the last moment. So every number here belongs to the rounded weights, also the shares of sequences that come out right. " +
      "In a softmax the largest score is subtracted first, which changes nothing but the size of the numbers."),
    allNumbers);
  more.addEventListener("toggle", () => { if (more.open) drawStep(); });

  function unpackedSize() {
    const last = REVERSER.snapshots[0];
    return last.text.length;
  }
  function complain() {
    const text = linkProblem || (typedWrong ? `${typedWrong}. ${s.sequence} is used until it fits.` : "");
    setText(alertBox, text);
    alertBox.hidden = !text;
    if (typedWrong) { field.setAttribute("aria-invalid", "true"); field.setAttribute("aria-describedby", alertBox.id); }
    else { field.removeAttribute("aria-invalid"); field.removeAttribute("aria-describedby"); }
  }

  // ---- drawing
  const snapshot = () => REVERSER.snapshots[TRAININGS.indexOf(s.trained)];
  const target = (t) => s.sequence[s.sequence.length - 1 - t];
  const written = () => answer.steps.map((one) => letter(one.pick) === "start" ? "·" : letter(one.pick)).join("");
  const best = (t) => { const w = answer.steps[t].weights; return w.indexOf(Math.max(...w)); };
  function drawMap() {
    const n = s.sequence.length;
    grid.shape(n + 1, n + 2, { top: 1, left: 1, h: n, w: n }, "button");
    grid.el.querySelectorAll(".dlw-wrong").forEach((c) => c.classList.remove("dlw-wrong"));
    grid.border((i, j) => {
      if (i === 0) return j > 0 && j <= n ? s.sequence[j - 1] : "";
      const one = answer.steps[i - 1];
      return j === 0 ? (one.token ? letter(one.token) : "▸") : letter(one.pick) === "start" ? "·" : letter(one.pick);
    });
    const all = grid.el.children;
    grid.each((cell, t, j) => {
      cell.dlwAt = [t, j];
      const w = answer.steps[t].weights[j];
      setText(cell, String(Math.round(100 * w)));
      shade(cell, 0.42 * w);
      setAttr(cell, "aria-label", `step ${t + 1}, letter ${j + 1}, ${s.sequence[j]}: weight ${two(w)}`);
    });
    answer.steps.forEach((one, t) => { if (letter(one.pick) !== target(t)) all[(t + 1) * (n + 2) + n + 1].classList.add("dlw-wrong"); });
    grid.sheet(1, n, [1, 1]);
    grid.caption("Rows: written. Columns: read. Weights in %");
    const wrong = answer.steps.filter((one, t) => letter(one.pick) !== target(t)).length;
    setText(shapes, `${s.sequence} → ${written()}, ${wrong ? `${wrong} wrong` : "all right"}`);
    // the table of scores
    while (heads.length < n) {
      heads.push(h("th", { scope: "col" }));
      scoreCells.push(h("td"));
      weightCells.push(h("td"));
    }
    if (headRow.children.length !== n + 1) {
      headRow.replaceChildren(h("td"), ...heads.slice(0, n));
      scoreRow.replaceChildren(scoreName, ...scoreCells.slice(0, n));
      weightRow.replaceChildren(weightName, ...weightCells.slice(0, n));
    }
    const right = snapshot().right[REVERSER.lengths.indexOf(n)], [low, high] = REVERSER.seen;
    setText(rightFact, `${percent(right)} of random sequences of ${plural(n, "letter")}, at temperature 1, after ${thousands(s.trained)} steps`
      + (n < low || n > high ? `; training showed ${low} to ${high} letters` : ""));
    const mean = answer.steps.reduce((sum, one) => sum + Math.max(...one.weights), 0) / n;
    setText(sharpFact, `${two(mean)} on average over the steps; even weights would be ${two(1 / n)}`);
  }
  function drawStep() {
    const n = s.sequence.length;
    const t = hover ? hover[0] : s.step;
    const j = hover ? hover[1] : looked && looked[0] === t && looked[1] < n ? looked[1] : best(t);
    const one = answer.steps[t], out = letter(one.pick);
    grid.move(t + 1, 1);
    grid.each((cell, i, k) => {
      const now = i === t && k === j;
      if (now !== cell.hasAttribute("aria-current")) { if (now) cell.setAttribute("aria-current", "true"); else cell.removeAttribute("aria-current"); }
    });
    if (!grid.el.contains(document.activeElement)) grid.setStop(grid.at(t, j));
    const fed = one.token ? `fed ${letter(one.token)}` : "fed the start token";
    const verdict = out === target(t) ? "right" : `wrong, ${target(t)} was due`;
    setText(headline, `Step ${t + 1} of ${n}: ${fed}, writes ${out}: ${verdict}`);
    query.draw(one.query, `query s${sub(t)}`, "the decoder's state");
    keyStrip.draw(answer.hidden[j], `key h${sub(j + 1)}`, `encoder state at letter ${j + 1}, ${s.sequence[j]}`);
    context.draw(one.context, `context c${sub(t + 1)}`, "keys, weighted and added");
    const top = one.probs.map((p, token) => [p, token]).sort((a, b) => b[0] - a[0]).slice(0, 3);
    bars.forEach((b, r) => {
      setText(b.name, letter(top[r][1]));
      setVar(b.bar, "--p", top[r][0].toFixed(3));
      setText(b.value, two(top[r][0]));
    });
    const T = s.temperature;
    setText(scoreName, "score");
    setText(weightName, T === 1 ? "softmax" : "softmax, ÷ T");
    for (let k = 0; k < n; k++) {
      setText(heads[k], s.sequence[k]);
      setText(scoreCells[k], fixed(one.scores[k], 1));
      setText(weightCells[k], two(one.weights[k]));
      for (const cell of [heads[k], scoreCells[k], weightCells[k]]) if (cell.classList.contains("dlw-on") !== (k === j)) cell.classList.toggle("dlw-on", k === j);
    }
    const products = one.query.map((q, i) => q * answer.hidden[j][i]);
    const largest = products.map((p, i) => i).sort((a, b) => Math.abs(products[b]) - Math.abs(products[a])).slice(0, 3);
    const rest = one.scores[j] - largest.reduce((sum, i) => sum + products[i], 0);
    const q = `s${sub(t)}·h${sub(j + 1)}`;
    setText(lines[0], `${q} = ${largest.map((i) => `${factor(one.query[i])}·${factor(answer.hidden[j][i])}`).join(" + ")} + ${REVERSER.H - 3} smaller products (together ${two(rest)}) = ${two(one.scores[j])}`);
    const topScore = Math.max(...one.scores), over = T === 1 ? "" : `) / ${fmt(T)}`;
    const power = (v) => Math.exp((v - topScore) / T);
    const sum = one.scores.reduce((total, v) => total + power(v), 0);
    setText(lines[1], `weight = exp(${T === 1 ? "" : "("}${two(one.scores[j])} − ${factor(topScore)}${over}) / ${two(sum)} = ${two(power(one.scores[j]))} / ${two(sum)} = ${two(one.weights[j])}`);
    if (more.open) {
      setText(keyHead, `key h${sub(j + 1)}`);
      unitRows.forEach((cells, i) => [one.query[i], answer.hidden[j][i], products[i], one.context[i]].forEach((v, c) => setText(cells[c], fixed(v, 3))));
    }
    if (!hover && !playing) {
      live.say(`After ${thousands(s.trained)} training steps, step ${t + 1} of ${n}: looks at letter ${j + 1}, ${s.sequence[j]}, with weight ${two(one.weights[j])}, writes ${out}, ${verdict}. Result ${written()}.`);
    }
  }
  function update() {
    s = validate(read(), TRAININGS);
    const now = JSON.stringify([s.sequence, s.trained, s.temperature, s.given]);
    if (now !== key) {
      key = now;
      answer = run(modelAt(TRAININGS.indexOf(s.trained)), toTokens(s.sequence), s.temperature, s.given);
      hover = null;
      drawMap();
      fit();
    }
    if (!typedWrong && document.activeElement !== field && field.value !== s.sequence) field.value = s.sequence;
    example.draw(WORDS.some(([w]) => w === s.sequence) ? s.sequence : "");
    training.draw(TRAININGS.indexOf(s.trained));
    heat.draw(TEMPERATURES.indexOf(s.temperature));
    stepper.draw(s.step, { max: s.sequence.length - 1, shown: `${s.step + 1} of ${s.sequence.length}` });
    given.draw(s.given);
    complain();
    drawStep();
  }

  // ---- sizes: at least 8 letters' room, so that short sequences move nothing
  let wide = 0;
  function fit() {
    if (!wide) return;
    const cols = Math.max(8, s.sequence.length) + 2, beside = wide > 560;
    const cell = Math.max(19, Math.min(28, Math.floor((beside ? 330 : wide) / cols) - 2));
    setVar(el, "--cell", `${cell}px`);
    grid.cell(cell);
    setVar(el, "--text", `${cell > 24 ? 12 : 11}px`);
    setVar(el, "--room", cols - 1);
    el.classList.toggle("dlw-below", !beside);
    requestAnimationFrame(() => {
      grid.fit();
      const over = tableBox.scrollWidth > tableBox.clientWidth + 1;
      if (over) { setAttr(tableBox, "tabindex", 0); setAttr(tableBox, "role", "region"); setAttr(tableBox, "aria-label", "scores and weights of this step"); }
      else for (const a of ["tabindex", "role", "aria-label"]) tableBox.removeAttribute(a);
    });
  }
  const watch = new ResizeObserver((entries) => {
    const w = Math.round(entries[0].contentRect.width);
    if (w !== wide) { wide = w; fit(); }
  });

  // ---- playing
  function startPlaying() {
    play.textContent = "Pause";
    el.classList.add("dlw-playing"); // as in the convolution explorer: only a show slides
    looked = null;
    if (s.step >= s.sequence.length - 1) put({ step: 0 });
    playing = setInterval(() => {
      if (s.step >= s.sequence.length - 1) return stopPlaying();
      put({ step: s.step + 1 });
    }, 900);
  }
  function stopPlaying() {
    if (!playing) return;
    clearInterval(playing);
    playing = 0;
    play.textContent = "Play";
    el.classList.remove("dlw-playing");
    drawStep();
    save();
  }

  // ---- the address
  let saving = 0;
  function save() {
    if (!place || playing) return;
    clearTimeout(saving);
    saving = setTimeout(() => place.write(KEYS.every((k) => s[k] === initial[k]) ? null : toLink(s)), 250);
  }

  // ---- put together
  training.el.classList.add("dlw-training");
  const top = h("div", { class: "dlw-controls dlw-maps-controls" }, fieldBox, example.el, heat.el, training.el);
  el.classList.add("dlw-root", "dlw-attention-maps");
  keepKeys(el);
  el.append(h("div", { class: "dlw-title" }, h("p", { class: "dlw-name" }, "Attention maps"), shapes), top, alertBox,
    h("div", { class: "dlw-maps-stage" }, grid.panel, panel),
    h("div", { class: "dlw-player" }, play, stepper.el), tableBox, work.el, facts, more, live.el);
  for (const k of KEYS) model.on(`change:${k}`, later);
  let queued = false;
  function later() { // from Python, or from another view of the same model
    if (busy || queued) return;
    queued = true;
    queueMicrotask(() => { queued = false; update(); });
  }
  const text = place?.read() ?? null;
  if (text !== null) {
    try {
      const state = fromLink(text, TRAININGS);
      busy = true;
      for (const [k, v] of Object.entries(state)) model.set(k, v);
      model.save_changes();
      busy = false;
    } catch (error) {
      linkProblem = `The link's setting could not be read: ${error.message}. This is the first view instead.`;
    }
  }
  wide = Math.round(top.clientWidth);
  update();
  watch.observe(top);
  return () => {
    clearInterval(playing);
    clearTimeout(saving);
    live.stop();
    watch.disconnect();
    for (const k of KEYS) model.off(`change:${k}`, later);
  };
}

export default { render };
