// Expressions as people type them: answer boxes, graph steppers, typed functions. The twin is
// expression.py, function by function: same grammar, trees, sentences and verdicts.
//
// An expression may hold
// - numbers: 2, .5, ½, 1.1e-16, 14%; full-width digits;
// - + - * / ^ (or **), signs as in -x^2 = -(x^2), powers from the right, superscripts, roots,
//   products without a sign: 2x, 2(x+1), (a)(b), pq if there is no pq but a p and a q;
// - pi, e, the functions below (log is the natural one), Greek letters by sign or by name;
//   x_1 is x1. One number or letter needs no brackets: ln 2.5, -ln x + 1, 2 ln 3.
// A comma: between the values of a function it separates. Elsewhere 0,5 is 0.5 and 1,024,000 a
// million, because they can be nothing else; 1,024 may be 1024 or 1.024 and gets a sentence.
// Whatever can be read in two ways gets a sentence: 1/2x, e^2x, ln 2x, ln 5/2, sin^2(x), 5%x. No
// guess is made.
//
// A tree is plain data:
//   {type: "number", value} | {type: "name", name} | {type: "constant", name} |
//   {type: "call", name, args} | {type: "unary", op: "-", of} |
//   {type: "binary", op: "+" "-" "*" "/" "^", left, right}

export const LONGEST = 500; // characters: no chain is then too deep for a stack
export const DEEPEST = 50; // brackets, signs, powers and roots inside each other
const POINTS = 24;
const DRAWS = 1000;

export const SAY = {
  empty: "Nothing is written here yet.",
  long: "This is too long: at most {0} characters are read.",
  deep: "Too many brackets, signs or powers stand inside each other: at most {0}.",
  character: "The character {0} has no meaning here.",
  round: "Only round brackets are read here, not {0}.",
  bars: "For an absolute value write abs(...).",
  equals: "Write one side only, without {0}.",
  end: "Something is missing at the end.",
  before: "Something is missing before {0}.",
  times: "Something is missing before {0}, perhaps *.",
  open: "A bracket is not closed.",
  close: "A bracket is closed that was not opened.",
  comma: "A comma stands only between the values of a function; decimals have a point.",
  ways: "{0} can be read in two ways: write {1} or {2}.",
  reach: "It is not clear how far {0} reaches here: add brackets or a *.",
  letter: "{0} is no name: a name is one word of letters, digits and _.",
  name: "There is no {0} here; {1}.",
  function: "There is no function {0} here.",
  brackets: "Brackets must follow {0} at once: {0}(...); a power comes behind them.",
  values: "{0} takes {1}, not {2}; a comma separates values.",
  large: "{0} is too large a number.",
  infinite: "This is infinite, or too large to be worked out.",
  undefined: "This has no value, as 0/0 or the root of a negative number.",
  value: "There is no value for {0}.",
  domain: "The key has a value at {0} of {1} points only: state another domain for it.",
};

// Characters that are read as others, beside the full-width forms of ASCII.
export const READ = [
  ["\t\n\r\u00a0\u2002\u2003\u2009\u200a\u200b\u200e\u202f\u2060\u2061\u2062\u3000\ufeff", " "],
  ["−–—‐‑", "-"], ["×·⋅∗∙•", "*"], ["÷∕⁄", "/"], ["ˆ", "^"], ["。", "."], ["、", ","], ["【", "["], ["】", "]"],
  ["ϵ", "ε"], ["ϑ", "θ"], ["ϕ", "φ"], ["µ", "μ"], ["∆", "Δ"],
];
// From α and from Α on, in Unicode's order; ς is a sigma.
export const GREEK = ("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
  + "sigma sigma tau upsilon phi chi psi omega").split(" ");
const READ_AS = new Map(READ.flatMap(([from, to]) => Array.from(from, (c) => [c, to])));
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const ALPHABET = /[ \w.,+\-*/^%()√¼-¾⁻⁰¹²³⁴-⁹₀-₉α-ωΑ-ΡΣ-Ω]/;
const INSTEAD = new Map([..."[]{}"].map((c) => [c, SAY.round]).concat([["|", SAY.bars], ["=", SAY.equals]]));

