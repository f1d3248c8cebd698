// Random numbers that a seed determines: uniform bits and standard normal numbers.
//
// Bits come from xoshiro128** (Blackman & Vigna 2021, doi:10.1145/3460772), whose state splitmix32
// fills from the seed. Normal numbers come from them by the ziggurat method (Marsaglia & Tsang
// 2000, doi:10.18637/jss.v005.i08) with 256 layers; the bits that choose the layer are not those
// of the number.
"use strict";

function makeRandom(seed) {
  const LAYERS = 256;
  // Where the tail begins, and the area of every layer, so that 256 of them make up the half bell.
  const TAIL = 3.654152885361009;
  const AREA = 0.004928673233974658;
  const bell = (x) => Math.exp(-0.5 * x * x);
  const edges = new Float64Array(LAYERS + 1);
  const heights = new Float64Array(LAYERS + 1);
  edges[0] = AREA / bell(TAIL);
  edges[1] = TAIL;
  for (let i = 2; i < LAYERS; i++) {
    edges[i] = Math.sqrt(-2 * Math.log(AREA / edges[i - 1] + bell(edges[i - 1])));
  }
  for (let i = 0; i <= LAYERS; i++) heights[i] = bell(edges[i]);

  let s0 = 0, s1 = 0, s2 = 0, s3 = 0;

  function begin(number) {
    let counter = number | 0;
    const next = () => {
      counter = (counter + 0x9e3779b9) | 0;
      let bits = counter ^ (counter >>> 16);
      bits = Math.imul(bits, 0x21f0aaad);
      bits ^= bits >>> 15;
      bits = Math.imul(bits, 0x735a2d97);
      return bits ^ (bits >>> 15);
    };
    s0 = next(); s1 = next(); s2 = next(); s3 = next();
  }

  // 32 random bits as a signed integer.
  function bits() {
    const product = Math.imul(s1, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = s1 << 9;
    s2 ^= s0; s3 ^= s1; s1 ^= s2; s0 ^= s3;
    s2 ^= shifted;
    s3 = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  // Uniform in (0, 1), never either.
  function uniform() {
    return ((bits() >>> 0) + 0.5) * 2.3283064365386963e-10;
  }

  function normal() {
    for (;;) {
      const drawn = bits();
      const layer = drawn & 255;
      const share = ((drawn >> 8) + 0.5) * 1.1920928955078125e-7; // in (-1, 1), 24 bits of it
      const x = share * edges[layer];
      if (Math.abs(x) < edges[layer + 1]) return x;
      if (layer === 0) return tail(drawn < 0);
      const low = heights[layer], high = heights[layer + 1];
      if (low + (high - low) * uniform() < bell(x)) return x;
    }
  }

  // Beyond the last edge (Marsaglia 1964).
  function tail(negative) {
    let x, y;
    do {
      x = -Math.log(uniform()) / TAIL;
      y = -Math.log(uniform());
    } while (2 * y < x * x);
    return negative ? -(TAIL + x) : TAIL + x;
  }

  begin(seed);
  return { bits, uniform, normal };
}
