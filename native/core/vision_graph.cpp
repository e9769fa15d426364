#include "core/vision_graph.h"

#include <cmath>
#include <string>

namespace longlens {

namespace {

// Shapes are in ggml order (fastest first); the batch of images is the last dimension. Names are PyTorch's.
class VisionGraphBuilder {
public:
    VisionGraphBuilder(const VisionConfig & config, const VisionWeights & weights, VisionGraph & graph)
        : config_(config), weights_(weights), graph_(graph), ctx_(graph.tensors.get()) {}

    void build() {
        const VisionStage from = graph_.shape.from;
        graph_.input = new_input();
        ggml_set_input(graph_.input);
        ggml_tensor * x = graph_.input;
        if (from <= VisionStage::pixel_values) x = graph_.features = keep(encoder(embeddings(x)), "features");
        if (from <= VisionStage::features) x = graph_.pooled = keep(pool(x), "pooled");
        graph_.projected = projector(x);
        ggml_set_output(graph_.projected);
        ggml_build_forward_expand(graph_.nodes, graph_.projected);
    }

private:
    ggml_tensor * new_input() {
        const int64_t n = graph_.shape.n_images;
        const int64_t width = config_.embedding_length;
        switch (graph_.shape.from) {
        case VisionStage::pixel_values:
            return named(ggml_new_tensor_3d(ctx_, GGML_TYPE_F32, weights_.patch_row_length(), config_.n_positions(), n),
                         "pixel_values");
        case VisionStage::features:
            return named(ggml_new_tensor_3d(ctx_, GGML_TYPE_F32, width, config_.n_patches(), n), "features");
        default:
            return named(ggml_new_tensor_3d(ctx_, GGML_TYPE_F32, width, config_.tokens_per_image(), n), "pooled");
        }
    }

    /// [row, n_positions, n] -> [width, n_positions, n]
    ggml_tensor * embeddings(ggml_tensor * patches) {
        // The class position is a patch of zeros, so it comes out as the class embedding alone.
        ggml_tensor * x = graph_.dense ? graph_.dense->linear({.input = patches, .panels = weights_.patch_embedding},
                                                              config_.embedding_length)
                                       : ggml_mul_mat(ctx_, weights_.patch_embedding, flat(patches));
        x = ggml_reshape_3d(ctx_, x, config_.embedding_length, config_.n_positions(), graph_.shape.n_images);
        x = named(ggml_add(ctx_, x, weights_.position_embedding), "embeddings");
        return named(layer_norm(x, weights_.pre_norm_weight, weights_.pre_norm_bias), "pre_layrnorm");
    }

    /// [width, n_positions, n] -> [width, n_patches, n], a view without the class position
    ggml_tensor * encoder(ggml_tensor * x) {
        x = flat(x);
        for (size_t i = 0; i < weights_.blocks.size(); i++)
            x = graph_.dense ? dense_block(x, weights_.blocks[i], i) : block(x, weights_.blocks[i], i);
        x = ggml_reshape_3d(ctx_, x, config_.embedding_length, config_.n_positions(), graph_.shape.n_images);
        return ggml_view_3d(ctx_, x, config_.embedding_length, config_.n_patches(), graph_.shape.n_images, x->nb[1],
                            x->nb[2], static_cast<size_t>(config_.n_class()) * x->nb[1]);
    }

    /// [width, n_positions*n] -> the same shape
    ggml_tensor * block(ggml_tensor * input, const VisionBlock & weights, size_t index) {
        const auto name = [index](const char * part) { return block_name(index, part); };
        ggml_tensor * x = input;
        {
            ggml_tensor * normed =
                named(layer_norm(x, weights.layer_norm1_weight, weights.layer_norm1_bias), name("layer_norm1"));
            ggml_tensor * qkv = named(linear(normed, weights.qkv_weight, weights.qkv_bias), name("self_attn.qkv_proj"));
            ggml_tensor * heads = named(attention(qkv), name("self_attn"));
            ggml_tensor * out = named(linear(heads, weights.out_weight, weights.out_bias), name("self_attn.out_proj"));
            x = named(ggml_add(ctx_, x, out), name("self_attn.residual"));
        }
        {
            ggml_tensor * normed =
                named(layer_norm(x, weights.layer_norm2_weight, weights.layer_norm2_bias), name("layer_norm2"));
            ggml_tensor * hidden = named(linear(normed, weights.fc1_weight, weights.fc1_bias), name("mlp.fc1"));
            ggml_tensor * out = named(feed_forward_output(hidden, weights), name("mlp.fc2"));
            x = named(ggml_add(ctx_, x, out), name(""));
        }
        return x;
    }

