#!/usr/bin/env bash
# Trains the reference model, and one of ten times the weights, beside PyTorch on one card, in turns.
#
#   gpu.sh publish [FOLDER]     where the .NET SDK is: writes what the other machine needs, all but libtorch (artifacts/gpu/bench)
#   FOLDER/gpu.sh [OPTION]...   where the card is, with a Python that has PyTorch for CUDA, and no .NET
#
#   --python COMMAND    starts that Python (python3)
#   --device cpu        without a card, to try the script
#   --libtorch FOLDER   takes libtorch from there, not from that Python
#   --any-libtorch      tries that Python's libtorch although its version is another
#   --size one ten, --rows N..., --steps N, --rounds N   as 'compare --only train' has them; both sizes where nothing is said
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    printf 'gpu.sh: %s\n' "$*" >&2
    exit 1
}

if [[ ${1-} == publish ]]; then
    built=$here/../../artifacts/gpu
    folder=$(realpath -m "${2-$built/bench}")
    dotnet publish "$here/.." -c Release -r linux-x64 --self-contained -p:CclmTorch=false --artifacts-path "$built/build" -o "$folder"
    cp "$0" "$folder"
    sed -nE 's:.*<(TorchSharp|LibTorch)Version>([^<]+)<.*:\2:p' "$here/../../Directory.Packages.props" >"$folder/versions.txt"
    echo "$folder: $(du -sh "$folder" | cut -f1). Carry it over, and run its gpu.sh there."
    exit
fi

device=cuda python=python3 libtorch='' any='' options=() sizes=(--size one ten)
while (($#)); do
    case $1 in
        --device | --python | --libtorch) declare "${1#--}=${2?"$1 wants a value"}" && shift ;;
        --any-libtorch) any=1 ;;
        --size) sizes=() && options+=("$1") ;;
        *) options+=("$1") ;;
    esac
    shift
done
[[ -x $here/Cclm.Benchmarks ]] || fail "there is no Cclm.Benchmarks beside it; 'gpu.sh publish' makes a folder that has one."

{ read -r torchsharp && read -r wanted; } <"$here/versions.txt"
said=$($python -c 'import torch; print(torch.__version__, torch.version.cuda, torch.__path__[0] + "/lib")') || fail "'$python' has no PyTorch."
read -r version cuda lib <<<"$said"
if [[ -z $libtorch ]]; then
    libtorch=$lib
    if [[ -z $any && $(cut -d. -f1,2 <<<"$version") != $(cut -d. -f1,2 <<<"$wanted") ]]; then
        fail "PyTorch is $version here, and TorchSharp $torchsharp is built against libtorch $wanted: their binary interfaces may differ." \
            "Install torch==${wanted%.*}.*, name another libtorch with --libtorch, or try this one with --any-libtorch."
    fi
fi
[[ -e $libtorch/libtorch.so ]] || fail "there is no libtorch.so in $libtorch."

# Only ours is to look there: PyTorch finds its own.
ours() {
    LD_LIBRARY_PATH=$libtorch${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} "$here/Cclm.Benchmarks" compare "$@"
}
# Each name that is not there, before anything runs; a libstdc++ that is too old is seen to when it loads.
missing=$(LD_LIBRARY_PATH=$libtorch${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} ldd -r "$here/libLibTorchSharp.so" 2>&1 | grep -E 'undefined symbol.*LibTorchSharp|not found' | grep -v GLIBCXX_ || true)
[[ -z $missing ]] || fail "TorchSharp $torchsharp does not fit the libtorch in $libtorch:"$'\n'"$(head -n 5 <<<"$missing")"
ours --as train --device "$device" --precision Float32 --rows 1 --steps 1 >/dev/null || fail "no step could be trained on '$device'."

if [[ $device == cuda ]]; then
    echo "$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader | head -n 1) (driver), CUDA $cuda"
fi
echo "PyTorch $version; TorchSharp $torchsharp, built against libtorch $wanted, on that of $libtorch"
ours --only train --device "$device" --python "env LD_LIBRARY_PATH=${LD_LIBRARY_PATH-} $python" "${sizes[@]}" "${options[@]}"
