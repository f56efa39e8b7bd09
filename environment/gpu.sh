# shellcheck shell=bash
# Sourced by common.sh: on a machine with an NVIDIA driver, sets up the engine's build for GPUs in the
# private environment. Where that cannot be had, one sentence says why and the CPU is used.

# CUDA 12 runs on drivers from this one on (NVIDIA, "CUDA compatibility", table 2).
oldest_driver=525.60.13
# The engine's own needs on the card, in MB; Compute.LEAST_FREE_BYTES says the same.
least_free=600
cuda_flavor=cu128

gpu=""             # yes: the GPU's engine is used
card=""            # name, driver and memory of the first card
card_fault=""      # why the CPU is used although there is a card, or one is asked for
torch_folder=""    # a libtorch of the user's own
torch_version=""
driver_folder=""   # of libcuda.so.1, where the system's loader does not know it

# Decides between the two engines, and sets up the GPU's. $1 is the library's class path. Sets gpu,
# card and card_fault, and exports what the engine reads.
choose_engine() {
  gpu="" card="" card_fault=""
  unset TINKER_CARD TINKER_CARD_FAULT
  [ "${TINKER_DEVICE:-}" != cpu ] || return 0
  if ! find_card; then
    if [ -z "$card_fault" ]; then
      [ "${TINKER_DEVICE:-}" = gpu ] || return 0
      card_fault="TINKER_DEVICE is gpu, but there is no NVIDIA driver here (no nvidia-smi)"
    fi
  elif set_up_gpu "$1"; then
    gpu=yes
  fi
  export TINKER_CARD="$card"
  if [ -n "$gpu" ]; then
    export_gpu
  else
    export TINKER_CARD_FAULT="$card_fault"
    say "the CPU is used: $card_fault"
  fi
}

# Sets card, card_driver and card_free from what the driver says of the first card. Fails without a
# word where there is no driver, and with card_fault where there is one that does not answer or cannot
# be asked.
find_card() {
  local line first patience=() which=()
  if ! command -v nvidia-smi >/dev/null; then
    # As in a container that is given the card to compute on and nothing to ask about it. Not told by
    # /proc/driver/nvidia, which containers without the card see as well.
    [ ! -e "${TINKER_DRIVER_FILE-/dev/nvidiactl}" ] ||
      fault "there is an NVIDIA driver here, but its program nvidia-smi is not on the path (in a container, NVIDIA_DRIVER_CAPABILITIES must include utility)"
    return 1
  fi
  # The card that CUDA counts as the first: nvidia-smi itself lists hidden ones too.
  first="${CUDA_VISIBLE_DEVICES-all}"
  first="${first%%,*}"
  case "$first" in
    "" | -1) fault "CUDA_VISIBLE_DEVICES is \"$CUDA_VISIBLE_DEVICES\", which hides every card" || return ;;
    all | MIG-*) ;;
    *) which=(-i "$first") ;;
  esac
  # A driver in trouble can let it wait for ever.
  if command -v timeout >/dev/null; then patience=(timeout 20); fi
  line="$(${patience[@]+"${patience[@]}"} nvidia-smi ${which[@]+"${which[@]}"} --format=csv,noheader,nounits \
    --query-gpu=driver_version,memory.total,memory.free,name 2>/dev/null)" ||
    fault "the NVIDIA driver here does not answer; nvidia-smi says: ${line%%$'\n'*}" || return
  line="${line%%$'\n'*}"
  [[ "$line" =~ ^([0-9.]+),\ *([0-9]+),\ *([0-9]+),\ *(.+)$ ]] ||
    fault "what nvidia-smi says of the card is not understood: ${line:-nothing}" || return
  card_driver="${BASH_REMATCH[1]}"
  card_free="${BASH_REMATCH[3]}"
  card="${BASH_REMATCH[4]}, driver $card_driver, ${BASH_REMATCH[2]} MB"
}

