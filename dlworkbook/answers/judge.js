// The verdict on a light answer, from its declaration and what a reader wrote. The twin of
// judge.py, function by function: same readings, sentences and verdicts. What a declaration may
// hold stands in spec.py. It touches no page, so that Node can run it.

import { ExpressionError, READ_AS, number, parse, same } from "./expression.js";

const MOST = 500; // characters
const MOST_IN_TABLE = 10000; // of a vector or matrix that is pasted

export const TELL = {
  empty: "Not answered yet.",
  long: "This is too long: at most {0} characters are read.",
  upto: "Understood up to “{0}”. {1}",
  whole: "A whole number is asked for.",
  sizes: "Sizes are whole numbers.",
  entry: "An entry is missing.",
  open: "A bracket is not closed.",
  close: "A bracket is closed that was not opened.",
  letters: "{0} is none of the answers: they are {1}.",
  one: "Choose one answer.",
  more: "What you chose is right, but there is more.",
};

const verdict = (state, say = "") => ({ state, say });

// The verdict on a text: {state, say}. `state` is right, slip, wrong, malformed or empty; `say` a
// sentence, empty if there is none to say.
export function judge(spec, entry) {
  const text = String(entry);
  try {
    if (!tidy(text).trim()) return verdict("empty", TELL.empty);
    const most = ["vector", "matrix"].includes(spec.kind) ? MOST_IN_TABLE : MOST;
    if (Array.from(text).length > most) stop("long", [most]);
    const [reading, key, agree] = KINDS.get(spec.kind);
    const given = reading(text, spec);
    if (agree(given, key(spec.is), spec)) return verdict("right", spec.right);
    const slip = (spec.slips ?? []).find(({ is }) => agree(given, key(is), spec));
    return slip ? verdict("slip", slip.say) : otherwise(given, spec);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return verdict("malformed", told(error, text));
  }
}

function stop(say, words = [], position = 0) {
  throw new ExpressionError(fill(TELL[say], words), position);
}

const fill = (say, words) => say.replace(/\{(\d)\}/g, (_, k) => words[k]);

// What is wrong, and up to where the entry made sense.
function told(error, text) {
  const all = Array.from(text);
  const before = Array.from(all.slice(0, error.position).join("").trim());
  if (!before.length || error.position >= all.length) return error.message;
  return fill(TELL.upto, [before.length < 25 ? before.join("") : `…${before.slice(-24).join("")}`, error.message]);
}

// What is said of an entry that is neither the key nor a slip.
function otherwise(given, spec) {
  if (spec.kind === "integer" && given % 1) stop("whole");
  if (spec.kind !== "choice") return verdict("wrong", spec.else);
  const within = (some, all) => some.every((k) => all.includes(k));
  const slip = (spec.slips ?? []).find(({ is }) => within(letters(is), given));
  if (slip) return verdict("slip", slip.say);
  return verdict("wrong", spec.else || (within(given, letters(spec.is)) ? TELL.more : ""));
}

const IN_TABLES = new Map([["、", ","], ["【", "["], ["】", "]"]]);

// The text in plain characters, one for each, so that places stay; lines and tabs, too.
function tidy(text) {
  return Array.from(text, (c) => {
    const code = c.codePointAt(0);
    const ascii = code > 0xff00 && code < 0xff5f ? String.fromCharCode(code - 0xfee0) : c;
    return "\t\n".includes(ascii) ? ascii : IN_TABLES.get(ascii) ?? READ_AS.get(ascii) ?? ascii;
  }).join("");
}

// What LaTeX writes with commands and braces, with signs and brackets.
function latex(text) {
  if (!/[\\{$]/.test(text)) return text;
  let now = LATEX.reduce((t, [pattern, to]) => t.replace(pattern, to), text);
  for (let before = ""; before !== now;) {
    before = now;
    now = now.replace(/\\[dt]?frac *\{([^{}]*)\} *\{([^{}]*)\}/g, "(($1)/($2))");
    if (now === before) now = now.replace(/\{([^{}]*)\}/g, "($1)");
  }
  return now.replace(/\\([A-Za-z]+)/g, " $1");
}

const LATEX = [
  [/\$|\\(?:left|right|displaystyle)(?![A-Za-z])/g, ""],
  [/\\[,;:! ]/g, " "],
  [/\\%/g, "%"],
  [/\\(?:cdot|times)(?![A-Za-z])/g, "*"],
  [/\\(?:mathrm|operatorname|text|mathit) *\{([^{}]*)\}/g, "$1"],
  [/_\{([A-Za-z0-9]+)\}/g, "_$1"],
];

// The text without the unit at its end.
function bare(text, spec) {
  const unit = tidy(String(spec.unit ?? "")).trim();
  const cut = tidy(text).trimEnd();
  return unit && cut !== unit && cut.endsWith(unit) ? cut.slice(0, -unit.length) : text;
}

const quantity = (text, spec) => number(latex(bare(text, spec)));

// The number of a key, which may be an expression.
const keyValue = (key) => (typeof key === "number" ? key : number(key));

// Whether a number is the wanted one, as exactly as the declaration asks.
function near(given, wanted, spec, largest = 0) {
  const tol = spec.tol ?? 1e-3;
  const size = Math.max(largest, Math.abs(wanted));
  return Math.abs(given - wanted) <= Math.max(tol * Math.abs(wanted), spec.abs ?? (tol * size || 1e-9));
}

const exactly = (given, wanted) => Math.abs(given - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted));

