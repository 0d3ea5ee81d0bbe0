// A mock interview without a page: which questions a set holds, in what order, what comes again,
// and what the clock says. A question is {key, topic, level}; a record maps keys to {state, kept}:
// the last verdict as the store calls it, and the day on which it was given.

import { passed } from "../widgets/kit/clock.js";
import { generator, seedOf } from "../widgets/kit/random.js";
import { makeState } from "../widgets/kit/state.js";

export const LIMIT = 120; // seconds for an answer
export const VERDICTS = { well: "right", halfway: "slip", not: "wrong" };
const RANK = { wrong: 0, slip: 1, right: 3 }; // 2: not asked yet
const MOST_SEED = 999999;

// The name of a question in a link: four letters or digits.
export const codeOf = (key) => (seedOf(key) % 36 ** 4).toString(36).padStart(4, "0");

// The lot that a question draws. It hangs on the seed and the question alone: a question that
// comes into the book later displaces at most one of a set.
export const lotOf = (seed, key) => generator(seed ^ seedOf(key))();

const rankOf = (entry) => RANK[entry?.state] ?? 2;
const before = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// What can be drawn from: the questions of these topics and levels.
export const among = (questions, { topics, levels }) => questions.filter((q) => topics.includes(q.topic) && levels.includes(q.level));

// The keys of a set. With a record, what was not answered well comes first, then what was halfway,
// then what was not asked yet, then the rest, the longest ago first; lots decide what is equal.
export function drawn(questions, settings, record = {}) {
  const pool = among(questions, settings).map(({ key }) => ({ key, rank: rankOf(record[key]), lot: lotOf(settings.seed, key), day: rankOf(record[key]) === 3 ? record[key].kept ?? "" : "" }));
  pool.sort((a, b) => a.rank - b.rank || before(a.day, b.day) || a.lot - b.lot || before(a.key, b.key));
  return pool.slice(0, settings.number === "all" ? pool.length : settings.number).map(({ key }) => key);
}

// What stands in an address: seed, number, topics, levels (`s:42_n:10_t:training_l:EM`), or the
// questions themselves (`q:1a2b.0c3d`) where a record has had a say in the draw.
export function makeAddress(topics) {
  const settings = {
    fields: {
      seed: { code: "s", start: 0, from: 0, to: MOST_SEED },
      number: { code: "n", start: 5, of: [5, 10, "all"] },
      topics: { code: "t", start: topics },
      levels: { code: "l", start: ["E", "M", "H"] },
      codes: { code: "q", start: [] },
    },
  };
  const listed = (allowed, what, split) => ({
    check(values) {
      const wrong = values.find((value) => !allowed.includes(value));
      if (wrong !== undefined) throw new Error(`“${wrong.slice(0, 20)}” is no ${what} of this page`);
      if (!values.length) throw new Error(`no ${what} is named`);
    },
    text: (values) => values.join(split),
    parse: (text) => allowed.filter((value) => text.split(split).includes(value)).concat(text.split(split).filter((value) => !allowed.includes(value))),
  });
  const codes = {
    check: (values) => { if (values.some((value) => !/^[0-9a-z]{4}$/.test(value)) || values.length > 500) throw new Error("a question of the set cannot be read"); },
    text: (values) => values.join("."),
    parse: (text) => [...new Set(text.split("."))],
  };
  return makeState(settings, { topics: listed(topics, "topic", "."), levels: listed(["E", "M", "H"], "level", ""), codes });
}

// The keys of the questions that a link names, and how many of them are not on the page.
export function named(questions, codes) {
  const keys = codes.map((code) => questions.find(({ key }) => codeOf(key) === code)?.key);
  return { keys: keys.filter((key) => key !== undefined), missing: keys.filter((key) => key === undefined).length };
}

// A run through a set: `queue` of keys, and what was `given`, one {key, verdict, seconds, text} for each
// of them that is done. What was not answered well comes again at the end, once.
export const begin = (keys) => ({ queue: [...keys], given: [] });
export const current = (run) => run.queue[run.given.length];
export const isAgain = (run) => run.given.some(({ key }) => key === current(run));
export function judged(run, verdict, seconds, text = "") {
  const key = current(run);
  const more = verdict === "not" && !isAgain(run) ? [key] : [];
  return { queue: [...run.queue, ...more], given: [...run.given, { key, verdict, seconds, text }] };
}

// A set that goes on, as text, and back again: `run`, the `link` to it, and how far the question on
// the stage is, at: {seconds, opened, text}, or null where the summary is shown. null comes back
// where it is none, or asks what the page does not hold any more.
export const packed = ({ run, link, at }) => JSON.stringify({ link, at, keys: [...new Set(run.queue)], given: run.given.map(({ verdict, seconds, text }) => [verdict, seconds, text]) });
const isAnswer = (seconds, text) => Number.isFinite(seconds) && seconds >= 0 && typeof text === "string";
export function unpacked(text, questions) {
  try {
    const { link, at, keys, given } = JSON.parse(text);
    let run = begin(keys);
    if (!run.queue.every((key) => questions.some((q) => q.key === key))) return null;
    for (const [verdict, seconds, words] of given) {
      if (current(run) === undefined || !Object.hasOwn(VERDICTS, verdict) || !isAnswer(seconds, words)) return null;
      run = judged(run, verdict, seconds, words);
    }
    if (at === null) return given.length ? { run, link, at } : null;
    return current(run) !== undefined && isAnswer(at.seconds, at.text) && Number.isInteger(at.opened) ? { run, link, at } : null;
  } catch {
    return null;
  }
}

// What came of it. A question counts by its last verdict, its time is that of all its answers.
// The questions stand in the order in which they want work, those alike as they were asked.
export function summed(run, questions) {
  const list = [];
  for (const { key, verdict, seconds, text } of run.given) {
    const old = list.find((one) => one.key === key);
    if (old) Object.assign(old, { verdict, seconds: old.seconds + seconds, text: text || old.text, asked: old.asked + 1 });
    else list.push({ key, verdict, seconds, text, asked: 1, topic: questions.find((q) => q.key === key).topic });
  }
  const count = (own) => ({
    asked: own.length,
    ...Object.fromEntries(Object.keys(VERDICTS).map((verdict) => [verdict, own.filter((one) => one.verdict === verdict).length])),
    seconds: own.reduce((sum, one) => sum + one.seconds, 0),
  });
  const topics = [...new Set(questions.map((q) => q.topic))].filter((topic) => list.some((one) => one.topic === topic));
  const worst = ["not", "halfway", "well"];
  return {
    all: count(list),
    topics: topics.map((topic) => ({ topic, ...count(list.filter((one) => one.topic === topic)) })),
    list: list.map((one, n) => [one, n]).sort(([a, n], [b, m]) => worst.indexOf(a.verdict) - worst.indexOf(b.verdict) || n - m).map(([one]) => one),
  };
}

// How many questions have which verdict in a record.
export function tally(questions, record) {
  const counts = { well: 0, halfway: 0, not: 0, open: 0 };
  const nameOfState = Object.fromEntries(Object.entries(VERDICTS).map(([name, state]) => [state, name]));
  for (const { key } of questions) counts[nameOfState[record[key]?.state] ?? "open"] += 1;
  return counts;
}

export const isOver = (seconds) => seconds >= LIMIT;

// What is said aloud when the clock has gone from one second to another: "" between the marks.
const MARKS = [[LIMIT / 2, "One minute is over, one is left."], [LIMIT, "Two minutes are over. The clock goes on."]];
export const mark = (from, to) => passed(MARKS, from, to);
