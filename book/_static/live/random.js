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

  const state = new Int32Array(4); // an array, not variables: engines box integers of 32 bits

  function begin(number) {
    let counter = number | 0;
    for (let i = 0; i < 4; i++) {
      counter = (counter + 0x9e3779b9) | 0;
      let bits = counter ^ (counter >>> 16);
      bits = Math.imul(bits, 0x21f0aaad);
      bits ^= bits >>> 15;
      bits = Math.imul(bits, 0x735a2d97);
      state[i] = bits ^ (bits >>> 15);
    }
  }

  // 32 random bits as a signed integer.
  function bits() {
    const product = Math.imul(state[1], 5);
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = (state[3] << 11) | (state[3] >>> 21);
    return Math.imul((product << 7) | (product >>> 25), 9);
  }

  // Uniform in (0, 1), never either.
  function uniform() {
    return ((bits() >>> 0) + 0.5) * 2.3283064365386963e-10;
  }

  function normal() {
    const drawn = bits();
    const layer = drawn & 255;
    const x = ((drawn >> 8) + 0.5) * 1.1920928955078125e-7 * edges[layer]; // of 24 bits and a sign
    return Math.abs(x) < edges[layer + 1] ? x : secondLook(drawn, layer, x);
  }

  // Where x is not inside the layer for certain: the tail, or the layer's corner, or another number.
  function secondLook(drawn, layer, x) {
    if (layer === 0) return tail(drawn < 0);
    const low = heights[layer], high = heights[layer + 1];
    return low + (high - low) * uniform() < bell(x) ? x : normal();
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

  // Adds `scale` times standard normal numbers to `numbers[from]` up to `numbers[to - 1]`: what
  // `normal` does, without a call for the 99 of 100 that need no second look.
  function addNormal(numbers, from, to, scale) {
    for (let i = from; i < to; i++) {
      const a = state[0], b = state[1];
      const c = state[2] ^ a, d = state[3] ^ b;
      state[0] = a ^ d;
      state[1] = b ^ c;
      state[2] = c ^ (b << 9);
      state[3] = (d << 11) | (d >>> 21);
      const product = Math.imul(b, 5);
      const drawn = Math.imul((product << 7) | (product >>> 25), 9);
      const layer = drawn & 255;
      const x = ((drawn >> 8) + 0.5) * 1.1920928955078125e-7 * edges[layer];
      numbers[i] += scale * (Math.abs(x) < edges[layer + 1] ? x : secondLook(drawn, layer, x));
    }
  }

  begin(seed);
  return { bits, uniform, normal, addNormal };
}
