"""One character at a time from a 2-layer LSTM in PyTorch's eager mode.

Arguments: hidden size, streams side by side, seconds to measure for; cpu (if left out) or cuda.
Prints characters a second (all streams together), on the CPU as the best of one and two threads.
"""

import os
import sys
import time

import torch

hidden, streams, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
device = sys.argv[4] if len(sys.argv) > 4 else "cpu"
torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = os.environ.get("TINKER_TF32") == "1"
V = 67
torch.manual_seed(1)
embedding = torch.nn.Embedding(V, hidden).to(device)
lstm = torch.nn.LSTM(hidden, hidden, 2, batch_first=True).to(device)
linear = torch.nn.Linear(hidden, V).to(device)


@torch.inference_mode()
def write(steps):
    ids = torch.ones(streams, 1, dtype=torch.int64, device=device)
    state = None
    for _ in range(steps):
        out, state = lstm(embedding(ids), state)
        probabilities = torch.softmax(linear(out[:, -1]), -1)
        ids = torch.multinomial(probabilities, 1)
    # What was written has to be here: a GPU is waited for.
    ids.tolist()


# Short rounds, of which the best counts: so that a busy machine does not decide.
rates = {}
for threads in (1, 2) if device == "cpu" else (1,):
    torch.set_num_threads(threads)
    write(5)
    rates[threads] = []
    end = time.perf_counter() + seconds / 2
    while time.perf_counter() < end or len(rates[threads]) < 2:
        start = time.perf_counter()
        write(10)
        rates[threads].append(10 * streams / (time.perf_counter() - start))
    print(f"rate-{threads} {max(rates[threads]):.1f}")
print(f"rate {max(map(max, rates.values())):.1f}")
