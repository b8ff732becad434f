"""Transcripts as symbols: what the aligner and the text encoder read."""

import unicodedata

import torch

BLANK, SPACE, OTHER = 0, 1, 29
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


@torch.no_grad()
def follow(logits, text, lengths, settings: dict):
    """Where in its transcript a speaker is, frame by frame, from what was heard so far.

    The forward recursion of CTC (Graves et al. 2006, eq. 6 to 8), normalised in each frame, with a filler state before
    the text and one after it. A filler frame is as likely as the best symbol, times exp(-filler): a path through a
    transcript that does not fit loses to it. logits [batch, frames, symbols], text [batch, longest], lengths [batch]
    -> share of each state [batch, frames, 2 longest + 1] (blanks at even places); the fillers have the rest.
    """
    batch, longest = text.shape
    states = 2 * longest + 1
    labels = torch.zeros(batch, states, dtype=torch.long, device=text.device)
    labels[:, 1::2] = text
    index = torch.arange(states, device=text.device)
    exists = (index < 2 * lengths[:, None] + 1).float()
    skip = torch.zeros(batch, states, device=text.device)
    skip[:, 3::2] = (text[:, 1:] != text[:, :-1]).float()
    entry, leave, penalty = settings["entry"], settings["leave"], float(torch.tensor(-settings["filler"]).exp())
    start = torch.zeros(batch, states, device=text.device)
    start[:, :2] = entry
    start = start * (lengths > 0)[:, None]
    ends = ((index >= 2 * lengths[:, None] - 1) & (index <= 2 * lengths[:, None])).float() * exists * leave
    probabilities = logits.float().softmax(-1)
    emission = probabilities.gather(2, labels[:, None].expand(-1, logits.shape[1], -1)) * exists[:, None]
    best = probabilities.amax(-1) * penalty
    share = torch.zeros(batch, states, device=text.device)
    before, after = torch.ones(batch, 1, device=text.device), torch.zeros(batch, 1, device=text.device)
    result = []
    for t in range(logits.shape[1]):
        moved = share + before * start
        moved[:, 1:] += share[:, :-1]
        moved[:, 2:] += share[:, :-2] * skip[:, 2:]
        after = (after + (share * ends).sum(1, keepdim=True)) * best[:, t, None]
        before = before * best[:, t, None]
        share = moved * emission[:, t]
        total = share.sum(1, keepdim=True) + before + after
        share, before, after = share / total, before / total, after / total
        result.append(share)
    return torch.stack(result, 1)