    /// The same with our own kernels, which take norms, biases, quick-GELU and residuals along.
    ggml_tensor * dense_block(ggml_tensor * x, const VisionBlock & weights, size_t index) {
        const auto name = [index](const char * part) { return block_name(index, part); };
        const bool is_quick = config_.activation == VisionActivation::quick_gelu;
        const int64_t width = config_.embedding_length;
        ggml_tensor * qkv = named(graph_.dense->linear({.input = x,
                                                        .panels = weights.qkv_weight,
                                                        .bias = weights.qkv_bias,
                                                        .norm_weight = weights.layer_norm1_weight,
                                                        .norm_bias = weights.layer_norm1_bias,
                                                        .norm_epsilon = config_.layer_norm_epsilon},
                                                       3 * width),
                                  name("self_attn.qkv_proj"));
        ggml_tensor * heads = named(attention(qkv), name("self_attn"));
        x = named(graph_.dense->linear(
                      {.input = heads, .panels = weights.out_weight, .bias = weights.out_bias, .residual = x}, width),
                  name("self_attn.residual"));
        ggml_tensor * hidden =
            graph_.dense->linear({.input = x,
                                  .panels = weights.fc1_weight,
                                  .bias = weights.fc1_bias,
                                  .norm_weight = weights.layer_norm2_weight,
                                  .norm_bias = weights.layer_norm2_bias,
                                  .norm_epsilon = config_.layer_norm_epsilon,
                                  .activation = is_quick ? DenseActivation::silu : DenseActivation::none},
                                 config_.feed_forward_length);
        if (!is_quick) hidden = ggml_gelu_erf(ctx_, hidden);
        named(hidden, name("mlp.activation_fn"));
        return named(graph_.dense->linear({.input = hidden,
                                           .panels = weights.fc2_weight,
                                           .bias = weights.fc2_bias,
                                           .residual = x,
                                           .scale = 1.0f / weights_.activation_scale()},
                                          width),
                     name(""));
    }

    static std::string block_name(size_t index, const char * part) {
        return "encoder.layers." + std::to_string(index) + (*part ? "." : "") + part;
    }

    /// fc2(activation(fc1)); with quick-GELU fc1 holds 1.702 times its value (see VisionWeights).
    ggml_tensor * feed_forward_output(ggml_tensor * fc1, const VisionBlock & weights) {
        if (config_.activation == VisionActivation::gelu) {
            return linear(ggml_gelu_erf(ctx_, fc1), weights.fc2_weight, weights.fc2_bias);
        }
        ggml_tensor * scaled = ggml_mul_mat(ctx_, weights.fc2_weight, ggml_silu(ctx_, fc1));
        ggml_tensor * out = ggml_scale(ctx_, scaled, 1.0f / weights_.activation_scale());
        return ggml_add(ctx_, out, weights.fc2_bias);
    }

    /// [3*width, n_positions*n] -> [width, n_positions*n]
    ggml_tensor * attention(ggml_tensor * qkv) {
        const float scale = 1.0f / std::sqrt(static_cast<float>(config_.head_length()));
        if (graph_.shape.attention == VisionAttention::own) {
            return graph_.dense->attention({.qkv = qkv,
                                            .n_images = graph_.shape.n_images,
                                            .n_positions = config_.n_positions(),
                                            .n_heads = config_.head_count,
                                            .scale = scale});
        }
        ggml_tensor * q = head_view(qkv, 0);
        ggml_tensor * k = head_view(qkv, 1);
        ggml_tensor * v = head_view(qkv, 2);
        if (graph_.shape.attention == VisionAttention::plain) return plain_attention(q, k, v, scale);
        if (graph_.shape.attention == VisionAttention::flash_f16) {
            k = ggml_cast(ctx_, k, GGML_TYPE_F16);
            v = ggml_cast(ctx_, v, GGML_TYPE_F16);
        }
        // [head, n_heads, n_positions, n]
        ggml_tensor * heads = ggml_flash_attn_ext(ctx_, q, k, v, nullptr, scale, 0.0f, 0.0f);
        ggml_prec_set_acc(heads, GGML_PREC_F32);
        return ggml_reshape_2d(ctx_, heads, config_.embedding_length, config_.n_positions() * graph_.shape.n_images);
    }

    ggml_tensor * plain_attention(ggml_tensor * q, ggml_tensor * k, ggml_tensor * v, float scale) {
        // [n_positions (keys), n_positions, n_heads, n]
        ggml_tensor * scores = ggml_mul_mat(ctx_, k, ggml_cont(ctx_, q));
        ggml_prec_set_acc(scores, GGML_PREC_F32);
        ggml_tensor * shares = ggml_soft_max_ext(ctx_, scores, nullptr, scale, 0.0f);
        // [head, n_positions, n_heads, n] -> [n_positions, head, n_heads, n]
        ggml_tensor * v_transposed = ggml_cont(ctx_, ggml_transpose(ctx_, v));
        ggml_tensor * heads = ggml_mul_mat(ctx_, v_transposed, shares); // [head, n_positions, n_heads, n]
        ggml_prec_set_acc(heads, GGML_PREC_F32);
        return ggml_cont_2d(ctx_, ggml_permute(ctx_, heads, 0, 2, 1, 3), config_.embedding_length,
                            config_.n_positions() * graph_.shape.n_images);
    }