# True if version $1 is at least version $2, number by number.
at_least() {
  local have want i
  IFS=. read -r -a have <<<"$1"
  IFS=. read -r -a want <<<"$2"
  for i in "${!want[@]}"; do
    [ "$((10#${have[i]:-0}))" -eq "$((10#${want[i]}))" ] || {
      [ "$((10#${have[i]:-0}))" -gt "$((10#${want[i]}))" ]
      return
    }
  done
}

fault() {
  card_fault="$1"
  return 1
}

set_up_gpu() {
  local platform
  platform="$(uname -s)-$(uname -m)"
  [ "$platform" = Linux-x86_64 ] ||
    fault "there is $card, but no build of the engine for GPUs on $platform" || return
  at_least "$card_driver" "$oldest_driver" ||
    fault "the driver $card_driver is too old for CUDA 12, which needs $oldest_driver or newer" || return
  [ "$card_free" -ge "$least_free" ] ||
    fault "the card is full: of $card only $card_free MB are free, and $least_free are needed" || return
  find_driver_library || return
  torch_version="$(printf '%s' "$1" | tr ':' '\n' | sed -n 's|.*/pytorch-jni-\([0-9.]*\)-.*|\1|p')"
  if [ -n "${TINKER_LIBTORCH:-}" ]; then
    local_torch || return
  else
    fetch_torch "$1" || return
  fi
  link_runtime || return
  probe "$1"
}

# The driver's library, which every build for GPUs loads.
find_driver_library() {
  local folder
  driver_folder=""
  if (ldconfig -p || /sbin/ldconfig -p) 2>/dev/null | grep 'libcuda\.so\.1 ' >/dev/null; then return; fi
  local IFS=:
  for folder in ${LD_LIBRARY_PATH:-} ${TINKER_DRIVER_FOLDERS-/usr/lib/wsl/lib:/usr/local/nvidia/lib64:/run/opengl-driver/lib:/usr/lib64:/usr/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu/nvidia/current}; do
    if [ -e "$folder/libcuda.so.1" ]; then
      driver_folder="$folder"
      return
    fi
  done
  fault "there is $card, but its driver's library libcuda.so.1 is not found; put its folder into LD_LIBRARY_PATH"
}

# Where the engine keeps a build.
torch_cache() { echo "$DJL_CACHE_DIR/pytorch/$torch_version-$cuda_flavor-linux-x86_64"; }

# Brings PyTorch's libraries, once. What is there already is left alone.
fetch_torch() {
  local folder why
  torch_folder=""
  folder="$(torch_cache)"
  [ ! -e "$folder/libtorch.so" ] || return 0
  say "found $card: setting up PyTorch $torch_version for CUDA, once (TINKER_DEVICE=cpu declines)"
  why="$(gpu_java "$1" fetch "$folder")" || fault "${why:-the download of PyTorch for CUDA failed}"
}

# A libtorch that is here already: sets torch_folder, checks that it is one that serves.
local_torch() {
  local version flavor
  torch_folder="$TINKER_LIBTORCH"
  read -r version flavor < <(torch_build "$torch_folder")
  case "$flavor" in
    cu*) ;;
    *) fault "TINKER_LIBTORCH is PyTorch $version for $flavor, not for CUDA" || return ;;
  esac
  if [ -e "$torch_folder/libdjl_torch.so" ] ||
    compgen -G "$DJL_CACHE_DIR/pytorch/$version-$flavor-linux-x86_64/*libdjl_torch.so" >/dev/null; then
    # A binding made for just this build.
    torch_version="$version" cuda_flavor="$flavor"
  elif [ "$version" != "$torch_version" ]; then
    fault "TINKER_LIBTORCH is PyTorch $version; the engine here works with $torch_version alone"
  fi
}

# Prints version and flavor of the libtorch in $1: what the user says, else what the archive from
# pytorch.org (build-version) or the Python package (version.py) says: 2.7.1+cu128.
torch_build() {
  local said=""
  if [ -n "${PYTORCH_VERSION:-}" ] && [ -n "${PYTORCH_FLAVOR:-}" ]; then
    said="$PYTORCH_VERSION+$PYTORCH_FLAVOR"
  elif [ -f "$1/../build-version" ]; then
    said="$(head -n 1 "$1/../build-version")"
  elif [ -f "$1/../version.py" ]; then
    said="$(sed -n "s/^__version__ *= *['\"]\(.*\)['\"].*/\1/p" "$1/../version.py" | head -n 1)"
  fi
  [[ "$said" =~ ^([0-9]+\.[0-9]+\.[0-9]+)\+([a-z0-9]+)$ ]] || return 1
  echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
}

