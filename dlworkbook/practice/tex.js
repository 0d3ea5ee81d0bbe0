// Formulas of practice problems: a small part of LaTeX as MathML, which browsers typeset by
// themselves. A node is a text or [tag, attributes, ...children]. It touches no page.
//
// Understood: numbers, letters, Greek letters, + - = < > , . ( ) [ ] | / ! ', ^ and _, \frac, \sqrt,
// \hat, \bar, \tilde, \text, \mathrm, \mathbf, \operatorname, names of functions, and the signs
// below. Anything else is an error, so that no formula comes out wrong in silence.

const LETTERS = {
  alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", eta: "η", theta: "θ", lambda: "λ", mu: "μ", pi: "π",
  rho: "ρ", sigma: "σ", tau: "τ", phi: "φ", omega: "ω", Delta: "Δ", Sigma: "Σ", infty: "∞", partial: "∂", nabla: "∇", ell: "ℓ",
};
const SIGNS = {
  cdot: "⋅", times: "×", div: "÷", le: "≤", ge: "≥", ne: "≠", approx: "≈", to: "→", in: "∈", odot: "⊙", pm: "±",
  sum: "∑", prod: "∏", cap: "∩", cup: "∪", ldots: "…", dots: "…", top: "⊤",
  lfloor: "⌊", rfloor: "⌋", lceil: "⌈", rceil: "⌉", "{": "{", "}": "}", "%": "%", mid: "|", ast: "∗",
};
const NAMED = ["ln", "log", "exp", "max", "min", "tanh", "sin", "cos"];
const OVER = { hat: "^", bar: "¯", tilde: "~" };
const SPACES = { ",": "0.17em", ";": "0.28em", quad: "1em", " ": "0.25em" };
const OPENING = "([⌊⌈{=<>≤≥≈→+−⋅×÷,∈±";
const TOKEN = /\\([A-Za-z]+|[^A-Za-z])|(\d+(?:\.\d+)?)|([A-Za-z])|(\s+)|([\s\S])/g;

// A letter in the italic of the page: that of MathML needs a font that few machines have.
const letterOf = (letter) => ["mi", { mathvariant: "normal", class: "it" }, letter];
const isFunction = (node) => (/^m(sub|sup|subsup)$/.test(node?.[0]) ? isFunction(node[2]) : node?.[0] === "mi" && NAMED.includes(node[2]));
const rowOf = (nodes) => (nodes.length === 1 ? nodes[0] : ["mrow", {}, ...nodes]);

// The nodes of a formula.
function parseTex(source) {
  const tokens = [...source.matchAll(TOKEN)].filter(([, , , , blank]) => !blank);
  let at = 0;
  const fail = (why) => { throw new Error(`formula ${JSON.stringify(source)}: ${why}`); };

  function group() {
    if (tokens[at]?.[0] !== "{") return one() ?? fail("something is missing at its end");
    at += 1;
    return rowOf(many("}"));
  }
  // The characters between braces, as they stand.
  function words() {
    if (tokens[at]?.[0] !== "{") fail("a text needs braces");
    const from = tokens[at].index + 1;
    while (at < tokens.length && tokens[at][0] !== "}") at += 1;
    const to = tokens[at]?.index ?? fail("a brace is open");
    at += 1;
    return source.slice(from, to);
  }
  function command(name) {
    if (name in LETTERS) return letterOf(LETTERS[name]);
    if (name in SIGNS) return ["mo", {}, SIGNS[name]];
    if (NAMED.includes(name)) return ["mi", {}, name];
    if (name in SPACES) return ["mspace", { width: SPACES[name] }];
    if (name in OVER) return ["mover", { accent: "true" }, group(), ["mo", { stretchy: "false" }, OVER[name]]];
    if (name === "frac") return ["mfrac", {}, group(), group()];
    if (name === "sqrt") return ["msqrt", {}, group()];
    if (name === "text") return ["mtext", {}, words()];
    if (name === "mathrm" || name === "operatorname") return ["mi", { mathvariant: "normal" }, words()];
    if (name === "mathbf") return ["mi", { mathvariant: "normal", class: "bold" }, words()];
    return fail(`\\${name} is unknown`);
  }
  // A sign; a minus that opens something is that of a number.
  function sign(text, last) {
    const shown = text === "-" ? "−" : text;
    if (!"+−=<>,.()[]|/!':;%".includes(shown)) fail(`${text} is unknown`);
    const opens = !last || (last[0] === "mo" && OPENING.includes(last[2]));
    return ["mo", { ...("+−".includes(shown) && opens ? { form: "prefix" } : {}), ...("()[]|".includes(shown) ? { stretchy: "false" } : {}) }, shown];
  }
  function one(last) {
    const token = tokens[at];
    if (!token) return null;
    at += 1;
    const [text, name, number, letter] = token;
    if (name !== undefined) return command(name);
    if (number) return ["mn", {}, number];
    if (letter) return letterOf(letter);
    if (text === "{") { at -= 1; return group(); }
    return sign(text, last);
  }
  function many(end) {
    const found = [];
    for (;;) {
      const text = tokens[at]?.[0];
      if (text === undefined && end) fail("a brace is open");
      if (text === undefined || text === end) {
        at += 1;
        return found.flatMap((node, k) => (isFunction(node) && found[k + 1] && found[k + 1][2] !== "(" ? [node, ["mspace", { width: SPACES[","] }]] : [node]));
      }
      if (text === "_" || text === "^") {
        const base = found.pop() ?? fail(`nothing stands before ${text}`);
        at += 1;
        const script = group();
        const pair = base[0] === { _: "msup", "^": "msub" }[text] && !base[1].closed;
        if (pair) found.push(text === "^" ? ["msubsup", {}, base[2], base[3], script] : ["msubsup", {}, base[2], script, base[3]]);
        else found.push([text === "_" ? "msub" : "msup", {}, base, script]);
      } else found.push(one(found.at(-1)));
    }
  }
  return many();
}

export const mathml = (source) => ["math", { display: "block" }, ...parseTex(source)];

// A formula within a text, as several where a line may break: behind a sign of its outermost level.
export function mathmlParts(source) {
  const parts = [["math", {}]];
  for (const node of parseTex(source)) {
    const [tag, { form }, sign] = node;
    const breaks = tag === "mo" && !form && "+−=≈<>≤≥,".includes(sign) && depthOf(parts.at(-1)) === 0;
    parts.at(-1).push(breaks && sign !== "," ? ["mo", { form: "infix" }, sign] : node);
    if (breaks) parts.push(["math", {}]);
  }
  return parts.filter((part) => part.length > 2);
}

// How many brackets are open in a part.
function depthOf([, , ...nodes]) {
  const signs = nodes.filter(([tag]) => tag === "mo").map((node) => node[2]);
  return signs.filter((sign) => "([⌊⌈".includes(sign)).length - signs.filter((sign) => ")]⌋⌉".includes(sign)).length;
}
