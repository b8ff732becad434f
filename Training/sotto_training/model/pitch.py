"""Causal pitch: autocorrelation candidates (Boersma 1993) and a forward Viterbi that decides at once.

The Swift `PitchTracker` computes the same; this is the specification that it is tested against.
"""

import numpy as np


def hann(size: int) -> np.ndarray:
    """Periodic Hann window, [size]."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)


def candidates(audio: np.ndarray, sample_rate: int, hop: int, p: dict):
    """audio [samples] -> frequencies [frames, n] in Hz, strengths [frames, n] (-inf: none), level [frames] (RMS).

    Frame t looks at samples [(t + 1) * hop - window, (t + 1) * hop), zeros before the start.
    """
    window, size, n = p["window"], p["fft"], p["candidates"]
    padded = np.concatenate([np.zeros(window - hop), audio.astype(np.float64)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[:: hop][: len(audio) // hop]
    shape = hann(window)
    centred = frames - frames.mean(1, keepdims=True)
    level = np.sqrt((centred**2).mean(1))

    def autocorrelation(x):
        return np.fft.irfft(np.abs(np.fft.rfft(x, size)) ** 2, size)

    low_lag, high_lag = int(sample_rate / p["high"]), int(np.ceil(sample_rate / p["low"]))
    of_window = autocorrelation(shape)[: high_lag + 2]
    r = autocorrelation(centred * shape)[:, : high_lag + 2]
    r = r / np.maximum(r[:, :1], 1e-12) / (of_window / of_window[0])  # eq. 9

    left, here, right = (r[:, low_lag - 1 + k : high_lag + k] for k in range(3))  # lags low_lag ... high_lag
    lags = np.arange(low_lag, high_lag + 1)
    is_peak = (left < here) & (here >= right) & (here > 0)
    bend = np.where(is_peak, left - 2 * here + right, -1.0)
    shift = 0.5 * (left - right) / bend
    peak = here - 0.25 * (left - right) * shift
    peak = np.where(peak > 1, 1 / np.maximum(peak, 1), peak)
    frequency = sample_rate / (lags + shift)
    strength = peak - p["octave_cost"] * np.log2(p["low"] / frequency)
    inside = is_peak & (frequency >= p["low"]) & (frequency <= p["high"])
    strength = np.where(inside, strength, -np.inf)
    best = np.argsort(-strength, axis=1, kind="stable")[:, :n]  # ties: the shorter lag
    return np.take_along_axis(frequency, best, 1), np.take_along_axis(strength, best, 1), level


def track(audio: np.ndarray, sample_rate: int, hop: int, p: dict):
    """audio [samples], -1...1 -> (log_f0 [frames] float64, voiced [frames] bool); log_f0 is held where there is no voice."""
    frequency, strength, level = candidates(audio, sample_rate, hop, p)
    frames, n = frequency.shape
    octave = np.log2(frequency)
    log_f0, voiced = np.empty(frames), np.zeros(frames, bool)
    held = np.log(p["reference"])
    score, before = np.zeros(1 + n), np.zeros(n)  # state 0: no voice
    score[1:] = -np.inf
    loudest = 0.0
    for t in range(frames):
        loudest = max(level[t], loudest * p["level_decay"])
        relative = level[t] / loudest if level[t] > 1e-4 else 0.0
        unvoiced = p["voicing_threshold"] + max(
            0.0, 2 - relative / (p["silence_threshold"] / (1 + p["voicing_threshold"])))
        jump = p["octave_jump_cost"] * np.abs(octave[t][:, None] - before[None, :])
        from_voiced = (score[None, 1:] - jump).max(1)
        new = np.empty(1 + n)
        new[0] = unvoiced + max(score[0], score[1:].max() - p["voicing_cost"])
        new[1:] = strength[t] + np.maximum(score[0] - p["voicing_cost"], from_voiced)
        score, before = new - new.max(), octave[t]
        choice = int(np.argmax(score))
        if choice > 0:
            held, voiced[t] = np.log(frequency[t, choice - 1]), True
        log_f0[t] = held
    return log_f0, voiced
