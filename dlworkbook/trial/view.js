// The trial exam on a page: problems of several families on one sheet, against the clock, marked when
// they are handed in. The page holds the form and one empty box of each kind (publish/site/trial.py).
// An exam that runs, or was handed in, is kept and shown again; what came of it is kept beside it:
// export, import and clearing know both. A page with a trial exam loads this in place of the script
// of the practice, which is part of it.

import {} from "../practice/view.js";
import { forget, keep, load, save } from "../answers/store.js";
import { make, written } from "../practice/engine.js";
import { MOST_SEED, box, built, fetched, reachable, stepwise, taughtOn } from "../practice/parts.js";
import { blocksOf, inline } from "../practice/show.js";
import { addressed } from "../widgets/kit/address.js";
import { clockText, makeClock } from "../widgets/kit/clock.js";
import { h } from "../widgets/kit/controls.js";
import { copyLink } from "../widgets/kit/frame.js";
import { counted, every, onPaper } from "../widgets/kit/page.js";
import { BELL, drawExam, exams, isLate, mark, minutesOf, nameOfSlip, recordOf, review, shows } from "./model.js";

const RUNNING = "trial/exam"; // pages of the store
const RECORD = "trial/record";
const WAITS = "Kept. It is judged when you hand in.";

const blocks = (held) => built([held].flat().flatMap(blocksOf));
const text = (words) => built(inline(words));
const points = (n) => counted(n, "point");

