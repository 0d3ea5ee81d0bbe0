// A trial exam without a page: which problems it holds, what they are worth, what the clock says, how
// it is marked, and what the slips come to. `families` maps names to {title, levels, minutes}; a
// problem is one of practice/engine.js; what was entered is {text, late}, a list for each problem.

import { judge } from "../answers/judge.js";
import { chance } from "../practice/kit.js";
import { makeState } from "../widgets/kit/state.js";
import { clockText, passed } from "../widgets/kit/clock.js";

const MOST = 999999; // of a seed

// What stands in an address: seed, number of problems, level (`s:42_n:6_l:2`).
export const exams = makeState({
  unchanged: "s:0",
  fields: {
    seed: { code: "s", start: 0, from: 0, to: MOST },
    number: { code: "n", start: 3, of: [3, 6, 10] },
    level: { code: "l", start: 1, of: [1, 2, 3, "mixed"] },
  },
});

// The problems of an exam, {family, level, seed}, each of another family. What a family draws hangs on
// the seed and its name alone: one that comes into the book later displaces at most one problem.
// Where a family has no such level, the next lower one is taken.
export function drawExam(families, { seed, number, level }) {
  const lots = Object.entries(families).map(([family, { levels }]) => {
    const random = chance(`trial:${seed}:${family}`);
    const [lot, own, any] = [random.int(0, 2 ** 31), random.int(1, MOST), random.pick(Object.keys(levels).map(Number))];
    const fitting = Object.keys(levels).map(Number).filter((one) => one <= level);
    return { lot, family, level: level === "mixed" ? any : Math.max(1, ...fitting), seed: own };
  });
  lots.sort((a, b) => a.lot - b.lot || (a.family < b.family ? -1 : 1));
  return lots.slice(0, number).map(({ family, level: one, seed: own }) => ({ family, level: one, seed: own }));
}

export const minutesOf = (families, drawn) => drawn.reduce((sum, { family, level }) => sum + families[family].minutes[level], 0);

// A problem has as many points as minutes, and each field at least one; what is left over goes to the
// last fields, which build on the others.
export function pointsOf({ minutes, fields }) {
  const all = Math.max(minutes, fields.length), each = Math.floor(all / fields.length);
  return fields.map((_, k) => each + (k >= fields.length - (all % fields.length) ? 1 : 0));
}

// What is said aloud: [second, words], in order. Of two at once the later in the list is said, and
// what lies before the beginning never is.
export const BELL = "The time is over. Hand in now, or go on: what you enter from now on is marked as late.";
function marksOf(minutes) {
  const all = 60 * minutes;
  const marks = [[all / 2, `Half of the time is over, ${clockText(all / 2)} left.`], [all - 300, "Five minutes are left."], [all, BELL]];
  return marks.sort(([a], [b]) => a - b);
}
export const mark = (minutes, from, to) => passed(marksOf(minutes), from, to);
export const isLate = (minutes, seconds) => seconds >= 60 * minutes;

// What the clock shows.
export function shows(minutes, seconds) {
  const left = 60 * minutes - seconds;
  return left > 0 ? { time: clockText(left), word: `of ${clockText(60 * minutes)} left`, over: false } : { time: clockText(-left), word: "over the time", over: true };
}

// A field marked: its points if it is right, else none. `late` came after the bell; a slip has its id.
function markedField(spec, { text = "", late = false } = {}, of) {
  const { state, say } = judge(spec, text);
  const slip = state === "slip" ? spec.slips.find((known) => known.say === say)?.id ?? "" : "";
  return { state, say, slip, of, got: state === "right" ? of : 0, late: late && state !== "empty" };
}

const total = (list, of) => list.reduce((sum, one) => sum + of(one), 0);

// The exam marked: points in time and late ones, what each field got, the slips by name, and the
// families to practise, those that lost most first.
export function review(problems, given) {
  const marked = problems.map((problem, n) => {
    const worth = pointsOf(problem);
    const fields = problem.fields.map((spec, k) => markedField(spec, given[n]?.[k], worth[k]));
    const sum = (name) => total(fields, (field) => field[name]);
    return { family: problem.family, title: problem.title, level: problem.level, seed: problem.seed, of: sum("of"), got: sum("got"), fields };
  });
  const late = total(marked, ({ fields }) => total(fields, (field) => (field.late ? field.got : 0)));
  const slips = [];
  for (const { family, title, fields } of marked) {
    for (const { slip, say } of fields) {
      const known = slips.find((one) => one.family === family && one.id === slip);
      if (known) known.times += 1;
      else if (slip) slips.push({ family, title, id: slip, say, times: 1 });
    }
  }
  const lost = ({ of, got }) => of - got;
  const weak = marked.filter((one) => lost(one) > 0).sort((a, b) => lost(b) / b.of - lost(a) / a.of);
  return {
    of: total(marked, (one) => one.of), got: total(marked, (one) => one.got) - late, late, marked, slips,
    weak: weak.map(({ family, title, level, seed }) => ({ family, title, level, seed: (seed % MOST) + 1 })),
  };
}

export const nameOfSlip = (id) => id.replaceAll("_", " ");

// What is kept of earlier exams, from the entries of the store (keys exam:... and slip:family.id): how
// many, the last one, and the slips that were made, most often first.
export function recordOf(entries, families) {
  const found = Object.entries(entries);
  const taken = found.filter(([key, { text, kept }]) => key.startsWith("exam:") && /^\d+\/\d+$/.test(text) && kept).map(([, { text, kept }]) => ({ text, kept }));
  taken.sort((a, b) => (a.kept < b.kept ? -1 : a.kept > b.kept ? 1 : 0));
  const slips = found.map(([key, { tries }]) => [/^slip:(\w+)\.(\w+)$/.exec(key), tries]).filter(([name, tries]) => name && Object.hasOwn(families, name[1]) && tries > 0)
    .map(([[, family, id], times]) => ({ family, id, times }));
  slips.sort((a, b) => b.times - a.times || (a.family + a.id < b.family + b.id ? -1 : 1));
  return { exams: taken.length, last: taken.at(-1) ?? null, slips };
}
