"""How a run's minutes are spent, and the learning rate that follows them."""

import math
import time


def rate(progress: float, step: int, highest: float) -> float:
    """Linear warm-up over 200 steps, then a cosine down to 5 %."""
    return highest * min(1, (step + 1) / 200) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(progress, 1))))


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
