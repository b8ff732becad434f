"""The listener's training on cached codes, and where it finds the clips in their transcripts.

    python -m sotto_training.recognition.listener cache --data data --start runs/encoder/fitted.pt --out runs/listener/codes.pt
    python -m sotto_training.recognition.letters --codes runs/listener/codes.pt --minutes 10 --out runs/listener/letters.pt
    python -m sotto_training.recognition.listener train --codes runs/listener/codes.pt --letters runs/listener/letters.pt \\
        --minutes 20 --out runs/listener/listener.pt
    python -m sotto_training.recognition.listener follow --codes runs/listener/codes.pt --letters runs/listener/letters.pt \\
        --listener runs/listener/listener.pt --out runs/listener/told.pt

Once the encoder and the codebooks stay as they are, the clips with transcripts are encoded only once (four minutes of a
core for 13 h), and an epoch over them takes half a minute. Prints cross entropy in nats and the share of the steps whose
letter is told right, on the validation speakers of LibriSpeech and speechocean762.
"""

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from ..data.clips import Clips, TrainingClips, collated
from ..data.codes import codes_of_clips, versions_in
from ..model.codec import Codec, Listener
from ..model.quantizer import decode_one_of
from ..model.text import OTHER, follow, padded, symbols
from ..model.weights import codes_identity, trained
from ..schedule import spending

VALIDATION = ("librispeech", "speechocean762")
LEVELS = (1, 1, 2, 2, 3, 4, 6, 8)
# Steps by which the listener tells a letter late: so much more of it it has heard.
LATE = 7
# Where it isn't known what is said.
UNKNOWN = 255


def trained_listener(path: Path, config: dict) -> Listener:
    """From what `train` wrote, or of a model: a run or an exported one."""
    listener, state = Listener(config).eval(), trained(path)["average"]
    own = "decoder.listener."
    if any(name.startswith(own) for name in state):
        state = {name.removeprefix(own): tensor for name, tensor in state.items() if name.startswith(own)}
    listener.load_state_dict(state)
    return listener