function trial(form) {
  const { families, counts } = JSON.parse(form.querySelector("script").textContent);
  const template = form.querySelector("template");
  const find = (part) => form.querySelector(`.mock-${part}`);
  const told = find("set"), recordLine = find("record");
  const live = h("p", { class: "visually-hidden", role: "status" });
  const stage = h("div", { class: "mock-stage practice trial-stage", role: "group", "aria-label": "Trial exam", hidden: true });
  const address = addressed("trial", form.id);
  const fresh = () => 1 + Math.floor(Math.random() * MOST_SEED);
  const say = (words) => { live.textContent = words; };
  let seed = fresh(), problem = "";
  let exam = null; // that is on the stage: { text, minutes, problems, forms, handed }
  form.after(stage, live);

  const clock = makeClock({
    style: "mock", say,
    mark: (from, to) => mark(exam.minutes, from, to),
    shows(seconds, state) {
      const told = shows(exam.minutes, seconds);
      if (exam.bell && told.over && state === "runs" && exam.bell.hidden && !exam.asked) {
        exam.asked = true;
        exam.bell.hidden = false;
      }
      return told;
    },
  });

  const chosen = (name) => form.querySelector(`[name=${name}]:checked`).value;
  const settings = () => ({ seed, number: Number(chosen("number")), level: chosen("level") === "mixed" ? "mixed" : Number(chosen("level")) });
  const textNow = () => exams.encode(settings());

  function tell() {
    const drawn = drawExam(families, settings());
    told.replaceChildren(...(problem ? [h("strong", {}, problem), " "] : []), `${counted(drawn.length, "problem")}, ${minutesOf(families, drawn)} minutes, exam ${seed}.`);
    const { exams: taken, last, slips } = recordOf(load(RECORD), families);
    const [got, of] = (last?.text ?? "").split("/");
    recordLine.replaceChildren(taken ? `So far: ${counted(taken, "exam")}, the last with ${got} of ${points(Number(of))}. ` : "Points and slips are kept in this browser only.");
    if (slips.length) recordLine.append("Slips: ", slips.slice(0, 5).map(({ family, id, times }) => `${nameOfSlip(id)} (${families[family].title}${times > 1 ? `, ${times} times` : ""})`).join("; "), ". ");
    if (taken) recordLine.append(h("button", { type: "button", class: "mock-plain", onclick: forgetAll }, "Forget it"));
  }

  function forgetAll() {
    if (!confirm("Forget the points and slips of your trial exams? This cannot be undone.")) return;
    forget(RECORD);
    tell();
    form.querySelector("[type=submit]").focus();
    say("Forgotten.");
  }

  // Takes settings from the text of an exam; throws where it is none.
  function set(from) {
    const found = exams.decode(from);
    for (const name of ["number", "level"]) for (const radio of every(`[name=${name}]`, form)) radio.checked = radio.value === String(found[name]);
    ({ seed } = found);
  }

  async function problemsOf(drawn) {
    const known = await Promise.all(drawn.map(({ family }) => fetched(family, families[family].version)));
    return drawn.map(({ level, seed: own }, n) => make(known[n], level, own));
  }

  // --- an exam

  const answerId = (n, k) => `${n + 1}.${k + 1}`;
  const entered = () => {
    const kept = load(RUNNING);
    return exam.problems.map(({ fields }, n) => fields.map((_, k) => {
      const entry = kept[answerId(n, k)];
      return { text: entry?.text ?? "", late: isLate(exam.minutes, Number(entry?.kept ?? 0)) };
    }));
  };

  // Shows an exam; `from` are the seconds that are over, `handed` what was handed in.
  async function open(from = 0, handed = null) {
    const drawn = drawExam(families, settings());
    told.textContent = "The problems are on their way.";
    try {
      exam = { text: textNow(), minutes: minutesOf(families, drawn), problems: await problemsOf(drawn) };
    } catch (error) {
      problem = error.message;
      tell();
      return;
    }
    if (!load(RUNNING).begun) {
      save(RUNNING, {});
      keep(RUNNING, "begun", { text: exam.text, kept: new Date().toISOString() });
    }
    form.hidden = true;
    stage.hidden = false;
    const heading = h("h3", { class: "trial-head", tabindex: "-1" }, `Trial exam: ${counted(drawn.length, "problem")}, ${exam.minutes} minutes`);
    exam.result = h("div", { class: "trial-result" });
    exam.bell = h("p", { class: "trial-bell", hidden: true }, `${BELL} `, h("button", { type: "button", onclick: goOn }, "Go on"));
    exam.bar = h("div", { class: "trial-bar" }, exam.bell, h("div", { class: "mock-bar" }, clock.el, h("button", { type: "button", class: "trial-hand", onclick: handIn }, "Hand in")));
    exam.foot = h("p", { class: "mock-buttons" }, h("button", { type: "button", onclick: printNow }, "Print"), h("button", { type: "button", onclick: leave }, "Leave the exam"));
    exam.items = exam.problems.map(item);
    exam.rule = h("p", { class: "mock-facts" }, "Nothing is judged until you hand in. What you enter is kept, also when the page is closed; the clock goes on.");
    stage.replaceChildren(heading, exam.rule, exam.result, h("ol", { class: "trial-list" }, ...exam.items.map(({ el }) => el)), exam.bar, exam.foot);
    for (const { el } of exam.items) reachable(el);
    if (handed) {
      exam.handed = true;
      marked(handed.given, handed.seconds, true);
    } else {
      clock.start(from);
      if (isLate(exam.minutes, from)) exam.bell.hidden = false;
      if (!from) heading.focus();
    }
  }

  // Until it is handed in, a box says that it has kept the entry, and does not judge.
  stage.addEventListener("submit", (event) => {
    if (exam.handed) return;
    event.preventDefault();
    event.stopPropagation();
    event.target.querySelector("[role=status]").textContent = WAITS;
  }, true);

  // One problem of the sheet.
  function item(held, n) {
    const { fields, title, minutes } = held;
    const marks = fields.map(() => h("p", { class: "trial-mark" }));
    const steps = h("ol", { class: "practice-steps", "aria-live": "polite" });
    const more = h("button", { class: "practice-more", type: "button", hidden: true });
    stepwise(steps, more)(held.steps);
    const boxes = fields.map((field, k) => {
      const made = box(template, field, `trial-${answerId(n, k).replace(".", "-")}`, counts, { page: RUNNING, answer: answerId(n, k) });
      const button = made.querySelector("[type=submit]");
      button.hidden = true;
      // When it was entered; the box itself keeps what.
      made.addEventListener("input", () => { if (!exam.handed) keep(RUNNING, answerId(n, k), { kept: String(Math.floor(clock.seconds())) }); });
      return h("div", { class: "trial-field" }, made, marks[k]);
    });
    const el = h("li", { class: "trial-problem" }, h("h4", {}, title), h("p", { class: "mock-facts" }, `About ${minutes} min., level ${held.level}`), ...blocks(held.statement), ...boxes, steps, more);
    return { el, marks, more };
  }

  function goOn() {
    exam.bell.hidden = true;
    exam.bar.querySelector(".trial-hand").focus();
  }

  function handIn() {
    const given = entered();
    const empty = given.flat().filter((one) => !one.text.trim()).length;
    if (empty && !confirm(`${counted(empty, "answer is", "answers are")} still empty. Hand in?`)) return;
    const seconds = Math.floor(clock.seconds());
    clock.end();
    exam.handed = true;
    const day = new Date().toISOString();
    keep(RUNNING, "handed", { text: JSON.stringify({ given, seconds }), kept: day });
    const result = marked(given, seconds);
    const before = load(RECORD), tries = (key) => (before[key]?.tries ?? 0);
    keep(RECORD, `exam:${exam.text}`, { text: `${result.got}/${result.of}`, kept: day, tries: tries(`exam:${exam.text}`) + 1 });
    for (const { family, id, times } of result.slips) keep(RECORD, `slip:${family}.${id}`, { kept: day, state: "slip", tries: tries(`slip:${family}.${id}`) + times });
  }

  const markText = (field) => {
    const words = { right: "", slip: ": the mistake is named above", wrong: "", malformed: ": it could not be read", empty: ": no answer" }[field.state];
    return `${field.got} of ${points(field.of)}${words}${field.late ? ", entered after the bell" : ""}.`;
  };

  // Shows what came of it: points at each field, and the review above.
  function marked(given, seconds, again = false) {
    const result = review(exam.problems, given);
    for (const made of every("form", stage)) {
      made.querySelector("[type=submit]").hidden = false;
      made.requestSubmit();
    }
    exam.items.forEach(({ marks, more }, n) => {
      more.hidden = false;
      result.marked[n].fields.forEach((field, k) => {
        marks[k].textContent = markText(field);
        marks[k].dataset.state = field.state;
      });
    });
    exam.bar.hidden = exam.rule.hidden = true;
    const heading = h("h4", { tabindex: "-1" }, `${result.got} of ${points(result.of)}${result.late ? `, and ${result.late} more after the bell` : ""}`);
    const over = seconds - 60 * exam.minutes;
    const time = `${clockText(seconds)} of ${clockText(60 * exam.minutes)} were used${over >= 1 ? `: ${clockText(over)} too long` : ""}.`;
    const links = result.weak.map(({ family, title, level, seed: next }) => h("li", {}, h("a", { href: `${location.pathname}?practice=${family}.${level}.${next}#practice` }, "Practise: ", title), ". ", ...taughtOn(families[family].taught)));
    const slips = result.slips.map(({ title, id, say: words, times }) => h("li", {}, h("strong", {}, nameOfSlip(id)), ` (${title}${times > 1 ? `, ${times} times` : ""}): `, ...text(words)));
    exam.result.replaceChildren(heading, h("p", {}, time),
      h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Problem"), h("th", { scope: "col" }, "Points"))),
        h("tbody", {}, ...result.marked.map(({ title, got, of }, n) => h("tr", {}, h("th", { scope: "row" }, `${n + 1}. ${title}`), h("td", {}, `${got} of ${of}`))))),
      ...(slips.length ? [h("p", {}, "Slips that you made:"), h("ul", { class: "trial-slips" }, ...slips)] : [h("p", {}, "No known slip was made.")]),
      ...(links.length ? [h("p", {}, "Fresh numbers for what lost points:"), h("ul", { class: "trial-weak" }, ...links)] : []),
      h("p", { class: "mock-facts" }, "Below, each box judges as it does in practice, and the steps can be opened; the points stay."));
    exam.foot.lastChild.textContent = "Another exam";
    if (!again) heading.focus();
    return result;
  }

  function leave() {
    if (!exam.handed && !confirm("Leave the exam? What you entered is lost.")) return;
    const { handed } = exam;
    clock.end();
    forget(RUNNING);
    exam = null;
    stage.hidden = true;
    stage.replaceChildren();
    form.hidden = false;
    if (handed) seed = fresh();
    problem = "";
    tell();
    form.querySelector("[type=submit]").focus();
  }

  // --- on paper: the sheet, and the key where it was handed in

  function print(problems, minutes, withKey) {
    const line = ({ ask, unit }) => h("p", { class: "trial-line" }, ...text(ask), ": ____________________", unit ? ` ${unit}` : "");
    const key = ({ ask, is, slips }) => h("li", {}, ...text(ask), ": ", h("strong", {}, written(is)), h("ul", {}, ...slips.map((slip) => h("li", {}, `${written(slip.is)}: `, ...text(slip.say)))));
    const sheet = h("div", { class: "mock-sheet practice" },
      h("section", { class: "mock-questions" }, h("h2", {}, `Trial exam ${seed}: ${counted(problems.length, "problem")}, ${minutes} minutes`),
        h("ol", {}, ...problems.map((one) => h("li", {}, h("h3", {}, one.title), ...blocks(one.statement), ...one.fields.map(line))))));
    if (withKey) {
      sheet.append(h("section", { class: "mock-answers" }, h("h2", {}, "Key"),
        h("ol", {}, ...problems.map((one) => h("li", {}, h("h3", {}, one.title), h("ul", {}, ...one.fields.map(key)), h("ol", {}, ...one.steps.map((step) => h("li", {}, ...blocks(step)))))))));
    }
    for (const fixed of every("[tabindex]", sheet)) fixed.removeAttribute("tabindex");
    onPaper(form.closest(".text") ?? document.body, sheet);
  }
  const printNow = () => print(exam.problems, exam.minutes, exam.handed);

  // --- the form

  const acts = {
    again() {
      problem = "";
      seed = fresh();
      tell();
    },
    async print() {
      const drawn = drawExam(families, settings());
      try {
        print(await problemsOf(drawn), minutesOf(families, drawn), false);
      } catch (error) {
        problem = error.message;
        tell();
      }
    },
  };
  for (const button of every("[data-do]", form)) button.addEventListener("click", acts[button.dataset.do]);
  const { copy, said } = copyLink(() => address.link(textNow()));
  find("buttons").append(copy, said);
  form.addEventListener("change", () => {
    problem = "";
    tell();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    problem = "";
    forget(RUNNING);
    address.write(textNow());
    open();
  });
  addEventListener("storage", () => { if (!exam) tell(); });

  // What a link asks for; else the exam that is still open, or was handed in last.
  function resume() {
    const link = address.read(), { begun, handed } = load(RUNNING);
    try {
      if (link !== null) set(link);
    } catch (error) {
      problem = `The exam in the address could not be read: ${error.message}. This is another one.`;
    }
    if (!begun?.text || (link !== null && !problem && textNow() !== begun.text)) return;
    try {
      set(begun.text);
      const sheet = handed ? JSON.parse(handed.text) : null;
      const from = Math.max(0, (Date.now() - Date.parse(begun.kept)) / 1000);
      if (Number.isNaN(from) || (handed && !Array.isArray(sheet?.given))) throw new Error("no exam");
      open(from, sheet);
    } catch {
      forget(RUNNING);
    }
  }
  resume();
  if (!exam) tell();
}

every("form[data-trial]").forEach(trial);
