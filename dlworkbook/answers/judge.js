// The verdict on a light answer, from its declaration and what a reader wrote. The twin is judge.py,
// function by function: same readings, sentences and verdicts. What a declaration may hold stands
// in spec.py. It touches no page, so that Node can run it.
//
// What may be written, with the characters and numbers of expression.js throughout:
// - a number, or an integer: 2/9, .5, 10^-17, 3x10^5, 14%, \frac{2}{9}, np.sqrt(2), the unit behind
//   it. 1,000 is right if a thousand is, and if one is: whatever was meant, the verdict is true.
//   1 000 is a thousand.
// - a shape: (2, 8), [2, 8], 2×8, 2x8, 2*8, 2 8, torch.Size([2, 8]).
// - a vector or a matrix: lists of Python, what NumPy, torch and MATLAB take and print, LaTeX, cells of
//   a spreadsheet; entries may be expressions, or True and False. A column is a vector, too.
// - an interval: [0, 2/3), [0, 2/3[, 0 <= x < 2/3, x > 0, 0 to 2/3, 0..2/3, (0, inf).
// - letters: a, c; (a); b > a > c; bac.
// - an expression: see expression.js, and LaTeX as far as it is one: e^{-x}, \frac{1}{2}\sigma(x).

import { ExpressionError, LONGEST, SAY, asRead, number, parse, same } from "./expression.js";

export const LONGEST_TABLE = 10000; // characters of a vector or matrix, which may be pasted

export const TELL = {
  upto: "Understood up to “{0}”. {1}",
  whole: "Only whole numbers make sense here.",
  entry: "An entry is missing.",
  table: "No number is in it.",
  ragged: "Rows 1 and {0} are not equally long: {2} and {1} entries.",
  size: "Your entry was read as {0} × {1} numbers.",
  interval: "An interval is asked for, such as [0, 1), 0 < x < 1 or 0 to 1.",
  smaller: "The smaller end comes first.",
  belong: "Say whether the ends belong to it: [ and ] with the end, ( and ) without.",
  ends: "The ends are right. Look again at whether they belong to it.",
  letters: "{0} is none of the letters: they are {1}.",
  one: "Choose one letter.",
  each: "Name each of {0} once.",
  more: "What you chose is right, but there is more.",
};

const verdict = (state, say = "") => ({ state, say });
const filled = (say, words) => say.replace(/\{(\d)\}/g, (_, k) => words[k]);

// The verdict on a text: {state, say}. `state` is right, slip, wrong, malformed or empty; `say` a
// sentence, empty if there is none to say.
export function judge(spec, entry) {
  const tabular = ["vector", "matrix"].includes(spec.kind);
  let [shown, text] = [String(entry), ""];
  try {
    const longest = tabular ? LONGEST_TABLE : LONGEST;
    if (Array.from(shown).length > longest) stop("long", [longest]);
    const tidied = tidy(shown);
    if (!trimmed(tidied)) return verdict("empty", SAY.empty);
    const plain = bare(tidied, spec);
    text = tabular ? plain : spelled(plain);
    if (text !== plain) shown = text;
    const [reading, key, agree] = KINDS.get(spec.kind);
    const given = reading(text, spec);
    if (agree(given, key(spec), spec)) return verdict("right", spec.right);
    const slip = (spec.slips ?? []).find((known) => agree(given, key(known), spec));
    return slip ? verdict("slip", slip.say) : otherwise(given, spec);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return verdict("malformed", told(error, shown, text.length));
  }
}

function stop(say, words = [], position = 0) {
  throw new ExpressionError(filled(TELL[say] ?? SAY[say], words), position);
}

// What is wrong, and up to where the entry made sense.
function told({ message, position }, shown, end) {
  const before = trimmed(shown.slice(0, position));
  if (!before || position >= end) return message;
  return filled(TELL.upto, [before.length < 25 ? before : `…${before.slice(-24)}`, message]);
}

const subset = (some, all) => some.every((k) => all.includes(k));

