"""Transcripts as symbols: what the aligner and the text encoder read."""

import math
import unicodedata

import numpy as np
import torch

BLANK, SPACE, OTHER = 0, 1, 29
# What a step of OTHER costs beyond one of speech that is in no text, in nats.
OTHER_COSTS = 0.3
SYMBOLS = {" ": SPACE, "'": 2} | {chr(ord("a") + i): 3 + i for i in range(26)}
# Latin letters that have no canonical decomposition.
LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}


def symbols(text: str) -> list[int]:
    """Compatibility-decomposed, lower-cased, without marks; a to z, apostrophe, one space between words.

    Letters and digits outside of that are OTHER; whatever else there is separates words.
    """
    result = []
    for character in unicodedata.normalize("NFKD", text.replace("’", "'")).lower():
        for letter in LETTERS.get(character, character):
            category = unicodedata.category(letter)
            if letter in SYMBOLS and letter != " ":
                result.append(SYMBOLS[letter])
            elif category[0] in "LN":
                result.append(OTHER)
            elif category[0] != "M" and result and result[-1] != SPACE:
                result.append(SPACE)
    return result[:-1] if result and result[-1] == SPACE else result


def padded(rows: list[list[int]]):
    """-> symbols [rows, longest] padded with SPACE, lengths [rows]."""
    longest = max(1, max(map(len, rows)))
    return (torch.tensor([row + [SPACE] * (longest - len(row)) for row in rows]),
            torch.tensor([len(row) for row in rows]))


def paced(counts, length: int, rate: int):
    """How many of a text's `length` symbols, and after them its end, begin in each token frame, [frames]
    -> the state of each step [frames * rate] and its share: 0 before the first symbol and from the end on, else 1.

    What begins in one frame is spread over it evenly.
    """
    counts = np.asarray(counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    within = (np.arange(len(first)) - first + 0.5) * rate / np.repeat(counts, counts)
    marks = np.repeat(np.arange(len(counts)) * rate, counts) + within.astype(int)
    latest = np.searchsorted(marks, np.arange(len(counts) * rate), side="right") - 1
    told = (latest >= 0) & (latest < length)
    return np.where(told, 2 * latest + 1, 0), told.astype(np.float32)


def pace(begins, frames: int, rate: int):
    """The steps in which a text's symbols begin and it ends [length + 1] -> how many of them in each token frame."""
    return np.bincount(np.minimum(np.asarray(begins) // rate, frames), minlength=frames + 1)[:frames]


@torch.no_grad()
def follow(logits, prior, text, lengths, settings: dict):
    """Where in its transcript a speaker is, step by step, from what was heard so far, and if it is this transcript at all.

    A hidden Markov model on the listener's letters. What a state emits is its symbol's probability over its prior (as
    Bourlard and Morgan 1994), to a power below 1 (`scale`) because neighbouring steps hear the same. Letters and blanks
    last as long as they do in speech: a path that waits in a blank, or runs through a text that isn't said, pays. The
    fillers before and after the text are loops through all letters with the same durations, each as likely as it is
    common; the text wins against them only by knowing which letter comes next, a wrong one loses by it. Who is lost may
    come back at any word.

    OTHER, which the listener doesn't know, is heard as the likeliest letter is, but costs more than a filler does, so that it
    takes only what no letter claims.

    logits [batch, steps, symbols], prior [symbols], text [batch, longest], lengths [batch]
    -> share of each state [batch, steps, 2 longest + 1] (blanks at even places); the fillers have the rest.
    """
    batch, longest = text.shape
    states, device = 2 * longest + 1, text.device
    labels = torch.zeros(batch, states, dtype=torch.long, device=device)
    labels[:, 1::2] = text
    index = torch.arange(states, device=device)
    exists = (index < 2 * lengths[:, None] + 1).float()
    stays, ends, waits = (settings[name] for name in ("letter_stays", "letter_ends", "blank_stays"))
    odd = index % 2 == 1
    # The shares of a state that stay, go on by one state, and from letter to letter over the blank.
    stay, one, two = torch.where(odd, stays, waits), torch.where(odd, ends, 1 - waits), 1 - stays - ends
    # Letters reach to the next one, so that two alike need no blank between them.
    skip = torch.where(odd, two, 0.0)
    leaves = ((index >= 2 * lengths[:, None] - 1) & (index <= 2 * lengths[:, None])).float() * settings["leave"]
    leaves = (leaves + settings["lost"]) * exists
    words = torch.zeros(batch, states, device=device)
    words[:, 1] = 1
    words[:, 3::2] = (text[:, :-1] == SPACE).float()
    words = words * exists
    words = words / words.sum(1, keepdim=True).clamp(min=1) * settings["resume"] * (1 - waits)
    common = prior.clone()
    common[0] = 0
    common = common / common.sum()
    entry = settings["entry"] * (lengths > 0)[:, None]
    likely = (logits.float().log_softmax(-1) - settings["prior"] * prior.log()) * settings["scale"]
    likely = (likely - likely.amax(-1, keepdim=True)).exp()
    filler = math.exp(settings["filler"])
    in_text = likely.clone()
    in_text[..., OTHER] = likely[..., 3:OTHER].amax(-1) / filler * math.exp(-OTHER_COSTS)

    def loop(x):
        """Any letters, x [batch, symbols]."""
        letters, blank = x[:, 1:].sum(1, keepdim=True), x[:, :1]
        result = x * stays + common * (two * letters + (1 - waits) * blank)
        return torch.cat([waits * blank + ends * letters, result[:, 1:]], 1)

    share = torch.zeros(batch, states, device=device)
    before, after = torch.zeros(2, batch, logits.shape[2], device=device)
    before[:, 0] = 1
    result = []
    for t in range(logits.shape[1]):
        heard = likely[:, t]
        moved = share * stay
        moved[:, 1:] += share[:, :-1] * one[:-1]
        moved[:, 2:] += share[:, :-2] * skip[2:]
        enters = before.sum(1, keepdim=True) * entry
        moved = moved * (1 - settings["lost"])
        moved[:, :2] += enters * torch.tensor([waits, 1 - waits], device=device)
        left = (share * leaves).sum(1, keepdim=True)
        back = after.sum(1, keepdim=True)
        after = loop(after)
        after[:, 1:] += left * (1 - waits) * common[1:]
        after[:, :1] += left * waits
        moved += words * back
        after = after * (1 - settings["resume"])
        share = moved * in_text[:, t].gather(1, labels) * exists
        before, after = (loop(before) * (1 - entry) * heard / filler, after * heard / filler)
        total = share.sum(1, keepdim=True) + before.sum(1, keepdim=True) + after.sum(1, keepdim=True)
        share, before, after = share / total, before / total, after / total
        result.append(share)
    return torch.stack(result, 1)
