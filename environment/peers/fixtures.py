"""Makes the small files of numbers that the tests of tinker.nn and tinker.model compare with.

Each file holds the weights of one PyTorch layer under PyTorch's names, an input, what PyTorch
computed from it, and the gradients of (output * probe).sum() plus (state * probe).sum().

    python environment/peers/fixtures.py [folder]      needs torch and safetensors

Made with PyTorch 2.15.0. Running it again with that version gives the same bytes; with another
one, numbers that differ in the last digits.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

B, T, I, H = 3, 5, 4, 6
LENGTHS = [3, 5, 1]
KINDS = {
    "rnn_tanh": (nn.RNN, {"nonlinearity": "tanh"}),
    "rnn_relu": (nn.RNN, {"nonlinearity": "relu"}),
    "gru": (nn.GRU, {}),
    "lstm": (nn.LSTM, {}),
}


def one_way(kind, layers):
    make, options = KINDS[kind]
    layer = make(I, H, layers, batch_first=True, **options)
    x = torch.randn(B, T, I, requires_grad=True)
    names = ["h", "c"] if kind == "lstm" else ["h"]
    start = [torch.randn(layers, B, H, requires_grad=True) for _ in names]
    output, end = layer(x, tuple(start) if kind == "lstm" else start[0])
    end = list(end) if kind == "lstm" else [end]
    saved = {"x": x, "output": output}
    loss = 0
    for name, value in [("output", output)] + [(n + "_end", e) for n, e in zip(names, end)]:
        probe = torch.randn_like(value)
        saved[name] = value
        saved["probe." + name] = probe
        loss = loss + (value * probe).sum()
    loss.backward()
    saved["grad.x"] = x.grad
    for name, value in zip(names, start):
        saved[name + "_start"] = value
        saved["grad." + name + "_start"] = value.grad
    return layer, saved


def two_way(kind, layers):
    make, options = KINDS[kind]
    layer = make(I, H, layers, batch_first=True, bidirectional=True, **options)
    x = torch.randn(B, T, I, requires_grad=True)
    packed = pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
    output, end = layer(packed)
    output, _ = pad_packed_sequence(output, batch_first=True, total_length=T)
    h = end[0] if kind == "lstm" else end
    saved = {"x": x, "output": output, "h_end": h, "lengths": torch.tensor(LENGTHS)}
    saved["probe.output"] = torch.randn_like(output)
    saved["probe.h_end"] = torch.randn_like(h)
    loss = (output * saved["probe.output"]).sum() + (h * saved["probe.h_end"]).sum()
    loss.backward()
    saved["grad.x"] = x.grad
    return layer, saved


def textgenrnn():
    """The model of textgenrnn as Keras would build it, but with PyTorch's layers."""
    vocabulary, embedding, hidden = 9, 4, 6
    width = embedding + 2 * hidden
    parts = nn.ModuleDict(
        {
            "embedding": nn.Embedding(vocabulary, embedding),
            "rnn_1": nn.LSTM(embedding, hidden, batch_first=True),
            "rnn_2": nn.LSTM(hidden, hidden, batch_first=True),
            "attention": nn.Linear(width, 1, bias=False),
            "output": nn.Linear(width, vocabulary),
        }
    )
    ids = torch.randint(0, vocabulary, (B, T))
    labels = torch.randint(0, vocabulary, (B, T))
    read = parts["embedding"](ids)
    first, _ = parts["rnn_1"](read)
    second, _ = parts["rnn_2"](first)
    positions = torch.cat([read, first, second], 2)
    answers = []
    for t in range(T):
        seen = positions[:, : t + 1]
        weights = torch.softmax(parts["attention"](seen), 1)
        answers.append(parts["output"]((weights * seen).sum(1)))
    logits = torch.stack(answers, 1)
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
    loss.backward()
    return parts, {"ids": ids, "labels": labels, "loss": loss}


def write(file, layer, saved):
    for name, parameter in layer.named_parameters():
        saved[name] = parameter
        saved["grad." + name] = parameter.grad
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({n: t.detach().contiguous().clone() for n, t in saved.items()}, file)
    print(file.name, file.stat().st_size)


def main():
    resources = Path(__file__).parents[2] / "lib/src/test/resources/tinker"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else resources / "nn"
    torch.set_num_threads(1)
    for number, kind in enumerate(KINDS):
        for layers in (1, 2):
            for way, suffix in ((one_way, ""), (two_way, "_two_way")):
                torch.manual_seed(100 * number + 10 * layers + len(suffix))
                layer, saved = way(kind, layers)
                write(folder / f"{kind}_{layers}{suffix}.safetensors", layer, saved)
    torch.manual_seed(1000)
    write(folder.parent / "model" / "textgenrnn.safetensors", *textgenrnn())


if __name__ == "__main__":
    main()