const EXPONENT = "(?:[eE][-+]?[0-9]+)?";
const token = (pattern) => new RegExp(pattern, "y");
const HALVES = new Map([["¼", 0.25], ["½", 0.5], ["¾", 0.75]]);
const NUMBER = token(`[0-9]*[¼-¾]|(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)${EXPONENT}`);
const WITH_COMMAS = token(`[0-9]+(?:,[0-9]+)+(?:\\.[0-9]+)?${EXPONENT}`);
const THOUSANDS = new RegExp(`^[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\\.[0-9]+)?${EXPONENT}$`);
const DECIMAL = new RegExp(`^[0-9]+,[0-9]+${EXPONENT}$`);
const APART = token(" *[eE] *[-+][0-9]+"); // 1.1 e-16
const WITH_EXPONENT = /^(.*)([eE])([-+][0-9]+)$/;
const WORD = token("(?:[A-Za-z][A-Za-z0-9₀-₉]*|[α-ωΑ-ΡΣ-Ω][0-9₀-₉]*)(?:_[A-Za-z0-9]+)*");
const POWER = token(`⁻?[${RAISED}]+`);
const [SIGN, TIMES, CARET, PERCENT, ROOT, OPEN, CLOSE, COMMA] =
  ["[-+]", "\\*(?!\\*)|/", "\\^|\\*\\*", "%", "√", "\\(", "\\)", ","].map(token);

// A whole number that rounding has missed stays whole: floor(0.3/0.1) is 3.
const steady = (round) => (x) => (Math.abs(x - Math.round(x)) < 1e-12 * Math.max(1, Math.abs(x)) ? Math.round(x) : round(x)) + 0;
const extreme = (choose) => (...x) => choose(...x) + 0; // no -0, which Python would choose otherwise
const logistic = (x) => 1 / (1 + Math.exp(-x));
export const FUNCTIONS = new Map(Object.entries({
  sin: Math.sin, cos: Math.cos, tan: Math.tan, tanh: Math.tanh, exp: Math.exp, sqrt: Math.sqrt,
  log: Math.log, ln: Math.log, log2: Math.log2, log10: Math.log10, sigmoid: logistic, sigma: logistic,
  abs: Math.abs, sign: Math.sign, relu: (x) => extreme(Math.max)(0, x),
  max: extreme(Math.max), min: extreme(Math.min), floor: steady(Math.floor), ceil: steady(Math.ceil),
}));
const MANY = ["max", "min"]; // take two values or more; the others take one
export const CONSTANTS = new Map([["pi", Math.PI], ["e", Math.E]]);
// operator -> [how strongly it binds, what its left and its right side must bind, the function]
const OPERATORS = new Map([
  ["+", [1, 1, 2, (a, b) => a + b]],
  ["-", [1, 1, 2, (a, b) => a - b]],
  ["*", [2, 2, 3, (a, b) => a * b]],
  ["/", [2, 2, 3, (a, b) => a / b]],
  ["^", [4, 5, 3, (a, b) => a ** b]],
]);
const NEGATION = 3;

// What is wrong, in words, and where: the index of a character (a code point) of the text.
export class ExpressionError extends Error {
  constructor(message, position = 0) {
    super(message);
    this.position = position;
  }
}

function fail(say, words = [], position = 0) {
  throw new ExpressionError(say.replace(/\{(\d)\}/g, (_, k) => short(String(words[k]))), position);
}

function short(word) {
  const characters = Array.from(word);
  return characters.length > 60 ? `${characters.slice(0, 59).join("")}…` : word;
}

// A character as it can be shown: its code where nothing would be seen.
function shown(c) {
  const code = c.codePointAt(0);
  const hidden = code < 33 || (code > 126 && code < 161) || (code >= 0x2000 && code < 0x2070) || (code >= 0xd800 && code < 0xe000);
  return hidden ? `U+${code.toString(16).toUpperCase().padStart(4, "0")}` : c;
}

// The character as which another is read.
export function asRead(c) {
  const code = c.codePointAt(0);
  const ascii = code > 0xff00 && code < 0xff5f ? String.fromCharCode(code - 0xfee0) : c;
  return READ_AS.get(ascii) ?? ascii;
}

// The text in the parser's alphabet, character by character, so that places stay.
function read(text) {
  const characters = Array.from(String(text));
  if (characters.length > LONGEST) fail(SAY.long, [LONGEST], LONGEST);
  return characters.map((c, place) => {
    const found = asRead(c);
    return ALPHABET.test(found) ? found : fail(INSTEAD.get(found) ?? SAY.character, [shown(c)], place);
  }).join("");
}

