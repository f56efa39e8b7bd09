# shellcheck shell=bash
# Shared by the commands beside it, which source it: finds or installs the tools, makes the private
# environment in environment/.lab, and describes the Java kernel. Needs bash 3.2 (macOS has no newer).

set -euo pipefail
unset CDPATH
environment="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
root="$(dirname "$environment")"
private="$environment/.lab"
venv="$private/venv"
wanted_java=17
wanted_python=3.10

say() { printf 'tinker: %s\n' "$*" >&2; }

fail() {
  say "$@"
  exit 1
}

# ---- tools -----------------------------------------------------------------------------------

# Prints the feature version (17, 25, ...) of the JDK in folder $1; fails if it is no JDK.
jdk_version() {
  [ -n "$1" ] && [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 1
  local version
  version="$(sed -n 's/^JAVA_VERSION="\([^"]*\)".*/\1/p' "$1/release" 2>/dev/null || true)"
  [ -n "$version" ] || version="$("$1/bin/javac" -version 2>&1 | sed -n 's/^javac //p')"
  version="${version#1.}"
  version="${version%%[!0-9]*}"
  [ -n "$version" ] && printf '%s\n' "$version"
}

# Prints the folder of the JDK that the java program $1 belongs to.
home_of() {
  local program="$1" link
  while [ -L "$program" ]; do
    link="$(readlink "$program")"
    case "$link" in
      /*) program="$link" ;;
      *) program="$(dirname "$program")/$link" ;;
    esac
  done
  (cd "$(dirname "$program")/.." && pwd -P)
}

# Sets JAVA_HOME to a JDK that is new enough: TINKER_JAVA (its folder or its java), JAVA_HOME, the
# java on the path, then the places where systems keep them.
find_java() {
  local version home
  if [ -n "${TINKER_JAVA:-}" ]; then
    home="$TINKER_JAVA"
    if [ -x "$home" ] && [ ! -d "$home" ]; then home="$(home_of "$home")"; fi
    version="$(jdk_version "$home" || echo 0)"
    [ "$version" -ge "$wanted_java" ] ||
      fail "TINKER_JAVA is $TINKER_JAVA; it must name a JDK $wanted_java or newer (its folder, or its java)."
    use_java "$home" "$version"
    return
  fi
  for home in "${JAVA_HOME:-}" \
    "$(home_of "$(command -v java || echo /none/bin/java)" 2>/dev/null || true)" \
    /usr/lib/jvm/* \
    "$(/usr/libexec/java_home -v "$wanted_java+" 2>/dev/null || true)" \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    version="$(jdk_version "$home" || echo 0)"
    if [ "$version" -ge "$wanted_java" ]; then
      use_java "$home" "$version"
      return
    fi
  done
  return 1
}

use_java() {
  JAVA_HOME="$(cd "$1" && pwd -P)"
  java_version="$2"
  export JAVA_HOME
}

# Sets python to one that is new enough and can make environments.
find_python() {
  local candidate
  for candidate in ${TINKER_PYTHON:+"$TINKER_PYTHON"} python3 /usr/bin/python3 \
    python3.14 python3.13 python3.12 python3.11 python3.10; do
    if "$candidate" -c 'import sys, venv, ensurepip
wanted = tuple(map(int, sys.argv[1].split(".")))
sys.exit(sys.version_info[:2] < wanted)' "$wanted_python" 2>/dev/null; then
      python="$(command -v "$candidate")"
      return
    fi
    [ "$candidate" != "${TINKER_PYTHON:-}" ] ||
      fail "TINKER_PYTHON is $candidate; it must be Python $wanted_python or newer with the modules venv and ensurepip."
  done
  return 1
}

# Fails where Node.js is missing or too old for the driver of the browser, or npm is.
find_node() {
  command -v npm >/dev/null &&
    node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null
}

# Sets chromium to the browser.
find_chromium() {
  local candidate
  for candidate in ${TINKER_CHROMIUM:+"$TINKER_CHROMIUM"} chromium chromium-browser google-chrome \
    "/Applications/Chromium.app/Contents/MacOS/Chromium" \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if command -v "$candidate" >/dev/null; then
      # shellcheck disable=SC2034  # browse uses it
      chromium="$(command -v "$candidate")"
      return
    fi
    [ "$candidate" != "${TINKER_CHROMIUM:-}" ] ||
      fail "TINKER_CHROMIUM is $candidate; it must name the program of Chromium or Chrome."
  done
  return 1
}

find_browser() { find_node && find_chromium; }

# Prints one word for each part of the browser's check that is missing: chromium, node.
missing_browser() {
  find_chromium || echo chromium
  find_node || echo node
}

# Prints one word for each tool that is missing: jdk, maven, python.
missing_tools() {
  find_java || echo jdk
  command -v mvn >/dev/null || echo maven
  # An environment made before needs no other Python.
  [ -x "$venv/bin/python" ] || find_python || echo python
}

# Finds the tools, installing what is missing where the system has a package manager we know.
need_tools() {
  local missing
  missing="$(missing_tools | tr '\n' ' ')"
  if [ -n "$missing" ]; then
    install_packages "$missing"
    hash -r
    missing="$(missing_tools | tr '\n' ' ')"
    [ -z "$missing" ] || fail "still missing after the installation: $missing"
  fi
  find_java
}

# Installs the packages for the words in $1 (jdk, maven, python, chromium, node), saying so.
install_packages() {
  say "missing here: $1"
  if command -v apt-get >/dev/null; then
    apt_install "$1"
  elif command -v brew >/dev/null; then
    local packages
    packages="$(package_names "$1" openjdk@21 maven python@3.13 chromium node)"
    say "installing with Homebrew: $packages"
    # shellcheck disable=SC2086  # a list of words
    brew install $packages
  else
    explain_packages "$1"
    exit 1
  fi
}

# package_names WORDS JDK MAVEN PYTHON CHROMIUM NODE: this system's names for the words.
package_names() {
  local word
  for word in $1; do
    case "$word" in
      jdk) printf '%s ' "$2" ;;
      maven) printf '%s ' "$3" ;;
      python) printf '%s ' "$4" ;;
      chromium) printf '%s ' "$5" ;;
      node) printf '%s ' "$6" ;;
    esac
  done
}

explain_packages() {
  say "please install, in whatever way this system has, and run this again:"
  case " $1 " in *" jdk "*) say "  - a JDK $wanted_java or newer (https://adoptium.net), on the path or named by JAVA_HOME" ;; esac
  case " $1 " in *" maven "*) say "  - Maven 3.6.3 or newer (https://maven.apache.org), its mvn on the path" ;; esac
  case " $1 " in *" python "*) say "  - Python $wanted_python or newer with venv (https://www.python.org), its python3 on the path" ;; esac
  case " $1 " in *" chromium "*) say "  - Chromium" ;; esac
  case " $1 " in *" node "*) say "  - Node.js 18 or newer, with npm" ;; esac
}

apt_install() {
  local administrator="" packages
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
      explain_packages "$1"
      packages="$(package_names "$1" "$(apt_jdk)" maven "python3 python3-venv" chromium "nodejs npm")"
      fail "here that is, as administrator: apt-get install $packages"
    fi
    administrator=sudo
  fi
  say "updating the list of packages (apt-get update${administrator:+, with sudo})"
  $administrator apt-get update -q >/dev/null
  packages="$(package_names "$1" "$(apt_jdk)" maven "python3 python3-venv" chromium "nodejs npm")"
  say "installing with apt-get${administrator:+ and sudo}: $packages"
  # shellcheck disable=SC2086  # a list of words
  $administrator env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends $packages >/dev/null
}

# The JDK that this Debian or Ubuntu has; the headless one lacks nothing that we use but a font.
apt_jdk() {
  local version
  for version in 21 17 25; do
    if [ -n "$(apt-cache madison "openjdk-$version-jdk-headless" 2>/dev/null)" ]; then
      echo "openjdk-$version-jdk-headless fontconfig fonts-dejavu-core"
      return
    fi
  done
  echo "default-jdk-headless fontconfig fonts-dejavu-core"
}

# shellcheck source=environment/gpu.sh
source "$environment/gpu.sh"

# ---- settings --------------------------------------------------------------------------------

# Refuses wrong settings here, where they are written, rather than in a notebook.
check_settings() {
  [[ "${TINKER_HEAP:-1g}" =~ ^[1-9][0-9]*[kmgKMG]$ ]] ||
    fail "TINKER_HEAP is \"$TINKER_HEAP\"; it must be a number with k, m or g, such as 4g."
  [[ "${TINKER_THREADS:-1}" =~ ^[1-9][0-9]*$ ]] ||
    fail "TINKER_THREADS is \"$TINKER_THREADS\"; it must be a whole number from 1."
  [[ "${TINKER_DEVICE:-cpu}" =~ ^(cpu|gpu)$ ]] ||
    fail "TINKER_DEVICE is \"$TINKER_DEVICE\"; it must be cpu or gpu."
  [[ "${TINKER_TF32:-0}" =~ ^[01]$ ]] ||
    fail "TINKER_TF32 is \"$TINKER_TF32\"; it must be 0 or 1."
  if [ -n "${TINKER_LIBTORCH:-}" ]; then check_libtorch; fi
  [[ "${TINKER_RUN_MODE:-full}" =~ ^(full|quick)$ ]] ||
    fail "TINKER_RUN_MODE is \"$TINKER_RUN_MODE\"; it must be full or quick."
  if [ -n "${TINKER_MIRROR:-}" ]; then
    [ -d "$TINKER_MIRROR" ] || fail "TINKER_MIRROR is \"$TINKER_MIRROR\"; there is no such folder."
    TINKER_MIRROR="$(cd "$TINKER_MIRROR" && pwd -P)"
    export TINKER_MIRROR
  fi
  # Kernels work in the folders of their notebooks, where a relative path would be another one.
  local name
  for name in TINKER_CACHE TINKER_RUNS; do
    case "${!name:-}" in "" | /*) ;; *) export "$name=$PWD/${!name}" ;; esac
  done
}

# Refuses a TINKER_LIBTORCH that is none, or that does not say which PyTorch it is.
check_libtorch() {
  local folder="$TINKER_LIBTORCH"
  if [ ! -e "$folder/libtorch.so" ] && [ -e "$folder/lib/libtorch.so" ]; then folder="$folder/lib"; fi
  [ -e "$folder/libtorch.so" ] ||
    fail "TINKER_LIBTORCH is \"$TINKER_LIBTORCH\"; it must name the folder of PyTorch's libtorch.so."
  TINKER_LIBTORCH="$(cd "$folder" && pwd -P)"
  torch_build "$TINKER_LIBTORCH" >/dev/null ||
    fail "TINKER_LIBTORCH is \"$TINKER_LIBTORCH\", and no file beside it says which PyTorch it is; set PYTORCH_VERSION (such as 2.7.1) and PYTORCH_FLAVOR (such as cu128) as well."
}

# Training shares a batch out among the cores, which is faster than sharing out each operation.
threads() {
  echo "${TINKER_THREADS:-1}"
}

# The options of every Java program here, one a line: memory, threads, silence.
java_options() {
  # A share of the memory leaves room for tensors, which live outside Java's heap.
  if [ -n "${TINKER_HEAP:-}" ]; then echo "-Xmx$TINKER_HEAP"; else echo "-XX:MaxRAMPercentage=40"; fi
  echo "-Djava.awt.headless=true"
  echo "-Dfile.encoding=UTF-8"
  echo "-Dai.djl.pytorch.num_threads=$(threads)"
  echo "-Dai.djl.pytorch.num_interop_threads=1"
  echo "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
  # Where native code is unpacked; the default is in the user's home.
  echo "-Djna.tmpdir=$private/jna"
  echo "-Djava.util.logging.config.file=$environment/logging.properties"
  if [ -n "$gpu" ]; then echo "-Djna.library.path=$private/cuda"; fi
  # Newer JDKs warn of native code and of old memory access unless told that both are wanted.
  if [ "$java_version" -ge 22 ]; then echo "--enable-native-access=ALL-UNNAMED"; fi
  if [ "$java_version" -ge 23 ]; then echo "--sun-misc-unsafe-memory-access=allow"; fi
}

# become_java CLASS_PATH PROGRAM ARGUMENT...: goes on as that program, with these options.
become_java() {
  local options=() option
  # As Python does: without a language Java reads arguments and names of files as ASCII.
  if [ -z "${LC_ALL:-}${LC_CTYPE:-}${LANG:-}" ]; then export LC_CTYPE=C.UTF-8; fi
  while read -r option; do options+=("$option"); done < <(java_options)
  exec "$JAVA_HOME/bin/java" "${options[@]}" -cp "$@"
}

# What the engine and the loaders read from the environment; the engine fetches and reports nothing.
engine_environment() {
  mkdir -p "$private/jna"
  export DJL_CACHE_DIR="$private/djl" DJL_OFFLINE=true OPT_OUT_TRACKING=true
  # Where notebook 23 finds Apache Spark, or has it fetched to.
  export TINKER_SPARK="$private/spark"
  # Real data that notebooks fetch; one folder for several checkouts saves fetching it again.
  export TINKER_CACHE="${TINKER_CACHE:-$private/cache}"
  OMP_NUM_THREADS="$(threads)"
  export OMP_NUM_THREADS
  keep_freed_memory
}

# A training step frees hundreds of tensors and asks for the same sizes again. glibc would hand large
# ones back to the system in between, and the system clear them anew: a tenth to a fifth of a step.
# And it would keep small pieces back for each thread, which lie between the tensors and break up the
# room that they leave. Other systems ignore these settings.
keep_freed_memory() {
  export MALLOC_TOP_PAD_="${MALLOC_TOP_PAD_:-67108864}"
  export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-4294967296}"
  export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-4294967296}"
  export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.tcache_count=0}"
}

# ---- the private environment -----------------------------------------------------------------

# hash_of PATH...: one hash of the names and contents of all files, given relative to the checkout.
hash_of() {
  local sum=sha256sum
  command -v sha256sum >/dev/null || sum="shasum -a 256"
  # shellcheck disable=SC2086  # a command and its options
  (cd "$root" && find "$@" -type f -print | LC_ALL=C sort | tr '\n' '\0' | xargs -0 $sum) | $sum | cut -c 1-16
}

# Each step is done once for its inputs: done_for STEP KEY asks, mark STEP KEY notes.
done_for() { [ "$(cat "$private/done/$1" 2>/dev/null || true)" = "$2" ]; }

mark() {
  mkdir -p "$private/done"
  printf '%s\n' "$2" >"$private/done/$1"
}

# Keeps two commands from making the environment at once; the later one waits.
lock() {
  mkdir -p "$private"
  [ -w "$private" ] ||
    fail "$private cannot be written to, it belongs to another user; delete it, or make it yours with chown."
  local owner told="" unsigned=0
  until mkdir "$private/lock" 2>/dev/null; do
    if [ ! -d "$private/lock" ]; then
      # Given back just now, or it cannot be made at all, as on a full disk.
      mkdir "$private/lock" && break
      [ -d "$private/lock" ] || fail "$private/lock cannot be made; mkdir says why above."
    fi
    owner="$(cat "$private/lock/owner" 2>/dev/null || true)"
    if [ -n "$owner" ]; then unsigned=0; else unsigned=$((unsigned + 1)); fi
    # Whoever took it has ended, or ended before it could sign, which it does at once.
    if [ "$unsigned" -gt 3 ] || { [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; }; then
      rm -rf "$private/lock"
      continue
    fi
    [ -n "$told" ] || [ -z "$owner" ] || say "waiting for another run that prepares $private"
    told="$owner"
    sleep 1
  done
  trap unlock EXIT
  echo $$ >"$private/lock/owner"
}

unlock() {
  rm -rf "$private/lock"
  trap - EXIT
}

# Jupyter and the kernel, at the versions and hashes of requirements.txt, in $venv.
make_venv() {
  # Programs in it name its folder, so a checkout that was moved needs a new one.
  local key
  key="$(hash_of environment/requirements.txt) $venv"
  if done_for venv "$key" && "$venv/bin/python" -c '' 2>/dev/null; then return; fi
  find_python || fail "Python $wanted_python or newer with venv is missing."
  say "installing JupyterLab and the Java kernel into $venv (a minute, about 350 MB)"
  rm -rf "$venv" "$private/done/venv"
  "$python" -m venv "$venv" || fail "Python's environment $venv could not be made; Python says why above."
  # Settings of pip that would put things elsewhere make no sense here; mirrors and proxies do.
  env -u PIP_TARGET -u PIP_PREFIX -u PIP_ROOT -u PIP_NO_DEPS PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 \
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes \
    -r "$environment/requirements.txt" || fail "JupyterLab could not be installed; pip says why above."
  mark venv "$key"
}

# Runs a command in the checkout and shows what it says only if it fails.
quietly() {
  (cd "$root" && "$@") >"$private/build.log" 2>&1 || {
    cat "$private/build.log" >&2
    return 1
  }
}

# The library and all that it needs, as jars in $private/classpath that no later build changes, so
# that kernels that run go on.
build_library() {
  local key folder="$private/classpath" new
  key="$(hash_of pom.xml lib/pom.xml lib/src/main data)"
  if done_for library "$key" && [ -f "$folder/tinker-$key.jar" ]; then return; fi
  say "building the library (the first time Maven fetches about 250 MB)"
  new="$private/new-classpath"
  rm -rf "$new"
  quietly mvn -B -q -ntp -Dmaven.test.skip=true package dependency:copy-dependencies \
    -DincludeScope=runtime "-DoutputDirectory=$new" || fail "the library does not build; Maven says why above."
  mkdir -p "$folder"
  (cd "$new" && ls ./*.jar) >"$folder/list.new"
  local jar
  for jar in "$new"/*.jar; do
    cmp -s "$jar" "$folder/${jar##*/}" || mv -f "$jar" "$folder/"
  done
  rm -rf "$new"
  cp "$root/lib/target/tinker.jar" "$folder/new.jar"
  mv -f "$folder/new.jar" "$folder/tinker-$key.jar"
  printf './tinker-%s.jar\n' "$key" >>"$folder/list.new"
  mv -f "$folder/list.new" "$folder/list"
  # Three builds are kept for kernels that still use them.
  # shellcheck disable=SC2012  # the names are ours
  (cd "$folder" && ls -t tinker-*.jar | tail -n +4 | tr '\n' '\0' | xargs -0 rm -f)
  mark library "$key"
}

# Apache Spark, which notebook 23 alone needs, as jars in $private/spark.
fetch_spark() {
  local key folder="$private/spark"
  key="$(spark_key)"
  if done_for spark "$key" && [ -d "$folder" ]; then return; fi
  say "fetching Apache Spark for notebook 23 (once, about 150 MB)"
  rm -rf "$folder.new"
  quietly mvn -B -q -ntp -Dstyle.color=never -f environment/spark.xml dependency:copy-dependencies \
    -DincludeScope=runtime "-DoutputDirectory=$folder.new" || fail "Apache Spark could not be fetched; Maven says why above."
  rm -rf "$folder"
  mv "$folder.new" "$folder"
  mark spark "$key"
}

spark_key() { hash_of pom.xml environment/spark.xml; }

# In a shell of its own, since a failure must not end what calls it.
have_spark() (
  lock
  fetch_spark
  unlock
)

# All jars of the library as a class path, library first.
all_jars() {
  local jar path=""
  while read -r jar; do
    path="$private/classpath/${jar#./}${path:+:$path}"
  done <"$private/classpath/list"
  echo "$path"
}

# The class path of kernels, with the engine that was chosen.
class_path() {
  if [ -n "$gpu" ]; then without_cpu_engine "$(all_jars)"; else all_jars; fi
}

# Tells Jupyter of the kernel "Java (tinker)", within the private environment only. What the kernel
# reads from the environment is set before.
describe_kernel() {
  java_options | "$venv/bin/python" "$environment/describe_kernel.py" \
    "$environment/kernel.json" "$venv/share/jupyter" "$JAVA_HOME/bin/java" "$(class_path)"
}

# Nothing of Jupyter's lies outside the private environment, nor does anything outside come in.
jupyter_environment() {
  local state="${TINKER_JUPYTER:-$private/jupyter}"
  export JUPYTER_CONFIG_DIR="$state/config" JUPYTER_DATA_DIR="$state/data"
  export JUPYTER_RUNTIME_DIR="$state/runtime" IPYTHONDIR="$state/ipython"
  export JUPYTERLAB_SETTINGS_DIR="$state/settings" JUPYTERLAB_WORKSPACES_DIR="$state/workspaces"
  export JUPYTER_PREFER_ENV_PATH=1 JUPYTER_PLATFORM_DIRS=0 PYTHONNOUSERSITE=1
  unset JUPYTER_PATH JUPYTER_CONFIG_PATH JUPYTERLAB_DIR PYTHONPATH PYTHONHOME VIRTUAL_ENV
  mkdir -p "$JUPYTER_CONFIG_DIR" "$JUPYTER_DATA_DIR" "$JUPYTER_RUNTIME_DIR" "$IPYTHONDIR" \
    "$venv/share/jupyter/lab/settings"
  cp "$environment/jupyterlab-settings.json" "$venv/share/jupyter/lab/settings/overrides.json"
}

# Everything that a notebook needs; what is there already is left alone.
prepare() {
  check_settings
  need_tools
  lock
  make_venv
  build_library
  # If the checkout names another Spark by now, notebook 23 fetches that one.
  done_for spark "$(spark_key)" || rm -rf "$private/spark"
  engine_environment
  choose_engine "$(all_jars)"
  describe_kernel
  jupyter_environment
  unlock
}