    /// One third of qkv, as [head, n_positions, n_heads, n]: a view.
    ggml_tensor * head_view(ggml_tensor * qkv, int64_t third) {
        const size_t row = qkv->nb[1];
        const size_t head = static_cast<size_t>(config_.head_length()) * sizeof(float);
        return ggml_view_4d(ctx_, qkv, config_.head_length(), config_.n_positions(), config_.head_count,
                            graph_.shape.n_images, row, head, row * static_cast<size_t>(config_.n_positions()),
                            static_cast<size_t>(third * config_.embedding_length) * sizeof(float));
    }

    /// [width, n_patches, n] (strided) -> [width, tokens_per_image, n] (contiguous)
    ggml_tensor * pool(ggml_tensor * features) {
        const int64_t n = graph_.shape.n_images;
        const int64_t width = config_.embedding_length;
        switch (config_.pooling) {
        case VisionPooling::none:
            return ggml_cont(ctx_, features);
        case VisionPooling::linear_1d: {
            // Four positions to one, linear, align_corners false: halfway between the two in the middle.
            const auto position = [&](size_t i) {
                return ggml_view_3d(ctx_, features, width, config_.tokens_per_image(), n, 4 * features->nb[1],
                                    features->nb[2], i * features->nb[1]);
            };
            return ggml_scale(ctx_, ggml_add(ctx_, position(1), position(2)), 0.5f);
        }
        case VisionPooling::bilinear_2d: {
            // Bilinear at factor 2, align_corners false: the mean of each block.
            const int64_t side = config_.grid() / 2;
            const auto corner = [&](size_t y, size_t x) {
                const size_t line = features->nb[1] * static_cast<size_t>(config_.grid());
                return ggml_view_4d(ctx_, features, width, side, side, n, 2 * features->nb[1], 2 * line,
                                    features->nb[2], y * line + x * features->nb[1]);
            };
            ggml_tensor * sum =
                ggml_add(ctx_, ggml_add(ctx_, corner(0, 0), corner(0, 1)), ggml_add(ctx_, corner(1, 0), corner(1, 1)));
            return ggml_reshape_3d(ctx_, ggml_scale(ctx_, sum, 0.25f), width, side * side, n);
        }
        }
        return features;
    }

    /// [width, tokens_per_image, n] -> [projection, tokens_per_image, n]
    ggml_tensor * projector(ggml_tensor * pooled) {
        ggml_tensor * x =
            named(linear(flat(pooled), weights_.projector0_weight, weights_.projector0_bias), "mm_projector.0");
        x = named(ggml_gelu_erf(ctx_, x), "mm_projector.1");
        x = linear(x, weights_.projector2_weight, weights_.projector2_bias);
        return named(
            ggml_reshape_3d(ctx_, x, config_.projection_length, config_.tokens_per_image(), graph_.shape.n_images),
            "mm_projector.2");
    }

    ggml_tensor * layer_norm(ggml_tensor * x, ggml_tensor * weight, ggml_tensor * bias) {
        return ggml_add(ctx_, ggml_mul(ctx_, ggml_norm(ctx_, x, config_.layer_norm_epsilon), weight), bias);
    }

    ggml_tensor * linear(ggml_tensor * x, ggml_tensor * weight, ggml_tensor * bias) {
        if (graph_.dense) return graph_.dense->linear({.input = x, .panels = weight, .bias = bias}, bias->ne[0]);
        return ggml_add(ctx_, ggml_mul_mat(ctx_, weight, flat(x)), bias);
    }

    /// Every position of every image a column of one matrix: ggml then runs one product instead of n.
    ggml_tensor * flat(ggml_tensor * x) { return ggml_reshape_2d(ctx_, x, x->ne[0], x->ne[1] * x->ne[2] * x->ne[3]); }

    /// Makes a stage readable after the computation, if its caller wants every stage.
    ggml_tensor * keep(ggml_tensor * x, const char * name) {
        if (graph_.shape.outputs == VisionOutputs::every_stage) {
            x = ggml_cont(ctx_, x);
            ggml_set_output(x);
        }
        return named(x, name);
    }

    ggml_tensor * named(ggml_tensor * x, const std::string & name) { return ggml_set_name(x, name.c_str()); }

    const VisionConfig & config_;
    const VisionWeights & weights_;
    VisionGraph & graph_;
    ggml_context * ctx_;
};

} // namespace

size_t max_vision_nodes(const VisionConfig & config) {
    return 128 + 64 * static_cast<size_t>(config.block_count);
}

VisionGraph build_vision_graph(const VisionConfig & config, const VisionWeights & weights,
                               const VisionGraphShape & shape) {
    const size_t max_nodes = max_vision_nodes(config);
    VisionGraph graph;
    graph.shape = shape;
    graph.tensors.reset(
        ggml_init({max_nodes * ggml_tensor_overhead() + ggml_graph_overhead_custom(max_nodes, false), nullptr, true}));
    graph.nodes = ggml_new_graph_custom(graph.tensors.get(), max_nodes, false);
    if (weights.kernels()) {
        graph.dense = std::make_unique<DenseNodes>(*weights.kernels(), graph.tensors.get(), shape.n_threads,
                                                   config.n_positions(), config.head_length());
    }
    VisionGraphBuilder(config, weights, graph).build();
    return graph;
}

} // namespace longlens