@torch.no_grad()
def encoded(codec: Codec, clips: Clips, which, gains):
    """-> the codes [token frames, ...] of each of those clips, for each number of codebooks (`encode_each`), at a gain in dB
    each."""
    lead, per_token, result = codec.config["synthesis"]["pitch_lead"], codec.config["decoder"]["upsample"], {}
    frames = {i: clips.clips[i]["samples"] // clips.hop for i in which}
    order = sorted(range(len(which)), key=lambda j: frames[which[j]])
    while order:
        # From the longest down, so that no later batch needs more memory than the first.
        chosen = [order.pop() for _ in range(min(len(order), max(1, 10_000 // frames[which[order[-1]]])))]
        longest = -(-frames[which[chosen[0]]] // per_token) * per_token
        audio, log_f0, voiced = collated([clips.crop(clips.clips[which[j]], 0, longest) for j in chosen])
        audio = (audio * 10 ** (torch.tensor([gains[j] for j in chosen])[:, None].float() / 20)).clamp(-1, 1)
        with torch.autocast("cpu", torch.bfloat16):
            found = codec.encoder(codec.features(audio, log_f0[:, :-lead], voiced[:, :-lead]))
        for j, row in zip(chosen, found):
            row = row[: frames[which[j]] // per_token].float()
            result[j] = codec.quantizer.encode_each(row).short()
    return [result[j] for j in range(len(which))]


def cache(arguments):
    state = trained(arguments.start)
    codec = Codec(state["config"])
    codec.load_state_dict(state["average"])
    codec.eval()
    clips = TrainingClips(arguments.data / "train", codec.config, 1)
    texts = [symbols(clip["text"]) for clip in clips.clips]
    # Transcripts in letters that the alphabet doesn't have teach it nothing.
    told = [i for i, text in enumerate(texts) if len(text) > 3 and text.count(OTHER) < 0.1 * len(text)]
    held_out = Clips(arguments.data / "valid", codec.config)
    held_texts = [symbols(clip["text"]) for clip in held_out.clips]
    chosen = [i for i, clip in enumerate(held_out.clips)
              if clip["corpus"] in VALIDATION and len(held_texts[i]) > 3]
    train = []
    if arguments.coded:
        for version in versions_in(arguments.coded, codes_identity(codec)):
            rows = codes_of_clips(version)
            train.append([rows[i] for i in told])
    for number in range(0 if arguments.coded else arguments.copies):
        gains = clips.random.uniform(-30, 6, len(told)) if number else np.zeros(len(told))
        train.append(encoded(codec, clips, told, gains))
        print(f"copy {number + 1}: {sum(map(len, train[-1]))} token frames", flush=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save({
        "config": codec.config, "codebooks": codec.quantizer.codebooks, "train": train, "clips": told,
        "texts": [texts[i] for i in told], "valid": encoded(codec, held_out, chosen, np.zeros(len(chosen))),
        "valid_texts": [held_texts[i] for i in chosen], "valid_clips": [held_out.clips[i] for i in chosen]},
        arguments.out)


def stacked(rows):
    """Codes of several clips, padded with the last frame -> [batch, longest, codebooks], lengths."""
    lengths = torch.tensor([len(row) for row in rows])
    longest = int(lengths.max())
    return torch.stack([torch.cat([row, row[-1:].expand(longest - len(row), -1)]) for row in rows]), lengths


def batches(lengths, frames: int, random):
    """An epoch: indices of clips of about one length, about `frames` token frames together."""
    order, result, first = np.argsort(lengths * random.uniform(0.9, 1.1, len(lengths))), [], 0
    while first < len(order):
        last = first + 1
        while last < len(order) and (last + 1 - first) * lengths[order[first: last + 1]].max() <= frames:
            last += 1
        result.append(order[first:last])
        first = last
    random.shuffle(result)
    return result


def endless(epoch, frames: int, random):
    """Batches of epoch after epoch: the numbers of its clips, and what `epoch()` has of each."""
    while True:
        rows = epoch()
        for which in batches(np.array([len(row) for row in rows]), frames, random):
            yield which, [rows[i] for i in which]


def damaged(codes, lengths, codebooks, share: float, masks: int):
    """What makes the listener lean on less: single codes replaced by random ones, and spans of frames lost."""
    wrong = torch.rand(codes.shape) < share
    codes = torch.where(wrong, torch.randint(codebooks.shape[1], codes.shape, dtype=codes.dtype), codes)
    heard = torch.ones(codes.shape[:2])
    for row, length in enumerate(lengths.tolist()):
        for _ in range(int(torch.randint(masks + 1, ()))):
            first = int(torch.randint(length, ()))
            heard[row, first: first + int(torch.randint(1, 5, ()))] = 0
    return codes, heard[..., None]


def targets(letters, which, steps: int):
    """What is said in each step [clips, steps], as late as the listener may tell it."""
    rows = np.full((len(which), steps), UNKNOWN, np.uint8)
    for row, i in enumerate(which):
        known = letters[i][: steps - LATE]
        rows[row, LATE: LATE + len(known)] = known
    return torch.from_numpy(rows).long()


@torch.no_grad()
def validate(listener, data, letters, levels) -> str:
    """For each number of codebooks and corpus: cross entropy in nats, and the share of steps told right."""
    figures = []
    for level in levels:
        sums = {corpus: [0.0, 0, 0] for corpus in VALIDATION}
        for first in range(0, len(data["valid"]), 24):
            codes, _ = stacked(data["valid"][first: first + 24])
            logits = listener(decode_one_of(codes, data["codebooks"].float(), torch.full((len(codes),), level)))
            wanted = targets(letters, range(first, first + len(codes)), logits.shape[1])
            nats = F.cross_entropy(logits.transpose(1, 2), wanted, ignore_index=UNKNOWN, reduction="none")
            for row, clip in enumerate(data["valid_clips"][first: first + 24]):
                known = wanted[row] != UNKNOWN
                sums[clip["corpus"]][0] += float(nats[row].sum())
                sums[clip["corpus"]][1] += int((logits[row].argmax(-1) == wanted[row])[known].sum())
                sums[clip["corpus"]][2] += int(known.sum())
        figures.append(f"{level}: " + " ".join(f"{n / c:.3f} {100 * r / c:.1f}%" for n, r, c in sums.values()))
    return " | ".join(figures)


def train(arguments):
    torch.manual_seed(arguments.seed)
    data = torch.load(arguments.codes, weights_only=False)
    letters = torch.load(arguments.letters, weights_only=False)
    codebooks, config = data["codebooks"].float(), data["config"]
    listener = Listener(config)
    with torch.no_grad():
        eight = torch.tensor([len(codebooks)])
        spread = torch.cat([decode_one_of(row[None], codebooks, eight)[0] for row in data["valid"]]).std(0)
        listener.input.weight.div_(spread)
    said = np.bincount(np.concatenate(letters["train"]), minlength=config["text"]["symbols"]) + 10
    listener.prior.copy_(torch.from_numpy(said / said.sum()))
    average = copy.deepcopy(listener).eval()
    print(f"{sum(p.numel() for p in listener.parameters()) / 1e6:.2f} M parameters", flush=True)
    optimizer = torch.optim.AdamW(
        listener.parameters(), lr=arguments.rate, betas=(0.9, 0.98), weight_decay=0.03, fused=True)
    random = np.random.default_rng(arguments.seed)
    epochs = endless(lambda: [copies[random.integers(len(copies))] for copies in zip(*data["train"])],
                     arguments.frames, random)

    def say(step, minutes, loss, levels):
        figures = validate(average, data, letters["valid"], levels)
        print(f"min {minutes:.1f} step {step} train {float(loss.detach()):.3f} valid {figures}", flush=True)
        torch.save({"average": average.state_dict(), "config": config}, arguments.out)

    for step, minutes in spending(arguments.minutes, optimizer):
        which, rows = next(epochs)
        codes, lengths = stacked(rows)
        codes, heard = damaged(codes, lengths, codebooks, arguments.wrong, arguments.masks)
        levels = torch.tensor(random.choice(LEVELS, len(which)))
        listener.train()
        with torch.autocast("cpu", torch.bfloat16):
            logits = listener(decode_one_of(codes, codebooks, levels) * heard, arguments.dropout)
        wanted = targets(letters["train"], which, logits.shape[1])
        loss = F.cross_entropy(logits.transpose(1, 2), wanted, ignore_index=UNKNOWN, label_smoothing=0.1)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(listener.parameters(), 1.0)
        optimizer.step()
        with torch.no_grad():
            keep = min(arguments.keep, step / (step + 9))
            torch._foreach_lerp_(list(average.parameters()), list(listener.parameters()), 1 - keep)
        if step % 500 == 0:
            say(step, minutes, loss, (8, 1))
    say(step, minutes, loss, (8, 4, 2, 1))


@torch.no_grad()
def follow_all(arguments):
    """The three likeliest states of each step of each clip, in its own and in another clip's transcript. The codes are
    damaged and units dropped, so that the listener is no surer of these clips than it is of speakers it never heard."""
    torch.manual_seed(1)
    random = np.random.default_rng(1)
    data = torch.load(arguments.codes, weights_only=False)
    codebooks, config = data["codebooks"].float(), data["config"]
    listener = trained_listener(arguments.listener, config).train() if arguments.levels else None
    letters = torch.load(arguments.letters, weights_only=False)
    settings, ahead = config["text"]["follower"], config["text"]["lookahead"]
    codes, texts, kept = data["train"][0], data["texts"], {clip: {} for clip in data["clips"]}
    counts = {clip: len(row) for clip, row in zip(data["clips"], codes)}
    others = random.permutation(len(texts))
    for level in arguments.levels:
        for which in batches(np.array([len(row) for row in codes]), arguments.frames, random):
            rows, lengths = stacked([codes[i] for i in which])
            rows, heard = damaged(rows, lengths, codebooks, arguments.wrong, 0)
            latent = decode_one_of(rows, codebooks, torch.full((len(rows),), level)) * heard
            latent = torch.cat([latent, latent[:, -1:].expand(-1, ahead, -1)], 1)
            logits, found = listener(latent, arguments.dropout), []
            for told in ([texts[i] for i in which], [texts[others[i]] for i in which]):
                share = follow(logits, listener.prior, *padded(told), settings)[:, ahead * config["text"]["rate"]:]
                best, states = share.topk(3, dim=2)
                found.append((states.short().numpy(), best.half().numpy()))
            for row, i in enumerate(which):
                steps = int(lengths[row]) * config["text"]["rate"]
                right, wrong = ((states[row, :steps].copy(), best[row, :steps].copy()) for states, best in found)
                kept[data["clips"][i]][level] = right, data["clips"][others[i]], wrong
        print(f"{level} codebooks", flush=True)
    torch.save({"kept": kept, "lengths": counts, "texts": dict(zip(data["clips"], texts)), "levels": arguments.levels,
                "begins": dict(zip(data["clips"], letters["train_begins"]))}, arguments.out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("cache")
    command.set_defaults(run=cache)
    command.add_argument("--data", required=True, type=Path)
    command.add_argument("--start", required=True, type=Path, help="the codec")
    command.add_argument("--out", required=True, type=Path)
    command.add_argument("--coded", type=Path, help="take the codes from sotto_training.data.codes instead of making them")
    command.add_argument("--copies", type=int, default=2, help="all but the first at other gains")
    command = commands.add_parser("train")
    command.set_defaults(run=train)
    command.add_argument("--codes", required=True, type=Path)
    command.add_argument("--letters", required=True, type=Path)
    command.add_argument("--out", required=True, type=Path)
    command.add_argument("--minutes", required=True, type=float, help="of processor time")
    command.add_argument("--seed", type=int, default=1)
    for name, value, what in (
            ("rate", 2e-3, None), ("dropout", 0.2, None), ("keep", 0.998, "of the averaged weights in each step"),
            ("frames", 3000, "token frames in a batch"), ("wrong", 0.03, "share of the codes replaced by random ones"),
            ("masks", 2, "most spans of a clip that are lost")):
        command.add_argument("--" + name, type=type(value), default=value, help=what)
    command = commands.add_parser("follow")
    command.set_defaults(run=follow_all)
    command.add_argument("--codes", required=True, type=Path)
    command.add_argument("--letters", required=True, type=Path)
    command.add_argument("--listener", type=Path, help="from `train`, or a model")
    command.add_argument("--out", required=True, type=Path)
    command.add_argument("--levels", type=int, nargs="*", default=[8, 4, 2, 1],
                         help="numbers of codebooks to follow the transcripts by; none: all clips are told by their pace")
    command.add_argument("--frames", type=int, default=6000)
    command.add_argument("--wrong", type=float, default=0.05)
    command.add_argument("--dropout", type=float, default=0.25)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.run(arguments)


if __name__ == "__main__":
    main()