// What is said of an entry that is neither the key nor a slip.
function otherwise(given, spec) {
  let say = spec.else ?? "";
  if (spec.kind === "integer" && given.every((n) => n % 1)) stop("whole");
  if (spec.kind === "choice") {
    const slip = (spec.slips ?? []).find((known) => subset(listed(known.is), given));
    if (slip) return verdict("slip", slip.say);
    if (subset(given, listed(spec.is))) say ||= TELL.more;
  }
  if (spec.kind === "interval" && reaches(given, bounds(spec), spec)) say = TELL.ends;
  if (["vector", "matrix"].includes(spec.kind)) {
    if (!identical(sizes(numbers(spec)), sizes(given))) say = `${filled(TELL.size, sizes(given))} ${say}`;
  }
  return verdict("wrong", say);
}

const sizes = (rows) => [rows.length, rows[0].length];

// The text in plain characters, one for each, so that places stay; lines and tabs, too.
const tidy = (text) => Array.from(text, (c) => ("\t\n".includes(c) ? c : asRead(c))).join("");

const blank = (c) => [" ", "\t", "\n"].includes(tidy(c));

// The ends of a part of the text without the blanks at both.
function trim(text, [from, to]) {
  let [start, end] = [from, to];
  while (start < end && blank(text[start])) start += 1;
  while (start < end && blank(text[end - 1])) end -= 1;
  return [start, end];
}

const trimmed = (text) => text.slice(...trim(text, [0, text.length]));

// Short names of units. An s at the end, and capital letters, make no other unit.
const UNITS = new Map(Object.entries({
  "%": "percent", px: "pixel", s: "second", ms: "millisecond", "μs": "microsecond",
  kg: "kilogram", nm: "nanometre", hz: "hertz", k: "kelvin",
  mb: "megabyte", gb: "gigabyte", gib: "gibibyte", b: "byte",
}));
const IN_WORDS = /(?:per )?\p{L}+$/u;

// One name for all spellings of a unit.
function measure(unit) {
  const name = unit.toLowerCase().replaceAll(" ", "");
  return (UNITS.get(name) ?? name).replace(/(?<=ch)es$|s$/, "");
}

// The text up to the unit at its end; all of it if there is none, or nothing else.
export function numberOf(text, spec) {
  const unit = trimmed(tidy(String(spec.unit ?? "")));
  const cut = text.slice(0, trim(text, [0, text.length])[1]);
  const word = IN_WORDS.exec(cut)?.[0];
  const ending = word && !cut.endsWith(unit) && measure(word) === measure(unit) ? word : unit;
  return unit && cut.endsWith(ending) && trimmed(cut) !== ending ? cut.slice(0, -ending.length) : text;
}

// The text without the unit at its end, and with a blank for a sign of equality before it.
function bare(text, spec) {
  return numberOf(text, spec).replace(/^( *)[=≈~]/, "$1 ");
}

// What stands for a command of LaTeX; for the others their names do, as for \sigma and \sqrt.
const COMMANDS = new Map(Object.entries({
  left: "", right: "", cdot: "*", times: "*", infty: "inf", in: "∈", le: "≤", leq: "≤", ge: "≥", geq: "≥",
}));
const nested = (depth) => (depth ? `(?:[^{}]|\\{${nested(depth - 1)}*\\})` : "[^{}]");
const GROUP = `(?:\\{(${nested(6)}*)\\}|(\\d))`;
const FRACTION = new RegExp(`\\\\[dt]?frac *${GROUP} *${GROUP}`, "g");
// Changes of spelling, in this order.
const SPELLINGS = [
  [/\$|\{\}/g, ""],
  [/\\[,;:! ]/g, " "],
  [/\\%/g, "%"],
  [/\{,\}/g, ","],
  [/=<|<=/g, "≤"],
  [/>=/g, "≥"],
  [/\\(?:mathrm|operatorname|text) *\{(\w+)\}/g, "$1"],
  [/_\{(\w+)\}/g, "_$1"],
  [/\b(?:np|numpy|torch|math|sp|sympy)\.(?=[A-Za-z])/g, ""],
  [/[xX](?= *10 *[\^*⁻⁰¹²³⁴-⁹])/g, "*"],
];

// The text with signs and brackets for the commands and braces of LaTeX.
function spelled(text) {
  if (text.length > LONGEST) return text;
  let now = SPELLINGS.reduce((t, [pattern, to]) => t.replace(pattern, to), text);
  for (let before = ""; before !== now;) {
    before = now;
    now = now.replace(FRACTION, "(($1$2)/($3$4))");
  }
  now = now.replaceAll("{", "(").replaceAll("}", ")");
  return now.replace(/\\([A-Za-z]+)/g, (_, name) => COMMANDS.get(name) ?? ` ${name}`);
}

