"""Training steps of a character model in PyTorch: embedding, two recurrent layers, linear layer.

Arguments: rnn, gru or lstm; hidden size, rows, characters a row, vocabulary size; then, on a GPU,
the seconds to measure for. A step is forward, backward, clipping of the gradient's norm and Adam,
with the state carried over.

On the CPU it takes turns with whoever started it: for each line THREADS STEPS on its input it makes
so many steps and prints how many that were a second. On a GPU it prints one line, the best of short
rounds; the batch is brought there at each step, and losses are read every twenty.
"""

import os
import sys
import time

import torch

kind = sys.argv[1]
hidden, rows, steps, V = map(int, sys.argv[2:6])
gpu = len(sys.argv) > 6
device = "cuda" if gpu else "cpu"
torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = os.environ.get("TINKER_TF32") == "1"
torch.manual_seed(1)
layers = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[kind]
embedding = torch.nn.Embedding(V, hidden).to(device)
recurrent = layers(hidden, hidden, 2, batch_first=True).to(device)
linear = torch.nn.Linear(hidden, V).to(device)
parameters = [p for part in (embedding, recurrent, linear) for p in part.parameters()]
adam = torch.optim.Adam(parameters, 1e-3)
text = torch.randint(0, V, (rows, steps + 1))
state = None


def step():
    global state
    ids = text.to(device)
    out, new = recurrent(embedding(ids[:, :-1]), state)
    state = tuple(s.detach() for s in new) if kind == "lstm" else new.detach()
    loss = torch.nn.functional.cross_entropy(linear(out).flatten(0, 1), ids[:, 1:].flatten())
    adam.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1)
    adam.step()
    return loss.detach() if gpu else loss.item()


def rate(count):
    start = time.perf_counter()
    losses = []
    for _ in range(count):
        losses.append(step())
        if gpu and len(losses) == 20:
            torch.stack(losses).tolist()
            losses = []
    return count / (time.perf_counter() - start)


if gpu:
    torch.set_num_threads(1)
    step()
    end = time.perf_counter() + float(sys.argv[6])
    rates = [rate(100)]
    while time.perf_counter() < end or len(rates) < 2:
        rates.append(rate(100))
    print(f"rate {max(rates):.2f}")
else:
    for line in sys.stdin:
        threads, count = map(int, line.split())
        torch.set_num_threads(threads)
        print(f"rate {rate(count):.4f}", flush=True)