// One spelling of a name: α_1, alpha1 and α₁ are the same.
function plain(word) {
  const spelled = (c) => GREEK[c.charCodeAt(0) - "α".charCodeAt(0)];
  return word.replace(/[α-ω]/g, spelled)
    .replace(/[Α-ΡΣ-Ω]/g, (c) => spelled(c.toLowerCase()).replace(/^./, (first) => first.toUpperCase()))
    .replace(/[₀-₉]/g, (c) => c.charCodeAt(0) - "₀".charCodeAt(0))
    .replace(/_(?=[0-9])/g, "");
}

const binary = (op, left, right) => ({ type: "binary", op, left, right });
const value = (n) => ({ type: "number", value: n });

// The tree of a text. `names` are the letters that there are (without the option: any),
// `functions` the functions that may be called (without: all). Throws ExpressionError.
export function parse(text, { names: letters, functions } = {}) {
  const s = read(text);
  const known = new Map();
  for (const n of letters ?? []) {
    WORD.lastIndex = 0;
    if (WORD.exec(read(n))?.[0].length !== read(n).length) fail(SAY.letter, [n]);
    known.set(plain(read(n)), n);
  }
  const callable = (word) => FUNCTIONS.has(word) && (!functions || functions.includes(word));
  let at = 0; // the next token
  let end = 0; // behind the last one
  let depth = 0;
  let loose = ""; // ^, √, % or a function if the last token ends what it reaches, without brackets
  let bare = -1; // the end of the value of a function without brackets
  let inCall = false; // whether a comma separates
  let pending = []; // words of a product like pq that are still to come

  function skip() {
    while (s[at] === " ") at += 1;
  }

  function take(pattern) {
    if (pending.length) return "";
    pattern.lastIndex = at;
    const found = pattern.exec(s)?.[0];
    if (!found) return "";
    at = end = at + found.length;
    skip();
    loose = "";
    return found;
  }

  const next = (pattern) => !pending.length && pattern.test(s[at] ?? "");

  function nest(rule) {
    depth += 1;
    if (depth > DEEPEST) fail(SAY.deep, [DEEPEST], at);
    const tree = rule();
    depth -= 1;
    return tree;
  }

  function unexpected() {
    if (at >= s.length) fail(SAY.end, [], at);
    const place = at;
    const n = take(NUMBER);
    if (n) fail(SAY.times, [n], place);
    fail(next(/\)/) && !depth ? SAY.close : next(/,/) ? SAY.comma : SAY.before, [s[at]], at);
  }

  function close(start) {
    if (take(CLOSE)) return;
    if (at >= s.length) fail(SAY.open, [], start);
    unexpected();
  }

  function sum() {
    let left = product();
    for (let op = take(SIGN); op; op = take(SIGN)) left = binary(op, left, product());
    return left;
  }

  function product() {
    let left = unary();
    let slash = "";
    for (;;) {
      if (bare === end && next(/[*/]/)) fail(SAY.reach, [loose], at);
      const op = take(TIMES);
      if (op) {
        left = binary(op, left, unary());
        slash = op === "/" ? op : "";
      } else if (pending.length || next(/[A-Za-zα-ωΑ-ΡΣ-Ω(√]/)) {
        if (loose || slash) fail(SAY.reach, [loose || slash], at);
        left = binary("*", left, power());
      } else return left;
    }
  }

  function unary() {
    const op = take(SIGN);
    if (!op) return power();
    const of = nest(unary);
    return op === "-" ? { type: "unary", op, of } : of;
  }

  function power() {
    let base = atom();
    if (loose && next(/[*^%⁻⁰¹²³⁴-⁹]/) && !/^\*(?!\*)/.test(s.slice(at))) fail(SAY.reach, [loose], at);
    const raised = take(POWER);
    if (raised) {
      const exponent = finite(Array.from(raised.replace("⁻", ""), (c) => RAISED.indexOf(c)).join(""), at);
      base = binary("^", base, raised.startsWith("⁻") ? { type: "unary", op: "-", of: exponent } : exponent);
    } else if (take(PERCENT)) {
      base = binary("/", base, value(100));
      loose = "%";
    }
    const start = at;
    if (!take(CARET)) return base;
    if (raised) fail(SAY.reach, [raised], start);
    const open = next(/\(/);
    base = binary("^", base, nest(unary));
    loose = open && s[end - 1] === ")" ? "" : "^";
    return base;
  }

  function atom() {
    const start = at;
    if (pending.length) return word(pending.shift(), start);
    if (take(OPEN)) return group(start);
    if (take(ROOT)) {
      const open = next(/\(/);
      const of = nest(atom);
      loose = open ? "" : "√";
      return { type: "call", name: "sqrt", args: [of] };
    }
    if (next(/[.0-9¼-¾]/)) return numeral(start);
    const name = take(WORD);
    return name ? letter(name, start) : unexpected();
  }

  function group(start) {
    const outer = inCall;
    inCall = false;
    const tree = nest(sum);
    close(start);
    inCall = outer;
    return tree;
  }

  function numeral(start) {
    let written = inCall ? "" : take(WITH_COMMAS);
    const point = written.replace(",", ".");
    const whole = written.replace(/,/g, "");
    if (written) {
      const [thousands, decimal] = [THOUSANDS.test(written), DECIMAL.test(written)];
      if (thousands && decimal) fail(SAY.ways, [written, whole, point], start);
      if (!thousands && !decimal) fail(SAY.comma, [], start);
      written = decimal ? point : whole;
    } else written = take(NUMBER) || unexpected();
    APART.lastIndex = end;
    const apart = APART.exec(s)?.[0] ?? "";
    const [, m, e, power] = WITH_EXPONENT.exec(written + apart.replace(/ /g, "")) ?? [];
    if (e && (apart || known.has(e))) fail(SAY.ways, [written + apart, `${m}*10^${power}`, `${m}*${e} ${power}`], start);
    return finite(written, start);
  }

  function finite(written, start) {
    const half = HALVES.get(written.at(-1)) ?? 0; // 1½
    const n = Number(half ? written.slice(0, -1) : written) + half;
    return Number.isFinite(n) ? value(n) : fail(SAY.large, [written], start);
  }

  // A name, a function, a constant or a product of such, as pq or plog(p).
  function letter(written, start) {
    const name = plain(written);
    if (known.has(name) || (CONSTANTS.has(name) && name !== written)) return word(name, start);
    if (FUNCTIONS.has(name)) return call(name, start);
    if (!letters) {
      if (!CONSTANTS.has(name)) {
        if (next(/\(/)) fail(SAY.function, [written], start);
        known.set(name, written);
      }
      return word(name, start);
    }
    const ways = splits(name, next(/\(/));
    if (ways.length > 1) fail(SAY.ways, [written, ...ways.map((way) => way.join("*").replace(/^pi$/, "π"))], start);
    if (!ways.length) {
      const all = [...known.values()];
      const list = [all.slice(0, -1).join(", "), ...all.slice(-1)].filter(Boolean).join(" and ");
      fail(SAY.name, [written, !list ? "only numbers are read" : all.length > 1 ? `the letters are ${list}` : `the only letter is ${list}`], start);
    }
    pending = ways[0].slice(1);
    return word(ways[0][0], start);
  }

  // Up to two ways to cut a word into words that there are; a function only at its end.
  function splits(name, open) {
    const words = [...known.keys(), ...CONSTANTS.keys()];
    const last = open ? [...FUNCTIONS.keys()].filter(callable) : [];
    const ways = [[[]]];
    for (let to = 1; to <= name.length; to += 1) {
      const parts = [...new Set(to < name.length ? words : [...words, ...last])].filter((part) => name.endsWith(part, to));
      ways[to] = parts.flatMap((part) => ways[to - part.length].map((way) => [...way, part])).slice(0, 2);
    }
    return ways[name.length];
  }

  function word(name, start) {
    if (known.has(name)) return { type: "name", name: known.get(name) };
    return CONSTANTS.has(name) ? { type: "constant", name } : call(name, start);
  }

  function call(name, start) {
    if (!callable(name)) fail(SAY.function, [name], start);
    const outer = inCall;
    const opened = at;
    if (!take(OPEN)) return withoutBrackets(name, start);
    inCall = true;
    const args = [];
    do args.push(nest(sum)); while (take(COMMA));
    close(opened);
    inCall = outer;
    const many = MANY.includes(name);
    if (many ? args.length < 2 : args.length > 1) fail(SAY.values, [name, many ? "2 values or more" : "1 value", args.length], start);
    return { type: "call", name, args };
  }

  // A function of one number or letter: ln 2.5; what follows must not bind as strongly.
  function withoutBrackets(name, start) {
    const one = !MANY.includes(name) && next(/[.0-9¼-¾A-Za-zα-ωΑ-ΡΣ-Ω]/);
    const of = one ? nest(atom) : null;
    if (!of || !["number", "name", "constant"].includes(of.type)) fail(SAY.brackets, [name], start);
    bare = end;
    loose = name;
    return { type: "call", name, args: [of] };
  }

  skip();
  if (at >= s.length) fail(SAY.empty);
  const tree = sum();
  return at < s.length ? unexpected() : tree;
}

// The value of a tree in floating point, infinities and NaN included. `values` maps names to numbers.
export function evaluate(tree, values = {}) {
  switch (tree.type) {
    case "number": return tree.value;
    case "constant": return CONSTANTS.get(tree.name);
    case "name": return Object.hasOwn(values, tree.name) ? values[tree.name] : fail(SAY.value, [tree.name]);
    case "unary": return -evaluate(tree.of, values);
    case "call": return FUNCTIONS.get(tree.name)(...tree.args.map((a) => evaluate(a, values)));
    default: return OPERATORS.get(tree.op)[3](evaluate(tree.left, values), evaluate(tree.right, values));
  }
}

// A text that parses to the tree again, with no more brackets than needed.
export function toText(tree) {
  return enclosed(tree, 0);
}

function enclosed(tree, least) {
  switch (tree.type) {
    case "number": return numberText(tree.value);
    case "call": return `${tree.name}(${tree.args.map((a) => enclosed(a, 0)).join(", ")})`;
    case "unary": return bracket(`-${enclosed(tree.of, NEGATION)}`, least > NEGATION);
    case "binary": {
      const [binds, left, right] = OPERATORS.get(tree.op);
      const op = binds === 1 ? ` ${tree.op} ` : tree.op;
      return bracket(enclosed(tree.left, left) + op + enclosed(tree.right, right), least > binds);
    }
    default: return tree.name;
  }
}

const bracket = (text, needed) => (needed ? `(${text})` : text);

function numberText(n) {
  return n === 0 || (n >= 1e-4 && n < 1e16) ? String(n) : n.toExponential().replace("e+", "e");
}

// The names of a tree in order of appearance, each once, without the constants.
export function names(tree) {
  return [...new Set(appearing(tree))];
}

function appearing(tree) {
  if (tree.type === "name") return [tree.name];
  return [tree.left, tree.right, tree.of, ...(tree.args ?? [])].filter(Boolean).flatMap(appearing);
}

// A number as a person writes it: 1/4*sqrt(1/3), 3×10^5, 14%. Throws ExpressionError.
export function number(text) {
  const n = evaluate(parse(text, { names: [] }));
  return Number.isFinite(n) ? n : fail(Number.isNaN(n) ? SAY.undefined : SAY.infinite);
}

// Whether a text means what the key `wanted` means: {equal: true}, or {equal: false, at, given,
// wanted} with the first of two dozen fixed points at which they differ and both values there.
// A domain maps names to [from, to] (the ends are left out; without it -3 to 3) or [from, to,
// step]. Points at which the key has no value do not count. `tolerance` is relative. Throws
// ExpressionError for a text that cannot be read, or that has names which there are not.
export function same(given, wanted, { names: letters, functions, domain = {}, tolerance = 1e-9 } = {}) {
  const key = parse(wanted, { names: letters });
  const all = letters ?? [...new Set(appearing(key))];
  const tree = parse(given, { names: all, functions });
  let seed = 7;
  function draw(name) {
    const [from, to, step] = Object.hasOwn(domain, name) ? domain[name] : [-3, 3];
    seed = (seed * 16807) % 2147483647;
    const share = (seed % 999 + 1) / 1000;
    const count = Math.floor((to - from) / step + 1e-9) + 1;
    const x = step ? from + step * Math.floor(share * count) : from + (to - from) * share;
    return Number(x.toPrecision(12)); // 0.372, as it can be told
  }
  const points = [];
  for (let n = 0; n < DRAWS && points.length < POINTS; n += 1) {
    const at = Object.fromEntries(all.map((name) => [name, draw(name)]));
    const w = evaluate(key, at);
    if (Number.isFinite(w)) points.push({ at, w });
  }
  if (points.length < POINTS) fail(SAY.domain, [points.length, DRAWS]);
  const scale = Math.max(...points.map(({ w }) => Math.abs(w))) || 1;
  for (const { at, w } of points) {
    const g = evaluate(tree, at);
    if (!(Math.abs(g - w) <= tolerance * Math.max(Math.abs(w), scale / 1000))) return { equal: false, at, given: g, wanted: w };
  }
  return { equal: true };
}
