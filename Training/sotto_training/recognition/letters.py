"""When each letter of the training clips' transcripts is said: what the listener is trained to tell.

    python -m sotto_training.recognition.letters --codes runs/listener/codes.pt --minutes 10 --out runs/listener/letters.pt

A listener is trained by CTC (Graves et al. 2006), which needs no times, and Viterbi's path through the known transcript
gives them. It tells its letters late, by as much everywhere; that is taken off. With --listener no listener is trained: that of
a model tells its letters as late.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from ..model.codec import Listener
from ..model.quantizer import decode_one_of
from ..model.text import BLANK, padded
from ..schedule import spending
from .listener import LEVELS, damaged, endless, stacked, trained_listener

# Steps by which CTC's letters come late, against a forced aligner's word starts (pocketsphinx).
LATE = 7
# Letters last until the next one, over gaps of no more steps than this; before a longer one they end sooner.
GAP, END = 6, 4
# Share of the log prior that is subtracted in training: the blank wins less, and letters last longer than a step
# (Huang et al. 2024).
PRIOR = 0.3


def occupied(logs, wanted, steps, letters):
    """CTC's loss [batch], and how likely each symbol is in each step given the whole text [batch, steps, symbols].

    With a prior subtracted, `logs` are no log-probabilities any more. PyTorch's gradient holds for those alone, so the
    likely symbols are taken from it, and the gradient is made from them.
    """
    logs = logs.log_softmax(-1).requires_grad_()
    with torch.enable_grad():
        nats = F.ctc_loss(logs.transpose(0, 1), wanted, steps, letters, reduction="none", zero_infinity=True)
        share = logs.exp() - torch.autograd.grad(nats.sum(), logs)[0]
    within = torch.arange(logs.shape[1]) < steps[:, None]
    return nats.detach(), (share * within[..., None] * (nats > 0)[:, None, None]).detach()


def taught(data, minutes: float) -> Listener:
    codebooks, config = data["codebooks"].float(), data["config"]
    listener = Listener(config)
    optimizer = torch.optim.AdamW(listener.parameters(), lr=2e-3, betas=(0.9, 0.98), weight_decay=0.02, fused=True)
    random = np.random.default_rng(1)
    epochs = endless(lambda: data["train"][0], 3000, random)
    for step, spent in spending(minutes, optimizer):
        which, rows = next(epochs)
        codes, counts = stacked(rows)
        codes, heard = damaged(codes, counts, codebooks, 0.02, 2)
        levels = torch.tensor(random.choice(LEVELS, len(which)))
        wanted, letters = padded([data["texts"][i] for i in which])
        listener.train()
        with torch.autocast("cpu", torch.bfloat16):
            logits = listener(decode_one_of(codes, codebooks, levels) * heard, 0.15)
        logs, steps = logits.log_softmax(-1), counts * config["text"]["rate"]
        with torch.no_grad():
            inside = torch.arange(logs.shape[1]) < steps[:, None]
            listener.prior.lerp_(logs[inside].exp().mean(0), 0.02 if step > 1 else 1.0)
        nats, share = occupied(logs.detach() - PRIOR * listener.prior.log(), wanted, steps, letters)
        loss = -(share * logs).sum() / letters.sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(listener.parameters(), 1.0)
        optimizer.step()
        if step % 100 == 0:
            print(f"min {spent:.1f} step {step}: {float(nats.sum() / letters.sum()):.3f} nats a letter", flush=True)
    return listener.eval()


def path(logs: np.ndarray, text: list[int]) -> np.ndarray:
    """Log-probabilities [steps, symbols] -> the state of CTC (blanks at even places) in each step, Viterbi's."""
    labels = np.full(2 * len(text) + 1, BLANK)
    labels[1::2] = text
    emission, nothing = logs[:, labels], np.float32(-1e30)
    skip = np.full(len(labels), nothing)
    skip[3::2][labels[3::2] != labels[1:-2:2]] = 0
    score = np.full(len(labels), nothing)
    score[:2] = emission[0, :2]
    came, back = np.full((3, len(labels)), nothing), np.zeros(emission.shape, np.int8)
    for t in range(1, len(emission)):
        came[0], came[1, 1:], came[2, 2:] = score, score[:-1], score[:-2]
        came[2] += skip
        back[t] = came.argmax(0)
        score = came.max(0) + emission[t]
    state = len(labels) - 1 if len(labels) == 1 or score[-1] >= score[-2] else len(labels) - 2
    states = [state]
    for row in back[:0:-1]:
        state -= int(row[state])
        states.append(state)
    return np.array(states[::-1])


@torch.no_grad()
def letters_of(listener, latent, text):
    """Decoded latents [tokens, dimensions] and the symbols of what is said -> what is said in each step, [steps], a symbol of the
    text or the blank; and the steps in which each symbol begins and the text ends, [symbols + 1]."""
    logits = listener(latent[None])[0]
    logs = (logits.log_softmax(-1) - PRIOR * listener.prior.log()).log_softmax(-1).numpy()
    states, said = path(logs, text), np.full(len(logs), BLANK, np.uint8)
    steps = np.flatnonzero(states % 2 == 1)
    letters, begin = np.unique(states[steps] // 2, return_index=True)
    starts = steps[begin] - LATE
    ends = steps[np.append(begin[1:], len(steps)) - 1] - LATE
    following = np.append(starts[1:], len(said))
    for letter, start, end, next_start in zip(letters, starts, ends, following):
        last = next_start if next_start - end <= GAP else end + END
        said[max(start, 0): max(last, 0)] = text[letter]
    # What isn't said begins with what comes next.
    begins = np.full(len(text) + 1, ends[-1])
    begins[letters] = starts
    return said, np.minimum.accumulate(begins[::-1])[::-1].clip(0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codes", required=True, type=Path, help="from sotto_training.recognition.listener cache")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--minutes", type=float, default=10, help="of processor time")
    parser.add_argument("--listener", type=Path, help="an exported model or a run whose listener to ask")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    data = torch.load(arguments.codes, weights_only=False)
    listener = trained_listener(arguments.listener, data["config"]) if arguments.listener else taught(data, arguments.minutes)

    def found(codes, texts):
        codebooks = data["codebooks"].float()
        latents = (decode_one_of(row[None], codebooks, torch.tensor([len(codebooks)]))[0] for row in codes)
        return [letters_of(listener, latent, text) for latent, text in zip(latents, texts)]

    result = {}
    for part, codes, texts in (("train", data["train"][0], data["texts"]), ("valid", data["valid"], data["valid_texts"])):
        result[part], result[f"{part}_begins"] = zip(*found(codes, texts))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(result, arguments.out)


if __name__ == "__main__":
    main()
