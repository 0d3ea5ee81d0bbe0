// What a widget can be set to, from its settings.json: the first view, validation, and the short
// text that a link carries, `d:50_a:relu_r:1`: only what differs from the first view.
// kit/settings.py reads the same file; a test compares what the two allow and say.
//
// A field has a `start` and a kind: a choice (`of`), a whole number (`from`, `to`), a switch
// (`start` is true or false), or one of its own. The last comes with functions in `own[key]`:
// check(value, key) throws, text(value) and parse(text, key) write and read a link.

const DIGITS = /^-?\d+(\.\d+)?$/;

// [what is allowed, in words; whether a value is].
export function ruleOf({ of, from, to, start }) {
  if (of) return [`one of ${of.join(", ")}`, (v) => of.includes(v)];
  if (from !== undefined) return [`a whole number from ${from} to ${to}`, (v) => Number.isInteger(v) && v >= from && v <= to];
  return ["0 or 1", (v) => typeof v === typeof start];
}

// The text by which a choice is known to the reader.
export const nameOf = (settings, key, value) => (settings.fields[key].names ?? settings.fields[key].of)[settings.fields[key].of.indexOf(value)];
export const alike = (a, b) => JSON.stringify(a) === JSON.stringify(b);
export const clone = (value) => JSON.parse(JSON.stringify(value));

// (settings) -> settings; throws an Error that says which setting is wrong and what is allowed.
export const makeCheck = (settings, own = {}) => (s) => {
  for (const [key, field] of Object.entries(settings.fields)) {
    if (own[key]?.check) own[key].check(s[key], key);
    else {
      const [rule, holds] = ruleOf(field);
      if (!holds(s[key])) throw new Error(`${key} must be ${rule}`);
    }
  }
  return s;
};

// The same with the text of a link: encode(settings), decode(text), which throws as well.
export function makeState(settings, own = {}) {
  const fields = Object.entries(settings.fields), validate = makeCheck(settings, own);
  const start = Object.fromEntries(fields.map(([key, field]) => [key, field.start]));

  const encode = (s) => fields.filter(([key]) => !alike(s[key], start[key]))
    .map(([key, { code }]) => `${code}:${own[key]?.text?.(s[key]) ?? (typeof s[key] === "boolean" ? Number(s[key]) : s[key])}`)
    .join("_") || settings.unchanged || "";

  function parse(key, { of, from }, text) {
    if (own[key]?.parse) return own[key].parse(text, key);
    if (from !== undefined && !DIGITS.test(text)) throw new Error(`${key}: “${text.slice(0, 12)}” is not a number`);
    if (of || from !== undefined) return DIGITS.test(text) ? Number(text) : text;
    if (!/^[01]$/.test(text)) throw new Error(`${key} must be 0 or 1`);
    return text === "1";
  }
  function decode(text) {
    const s = clone(start);
    if (text === settings.unchanged) return s;
    // `_` separates settings and may stand in a value, so a setting starts at `_letters:`.
    for (const part of text.split(/_(?=[a-z]+:)/).filter(Boolean)) {
      const [, code, value] = /^([a-z]+):(.*)$/s.exec(part) ?? [];
      const [key, field] = fields.find(([, f]) => f.code === code) ?? [];
      if (!key || (!own[key]?.parse && value.includes(":"))) throw new Error(`“${part.slice(0, 20)}” is not a setting`);
      s[key] = parse(key, field, value);
    }
    return validate(s);
  }
  return { start, validate, encode, decode };
}
