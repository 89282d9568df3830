"""The official word on one .onnx file: onnx.checker with full checks, then strict shape inference.

Exit code 0 when it is valid, 1 with the reason when it is not, 3 when the onnx package here is missing or too old for the file format.
"""

import sys

try:
    import onnx
except ImportError:
    sys.exit(3)

OLDEST = 10  # the file format (IR version) that Cclm.Export writes
STANDARD = {"", "ai.onnx", "ai.onnx.ml"}  # the domains whose operators the checker knows


def check(path):
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path)
    strict = all(opset.domain in STANDARD for opset in model.opset_import)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=strict)


if onnx.IR_VERSION < OLDEST:
    sys.exit(3)
for path in sys.argv[1:]:
    try:
        check(path)
    except Exception as error:
        sys.exit(f"{path}: {type(error).__name__}: {error}")
