// The mock interview on a page of questions. The page holds questions and answers in full, and the
// form (publish/site/questions.py); what is shown here are copies of them. Verdicts are kept where
// answers are (store.js), under the name of the page: export, import and clearing know them. So is a set that
// goes on: a reload shows the same question again, with what was opened and written. Its clock counts
// the time in which you speak: while the page is away it stands still, and then it waits, paused.

import { forget, keep, load } from "../answers/store.js";
import { addressed } from "../widgets/kit/address.js";
import { clockText, makeClock } from "../widgets/kit/clock.js";
import { h, scrollStop } from "../widgets/kit/controls.js";
import { copyLink } from "../widgets/kit/frame.js";
import { counted, every, onPaper } from "../widgets/kit/page.js";
import { VERDICTS, among, begin, codeOf, current, drawn, isAgain, isOver, judged, makeAddress, mark, named, packed, summed, tally, unpacked } from "./model.js";

const SAID = { well: "well", halfway: "halfway", not: "not" };
const SEEDS = 900000;

// Copies without ids, which a page may have once.
function copies(nodes) {
  const made = nodes.map((one) => one.cloneNode(true));
  for (const copy of made) {
    if (copy.nodeType !== 1) continue;
    for (const one of [copy, ...every("[id]", copy)]) one.removeAttribute("id");
  }
  return made;
}

// What the page holds of one question.
function readQuestion(line) {
  const answer = line.nextElementSibling, mistake = answer.nextElementSibling;
  const section = line.closest("section"), heading = section.querySelector("h2");
  const body = [...answer.children].filter((part) => !part.matches("summary, .question-page") && !part.querySelector(":scope > .asked"));
  const where = answer.querySelector(".question-page a");
  return {
    key: line.dataset.key, level: line.dataset.level, topic: section.id, line, body,
    title: heading.firstChild.textContent.trim(),
    text: () => copies([...line.querySelector("strong").childNodes]).map((part, n) => { if (!n && part.nodeType === 3) part.data = part.data.replace(/^\d+\. /, ""); return part; }),
    follow: every(".asked", answer).map((asked) => [asked, asked.nextElementSibling]),
    mistake: [...mistake.children].filter((part) => !part.matches("summary")),
    page: () => h("a", { href: where.getAttribute("href") }, ...copies([...where.childNodes])),
  };
}

// Copies may scroll where the page's own do not, and the other way round.
const scrollBox = (box, what) => scrollStop(box, { "aria-label": `${what}, scrolls sideways` }, "group");
const markBoxes = (within) => every(".katex-display, .table-box, .text pre", within).forEach((box) => scrollBox(box, "Formula"));

// What the clock shows.
function clockShows(seconds, state) {
  const words = isOver(seconds) ? "over: more than two minutes" : "of 2:00";
  return { time: clockText(seconds), word: { runs: words, done: `for your answer, ${words}`, paused: `${words}, paused` }[state], over: isOver(seconds) };
}

