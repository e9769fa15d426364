"""Reading and writing safetensors: 8 bytes header length (little-endian), a JSON header, the raw numbers."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Mapping

import torch
from torch import Tensor

_NAMES = {torch.float32: "F32", torch.bfloat16: "BF16", torch.float16: "F16", torch.int64: "I64"}
_TYPES = {name: dtype for dtype, name in _NAMES.items()}


def write(file: pathlib.Path, tensors: Mapping[str, Tensor]) -> None:
    """Writes the tensors in their own types, in the given order; the file appears whole or not at all."""
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + size],
        }
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the numbers begin at a multiple of eight
    partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
    with open(partial, "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            # NumPy knows no bfloat16: its bits pass as int16.
            plain = tensor.detach().cpu().contiguous()
            out.write((plain.view(torch.int16) if plain.dtype == torch.bfloat16 else plain).numpy().tobytes())
    os.replace(partial, file)


def read(file: pathlib.Path) -> dict[str, Tensor]:
    """All tensors of the file."""
    with open(file, "rb") as data:
        header = json.loads(data.read(int.from_bytes(data.read(8), "little")))
        body = bytearray(data.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        dtype = _TYPES[entry["dtype"]]
        size = torch.empty(0, dtype=dtype).element_size()
        values = torch.frombuffer(body, dtype=dtype, count=(end - begin) // size, offset=begin)
        tensors[name] = values.view(entry["shape"])
    return tensors
