// The random numbers of drift.engine.noise, in four streams side by side, one a lane.
//
// Uniform bits come from xoshiro128+ (Blackman & Vigna 2021, doi:10.1145/3460772), and normal numbers
// from them by the Box-Muller transform. Seeded alike, both programs draw the same numbers.
#pragma once
#include "vectors.h"

typedef struct {
  bits word[4];
} generator;

static generator random_state;

static inline bits draw_bits(generator *random) {
  bits *word = random->word;
  bits drawn = word[0] + word[3];
  bits shifted = word[1] << 9;
  word[2] ^= word[0];
  word[3] ^= word[1];
  word[1] ^= word[2];
  word[0] ^= word[3];
  word[2] ^= shifted;
  word[3] = word[3] << 11 | word[3] >> 21;
  return drawn;
}

static inline vector from_integer(bits number) {  // below 2^31
  return __builtin_convertvector((signs)number, vector);
}

// The polynomial of `x` with these coefficients, highest first (Horner).
static inline vector polynomial(vector x, const float *coefficients, int count) {
  vector sum = splat(coefficients[0]);
  for (int i = 1; i < count; i++) sum = multiply_add(sum, x, splat(coefficients[i]));
  return sum;
}

static const float STEP = 0x1p-24f;
static const float HALF = 0.5f - 0x1p-25f;

// Of (log(1 + m) - m + m^2/2) / m^3, of sin(pi/2 a)/a and of cos(pi/2 a), the latter in a^2.
static const float LOG[] = {0.071489751f, -0.11571679f, 0.116620645f, -0.12411002f, 0.14249863f,
                            -0.16668481f, 0.20000711f, -0.2499999f, 0.3333333f};
static const float SINE[] = {0.00016044118f, -0.004681754f, 0.079692625f, -0.6459641f, 1.5707964f};
static const float COSINE[] = {0.00091926026f, -0.02086348f, 0.2536695f, -1.2337005f, 1.0f};

// -log(u) for u in (0, 1]: the exponent, and a polynomial of the mantissa about 1.
static inline vector negative_log(vector uniform) {
  bits shifted = (bits)uniform + (0x3F800000u - 0x3F3504F3u);
  vector exponent = from_integer(shifted >> 23) - 127.0f;
  vector m = (vector)((shifted & 0x007FFFFFu) + 0x3F3504F3u) - 1.0f;
  vector square = m * m;
  vector log = multiply_add(square * m, polynomial(m, LOG, 9), multiply_add(square, splat(-0.5f), m));
  return -multiply_add(exponent, splat(0.6931472f), log);
}

// Two vectors of independent standard normal numbers.
static inline void draw_normal(generator *random, vector *first, vector *second) {
  bits radius_bits = draw_bits(random);
  bits angle_bits = draw_bits(random);
  vector uniform = multiply_add(from_integer(radius_bits >> 8), splat(STEP), splat(STEP));
  vector radius = __builtin_elementwise_sqrt(negative_log(uniform));
  // Two bits of the angle are the signs of the pair; the others choose it within the quadrant.
  vector a = multiply_add(from_integer((angle_bits << 2) >> 8), splat(STEP), splat(-HALF));
  vector sine = a * polynomial(a * a, SINE, 5);
  vector cosine = polynomial(a * a, COSINE, 5);
  *first = (vector)((bits)(radius * (cosine - sine)) ^ (angle_bits & 0x80000000u));
  *second = (vector)((bits)(radius * (cosine + sine)) ^ (angle_bits << 1 & 0x80000000u));
}

// Adds `scale` times normal numbers to `count` vectors.
static __attribute__((noinline)) void add_normal(vector *numbers, int count, vector scale) {
  generator random = random_state;
  for (int i = 0; i < count; i += 2) {
    vector first, second;
    draw_normal(&random, &first, &second);
    numbers[i] = multiply_add(first, scale, numbers[i]);
    if (i + 1 < count) numbers[i + 1] = multiply_add(second, scale, numbers[i + 1]);
  }
  random_state = random;
}

// Adds `scale` times numbers uniform in (-1/2, 1/2) to `count` vectors.
static inline void add_uniform(vector *numbers, int count, vector scale) {
  generator random = random_state;
  for (int i = 0; i < count; i++) {
    vector drawn = from_integer(draw_bits(&random) >> 8);
    vector uniform = multiply_add(drawn, splat(STEP), splat(-HALF));
    numbers[i] = multiply_add(uniform, scale, numbers[i]);
  }
  random_state = random;
}
