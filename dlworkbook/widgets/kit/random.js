// Random numbers that are the same in every browser and in Python (random.py), from whole numbers alone.

// A whole number from 0 to 2³² − 1 from a text (FNV-1a), to start a generator with.
export function seedOf(text) {
  let sum = 0x811c9dc5;
  for (let k = 0; k < text.length; k += 1) sum = Math.imul(sum ^ text.charCodeAt(k), 0x01000193) >>> 0;
  return sum;
}

// The generator mulberry32: a counter in steps of an odd number, and three mixing steps. Gives
// whole numbers from 0 to 2³² − 1.
export function generator(seed) {
  let at = seed >>> 0;
  return () => {
    at = (at + 0x6d2b79f5) >>> 0;
    let t = Math.imul(at ^ (at >>> 15), at | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}
