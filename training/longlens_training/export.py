"""The official checkpoint folder (LONGLLAVA-FORMAT sections 1 to 3), written and read again.

    config.json  model.safetensors  tokenizer.model  vision/{config.json, preprocessor_config.json, model.safetensors}

`longlens convert <folder>` makes a model folder of it. From a run:

    python3 -m longlens_training.export --run training/runs/tiny --out <folder>
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import shutil

import torch
from torch import Tensor

from longlens_training import checkpoint, safetensors_file
from longlens_training.clip_tower import ClipTower
from longlens_training.jamba import JambaModel
from longlens_training.precision import FASTEST
from longlens_training.projector import Projector
from longlens_training.sizes import LanguageSizes, ModelSizes, TowerSizes
from longlens_training.trained_tower import load_heads, load_tower, part

TOKENIZER = pathlib.Path(__file__).parents[1] / "tokenizer" / "tokenizer.model"
PROJECTOR_PREFIX = "model.mm_projector."
#: Beside the official files, for begin.py: what the model was trained with, and the read-outs of stage 0.
TRAINING_FILE = "training.json"
HEADS_FILE = "perception.safetensors"
#: Projector and word embeddings of stage 0, where there is no language model yet.
SEEING_FILE = "seeing.safetensors"
_LANGUAGE_KEYS = [field.name for field in dataclasses.fields(LanguageSizes)]
_TOWER_KEYS = [f.name for f in dataclasses.fields(TowerSizes) if not f.name.startswith("image_m") and f.name != "image_std"]


@dataclasses.dataclass
class WholeModel:
    """Tower, projector and language model with their sizes."""

    sizes: ModelSizes
    tower: ClipTower
    projector: Projector
    language: JambaModel

    @staticmethod
    def create(sizes: ModelSizes, dtype: torch.dtype = FASTEST) -> WholeModel:
        """With starting weights."""
        return WholeModel(
            sizes,
            ClipTower(sizes.tower, dtype),
            Projector(sizes.tower.hidden_size, sizes.language.hidden_size, dtype),
            JambaModel(sizes.language, dtype),
        )


def language_config(sizes: ModelSizes, stored: str) -> dict:
    """config.json of the checkpoint. stored: "bfloat16" or "float32"."""
    return {
        "architectures": ["LlavaJambaForCausalLM"],
        "model_type": "llava_jamba",
        **{key: getattr(sizes.language, key) for key in _LANGUAGE_KEYS},
        "expert_layer_offset": 1,
        "expert_layer_period": 2,
        "num_experts": 1,
        "num_experts_per_tok": 1,
        "hidden_act": "silu",
        "mamba_conv_bias": True,
        "mamba_inner_layernorms": True,
        "mamba_proj_bias": False,
        "n_ctx": 262144,
        "tie_word_embeddings": False,
        "torch_dtype": stored,
        "use_cache": True,
        # The ids that build_tokenizer.py gives <|startoftext|>, <|endoftext|> and padding.
        "bos_token_id": 4,
        "eos_token_id": 5,
        "pad_token_id": 3,
        "mm_vision_tower": "./vision",
        "mm_hidden_size": sizes.tower.hidden_size,
        "mm_projector_type": "mlp2x_gelu",
        "mm_vision_select_layer": -1,
        "mm_vision_select_feature": "patch",
        "mm_patch_merge_type": "flat",
        "image_aspect_ratio": "pad",
        "resamplePooling": "2d",
        "use_mm_proj": True,
        "mm_use_im_start_end": False,
        "mm_use_im_patch_token": False,
        "tokenizer_padding_side": "right",
    }


def tower_config(sizes: TowerSizes) -> dict:
    """vision/config.json."""
    return {
        "architectures": ["CLIPVisionModel"],
        "model_type": "clip_vision_model",
        **{key: getattr(sizes, key) for key in _TOWER_KEYS},
        "num_channels": 3,
        "hidden_act": "quick_gelu",
        "torch_dtype": "float32",
    }


def preprocessor_config(sizes: TowerSizes) -> dict:
    """vision/preprocessor_config.json."""
    return {
        "crop_size": sizes.image_size,
        "do_center_crop": True,
        "do_convert_rgb": True,
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "feature_extractor_type": "CLIPFeatureExtractor",
        "image_mean": [sizes.image_mean] * 3,
        "image_std": [sizes.image_std] * 3,
        "resample": 3,
        "rescale_factor": 1 / 255,
        "size": sizes.image_size,
    }


def write_folder(folder: pathlib.Path, model: WholeModel, tokenizer: pathlib.Path | None,
                 stored: torch.dtype = torch.bfloat16) -> None:
    """Writes the folder; it may exist, and hold a tower alone.

    stored: type of the language weights and the projector (the tower is float32).
    Raises FileNotFoundError when the tokenizer is not there; None writes none.
    """
    _write_vision(folder / "vision", model.tower)
    (folder / SEEING_FILE).unlink(missing_ok=True)
    tensors = dict(model.language.state_dict())
    tensors |= {PROJECTOR_PREFIX + name: value for name, value in model.projector.state_dict().items()}
    _write_json(folder / "config.json", language_config(model.sizes, str(stored).removeprefix("torch.")))
    safetensors_file.write(folder / "model.safetensors", {name: value.to(stored) for name, value in tensors.items()})
    # Which templates and defaults `longlens convert` writes into the model.
    _write_json(folder / "longlens.json", {"preset": "tiny"})
    if tokenizer is not None:
        shutil.copyfile(tokenizer, folder / "tokenizer.model")


def _write_vision(folder: pathlib.Path, tower: ClipTower) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / "config.json", tower_config(tower.sizes))
    _write_json(folder / "preprocessor_config.json", preprocessor_config(tower.sizes))
    safetensors_file.write(folder / "model.safetensors", tower.state_dict())


def write_tower(folder: pathlib.Path, run: pathlib.Path, recipe: str, sizes: ModelSizes) -> None:
    """What stage 0 of a run has made, for begin.py, before there is a language model. Raises FileNotFoundError without it."""
    trained = load_tower(run, sizes)
    _write_vision(folder / "vision", trained.tower)
    seeing = {f"mm_projector.{name}": value for name, value in trained.projector.state_dict().items()}
    safetensors_file.write(folder / SEEING_FILE, seeing | {"embed_tokens.weight": trained.embeddings})
    _write_note(folder, run, {"recipe": recipe})


def read_tower(folder: pathlib.Path, sizes: TowerSizes) -> ClipTower:
    """The tower of such a folder. Raises ValueError when it has other sizes."""
    tower = ClipTower(_tower_sizes(folder), torch.float32)
    if tower.sizes != sizes:
        raise ValueError(f"{folder}: expected a tower of {sizes}, got {tower.sizes}")
    tower.load_state_dict(safetensors_file.read(folder / "vision" / "model.safetensors"))
    return tower


def _tower_sizes(folder: pathlib.Path) -> TowerSizes:
    tower, pictures = (_read_json(folder / "vision" / f"{name}.json") for name in ("config", "preprocessor_config"))
    return TowerSizes(**{key: tower[key] for key in _TOWER_KEYS}, image_mean=pictures["image_mean"][0],
                      image_std=pictures["image_std"][0])  # fmt: skip


def read_folder(folder: pathlib.Path, dtype: torch.dtype = torch.float32) -> WholeModel:
    """A model from such a folder, to compute in `dtype`. Raises when a tensor is missing, unknown or of another shape."""
    language = _read_json(folder / "config.json")
    sizes = ModelSizes(_tower_sizes(folder), LanguageSizes(**{key: language[key] for key in _LANGUAGE_KEYS}))
    model = WholeModel.create(sizes, dtype)
    tensors = {name: value.float() for name, value in safetensors_file.read(folder / "model.safetensors").items()}
    projector = {name: tensors.pop(name) for name in list(tensors) if name.startswith(PROJECTOR_PREFIX)}
    model.language.load_state_dict(tensors)
    model.projector.load_state_dict({name.removeprefix(PROJECTOR_PREFIX): value for name, value in projector.items()})
    model.tower.load_state_dict(safetensors_file.read(folder / "vision" / "model.safetensors"))
    return model


def from_run(run: pathlib.Path, language: pathlib.Path | None = None) -> WholeModel:
    """The newest language model of a run, with the tower it was trained on. Raises FileNotFoundError without one.

    language: another folder of checkpoints that were trained on the same tower.
    """
    folder = language or run / "language"
    file = checkpoint.latest(folder)
    if file is None:
        raise FileNotFoundError(f"a trained language model: expected a checkpoint in {folder}, found none")
    state = torch.load(file, map_location="cpu")
    sizes = ModelSizes.from_json(state["sizes"])
    model = WholeModel.create(sizes)
    weights: dict[str, Tensor] = state["modules"]["model"]
    model.tower.load_state_dict(load_tower(run, sizes).tower.state_dict())
    model.projector.load_state_dict(part(weights, "mm_projector."))
    model.language.load_state_dict(part(weights, "language."))
    return model


def write_training_note(folder: pathlib.Path, run: pathlib.Path) -> None:
    """What begin.py wants besides the weights, and the logs of the run, into the folder of its exported checkpoint."""
    language = checkpoint.read_counters(run / "language")
    progress = language["progress"]
    here = {"batches": progress["batches"], "phase_tokens": progress["tokens"]} if progress["tokens"] > 0 else {}
    _write_note(folder, run, {"recipe": language["recipe"], "phases": progress["phase"], **here, "tokens": progress["total_tokens"]})


def _write_note(folder: pathlib.Path, run: pathlib.Path, note: dict) -> None:
    tower = checkpoint.read_counters(run / "tower")
    _write_json(folder / TRAINING_FILE, note | {"images": tower["images"]})
    heads = {name: value.to(torch.bfloat16) for name, value in load_heads(run).items()}
    safetensors_file.write(folder / HEADS_FILE, heads)
    for log in run.glob("*.jsonl"):
        shutil.copyfile(log, folder / log.name)


def _write_json(file: pathlib.Path, values: dict) -> None:
    file.write_text(json.dumps(values, indent=1) + "\n", encoding="utf8")


def _read_json(file: pathlib.Path) -> dict:
    return json.loads(file.read_text(encoding="utf8"))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the official checkpoint folder of a run.")
    parser.add_argument("--run", type=pathlib.Path, required=True)
    parser.add_argument("--language", type=pathlib.Path, help="folder of checkpoints (default: those of the run)")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--tower", metavar="RECIPE", help="only what stage 0 of this recipe has made, to begin with")
    parser.add_argument("--float32", action="store_true", help="store float32 instead of bfloat16")
    arguments = parser.parse_args()
    if arguments.tower is not None:
        write_tower(arguments.out, arguments.run, arguments.tower, ModelSizes())
        return
    stored = torch.float32 if arguments.float32 else torch.bfloat16
    write_folder(arguments.out, from_run(arguments.run, arguments.language), TOKENIZER, stored)
    if arguments.language is None:
        write_training_note(arguments.out, arguments.run)


if __name__ == "__main__":
    main()
