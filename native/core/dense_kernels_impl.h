// Included by one source file per kind of CPU, which defines before:
//   Vec, IntVec, vector_floats    a vector register of floats, and of 32-bit integers
//   row_block, panel_vectors      the register tile: row_block rows of panel_vectors vectors of sums
//   Float16, BFloat16, widen(const Float16 / BFloat16 / int8_t *)   one vector of weights, as floats
// Everything is in an unnamed namespace and nothing of the standard library is instantiated: a function that the
// linker may merge with another file's would bring its instructions to CPUs that do not know them.

namespace longlens {

namespace {

#if defined(__GNUC__) && !defined(__clang__)
#define LONGLENS_UNROLL _Pragma("GCC unroll 16")
#else
#define LONGLENS_UNROLL // clang unrolls loops of constant length by itself
#endif

constexpr int64_t panel_width = panel_vectors * vector_floats;

// Rows are multiplied in segments of this many columns, copied next to each other first: the tile's rows then lie at
// constant distances, away from the multiples of 4096 bytes that share a cache set.
constexpr int64_t segment = 256;
constexpr int64_t segment_stride = segment + 16;
// Columns in one pass over the panels, and blocks of rows that share it: what fits the second-level cache.
constexpr int64_t pass_segments = 4;
constexpr int64_t pass_columns = pass_segments * segment;
constexpr int64_t chunk_blocks = 8;
constexpr int64_t block_floats = pass_segments * row_block * segment_stride;

int64_t min_of(int64_t a, int64_t b) {
    return a < b ? a : b;
}
int64_t count_blocks(int64_t n, int64_t size) {
    return (n + size - 1) / size;
}

Vec load(const float * from) {
    Vec value;
    __builtin_memcpy(&value, from, sizeof(Vec));
    return value;
}

void store(float * to, Vec value) {
    __builtin_memcpy(to, &value, sizeof(Vec));
}

Vec broadcast(float value) {
    return value - Vec{};
}

float sum_of(Vec value) {
    float sum = 0.0f;
    for (int64_t i = 0; i < vector_floats; i++)
        sum += value[i];
    return sum;
}

/// e^x to about one unit in the last place, for x <= 88. Below -87 it stays at e^-87, which no sum here notices.
Vec exp_of(Vec x) {
    const Vec lowest = broadcast(-87.0f);
    x = x > lowest ? x : lowest;
    // x = n*ln2 + r, |r| <= ln2/2: adding 1.5*2^23 rounds to an integer.
    const Vec shifted = x * 1.44269504f + 12582912.0f;
    const Vec n = shifted - 12582912.0f;
    const Vec r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    Vec p = broadcast(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    const IntVec exponent = (reinterpret_cast<IntVec>(shifted) - 0x4b400000) << 23;
    return reinterpret_cast<Vec>(reinterpret_cast<IntVec>(p) + exponent);
}

/// x * sigmoid(x). Below -88 it is x * e^-88, which no sum notices either; NaN stays NaN.
Vec silu_of(Vec x) {
    const Vec highest = broadcast(88.0f);
    return x / (1.0f + exp_of(-x > highest ? highest : -x));
}

/// The tile's rows in memory, to be worked on outside registers.
using TileRows = float[row_block][panel_width];

/// Multiplies rows, in segments, with `n_columns` columns of a panel.
__attribute__((noinline)) void multiply_into(TileRows & to, const float * rows, const float * panel,
                                             int64_t n_columns) {
    Vec sums[row_block][panel_vectors];
    LONGLENS_UNROLL
    for (int64_t i = 0; i < row_block; i++) {
        LONGLENS_UNROLL
        for (int64_t j = 0; j < panel_vectors; j++)
            sums[i][j] = Vec{};
    }
    for (int64_t start = 0; start < n_columns; start += segment, rows += row_block * segment_stride) {
        const int64_t n = min_of(segment, n_columns - start);
        for (int64_t column = 0; column < n; column++, panel += panel_width) {
            Vec weights[panel_vectors];
            LONGLENS_UNROLL
            for (int64_t j = 0; j < panel_vectors; j++)
                weights[j] = load(panel + j * vector_floats);
            LONGLENS_UNROLL
            for (int64_t i = 0; i < row_block; i++) {
                const float value = rows[i * segment_stride + column];
                LONGLENS_UNROLL
                for (int64_t j = 0; j < panel_vectors; j++)
                    sums[i][j] += value * weights[j];
            }
        }
    }
    LONGLENS_UNROLL
    for (int64_t i = 0; i < row_block; i++) {
        LONGLENS_UNROLL
        for (int64_t j = 0; j < panel_vectors; j++)
            store(&to[i][j * vector_floats], sums[i][j]);
    }
}

constexpr int64_t q8_0_block = 32;

/// Part of a panel: `n_columns` inputs from `column` on.
struct PanelPart {
    int64_t panel;
    int64_t column;
    int64_t n_columns;
};

template <class Weight>
void widen_part(const LinearTask & task, PanelPart part, float * to) {
    const Weight * from =
        static_cast<const Weight *>(task.panels) + (part.panel * task.n_in + part.column) * panel_width;
    for (int64_t i = 0; i < part.n_columns * panel_width; i += vector_floats)
        store(to + i, widen(from + i));
}

void widen_q8_0_part(const LinearTask & task, PanelPart part, float * to) {
    const int64_t n_scales = task.n_in / q8_0_block * panel_width;
    const int64_t panel_bytes = n_scales * static_cast<int64_t>(sizeof(Float16)) + task.n_in * panel_width;
    const auto * scales =
        reinterpret_cast<const Float16 *>(static_cast<const char *>(task.panels) + part.panel * panel_bytes);
    const auto * weights = reinterpret_cast<const int8_t *>(scales + n_scales) + part.column * panel_width;
    scales += part.column / q8_0_block * panel_width;
    for (int64_t column = 0; column < part.n_columns; column++) {
        const Float16 * scale = scales + column / q8_0_block * panel_width;
        for (int64_t j = 0; j < panel_width; j += vector_floats, weights += vector_floats, to += vector_floats)
            store(to, widen(weights) * widen(scale + j));
    }
}

/// The part as 32-bit floats: where it lies, or in `room`.
const float * part_as_floats(const LinearTask & task, PanelPart part, float * room) {
    switch (task.type) {
    case PanelType::f32:
        return static_cast<const float *>(task.panels) + (part.panel * task.n_in + part.column) * panel_width;
    case PanelType::f16:
        widen_part<Float16>(task, part, room);
        break;
    case PanelType::bf16:
        widen_part<BFloat16>(task, part, room);
        break;
    case PanelType::q8_0:
        widen_q8_0_part(task, part, room);
        break;
    }
    return room;
}

struct RowNorm {
    float mean;
    float scale;
};

RowNorm measure_row(const float * row, int64_t n, float epsilon) {
    const int64_t whole = n / vector_floats * vector_floats;
    Vec sums = {};
    for (int64_t i = 0; i < whole; i += vector_floats)
        sums += load(row + i);
    float sum = sum_of(sums);
    for (int64_t i = whole; i < n; i++)
        sum += row[i];
    const float mean = sum / static_cast<float>(n);

    Vec squares = {};
    for (int64_t i = 0; i < whole; i += vector_floats) {
        const Vec centred = load(row + i) - mean;
        squares += centred * centred;
    }
    float square = sum_of(squares);
    for (int64_t i = whole; i < n; i++)
        square += (row[i] - mean) * (row[i] - mean);
    return {mean, 1.0f / __builtin_sqrtf(square / static_cast<float>(n) + epsilon)};
}

/// Copies columns first to end of one row to its place in the segments, normalised if the task says so.
void copy_row(const LinearTask & task, int64_t row, RowNorm norm, int64_t first, int64_t end, float * to) {
    const float * from = task.input + row * task.n_in;
    for (int64_t start = first; start < end; start += segment, to += row_block * segment_stride) {
        const int64_t n = min_of(segment, end - start);
        if (!task.norm_weight) {
            __builtin_memcpy(to, from + start, static_cast<unsigned long>(n) * sizeof(float));
            continue;
        }
        const float * weight = task.norm_weight + start;
        const float * bias = task.norm_bias + start;
        int64_t i = 0;
        for (; i + vector_floats <= n; i += vector_floats) {
            store(to + i, (load(from + start + i) - norm.mean) * norm.scale * load(weight + i) + load(bias + i));
        }
        for (; i < n; i++)
            to[i] = (from[start + i] - norm.mean) * norm.scale * weight[i] + bias[i];
    }
}

/// What one pass over some columns does with its tile.
struct Pass {
    bool is_first; // else the output holds the sums so far
    bool is_last;  // else the output gets sums and no more
};

void finish_row(const LinearTask & task, Pass pass, const float * sums, int64_t row, int64_t first_out, int64_t n) {
    float * output = task.output + row * task.n_out + first_out;
    const float * residual = task.residual ? task.residual + row * task.n_out + first_out : nullptr;
    const float * bias = task.bias ? task.bias + first_out : nullptr;
    const auto finish = [&](const float * from, int64_t i) {
        Vec value = load(from + i);
        if (!pass.is_first) value += load(output + i);
        if (!pass.is_last) return value;
        value *= task.scale;
        if (bias) value += load(bias + i);
        if (task.activation == DenseActivation::silu) value = silu_of(value);
        if (residual) value += load(residual + i);
        return value;
    };
    if (n == panel_width) {
        LONGLENS_UNROLL
        for (int64_t j = 0; j < panel_vectors; j++)
            store(output + j * vector_floats, finish(sums, j * vector_floats));
        return;
    }
    // The last panel of a width that is no multiple: value by value.
    for (int64_t i = 0; i < n; i++) {
        float value = sums[i] + (pass.is_first ? 0.0f : output[i]);
        if (pass.is_last) {
            value = value * task.scale + (bias ? bias[i] : 0.0f);
            if (task.activation == DenseActivation::silu) value = silu_of(broadcast(value))[0];
            if (residual) value += residual[i];
        }
        output[i] = value;
    }
}

void linear_chunk(const LinearTask & task, int64_t first_row, int64_t end_row, float * scratch) {
    float * blocks = scratch;
    float * room = scratch + chunk_blocks * block_floats;
    const int64_t n_rows = end_row - first_row;
    RowNorm norms[chunk_blocks * row_block] = {};
    if (task.norm_weight) {
        for (int64_t i = 0; i < n_rows; i++)
            norms[i] = measure_row(task.input + (first_row + i) * task.n_in, task.n_in, task.norm_epsilon);
    }
    for (int64_t column = 0; column < task.n_in; column += pass_columns) {
        const int64_t end_column = min_of(task.n_in, column + pass_columns);
        const Pass pass{column == 0, end_column == task.n_in};
        for (int64_t i = 0; i < n_rows; i++) {
            float * to = blocks + i / row_block * block_floats + i % row_block * segment_stride;
            copy_row(task, first_row + i, norms[i], column, end_column, to);
        }
        for (int64_t panel = 0; panel * panel_width < task.n_out; panel++) {
            const float * weights = part_as_floats(task, {panel, column, end_column - column}, room);
            const int64_t first_out = panel * panel_width;
            const int64_t n_out = min_of(panel_width, task.n_out - first_out);
            for (int64_t block = 0; block * row_block < n_rows; block++) {
                TileRows sums;
                multiply_into(sums, blocks + block * block_floats, weights, end_column - column);
                for (int64_t i = 0; i < row_block && block * row_block + i < n_rows; i++)
                    finish_row(task, pass, sums[i], first_row + block * row_block + i, first_out, n_out);
            }
        }
    }
}

int64_t linear_scratch_floats() {
    return chunk_blocks * block_floats + pass_columns * panel_width;
}

void linear(const LinearTask & task, int64_t first_row, int64_t end_row, float * scratch) {
    const int64_t chunk_rows = chunk_blocks * row_block;
    for (int64_t row = first_row; row < end_row; row += chunk_rows)
        linear_chunk(task, row, min_of(end_row, row + chunk_rows), scratch);
}

/// Where one head's keys and values lie as panels, and its rows of queries and scores: offsets in scratch memory.
struct AttentionLayout {
    AttentionLayout(int64_t n_positions, int64_t head_length) {
        const int64_t rows = row_block * segment_stride;
        values = keys + count_blocks(n_positions, panel_width) * panel_width * head_length;
        queries = values + count_blocks(head_length, panel_width) * panel_width * n_positions;
        scores = queries + count_blocks(head_length, segment) * rows;
        end = scores + count_blocks(n_positions, segment) * rows;
    }

    int64_t keys = 0;    // [positions / panel_width, head_length, panel_width]
    int64_t values = 0;  // [head_length / panel_width, n_positions, panel_width]
    int64_t queries = 0; // row_block rows in segments
    int64_t scores = 0;  // the same
    int64_t end = 0;
};

int64_t attention_scratch_floats(int64_t n_positions, int64_t head_length) {
    return AttentionLayout(n_positions, head_length).end;
}

/// The place of a column in a block of rows that is laid out in segments.
float * at_column(float * rows, int64_t row, int64_t column) {
    return rows + column / segment * row_block * segment_stride + row * segment_stride + column % segment;
}

void pack_keys(const AttentionTask & task, const float * keys, int64_t stride, float * panels) {
    const int64_t n_columns = count_blocks(task.n_positions, panel_width) * panel_width;
    for (int64_t position = 0; position < n_columns; position++) {
        float * to = panels + position / panel_width * panel_width * task.head_length + position % panel_width;
        for (int64_t i = 0; i < task.head_length; i++)
            to[i * panel_width] = position < task.n_positions ? keys[position * stride + i] : 0.0f;
    }
}

void pack_values(const AttentionTask & task, const float * values, int64_t stride, float * panels) {
    for (int64_t first = 0; first < task.head_length; first += panel_width) {
        const int64_t width = min_of(panel_width, task.head_length - first);
        for (int64_t position = 0; position < task.n_positions; position++, panels += panel_width) {
            for (int64_t i = 0; i < panel_width; i++)
                panels[i] = i < width ? values[position * stride + first + i] : 0.0f;
        }
    }
}

float highest_of(const float * values, int64_t n) {
    const int64_t whole = n / vector_floats * vector_floats;
    Vec most = broadcast(values[0]);
    for (int64_t i = 0; i < whole; i += vector_floats) {
        const Vec next = load(values + i);
        most = next > most ? next : most;
    }
    float highest = most[0];
    for (int64_t i = 1; i < vector_floats; i++)
        highest = most[i] > highest ? most[i] : highest;
    for (int64_t i = whole; i < n; i++)
        highest = values[i] > highest ? values[i] : highest;
    return highest;
}

/// Turns one row of scores into e^(scale * (score - highest)). returns: their sum.
float soften(float * scores, int64_t row, int64_t n, float scale) {
    float highest = *at_column(scores, row, 0);
    for (int64_t start = 0; start < n; start += segment) {
        const float part = highest_of(at_column(scores, row, start), min_of(segment, n - start));
        highest = part > highest ? part : highest;
    }
    float sum = 0.0f;
    for (int64_t start = 0; start < n; start += segment) {
        float * part = at_column(scores, row, start);
        const int64_t length = min_of(segment, n - start);
        // Whole vectors: there is room behind the last score, and nobody reads it.
        Vec sums = {};
        for (int64_t i = 0; i < length; i += vector_floats) {
            const Vec shares = exp_of((load(part + i) - highest) * scale);
            store(part + i, shares);
            if (i + vector_floats <= length) sums += shares;
        }
        sum += sum_of(sums);
        for (int64_t i = length / vector_floats * vector_floats; i < length; i++)
            sum += part[i];
    }
    return sum;
}

void copy_queries(const AttentionTask & task, const float * from, int64_t stride, int64_t n_rows, float * queries) {
    for (int64_t i = 0; i < n_rows; i++) {
        for (int64_t start = 0; start < task.head_length; start += segment) {
            const int64_t n = min_of(segment, task.head_length - start);
            __builtin_memcpy(at_column(queries, i, start), from + i * stride + start,
                             static_cast<unsigned long>(n) * sizeof(float));
        }
    }
}

void store_scaled(float * to, const float * from, int64_t n, float scale) {
    int64_t i = 0;
    for (; i + vector_floats <= n; i += vector_floats)
        store(to + i, load(from + i) * scale);
    for (; i < n; i++)
        to[i] = from[i] * scale;
}

void attention(const AttentionTask & task, int64_t image, int64_t head, int64_t first_row, int64_t end_row,
               float * scratch) {
    const int64_t n = task.n_positions;
    const int64_t length = task.head_length;
    const int64_t width = task.n_heads * length;
    const int64_t stride = 3 * width;
    const float * from = task.qkv + image * n * stride + head * length;
    const AttentionLayout layout(n, length);
    float * keys = scratch + layout.keys;
    float * values = scratch + layout.values;
    float * queries = scratch + layout.queries;
    float * scores = scratch + layout.scores;
    pack_keys(task, from + width, stride, keys);
    pack_values(task, from + 2 * width, stride, values);

    for (int64_t row = first_row; row < end_row; row += row_block) {
        const int64_t n_rows = min_of(row_block, end_row - row);
        copy_queries(task, from + row * stride, stride, n_rows, queries);
        TileRows tile;
        for (int64_t position = 0; position < n; position += panel_width) {
            multiply_into(tile, queries, keys + position * length, length);
            for (int64_t i = 0; i < n_rows; i++) // a segment holds whole panels
                __builtin_memcpy(at_column(scores, i, position), tile[i], sizeof(tile[i]));
        }
        float sums[row_block] = {};
        for (int64_t i = 0; i < n_rows; i++)
            sums[i] = soften(scores, i, n, task.scale);
        for (int64_t first = 0; first < length; first += panel_width) {
            multiply_into(tile, scores, values + first * n, n);
            for (int64_t i = 0; i < n_rows; i++) {
                float * to = task.output + (image * n + row + i) * width + head * length + first;
                store_scaled(to, tile[i], min_of(panel_width, length - first), 1.0f / sums[i]);
            }
        }
    }
}

} // namespace

} // namespace longlens