// The number of a key, which may be an expression.
const valueOf = (key) => (typeof key === "number" ? key : number(key));

// Whether a number is the wanted one, as exactly as asked; `size` is that of the largest.
function near(given, wanted, spec, size = Math.abs(wanted)) {
  if (!Number.isFinite(wanted)) return given === wanted;
  const tol = spec.tol ?? 1e-3;
  return Math.abs(given - wanted) <= Math.max(tol * Math.abs(wanted), spec.abs ?? (tol * size || 1e-9));
}

// The number; both of them where a comma may part thousands or decimals. Blanks part thousands.
function quantity(text) {
  if (/^ *[-+]? *[1-9][0-9]{0,2}( [0-9]{3})+ *$/.test(text)) return [number(text.replaceAll(" ", ""))];
  if (!/^ *[-+]? *[1-9][0-9]{0,2},[0-9]{3} *$/.test(text)) return [number(text)];
  return ["", "."].map((comma) => number(text.replace(",", comma)));
}

const close = (given, wanted, spec) => given.some((n) => near(n, wanted, spec));
const exact = (given, wanted) => given.some((n) => Math.abs(n - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)));

// Where each bracket is closed.
function partners(text) {
  const found = new Map();
  const opened = [];
  for (let at = 0; at < text.length; at += 1) {
    if ("([".includes(text[at])) opened.push(at);
    else if (")]".includes(text[at])) {
      if (!["()", "[]"].includes(text[opened.at(-1)] + text[at])) stop("close", [], at);
      found.set(opened.pop(), at);
    }
  }
  if (opened.length) stop("open", [], opened.pop());
  return found;
}

// The parts between marks outside of brackets, each as its two ends.
function split(text, closes, [from, end], marks) {
  const parts = [];
  let start = from;
  for (let at = from; at < end; at = (closes.get(at) ?? at) + 1) {
    if (marks.includes(text[at])) {
      parts.push([start, at]);
      start = at + 1;
    }
  }
  return [...parts, [start, end]];
}

// Rows of cells; `flat`: a line that ends within brackets goes on in the next.
function table(text, flat) {
  const closes = partners(text);

  function within(part) {
    const [start, end] = trim(text, part);
    return closes.get(start) === end - 1 ? [start + 1, end - 1] : null;
  }

  // What stands in the brackets of a row; a round bracket around one entry is none.
  function row(part) {
    const inner = within(part);
    return inner && (text[inner[0] - 1] === "[" || split(text, closes, inner, ",").length > 1) ? inner : null;
  }

  function cells(part) {
    const whole = trim(text, part);
    for (const mark of "\t,") {
      const parts = split(text, closes, whole, mark);
      if (parts.length > 1) {
        const [start, end] = trim(text, parts.at(-1));
        return start < end ? parts : parts.slice(0, -1);
      }
    }
    return split(text, closes, whole, " \n").map((cell) => trim(text, cell)).filter(([start, end]) => start < end);
  }

  const whole = within([0, text.length]);
  return split(text, closes, whole ?? [0, text.length], flat && whole ? ";" : ";\n").flatMap((line) => {
    const parts = cells(line);
    const inner = parts.map(row);
    return inner.every(Boolean) ? inner.map(cells) : [parts];
  }).filter((parts) => parts.length);
}

