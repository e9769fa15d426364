"""A reference folder for `longlens verify-golden`: a checkpoint and what PyTorch computes with it, in float32.

    python3 -m longlens_training.reference --out <folder>                    random weights at full size
    python3 -m longlens_training.reference --checkpoint <folder> --out ...   a trained model, as exported
    python3 -m longlens_training.reference --small --out ...                 random weights, small enough to commit
    npm run -s longlens -- verify-golden <folder>
"""

from __future__ import annotations

import argparse
import json
import pathlib
import struct
import zlib

import torch
from torch import Tensor

from longlens_training import safetensors_file
from longlens_training.export import WholeModel, read_folder, write_folder
from longlens_training.sizes import LanguageSizes, ModelSizes, TowerSizes

IMAGE_MARK = -200
FIRST_WORD = 14  # the ids before are special (build_tokenizer.py)
GENERATED = 8
SMALL = ModelSizes(
    TowerSizes(image_size=32, patch_size=8, hidden_size=48, intermediate_size=64, num_hidden_layers=2),
    LanguageSizes(vocab_size=120, hidden_size=32, intermediate_size=48, num_hidden_layers=5, num_attention_heads=4,
                  num_key_value_heads=4),
)  # fmt: skip


def random_model(sizes: ModelSizes) -> WholeModel:
    """Starting weights with every norm and bias moved, so that leaving one out is seen."""
    torch.manual_seed(11)
    model = WholeModel.create(sizes, torch.float32)
    for module in (model.tower, model.projector, model.language):
        for name, parameter in module.named_parameters():
            if "norm" in name or name.endswith((".D", ".bias", "A_log")):
                parameter.data.add_(0.2 * torch.randn_like(parameter))
    # Logits of a trained model's size, so that an absolute tolerance means the same.
    model.language.lm_head.weight.data.mul_(5)
    return model


