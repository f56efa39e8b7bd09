"""Training steps of BiMPM in PyTorch, in the usual arrangement: every equation of the paper (Wang,
Hamza and Florian 2017) written as it stands there, with a tensor for every intermediate.

Arguments: words in each sentence, pairs in a batch, seconds to measure for; cpu (if left out) or
cuda. Where TINKER_BIMPM_PORT names a checkout of github.com/galsang/BIMPM-pytorch, its model is
trained in place of the one below. Sizes are the paper's:
word vectors of 300, letters of 20 and a letter LSTM of 50, context and aggregation of 100, 20
perspectives, dropout 0.1, Adam. Words are drawn from 10,000, their letters (1 to 10) from 60. Prints
pairs a second, on the CPU as the best of one and two threads, and the most memory this process ever
used.
"""

import os
import resource
import sys
import time
from types import SimpleNamespace

import torch
from torch import nn
from torch.nn.functional import cross_entropy, dropout

words, pairs = int(sys.argv[1]), int(sys.argv[2])
seconds = float(sys.argv[3])
device = sys.argv[4] if len(sys.argv) > 4 else "cpu"
torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = os.environ.get("TINKER_TF32") == "1"
H, P, V, LETTERS = 100, 20, 10_000, 10
torch.manual_seed(1)


def cosine(a, b, eps=1e-8):
    return (a * b).sum(-1) / (a.norm(dim=-1) * b.norm(dim=-1)).clamp_min(eps)


class Bimpm(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(V, 300)
        self.words.weight.requires_grad = False
        self.letters = nn.Embedding(60, 20)
        self.spell = nn.LSTM(20, 50, batch_first=True)
        self.context = nn.LSTM(350, H, batch_first=True, bidirectional=True)
        self.w = nn.ParameterList(nn.Parameter(torch.rand(P, H)) for _ in range(8))
        self.aggregation = nn.LSTM(8 * P, H, batch_first=True, bidirectional=True)
        self.hidden = nn.Linear(4 * H, 2 * H)
        self.output = nn.Linear(2 * H, 2)

    def drop(self, x):
        return dropout(x, 0.1, self.training)

    def word_layer(self, ids, letters):
        flat = self.letters(letters.flatten(0, 1))  # (B*T, L, 20)
        spelled = self.spell(flat)[1][0][0].view(*ids.shape, 50)
        return self.drop(torch.cat([self.words(ids), spelled], -1))

    def match(self, p, q, direction):
        full, pool, attentive, nearest = self.w[direction::2]  # (P, H)

        def perspectives(a, b, w):  # (B, T, H) twice -> (B, T, P)
            return cosine(w * a.unsqueeze(2), w * b.unsqueeze(2))

        end = q[:, -1:] if direction == 0 else q[:, :1]
        m_full = perspectives(p, end.expand_as(p), full)
        wp = pool * p.unsqueeze(2)  # (B, S, P, H)
        wq = pool * q.unsqueeze(2)  # (B, T, P, H)
        every = torch.einsum("bsph,btph->bstp", wp, wq)
        norms = wp.norm(dim=-1).unsqueeze(2) * wq.norm(dim=-1).unsqueeze(1)
        m_pool = (every / norms.clamp_min(1e-8)).max(2)[0]
        alpha = cosine(p.unsqueeze(2), q.unsqueeze(1))  # (B, S, T)
        mean = alpha @ q / alpha.sum(2, keepdim=True)
        m_attentive = perspectives(p, mean, attentive)
        at = alpha.argmax(2, keepdim=True).expand_as(p)
        m_nearest = perspectives(p, q.gather(1, at), nearest)
        return [m_full, m_pool, m_attentive, m_nearest]

    def forward(self, p, p_letters, q, q_letters):
        p = self.drop(self.context(self.word_layer(p, p_letters))[0])
        q = self.drop(self.context(self.word_layer(q, q_letters))[0])
        halves = list(zip(p.chunk(2, -1), q.chunk(2, -1)))
        ends = []
        for swapped in (False, True):
            matched = []
            for direction, (a, b) in enumerate(halves):
                a, b = (b, a) if swapped else (a, b)
                matched += self.match(a, b, direction)
            matched = self.drop(torch.cat(matched, -1))  # (B, T, 160)
            ends += list(self.aggregation(matched)[1][0])
        summary = self.drop(torch.cat(ends, -1))  # (B, 400)
        return self.output(self.drop(torch.tanh(self.hidden(summary))))


def published(folder):
    """The published port, called as the model above. It has no clipping of its own; both are clipped."""
    sys.path.insert(0, folder)
    from model.BIMPM import BIMPM

    sizes = SimpleNamespace(
        word_dim=300, word_vocab_size=V, use_char_emb=True, char_dim=20, char_vocab_size=60, char_hidden_size=50,
        max_word_len=LETTERS, hidden_size=H, num_perspective=P, dropout=0.1, class_size=2,
    )
    vectors = SimpleNamespace(TEXT=SimpleNamespace(vocab=SimpleNamespace(vectors=torch.randn(V, 300))))
    port = BIMPM(sizes, vectors)
    forward = port.forward
    port.forward = lambda p, p_letters, q, q_letters: forward(p=p, char_p=p_letters, h=q, char_h=q_letters)
    return port


port = os.environ.get("TINKER_BIMPM_PORT")
model = (published(port) if port else Bimpm()).to(device)
adam = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], 1e-3)
spelled = torch.randint(1, 60, (V, LETTERS), device=device)


def step():
    p, q = torch.randint(0, V, (2, pairs, words)).to(device)
    logits = model(p, spelled[p], q, spelled[q])
    loss = cross_entropy(logits, torch.randint(0, 2, (pairs,)).to(device))
    adam.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 10)
    adam.step()


best = 0.0
per_round = 1 if device == "cpu" else 40
for threads in (1, 2) if device == "cpu" else (1,):
    torch.set_num_threads(threads)
    step()
    end = time.perf_counter() + seconds / 2
    done = 0
    while time.perf_counter() < end or done < 2:
        start = time.perf_counter()
        for _ in range(per_round):
            step()
        if device != "cpu":
            torch.cuda.synchronize()
        best = max(best, per_round * pairs / (time.perf_counter() - start))
        done += 1
print(f"rate {best:.2f}")
print(f"megabytes {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
