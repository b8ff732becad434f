"""How a run's minutes are spent, and the learning rate that follows them."""

import math
import time

# Steps over which the rate rises: of a network that begins at random, and of one that goes on from trained weights.
WARM_UP, SHORT_WARM_UP = 200, 50
LOWEST = 0.05


def rate(progress: float, step: int, highest: float, warm_up: int = WARM_UP, lowest: float = LOWEST) -> float:
    """Linear warm-up over so many steps, then a cosine down to a share of the highest rate."""
    fall = 0.5 * (1 + math.cos(math.pi * min(progress, 1)))
    return highest * min(1, (step + 1) / warm_up) * (lowest + (1 - lowest) * fall)


def spending(minutes: float, optimizer):
    """Steps until so many minutes of processor time are spent: yields their numbers, from 1, and the minutes spent so far,
    with the rate of each of the optimizer's groups set; what they were made with is the highest."""
    highest = [group["lr"] for group in optimizer.param_groups]
    start, step = time.process_time(), 0
    while (spent := (time.process_time() - start) / 60) < minutes:
        for group, most in zip(optimizer.param_groups, highest):
            group["lr"] = rate(spent / minutes, step, most)
        step += 1
        yield step, spent
