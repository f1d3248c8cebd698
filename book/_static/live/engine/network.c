// The live network: one hidden layer, y = relu(x m^T + b) n^T, and four learning rules, as drift's fast
// engine trains it (drift/engine, drift/rules), compiled to WebAssembly by `drift book live --compile`.
//
// Units lie along the lanes of vectors, in groups of four; a step works on the groups that hold an
// active unit. The shape of the task is fixed when this is compiled.
#include "silence.h"

enum { UPDATE_NOISE, LABEL_NOISE, ADAM, ERROR_DESCENT };

typedef union {
  float number[COUNT];
  vector whole[COUNT / LANES];
} predictions; // sample by sample

static vector activity[GROUPS][SAMPLES];
static unsigned active_samples[GROUPS];   // set of samples that a unit of the group is active for
static unsigned active_groups[SAMPLES];   // the same, sample by sample
static predictions targets, residuals;    // residuals: outputs less targets
static vector memory[GROUPS][ROWS];       // what a rule keeps of every parameter
static vector kept[GROUPS][ROWS];         // the same again

// What the page writes before the start, and reads after `observe`.
static float task_inputs[SAMPLES][INPUTS];
static float task_targets[COUNT];
static float rows[HIDDEN][ROWS]; // the parameters of a unit
static float seen[HIDDEN][SAMPLES];
static int active_units, active_pairs;

static int rule, skips_silent, look_now;
static double rate, noise;
static double first_power, second_power; // of Adam's decays

EXPORT float *input_numbers(void) { return &task_inputs[0][0]; }
EXPORT float *target_numbers(void) { return task_targets; }
EXPORT float *row_numbers(void) { return &rows[0][0]; }
EXPORT float *activity_numbers(void) { return &seen[0][0]; }
EXPORT unsigned *random_numbers(void) { return (unsigned *)&random_state; }
EXPORT int count_active_units(void) { return active_units; }
EXPORT int count_active_pairs(void) { return active_pairs; }
EXPORT int count_awake_groups(void) { return awake_groups; }

// Activity of all awake units for all samples, and outputs less targets into `residuals`.
static __attribute__((noinline)) void forward(void) {
  for (int s = 0; s < SAMPLES; s++) active_groups[s] = 0;
  for (int g = 0; g < awake_groups; g++) {
    unsigned samples = 0;
    for (int s = 0; s < SAMPLES; s++) {
      vector input = input_of(g, s);
      bits positive = is_positive(input);
      activity[g][s] = keep(input, positive);
      unsigned any = __builtin_wasm_any_true_v128(positive);
      samples |= any << s;
    }
    active_samples[g] = samples;
    while (samples) active_groups[take_lowest(&samples)] |= 1u << g;
  }
  for (int s = 0; s < SAMPLES; s += 2) {
    vector sum[2 * OUTPUTS] = {0};
    unsigned groups = active_groups[s] | active_groups[s + 1];
    while (groups) {
      int g = take_lowest(&groups);
      for (int o = 0; o < OUTPUTS; o++) {
        vector weight = weights.group[g][FEATURES + o];
        sum[o] = multiply_add(activity[g][s], weight, sum[o]);
        sum[OUTPUTS + o] = multiply_add(activity[g][s + 1], weight, sum[OUTPUTS + o]);
      }
    }
    for (int j = 0; j < 2 * OUTPUTS; j += LANES) {
      int at = (s * OUTPUTS + j) / LANES;
      vector outputs = sums(sum[j], sum[j + 1], sum[j + 2], sum[j + 3]);
      residuals.whole[at] = outputs - targets.whole[at];
    }
  }
}

static void scale_residuals(float label_noise) {
  if (label_noise > 0) add_uniform(residuals.whole, COUNT / LANES, splat(-label_noise));
  for (int v = 0; v < COUNT / LANES; v++) residuals.whole[v] *= 2.0f / COUNT;
}

static double squared_error(void) {
  double sum = 0;
  for (int j = 0; j < COUNT; j++) sum += residuals.number[j] * residuals.number[j];
  return sum;
}

// The gradient of a group, given the scaled residuals and the activity.
static __attribute__((noinline)) void find_gradient(int group, vector gradient[ROWS]) {
  vector sum[ROWS] = {0};
  unsigned samples = active_samples[group];
  while (samples) {
    int s = take_lowest(&samples);
    vector active = activity[group][s], back = splat(0);
    for (int o = 0; o < OUTPUTS; o++) {
      vector residual = splat(residuals.number[s * OUTPUTS + o]);
      back = multiply_add(residual, weights.group[group][FEATURES + o], back);
      sum[FEATURES + o] = multiply_add(residual, active, sum[FEATURES + o]);
    }
    back = keep(back, is_positive(active));
    for (int i = 0; i < INPUTS; i++) sum[i] = multiply_add(inputs[s][i], back, sum[i]);
    sum[INPUTS] += back;
  }
  for (int r = 0; r < ROWS; r++) gradient[r] = sum[r];
}

// theta <- theta - eta (gradient + sigma xi), or with noise on the targets of this step.
static void descend(void) {
  if (skips_silent && (look_now || now % PERIOD == 0)) park_and_wake();
  look_now = 0;
  forward();
  scale_residuals(rule == LABEL_NOISE ? (float)noise : 0);
  vector step = splat(-(float)rate);
  for (int g = 0; g < awake_groups; g++) {
    vector gradient[ROWS];
    find_gradient(g, gradient);
    for (int r = 0; r < ROWS; r++) {
      weights.group[g][r] = multiply_add(step, gradient[r], weights.group[g][r]);
    }
  }
  if (noise_step > 0) add_normal(weights.group[0], awake_groups * ROWS, splat(noise_step));
}

