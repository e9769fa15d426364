// Attention of many queries over a long cache, in one pass: running maxima and sums, as flash attention
// (arXiv 2205.14135), so nothing of the size queries times cells is kept. Included after dense_kernels_impl.h, whose
// register tile it uses; the same rules hold.

namespace longlens {

namespace {

// Cells are taken in chunks of one segment. What is not seen scores this: its share vanishes beside any real score.
constexpr float unseen = -1e30f;
constexpr uint16_t minus_infinity = 0xfc00;
// Fewer tokens are computed row by row.
constexpr int64_t fewest_tiled = 4;

enum Visibility : uint8_t { sees_nothing, sees_some, sees_all };

/// Offsets in scratch memory. A block is row_block tokens of one head.
struct CachedLayout {
    CachedLayout(const CachedAttentionTask & task, int64_t n_tokens) {
        const int64_t length = task.head_length;
        n_chunks = count_blocks(task.n_cells, segment);
        n_blocks = count_blocks(n_tokens, row_block);
        const int64_t n_rows = task.n_heads / task.n_kv_heads * n_blocks * row_block;
        block_stride = count_blocks(length, segment) * row_block * segment_stride;
        row_stride = count_blocks(length, panel_width) * panel_width;

        values = keys + segment * length;
        queries = values + segment * row_stride;
        sums = queries + n_rows / row_block * block_stride;
        highest = sums + n_rows * row_stride;
        totals = highest + n_rows;
        scores = totals + n_rows;
        mask = scores + row_block * segment_stride;
        visibility = mask + segment;
        end = visibility + count_blocks(n_tokens * n_chunks, static_cast<int64_t>(sizeof(float)));
    }

    int64_t n_chunks = 0;
    int64_t n_blocks = 0;
    int64_t block_stride = 0;
    int64_t row_stride = 0;

