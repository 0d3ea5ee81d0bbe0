// A stack of layers from a line of text: sizes, parameters, multiply-adds, receptive fields. No DOM.
// Pictures are square and windows too, so all is done along one axis. tests/widgets/receptive_field
// compares it with torch.
import SETTINGS from "./settings.json" with { type: "json" };

const MOST = { layers: 16, size: 256, channels: 2048, kernel: 31, units: 4096 };
const LETTERS = { input: "c", conv: "cspdg", pool: "sp", fc: "" };
const NAMES = { c: "channels", s: "stride", p: "padding", d: "dilation", g: "groups" };
const refuse = (text) => { throw new Error(text); };

// The text of a setting: an example's, unless another was typed.
export const textOf = (s) => s.layers || SETTINGS.fields.example.texts[SETTINGS.fields.example.of.indexOf(s.example)];

function whole(word, what, low, high) {
  if (!/^\d{1,6}$/.test(word)) refuse(`“${word.slice(0, 12)}” is not a whole number for the ${what}`);
  if (+word < low || +word > high) refuse(`The ${what} must be from ${low} to ${high}, not ${+word}`);
  return +word;
}

// "conv 5 c6 p2" -> { kind, k, c, s, p, d, g }, with what was not written as null.
function layerOf(part) {
  const [kind, first, ...rest] = part.trim().toLowerCase().split(/\s+/);
  if (!Object.hasOwn(LETTERS, kind)) refuse(`“${part.trim().slice(0, 16)}”: a layer begins with conv, pool or fc`);
  const what = { input: "size of the input", conv: "kernel", pool: "window", fc: "number of units" }[kind];
  if (first === undefined) refuse(`${kind} needs the ${what}, as in ${kind} 3`);
  const most = { input: MOST.size, fc: MOST.units }[kind] ?? MOST.kernel, made = { kind, k: whole(first, what, 1, most), c: null, s: null, p: null, d: null, g: null };
  for (const word of rest) {
    const letter = word[0];
    if (!LETTERS[kind].includes(letter)) refuse(`${kind} has no setting “${word.slice(0, 12)}”`);
    if (made[letter] !== null) refuse(`${kind} has the ${NAMES[letter]} twice`);
    const high = { c: MOST.channels, g: MOST.channels }[letter] ?? MOST.kernel;
    made[letter] = whole(word.slice(1), NAMES[letter], letter === "p" ? 0 : 1, high);
  }
  return made;
}

// One row for the input and for each layer: its name, the length n of a side, channels c, numbers of
// parameters and of multiply-adds, jump and field, and where its first unit lies above the input.
export function stack(text, bias) {
  const parts = text.split(/[;；\n]/).filter((part) => part.trim());
  if (!parts.length) refuse("Nothing is written here yet");
  if (parts.length > MOST.layers + 1) refuse(`At most ${MOST.layers} layers can be shown`);
  const rows = [];
  for (const [at, part] of parts.entries()) {
    const layer = layerOf(part), { kind, k } = layer, below = rows[at - 1];
    if ((kind === "input") !== (at === 0)) refuse(at ? "Only the first entry is the input" : "Begin with the input, as in input 28 c1");
    const row = { ...layer, name: `${kind === "input" ? "input" : `${kind} ${k}`}`, params: 0, mults: 0 };
    if (kind === "input") { rows.push({ ...row, n: k, c: layer.c ?? 1, jump: 1, field: 1, start: 0 }); continue; }
    if (kind === "fc") {
      const seen = below.n * below.n * below.c;
      rows.push({ ...row, n: 1, c: k, params: seen * k + (bias ? k : 0), mults: seen * k,
        jump: below.jump, field: below.field + (below.n - 1) * below.jump, start: below.start + (below.n - 1) / 2 * below.jump });
      continue;
    }
    if (below.kind === "fc") refuse(`After fc there is no picture left for ${kind}`);
    const s = layer.s ?? (kind === "pool" ? k : 1), p = layer.p ?? 0, d = layer.d ?? 1, g = layer.g ?? 1;
    if (kind === "pool" && 2 * p > k) refuse(`The padding of pool ${k} must be at most half its window`);
    const c = layer.c ?? below.c, wide = d * (k - 1) + 1;
    if (below.c % g || c % g) refuse(`${g} groups do not divide ${below.c} and ${c} channels`);
    if (below.n + 2 * p < wide) refuse(`A window of ${wide} does not fit into ${below.n + 2 * p}: ${kind} ${k} is too large there`);
    const n = Math.floor((below.n + 2 * p - wide) / s) + 1;
    if (n > 999) refuse("A side of more than 999 cannot be shown");
    const weights = kind === "conv" ? k * k * (below.c / g) * c : 0;
    rows.push({ ...row, n, c, s, p, d, g, params: weights + (bias && kind === "conv" ? c : 0), mults: weights * n * n,
      jump: below.jump * s, field: below.field + (wide - 1) * below.jump, start: below.start + ((wide - 1) / 2 - p) * below.jump });
  }
  return rows.length > 1 ? rows : refuse("Add a layer, as in input 28 c1; conv 5 c6");
}

// Which layer and which of its units are meant: layer 0 is the last that still has a picture, and a
// unit of -1 the middle one.
export function chosen(rows, { layer, unit }) {
  const pictures = rows.filter((row) => row.kind !== "fc").length - 1;
  const at = layer ? Math.min(layer, rows.length - 1) : pictures || 1, last = rows[at].n - 1;
  return { at, unit: unit < 0 ? Math.floor(last / 2) : Math.min(unit, last) };
}

// For each row up to a layer the places, in order, that one of the layer's units depends on.
export function fields(rows, at, unit) {
  const found = Array.from({ length: at + 1 }, () => []);
  found[at] = [unit];
  for (let l = at; l > 0; l--) {
    const { kind, k, s, p, d } = rows[l], { n } = rows[l - 1], read = new Set();
    if (kind === "fc") for (let i = 0; i < n; i++) read.add(i);
    else for (const o of found[l]) for (let a = 0; a < k; a++) {
      const i = o * s + a * d - p;
      if (i >= 0 && i < n) read.add(i);
    }
    found[l - 1] = [...read].sort((i, j) => i - j);
  }
  return found;
}

export const total = (rows, key) => rows.reduce((sum, row) => sum + row[key], 0);