# Java finds the CUDA runtime by the name libcudart.so only, which no build has: makes it a link.
link_runtime() {
  local found folder
  for folder in "${torch_folder:-$(torch_cache)}" "$torch_folder"/../../nvidia/*/lib \
    "${CUDA_HOME:-/usr/local/cuda}/lib64"; do
    found="$(find "$folder/" -maxdepth 1 -name 'libcudart*.so*' 2>/dev/null | LC_ALL=C sort | head -n 1)"
    if [ -n "$found" ]; then
      mkdir -p "$private/cuda"
      ln -sfn "$(cd "$(dirname "$found")" && pwd -P)/${found##*/}" "$private/cuda/libcudart.so"
      return
    fi
  done
  fault "the CUDA runtime (libcudart.so) is not found beside PyTorch's libraries in ${torch_folder:-$(torch_cache)}"
}

# Trains a small network on the card, once for each card, driver and build; what came of it is kept.
probe() {
  local key why
  key="$card_driver ${card%, *} $torch_version $cuda_flavor $torch_folder ${CUDA_VISIBLE_DEVICES:-}"
  if done_for gpu "$key"; then return; fi
  if done_for gpu-fault "$key"; then
    fault "$(cat "$private/gpu-fault") (rm $private/done/gpu-fault to try again)"
    return
  fi
  # Exact whatever is asked for: with TF32 the numbers would not be the CPU's.
  why="$(export TINKER_CARD="$card" TINKER_TF32=0 && export_gpu && gpu_java "$1" probe)" && mark gpu "$key" && return
  why="${why:-the trial on $card ended without a word}"
  printf '%s\n' "$why" >"$private/gpu-fault"
  # A card that is full may be empty soon.
  case "$why" in *"card is full"*) ;; *) mark gpu-fault "$key" ;; esac
  fault "$why"
}

# Runs the library's program for this, without the CPU's engine on its class path. Its standard output
# is one sentence, and empty if all is well.
gpu_java() {
  local path
  path="$(without_cpu_engine "$1")"
  shift
  (gpu=yes && become_java "$path" tinker.notebook.GpuSetup "$@")
}

# A class path without the engine's build for CPUs, which would keep everything on the CPU.
without_cpu_engine() {
  printf '%s' "$1" | tr ':' '\n' | grep -v '/pytorch-native-cpu-[^/]*$' | tr '\n' ':' | sed 's/:$//'
}

# What the engine reads. TF32 rounds the factors of a product to ten bits; PyTorch lets cuDNN do so
# by default, the numbers here are to be the CPU's unless asked otherwise.
export_gpu() {
  export PYTORCH_VERSION="$torch_version" PYTORCH_FLAVOR="$cuda_flavor"
  if [ -n "$torch_folder" ]; then export PYTORCH_LIBRARY_PATH="$torch_folder"; fi
  # Cards in nvidia-smi's order; and the same numbers from the same call (cuBLAS, "Results
  # reproducibility"), which several checks rely on.
  export CUDA_DEVICE_ORDER="${CUDA_DEVICE_ORDER:-PCI_BUS_ID}"
  export CUBLAS_WORKSPACE_CONFIG="${CUBLAS_WORKSPACE_CONFIG:-:4096:2}"
  if [ -n "$driver_folder" ]; then
    export LD_LIBRARY_PATH="$driver_folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
  fi
  if [ "${TINKER_TF32:-0}" = 1 ]; then
    unset NVIDIA_TF32_OVERRIDE
    export TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1
  else
    unset TORCH_ALLOW_TF32_CUBLAS_OVERRIDE
    export NVIDIA_TF32_OVERRIDE=0
  fi
}