function start(form) {
  const page = form.dataset.mock, running = `mock/${page}`; // pages of the store
  const questions = every("p.question[data-key]").map(readQuestion);
  const byKey = new Map(questions.map((question) => [question.key, question]));
  const topicBoxes = every("[name=topic]", form), levelBoxes = every("[name=level]", form);
  const topics = topicBoxes.map((box) => box.value);
  const address = makeAddress(topics), bar = addressed("mock", form.closest("section").id);
  const levelOf = (level) => levelBoxes.find((box) => box.value === level).parentElement.textContent.trim();
  const titleOf = (topic) => questions.find((question) => question.topic === topic).title;
  const told = form.querySelector(".mock-set"), recordLine = form.querySelector(".mock-record");
  const weak = form.querySelector("[name=weak]");
  const live = h("p", { class: "visually-hidden", role: "status" });
  const say = (words) => { live.textContent = words; };
  const stage = h("div", { class: "mock-stage", role: "group", "aria-label": "Mock interview", hidden: true });
  form.after(stage, live);
  let seed = fresh(), fixed = null, problem = "";
  const { copy, said } = copyLink(() => bar.link(addressText()));

  function fresh() { return 100000 + Math.floor(Math.random() * SEEDS); }

  // {key: {state, kept}}; a key may be called constructor.
  function record() {
    const entries = load(page), found = Object.create(null);
    for (const question of questions) {
      const entry = entries[`mock:${question.key}`];
      if (entry) found[question.key] = entry;
    }
    return found;
  }

  const chosen = (boxes) => boxes.filter((box) => box.checked).map((box) => box.value);
  function settings() {
    const number = form.querySelector("[name=number]:checked").value;
    return { seed, number: number === "all" ? number : Number(number), topics: chosen(topicBoxes), levels: chosen(levelBoxes), codes: [] };
  }
  const setNow = () => fixed ?? drawn(questions, settings(), weak.checked ? record() : {});

  // The short form if anyone would draw the same, else the questions by name.
  function addressText() {
    const keys = setNow(), now = settings();
    const plain = !fixed && String(drawn(questions, now)) === String(keys);
    const all = address.start;
    return address.encode(plain ? now : { ...all, codes: keys.map(codeOf) });
  }

  function tellSet() {
    const now = settings(), pool = among(questions, now).length, keys = setNow();
    const from = fixed ? "from the link" : `drawn from ${pool}, set ${seed}`;
    told.replaceChildren(...(problem ? [h("strong", {}, problem), " "] : []), keys.length ? `${counted(keys.length, "question")}, ${from}.` : "No question has this topic and level. Choose one more of either.");
    for (const button of every("button[type=submit], [data-do=print]", form)) button.disabled = !keys.length;
    copy.disabled = !keys.length;
    const { well, halfway, not, open } = tally(questions, record());
    const kept = well + halfway + not;
    recordLine.replaceChildren(kept ? `So far: ${well} well, ${halfway} halfway, ${not} not, ${open} of ${questions.length} not asked yet. Kept in this browser only. ` : "What you say of your answers is kept in this browser only, and decides what is asked first next time.");
    if (kept) recordLine.append(h("button", { type: "button", class: "mock-plain", onclick: forgetAll }, "Forget it"));
  }

  function forgetAll() {
    if (!confirm(`Forget what you said of your answers to ${counted(questions.length, "question")}? This cannot be undone.`)) return;
    forget(page);
    forget(running);
    tellSet();
    form.querySelector("button").focus();
    say("Forgotten.");
  }

  function readAddress() {
    const text = bar.read();
    if (text === null) return;
    try {
      const found = address.decode(text);
      if (found.codes.length) {
        const { keys, missing } = named(questions, found.codes);
        if (!keys.length) throw new Error("no question of it is on this page");
        fixed = keys;
        if (missing) problem = `${counted(missing, "question")} of this set ${missing === 1 ? "is" : "are"} not on the page any more.`;
      } else {
        for (const box of topicBoxes) box.checked = found.topics.includes(box.value);
        for (const box of levelBoxes) box.checked = found.levels.includes(box.value);
        for (const radio of every("[name=number]", form)) radio.checked = radio.value === String(found.number);
        seed = found.seed;
        weak.checked = false; // the set as whoever shared it has it
      }
    } catch (error) {
      problem = `The set in the address could not be read: ${error.message}. This is another one.`;
    }
  }

  // --- a run

  let run = null, link = ""; // its address, also where the bar takes none
  let now = null; // the question: { steps, opened, seconds, ... and its elements }
  const clock = makeClock({ style: "mock", say, mark, shows: clockShows });

  function open(from, at, focus = true) {
    run = from;
    form.hidden = true;
    stage.hidden = false;
    if (at === null) finish(focus); else ask(at);
  }

  function note() {
    if (run) keep(running, "run", { text: packed({ run, link, at: now && { seconds: now.seconds ?? clock.seconds(), opened: now.opened, text: now.area.value } }) });
  }

  function again() {
    const lost = run.given.length || now?.area.value.trim();
    if (lost && !confirm("Start this set again? What you wrote is lost; how you judged your answers is kept.")) return;
    open(begin([...new Set(run.queue)]));
  }

  function close() {
    clock.end();
    forget(running);
    run = now = null;
    stage.hidden = true;
    stage.replaceChildren();
    form.hidden = false;
    tellSet();
    form.querySelector("button").focus();
  }

  // The steps that are still to open: [label of the button, what it shows].
  function stepsOf(question) {
    const part = (title, ...kids) => h("section", { class: "mock-part" }, h("h4", { tabindex: "-1" }, title), ...kids);
    const steps = [["Open the answer", () => part("In two minutes", ...copies(question.body))]];
    question.follow.forEach(([asked, reply], n) => {
      const title = n ? "And then" : "They ask next";
      steps.push([n ? "Next follow-up question" : "First follow-up question", () => part(title, h("p", { class: "mock-asked" }, ...copies([...asked.childNodes])))]);
      steps.push(["Open its answer", () => h("section", { class: "mock-part" }, h("p", { class: "mock-reply", tabindex: "-1" }, ...copies([...reply.childNodes])))]);
    });
    steps.push(["Open the mistake", () => part("The mistake that costs the offer", ...copies(question.mistake), h("p", {}, "Derived, built and tried on ", question.page(), "."))]);
    return steps;
  }

  // The next question; one that was on the stage before is brought `back` as it was, its clock paused.
  function ask(back) {
    const question = byKey.get(current(run));
    const n = run.given.length + 1, { length } = run.queue;
    const heading = h("h3", { class: "mock-question", tabindex: "-1" }, ...question.text());
    const facts = `Question ${n} of ${length} · ${question.title} · ${levelOf(question.level)}${isAgain(run) ? " · once more" : ""}`;
    const area = h("textarea", { id: "mock-own", rows: "4", oninput: note });
    const pause = h("button", { type: "button", onclick: togglePause }, "Pause");
    const next = h("button", { type: "button", class: "mock-main", onclick: step });
    const verdicts = h("fieldset", { class: "mock-verdicts", hidden: true }, h("legend", {}, "How did you answer?"),
      ...Object.keys(VERDICTS).map((verdict, k) => h("button", { type: "button", "data-verdict": verdict, onclick: () => give(verdict) }, `${SAID[verdict][0].toUpperCase()}${SAID[verdict].slice(1)} `, h("kbd", { "aria-hidden": "true" }, String(k + 1)))));
    now = { question, steps: stepsOf(question), opened: 0, shown: h("div", { class: "mock-shown" }), area, pause, next, verdicts };
    stage.replaceChildren(
      h("p", { class: "mock-facts" }, facts),
      heading,
      h("div", { class: "mock-bar" }, clock.el, pause),
      h("label", { class: "mock-label", for: "mock-own" }, "Say your answer aloud, or write it here. It stays in this browser."),
      area, now.shown,
      h("p", { class: "mock-buttons" }, next), verdicts,
      h("p", { class: "mock-keys" }, "Keys outside the text: ", ...keyHints(), h("button", { type: "button", class: "mock-plain", onclick: again }, "Start again"), h("button", { type: "button", class: "mock-plain", onclick: finish }, "End here")),
    );
    clock.start(back?.seconds);
    label();
    if (back) {
      togglePause();
      area.value = back.text;
      while (now.steps.length && now.opened < back.opened) unfold();
      return;
    }
    heading.focus();
    heading.scrollIntoView({ block: "nearest" });
    note();
  }

  const keyHints = () => [["Enter Space", "go on"], ["P", "pauses the clock"], ["1 2 3", "judge, once the answer is open"]].flatMap(([key, what], n) => [n ? ", " : "", ...key.split(" ").flatMap((one) => [h("kbd", {}, one), " "]), what]).concat(". ");

  function label() {
    const [step] = now.steps;
    now.next.hidden = !step;
    if (step) [now.next.textContent] = step;
  }

  function togglePause() {
    if (!now || now.pause.hidden) return;
    if (clock.runs()) clock.stop(); else clock.go();
    now.pause.textContent = clock.runs() ? "Pause" : "Go on";
  }

  // Opens the next part.
  function unfold() {
    const [, show] = now.steps.shift();
    now.opened += 1;
    if (now.verdicts.hidden) {
      clock.end();
      now.seconds = clock.seconds();
      now.pause.hidden = true;
      now.verdicts.hidden = false;
    }
    const part = show();
    now.shown.append(part);
    markBoxes(part);
    label();
    return part;
  }

  function step() {
    unfold().querySelector("[tabindex='-1']").focus();
    note();
  }

  function give(verdict) {
    if (!now || now.verdicts.hidden) return;
    const { key } = now.question, id = `mock:${key}`;
    const tries = load(page)[id]?.tries ?? 0;
    keep(page, id, { state: VERDICTS[verdict], kept: new Date().toISOString().slice(0, 10), tries: tries + 1 });
    run = judged(run, verdict, now.seconds, now.area.value.trim());
    if (current(run) === undefined) finish(); else ask();
  }

  function finish(focus = true) {
    clock.end();
    now = null;
    if (!run.given.length) return close();
    note();
    const { all, topics: rows, list } = summed(run, questions);
    const weakest = list.filter((one) => one.verdict !== "well");
    const cells = (tag, values) => values.map((value) => h(tag, tag === "th" ? { scope: "col" } : {}, String(value)));
    const row = (name, sum) => h("tr", {}, h("th", { scope: "row" }, name), ...cells("td", [sum.asked, sum.well, sum.halfway, sum.not, clockText(sum.seconds / sum.asked)]));
    const table = h("table", {}, h("thead", {}, h("tr", {}, ...cells("th", ["Topic", "Asked", "Well", "Halfway", "Not", "Time each"]))),
      h("tbody", {}, ...rows.map((sum) => row(titleOf(sum.topic), sum)), ...(rows.length > 1 ? [row("All", all)] : [])));
    const heading = h("h3", { tabindex: "-1" }, `${counted(all.asked, "question")}: ${all.well} well, ${all.halfway} halfway, ${all.not} not`);
    const item = (one) => {
      const question = byKey.get(one.key);
      const over = isOver(one.seconds / one.asked) ? ", over the two minutes" : "";
      return h("li", { "data-verdict": one.verdict }, h("strong", {}, SAID[one.verdict]), ` in ${clockText(one.seconds / one.asked)}${over}: `, ...question.text(), " Read: ", question.page(), ".",
        ...(one.text ? [h("details", {}, h("summary", {}, "What you wrote"), h("p", { class: "mock-own" }, one.text))] : []));
    };
    const buttons = [
      ...(weakest.length ? [h("button", { type: "button", class: "mock-main", onclick: () => open(begin(weakest.map((one) => one.key))) }, `Ask ${weakest.length === 1 ? "the weak one" : `the ${weakest.length} weak ones`} again`)] : []),
      h("button", { type: "button", onclick: again }, "Start again"),
      h("button", { type: "button", onclick: () => { another(); close(); } }, "Another set"),
      h("button", { type: "button", onclick: () => print(list.map((one) => one.key)) }, "Print these questions"),
    ];
    const box = h("div", { class: "table-box" }, table);
    stage.replaceChildren(heading, box, h("ol", { class: "mock-list" }, ...list.map(item)), h("p", { class: "mock-buttons" }, ...buttons));
    scrollBox(box, "Table");
    if (focus) heading.focus();
    return undefined;
  }

  stage.addEventListener("keydown", (event) => {
    const writes = event.target === now?.area;
    if (writes && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (now.steps.length) step();
    }
    if (!now || writes || event.ctrlKey || event.metaKey || event.altKey) return;
    const verdict = Object.keys(VERDICTS)[["1", "2", "3"].indexOf(event.key)];
    if (verdict) give(verdict);
    else if (event.key === "p" || event.key === "P") togglePause();
    else if ((event.key === "Enter" || event.key === " ") && !event.target.closest("button, a, summary") && now.steps.length) step();
    else return;
    event.preventDefault();
  });

  // --- on paper

  function print(keys) {
    const asked = keys.map((key) => byKey.get(key));
    const part = ({ text, body, follow, mistake, page: where }) => h("li", {}, h("h3", {}, ...text()), ...copies(body),
      ...follow.map(([question, reply]) => h("p", {}, h("em", {}, ...copies([...question.childNodes])), " ", ...copies([...reply.childNodes]))),
      h("p", {}, h("strong", {}, "The mistake that costs the offer")), ...copies(mistake), h("p", {}, "Page: ", where(), "."));
    const sheet = h("div", { class: "mock-sheet" },
      h("section", { class: "mock-questions" }, h("h2", {}, `Mock interview: ${counted(keys.length, "question")}, two minutes each`),
        h("ol", {}, ...asked.map((question) => h("li", {}, h("p", {}, ...question.text()), h("p", { class: "mock-facts" }, `${question.title}, ${levelOf(question.level)}`))))),
      h("section", { class: "mock-answers" }, h("h2", {}, "Answers"), h("ol", {}, ...asked.map(part))));
    onPaper(form.closest(".text"), sheet);
  }

  // --- the form

  function another() {
    fixed = null;
    problem = "";
    seed = fresh();
    tellSet();
  }

  const acts = { again: another, print: () => print(setNow()) };
  for (const button of every("[data-do]", form)) button.addEventListener("click", acts[button.dataset.do]);
  form.querySelector(".mock-buttons").append(copy, said);
  form.addEventListener("change", () => {
    fixed = null;
    problem = "";
    tellSet();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const keys = setNow();
    if (!keys.length) return;
    link = addressText();
    bar.write(link);
    problem = "";
    open(begin(keys));
  });
  addEventListener("storage", () => { if (!run) tellSet(); });
  addEventListener("pageshow", () => { if (!run) tellSet(); });
  addEventListener("visibilitychange", note);
  addEventListener("pagehide", () => {
    if (clock.runs()) togglePause();
    note();
  });
  readAddress();
  tellSet();

  // The set that goes on, unless a link asks for another one.
  const held = unpacked(load(running).run?.text, questions);
  if (held && [null, held.link].includes(bar.read())) {
    ({ link } = held);
    open(held.run, held.at, false);
  } else if (!held) forget(running);
}

every("form[data-mock]").forEach(start);