static inline vector without_tiny(vector number, float limit) {
  vector size = (vector)((bits)number & 0x7FFFFFFFu);
  return keep(number, (bits)(size > splat(limit)));
}

// Adam (Kingma & Ba 2015), with its usual constants.
static void adapt(void) {
  forward();
  scale_residuals(0);
  first_power *= 0.9;
  second_power *= 0.999;
  vector step = splat(-rate / (1 - first_power)), correction = splat(1 / (1 - second_power));
  for (int g = 0; g < GROUPS; g++) {
    vector gradient[ROWS];
    find_gradient(g, gradient);
    for (int r = 0; r < ROWS; r++) {
      vector slope = without_tiny(gradient[r], 1e-17f);
      vector mean = multiply_add(splat(0.9f), memory[g][r], (float)(1 - 0.9) * slope);
      vector square = (float)(1 - 0.999) * (slope * slope);
      square = multiply_add(splat(0.999f), kept[g][r], square);
      memory[g][r] = mean = without_tiny(mean, 1e-17f);
      kept[g][r] = square = without_tiny(square, 1e-34f);
      vector size = __builtin_elementwise_sqrt(square * correction) + 1e-8f;
      weights.group[g][r] += step * (mean / size);
    }
  }
}

// Stochastic error descent: a random change of all parameters, gone along with by what it does to the
// loss. Its size goes with the root of an array's first dimension.
static void try_out(void) {
  const float input_size = noise / __builtin_sqrt(HIDDEN);
  const float output_size = noise / __builtin_sqrt(OUTPUTS);
  forward();
  double before = squared_error();
  for (int g = 0; g < GROUPS; g++) {
    for (int r = 0; r < ROWS; r++) memory[g][r] = splat(0);
    add_normal(memory[g], FEATURES, splat(input_size));
    add_normal(memory[g] + FEATURES, OUTPUTS, splat(output_size));
    for (int r = 0; r < ROWS; r++) {
      kept[g][r] = weights.group[g][r];
      weights.group[g][r] += memory[g][r];
    }
  }
  forward();
  vector factor = splat(-rate * ((squared_error() - before) / COUNT));
  for (int g = 0; g < GROUPS; g++) {
    for (int r = 0; r < ROWS; r++) {
      weights.group[g][r] = multiply_add(factor, memory[g][r], kept[g][r]);
    }
  }
}

// The rule and its constants, from now on. Adam's moving means begin anew.
EXPORT void choose(int new_rule, double new_rate, double new_noise) {
  wake_all();
  look_now = 1;
  rule = new_rule;
  rate = new_rate;
  noise = new_noise;
  noise_step = rule == UPDATE_NOISE ? (float)rate * (float)noise : 0;
  for (int s = 0; s < SAMPLES; s++) {
    double square = 1;
    for (int i = 0; i < INPUTS; i++) square += (double)inputs[s][i][0] * inputs[s][i][0];
    reach[s] = noise_step > 0 ? 1 / (8.0 * noise_step * __builtin_sqrt(square)) : 1e15f;
  }
  first_power = second_power = 1;
  for (int g = 0; g < GROUPS; g++) {
    for (int r = 0; r < ROWS; r++) memory[g][r] = kept[g][r] = splat(0);
  }
}

// Begins at step 0 with the task and the parameters that the page wrote. `choose` has to follow.
EXPORT void begin(int skip_silent) {
  skips_silent = skip_silent;
  now = 0;
  noise_step = 0;
  awake_groups = GROUPS;
  for (int s = 0; s < SAMPLES; s++) {
    for (int i = 0; i < INPUTS; i++) inputs[s][i] = splat(task_inputs[s][i]);
  }
  for (int j = 0; j < COUNT; j++) targets.number[j] = task_targets[j];
  for (int place = 0; place < HIDDEN; place++) {
    unit_at[place] = place;
    for (int r = 0; r < ROWS; r++) {
      weights.number[place / LANES][r][place % LANES] = rows[place][r];
    }
  }
}

EXPORT void advance(int steps) {
  for (int i = 0; i < steps; i++) {
    if (rule == ADAM) adapt();
    else if (rule == ERROR_DESCENT) try_out();
    else descend();
    now++;
  }
}

// What the network does now: the loss without noise; parameters and activity, unit by unit.
EXPORT double observe(void) {
  forward();
  active_units = active_pairs = 0;
  for (int place = 0; place < HIDDEN; place++) {
    int unit = unit_at[place], group = place / LANES, lane = place % LANES, pairs = 0;
    for (int r = 0; r < ROWS; r++) rows[unit][r] = weights.number[group][r][lane];
    for (int s = 0; s < SAMPLES; s++) {
      seen[unit][s] = group < awake_groups ? activity[group][s][lane] : 0;
      pairs += seen[unit][s] > 0;
    }
    active_pairs += pairs;
    active_units += pairs > 0;
  }
  return squared_error() / COUNT;
}

// Vectors of standard normal numbers, for the tests.
EXPORT float *draw(int count) {
  static vector drawn[64];
  for (int i = 0; i < 64; i++) drawn[i] = splat(0);
  add_normal(drawn, count < 64 ? count : 64, splat(1));
  return (float *)drawn;
}
