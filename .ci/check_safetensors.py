"""The format's own library on weights of ours, and a file of its own for ours to read.

check_safetensors.py SOURCE TARGET: reads SOURCE, writes its tensors and others of every NumPy type to TARGET, and prints
what both hold as JSON, as `cclm inspect --json` does.
"""

import hashlib
import json
import sys

import numpy
from safetensors import safe_open
from safetensors.numpy import save_file

TYPES = {"float64": "F64", "float32": "F32", "float16": "F16", "int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8", "uint8": "U8",
         "uint16": "U16", "uint32": "U32", "uint64": "U64", "bool": "BOOL"}


def summary(path):
    with safe_open(path, "numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        metadata = file.metadata() or {}
    return tensors, {"metadata": metadata, "tensors": [
        {"name": name, "dType": TYPES[str(tensors[name].dtype)], "shape": list(tensors[name].shape), "sha256": hashlib.sha256(tensors[name].tobytes()).hexdigest()}
        for name in sorted(tensors)]}


source, target = sys.argv[1:]
tensors, ours = summary(source)
for dtype in TYPES:
    tensors[f"any.{dtype}"] = numpy.arange(6).astype(dtype).reshape(2, 3)
tensors["empty"], tensors["scalar"] = numpy.zeros((0, 3), "float32"), numpy.array(2.5)
save_file(tensors, target, metadata={"format": "np", "Ω \"quoted\"": "line\nbreak"})
print(json.dumps({"ours": ours, "theirs": summary(target)[1]}))
