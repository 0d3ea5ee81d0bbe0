// A stack of layers from a line of text: sizes, parameters, multiply-adds, receptive fields. No DOM.
// Pictures are square and windows too, so all is done along one axis. tests/widgets/receptive_field
// compares it with torch.
import SETTINGS from "./settings.json" with { type: "json" };

const MOST = { layers: 16, size: 256, channels: 2048, kernel: 31, units: 4096 };
const LETTERS = { input: "c", conv: "cspdg", up: "csp", pool: "sp", fc: "" };
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
  if (!Object.hasOwn(LETTERS, kind)) refuse(`“${part.trim().slice(0, 16)}”: a layer begins with conv, up, pool or fc`);
  const what = { input: "size of the input", conv: "kernel", up: "kernel", pool: "window", fc: "number of units" }[kind];
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

// What unit o of a row reads below it, from first to last, borders left aside. An up layer (a
// transposed convolution) spreads place i over i * s - p to i * s - p + k - 1: o reads what reaches it.
function reach({ kind, k, s, p, d, all }, o) {
  if (kind === "fc") return [0, all - 1];
  if (kind === "up") return [Math.ceil((o + p - k + 1) / s), Math.floor((o + p) / s)];
  return [o * s - p, o * s - p + d * (k - 1)];
}

// How wide the fields of the last row are. Behind an up layer they differ: the widest of one period.
function widest(rows) {
  const last = rows.length - 1, period = rows.reduce((all, row) => all * (row.kind === "up" ? row.s : 1), 1);
  let most = 0;
  for (let o = 0; o < Math.min(period, rows[last].n); o++) {
    let low = o, high = o;
    for (let l = last; l > 0; l--) [low, high] = [reach(rows[l], low)[0], reach(rows[l], high)[1]];
    most = Math.max(most, high - low + 1);
  }
  return most;
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
        all: below.n, d: 1, jump: below.jump, start: below.start + (below.n - 1) / 2 * below.jump });
      rows[at].field = widest(rows);
      continue;
    }
    if (below.kind === "fc") refuse(`After fc there is no picture left for ${kind}`);
    const up = kind === "up", s = layer.s ?? (kind === "conv" ? 1 : k), p = layer.p ?? 0, d = layer.d ?? 1, g = layer.g ?? 1;
    if (kind === "pool" && 2 * p > k) refuse(`The padding of pool ${k} must be at most half its window`);
    if (up && s > k) refuse(`The stride of up ${k} must be at most its kernel, or some places would read nothing`);
    const c = layer.c ?? below.c, wide = d * (k - 1) + 1;
    if (below.c % g || c % g) refuse(`${g} groups do not divide ${below.c} and ${c} channels`);
    if (!up && below.n + 2 * p < wide) refuse(`A window of ${wide} does not fit into ${below.n + 2 * p}: ${kind} ${k} is too large there`);
    const n = up ? (below.n - 1) * s - 2 * p + k : Math.floor((below.n + 2 * p - wide) / s) + 1;
    if (n < 1) refuse(`The padding of up ${k} leaves nothing`);
    if (n > 999) refuse("A side of more than 999 cannot be shown");
    const weights = kind === "pool" ? 0 : k * k * (below.c / g) * c, places = up ? below.n : n;
    rows.push({ ...row, n, c, s, p, d, g, params: weights + (bias && weights ? c : 0), mults: weights * places * places,
      jump: up ? below.jump / s : below.jump * s, start: below.start + ((wide - 1) / 2 - p) * (up ? -below.jump / s : below.jump) });
    rows[at].field = widest(rows);
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
    const { n } = rows[l - 1], read = new Set();
    for (const o of found[l]) {
      const [low, high] = reach(rows[l], o);
      for (let i = low; i <= high; i += rows[l].d) if (i >= 0 && i < n) read.add(i);
    }
    found[l - 1] = [...read].sort((i, j) => i - j);
  }
  return found;
}

export const total = (rows, key) => rows.reduce((sum, row) => sum + row[key], 0);
