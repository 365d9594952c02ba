#include "kernel.h"

#include <string.h>

// The same bits on every processor: no product is fused with a sum. Nobody looks at
// floating-point traps, so that a choice need not be a branch.
#pragma GCC optimize("fp-contract=off", "no-trapping-math")

// The widest of these that the processor has is chosen when the program starts.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define WIDE
#endif

static inline uint16_t word_at(const uint8_t *bytes, size_t i) {
  uint16_t w;
  memcpy(&w, bytes + 2 * i, 2);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  w = __builtin_bswap16(w);
#endif
  return w;
}

static inline void put_word(uint8_t *bytes, size_t i, uint16_t w) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  w = __builtin_bswap16(w);
#endif
  memcpy(bytes + 2 * i, &w, 2);
}

static inline int32_t positive(uint16_t w, int flip, int up, int down) {
  return (uint16_t)((uint16_t)(w ^ flip) << up) >> down;
}

static inline int32_t either(uint16_t w, int flip, int up, int down) {
  return (int16_t)((uint16_t)(w ^ flip) << up) >> down;
}

WIDE void kernel_floats(const uint8_t *restrict words, const kernel_words *how, size_t n, float *restrict out) {
  const int flip = how->flip, up = how->up, down = how->down;
  const double slope = how->slope, intercept = how->intercept;
  if (how->is_signed)
    for (size_t i = 0; i < n; i++) out[i] = (float)either(word_at(words, i), flip, up, down);
  else
    for (size_t i = 0; i < n; i++) out[i] = (float)positive(word_at(words, i), flip, up, down);
  if (slope != 1 || intercept != 0)
    for (size_t i = 0; i < n; i++) out[i] = (float)((double)out[i] * slope + intercept);
}

WIDE void kernel_word_range(const uint8_t *restrict words, const kernel_words *how, size_t n, int32_t *low, int32_t *high) {
  const int flip = how->flip, up = how->up, down = how->down;
  int32_t least = INT32_MAX, most = INT32_MIN;
  if (how->is_signed)
    for (size_t i = 0; i < n; i++) {
      int32_t v = either(word_at(words, i), flip, up, down);
      least = v < least ? v : least;
      most = v > most ? v : most;
    }
  else
    for (size_t i = 0; i < n; i++) {
      int32_t v = positive(word_at(words, i), flip, up, down);
      least = v < least ? v : least;
      most = v > most ? v : most;
    }
  *low = least;
  *high = most;
}

// Counts are spread over four tables, so that equal neighbours need not wait for one
// another.
#define COUNT(VALUE)                                       \
  {                                                        \
    size_t i = 0;                                          \
    for (; i + 4 <= n; i += 4) {                           \
      one[VALUE(i) - low]++;                               \
      two[VALUE(i + 1) - low]++;                           \
      three[VALUE(i + 2) - low]++;                         \
      four[VALUE(i + 3) - low]++;                          \
    }                                                      \
    for (; i < n; i++) one[VALUE(i) - low]++;              \
  }

void kernel_count(const uint8_t *restrict words, const kernel_words *how, size_t n, int32_t low, uint32_t *counts, size_t size) {
  const int flip = how->flip, up = how->up, down = how->down;
  uint32_t *one = counts, *two = counts + size, *three = counts + 2 * size, *four = counts + 3 * size;
  const uint32_t mask = 0xffffu >> down;
#define COUNT_MASKED(i) (int32_t)((uint16_t)(word_at(words, i) ^ flip) & mask)
#define COUNT_POSITIVE(i) positive(word_at(words, i), flip, up, down)
#define COUNT_EITHER(i) either(word_at(words, i), flip, up, down)
  if (how->is_signed) COUNT(COUNT_EITHER)
  else if (up == down) COUNT(COUNT_MASKED)
  else COUNT(COUNT_POSITIVE)
}

