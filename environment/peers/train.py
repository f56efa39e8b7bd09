"""Training steps of a character model in PyTorch: embedding, two recurrent layers, linear layer.

Arguments: rnn, gru or lstm; hidden size, rows, characters a row, vocabulary size, seconds to
measure for; cpu (if left out) or cuda. A step is forward, backward, clipping of the gradient's norm
and Adam, with the state carried over. Prints steps a second, on the CPU as the best of one and two
threads. On a GPU the batch is brought there at each step, and losses are read every twenty.
"""

import os
import sys
import time

import torch

kind = sys.argv[1]
hidden, rows, steps, V = map(int, sys.argv[2:6])
seconds = float(sys.argv[6])
device = sys.argv[7] if len(sys.argv) > 7 else "cpu"
gpu = device != "cpu"
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


# Short rounds, of which the best counts: so that a busy machine does not decide.
per_round = 100 if gpu else 2 if hidden > 256 else 8
rates = {}
for threads in (1,) if gpu else (1, 2):
    torch.set_num_threads(threads)
    step()
    rates[threads] = []
    end = time.perf_counter() + seconds / 2
    while time.perf_counter() < end or len(rates[threads]) < 2:
        start = time.perf_counter()
        losses = []
        for _ in range(per_round):
            losses.append(step())
            if gpu and len(losses) == 20:
                torch.stack(losses).tolist()
                losses = []
        rates[threads].append(per_round / (time.perf_counter() - start))
    print(f"rate-{threads} {max(rates[threads]):.2f}")
print(f"rate {max(map(max, rates.values())):.2f}")
