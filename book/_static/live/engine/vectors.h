// Vectors of four lanes, and the shape of the network: what all parts of the engine share.
//
// Numbers are single precision. The engine is compiled twice: with relaxed SIMD, where `multiply_add`
// rounds once, as in drift, and without, for browsers that lack it.
#pragma once

typedef float vector __attribute__((vector_size(16)));
typedef unsigned bits __attribute__((vector_size(16)));
typedef int signs __attribute__((vector_size(16)));

enum {
  LANES = 4,
  FEATURES = INPUTS + 1,     // the inputs, and the 1 that the bias is the weight of
  ROWS = FEATURES + OUTPUTS, // parameters of a unit
  GROUPS = HIDDEN / LANES,
  COUNT = SAMPLES * OUTPUTS, // numbers that the network predicts
};
_Static_assert(HIDDEN % LANES == 0, "units fill their groups");
_Static_assert(SAMPLES % 2 == 0 && OUTPUTS % 2 == 0, "the outputs of two samples are whole vectors");
_Static_assert(SAMPLES <= 32 && GROUPS <= 32, "sets of samples and of groups are the bits of a number");

#define EXPORT __attribute__((visibility("default")))

static inline vector splat(float number) {
  return (vector){number, number, number, number};
}

// a b + c, rounded once where the processor can.
static inline vector multiply_add(vector a, vector b, vector c) {
#ifdef __wasm_relaxed_simd__
  return __builtin_wasm_relaxed_madd_f32x4(a, b, c);
#else
  return a * b + c;
#endif
}

// `number` where the lane's bits are set, else 0.
static inline vector keep(vector number, bits where) {
  return (vector)((bits)number & where);
}

static inline bits is_positive(vector number) {
  return (bits)(number > splat(0));
}

// The sums of four vectors, one in each lane.
static inline vector sums(vector a, vector b, vector c, vector d) {
  vector ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
  vector cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
  return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

// Takes the lowest element out of a set of small numbers.
static inline int take_lowest(unsigned *set) {
  int lowest = __builtin_ctz(*set);
  *set &= *set - 1;
  return lowest;
}