static inline void across_row(const float *restrict row, kernel_taps taps, const int32_t *first, const float *weights,
                              float *restrict out) {
  const int32_t outputs = taps.outputs, count = taps.count;
  if (count == 2) { // the most usual by far
    for (int32_t x = 0; x < outputs; x++) {
      const float *in = row + first[x];
      out[x] = weights[2 * x] * in[0] + weights[2 * x + 1] * in[1];
    }
    return;
  }
  for (int32_t x = 0; x < outputs; x++, weights += count) {
    const float *in = row + first[x];
    float sum = weights[0] * in[0];
    for (int32_t i = 1; i < count; i++) sum += weights[i] * in[i];
    out[x] = sum;
  }
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

// Two taps of eight outputs at once, for four rows: what the eight take from lies close
// together, so that it is loaded whole and put in place, which takes half as long as
// to gather it. The products and sums are those of across_row.
#define SIDE_BY_SIDE 8
enum { NEAR_AVX2 = 16, NEAR_AVX512 = 32 }; // inputs that are loaded

__attribute__((target("avx512f,avx512dq"))) static void near_avx512(const float *restrict rows, int32_t width, kernel_taps taps, const int32_t *first,
                                                                    const float *weights, float *restrict out) {
  // The low half is for the first tap of each output, the high half for the second.
  const __m512i half = _mm512_set_epi32(15, 13, 11, 9, 7, 5, 3, 1, 14, 12, 10, 8, 6, 4, 2, 0);
  const __m512i second = _mm512_set_epi32(1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  for (int32_t x = 0; x + SIDE_BY_SIDE <= taps.outputs; x += SIDE_BY_SIDE) {
    const int32_t start = first[x] < width - NEAR_AVX512 ? first[x] : width - NEAR_AVX512;
    const __m512i places = _mm512_broadcast_i32x8(_mm256_loadu_si256((const __m256i *)(first + x)));
    const __m512i at = _mm512_add_epi32(_mm512_sub_epi32(places, _mm512_set1_epi32(start)), second);
    const __m512 w = _mm512_permutexvar_ps(half, _mm512_loadu_ps(weights + 2 * x));
    for (int i = 0; i < 4; i++) {
      const float *in = rows + (size_t)i * width + start;
      const __m512 products = _mm512_mul_ps(w, _mm512_permutex2var_ps(_mm512_loadu_ps(in), at, _mm512_loadu_ps(in + 16)));
      _mm256_storeu_ps(out + (size_t)i * taps.outputs + x, _mm256_add_ps(_mm512_castps512_ps256(products), _mm512_extractf32x8_ps(products, 1)));
    }
  }
}

// of_both gives the numbers at places from 0 to 15 of two eights.
__attribute__((target("avx2"))) static inline __m256 of_both(__m256 low, __m256 high, __m256i at) {
  const __m256 later = _mm256_castsi256_ps(_mm256_cmpgt_epi32(at, _mm256_set1_epi32(7)));
  return _mm256_blendv_ps(_mm256_permutevar8x32_ps(low, at), _mm256_permutevar8x32_ps(high, at), later);
}

__attribute__((target("avx2"))) static void near_avx2(const float *restrict rows, int32_t width, kernel_taps taps, const int32_t *first,
                                                      const float *weights, float *restrict out) {
  const __m256i even = _mm256_set_epi32(14, 12, 10, 8, 6, 4, 2, 0), one = _mm256_set1_epi32(1);
  for (int32_t x = 0; x + SIDE_BY_SIDE <= taps.outputs; x += SIDE_BY_SIDE) {
    const int32_t start = first[x] < width - NEAR_AVX2 ? first[x] : width - NEAR_AVX2;
    const __m256i at = _mm256_sub_epi32(_mm256_loadu_si256((const __m256i *)(first + x)), _mm256_set1_epi32(start));
    const __m256i next = _mm256_add_epi32(at, one);
    const __m256 w = _mm256_loadu_ps(weights + 2 * x), more = _mm256_loadu_ps(weights + 2 * x + 8);
    const __m256 a = of_both(w, more, even), b = of_both(w, more, _mm256_add_epi32(even, one));
    for (int i = 0; i < 4; i++) {
      const float *in = rows + (size_t)i * width + start;
      const __m256 low = _mm256_loadu_ps(in), high = _mm256_loadu_ps(in + 8);
      _mm256_storeu_ps(out + (size_t)i * taps.outputs + x,
                       _mm256_add_ps(_mm256_mul_ps(a, of_both(low, high, at)), _mm256_mul_ps(b, of_both(low, high, next))));
    }
  }
}

// across_near gives how many outputs of four rows it has filled, from the left.
static int32_t across_near(const float *restrict rows, int32_t width, kernel_taps taps, const int32_t *first, const float *weights, float *restrict out) {
  if (taps.count == 2 && taps.widest >= 512 && taps.reach <= NEAR_AVX512 && width >= NEAR_AVX512 && __builtin_cpu_supports("avx512dq")) {
    near_avx512(rows, width, taps, first, weights, out);
  } else if (taps.count == 2 && taps.widest >= 256 && taps.reach <= NEAR_AVX2 && width >= NEAR_AVX2 && __builtin_cpu_supports("avx2")) {
    near_avx2(rows, width, taps, first, weights, out);
  } else {
    return 0;
  }
  return taps.outputs / SIDE_BY_SIDE * SIDE_BY_SIDE;
}
#else
#define across_near(rows, width, taps, first, weights, out) 0
#endif

// Four rows at once: places and weights are then read once for all of them.
static inline void across_four(const float *restrict row, int32_t width, kernel_taps taps, const int32_t *first, const float *weights,
                               float *restrict out) {
  const int32_t outputs = taps.outputs;
  if (taps.count != 2) {
    for (int i = 0; i < 4; i++) across_row(row + (size_t)i * width, taps, first, weights, out + (size_t)i * outputs);
    return;
  }
  const int32_t done = across_near(row, width, taps, first, weights, out);
  const float *row1 = row + width, *row2 = row1 + width, *row3 = row2 + width;
  float *out1 = out + outputs, *out2 = out1 + outputs, *out3 = out2 + outputs;
  for (int32_t x = done; x < outputs; x++) {
    const int32_t at = first[x];
    const float a = weights[2 * x], b = weights[2 * x + 1];
    out[x] = a * row[at] + b * row[at + 1];
    out1[x] = a * row1[at] + b * row1[at + 1];
    out2[x] = a * row2[at] + b * row2[at + 1];
    out3[x] = a * row3[at] + b * row3[at + 1];
  }
}

// Down first, since that goes over whole rows, of which only the columns from left
// to right are needed. VALUE gives number x of the row that lies i rows below from.
#define DOWN_ROW(VALUE, y, to)                                                    \
  {                                                                               \
    const float *w = down_weights + (size_t)(y) * down.count;                     \
    const size_t from = (size_t)down_first[y] * width;                            \
    float *restrict sums = to;                                                    \
    if (down.count == 2) {                                                        \
      const float a = w[0], b = w[1];                                             \
      for (int32_t x = left; x < right; x++) sums[x] = a * VALUE(x) + b * VALUE(width + x); \
    } else {                                                                      \
      for (int32_t x = left; x < right; x++) sums[x] = w[0] * VALUE(x);           \
      for (int32_t i = 1; i < down.count; i++)                                    \
        for (int32_t x = left; x < right; x++) sums[x] += w[i] * VALUE((size_t)i * width + x); \
    }                                                                             \
  }

#define DOWN(VALUE)                                                               \
  int32_t y = 0;                                                                  \
  for (; y + 4 <= down.outputs; y += 4) {                                         \
    for (int32_t i = 0; i < 4; i++) DOWN_ROW(VALUE, y + i, rows + (size_t)i * width) \
    across_four(rows, width, across, across_first, across_weights, out + (size_t)y * across.outputs); \
  }                                                                               \
  for (; y < down.outputs; y++) {                                                 \
    DOWN_ROW(VALUE, y, rows)                                                      \
    across_row(rows, across, across_first, across_weights, out + (size_t)y * across.outputs); \
  }

WIDE void kernel_resample_floats(const float *restrict in, int32_t width, int32_t left, int32_t right,
                                 kernel_taps across, const int32_t *across_first, const float *across_weights,
                                 kernel_taps down, const int32_t *down_first, const float *down_weights,
                                 float *restrict rows, float *restrict out) {
#define FLOAT(x) in[from + (x)]
  DOWN(FLOAT)
}

WIDE void kernel_resample_words(const uint8_t *restrict words, const kernel_words *how, int32_t width, int32_t left, int32_t right,
                                kernel_taps across, const int32_t *across_first, const float *across_weights,
                                kernel_taps down, const int32_t *down_first, const float *down_weights,
                                float *restrict rows, float *restrict out) {
  const int flip = how->flip, up = how->up, shift = how->down;
#define POSITIVE(x) (float)positive(word_at(words, from + (x)), flip, up, shift)
#define EITHER(x) (float)either(word_at(words, from + (x)), flip, up, shift)
// Most files have unsigned numbers whose lowest bit is the lowest one: a mask will do.
#define MASKED(x) (float)(int32_t)((uint16_t)(word_at(words, from + (x)) ^ flip) & mask)
  const uint32_t mask = 0xffffu >> shift;
  if (how->is_signed) {
    DOWN(EITHER)
  } else if (up == shift) {
    DOWN(MASKED)
  } else {
    DOWN(POSITIVE)
  }
  const double slope = how->slope, intercept = how->intercept;
  if (slope == 1 && intercept == 0) return;
  const size_t n = (size_t)down.outputs * across.outputs;
  for (size_t i = 0; i < n; i++) out[i] = (float)((double)out[i] * slope + intercept);
}

#define LANES 32

WIDE void kernel_range(const float *restrict in, size_t n, float *low, float *high) {
  float least[LANES], most[LANES];
  for (int j = 0; j < LANES; j++) least[j] = most[j] = in[0];
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int j = 0; j < LANES; j++) {
      const float v = in[i + j];
      least[j] = v < least[j] ? v : least[j];
      most[j] = v > most[j] ? v : most[j];
    }
  for (; i < n; i++) {
    least[0] = in[i] < least[0] ? in[i] : least[0];
    most[0] = in[i] > most[0] ? in[i] : most[0];
  }
  for (int j = 1; j < LANES; j++) {
    least[0] = least[j] < least[0] ? least[j] : least[0];
    most[0] = most[j] > most[0] ? most[j] : most[0];
  }
  *low = least[0];
  *high = most[0];
}

WIDE int kernel_numbers(const float *in, size_t n) {
  int bad = 0;
  for (size_t i = 0; i < n; i++) bad |= in[i] != in[i];
  return !bad;
}

WIDE void kernel_column_sums(const float *restrict in, size_t rows, size_t width, double *restrict out) {
  for (size_t x = 0; x < width; x++) out[x] = in[x];
  for (size_t y = 1; y < rows; y++)
    for (size_t x = 0; x < width; x++) out[x] += in[y * width + x];
}

WIDE void kernel_window(float *pixels, size_t n, float low, float span) {
  const float part = 1 / span;
  for (size_t i = 0; i < n; i++) {
    float v = (pixels[i] - low) * part;
    v = v < 0 ? 0 : v;
    pixels[i] = v > 1 ? 1 : v;
  }
}

// Adding and taking away 1.5 * 2^52 rounds to the nearest even.
WIDE void kernel_levels(float *pixels, size_t n) {
  const double big = 6755399441055744.0;
  for (size_t i = 0; i < n; i++) {
    float v = pixels[i];
    v = v < 0 ? 0 : v;
    v = v > 1 ? 1 : v;
    pixels[i] = (float)(((double)v * 255 + big) - big) / 255;
  }
}

static inline int64_t first_bad(const float *in, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (in[i] != in[i]) return (int64_t)i;
  return -1;
}

// Blocks are short enough for sums in 32 bits, and for the nearest cache.
#define BLOCK 1024

// Squares are summed in two halves, so that 32 bits are enough for them too.
static inline void add_block(const uint32_t *q, size_t n, kernel_sums *sums) {
  uint32_t sum = 0, low = 0, high = 0;
  for (size_t i = 0; i < n; i++) {
    const uint32_t square = q[i] * q[i];
    sum += q[i];
    low += square & 0xffff;
    high += square >> 16;
  }
  sums->sum += sum;
  sums->squares += low + ((uint64_t)high << 16);
}

#define QUANTISE(NAME, FULL, PUT)                                                                    \
  WIDE void NAME(const float *restrict in, size_t n, uint8_t *restrict out, kernel_sums *sums) {     \
    uint32_t q[BLOCK];                                                                               \
    sums->sum = sums->squares = 0;                                                                   \
    int bad = 0;                                                                                     \
    for (size_t from = 0; from < n; from += BLOCK) {                                                 \
      const size_t m = from + BLOCK < n ? BLOCK : n - from;                                          \
      for (size_t i = 0; i < m; i++) {                                                               \
        float v = in[from + i];                                                                      \
        bad |= v != v;                                                                               \
        v = v > 0 ? v : 0;                                                                           \
        v = v < 1 ? v : 1;                                                                           \
        q[i] = (uint32_t)(int32_t)(v * FULL + 0.5f);                                                 \
      }                                                                                              \
      for (size_t i = 0; i < m; i++) PUT;                                                            \
      add_block(q, m, sums);                                                                         \
    }                                                                                                \
    sums->bad = bad ? first_bad(in, n) : -1;                                                         \
  }

QUANTISE(kernel_quantise8, 255.0f, out[from + i] = (uint8_t)q[i])
QUANTISE(kernel_quantise16, 65535.0f, put_word(out, from + i, (uint16_t)q[i]))

WIDE void kernel_pack(float *restrict pixels, size_t n, float low, float step, uint8_t *restrict out) {
  int32_t q[BLOCK];
  const float part = 1 / step;
  for (size_t from = 0; from < n; from += BLOCK) {
    const size_t m = from + BLOCK < n ? BLOCK : n - from;
    for (size_t i = 0; i < m; i++) {
      float v = (pixels[from + i] - low) * part + 0.5f;
      v = v > 0.0f ? v : 0.0f;
      v = v < 65535.0f ? v : 65535.0f;
      q[i] = (int32_t)v;
    }
    for (size_t i = 0; i < m; i++) pixels[from + i] = (float)q[i] * step + low;
    for (size_t i = 0; i < m; i++) put_word(out, from + i, (uint16_t)q[i]);
  }
}

WIDE void kernel_unpack(const uint8_t *restrict in, size_t n, float low, float step, float *restrict out) {
  for (size_t i = 0; i < n; i++) out[i] = (float)word_at(in, i) * step + low;
}