def make_pictures(side: int) -> list[Tensor]:
    """[side, side, 3] bytes: blocks of colour and noise, no resizing needed."""
    generator = torch.Generator().manual_seed(12)
    pictures = []
    for block in (side // 4, side // 2):
        coarse = torch.randint(0, 256, (side // block, side // block, 3), generator=generator)
        picture = coarse.repeat_interleave(block, 0).repeat_interleave(block, 1)
        noise = torch.randint(-20, 21, picture.shape, generator=generator)
        pictures.append((picture + noise).clamp(0, 255).to(torch.uint8))
    return pictures


def pixel_values(picture: Tensor, sizes: TowerSizes) -> Tensor:
    """[side, side, 3] bytes -> [3, side, side] float32 by the exact rule (LONGLLAVA-FORMAT section 5)."""
    values = (picture.double() * (1 / 255)).float()
    return ((values - sizes.image_mean) / sizes.image_std).permute(2, 0, 1)


def write_png(file: pathlib.Path, picture: Tensor) -> None:
    """picture: [height, width, 3] bytes."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = picture.shape
    rows = b"".join(b"\0" + row.numpy().tobytes() for row in picture)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = part(b"IHDR", header) + part(b"IDAT", zlib.compress(rows, 9)) + part(b"IEND", b"")
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + data)


def make_prompts(sizes: LanguageSizes) -> dict[str, dict]:
    """Made-up words around pictures, as the template of the model places them."""
    generator = torch.Generator().manual_seed(13)

    def words(count: int) -> list[int]:
        return torch.randint(FIRST_WORD, sizes.vocab_size, (count,), generator=generator).tolist()

    user, picture, assistant = [4, 6, 13], [8, IMAGE_MARK, 9], [13, 4, 7, 13]
    return {
        "image": {"input_ids": [*user, *picture, *words(6), *assistant], "images": [0]},
        "video": {
            "input_ids": [*user, 10, *(t for _ in range(3) for t in [*words(2), *picture]), 11, *words(5), *assistant],
            "images": [0, 1, 0],
        },
        "text": {"input_ids": [*user, *words(20), *assistant], "images": []},
    }


def embed_prompt(model: WholeModel, prompt: dict, projected: Tensor) -> Tensor:
    """Token embeddings with each mark replaced by the next picture's rows: [t, h]."""
    pictures, rows = iter(prompt["images"]), []
    for token in prompt["input_ids"]:
        rows.append(projected[next(pictures)] if token == IMAGE_MARK else model.language.embed(torch.tensor([token])))
    return torch.cat(rows)


def hidden_states(model: WholeModel, embeddings: Tensor) -> Tensor:
    """[layers + 1, t, h]: what enters each layer, last what leaves the final norm."""
    x, pending, states = embeddings, None, []
    for layer in model.language.model.layers:
        states.append(x if pending is None else x + pending)
        x, pending = layer(x, pending, torch.float32, [len(x)], None)
    return torch.stack([*states, model.language.hidden(embeddings, [len(embeddings)])])


def generate(model: WholeModel, embeddings: Tensor, end: int) -> tuple[list[int], Tensor]:
    """Greedy tokens and the logits each was chosen from [n, V]; `end` may not come before the last one."""
    states, tokens, logits = model.language.new_states(), [], []
    last = model.language.hidden(embeddings, [len(embeddings)], states)[-1:]
    while len(tokens) < GENERATED:
        logits.append(model.language.logits(last)[0])
        choice = logits[-1].clone()
        choice[end] = float("-inf")
        tokens.append(int(choice.argmax()))
        last = model.language.hidden(model.language.embed(torch.tensor(tokens[-1:])), [1], states)
    return tokens, torch.stack(logits)


@torch.no_grad()
def write_reference(folder: pathlib.Path, model: WholeModel, stored: torch.dtype = torch.float32) -> None:
    """Writes checkpoint, pictures, golden.json and golden.safetensors. The model must compute in float32, with weights
    that `stored` holds exactly."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    write_folder(folder, model, None, stored)
    sizes, pictures = model.sizes, make_pictures(model.sizes.tower.image_size)
    for index, picture in enumerate(pictures):
        write_png(folder / "images" / f"{index}.png", picture)
    batch = torch.stack(pictures)
    pooled = model.tower(batch)
    projected = model.projector(pooled)
    entries = {
        "pixel_values": torch.stack([pixel_values(picture, sizes.tower) for picture in pictures]),
        "vision.features": model.tower.patches(batch),
        "vision.pooled": pooled,
        "vision.projected": projected,
    }
    prompts = make_prompts(sizes.language)
    for name, prompt in prompts.items():
        embeddings = embed_prompt(model, prompt, projected)
        entries[f"{name}.inputs_embeds"] = embeddings
        entries[f"{name}.logits"] = model.language.logits(model.language.hidden(embeddings, [len(embeddings)]))
        if name == "text":
            entries["text.hidden_states"] = hidden_states(model, embeddings)
        prompt["generated"], entries[f"{name}.step_logits"] = generate(model, embeddings, end=5)
    safetensors_file.write(folder / "golden.safetensors", entries)
    description = {
        "vision_tower_dir": "vision",
        "images": [{"file": f"images/{index}.png"} for index in range(len(pictures))],
        "prompts": prompts,
        "generation": {"do_sample": False, "eos_token_id": 5, "min_new_tokens": GENERATED},
    }
    (folder / "golden.json").write_text(json.dumps(description) + "\n", encoding="utf8")


def rounded(model: WholeModel, stored: torch.dtype) -> WholeModel:
    """The model with the weights that a checkpoint of type `stored` keeps of it."""
    for module in (model.projector, model.language):
        for parameter in module.parameters():
            parameter.data = parameter.data.to(stored).float()
    return model


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--checkpoint", type=pathlib.Path)
    source.add_argument("--small", action="store_true")
    arguments = parser.parse_args()
    if arguments.checkpoint:
        write_reference(arguments.out, read_folder(arguments.checkpoint))
    elif arguments.small:
        write_reference(arguments.out, rounded(random_model(SMALL), torch.bfloat16), torch.bfloat16)
    else:
        write_reference(arguments.out, random_model(ModelSizes()))


if __name__ == "__main__":
    main()