// Where each bracket is closed.
function partners(s) {
  const found = new Map();
  const opened = [];
  for (let at = 0; at < s.length; at += 1) {
    if ("([".includes(s[at])) opened.push(at);
    else if (")]".includes(s[at])) {
      if (!opened.length) stop("close", [], at);
      found.set(opened.pop(), at);
    }
  }
  if (opened.length) stop("open", [], opened.at(-1));
  return found;
}

// Rows of cells, each a text and its place, in what a person writes or pastes.
function table(text) {
  const s = unwrapped(text);
  const closes = partners(s);

  function split([from, end], marks) {
    const parts = [];
    let start = from;
    for (let at = from; at < end; at = (closes.get(at) ?? at) + 1) {
      if (marks.includes(s[at])) {
        parts.push([start, at]);
        start = at + 1;
      }
    }
    return [...parts, [start, end]];
  }

  function trim([from, to]) {
    let [start, end] = [from, to];
    while (start < end && /\s/.test(s[start])) start += 1;
    while (start < end && /\s/.test(s[end - 1])) end -= 1;
    return [start, end];
  }

  function within(part) {
    const [start, end] = trim(part);
    return closes.get(start) === end - 1 ? [start + 1, end - 1] : null;
  }

  function listed(part) {
    const inner = within(part);
    return inner && (s[inner[0] - 1] === "[" || split(inner, ",").length > 1) ? inner : null;
  }

  function cells(part) {
    const [start, end] = trim(part);
    for (const mark of "\t,") {
      const parts = split([start, end], mark);
      if (parts.length > 1) return trim(parts.at(-1))[0] < end ? parts : parts.slice(0, -1);
    }
    return split([start, end], " \n").map(trim).filter(([a, b]) => a < b);
  }

  const whole = within([0, s.length]) ?? [0, s.length];
  const rows = split(whole, ";\n").map(cells).filter((parts) => parts.length)
    .flatMap((parts) => (parts.every(listed) ? parts.map((part) => cells(listed(part))) : [parts]));
  return rows.map((row) => row.map(([start, end]) => [s.slice(start, end), start]));
}

// The text with blanks where a name, a call or an environment stands around a table.
function unwrapped(s) {
  const environment = /\\begin *\{(\w*matrix|array)\}(\{[clr| ]*\})?/.exec(s);
  if (environment) {
    const start = environment.index + environment[0].length;
    const end = s.indexOf("\\end", start);
    const body = s.slice(start, end < 0 ? s.length : end);
    return " ".repeat(start) + body.replaceAll("\\\\", "; ").replaceAll("&", "\t").replaceAll("\n", " ");
  }
  const [before] = /^\s*(?:[\w.]+\s*=\s*)?(?:[\w.]+\(\s*(?=\[))?/.exec(s);
  const end = before.includes("(") ? s.lastIndexOf("]") + 1 : s.length;
  return (" ".repeat(before.length) + s.slice(before.length, end)).replace(/[ \n;]+$/, "");
}

// The numbers of a table.
function entries(text) {
  return table(tidy(text)).map((row) => row.map(([cell, start]) => {
    if (!cell.trim()) stop("entry", [], start);
    try {
      return number(latex(cell));
    } catch (error) {
      if (error instanceof ExpressionError) error.position += start;
      throw error;
    }
  }));
}

function sizes(text) {
  const plain = tidy(text);
  const found = entries(plain.includes(",") ? plain : plain.replace(/[*xX]/g, ",")).flat();
  return found.every((n) => n % 1 === 0) ? found : stop("sizes");
}

const letters = (key) => [key].flat().map(String);

// The letters of a choice.
function chosen(text, spec) {
  const every = new Map(Object.keys(spec.of).map((k) => [k.toLowerCase(), k]));
  let words = tidy(text).replace(/\band\b/g, " ").match(/[^\s,;()[\].'"]+/g) ?? [];
  if (words.length === 1 && !every.has(words[0].toLowerCase())) words = Array.from(words[0]);
  const found = words.map((word) => every.get(word.toLowerCase())
    ?? stop("letters", [Array.from(word).slice(0, 12).join(""), [...every.values()].join(", ")]));
  const once = [...new Set(found)].sort();
  return once.length > 1 && !Array.isArray(spec.is) ? stop("one") : once;
}

function formula(text, spec) {
  const plain = latex(text);
  parse(plain, { names: letterNames(spec) });
  return plain;
}

const letterNames = ({ names = [] }) => (Array.isArray(names) ? names : Object.keys(names));

function means(given, wanted, spec) {
  const domains = Object.entries(Array.isArray(spec.names) ? {} : spec.names ?? {}).filter(([, d]) => d);
  const domain = Object.fromEntries(domains.map(([n, d]) => [n, [...d.slice(0, 2).map(keyValue), ...(d[2] ? [1] : [])]]));
  return same(given, wanted, { names: letterNames(spec), domain, tolerance: spec.tol ?? 1e-9 }).equal;
}

const alike = (a, b) => a.length === b.length && a.every((n, k) => n === b[k]);

// kind -> [reads a text, reads a key, whether the two agree]
const KINDS = new Map([
  ["number", [quantity, keyValue, near]],
  ["integer", [quantity, keyValue, exactly]],
  ["shape", [sizes, (key) => key.map(keyValue), alike]],
  ["choice", [chosen, letters, (g, w) => alike(g, [...new Set(w)].sort())]],
  ["expression", [formula, String, means]],
]);