    int64_t keys = 0;       // [segment / panel_width, head_length, panel_width]
    int64_t values = 0;     // [head_length / panel_width, segment, panel_width]
    int64_t queries = 0;    // blocks of rows in segments, head after head
    int64_t sums = 0;       // [rows, row_stride]
    int64_t highest = 0;    // [rows]
    int64_t totals = 0;     // [rows]
    int64_t scores = 0;     // row_block rows of a segment
    int64_t mask = 0;       // [segment]
    int64_t visibility = 0; // [n_tokens, n_chunks] bytes
    int64_t end = 0;
};

Vec widen_half(const uint16_t * from) {
    return widen(reinterpret_cast<const Float16 *>(from));
}

Visibility visibility_of(const uint16_t * mask, int64_t n) {
    uint16_t n_unseen = 0;
    uint16_t shifted = 0;
    for (int64_t i = 0; i < n; i++) {
        n_unseen = static_cast<uint16_t>(n_unseen + (mask[i] == minus_infinity));
        shifted |= mask[i];
    }
    if (n_unseen == n) return sees_nothing;
    return n < segment || n_unseen > 0 || shifted != 0 ? sees_some : sees_all;
}

/// Keys of cells first to first + n of one head, the rest of the segment zero.
void pack_cached_keys(const CachedAttentionTask & task, int64_t head, int64_t first, int64_t n, float * panels) {
    const int64_t length = task.head_length;
    for (int64_t cell = 0; cell < segment; cell++) {
        float * to = panels + cell / panel_width * panel_width * length + cell % panel_width;
        const uint16_t * from = task.keys + head * task.key_head_stride + (first + cell) * task.key_stride;
        for (int64_t i = 0; i < length; i += vector_floats) {
            const Vec key = cell < n ? widen_half(from + i) : Vec{};
            LONGLENS_UNROLL
            for (int64_t j = 0; j < vector_floats; j++)
                to[(i + j) * panel_width] = key[j];
        }
    }
}

void pack_cached_values(const CachedAttentionTask & task, int64_t head, int64_t first, int64_t n, float * panels) {
    for (int64_t column = 0; column < task.head_length; column += panel_width) {
        const int64_t width = min_of(panel_width, task.head_length - column);
        for (int64_t cell = 0; cell < segment; cell++, panels += panel_width) {
            const uint16_t * from =
                task.values + head * task.value_head_stride + (first + cell) * task.value_stride + column;
            for (int64_t i = 0; i < panel_width; i += vector_floats)
                store(panels + i, cell < n && i < width ? widen_half(from + i) : Vec{});
        }
    }
}

void pack_cached_queries(const CachedAttentionTask & task, int64_t head, int64_t first, int64_t n, float * block) {
    for (int64_t i = 0; i < row_block; i++) {
        const float * from = task.queries + head * task.query_head_stride + (first + i) * task.query_stride;
        for (int64_t column = 0; column < task.head_length; column += vector_floats)
            store(at_column(block, i, column), i < n ? load(from + column) * task.scale : Vec{});
    }
}

/// Scores of one row -> e^(score - highest), with the row's maximum and sum brought forward.
/// returns: what the row's sums so far are to be multiplied with.
float soften_chunk(float * scores, float & highest, float & total) {
    const float most = highest_of(scores, segment);
    const float before = highest;
    highest = most > before ? most : before;
    Vec sums = {};
    for (int64_t i = 0; i < segment; i += vector_floats) {
        const Vec shares = exp_of(load(scores + i) - highest);
        store(scores + i, shares);
        sums += shares;
    }
    const float factor = exp_of(broadcast(before - highest))[0];
    total = total * factor + sum_of(sums);
    return factor;
}

void mask_scores(float * scores, const uint16_t * mask, int64_t n, float * room) {
    for (int64_t i = 0; i < segment; i += vector_floats) {
        if (i + vector_floats <= n) {
            store(room + i, widen_half(mask + i));
            continue;
        }
        uint16_t last[vector_floats];
        for (int64_t j = 0; j < vector_floats; j++)
            last[j] = i + j < n ? mask[i + j] : minus_infinity;
        store(room + i, widen_half(last));
    }
    const Vec lowest = broadcast(unseen);
    for (int64_t i = 0; i < segment; i += vector_floats) {
        const Vec score = load(scores + i) + load(room + i);
        store(scores + i, score > lowest ? score : lowest);
    }
}

/// One block of queries and one chunk of cells, which lie in scratch memory. first: token of the mask.
void attend_block(const CachedAttentionTask & task, const CachedLayout & layout, float * scratch, int64_t chunk,
                  int64_t first, int64_t n_rows, const uint8_t * visibility, int64_t block) {
    float * scores = scratch + layout.scores;
    float * sums = scratch + layout.sums + block * row_block * layout.row_stride;
    TileRows tile;
    for (int64_t cell = 0; cell < segment; cell += panel_width) {
        multiply_into(tile, scratch + layout.queries + block * layout.block_stride,
                      scratch + layout.keys + cell * task.head_length, task.head_length);
        for (int64_t i = 0; i < row_block; i++)
            __builtin_memcpy(scores + i * segment_stride + cell, tile[i], sizeof(tile[i]));
    }
    float factors[row_block];
    for (int64_t i = 0; i < row_block; i++) {
        const int64_t row = block * row_block + i;
        if (i < n_rows && visibility[i * layout.n_chunks] != sees_all) {
            const int64_t start = chunk * segment;
            mask_scores(scores + i * segment_stride, task.mask + (first + i) * task.mask_stride + start,
                        min_of(segment, task.n_cells - start), scratch + layout.mask);
        }
        factors[i] =
            soften_chunk(scores + i * segment_stride, scratch[layout.highest + row], scratch[layout.totals + row]);
    }
    for (int64_t column = 0; column < task.head_length; column += panel_width) {
        multiply_into(tile, scores, scratch + layout.values + column * segment, segment);
        for (int64_t i = 0; i < row_block; i++) {
            float * to = sums + i * layout.row_stride + column;
            LONGLENS_UNROLL
            for (int64_t j = 0; j < panel_vectors; j++) {
                const Vec added = load(&tile[i][j * vector_floats]);
                store(to + j * vector_floats, load(to + j * vector_floats) * factors[i] + added);
            }
        }
    }
}

bool sees_any(const uint8_t * visibility, int64_t n_rows, int64_t stride) {
    for (int64_t i = 0; i < n_rows; i++) {
        if (visibility[i * stride] != sees_nothing) return true;
    }
    return false;
}

/// All heads that share one head of keys and values.
void attend_heads(const CachedAttentionTask & task, const CachedLayout & layout, int64_t kv_head, int64_t first_token,
                  int64_t end_token, float * scratch) {
    const int64_t n_shared = task.n_heads / task.n_kv_heads;
    const auto * visibility = reinterpret_cast<const uint8_t *>(scratch + layout.visibility);
    const auto rows_of = [&](int64_t block) { return min_of(row_block, end_token - first_token - block * row_block); };
    for (int64_t i = 0; i < n_shared * layout.n_blocks * row_block; i++) {
        scratch[layout.highest + i] = unseen;
        scratch[layout.totals + i] = 0.0f;
    }
    for (int64_t i = 0; i < n_shared * layout.n_blocks * row_block * layout.row_stride; i++)
        scratch[layout.sums + i] = 0.0f;
    for (int64_t block = 0; block < n_shared * layout.n_blocks; block++) {
        const int64_t of_head = block % layout.n_blocks;
        pack_cached_queries(task, kv_head * n_shared + block / layout.n_blocks, first_token + of_head * row_block,
                            rows_of(of_head), scratch + layout.queries + block * layout.block_stride);
    }
    for (int64_t chunk = 0; chunk < layout.n_chunks; chunk++) {
        if (!sees_any(visibility + chunk, end_token - first_token, layout.n_chunks)) continue;
        const int64_t start = chunk * segment;
        const int64_t n = min_of(segment, task.n_cells - start);
        pack_cached_keys(task, kv_head, start, n, scratch + layout.keys);
        pack_cached_values(task, kv_head, start, n, scratch + layout.values);
        for (int64_t block = 0; block < n_shared * layout.n_blocks; block++) {
            const int64_t row = block % layout.n_blocks * row_block;
            const int64_t n_rows = rows_of(block % layout.n_blocks);
            const uint8_t * seen = visibility + row * layout.n_chunks + chunk;
            if (!sees_any(seen, n_rows, layout.n_chunks)) continue;
            attend_block(task, layout, scratch, chunk, first_token + row, n_rows, seen, block);
        }
    }
    for (int64_t i = 0; i < n_shared * (end_token - first_token); i++) {
        const int64_t token = i % (end_token - first_token);
        const int64_t shared = i / (end_token - first_token);
        const int64_t row = shared * layout.n_blocks * row_block + token;
        float * to =
            task.output + ((first_token + token) * task.n_heads + kv_head * n_shared + shared) * task.head_length;
        const float total = scratch[layout.totals + row];
        store_scaled(to, scratch + layout.sums + row * layout.row_stride, task.head_length,
                     total > 0.0f ? 1.0f / total : 0.0f);
    }
}

int64_t cached_attention_scratch_floats(const CachedAttentionTask & task, int64_t n_tokens) {
    return CachedLayout(task, n_tokens).end;
}

/// The scores of one query for n cells from `first` on, the rest of the segment not seen.
void score_cells(const CachedAttentionTask & task, const float * query, int64_t kv_head, int64_t first, int64_t n,
                 float * scores) {
    for (int64_t cell = 0; cell < segment; cell++) {
        if (cell >= n) {
            scores[cell] = unseen;
            continue;
        }
        const uint16_t * key = task.keys + kv_head * task.key_head_stride + (first + cell) * task.key_stride;
        Vec products = {};
        for (int64_t i = 0; i < task.head_length; i += vector_floats)
            products += load(query + i) * widen_half(key + i);
        scores[cell] = sum_of(products) * task.scale;
    }
}

/// One query of one head without laying out keys and values: for few tokens, whose tiles would be mostly empty.
void attend_row(const CachedAttentionTask & task, const CachedLayout & layout, int64_t token, int64_t head,
                const uint8_t * visibility, float * scratch) {
    const int64_t kv_head = head / (task.n_heads / task.n_kv_heads);
    const float * query = task.queries + head * task.query_head_stride + token * task.query_stride;
    float * scores = scratch + layout.scores;
    float * sums = scratch + layout.sums;
    float highest = unseen;
    float total = 0.0f;
    for (int64_t i = 0; i < task.head_length; i += vector_floats)
        store(sums + i, Vec{});
    for (int64_t chunk = 0; chunk < layout.n_chunks; chunk++) {
        if (visibility[chunk] == sees_nothing) continue;
        const int64_t start = chunk * segment;
        const int64_t n = min_of(segment, task.n_cells - start);
        score_cells(task, query, kv_head, start, n, scores);
        if (visibility[chunk] != sees_all)
            mask_scores(scores, task.mask + token * task.mask_stride + start, n, scratch + layout.mask);
        const float factor = soften_chunk(scores, highest, total);
        for (int64_t i = 0; i < task.head_length; i += vector_floats)
            store(sums + i, load(sums + i) * factor);
        for (int64_t cell = 0; cell < n; cell++) {
            const uint16_t * value =
                task.values + kv_head * task.value_head_stride + (start + cell) * task.value_stride;
            for (int64_t i = 0; i < task.head_length; i += vector_floats)
                store(sums + i, load(sums + i) + widen_half(value + i) * scores[cell]);
        }
    }
    store_scaled(task.output + (token * task.n_heads + head) * task.head_length, sums, task.head_length,
                 total > 0.0f ? 1.0f / total : 0.0f);
}

void cached_attention(const CachedAttentionTask & task, int64_t first_kv_head, int64_t end_kv_head, int64_t first_token,
                      int64_t end_token, float * scratch) {
    const CachedLayout layout(task, end_token - first_token);
    auto * visibility = reinterpret_cast<uint8_t *>(scratch + layout.visibility);
    for (int64_t token = first_token; token < end_token; token++) {
        const uint16_t * mask = task.mask + token * task.mask_stride;
        for (int64_t start = 0; start < task.n_cells; start += segment)
            *visibility++ = visibility_of(mask + start, min_of(segment, task.n_cells - start));
    }
    if (end_token - first_token < fewest_tiled) {
        const auto * seen = reinterpret_cast<const uint8_t *>(scratch + layout.visibility);
        const int64_t n_shared = task.n_heads / task.n_kv_heads;
        for (int64_t token = first_token; token < end_token; token++, seen += layout.n_chunks) {
            for (int64_t head = first_kv_head * n_shared; head < end_kv_head * n_shared; head++)
                attend_row(task, layout, token, head, seen, scratch);
        }
        return;
    }
    for (int64_t head = first_kv_head; head < end_kv_head; head++)
        attend_heads(task, layout, head, first_token, end_token, scratch);
}

/// All kernels of this file's kind of CPU. Evaluated by the compiler: no code for newer CPUs may run when the addon
/// loads.
constexpr DenseKernels make_kernels(const char * name) {
    return {
        name,
        panel_width,
        row_block,
        linear_scratch_floats,
        attention_scratch_floats,
        linear,
        attention,
        cached_attention_scratch_floats,
        cached_attention,
    };
}

} // namespace

} // namespace longlens