// The text with blanks where a name, a call or an environment stands around a table.
function unwrapped(text) {
  const begin = /\\begin *\{(?:[a-z]*matrix|array)\}(?:\{[clr| ]*\})?/.exec(text);
  if (begin) {
    const start = begin.index + begin[0].length;
    const end = text.indexOf("\\end", start);
    const body = text.slice(start, end < 0 ? text.length : end).replaceAll("\n", " ");
    return " ".repeat(start) + body.replaceAll("\\hline", " ".repeat(6)).replaceAll("\\\\", "; ").replaceAll("&", "\t");
  }
  const [before] = /^[ \t\n]*(?:[A-Za-z0-9_.]+ *= *)?(?:[A-Za-z0-9_.]+\( *(?=\[))?/.exec(text);
  let end = before.includes("(") ? text.lastIndexOf("]") + 1 : text.length;
  while (end > before.length && " \n;".includes(text[end - 1])) end -= 1;
  return " ".repeat(before.length) + text.slice(before.length, end);
}

const TRUTH = new Map([["True", 1], ["true", 1], ["False", 0], ["false", 0]]);

// One of several numbers, or a word for one, which is a part of the text.
function entryOf(text, part, words) {
  const [start, end] = trim(text, part);
  if (start === end) stop("entry", [], start);
  const known = words?.get(text.slice(start, end));
  if (known !== undefined) return known;
  try {
    return number(spelled(text.slice(start, end)));
  } catch (error) {
    if (error instanceof ExpressionError) error.position += start;
    throw error;
  }
}

// The numbers of a table.
function entries(text, flat, words) {
  const plain = unwrapped(text);
  const found = table(plain, flat).map((row) => row.map((cell) => entryOf(plain, cell, words)));
  found.forEach((row, n) => row.length === found[0].length || stop("ragged", [n + 1, row.length, found[0].length]));
  return found;
}

// The sizes; without a comma * and x part them, too.
function shape(text) {
  const parted = text.includes(",") ? text : text.replace(/[*xX]| by /g, (mark) => (mark.length > 1 ? " ,  " : ","));
  const found = entries(parted, true).flat();
  if (!found.length && !/[([]/.test(text)) stop("table");
  return found.every((n) => n % 1 === 0) ? found : stop("whole");
}

// One row; a column is read as one.
function vector(text, spec) {
  const found = matrix(text.replace(/(?:\^T|\^\{T\}|\^\\top|\^\{\\top\}|ᵀ|\.T|')[ \n]*$/, ""), spec);
  return found[0].length > 1 ? found : [found.flat()];
}

function matrix(text, { kind }) {
  const found = entries(text, kind === "vector", TRUTH);
  return found.length ? found : stop("table");
}

// The rows of a key.
const numbers = ({ is }) => (Array.isArray(is[0]) ? is : [is]).map((row) => row.map(valueOf));

function entrywise(given, wanted, spec) {
  const flat = wanted.flat();
  const size = Math.max(...flat.map(Math.abs));
  return identical(sizes(given), sizes(wanted)) && given.flat().every((n, k) => near(n, flat[k], spec, size));
}

// The ends of an interval, and for each whether it is left out; null where that is not said.
function interval(text, spec) {
  const found = (/[<>≤≥]/.test(text) ? compared : listedEnds)(text);
  if (found[0] > found[1]) stop("smaller");
  return found[2] || !spec.open ? found : stop("belong");
}

const INFINITE = /^([-+]?) *(?:inf|infinity|∞|oo)$/i;
const NAME = /^[A-Za-zα-ωΑ-Ω][A-Za-z0-9_α-ωΑ-Ω]*$/;

// An interval that is written with < and >.
function compared(text) {
  let signs = text.match(/[<>≤≥]/g);
  let parts = split(text, new Map(), [0, text.length], "<>≤≥");
  if (">≥".includes(signs[0])) [signs, parts] = [signs.reverse(), parts.reverse()];
  const words = parts.map((part) => text.slice(...trim(text, part)));
  const named = words.map((word) => NAME.test(word) && !INFINITE.test(word));
  const form = named.map(Number).join("") + signs.map((sign) => ("<≤".includes(sign) ? "<" : ">")).join("");
  if (!["010<<", "010>>", "01<", "01>", "10<", "10>"].includes(form)) stop("interval");
  const low = named[0] ? -Infinity : bound(text, parts[0]);
  const high = named.at(-1) ? Infinity : bound(text, parts.at(-1));
  return [low, high, [signs[0], signs.at(-1)].map((sign) => "<>".includes(sign))];
}

// An interval that is written with its two ends, in brackets or without.
function listedEnds(whole) {
  let text = whole.replace(/^ *[A-Za-zα-ωΑ-Ω][A-Za-z0-9_α-ωΑ-Ω]* *(?:∈|in ) */, (found) => " ".repeat(found.length));
  const [start, end] = trim(text, [0, text.length]);
  const [left, right] = [text[start] ?? "", text[end - 1] ?? ""];
  let opened = null;
  if ("[(]".includes(left) && "])[".includes(right) && !/^[^(]*\)/.test(text.slice(start + 1, end - 1))) {
    opened = [left !== "[", right !== "]"];
    text = " ".repeat(start + 1) + text.slice(start + 1, end - 1);
  }
  text = text.replace(/\bto\b|\.{2,}|…/g, (found) => ";".padEnd(found.length));
  const parts = split(text, partners(text), [0, text.length], text.includes(";") ? ";" : ",");
  if (parts.length !== 2) stop("interval");
  return [...parts.map((part) => bound(text, part)), opened];
}

// One end of an interval.
function bound(text, part) {
  const found = INFINITE.exec(text.slice(...trim(text, part)));
  if (found) return found[1] === "-" ? -Infinity : Infinity;
  return entryOf(text, part);
}

// The interval of a key.
const bounds = ({ is, open = null }) => [...is.map((end) => bound(String(end), [0, String(end).length])), open];

// Whether the ends are those wanted, whoever has them.
function reaches(given, wanted, spec) {
  const ends = wanted.slice(0, 2);
  const size = Math.max(0, ...ends.filter(Number.isFinite).map(Math.abs));
  return ends.every((n, k) => near(given[k], n, spec, size));
}

function spans(given, wanted, spec) {
  const alike = (open, k) => !Number.isFinite(wanted[k]) || !given[2] || given[2][k] === open;
  return reaches(given, wanted, spec) && (wanted[2] ?? []).every(alike);
}

const namesOf = ({ names = [] }) => (Array.isArray(names) ? names : Object.keys(names));

// The text itself, if it can be read.
function formula(text, spec) {
  parse(text, { names: namesOf(spec) });
  return text;
}

function means(given, wanted, spec) {
  const domain = Object.create(null);
  if (!Array.isArray(spec.names)) {
    for (const [name, [low, high, step]] of Object.entries(spec.names ?? {})) domain[name] = [valueOf(low), valueOf(high), ...(step ? [1] : [])];
  }
  return same(given, wanted, { names: namesOf(spec), domain, tolerance: spec.tol ?? 1e-9 }).equal;
}

// The letters of a key.
const listed = (key) => [key].flat().map(String);

// The letters of an entry, as they stand there.
function lettersIn(text, spec) {
  const every = new Map(Object.keys(spec.of).map((key) => [key.toLowerCase(), key]));
  const all = [...every.values()].join(", ");
  let words = text.match(/[^ \t\n,;:.'"()[\]{}<>=→/|&+*-]+/g) ?? [];
  if (!every.has("and")) words = words.filter((word) => word.toLowerCase() !== "and");
  const apart = Array.from(words.length === 1 && !every.has(words[0].toLowerCase()) ? words[0] : "");
  if (apart.length && apart.every((c) => every.has(c.toLowerCase()))) words = apart;
  if (!words.length) stop("each", [all]);
  return words.map((word) => every.get(word.toLowerCase()) ?? stop("letters", [Array.from(word).slice(0, 12).join(""), all]));
}

function choice(text, spec) {
  const found = [...new Set(lettersIn(text, spec))].sort();
  return found.length === 1 || Array.isArray(spec.is) ? found : stop("one");
}

function order(text, spec) {
  const found = lettersIn(text, spec);
  const every = Object.keys(spec.of);
  return identical([...found].sort(), [...every].sort()) ? found : stop("each", [every.join(", ")]);
}

const identical = (a, b) => a.length === b.length && a.every((x, k) => x === b[k]);

// kind -> [reads a text, reads a key, whether the two agree]
const KINDS = new Map([
  ["number", [quantity, ({ is }) => valueOf(is), close]],
  ["integer", [quantity, ({ is }) => valueOf(is), exact]],
  ["interval", [interval, bounds, spans]],
  ["shape", [shape, ({ is }) => is.map(valueOf), identical]],
  ["vector", [vector, numbers, entrywise]],
  ["matrix", [matrix, numbers, entrywise]],
  ["expression", [formula, ({ is }) => String(is), means]],
  ["choice", [choice, ({ is }) => listed(is).sort(), identical]],
  ["order", [order, ({ is }) => listed(is), identical]],
]);
