// Whole numbers from text, as pack.py wrote them (and says how): the range coder of LZMA, reading.
const UNARY = 14;

// (text) -> number(context), which gives the next one.
export function reader(text) {
  const data = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const odds = new Uint16Array(1024).fill(1024);
  let range = 0xffffffff, code = 0, at = 5;
  for (let n = 1; n < 5; n++) code = code * 256 + data[n];
  const bit = (slot) => {
    const p = odds[slot], bound = (range >>> 11) * p;
    let found = 0;
    if (code < bound) {
      range = bound;
      odds[slot] = p + ((2048 - p) >> 5);
    } else {
      code -= bound;
      range -= bound;
      found = 1;
      odds[slot] = p - (p >> 5);
    }
    while (range < 16777216) {
      range *= 256;
      code = code * 256 + (at < data.length ? data[at] : 0);
      at++;
    }
    return found;
  };
  // Slots of a context: is it not 0, is it negative, then whether the magnitude goes on.
  return (context) => {
    const slot = 16 * context;
    if (!bit(slot)) return 0;
    const negative = bit(slot + 1);
    let size = 0;
    while (size < UNARY && bit(slot + 2 + size)) size++;
    if (size === UNARY) {
      let length = 0, long = 1;
      while (bit(900 + length)) length++;
      for (let n = length - 1; n >= 0; n--) long = 2 * long + bit(950 + n);
      size += long - 1;
    }
    return negative ? -(size + 1) : size + 1;
  };
}
