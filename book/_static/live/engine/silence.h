// Silent units left alone, as in drift.engine.silence, where the law is derived.
//
// A unit that is silent for all samples is parked as long as its random walk cannot wake it, but for a
// chance of 1e-15, and is given the sum of its noise when it is next looked at. Groups below
// `awake_groups` take part in every step. Units that are active for the same samples share a group,
// so that steps leave out the samples for which a whole group is silent.
#pragma once
#include "noise.h"

typedef long long moment; // a number of steps

static const moment NEVER = 1LL << 62;
enum {
  PERIOD = 32,            // steps between two looks at who is silent
  REGROUPING = 512,       // steps between two looks at who is active for the same samples
};

static vector inputs[SAMPLES][INPUTS]; // each number in all lanes
static union {
  vector group[GROUPS][ROWS];          // from the features, then to the outputs
  float number[GROUPS][ROWS][LANES];
} weights;
static int unit_at[HIDDEN];
static moment due[HIDDEN];             // step until which a parked unit is safe
static moment changed[HIDDEN];         // step up to which a unit has its noise
static unsigned active_for[HIDDEN];    // set of samples
static float reach[SAMPLES];           // 1 / (8 standard deviations of a step of a unit's input)
static float noise_step;               // standard deviation of a step of a parameter
static moment now;
static int awake_groups;

static inline vector input_of(int group, int sample) {
  vector sum = weights.group[group][INPUTS];
  for (int i = 0; i < INPUTS; i++) {
    sum = multiply_add(inputs[sample][i], weights.group[group][i], sum);
  }
  return sum;
}

// Until when the units of a group stay silent, into `due`; now, for those that are active.
static void look_at(int group, moment until[LANES]) {
  vector nearest = splat(-1e30f); // to being active, in units of what the noise may do in one step
  for (int s = 0; s < SAMPLES; s++) {
    vector distance = input_of(group, s) * reach[s];
    nearest = (vector)(((bits)nearest & (bits)(nearest > distance)) |
                       ((bits)distance & ~(bits)(nearest > distance)));
  }
  for (int lane = 0; lane < LANES; lane++) {
    double steps = (double)nearest[lane] * nearest[lane];
    int silent = nearest[lane] <= 0;
    until[lane] = !silent ? now : steps < NEVER / 2 ? now + (moment)steps : NEVER;
  }
}

// Gives a parked unit the noise of the steps since it was last changed.
static void catch_up(int place) {
  moment missed = now - changed[place];
  changed[place] = now;
  if (missed == 0 || noise_step == 0) return;
  union {
    vector whole[(ROWS + LANES - 1) / LANES];
    float number[ROWS];
  } noise = {0};
  float scale = noise_step * __builtin_sqrt((double)missed);
  add_normal(noise.whole, (ROWS + LANES - 1) / LANES, splat(scale));
  for (int r = 0; r < ROWS; r++) {
    weights.number[place / LANES][r][place % LANES] += noise.number[r];
  }
}

static int is_wanted(int place) {
  return due[place] < now + PERIOD;
}

static void swap(int one, int other) {
  int unit = unit_at[one];
  unit_at[one] = unit_at[other], unit_at[other] = unit;
  unsigned samples = active_for[one];
  active_for[one] = active_for[other], active_for[other] = samples;
  moment step = due[one];
  due[one] = due[other], due[other] = step;
  step = changed[one];
  changed[one] = changed[other], changed[other] = step;
  for (int r = 0; r < ROWS; r++) {
    float *a = &weights.number[one / LANES][r][one % LANES];
    float *b = &weights.number[other / LANES][r][other % LANES];
    float weight = *a;
    *a = *b, *b = weight;
  }
}

// Puts units that are active for the same samples into one group: each time the one that is active for
// the fewest samples for which its group is silent so far. All `count` wanted ones come first.
static void regroup(int count) {
  for (int place = 0; place < HIDDEN; place++) active_for[place] = 0;
  for (int group = 0; group < GROUPS; group++) {
    for (int s = 0; s < SAMPLES; s++) {
      unsigned lanes = __builtin_wasm_bitmask_i32x4(is_positive(input_of(group, s)));
      while (lanes) active_for[group * LANES + take_lowest(&lanes)] |= 1u << s;
    }
  }
  unsigned samples = 0;
  for (int place = 0; place < count; place++) {
    int best = place, least = 64;
    if (place % LANES == 0) samples = 0;
    for (int other = place; other < HIDDEN; other++) {
      if (!is_wanted(other)) continue;
      int more = __builtin_popcount(active_for[other] & ~samples);
      if (more < least) best = other, least = more;
    }
    swap(place, best);
    samples |= active_for[place];
  }
}

static void park_and_wake(void) {
  int wanted = 0, free = 0;
  moment until[LANES];
  for (int group = 0; group < awake_groups; group++) look_at(group, &due[group * LANES]);
  for (int place = 0; place < awake_groups * LANES; place++) changed[place] = now;
  for (int place = awake_groups * LANES; place < HIDDEN; place++) {
    if (!is_wanted(place)) continue;
    catch_up(place);
    look_at(place / LANES, until);
    due[place] = until[place % LANES];
  }
  for (int place = 0; place < HIDDEN; place++) wanted += is_wanted(place);
  awake_groups = (wanted + LANES - 1) / LANES;
  if (now % REGROUPING == 0) regroup(wanted);
  for (int place = awake_groups * LANES; place < HIDDEN; place++) {
    if (!is_wanted(place)) continue;
    while (is_wanted(free)) free++;
    swap(free, place);
  }
  // Whoever fills up the last awake group takes part in every step, silent or not.
  for (int place = 0; place < awake_groups * LANES; place++) catch_up(place);
}

// Gives all parked units the noise that they missed, so that all parameters are those of now.
static void catch_up_all(void) {
  for (int place = awake_groups * LANES; place < HIDDEN; place++) catch_up(place);
}

// Wakes all units, to be looked at anew.
static void wake_all(void) {
  catch_up_all();
  for (int place = 0; place < HIDDEN; place++) changed[place] = due[place] = now;
  awake_groups = GROUPS;
}
